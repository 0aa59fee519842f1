"""The rest of a site around a page: menus, boxes of other articles, footers, styles and scripts, in the weight measured.

The pages of the fixture templates are light (9 KB, 118 elements in the middle). On 181 news pages of a public benchmark
the middle is 115 KB and 743 elements (measurements.md, A; tenths and quartiles at ``ELEMENTS`` and ``BYTES``), and what a
page costs to extract grows with them. Each page gets furniture until it weighs what one of such pages does; the words
are the outlet's own titles and the fixture world's menus. The same generator of chances writes the same bytes.
"""

import datetime as dt
import math
import random
import re
from collections.abc import Sequence

from markupsafe import escape

from tests.fixtures.edits import Article
from tests.fixtures.habits import HABITS, path_of
from tests.fixtures.wording import WORDING

ELEMENTS = (743, 0.50)
"""Middle and spread (of the logarithm) of the elements of a page: tenths at 343 and 1,246, quartiles at 489 and 1,012."""
BYTES = (115_000, 0.66)
"""The same of the bytes: tenths at 51 and 289 KB, quartiles at 68 and 198 KB."""
TOGETHER = 0.6
"""How far elements and bytes of a page go together (correlation of the logarithms)."""
WIDEST = 2.0
"""Spreads from the middle at which a page's weight is cut off."""
IN_HEAD = 0.55
"""Share of the styles and scripts that stand in the head; the rest stands at the end."""
DATED = re.compile(rb"published_time|datePublished|<time")
"""What the fixture templates tell a date with."""
DATE = '<meta property="article:published_time" content="{}">\n'
AUTHOR = '<meta name="author" content="{}">\n'
AUTHORS = 1 - 77 / 181
"""Share of the pages that name an author in the head."""
PIECE = 4000
"""Characters of a style or script."""


class Furniture:
    """What stands around the articles of one outlet."""

    def __init__(self, articles: Sequence[Article], rng: random.Random) -> None:
        self._rng = rng
        self._outlet = articles[0].outlet
        self._words = WORDING[self._outlet.language]
        self._charset = HABITS[self._outlet.id].charset
        self._boxes = [_box(article, place) for place, article in enumerate(articles)]
        self._menu = self._mega_menu()
        self._footer = self._sitemap()
        self._code = _code(self._outlet.id, rng)

    def around(self, page: bytes, published: dt.datetime) -> bytes:
        """The page with furniture, in the weight drawn for it, and with its date where it shows none."""
        wanted_elements, wanted_bytes = self._weight()
        before, behind = [self._menu], [self._footer]
        lacking = wanted_elements - sum(_elements(text) for text in (page.decode("latin-1"), *before, *behind))
        turn = self._rng.randrange(len(self._boxes))
        while lacking > 0:
            box = self._boxes[turn % len(self._boxes)]
            (behind if turn % 4 else before).append(box)
            lacking -= _elements(box)
            turn += 1
        top, end = (self._encoded("\n".join(parts)) for parts in (before, behind))
        code = max(0, wanted_bytes - len(page) - len(top) - len(end))
        opened = page.index(b">", page.index(b"<body")) + 1
        head = page.index(b"</head>")
        closed = page.rindex(b"</body>")
        told = "" if DATED.search(page) else DATE.format(published.isoformat())
        told += AUTHOR.format(escape(self._outlet.name)) if self._rng.random() < AUTHORS else ""
        return b"".join((
            page[:head], self._encoded(told), self._scripts(int(code * IN_HEAD)), page[head:opened], top,
            page[opened:closed], end, self._scripts(int(code * (1 - IN_HEAD))), page[closed:],
        ))  # fmt: skip

    def _weight(self) -> tuple[int, int]:
        """(elements, bytes) of a page."""
        one, other = (max(-WIDEST, min(WIDEST, self._rng.gauss(0, 1))) for _ in range(2))
        both = TOGETHER * one + math.sqrt(1 - TOGETHER**2) * other
        return int(ELEMENTS[0] * math.exp(ELEMENTS[1] * one)), int(BYTES[0] * math.exp(BYTES[1] * both))

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._charset, "xmlcharrefreplace")

    def _scripts(self, size: int) -> bytes:
        """Style and script elements of so many bytes, another stretch of the site's code on each page."""
        if size < 200:
            return b""
        start = self._rng.randrange(len(self._code) - 1)
        body = (self._code[start:] + self._code * (1 + size // len(self._code)))[:size]
        pieces = [body[at : at + PIECE] for at in range(0, size, PIECE)]
        return self._encoded("".join(
            f"<style>{code}</style>\n" if n % 4 == 0 else f"<script>{code}</script>\n" for n, code in enumerate(pieces)
        ))  # fmt: skip

    def _mega_menu(self) -> str:
        parts = ['<div class="mega-menu" role="navigation"><ul class="level-0">']
        for n, section in enumerate(self._words["menu"]):
            parts.append(f'<li class="menu-item depth-0"><a href="/s/{n}/">{escape(section)}</a><ul class="level-1">')
            parts += [
                f'<li class="menu-item depth-1"><a href="/s/{n}/{m}/" data-track="menu">{escape(below)}</a></li>'
                for m, below in enumerate(self._words["menu"])
                if m != n
            ]
            parts.append("</ul></li>")
        parts.append("</ul></div>")
        return "".join(parts)

    def _sitemap(self) -> str:
        keys = ("about", "contact", "legal", "newsletter", "subscribe", "login", "search", "telegram", "whatsapp")
        links = "".join(
            f'<li><a href="/p/{key}/"><svg viewBox="0 0 24 24"><path d="M4 6h16v2H4zm0 5h16v2H4z"></path></svg>'
            f"<span>{escape(self._words[key])}</span></a></li>"
            for key in keys
        )
        return f'<div class="sitemap"><ul>{links}</ul></div>'


def _elements(markup: str) -> int:
    """Elements of the markup, the doctype among them."""
    return markup.count("<") - markup.count("</")


def _box(article: Article, place: int) -> str:
    """A teaser as sites show it beside, above and below an article: picture in several widths, headline, icons."""
    path = escape(path_of(article))
    picture = f"/media/{article.number}/teaser-{article.slug[:40]}"
    sizes = ", ".join(f"{picture}-{width}x{width * 9 // 16}.webp {width}w" for width in (320, 480, 640, 960, 1280))
    headline = escape(" ".join(article.title.split()[:7]))
    return (
        f'<div class="teaser teaser--{place % 5} col-xs-12 col-sm-6 col-md-4"><a class="teaser__media" href="{path}">'
        f'<img class="lazy" loading="lazy" src="{picture}-320x180.webp" data-srcset="{sizes}" alt=""></a>'
        f'<h4 class="teaser__title"><a href="{path}" data-position="{place}">{headline}</a></h4>'
        f'<div class="teaser__tools"><i class="icon icon--share"></i><button type="button" class="teaser__keep" '
        f'data-url="{path}"></button><span class="teaser__badge"></span></div></div>'
    )


def _code(seed: str, rng: random.Random) -> str:
    """Some 60 KB of settings and functions as sites have them in their pages, a twentieth of it digits; no closing tag."""
    names = [f"{seed}-{stem}" for stem in ("menu", "lazy", "banner", "tracker", "share", "player", "consent", "slider")]
    parts = []
    for n in range(300):
        one, other = (rng.choice(names) for _ in range(2))
        parts.append(
            f".{one} .{other}__inner,.{other}--wide{{display:block;margin:{rng.randrange(40)}px auto;position:relative}}"
            f'window.{one.replace("-", "_")}={{"target":".{other}","delay":{rng.randrange(9000)},"mode":"default"}};'
            f"function on{n}(event){{event.preventDefault();return document.querySelector('.{one}')}}"
        )
    return "".join(parts)
