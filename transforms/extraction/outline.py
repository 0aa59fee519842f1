"""The attributes of a page, read once: each look at one is a call into lxml, and five searches ask for them.

An outline holds for as long as the elements keep their attributes; elements that were made or cut since are the matter
of whoever asks.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outline:
    """Elements in document order with their attributes (those that have any) and their names (those that have one).

    A name is the class and the id with a space between.
    """

    attributes: dict[Any, dict[str, str]]
    names: dict[Any, str]

    def marked(self, attribute: str, value: str) -> Iterator[Any]:
        """The elements with an attribute of exactly that value."""
        return (element for element, given in self.attributes.items() if given.get(attribute) == value)


def outline_of(elements: Iterable[Any]) -> Outline:
    """The outline of the elements of a tree."""
    attributes = {element: dict(given) for element in elements if (given := element.items())}
    names = {
        element: f"{given.get('class', '')} {given.get('id', '')}"
        for element, given in attributes.items()
        if "class" in given or "id" in given
    }
    return Outline(attributes=attributes, names=names)
