"""From the bytes of a page to what a reader would call the article: body, title, date, language, wire credit.

Everything here is plain functions on bytes, text and lxml trees; ``transforms.extract_articles`` composes them.
"""
