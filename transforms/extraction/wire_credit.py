"""Which news agency an article is credited to: by its byline, dateline, credit line or copyright, never by a mention.

"A déclaré à l'AFP" is a mention and says nothing about where a text comes from. A credit is a place in the article:
the byline, the first words before a dash, a last line of its own, a copyright notice. Each place has its own pattern,
over one table of names in French, English, Arabic and Hausa; matching is on unaccented text, initials in capitals.
"""

import importlib.resources
import re
from collections.abc import Iterable, Sequence

import yaml

from transforms.extraction.folding import unaccent

_READ = yaml.safe_load(
    importlib.resources.files("transforms.extraction").joinpath("data/agencies.yaml").read_text(encoding="utf-8")
)
AGENCIES: dict[str, tuple[str, ...]] = {
    agency: tuple(map(unaccent, names)) for agency, names in _READ["agencies"].items()
}
"""The agencies that are recognised, with the folded spellings of their names."""
_INITIALS = frozenset(_READ["initials"])
_NAMES = {name: agency for agency, names in AGENCIES.items() for name in names}


def _alternatives() -> str:
    """Longest name first; written names in any case, initials in capitals (optionally with points)."""
    written = []
    for name in sorted(_NAMES, key=lambda n: (-len(n), n)):
        if name in _INITIALS:
            written.append(r"\.?".join(name.upper()))
        elif name.isascii() and len(name) <= 4:
            written.append(f"(?:{name.upper()}|{name.capitalize()}|{name})")
        else:
            written.append(f"(?i:{re.escape(name)})")
    return "|".join(written)


_AGENCY = rf"(?<![\w'])(?P<agency>{_alternatives()})(?![\w'])"
_ANY = re.compile(_AGENCY)
_MONTH = (
    r"(?i:jan(?:v|vier|uary|airu)?|fe[bv](?:r|rier|ruary|rairu)?|mar(?:s|ch|is)?|a[pv]r(?:il|ilu)?|"
    r"ma[iy]u?|ju(?:in|ne|ill?et|ly|ni|li)|"
    r"jui?l|jun|ao[uû]?t|aug(?:ust)?|agusta|sep(?:t|tembre|tember)?|satumba|oct(?:obre|ober)?|oktoba|"
    r"nov(?:embre|ember)?|nuwamba|"
    r"dec(?:embre|ember)?|disamba)"
)
_DATED = re.compile(rf"\d{{1,2}}(?:er)?[ ./-]*(?:{_MONTH}\b|\d{{1,2}})|{_MONTH}\.? *\d{{1,2}}\b")
# "DAKAR, Senegal, Nov. 3 (Reuters) -": at most ten words of place and date, then the agency in brackets or slashes
_BRACKETED = re.compile(
    rf"^(?P<place>[^()\[\]«»\"!?]{{0,80}}?)\s*[\[(/]\s*(?:(?i:avec|with|source ?:?|et|and|"
    rf"تصوير)\s+)?[^()\[\]]{{0,25}}?{_AGENCY}"
    r"[^()\[\]]{0,25}?[\])/]\s*(?P<after>[.,]?\s*(?:-|:|\.|،)?)"
)
_DASHED = re.compile(
    rf"^(?:(?P<place>[^().!?«»\"]{{2,60}}?)\s*[-/|,]\s*)?{_AGENCY}(?:\s*[/,+]\s*[\w.]{{2,15}})?"
    rf"\s*(?P<after>[-/|:])\s*(?=\S)"
)
_PREFIX = (
    r"(?i:avec(?: l'| les agences ?:? ?)?|(?:en collaboration|en partenariat) avec|with|from|via|par|by|"
    r"d'apres|source ?:?|sources ?:?|(?:redige |ecrit )?(?:a partir|sur la base) d(?:'une |e )depeches? de|"
    r"credits? ?:|©|\(c\)|copyright|tare da|daga|majiya ?:?|tushe ?:?|rahoton|"
    r"kamfanin dillancin labarai(?: na)?|agence|l'agence|"
    r"المصدر ?:?|المصادر ?:?|مصدر ?:?|نقلا عن|عن|بالتعاون مع|مع|وكالات ?[/:-]?|الوكالات|\+|-)"
)
_CREDIT_LINE = re.compile(
    rf"^[\s\[(*_•-]*(?:[^.!?«»\"()]{{2,40}}?[\s,/+-]+)?(?:{_PREFIX}\s*)+(?:\d{{4}}\s+|the\s+|la\s+|"
    rf"l')*(?:[^.!?«»\"]{{0,30}}?[\s,/+-]+)?{_AGENCY}(?P<rest>.{{0,60}})$",
    re.DOTALL,
)
_BARE_LINE = re.compile(
    rf"^[\s\[(*_•/-]*{_AGENCY}(?:\s*(?:[,/+&-]|(?i:et|and|avec|with|da|و))\s*[\w .'-]{{2,30}})?[\s\])*_./-]*$"
)
_JOINED_LINE = re.compile(
    rf"^[\s\[(]*[\w .'-]{{2,30}}\s*(?:[/+&|]|\s-\s|(?i:\bet\b|\band\b|\bavec\b|\bwith\b))\s*{_AGENCY}[\s\])./]*$"
)
# "AC/te/APA", "AB/ANP/novembre 2026": the initials of writer and editor around the agency's
_SIGNED_OFF = re.compile(rf"^\(?(?:[^\W\d_]{{1,4}}\s*/\s*){{1,4}}{_AGENCY}(?:\s*/\s*[\w .]{{2,20}}){{0,3}}\)?$")
_ENDING = re.compile(
    rf"[.!?»\"”…]\s*(?:[(\[/]\s*(?:(?i:avec|with|"
    rf"source ?:?)\s+)?{_AGENCY}(?:\s*[/,+&-]\s*[\w .]{{2,20}})?\s*[)\]/]\.?)(?:\s*\([\w.-]+\))?$"
)
_ENDING_BARE = re.compile(rf"[.!?»\"”…]\s+{_AGENCY}\.?$")
# Reuters alone signs its reporters and editors in this form
_REUTERS_SIGNED = re.compile(r"(?i)^\(?(?:additional )?reporting by .{3,200}?;\s*(?:writing|editing|additional)\b")
_PICTURE = re.compile(
    r"(?i)\b(?:photos?|images?|video|picture|file|illustration|legende|credit photo|getty|hoto|hoton|"
    r"infographie)\b|صوره|الصوره|تصوير|ارشيف"
)
# A caption with its credit: "A street in Gao. REUTERS/A. Name", "... REUTERS/A. Name"
_CAPTION = re.compile(r"[^\W\d_]{3,}\.\s+\S|(?:REUTERS|AFP|AP)\s*/\s*[A-Z][\w.-]+ [A-Z]")
_AMI = re.compile(r"(?:(?<=[(\[/])|^)\s*وما\s*(?=[)\]/]|$)")
_WITH_THE = re.compile(r"(?i)\b(avec|depeches? de) l'")
_MAX_BYLINE_WORDS = 14
_MAX_CREDIT_WORDS = 14
_MAX_DATELINE_WORDS = 10


def _plain(text: str) -> str:
    """The text as it is matched; the Mauritanian agency's initials, which are also the word for "and what", spelled out."""
    return _AMI.sub("و م ا", unaccent(text))


def agency_named(text: str) -> str | None:
    """The agency whose name the text is, and nothing else."""
    found = _ANY.fullmatch(_plain(text).strip(" .()[]/-"))
    return _agency(found) if found else None


def agency_of_byline(byline: str) -> str | None:
    """The agency in a byline ("AFP", "RFI avec AFP", "Jean Tapsoba (Reuters)"), or None."""
    line = _plain(byline).strip()
    if len(line.split()) > _MAX_BYLINE_WORDS or _PICTURE.search(line) or _CAPTION.search(line):
        return None
    found = _ANY.search(line)
    return _agency(found) if found else None


def agency_of_dateline(paragraph: str) -> str | None:
    """The agency in the dateline that opens a paragraph ("BAMAKO (AFP) -", "APA-Niamey (Niger)"), or None."""
    head = _plain(paragraph[:220]).lstrip(" *_•-")
    found = _BRACKETED.match(head)
    if found and len(found["place"].split()) <= _MAX_DATELINE_WORDS and not _PICTURE.search(found["place"]):
        place = found["place"].strip()
        # without a dash behind the bracket it is a dateline only if what stands before it is a date or in capitals
        if found["after"].strip() or not place or _DATED.search(place) or (place.isupper() and place.isascii()):
            return _agency(found)
    found = _DASHED.match(head)
    if found and len((found["place"] or "").split()) <= 6 and not _PICTURE.search(head[: found.end()]):
        return _agency(found)
    return None


def agency_of_credit(line: str) -> str | None:
    """The agency that a line of its own credits ("Avec AFP", "Source: Xinhua", "المصدر: رويترز"), or None."""
    plain = _WITH_THE.sub(r"\1 ", _plain(line).strip())
    if _REUTERS_SIGNED.match(plain):
        return "Reuters"
    if len(plain.split()) > _MAX_CREDIT_WORDS or _PICTURE.search(plain):
        return None
    for pattern in (_BARE_LINE, _CREDIT_LINE, _JOINED_LINE, _SIGNED_OFF):
        found = pattern.match(plain)
        if found and not _is_sentence(found.groupdict().get("rest") or ""):
            return _agency(_ANY.search(plain) or found)  # the first that is named
    return None


def agency_of_ending(paragraph: str) -> str | None:
    """The agency that signs the end of the last paragraph ("... en cours. (AFP)"), or None."""
    tail = _plain(paragraph[-120:])
    found = _ENDING.search(tail) or _ENDING_BARE.search(tail)
    return _agency(found) if found else None


def wire_agency(
    *, bylines: Iterable[str] = (), paragraphs: Sequence[str] = (), credits_: Iterable[str] = ()
) -> str | None:
    """The agency an article is credited to: byline, then dateline, then credit lines, then the end of the text.

    ``paragraphs`` are the article's, ``credits_`` the short lines around it (last lines, copyright) that are not in it.
    """
    for byline in bylines:
        if agency := agency_of_byline(byline):
            return agency
    for paragraph in paragraphs[:2]:
        if agency := agency_of_dateline(paragraph):
            return agency
    for line in (*reversed(paragraphs[-4:]), *credits_, *paragraphs[:1]):
        if agency := agency_of_credit(line):
            return agency
    return agency_of_ending(paragraphs[-1]) if paragraphs else None


def _agency(found: re.Match[str]) -> str:
    name = found["agency"].lower()
    return _NAMES.get(name) or _NAMES[name.replace(".", "")]


def _is_sentence(rest: str) -> bool:
    """Whether what follows the agency's name goes on telling something ("... a indiqué que")."""
    words = [word for word in re.findall(r"[^\W\d_]+", rest) if not _ANY.fullmatch(word)]
    allowed = {
        "all",
        "rights",
        "reserved",
        "tous",
        "droits",
        "reserves",
        "et",
        "and",
        "avec",
        "with",
        "the",
        "agences",
        "agencies",
        "news",
        "agency",
        "da",
        "sun",
        "haɗa",
        "hada",
    }
    return len([word for word in words if word.lower() not in allowed]) > 3
