"""What was taken down, as far as a window knows: by the state, and by what comes with the window itself."""

from collections.abc import Iterable

from transforms.history import History
from transforms.records import Article, CodedArticle, Entry


class Forgotten:
    """Holds a window's articles and entries against what was taken down.

    ``found`` is what the state is to learn: ids with the feeds that listed them. ``records`` are archive records that are
    not to be kept: of articles that came again under another address, which is known only once they were read.
    """

    def __init__(self, history: History, told: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        self._history = history
        self.found = {(one, feeds) for one, feeds in told if one not in history.forgotten}
        self._ids = {one for one, _ in self.found}
        self.records: set[str] = set()

    def has(self, entry: Entry) -> bool:
        """Whether an entry leads to an article that was taken down."""
        return self._history.takes_down(entry) or not self._ids.isdisjoint((entry.article_id, entry.entry_id))

    def without(self, coded: Iterable[CodedArticle]) -> tuple[list[CodedArticle], list[Article]]:
        """The articles that stay, and those that were taken down, under whatever address and from any feed they came.

        Of the latter it is noted what led to them, so that the next edit is not even fetched.
        """
        kept, gone = [], []
        for one in coded:
            article = one.article
            known = article.article_id in self._history.forgotten or article.article_id in self._ids
            if not known and not any(map(self.has, article.entries)):
                kept.append(one)
                continue
            gone.append(article)
            self.records.update(filter(None, (article.raw_ref, *(entry.raw_ref for entry in article.entries))))
            for entry in article.entries:
                self.found.update((one_id, (entry.feed_id,)) for one_id in (entry.article_id, entry.entry_id))
        return kept, gone
