"""What the windows gone through so far have published, and a window's rows held against it.

What it keeps grows with the number of articles and events, not with their texts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from transforms import row_checks
from transforms.datasets import KEYS, Expiries
from transforms.findings import Report
from transforms.manifest_chain import PastRows, Placed
from transforms.schema import TABLES
from transforms.store import Store


class Published:
    """The rows of the windows so far, by id.

    ``holes`` are tables of which something could not be read: what refers to them is not judged. ``thinned`` are those
    of which rows expired, or were passed over: what refers to them is judged only where it must lie in the same window.
    """

    def __init__(self, store: Store, report: Report, expiries: Expiries) -> None:
        self.report = report
        self.revisions: dict[str, dict[str, int]] = {table: {} for table in KEYS}
        self.retracted: set[str] = set()
        self.stories: dict[str, str] = {}
        self.polled: dict[str, str] = {}
        self.holes: set[str] = set()
        self.thinned: set[str] = set()
        self.past = PastRows(store)
        self._expiries = expiries
        self._last: dict[str, tuple[int, str]] = {}

    def lose_track(self) -> None:
        """A window could not be read: what refers to it cannot be judged."""
        self.holes.update(TABLES)

    def pass_over(self) -> None:
        """The windows before the next one are not looked at."""
        self.thinned.update(TABLES)

    def remember(self, table: str, row: Mapping[str, Any]) -> None:
        """Enough of a bad row that what refers to it is not reported too."""
        if row_id := row_checks.row_id(table, row):
            self.revisions[table].setdefault(row_id, -1)
            self.past.forget(table, row_id)
            if table == "stories":
                self.stories.setdefault(row_id, str(row.get("story_id")))

    def take(self, rows: Mapping[str, list[Placed]], over: set[str]) -> None:
        """Take a window's rows and hold them against what came before; ``over`` are tables of which it lost rows to retention."""
        self.thinned |= over
        for table, found in rows.items():
            for where, row in found:
                self._sequence(table, where, row)
                if table in self.revisions:
                    self._revision(table, where, row)
        self.stories.update((row["article_id"], row["story_id"]) for _, row in rows["stories"])
        for where, row in rows["feeds"]:
            self.report.examined["unique"] += 1
            if row["polled"] <= self.polled.get(row["feed_id"], ""):
                self.report.add("unique", where, f"{row['feed_id']} polled {row['polled']}, which was told before")
            self.polled[row["feed_id"]] = max(row["polled"], self.polled.get(row["feed_id"], ""))
        self.past.begin(rows)
        self._references(rows, over)
        self._story_references(rows["stories"])
        self._evidence(rows["events"])

    def _sequence(self, table: str, where: str, row: Mapping[str, Any]) -> None:
        seq, ingested = self._last.get(table, (-1, ""))
        if row["seq"] <= seq:
            self.report.add("order", where, f"seq {row['seq']} after {seq}")
        elif row["ingested"] < ingested:
            self.report.add("order", where, f"ingested {row['ingested']} after {ingested}")
        self._last[table] = max(row["seq"], seq), max(row["ingested"], ingested)

    def _revision(self, table: str, where: str, row: Mapping[str, Any]) -> None:
        self.report.examined["unique"] += 1
        row_id = row[KEYS[table]]
        before = self.revisions[table].get(row_id, -1)
        if row["revision"] == before:
            self.report.add("unique", where, f"{row_id} revision {before} was published before")
        elif row["revision"] < before:
            self.report.add("unique", where, f"{row_id} revision {row['revision']} after revision {before}")
        self.revisions[table][row_id] = max(row["revision"], before)
        if table == "articles":
            (self.retracted.add if row["op"] == "retract" else self.retracted.discard)(row_id)

    def _story_references(self, stories: Iterable[Placed]) -> None:
        """Stories are held against stories: the first member, the one a row copies, the related ones."""
        for where, row in stories:
            if "stories" in self.holes:
                continue
            story_id = row["story_id"]
            for column in ("story_id", "duplicate_of"):
                member = row[column]
                if member is None or self._may_be_gone(member):
                    continue
                if self.stories.get(member) != story_id:
                    said = f"is of story {self.stories[member]}" if member in self.stories else "has no story row"
                    self.report.add("references", where, f"{column} {member} {said}")
                    break
            for related in row["related"]:
                if self.stories.get(related) != related and not self._may_be_gone(related):
                    self.report.add("references", where, f"related {related} is not a story")

    def _may_be_gone(self, member: str) -> bool:
        """Whether a member's story row may have expired or been taken down."""
        return member not in self.stories and ("stories" in self.thinned or member in self._expiries.forgotten)

    def _references(self, rows: Mapping[str, list[Placed]], over: set[str]) -> None:
        articles, report = self.revisions["articles"], self.report
        hashes = {row["article_id"]: row["text_hash"] for _, row in rows["texts"]}

        def judged(table: str, row: Mapping[str, Any]) -> bool:
            """Whether what a row refers to in a table must be there: it may have expired, or could not be read."""
            return table not in self.holes and table not in over and not (table in self.thinned and row["revision"])

        for where, row in rows["articles"]:
            report.examined["references"] += 1
            article_id = row["article_id"]
            if row["op"] == "upsert":
                for table in ("texts", "stories"):
                    if judged(table, row) and article_id not in self.revisions[table]:
                        report.add("references", where, f"article {article_id} has no row in {table}")
            report.examined["text hashes"] += article_id in hashes
            if row["op"] == "upsert" and hashes.get(article_id, row["text_hash"]) != row["text_hash"]:
                report.add("text hashes", where, f"text_hash {row['text_hash']}, but its text has {hashes[article_id]}")
        for table in ("texts", "stories", "events"):
            report.examined["references"] += len(rows[table])
            for where, row in rows[table]:
                if row["article_id"] not in articles and judged("articles", row):
                    report.add("references", where, f"article {row['article_id']} does not exist")
                elif table == "events" and "stories" not in self.holes:
                    story = self.stories.get(row["article_id"])
                    if story != row["story_id"] and (story is not None or judged("stories", row)):
                        report.add("references", where, f"story_id {row['story_id']}, but its article is of {story}")

    def _evidence(self, events: Iterable[Placed]) -> None:
        for where, event in events:
            if event["op"] == "retract":
                continue
            self.report.examined["evidence"] += 1
            article_id = event["article_id"]
            parts = {
                found["part"]: self.past.part("articles" if found["part"] == "title" else "texts", article_id)
                for found in event["evidence"]
            }
            for check, message in row_checks.evidence_faults(event, parts):
                self.report.add(check, where, message)
