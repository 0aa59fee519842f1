"""What the fork server loads for the pool's processes: all they need, and no tagger for those that only parse."""

import subprocess
import sys

COUNT = """
import re._compiler, sys
import transforms.warm, transforms.warm_tagger
from tests.fixtures import stories
from transforms.tagging.pool import tag_text
from transforms.tagging.tagger import Taggable

told, _ = stories.load_stories(stories.load_outlets())
compiled, compile_ = [], re._compiler.compile
re._compiler.compile = lambda pattern, flags=0: compiled.append(pattern) or compile_(pattern, flags)
for story in told:
    text = "\\n".join(story.paragraphs)
    tag_text(Taggable(article_id="", title=story.title, text=text, language=story.language, published="2026-11-20"))
print(len(told), len(compiled))
"""


def answered(program: str) -> list[str]:
    """The words that a program of its own process prints."""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    return ran.stdout.split()


def test_articles_find_the_tagger_compiled():
    """Tagging the fixture stories compiles next to nothing: what is compiled lazily, each process does for itself."""
    stories, compiled = map(int, answered(COUNT))
    assert stories > 50
    assert compiled <= 10  # 250 when only the tagger itself was made


def test_pages_and_feeds_need_no_tagger():
    """A pool that only parses loads nothing of the tagger."""
    loaded = answered("import sys, transforms.warm; print(*sys.modules)")
    assert "trafilatura" in loaded
    assert "feedparser" in loaded
    assert not [name for name in loaded if name.startswith(("transforms.tagging", "apache_beam"))]
