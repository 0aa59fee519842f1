"""Imported by the fork server before it forks: what the processes of the pool need, loaded once and shared by all.

These are the parsers; ``warm_tagger`` loads what articles are tagged and sketched with.
"""

import gc


def _load() -> None:
    from transforms import feed_entries  # noqa: F401, PLC0415 - the collector is off while it is imported
    from transforms.extraction import languages, pool  # noqa: F401, PLC0415

    languages.detect_language("Le pont a été rouvert mardi matin, après deux semaines de travaux sur la rive.")


gc.disable()  # nothing of it is garbage, and looking for some is a fifth of the time
_load()
gc.freeze()  # a collection writes to all it looks at, and what is written to is no longer shared
gc.enable()
