"""The event tagger: from the text of an article to events, by rules, lexicons and the weights of words, without Beam.

``tagger.Tagger.load().tag(Taggable(...))`` reads French, English, Arabic and Hausa. What it knows lies in ``data/``.
Nothing is imported here, so that a caller of one module does not load them all.
"""
