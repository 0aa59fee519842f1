"""robots.txt as it is obeyed (RFC 9309): which rules an answer carries, and what they say of a URL."""

from typing import Any

import protego

from transforms.exchanges import PRODUCT, Response

FRESH_SECONDS = 24 * 3600.0
"""How long rules hold before robots.txt is asked for again (RFC 9309, 2.4)."""
STALE_SECONDS = 30 * 24 * 3600.0
"""How long they still hold while robots.txt cannot be had."""
LONGEST_DELAY = 3600.0
"""A Crawl-delay beyond an hour cannot be meant as a pace: the host does not want to be crawled."""
MAX_KEPT = 65_536
"""Characters of rules that are remembered between passes; longer ones are asked for again."""


class Rules:
    """The rules of one robots.txt, parsed. ``text`` is what they were read from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed: Any = protego.Protego.parse(text)

    def allows(self, url: str) -> bool:
        """Whether the URL may be fetched."""
        return bool(self._parsed.can_fetch(url, PRODUCT))

    @property
    def delay(self) -> float:
        """The Crawl-delay in seconds, 0 where there is none or it is no positive number."""
        try:
            delay = float(self._parsed.crawl_delay(PRODUCT) or 0.0)
        except (TypeError, ValueError):
            return 0.0
        return delay if 0 < delay < float("inf") else 0.0


def rules_text(answer: Response | None) -> str:
    """The rules that hold: none for a 4xx, an HTML page or no answer of use; a byte order mark hides no rule."""
    if answer is None or answer.status >= 300:
        return ""
    text = answer.body.decode("utf-8", "replace").lstrip("\ufeff")
    return "" if text.lstrip()[:1] == "<" else text
