"""Imported by the fork server as ``warm`` is: the tagger of all languages and the sketches, for pools that need them."""

import gc

FLASHES = {
    "fr": "Des hommes armés ont tué douze civils et enlevé trois femmes mardi dernier à Téra, selon le préfet.",
    "en": "Gunmen killed twelve civilians and abducted three women last Tuesday in Bama, the governor said.",
    "ar": "قتل مسلحون اثني عشر مدنيا وخطفوا ثلاث نساء يوم الثلاثاء الماضي في موبتي، وفق ما أعلنه الحاكم.",
    "ha": "'Yan bindiga sun kashe fararen hula goma sha biyu, sun kuma sace mata uku ranar Talata a Bama, in ji gwamna.",
}
"""A text for each language in which nearly everything is found that is compiled when it is first asked for."""


def _load() -> None:
    from transforms.sketches import sketch_text  # noqa: PLC0415 - the collector is off while it is imported
    from transforms.tagging.date_rules import load_grammar  # noqa: PLC0415
    from transforms.tagging.pool import tag_text  # noqa: PLC0415
    from transforms.tagging.tagger import Taggable  # noqa: PLC0415

    for language, text in FLASHES.items():
        load_grammar(language)
        sketch_text(text, article_id="", seen="", language=language)
        tag_text(Taggable(article_id="", text=text, language=language, published="2026-11-20"))


gc.disable()
_load()
gc.freeze()
gc.enable()
