"""Imported by the fork server before it forks: what every extraction process needs, loaded once and shared by all."""

from transforms.extraction import languages
from transforms.extraction.articles import extract_article

__all__ = ["extract_article"]

languages.detect_language("Le pont a été rouvert mardi matin, après deux semaines de travaux sur la rive.")
