"""Writers to be killed: one commits window after window until it has all of them, one takes an article down.

``python -m tests.kill_writer`` is where writers are born: it forks one for each line of its input, since importing Beam
a hundred times would take minutes. (A fork server of multiprocessing is one for the whole process, with what whoever
started it has preloaded.)
"""

import dataclasses
import datetime as dt
import os
import signal
import sys

import orjson

import transforms.exports
import transforms.forget  # noqa: F401 - loaded before the forks
from pipeline.main import main as main_of
from transforms.archiving import ArchiveOptions, Recorder
from transforms.commit_windows import commit_window
from transforms.exchanges import Exchange, Request, Response
from transforms.find_duplicates import sketch_text
from transforms.history import History
from transforms.records import (
    Article,
    CodedArticle,
    Entry,
    Failure,
    Feed,
    FeedPolled,
    FeedRow,
    FeedState,
    Tick,
    article_id_of,
    stable_id,
)
from transforms.store import open_store
from transforms.window_plan import Versions

START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
NEW_ENTRIES = 3
FEED = Feed(id="un", url="https://un.example/feed", outlet="un", publisher_family="un", ownership="private")


def url_of(window, number):
    """The address of a window's article."""
    return f"https://essai.example/{window}/{number}"


def text_of(moment):
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def entry_of(window, number):
    """One entry, first seen in its window."""
    url = url_of(window, number)
    return Entry(
        entry_id=stable_id("entry", FEED.id, url),
        feed_id=FEED.id,
        article_id=article_id_of(url),
        url=url,
        canonical_url=url,
        title=f"Titre {window}/{number}",
        fingerprint=stable_id(url)[:16],
        first_seen=text_of(moment_of(window)),
    )


def moment_of(window):
    """Ten minutes a window."""
    return START + dt.timedelta(minutes=10 * window)


def outcomes_of(window):
    """What the graph hands over: the feed lists the window's entries and those of the one before once more.

    Of the window's own entries the first becomes an article two windows later, after waiting in the queue.
    """
    known = [entry_of(window - 1, number) for number in range(1, NEW_ENTRIES)] if window > 1 else []
    fresh = [entry_of(window, number) for number in range(NEW_ENTRIES)]
    waited = [dataclasses.replace(entry_of(window - 2, 0), attempts=1)] if window > 2 else []
    moment = text_of(moment_of(window))
    listed = tuple((e.entry_id, e.fingerprint) for e in (*known, *fresh))
    return [
        Tick(at=moment, feeds=(FEED,)),
        FeedPolled(
            row=FeedRow(feed_id=FEED.id, url=FEED.url, polled=moment, status="ok"),
            state=FeedState(feed_id=FEED.id, polled=moment, etag=f'"{window}"'),
            listed=listed,
        ),
        Failure(stage="fetch", reason="TIMEOUT_TOTAL", entries=(fresh[0],)),
        *(coded(entry) for entry in (*known, *fresh[1:], *waited)),
    ]


def coded(entry):
    """An entry as an article with a text of its own."""
    text = " ".join(f"{stable_id(entry.url, str(n))[:9]} conseil {stable_id(str(n), entry.url)[:7]}" for n in range(80))
    article = Article(
        article_id=entry.article_id,
        entries=(entry,),
        url=entry.url,
        canonical_url=entry.canonical_url,
        title=entry.title,
        text=text,
        fetched=entry.first_seen,
        language="fr",
    )
    sketch = sketch_text(text, article_id=entry.article_id, seen=entry.first_seen, outlet="un", language="fr")
    return CodedArticle(article=article, sketch=sketch.pack())


class _Canned:
    """A client that answers every request with its address."""

    def fetch_all(self, requests, **_):
        for request in requests:
            body = f"<p>{request.url}</p>".encode()
            sole = Exchange(url=request.url, sent=(), status_line="HTTP/1.1 200 OK", received=(), body=body)
            yield request, Response(url=request.url, status=200, headers={}, body=body, exchanges=(sole,))


def archived_of(uri, window):
    """What two lanes of a window keep: the feed, and the pages of its new entries."""
    entries = [entry_of(window, number) for number in range(NEW_ENTRIES)]
    lanes = {
        "feeds": [Request(url=FEED.url, kind="feed", key=FEED)],
        "pages": [Request(url=entry.url, kind="page", key=(entry,)) for entry in entries],
    }
    for label, requests in lanes.items():
        recorder = Recorder(_Canned(), ArchiveOptions(output=uri), label, lambda: moment_of(window))
        list(recorder.fetch_all(requests))
        yield recorder.archived()


def write_windows(uri, endpoint, life, until):
    """Go on where the bucket says, until so many windows are committed; tells of the start and of each on stdout.

    Each life has a clock of its own, so that what one has half done is not what the next one does.
    """
    if endpoint:
        os.environ["STORAGE_EMULATOR_HOST"] = endpoint
    history = History(open_store(uri))
    history.refresh()
    _say(f"born {os.getpid()} {history.sequence}")
    while history.sequence < until:
        window = history.sequence + 1
        moment = moment_of(window)
        commit_window(
            [*outcomes_of(window), *archived_of(uri, window)],
            history,
            window=(text_of(moment), text_of(moment + dt.timedelta(minutes=10))),
            now=moment + dt.timedelta(seconds=life),
            versions=Versions(pipeline="1", rules="r"),
            archive=ArchiveOptions(output=uri),
        )
        _say(f"committed {history.sequence}")
    _say("done")


def forget(uri, endpoint, article_id):
    """Take an article down as ``sahelwatch forget`` does."""
    if endpoint:
        os.environ["STORAGE_EMULATOR_HOST"] = endpoint
    _say(f"born {os.getpid()} 0")
    assert (
        main_of(["forget", "--output", uri, "--article", article_id, "--now", text_of(START + dt.timedelta(days=3))])
        == 0
    )
    _say("done")


def _say(line):
    """One line that arrives whole or not at all."""
    os.write(1, f"{line}\n".encode())


def main():
    """Fork a writer for each line of input: a JSON list of what it is to do and the arguments of that."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                what, *arguments = orjson.loads(line)
                {"write_windows": write_windows, "forget": forget}[what](*arguments)
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
