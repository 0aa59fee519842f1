"""What one would write in an afternoon: feedparser, requests, trafilatura, datasketch. A peer to measure against.

``plain_script.py CATALOGUE PORT PROCESSES`` reads the feeds, fetches the pages one after the other (or in a pool of
processes), extracts them and looks for near-duplicates; prints a JSON object of what it found. It knows nothing of
this project, so that it runs in an environment of its own; ``*.example`` hosts are looked for on loopback.
"""

import json
import multiprocessing
import pathlib
import socket
import sys

_PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 0
_look_up = socket.getaddrinfo


def _loopback(host, port, *more, **named):
    if str(host).endswith(".example"):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", _PORT))]
    return _look_up(host, port, *more, **named)


socket.getaddrinfo = _loopback

import feedparser  # noqa: E402
import requests  # noqa: E402
import trafilatura  # noqa: E402
import yaml  # noqa: E402
from datasketch import MinHash, MinHashLSH  # noqa: E402

_session = requests.Session()


def article_at(url):
    """The article behind a link, or None."""
    answer = _session.get(url, timeout=20)
    if not answer.ok:
        return None
    document = trafilatura.bare_extraction(answer.content, url=url, with_metadata=True)
    if document is None or not document.text:
        return None
    return {"url": url, "title": document.title, "date": document.date, "text": document.text}


def main():
    """Read, fetch, extract, compare, print."""
    feeds = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text("utf-8"))["feeds"]
    links = []
    for feed in feeds:
        parsed = feedparser.parse(_session.get(feed["url"], timeout=20).content)
        links += [entry.link for entry in parsed.entries if entry.get("link", "").startswith("http")]
    processes = int(sys.argv[3])
    if processes > 1:
        with multiprocessing.Pool(processes) as pool:
            articles = pool.map(article_at, links, chunksize=16)
    else:
        articles = [article_at(link) for link in links]
    articles = [article for article in articles if article]
    index, copies = MinHashLSH(threshold=0.7, num_perm=128), 0
    for number, article in enumerate(articles):
        words = article["text"].lower().split()
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4))])
        copies += bool(index.query(sketch))
        index.insert(str(number), sketch)
    fields = sorted({key for article in articles for key, value in article.items() if value})
    print(json.dumps({"links": len(links), "articles": len(articles), "copies": copies, "fields": fields}))


if __name__ == "__main__":
    main()
