"""What a host may do when it is asked, and the documents it gives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from tests.conformance.server import Exchange, Script

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
TEXT = tuple(
    """
Les habitants de la commune ont retrouvé mardi le marché couvert, fermé depuis la crue du fleuve en septembre. Une
quarantaine de commerçants ont repris leur place sous la halle, dont le toit a été refait à neuf.

Selon la mairie, les travaux ont coûté deux fois plus que prévu, parce que les fondations avaient bougé. Le maire
promet que les droits de place resteront ceux de l'an dernier jusqu'à la fin de la saison sèche.

Les maraîchères demandent encore un point d'eau et un magasin froid, car les légumes ne tiennent pas deux jours. Un
projet de forage existe, mais aucune entreprise n'a répondu à l'appel d'offres publié au printemps.

La réouverture de la piste vers le nord, attendue en décembre, devrait ramener les vendeurs de mil et de sésame. En
attendant, les prix ont baissé d'un quart en une semaine, d'après les relevés de la chambre de commerce.
""".strip().split("\n\n")
)


def article(title: str = "Le marché couvert rouvre", *, head: str = "", encoding: str = "utf-8") -> bytes:
    """A page that holds an article of 900 characters; ``head`` is further markup of its head."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)
    return (
        f"<!DOCTYPE html><html lang='fr'><head><title>{title}</title>{head}</head>"
        f"<body><header><a href='/'>Accueil</a></header><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode(encoding)


def item(number: int = 1, *, link: str | None = "", title: str | None = None, **more: str) -> str:
    """An RSS item; an empty ``link`` is /page for the first and /page2 and so on for the others, None leaves it out."""
    address = f"/page{number if number > 1 else ''}" if link == "" else link
    fields = {"title": title or f"Nouvelle {number}", **({"link": address} if address is not None else {}), **more}
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</item>"


def rss(*items: str, head: str = "", prolog: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    """An RSS document of these items."""
    return f'{prolog}<rss version="2.0"><channel><title>Essai</title>{head}{"".join(items)}</channel></rss>'.encode()


def answer(body: bytes, status: int = 200, kind: str | None = HTML, **headers: str) -> Script:
    """A well-formed answer; underscores in the names of headers are dashes."""

    async def play(exchange: Exchange) -> None:
        exchange.keep = True
        await exchange.send(head_of(status, length=len(body), kind=kind, **headers) + body)

    return play


def head_of(status: int = 200, *, length: int | None = None, kind: str | None = HTML, **headers: str) -> bytes:
    """A status line and headers, with the empty line that ends them."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"Content-Type: {kind}"] if kind is not None else []
    lines += [f"Content-Length: {length}"] if length is not None else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def redirect(location: str, status: int = 302) -> Script:
    """A redirect."""
    return answer(b"", status, Location=location)


def feed(*items: str, **headers: str) -> Script:
    """A feed of these items."""
    return answer(rss(*items), kind=RSS, **headers)


def raw(content: bytes) -> Script:
    """These bytes, and the end of the connection."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(content)

    return play


def chunks(make: Callable[[], AsyncIterator[bytes]]) -> Script:
    """Bytes as they are made."""

    async def play(exchange: Exchange) -> None:
        async for chunk in make():
            await exchange.send(chunk)

    return play


def drip(content: bytes, *, step: int = 1, pause: float = 0.3, before: bytes = b"") -> Script:
    """``before`` at once, then the rest ``step`` bytes at a time."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(before)
        for start in range(0, len(content), step):
            await exchange.send(content[start : start + step])
            await asyncio.sleep(pause)

    return play


def silent() -> Script:
    """Takes the request and never says a word."""

    async def play(exchange: Exchange) -> None:
        await exchange.until_left()

    return play


def cut(content: bytes) -> Script:
    """These bytes, then the connection is reset."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(content)
        await asyncio.sleep(0.05)
        exchange.reset()

    return play


def by_round(*scripts: Script) -> Script:
    """The first script in the first pass, and so on; the last one stays."""

    async def play(exchange: Exchange) -> None:
        await scripts[min(exchange.visit.round, len(scripts)) - 1](exchange)

    return play


def by_header(name: str, scripts: Mapping[str, Script], otherwise: Script) -> Script:
    """A script by the value of a request's header."""

    async def play(exchange: Exchange) -> None:
        await scripts.get(exchange.visit.headers.get(name, ""), otherwise)(exchange)

    return play
