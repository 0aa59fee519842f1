"""A world that changes while it is watched: outlets publish and edit, one dies and comes back, the catalogue is edited."""

import dataclasses
import email.utils
import html
import pathlib
import random
import threading
import time
import xml.sax.saxutils

import yaml

from pipeline.demo import CATALOGUE
from pipeline.world.server import ANY_PATH, Reply, WorldServer
from transforms.records import article_id_of
from transforms.urls import canonical_url

LISTED = 60
"""Entries that a feed shows: more than an outlet publishes while nobody looks."""
SYLLABLES = (
    "ba",
    "be",
    "bo",
    "da",
    "dou",
    "fa",
    "ga",
    "ki",
    "ko",
    "la",
    "lou",
    "ma",
    "mi",
    "na",
    "so",
    "ta",
    "wa",
    "zin",
)


@dataclasses.dataclass
class Story:
    """An article as its outlet has it now."""

    url: str
    title: str
    text: str
    edition: int = 0


class Outlet:
    """A host with one feed, newest entries first."""

    def __init__(self, name):
        self.name, self.host, self.stories = name, f"{name}.example", []
        self.dead = False
        self.lock = threading.Lock()

    def catalogue_entry(self):
        """The outlet's feed as a catalogue lists it."""
        return {
            "id": self.name, "url": f"http://{self.host}/feed.xml", "outlet": self.name, "publisher_family": self.name,
            "ownership": "private", "country": "NE", "language": "fr",
        }  # fmt: skip

    def answer(self, request):
        """What a request gets: the feed, a page, no rules for robots, or nothing at all while the host is dead."""
        with self.lock:
            if self.dead:
                return Reply(drop=True)
            if request.path == "/feed.xml":
                return Reply(body=self._feed(), headers={"Content-Type": "application/rss+xml; charset=utf-8"})
            story = next((s for s in self.stories if s.url.endswith(f"{self.host}{request.path}")), None)
            if story is None:
                return Reply(status=404, body=b"absent")
            return Reply(body=page_of(story), headers={"Content-Type": "text/html; charset=utf-8"})

    def _feed(self):
        entries = "".join(
            f"<item><title>{xml.sax.saxutils.escape(s.title)}</title><link>{s.url}</link><guid>{s.url}</guid>"
            f"<pubDate>{email.utils.formatdate(1795640000 + number, usegmt=True)}</pubDate></item>"
            for number, s in reversed(list(enumerate(self.stories))[-LISTED:])
        )
        head = f"<title>{self.name}</title><link>http://{self.host}/</link><description>d</description>"
        return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{entries}</channel></rss>'.encode()


def words(chance, number):
    """So many invented words: no two articles share a passage."""
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(number)]


def page_of(story):
    """The page of a story, as a plain template makes it."""
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in story.text.split("\n"))
    title = html.escape(story.title)
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


class LivingWorld:
    """The fixture world, and beside it outlets that live; a context manager. ``folder`` holds the catalogue.

    Everything happens at random moments of one seed. ``stop`` ends the changes; then ``expected`` is what a dataset
    must hold in the end: article id -> its title now, and whether it may have an earlier edition.
    """

    def __init__(self, folder, seed):
        self.chance = random.Random(seed)
        self.catalogue = pathlib.Path(folder) / "feeds.yaml"
        self.outlets = [Outlet(f"vivant-{letter}") for letter in "abcd"]
        self.listed = self.outlets[:3]
        self.shown = self.listed
        self.server = WorldServer()
        self._fixed = yaml.safe_load(CATALOGUE.read_text("utf-8"))["feeds"]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self):
        for outlet in self.outlets:
            self.server.overrides[outlet.host, ANY_PATH] = outlet.answer
            for _ in range(3):
                self.publish(outlet)
        self._list(self.listed)
        self.server.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.stop()
        self.server.__exit__(*error)

    def stop(self):
        """No more changes; every outlet lives, and the catalogue is whole."""
        self._stop.set()
        self._thread.join()
        for outlet in self.outlets:
            outlet.dead = False
        self._list(self.listed)

    def arguments(self, output):
        """What ``watch`` needs to read this world."""
        hosts = [*self.server.resolve_options(), *(f"{o.host}=127.0.0.1:{self.server.port}" for o in self.outlets)]
        resolve = [argument for host in hosts for argument in ("--resolve", host)]
        fast = ["--host-interval", "0.02", "--min-poll-interval", "0"]
        return ["--feeds", str(self.catalogue), "--output", str(output), *fast, *resolve]

    def expected(self):
        """Article id -> story, of all that the catalogue ever listed while it was published."""
        return {article_id_of(canonical_url(s.url).canonical): s for outlet in self.listed for s in outlet.stories}

    def publish(self, outlet):
        """A new article: its page is there before the feed lists it."""
        with outlet.lock:
            number = len(outlet.stories)
            text = "\n".join(" ".join(words(self.chance, 40)).capitalize() + "." for _ in range(4))
            title = " ".join(words(self.chance, 6)).capitalize()
            outlet.stories.append(Story(f"http://{outlet.host}/{number}-{title.split()[0].lower()}", title, text))

    def edit(self, outlet):
        """Another title and another text at the same address."""
        with outlet.lock:
            story = self.chance.choice(outlet.stories[-LISTED:])
            story.title = " ".join(words(self.chance, 6)).capitalize()
            story.text = "\n".join(" ".join(words(self.chance, 40)).capitalize() + "." for _ in range(4))
            story.edition += 1

    def spoil(self):
        """Leave the catalogue half edited; ``mend`` ends that, and so does the next edit."""
        self._list(self.shown, broken="- id: [half")

    def mend(self):
        """The catalogue is whole again."""
        self._list(self.shown)

    def _list(self, outlets, broken=""):
        """Write the catalogue, as an editor does: another file in its place."""
        self.shown = outlets
        text = yaml.safe_dump({"feeds": [*self._fixed, *(o.catalogue_entry() for o in outlets)]}) + broken
        fresh = self.catalogue.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        fresh.rename(self.catalogue)

    def _live(self):
        """A minute and a half of events, each at about its second."""
        a, b, c, d = self.outlets
        started = time.monotonic()
        due = {
            3: lambda: setattr(c, "dead", True),
            11: lambda: setattr(c, "dead", False),
            20: lambda: (self.listed.append(d), self._list([a, b, c, d])),
            65: lambda: self._list([a, c, d]),  # from then on nothing new of it is expected
        }
        publishing = [a, b, c, d]
        while not self._stop.wait(self.chance.uniform(0.5, 1.5)):
            seconds = time.monotonic() - started
            for moment in [moment for moment in due if moment <= seconds]:
                due.pop(moment)()
            if seconds > 45 and b in publishing:
                publishing.remove(b)  # it has nothing new for a while before it leaves the catalogue
            if seconds < 90:
                self.publish(self.chance.choice(publishing))
                if self.chance.random() < 0.2:
                    self.edit(self.chance.choice(publishing))
