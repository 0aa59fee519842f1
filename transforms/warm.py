"""Imported by the fork server before it forks: what the processes of the pool need, loaded once and shared by all."""

import gc


def _load() -> None:
    from transforms import feed_entries  # noqa: F401, PLC0415 - the collector is off while it is imported
    from transforms.extraction import languages, pool  # noqa: F401, PLC0415
    from transforms.records import LANGUAGES  # noqa: PLC0415
    from transforms.sketches import sketch_text  # noqa: PLC0415
    from transforms.tagging.pool import tag_text  # noqa: PLC0415
    from transforms.tagging.tagger import Taggable  # noqa: PLC0415

    languages.detect_language("Le pont a été rouvert mardi matin, après deux semaines de travaux sur la rive.")
    for language in LANGUAGES:  # some is compiled at the first use of a language
        sketch_text("", article_id="", seen="", language=language)
        tag_text(Taggable(article_id="", text="Mopti, 12.11.2026: 12", language=language, published="2026-11-20"))


gc.disable()  # nothing of it is garbage, and looking for some is a fifth of the time
_load()
gc.freeze()  # a collection writes to all it looks at, and what is written to is no longer shared
gc.enable()
