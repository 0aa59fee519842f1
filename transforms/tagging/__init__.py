"""The event tagger: from the text of an article to events, by rules and lexicons, without Beam and without models.

``Tagger.load().tag(Taggable(...))`` reads French, English, Arabic and Hausa. What it knows lies in ``data/``.
"""

from transforms.tagging.tagger import CONFIDENT, RULES_VERSION, Taggable, Tagger, Tagging

__all__ = ["CONFIDENT", "RULES_VERSION", "Taggable", "Tagger", "Tagging"]
