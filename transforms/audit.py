"""The audit of a dataset: whether the bucket holds what its manifests say and the rows keep the promises.

Windows are read in the order of their manifests, each with all its rows, so what must be there before a reference is
what earlier windows published. Nothing is written. What cannot be read is one finding, and the checks that would need
it are left out rather than reported again as its consequences.
"""

import datetime as dt
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from transforms import expiry_checks, row_checks
from transforms.datasets import KEYS, MANIFESTS
from transforms.findings import Report
from transforms.manifest_chain import (
    LATEST,
    MANIFEST_NAME,
    Chain,
    LeftOver,
    Placed,
    Window,
    WindowReader,
    archive_place,
    read_manifest,
    require_dataset,
)
from transforms.published import Published
from transforms.schema import TABLES
from transforms.store import COMPACT, Store, crc32c

if TYPE_CHECKING:
    from transforms.lake_audit import LakeAudit

_OBJECT_NAME = re.compile(r"([a-z]+)/v1/(dt=\d{4}-\d{2}-\d{2}/hour=\d{2})/[a-z0-9]+-([0-9a-f]{24})\.jsonl\.gz")
_HOUR = re.compile(r"(?<=/)dt=\d{4}-\d{2}-\d{2}(?=/)")
_ENTRY_REASONS = ("new", "source_changed")


def audit(store: Store, since: dt.date | None = None) -> Report:
    """Audit the dataset in a store, or its windows from a day on; NoDatasetError when there is none.

    Every object is read once. What earlier windows than ``since`` say is not known then: what refers to them is not judged.
    """
    names = store.names("")
    manifests = require_dataset(store, names)
    return _Audit(store, names, since).run(names, manifests)


class _Audit:
    """One pass over a dataset."""

    def __init__(self, store: Store, names: list[str], since: dt.date | None) -> None:
        self.store = store
        self.since = f"dt={since:%Y-%m-%d}" if since else ""
        self.report = Report()
        self.reader = WindowReader(store)
        self.chain = Chain(self.report)
        self.expiries = self.reader.expiries
        self.left_over = LeftOver(names)
        self.expiring: dict[str, int | None] = {}
        self.published = Published(store, self.report, self.expiries)
        self.waiting: dict[str, int] | None = {}
        self._state_named: dict[str, tuple[int, str]] = {}
        self._indexes: set[str] = set()
        self._newest: dict[str, Any] | None = None
        self._end = ""
        self.lakes: LakeAudit | None = None

    def run(self, names: list[str], manifests: list[str]) -> Report:
        """All of it."""
        self._end = max(manifests, default="")
        if self.since:
            manifests = self._passed_over(manifests)
        if any(name.startswith(COMPACT) for name in names):
            if self.since:
                self.report.warnings.append("the compact tables are held against all windows, so not with a first day")
            else:
                self.lakes = self._open_lakes()
        self.reader.learn_expiries(manifests)
        for window in self.reader.windows(manifests):
            self._window(window)
        self._latest(names)
        self._all_came_out()
        self._newest_state()
        if not any(self.report.faults[check] for check in ("manifests", "chain")):
            elsewhere = self.left_over.expired_elsewhere()
            self.report.orphans = [name for name in self.left_over.orphans() if self._is_judged(name)]
            self.report.expired = [
                *self.left_over.expired(),
                *(f"{p}/{n}" for p, found in elsewhere.items() for n in found),
            ]
        if self.lakes:
            self.lakes.compare(self.report, self.chain.sequence)
        self.report.faults += Counter()  # drops zeroes
        return self.report

    def _open_lakes(self) -> "LakeAudit":
        from transforms.lake_audit import LakeAudit  # noqa: PLC0415 - its libraries are slow to load

        return LakeAudit(self.store)

    def _is_judged(self, name: str) -> bool:
        """Whether the windows that were looked at would name an object, if any did."""
        hour = _HOUR.search(name)
        return not self.since or (hour is not None and hour[0] >= self.since)

    def _passed_over(self, manifests: list[str]) -> list[str]:
        """The manifests from the first day on; those before are taken to be right."""
        wanted = [name for name in manifests if name.removeprefix(MANIFESTS) >= self.since]
        if len(wanted) < len(manifests):
            self.waiting = None
            self.published.pass_over()
            if wanted and (first := MANIFEST_NAME.fullmatch(wanted[0])):
                self.chain.sequence, self.chain.name = int(first[1]) - 1, manifests[-len(wanted) - 1]
        else:
            self.since = ""
        return wanted

    def _window(self, window: Window) -> None:
        self.report.windows += 1
        self.report.examined["manifests"] += 1
        manifest = read_manifest(window.content, self.report, window.name)
        if manifest is None:
            self.chain.skip(window.name)
            self._lose_track()
            return
        self._manifest_name(window.name, manifest)
        self.report.examined["chain"] += 1
        before = self.chain.sequence
        self.chain.follows(window.name, manifest)
        self.left_over.go_through(manifest)
        if manifest["sequence"] <= before:
            return  # a fork is one finding; which of the two is right is for people to say
        if manifest["sequence"] > before + 1:
            self._lose_track()
        self._newest = manifest
        self._expiry(window.name, manifest)
        self._check_state(manifest)
        rows: dict[str, list[Placed]] = {table: [] for table in TABLES}
        broken: set[str] = set()
        removed = self._removed(manifest)
        over = {table for table, count in removed.items() if count is None}
        for described in self.expiries.settled(manifest["objects"]):
            name, table = described["name"], described["table"]
            if window.objects[name] is None and self._expired_meanwhile(name):
                over.add(table)
                continue
            read = self._object(described, window.objects[name])
            rows[table] += read
            if len(read) != described["records"]:
                broken.add(table)
        if self.lakes:
            self.lakes.thin(over, manifest["sequence"])
            for table, found in rows.items():
                for _, row in found:
                    self.lakes.note(table, row)
        broken |= over
        self.published.take(rows, over)
        self._takedowns(window.name, manifest, rows, broken)
        self._law(window.name, manifest, rows, broken, removed["texts"] or 0)

    def _manifest_name(self, name: str, manifest: Mapping[str, Any]) -> None:
        written = manifest["written"]
        wanted = f"{MANIFESTS}dt={written[:10]}/hour={written[11:13]}/{manifest['sequence']:010d}.json"
        if name != wanted:
            self.report.add("manifests", name, f"its sequence and hour belong at {wanted}")
        if written < self.chain.written:
            self.report.add("order", name, f"written {written}, before the window ahead of it ({self.chain.written})")
        self.chain.written = max(written, self.chain.written)

    def _expiry(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Hold what a manifest says expired against the windows before, and remember what will expire of its own."""
        self.report.examined["expiry"] += len(manifest.get("expired", ()))
        if self.since:  # what earlier windows named is not known
            known = [expired for expired in manifest.get("expired", ()) if expired["object"] in self.expiring]
            manifest = {**manifest, "expired": known}
        for check, message in expiry_checks.expiry_faults(manifest, self.expiring):
            self.report.add(check, name, message)
        for described in (*manifest["objects"], *manifest["state"], *manifest["archive"]):
            if self.expiries.expired(described["name"], manifest["sequence"]):
                self.expiring[described["name"]] = described.get("records")

    def _removed(self, manifest: Mapping[str, Any]) -> dict[str, int | None]:
        """Table to how many of a window's rows were taken down since, None when retention ended any of its objects."""
        total: dict[str, int | None] = dict.fromkeys(TABLES, 0)
        for described in manifest["objects"]:
            if not self.expiries.stands_in(described["name"]):
                removed, before = self.expiries.removed(described["name"]), total[described["table"]]
                total[described["table"]] = None if removed is None or before is None else before + removed
        return total

    def _expired_meanwhile(self, name: str, sequence: int = 0) -> bool:
        """Whether a window that was committed during the audit says that an object expired."""
        for later in self.store.names(MANIFESTS, after=self._end):
            if later > self._end and (manifest := read_manifest(self.store.read(later), Report(), later)):
                self.expiries.learn(manifest)
                self._end = later
        return self.expiries.expired(name, sequence) is not None

    def _takedowns(
        self, name: str, manifest: Mapping[str, Any], rows: Mapping[str, list[Placed]], broken: set[str]
    ) -> None:
        """Nothing is left of what was taken down, and every row that was removed has a tombstone."""
        self.report.examined["takedowns"] += len(manifest.get("forgotten", ()))
        for table in KEYS:
            for where, row in rows[table]:
                if fault := expiry_checks.takedown_fault(table, row, self.expiries.forgotten):
                    self.report.add(fault[0], where, fault[1])
        placed = {table: [row for _, row in found] for table, found in rows.items()}
        for check, message in expiry_checks.tombstone_faults(manifest, placed) if "articles" not in broken else ():
            self.report.add(check, name, message)
        indexes = [found["name"] for found in manifest["archive"] if found.get("kind") == "index"]
        for index in indexes if self.expiries.forgotten else ():
            if index not in self._indexes and not self.expiries.expired(index, manifest["sequence"]):
                self._indexes.add(index)
                place = archive_place(manifest)
                content = self.reader.read(index, place) or b""
                for article_id in expiry_checks.archived(content, self.expiries.forgotten):
                    self.report.add("takedowns", index, f"holds article {article_id}, which was taken down")

    def _lose_track(self) -> None:
        """A window could not be read: what refers to it cannot be judged."""
        self.published.lose_track()
        self.waiting = None

    def _check_state(self, manifest: Mapping[str, Any]) -> None:
        places = [("", described) for described in manifest["state"]]
        for uri, described in [*places, *((archive_place(manifest), found) for found in manifest["archive"])]:
            name, wanted = described["name"], (described["bytes"], described["crc32c"])
            if self._state_named.get(name) == wanted or self.expiries.expired(name, manifest["sequence"]):
                continue
            self._state_named[name] = wanted
            self.report.examined["state"] += 1
            found = self.reader.checksum(name, uri)
            if found is None and self._expired_meanwhile(name, manifest["sequence"]):
                continue
            if found is None:
                self.report.add("state", name, f"does not exist, but {self.chain.name} names it")
            elif found != wanted:
                self.report.add(
                    "state", name, f"is {_described(*found)}, not {_described(*wanted)} as {self.chain.name} says"
                )

    def _object(self, described: Mapping[str, Any], content: bytes | None) -> list[Placed]:
        """The usable rows of an object, each with where it stands."""
        name, report = described["name"], self.report
        report.examined["objects"] += 1
        if content is None:
            report.add("objects", name, "does not exist")
            self.published.holes.add(described["table"])
            return []
        found, wanted = (len(content), crc32c(content)), (described["bytes"], described["crc32c"])
        shape = _OBJECT_NAME.fullmatch(name)
        if found != wanted:
            report.add("objects", name, f"is {_described(*found)}, not {_described(*wanted)}")
        elif shape is None or shape[1] != described["table"]:
            report.add("objects", name, f"not a name for an object of {described['table']}")
        elif shape[3] != hashlib.sha256(content).hexdigest()[:24]:
            report.add("objects", name, "does not carry its content's hash in its name")
        try:
            lines = row_checks.lines_of(content)
        except ValueError as error:
            if found == wanted:
                report.add("lines", name, str(error))
            self.published.holes.add(described["table"])
            return []
        if found == wanted and len(lines) != described["records"]:
            report.add("objects", name, f"holds {len(lines)} records, not {described['records']}")
        return list(self._lines(described["table"], name, shape[2] if shape else "", lines))

    def _lines(self, table: str, name: str, hour: str, lines: list[bytes]) -> Iterator[Placed]:
        """Rows that meet their schema; of the others only the ids are remembered."""
        report = self.report
        report.rows[table] += len(lines)
        for check in ("lines", "schema", "closed lists", "order", "partitions", "dates"):
            report.examined[check] += len(lines)
        if table in {"articles", "events"}:
            report.examined["ids"] += len(lines)
        if table in {"stories", "events", "texts"}:
            report.examined["values"] += len(lines)
        for number, line in enumerate(lines, 1):
            where = f"{name}:{number}"
            row, fault = row_checks.read_line(line)
            if fault:
                report.add("lines", where, fault)
            if row is None:
                self.published.holes.add(table)
                continue
            row = _shared(row_checks.complete(table, row))
            if broken := row_checks.schema_fault(table, row):
                report.add(broken[0], where, broken[1])
                self.published.remember(table, row)
                continue
            for check, message in row_checks.row_faults(table, row, hour):
                report.add(check, where, message)
            yield where, row

    def _law(
        self,
        name: str,
        manifest: Mapping[str, Any],
        rows: Mapping[str, list[Placed]],
        broken: set[str],
        removed: int,
    ) -> None:
        counts = manifest["counts"]
        self.report.examined["conservation"] += len(counts)
        self.report.examined["reasons"] += len(counts)
        self._add_up(counts)
        faults = list(row_checks.law_faults(counts))
        if self.waiting is not None:
            faults += row_checks.queue_faults(self.waiting, counts)
        self.waiting = None if faults else {f: line["waiting"] for f, line in counts.items() if line["waiting"]}
        if not faults and "rejects" not in broken:
            faults += row_checks.reject_faults(counts, [row for _, row in rows["rejects"]])
        if not faults and "texts" not in broken:
            counted = sum(line["articles"] for line in counts.values())
            found = sum(row["revision_reason"] in _ENTRY_REASONS for _, row in rows["texts"])
            if not found <= counted <= found + removed:
                gone = f", and {removed} were taken down" if removed else ""
                message = f"{counted} entries became articles, but the window holds {found} texts{gone}"
                faults.append(("conservation", message))
        for check, message in faults:
            self.report.add(check, name, message)

    def _add_up(self, counts: Mapping[str, Mapping[str, Any]]) -> None:
        """What came and what it ended as, over all windows that were looked at."""
        total = self.report.entries
        if not total:
            total["waiting before"] = sum(line["waiting_before"] for line in counts.values())
        for name in ("new", *row_checks.ENDINGS):
            total[name] += sum(line[name] for line in counts.values())
        total["waiting"] = sum(line["waiting"] for line in counts.values())

    def _all_came_out(self) -> None:
        """The law over all windows together: it follows from that of each, unless one was lost in between."""
        total = self.report.entries
        came, ended = total["waiting before"] + total["new"], sum(total[name] for name in row_checks.ENDINGS)
        if came != ended and not self.report.faults["conservation"] and self.waiting is not None:
            self.report.add(
                "conservation", self.chain.name or "", f"over all windows {came} entries came, {ended} ended"
            )

    def _latest(self, names: list[str]) -> None:
        self.report.examined["latest"] += 1
        if LATEST not in names:
            self.report.warnings.append(f"there is no {LATEST}; a first window that was killed leaves it so")
            return
        try:
            pointer = orjson.loads(self.store.read(LATEST))
            manifest, sequence = pointer["manifest"], pointer["sequence"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            self.report.add("latest", LATEST, f"not a pointer to a manifest: {error!r}")
            return
        shape = MANIFEST_NAME.fullmatch(str(manifest))
        if manifest not in names:
            self.report.add("latest", LATEST, f"names {manifest}, which does not exist")
        elif shape is None or int(shape[1]) != sequence:
            self.report.add("latest", LATEST, f"says sequence {sequence} of {manifest}")
        elif manifest != self.chain.name:
            self.report.warnings.append(f"{LATEST} is at sequence {sequence}, the newest is {self.chain.sequence}")

    def _newest_state(self) -> None:
        """Load the newest state as a restart would, and hold it against the rows."""
        if self._newest is None or any(self.report.faults[c] for c in ("manifests", "chain", "latest", "state")):
            return
        from transforms.history import History  # noqa: PLC0415 - loads Arrow, which a damaged dataset never needs

        history = History(self.store)
        name = self.chain.name or ""
        try:
            history.refresh()
        except Exception as error:  # noqa: BLE001 - whatever a restart would die of is a finding
            self.report.add("state", name, f"its state does not load: {type(error).__name__}: {str(error)[:200]}")
            return
        if history.sequence != self.chain.sequence:
            self.report.warnings.append("a window was committed during the audit: its state was not compared")
            return
        for article_id in sorted(self.expiries.forgotten.keys() - history.forgotten):
            self.report.add(
                "takedowns", name, f"article {article_id} was taken down, and the state does not remember it"
            )
        queued = Counter(entry.feed_id for entry in history.queue.values())
        if self.waiting is not None and queued != self.waiting:
            self.report.add("state", name, f"the queue holds {_listed(queued)}, but {_listed(self.waiting)} wait")
        if "articles" in self.published.holes or self.report.faults["unique"]:
            return
        rows = {
            i: r
            for i, r in self.published.revisions["articles"].items()
            if i not in self.published.retracted and r >= 0
        }
        for article_id in sorted({*rows, *history.articles}):
            known = history.articles.get(article_id)
            if known is None and history.closed.get(article_id) is not None:
                continue
            if known is None:
                self.report.add("state", name, f"article {article_id} is published, but the state does not know it")
            elif article_id not in self.published.revisions["articles"]:
                if self.since or not known.object:  # its row expired, and the state says so
                    continue
                self.report.add("state", name, f"the state knows article {article_id}, which was never published")
            elif article_id in rows and known.revision != rows[article_id]:
                self.report.add(
                    "state", name, f"article {article_id}: revision {known.revision}, not {rows[article_id]}"
                )


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose ids of articles are the same objects in memory as those of all other rows: they are what is kept."""
    for column in ("article_id", "story_id"):
        if isinstance(found := row.get(column), str):
            row[column] = sys.intern(found)
    return row


def _described(size: int, checksum: str) -> str:
    return f"{size} bytes with CRC32C {checksum}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"
