"""The tagger on somebody else's world: ``python -m tests.quality.muc [--data DIR]``.

The 800 development articles of MUC-3 and MUC-4 (Latin America, 1988 to 1991, in capitals) with their templates: types of
event are mapped to the six incidents of those contests and slots are scored by their idea: correct is 1, partial 1/2;
recall over the fills of the key, precision over those given. ``all templates`` counts the fills of templates that were
missed or made up, ``matched`` only those of templates that were paired. No rule was written for these texts, and their
towns and armed groups are in no data file: the figures show how much of the method is general.
"""

import argparse
import datetime as dt
import json
import pathlib
import re
import sys
from collections import Counter
from typing import Any

from transforms import records
from transforms.tagging import events, triggers
from transforms.tagging.geography import Geography
from transforms.tagging.reading import Reading
from transforms.tagging.tagger import CONFIDENT, Taggable, Tagger

DATA = pathlib.Path(__file__).parents[3] / "shared" / "data"
INCIDENTS = {
    "CIV.ATTACK": "ATTACK", "CIV.EXECUTION": "ATTACK", "CIV.COMMUNAL": "ATTACK", "REM.SHELLING": "ATTACK",
    "REM.IED": "BOMBING", "REM.SUICIDE": "BOMBING", "REM.EXPLOSION": "BOMBING", "REM.AIR_DRONE": "BOMBING",
    "CIV.ABDUCTION": "KIDNAPPING", "CIV.DISAPPEARANCE": "KIDNAPPING", "CIV.DESTRUCTION": "ARSON",
    "CIV.CATTLE_RAID": "ROBBERY", "CIV.EXTORTION": "ROBBERY", "CIV.BLOCKADE": "FORCED WORK STOPPAGE",
}  # fmt: skip
"""Fights between armed forces are no incident of those contests: they left out acts of war against soldiers."""
SLOTS = ("type", "stage", "date", "country", "victim numbers")
SYSTEMS_1992 = {
    "type": "78 / 72",
    "date": "61 / 57",
    "country": "63 / 59 (the place itself)",
    "victim numbers": "66 / 56",
}
"""Recall and precision of the best systems of 1992 on the sibling test sets, as published; all slots F 56 to 57."""
SPLITS = {"development articles": ("dev",), "first test sets of that collection": ("tst1", "tst2")}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)})[A-Z]* (\d{{2}})")

Fills = dict[str, list[Any]]
Span = tuple[dt.date | None, dt.date]
"""First and last day; first is None for "on or before"."""


def parse_days(told: str) -> Span | None:
    """A date of a template or a dateline: "30 DEC 89", "08 JAN 90 - 09 JAN 90", "- 06 SEP 89"."""
    days = [dt.date(1900 + int(y), MONTHS.index(m) + 1, int(d)) for d, m, y in _DAY.findall(told)]
    if not days:
        return None
    return (None if told.strip().startswith("-") else days[0]), days[-1]


def sentence_case(text: str) -> str:
    """A text in capitals with small letters but for the first of each word: names cannot be told from other words."""
    flat = re.sub(r"\[[A-Z ]+\]", " ", text)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", flat)]
    return "\n".join(re.sub(r"[A-Za-z']+", lambda m: m.group().capitalize(), part) for part in paragraphs)


def key_templates(article: dict[str, Any]) -> list[tuple[Fills, bool]]:
    """The templates of an article as fills, and whether each is optional."""
    templates = []
    for template in article["templates"]:
        days = parse_days(str(template["INCIDENT: DATE"]))
        numbers = template["HUM TGT: NUMBER"]
        told = [re.match(r"[~?\s-]*(\d+|PLURAL)", n) for n in (numbers if isinstance(numbers, list) else [numbers])]
        place = template["INCIDENT: LOCATION"]
        fills: Fills = {
            "type": [str(template["INCIDENT: TYPE"]).split(" / ")[0]],
            "stage": [str(template["INCIDENT: STAGE OF EXECUTION"]).split(" / ")[0]],
            "date": [days] if days else [],
            "country": [str(place).split(":")[0].split(" - ")[0].strip()] if str(place).strip("-*") else [],
            "victim numbers": [m.group(1) for m in told if m],
        }
        templates.append((fills, "OPTIONAL" in template["MESSAGE: TEMPLATE"]))
    return templates


def given_templates(tagger: Tagger, article: dict[str, Any]) -> list[Fills]:
    """What the tagger tells of an article, wherever in the world it is, as templates."""
    day = parse_days(article["text"][:200])
    published = day[1] if day else dt.date(1991, 1, 1)
    text = sentence_case(article["text"])
    reading = tagger.read(Taggable(article_id=article["id"], text=text, language="en", published=published.isoformat()))
    reading.everywhere = True
    if triggers.gated_article(reading):
        return []
    found = events.read_events(article["id"], reading, Geography(reading))
    return [
        _fills(reading, event, published)
        for event in found
        if event.event_type in INCIDENTS and event.mode == "reported" and event.confidence >= CONFIDENT
    ]


def _fills(reading: Reading, event: records.Event, published: dt.date) -> Fills:
    start, end = event.date_start, event.date_end or event.date_start
    days: Span = (
        (None, published) if not (start and end) else (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    )
    country = _country(reading, event)
    numbers = [str(q.low) for q in event.quantities if q.kind in ("killed", "wounded", "abducted") and q.low]
    return {
        "type": [INCIDENTS[event.event_type]],
        "stage": ["ACCOMPLISHED"],
        "date": [days],
        "country": [country] if country else [],
        "victim numbers": numbers,
    }


def _country(reading: Reading, event: records.Event) -> str | None:
    """The country of the best evidence, or else the one the article speaks of most: the gazetteer ends at the ring."""
    shift = 1  # the empty title and its line break
    here = event.evidence[0]
    named = [m.iso for m in reading.countries_in(here.start + shift, here.end + shift)]
    iso = named[0] if named else next((iso for iso, _ in reading.country_counts.most_common(1)), None)
    return reading.lexicon.countries[iso].names["en"][0].upper() if iso else None


def credit(slot: str, want: object, given: object) -> float:
    """1 for what is right, 1/2 for what is right in part."""
    if want == given:
        return 1.0
    if slot == "type":
        return 0.5 if given == "ATTACK" else 0.0  # an attack is the more general incident
    if slot == "victim numbers":
        return 0.5 if want == "PLURAL" and given != "1" else 0.0
    if slot == "date" and isinstance(want, tuple) and isinstance(given, tuple):
        first, last = max(want[0] or dt.date.min, given[0] or dt.date.min), min(want[1], given[1])
        return 0.5 if first <= last else 0.0
    return 0.0


def slot_credit(slot: str, want: list[Any], given: list[Any]) -> float:
    """The sum over the best pairing, taken greedily, of the fills of a slot."""
    pairs = sorted(
        ((credit(slot, w, g), i, j) for i, w in enumerate(want) for j, g in enumerate(given)), key=lambda p: -p[0]
    )
    left, right, total = set(range(len(want))), set(range(len(given))), 0.0
    for worth, i, j in pairs:
        if worth and i in left and j in right:
            left.discard(i)
            right.discard(j)
            total += worth
    return total


def align(key: list[tuple[Fills, bool]], given: list[Fills]) -> list[tuple[int, int]]:
    """Pairs of templates with the same incident in whole or part, those that share most first."""
    ranked = sorted(
        (-sum(slot_credit(slot, fills[slot], other[slot]) for slot in SLOTS), i, j)
        for i, (fills, _) in enumerate(key)
        for j, other in enumerate(given)
        if slot_credit("type", fills["type"], other["type"])
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in ranked:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def score(articles: list[dict[str, Any]]) -> dict[str, dict[str, Counter[str]]]:
    """For "matched" and "all templates" and each slot: credit, possible, actual."""
    tagger = Tagger.load()
    sums: dict[str, dict[str, Counter[str]]] = {
        level: {slot: Counter() for slot in SLOTS} for level in ("matched", "all templates")
    }
    for article in articles:
        key, given = key_templates(article), given_templates(tagger, article)
        pairs = align(key, given)
        for i, j in pairs:
            for slot in SLOTS:
                want, told = key[i][0][slot], given[j][slot]
                row = Counter({"possible": len(want), "actual": len(told)})
                row["credit"] = slot_credit(slot, want, told)  # type: ignore[assignment]
                for level in sums.values():
                    level[slot].update(row)
        for i, (fills, optional) in enumerate(key):
            if not optional and all(i != a for a, _ in pairs):
                for slot in SLOTS:
                    sums["all templates"][slot]["possible"] += len(fills[slot])
        for j, fills in enumerate(given):
            if all(j != b for _, b in pairs):
                for slot in SLOTS:
                    sums["all templates"][slot]["actual"] += len(fills[slot])
    return sums


def rates(row: Counter[str]) -> tuple[float, float, float]:
    """Recall, precision, F1."""
    recall, precision = row["credit"] / max(1, row["possible"]), row["credit"] / max(1, row["actual"])
    return recall, precision, 2 * recall * precision / max(1e-9, recall + precision)


def print_table(title: str, sums: dict[str, dict[str, Counter[str]]]) -> None:
    """One table of a part of the articles."""
    print(f"\n{title}\n\n| slot | matched templates | all templates | best of 1992 |\n| --- | ---: | ---: | ---: |")
    for slot in SLOTS:
        cells = [rates(sums[level][slot]) for level in ("matched", "all templates")]
        told = " | ".join(f"{100 * r:.0f} / {100 * p:.0f}" for r, p, _ in cells)
        print(f"| {slot} | {told} | {SYSTEMS_1992.get(slot, '-')} |")
    totals = [rates(sum((sums[level][slot] for slot in SLOTS), Counter())) for level in ("matched", "all templates")]
    print(f"| these together: F | {100 * totals[0][2]:.0f} | {100 * totals[1][2]:.0f} | 56 to 57 (all slots) |")


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 0 also where the data are absent, which it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=DATA, help="where the evaluation data are")
    options = parser.parse_args(arguments)
    path = options.data / "event_annotation" / "muc34_dev.jsonl"
    if not path.is_file():
        print(f"skipped: no {path}", file=sys.stderr)
        return 0
    articles = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    print("recall / precision in percent; best of 1992: on the sibling test sets, as published")
    for split, parts in SPLITS.items():
        chosen = [article for article in articles if article["split"] in parts]
        print_table(
            f"{split}: {len(chosen)} articles, {sum(len(a['templates']) for a in chosen)} templates", score(chosen)
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
