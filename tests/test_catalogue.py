"""The catalogue's loader, whose errors must lead an editor to the line, and the catalogue that is shipped."""

import collections
import json
import pathlib

import pytest
import yaml

from pipeline import catalogue
from pipeline.catalogue import CatalogueError, load_catalogue
from pipeline.live_catalogue import LiveCatalogue
from transforms import counts, records
from transforms.addresses import Exemptions

BUNDLED = pathlib.Path(catalogue.__file__).with_name("feeds.yaml")
FEED = {
    "id": "a-news",
    "url": "https://a.example/feed/",
    "outlet": "A News",
    "publisher_family": "a",
    "ownership": "private",
}
START = """\
feeds:
  - id: a-news
    url: https://a.example/feed/
    outlet: A News
    publisher_family: a
    ownership: private
"""


@pytest.fixture
def load(tmp_path):
    """Loads a catalogue from its text or bytes."""

    def load_text(content):
        path = tmp_path / "feeds.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_catalogue(str(path))

    return load_text


@pytest.fixture
def faults(load, tmp_path):
    """The (line, message) pairs with which a catalogue is refused; every one must name the file."""

    def faults_of(content):
        with pytest.raises(CatalogueError) as refused:
            load(content)
        found = []
        for fault in str(refused.value).split("\n"):
            assert fault.startswith(f"{tmp_path / 'feeds.yaml'}:")
            line, _, message = fault.removeprefix(f"{tmp_path / 'feeds.yaml'}:").partition(": ")
            found.append((int(line), message))
        return found

    return faults_of


def test_the_least_that_a_feed_needs(load):
    """Five keys make a feed; the others have their defaults, the text being private among them."""
    assert load(START) == (records.Feed(**FEED),)
    assert load(START)[0].text == "private"


def test_every_key_is_read(load):
    """All keys arrive as written, an empty one as its default."""
    text = START + (
        "    country: NO\n    language: ha\n    kind: agency\n    timezone: Africa/Niamey\n    text: open\n    notes:\n"
    )
    rest = {"country": "NO", "language": "ha", "kind": "agency", "timezone": "Africa/Niamey", "text": "open"}
    assert load(text) == (records.Feed(**FEED, **rest),)


def test_values_are_texts_and_nothing_else(load):
    """YAML's guesses do not apply: a country NO is Norway and an outlet 007 keeps its zeros."""
    feed = load(START.replace("A News", "007") + "    country: NO\n    notes: 2026-11-01\n")[0]
    assert (feed.outlet, feed.country, feed.notes) == ("007", "NO", "2026-11-01")


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_a_catalogue_too(load, indent, ascii_only):
    """JSON, indented or not, with escapes or without, loads like the same YAML."""
    feed = {**FEED, "outlet": 'صحراء ميديا "A/B"', "notes": None}
    text = json.dumps({"feeds": [feed]}, indent=indent, ensure_ascii=ascii_only)
    assert load(text) == (records.Feed(**{**FEED, "outlet": 'صحراء ميديا "A/B"'}),)


def test_order_is_kept_and_a_byte_order_mark_is_no_matter(load):
    """Feeds come in the order of the file, which may begin as some editors make it."""
    second = START.replace("feeds:\n", "").replace("a-news", "b-news").replace("a.example", "b.example")
    assert [feed.id for feed in load("\ufeff" + START + second)] == ["a-news", "b-news"]


def with_line(text):
    """The smallest good catalogue with one more line, which is its seventh."""
    return START + f"    {text}\n"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        # not a catalogue at all
        ("", 1, "expected a mapping with the key 'feeds'"),
        ("# nothing yet\n", 1, "expected a mapping with the key 'feeds'"),
        ("- a\n", 1, "expected a mapping"),
        ("feeds:\n", 1, "'feeds' must be a list"),
        ("\nfeeds: all of them\n", 2, "'feeds' must be a list"),
        ("feeds: []\n", 1, "no feeds in it"),
        ("feed:\n  - id: a\n", 1, "expected the key 'feeds', and perhaps 'blocked', found feed"),
        (START + "more: 1\n", 7, "expected the key 'feeds', and perhaps 'blocked', found feeds, more"),
        (START + "feeds: []\n", 7, "expected the key 'feeds', and perhaps 'blocked', found feeds, feeds"),
        ("feeds:\n  - a-news\n", 2, "a feed must be a mapping"),
        (START + "---\nfeeds: []\n", 7, "another document"),
        (START + "blocked: a.example\n", 7, "'blocked' must be a list"),
        (START + "blocked:\n  - https://a.example/\n", 8, "blocked takes names of hosts"),
        (START + "blocked: [a.example, 'b c']\n", 7, "blocked takes names of hosts"),
        (START + "blocked: [[a.example]]\n", 7, "blocked takes names of hosts"),
        # not readable
        ("feeds:\n\t- id: a\n", 2, "cannot start any token"),
        ("feeds:\n  - {id: a\n", 3, "did not find expected"),
        ("feeds:\n  - id: a\n  outlet: A\n", 3, "did not find expected"),
        ("feeds:\n  - outlet: Aïr Info\n".encode("latin-1"), 2, "not UTF-8"),
        (START.encode("utf-16"), 1, "not UTF-8"),
        (START.encode() + b"# \x00\n", 7, "character U+0000 is not allowed"),
        (START.encode() + b"# \x1b[31m\n", 7, "character U+001B is not allowed"),
        # what would be more than data
        (with_line("notes: !!python/object/apply:os.system [id]"), 7, "tags are not allowed"),
        (with_line("notes: !!str x"), 7, "tags are not allowed"),
        (with_line("notes: ! x"), 7, "tags are not allowed"),
        (with_line("notes: &x y"), 7, "anchors and aliases are not allowed"),
        ("feeds: &x [*x]\n", 1, "anchors and aliases are not allowed"),
        (with_line("notes: *x"), 7, "anchors and aliases are not allowed"),
        ("feeds: " + "[" * 100_000 + "]" * 100_000, 1, "nested too deeply"),
        # a feed that is wrong
        (with_line("homepage: https://a.example/"), 7, "unknown key 'homepage' (known: id, url,"),
        (with_line("Country: NE"), 7, "unknown key 'Country'"),
        (with_line("<<: {country: NE}"), 7, "unknown key '<<'"),
        (with_line("outlet: B"), 7, "key 'outlet' twice"),
        (with_line("notes: [a, b]"), 7, "notes must be a text"),
        (with_line("notes: {a: b}"), 7, "notes must be a text"),
        (with_line('notes: "a\\0b"'), 7, "notes has control characters"),
        (with_line("kind: blog"), 7, "kind must be one of agency, outlet, broadcaster, institution, not 'blog'"),
        (with_line("text: public"), 7, "text must be one of private, excerpt, open"),
        (with_line("timezone: Africa/Gao"), 7, "no such time zone: 'Africa/Gao'"),
        (with_line("timezone: +01:00"), 7, "no such time zone"),
        (with_line("country: ne"), 7, "country must be an ISO 3166 alpha-2 code"),
        (with_line("country: NER"), 7, "country must be an ISO 3166 alpha-2 code"),
        (with_line("country: ZZ"), 7, "no such country: 'ZZ'"),
        (with_line("language: Hausa"), 7, "language must be an ISO 639 code"),
        (START.replace("private", "free"), 6, "ownership must be one of state, aligned, private"),
        (START.replace("private", "~"), 2, "ownership is missing"),
        (START.replace("    outlet: A News\n", ""), 2, "outlet is missing"),
        (START.replace("A News", "''"), 2, "outlet is missing"),
        (START.replace("https://a.example/feed/", "ftp://a.example/feed"), 3, "not an http URL"),
        (START.replace("https://a.example/feed/", "a.example/feed"), 3, "not an http URL"),
        (START.replace("https://a.example/feed/", "https://me:pw@a.example/"), 3, "credentials in URL"),
        (START.replace("https://a.example/feed/", "https://127.1/feed"), 3, "no valid host in URL"),
        (START.replace("https://a.example/feed/", "' https://a.example/feed'"), 3, "white space around the URL"),
    ],
)
def test_an_error_names_its_line(faults, content, line, message):
    """Each way to get a catalogue wrong gives one fault, with the file, the line and what is wrong."""
    found = faults(content)
    assert [fault[0] for fault in found] == [line]
    assert message in found[0][1]


@pytest.mark.parametrize(
    "bad",
    ["../../etc/x", "%2e%2e%2f", "dt=2026-11-01", "?*[]#", "a\n", "a\r\nb", "x" * 65, "x" * 2048, "-a", "A", "é", "a_b",
     ".well-known/acme-challenge", ""],
)  # fmt: skip
def test_an_id_is_fit_for_an_object_name(faults, bad):
    """Row U07: an id is a short slug, so that nothing else ever reaches the name of an object in the bucket."""
    message = faults(json.dumps({"feeds": [{**FEED, "id": bad}]}))[0][1]
    assert message.startswith(("id must be lower-case letters", "id is missing", "id has control characters"))


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/feed/", "https://a.example/feed", "http://a.example/feed/", "https://www.a.example/feed/",
        "https://A.EXAMPLE/Feed/", "https://a.example:443//feed/", "https://a.example/feed/#top",
    ],
)  # fmt: skip
def test_one_feed_twice_is_an_error(faults, url):
    """Row U08: addresses that differ by scheme, case, slash or www. are one feed; the fault names the other line."""
    text = json.dumps({"feeds": [FEED, {**FEED, "id": "b-news", "url": url}]}, indent=1)
    assert faults(text) == [(10, "the feed of 'b-news' is already listed in line 3")]


def test_blocked_hosts_are_read_and_read_again_when_they_change(tmp_path):
    """The block list is in ASCII and lower case; an edit of the file shows at the next look."""
    path = tmp_path / "feeds.yaml"
    live = LiveCatalogue(str(path), "", Exemptions(hosts=("a.example",)))
    path.write_text(START)
    assert live.blocked() == frozenset()
    path.write_text(START + "blocked: [Ads.example, été.example]\n")
    assert live.blocked() == {"ads.example", "xn--t-9fab.example"}
    assert len(load_catalogue(str(path))) == 1


def test_an_edit_that_is_broken_changes_nothing(tmp_path, caplog):
    """Half a file, no file, a host that nobody may ask: the last good feeds stay, and the log says why, once."""
    path = tmp_path / "feeds.yaml"
    live = LiveCatalogue(str(path), "", Exemptions(hosts=("a.example",)))
    with pytest.raises(CatalogueError):
        live()
    path.write_text(START)
    good = live()
    before = counts.counts().get(("tick", "broken_catalogues", ""), 0)
    stranger = json.dumps({"feeds": [FEED, {**FEED, "id": "b", "url": "https://b.example/feed"}]})
    for broken in ("feeds:\n- id: [", "", None, stranger):
        path.unlink(missing_ok=True)
        if broken is not None:
            path.write_text(broken)
        assert live() == good
        assert live() == good
    assert counts.counts()["tick", "broken_catalogues", ""] == before + 8
    assert len([r for r in caplog.records if "its last state stays" in r.message]) == 4
    path.write_text(json.dumps({"feeds": [FEED, {**FEED, "id": "b", "url": "https://a.example/other"}]}))
    assert [feed.id for feed in live().feeds] == [FEED["id"], "b"]


def test_feeds_of_one_site_stay_apart(load):
    """Feeds that differ by a parameter are two, even one that counts as tracking in an article's address."""
    addresses = [f"https://a.example/{end}" for end in ("?rss=mali", "?rss=niger", "feed/?amp=1", "feed/", "fr/feed/")]
    feeds = [{**FEED, "id": f"a-{number}", "url": url} for number, url in enumerate(addresses)]
    assert [feed.url for feed in load(json.dumps({"feeds": feeds}))] == addresses


def test_one_id_twice_is_an_error(faults):
    """The ids are unique; the fault names the line of the first."""
    text = json.dumps({"feeds": [FEED, {**FEED, "url": "https://b.example/"}]}, indent=1)
    assert faults(text) == [(10, "id 'a-news' is already used in line 3")]


def test_all_faults_are_reported_at_once(faults):
    """An editor gets the whole list, in the order of the file."""
    wrong = with_line("kind: blog") + "    colour: red\n  - id: A\n    url: nowhere\n"
    assert [line for line, _ in faults(wrong)] == [7, 8, 9, 10, 9, 9, 9]


def test_an_alias_bomb_costs_nothing(faults):
    """The billion laughs are refused at the first anchor, before anything is expanded."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert faults("\n".join(lines)) == [(1, "anchors and aliases are not allowed")]


def test_a_catalogue_that_cannot_be_read_at_all(tmp_path):
    """A missing file, a folder and a file of absurd size are errors of the catalogue too, and name the path."""
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (catalogue.MAX_BYTES + 1))
    for path, message in [
        (tmp_path / "none.yaml", "No such file"),
        (tmp_path, "Is a directory"),
        (huge, "larger than 5000000 bytes"),
    ]:
        with pytest.raises(CatalogueError, match=message) as refused:
            load_catalogue(str(path))
        assert str(refused.value).startswith(f"{path}: ")


@pytest.fixture(scope="module")
def bundled():
    """The catalogue that is shipped."""
    return load_catalogue(str(BUNDLED))


def test_the_bundled_catalogue_covers_the_sahel(bundled):
    """It has at least 60 feeds: of each of the five countries, in each of the four languages, of every kind."""
    assert len(bundled) >= 60
    countries = collections.Counter(feed.country for feed in bundled)
    languages = collections.Counter(feed.language for feed in bundled)
    assert all(countries[country] >= 8 for country in ("NE", "ML", "BF", "TD", "MR"))
    assert all(languages[language] >= 5 for language in records.LANGUAGES)
    assert {feed.kind for feed in bundled} == set(records.KINDS)
    assert {feed.ownership for feed in bundled} == set(records.OWNERSHIPS) - {"armed_group"}


def test_the_bundled_catalogue_owns_up_to_what_it_is(bundled):
    """Every feed says what speaks for its address, has a time zone, and keeps its full text private."""
    for feed in bundled:
        assert feed.notes.startswith(("Address answered on ", "Address listed.", "Address unproven")), feed.id
        assert feed.timezone, feed.id
        assert feed.country, feed.id
        assert feed.text == "private", feed.id
    comments = [line for line in BUNDLED.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    head = " ".join(line.removeprefix("#").strip() for line in comments)
    assert "NOT PROBED" in head
    assert "`sahelwatch feeds check`" in head
    assert "EDITORIAL JUDGEMENT, made in November 2026" in head


def test_one_publisher_is_one_owner(bundled):
    """The feeds of one publisher family agree on its ownership, or counting independent owners would go wrong."""
    owners = collections.defaultdict(set)
    for feed in bundled:
        owners[feed.publisher_family].add(feed.ownership)
    assert {family: found for family, found in owners.items() if len(found) > 1} == {}


def test_the_bundled_catalogue_reads_alike_in_plain_yaml(bundled):
    """Another YAML reader finds the same feeds, so that the file can be edited and checked elsewhere."""
    plain = yaml.safe_load(BUNDLED.read_text(encoding="utf-8"))["feeds"]
    assert [records.Feed(**feed) for feed in plain] == list(bundled)
