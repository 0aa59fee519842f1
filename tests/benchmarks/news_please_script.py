"""news-please over the same pages: ``news_please_script.py CATALOGUE PORT``, in an environment of its own.

Its library call for a list of addresses, with its own defaults; the addresses come from the feeds by feedparser, since
the library call does not read feeds. Prints a JSON object of what it found.
"""

import json
import pathlib
import socket
import sys
import urllib.request

_PORT = int(sys.argv[2])
_look_up = socket.getaddrinfo


def _loopback(host, port, *more, **named):
    if str(host).endswith(".example"):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", _PORT))]
    return _look_up(host, port, *more, **named)


socket.getaddrinfo = _loopback

import feedparser  # noqa: E402
import yaml  # noqa: E402
from newsplease import NewsPlease  # noqa: E402


def main():
    """Read the feeds, hand the links over, print."""
    feeds = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text("utf-8"))["feeds"]
    links = []
    for feed in feeds:
        parsed = feedparser.parse(urllib.request.urlopen(feed["url"], timeout=20).read())
        links += [entry.link for entry in parsed.entries if entry.get("link", "").startswith("http")]
    found = NewsPlease.from_urls(links, request_args={"timeout": 20})
    articles = [article.get_dict() for article in found.values() if article and article.maintext]
    fields = sorted({key for article in articles for key, value in article.items() if value})
    print(json.dumps({"links": len(links), "articles": len(articles), "copies": 0, "fields": fields}))


if __name__ == "__main__":
    main()
