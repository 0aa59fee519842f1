"""deploy/SCALING.md says what the model works out, and the simulation does what it is said to do."""

import pathlib
import re

from tests.scaling import bill
from tests.scaling.week import News, Simulation

SCALING = pathlib.Path(__file__).parent.parent / "deploy" / "SCALING.md"


def test_the_bill_is_the_one_that_is_worked_out():
    """Between its marks the document has what the command prints."""
    text = SCALING.read_text("utf-8")
    [shown] = re.findall(r"<!-- bill -->\n(.*)\n<!-- end of bill -->", text, re.DOTALL)
    assert shown.strip() == bill.as_markdown().strip()


def test_a_few_synthetic_hours(tmp_path):
    """Every article is found once, every copy in its story, polls are answered by 304 where nothing is new."""
    news = News(2000, 3, seed=3)
    [day] = Simulation(news, tmp_path).run(3)
    early = sum(one.at < 3600 for one in news.articles)  # a feed is left alone for an hour and more
    assert 20 < early <= day.articles <= len(news.articles)
    assert day.found == day.copies > 0
    assert 0 < day.unchanged < day.polls
    assert day.operations["A"] > 18 * 5
