"""The progress line's figures; they are those of ``transforms.counts``, under the names that the line shows."""

from transforms import counts as counted


def advance(name: str, by: int = 1) -> None:
    """Count ``by`` more articles (the only figure that is still counted through here)."""
    counted.count("extract", {"articles": "articles"}[name], by)


def counts() -> dict[str, int]:
    """What has been counted since the last reset."""
    return counted.shown()


def reset() -> None:
    """Start over."""
    counted.reset()
