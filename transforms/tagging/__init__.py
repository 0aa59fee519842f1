"""The event tagger: plain functions and data; ``tagger.Tagger`` is what a caller needs."""
