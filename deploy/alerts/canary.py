"""The canary: a feed of our own with one new article an hour, to see that what goes in comes out.

    python deploy/alerts/canary.py /srv/www/canary https://status.example.org/canary

writes feed.xml and this hour's page into a folder that any web server serves at that address, and removes pages older
than two days. Run it every hour from cron. The catalogue gets one more feed:

    - {id: canary, url: "https://status.example.org/canary/feed.xml", outlet: canary, publisher_family: canary,
       ownership: private, language: fr, kind: institution, text: open, notes: "ours: the canary, no news"}

The article is about the canary itself. It tells of no event on purpose: a made-up attack in a dataset of real ones
does harm, however well it is marked.
"""

import argparse
import datetime as dt
import pathlib
import sys

KEPT_HOURS = 48
_TITLE = "Le canari chante à {hour} heures, le {day}"
_TEXT = """
Cette page sert à vérifier que la chaîne de lecture fonctionne du début à la fin. Elle a été écrite le {day} à {hour}
heures, temps universel, par une machine, et une autre machine doit la retrouver dans les deux heures.

Le canari va bien. Il a bu de l'eau, mangé des graines de mil et regardé passer les nuages au-dessus du jardin. Il n'a
rien d'autre à raconter pour la page numéro {number}, et c'est exactement ce que l'on attend de lui.

Si cette page manque dans les résultats, c'est que la lecture des flux, le téléchargement des pages, l'extraction du
texte ou l'écriture des fichiers s'est arrêtée : la personne de garde suit alors le manuel d'exploitation.
"""


def write_canary(folder: pathlib.Path, base: str, now: dt.datetime) -> None:
    """Write this hour's page and the feed of the last two days; each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    hours = [now - dt.timedelta(hours=back) for back in range(KEPT_HOURS)]
    current = _page_name(now)
    _write(folder / current, _page(now, f"{base}/{current}"))
    kept = [hour for hour in hours if (folder / _page_name(hour)).exists()]
    items = "".join(_entry(hour, f"{base}/{_page_name(hour)}") for hour in kept)
    feed = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Canari</title>'
        f"<link>{base}/</link><description>Un article par heure</description><ttl>30</ttl>{items}</channel></rss>\n"
    )
    _write(folder / "feed.xml", feed)
    names = {_page_name(hour) for hour in kept}
    for page in folder.glob("canari-*.html"):
        if page.name not in names:
            page.unlink()


def _page_name(hour: dt.datetime) -> str:
    return f"canari-{hour:%Y%m%d-%H}.html"


def _words(text: str, hour: dt.datetime) -> str:
    return text.format(day=f"{hour:%d/%m/%Y}", hour=hour.hour, number=int(hour.timestamp()) // 3600)


def _entry(hour: dt.datetime, url: str) -> str:
    published = hour.replace(minute=0, second=0).strftime("%a, %d %b %Y %H:%M:%S +0000")
    title = _words(_TITLE, hour)
    return f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid><pubDate>{published}</pubDate></item>"


def _page(hour: dt.datetime, url: str) -> str:
    title = _words(_TITLE, hour)
    body = "\n".join(f"<p>{_words(text, hour)}</p>" for text in _TEXT.strip().split("\n\n"))
    published = f"{hour:%Y-%m-%dT%H}:00:00Z"
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="canonical" href="{url}"><meta property="article:published_time" content="{published}"></head>\n'
        f"<body><article><h1>{title}</h1>\n{body}\n</article></body></html>\n"
    )


def _write(path: pathlib.Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def main() -> int:
    """``canary.py FOLDER ADDRESS``."""
    parser = argparse.ArgumentParser(description="write the canary's feed and this hour's page")
    parser.add_argument("folder", type=pathlib.Path, help="the folder that is served")
    parser.add_argument("address", help="the address it is served at")
    options = parser.parse_args()
    write_canary(options.folder, options.address.rstrip("/"), dt.datetime.now(dt.UTC))
    return 0


if __name__ == "__main__":
    sys.exit(main())
