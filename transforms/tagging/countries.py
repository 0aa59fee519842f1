"""Countries named in a text, and which of those that overlap count."""

from typing import NamedTuple


class CountryMention(NamedTuple):
    """A country named, or meant by a demonym, at a place of the text."""

    start: int
    end: int
    iso: str
    demonym: bool


def longest(mentions: list[CountryMention]) -> list[CountryMention]:
    """The longest of mentions that overlap; of two countries known as one by standing together ("مالي والنيجر") each its own part."""
    kept: list[CountryMention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end, m.iso)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
        elif mention.iso != kept[-1].iso and not (mention.demonym or kept[-1].demonym):
            whole = kept.pop()
            first = mention.start == whole.start
            kept += (
                [mention, whole._replace(start=mention.end + 1)]
                if first
                else [whole._replace(end=mention.start), mention]
            )
    return kept
