"""What an audit can find: the checks by name, a finding, and the report that counts them."""

import dataclasses
from collections import Counter

CHECKS: dict[str, str] = {
    "manifests": "each parses, has its fields and lies under its hour and sequence",
    "chain": "sequence and previous without gap or fork",
    "latest": "latest.json names the newest manifest or an earlier one",
    "objects": "exist with the bytes, checksum, records and name the manifest says",
    "state": "state and archive objects exist with their checksums; the newest state loads and agrees with the rows",
    "expiry": "what expired was there before, and what stands in for it holds the rest",
    "takedowns": "nothing is published of what was taken down, and tombstones say so",
    "lines": "one record one line, UTF-8, no BOM, NaN, NUL or lone surrogate, text at most 1 MB",
    "schema": "each row meets its JSON Schema",
    "closed lists": "no value outside its closed list",
    "ids": "ids are those of what they name",
    "unique": "each id and revision once, revisions rising",
    "order": "seq increases, ingested never falls",
    "partitions": "a path's day and hour are those of ingestion",
    "dates": "dates there are, none after what must have come later: published, fetched, what has happened, ...",
    "values": "bounds and relations make sense",
    "references": "articles, stories, texts and events that are named exist",
    "evidence": "offsets give the sentence in that revision's title or text",
    "text hashes": "of a text, and the same in its article",
    "conservation": "entries in = entries out, feed by feed and window by window",
    "reasons": "no reason outside the closed list",
    "contract": "files of contract/ are those its index names, with its checksums",
    "exports": "files of exports/ are those their index names, with its checksums",
    "compact": "compact tables hold the latest row of each id in the windows they cover",
}
"""Check to what it stands for, in the order they are shown."""
KEPT_FINDINGS = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: the check, where (an object's name, with the line of a row), and what."""

    check: str
    where: str
    message: str


@dataclasses.dataclass(kw_only=True)
class Report:
    """What an audit found. ``examined`` and ``faults`` count by check; at most ``KEPT_FINDINGS`` findings are kept."""

    windows: int = 0
    rows: Counter[str] = dataclasses.field(default_factory=Counter)
    entries: Counter[str] = dataclasses.field(default_factory=Counter)
    """What came in over all windows (``waiting before``, ``new``) and what it ended as."""
    examined: Counter[str] = dataclasses.field(default_factory=Counter)
    faults: Counter[str] = dataclasses.field(default_factory=Counter)
    findings: list[Finding] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    orphans: list[str] = dataclasses.field(default_factory=list)
    expired: list[str] = dataclasses.field(default_factory=list)
    """Objects that expired and are still there."""

    @property
    def good(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return not self.faults

    def add(self, check: str, where: str, message: str) -> None:
        """Record a finding."""
        self.faults[check] += 1
        if len(self.findings) < KEPT_FINDINGS:
            self.findings.append(Finding(check=check, where=where, message=message))
