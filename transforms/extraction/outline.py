"""The attributes of a page, read once: each look at one is a call into lxml, and six searches ask for them.

An outline holds for as long as the elements keep their attributes; elements that were made or cut since are the matter
of whoever asks.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outline:
    """Elements in document order with their attributes (those that have any), and the page's classes and ids.

    ``names`` has the words of each: what stands between white space, "-" and "_", in lower case.
    """

    attributes: dict[Any, dict[str, str]]
    names: dict[str, list[str]]

    def named(self, words: frozenset[str], pattern: re.Pattern[str]) -> frozenset[str]:
        """The classes and ids that a pattern knows; ``words`` are such that each of them has one of those.

        Looking words up takes a tenth of the time of a pattern, and keeps no cache of the names of all sites.
        """
        return frozenset(
            name for name, found in self.names.items() if not words.isdisjoint(found) and pattern.search(name)
        )

    def marked(self, attribute: str, value: str) -> Iterator[Any]:
        """The elements with an attribute of exactly that value."""
        return (element for element, given in self.attributes.items() if given.get(attribute) == value)


def outline_of(elements: Iterable[Any]) -> Outline:
    """The outline of the elements of a tree."""
    attributes = {element: dict(given) for element in elements if (given := element.items())}
    named = {given["class"] for given in attributes.values() if "class" in given}
    named.update(given["id"] for given in attributes.values() if "id" in given)
    names = {name: name.lower().replace("-", " ").replace("_", " ").split() for name in named}
    return Outline(attributes=attributes, names=names)
