"""Logs that a machine reads: one object a line, nothing secret, nothing that breaks the line."""

import io
import json
import logging
import time

import pytest

from pipeline import logs

HOSTILE = "titre\n{'severity': 'INFO'}\r\x1b[2J\x00\x85\u2028\u202egnp.exe \ud800 fin"


@pytest.fixture
def root():
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    before = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:], level = before[0], before[1]
    logger.setLevel(level)


def written(root, log_format, *, level=None):
    """A stream that logs go to from now on."""
    stream = io.StringIO()
    logs.configure(log_format, stream=stream, level=level)
    return stream


def test_a_record_is_one_object_with_its_fields(root):
    """Time, severity, logger, message, then feed, article and reason where given."""
    stream = written(root, "json")
    about = {"feed_id": "actuniger", "article_id": "0" * 32, "reason": "HTTP_404", "attempts": 2}
    logging.getLogger("transforms.web").warning("no page at %s", "https://x.example/é", extra=about)
    [line] = stream.getvalue().splitlines()
    found = json.loads(line)
    assert list(found) == ["time", "severity", "logger", "message", "feed_id", "article_id", "reason", "attempts"]
    assert {**found, **about, "time": ""} == {**found, "time": ""}
    assert (found["severity"], found["logger"], found["message"]) == (
        "WARNING", "transforms.web", "no page at https://x.example/é",
    )  # fmt: skip
    assert found["time"].endswith("Z")
    assert len(found["time"]) == 24


def test_other_extras_are_left_out(root):
    """A body or a header that somebody hands over as an extra never reaches the log."""
    stream = written(root, "json")
    logging.getLogger("pipeline.x").info("read", extra={"body": "<html>secret</html>", "headers": {"cookie": "a"}})
    assert set(json.loads(stream.getvalue())) == {"time", "severity", "logger", "message"}


@pytest.mark.parametrize("log_format", logs.FORMATS)
def test_hostile_text_stays_on_its_line(root, log_format):
    """Line ends, control characters, direction marks and lone surrogates are escaped, in messages and in fields."""
    stream = written(root, log_format)
    logging.getLogger("transforms.x").warning("seen %s", HOSTILE, extra={"feed_id": HOSTILE})
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert len(text.splitlines()) == 1
    assert all(char.isprintable() for char in text.rstrip("\n"))
    text.encode("utf-8")
    if log_format == "json":
        assert json.loads(text)["message"] == f"seen {HOSTILE}"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("https://user:pass@news.example/a", "https://***@news.example/a"),
        ("http://token@news.example", "http://***@news.example"),
        ("GET /a?id=3&api_key=abc123&page=2", "GET /a?id=3&api_key=***&page=2"),
        ("https://b.example/o?X-Goog-Signature=99ff&x=1", "https://b.example/o?X-Goog-Signature=***&x=1"),
        ("Authorization: Bearer eyJhbGciOi.x.y done", "Authorization: Bearer *** done"),
        ("{'authorization': 'Basic dXNlcjpwYXNz', 'a': 1}", "{'authorization': ***, 'a': 1}"),
        ("Set-Cookie: sid=31d4; Path=/", "Set-Cookie: ***; Path=/"),
        ("password=hunter2", "password=***"),
        ('{"refresh_token": "1//abc", "n": 1}', '{"refresh_token": ***, "n": 1}'),
        ("the key: talks; author=Moussa", "the key: talks; author=Moussa"),
        ("mail a@b.example about https://x.example/@name", "mail a@b.example about https://x.example/@name"),
    ],
)
def test_credentials_are_taken_out(text, scrubbed):
    """User parts of addresses, tokens, cookies and passwords are starred; ordinary words are not."""
    assert logs.scrub(text) == scrubbed


def test_long_messages_are_cut_and_the_rest_is_never_scanned():
    """A message has an end, and says how long it was."""
    cut = logs.scrub("x" * 5_000_000)
    assert len(cut) < logs.LONGEST + 40
    assert cut.endswith("... (5000000 characters)")
    assert "hunt" not in logs.scrub("x" * (logs.LONGEST - 15) + " http://u:hunter2@x.example" + "x" * 100)


@pytest.mark.parametrize("piece", ["a.", "token ", "://a", "key", "authorization: ", "'", '"', "a:b@"])
def test_hostile_messages_do_not_hold_up_the_logger(piece):
    """Whatever is repeated, the longest text that is looked at takes milliseconds."""
    started = time.process_time()
    logs.scrub(piece * 10_000, logs.LONGEST_TRACE)
    assert time.process_time() - started < 0.2


def test_a_traceback_is_part_of_its_record(root):
    """An exception is a field in json and indented lines in text; its secrets are starred too."""
    for log_format in logs.FORMATS:
        stream = written(root, log_format)
        try:
            int("https://u:p@x.example")
        except ValueError:
            logging.getLogger("pipeline.x").exception("failed")
        text = stream.getvalue()
        assert "u:p" not in text
        if log_format == "json":
            assert (
                "ValueError: invalid literal for int() with base 10: 'https://***@x.example'"
                in json.loads(text)["exception"]
            )
        else:
            first, *rest = text.splitlines()
            assert first.endswith("ERROR pipeline.x: failed")
            assert all(line.startswith("  ") for line in rest)


def test_levels_and_chatter(root):
    """In json INFO of ours is shown, in text WARNING; what libraries say below WARNING is never shown."""
    for log_format, expected in (("json", ["ours", "theirs loud"]), ("text", ["theirs loud"])):
        stream = written(root, log_format)
        logging.getLogger("pipeline.run").info("ours")
        logging.getLogger("urllib3.pool").info("theirs")
        logging.getLogger("urllib3.pool").warning("theirs loud")
        lines = stream.getvalue().splitlines()
        assert len(lines) == len(expected)
        assert all(want in line for want, line in zip(expected, lines, strict=True))


def test_configuring_again_replaces_and_bad_formats_are_refused(root):
    """A second call does not write every line twice; an unknown format is an error."""
    first = written(root, "json")
    second = written(root, "json")
    logging.getLogger("pipeline.x").info("once")
    assert (first.getvalue(), second.getvalue().count("once")) == ("", 1)
    with pytest.raises(ValueError, match="xml"):
        logs.configure("xml")


def test_a_message_that_does_not_fit_its_arguments_is_not_lost(root):
    """A slip in a log call shows the record as it is."""
    stream = written(root, "json")
    logging.getLogger("pipeline.x").warning("%d feeds", "three")
    assert json.loads(stream.getvalue())["message"] == "%d feeds ('three',)"
