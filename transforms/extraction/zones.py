"""The clock an outlet writes its times by: the catalogue's zone, else its country's, else its address's."""

import datetime as dt
import functools
import importlib.resources
import zoneinfo

from transforms.urls import host_of

_OPEN_DOMAINS = frozenset({"ai", "cc", "cf", "co", "fm", "ga", "gq", "io", "la", "ly", "me", "tk", "to", "tv", "ws"})
"""Country domains that anyone registers: they tell no country."""


@functools.cache
def _only_zones() -> dict[str, str]:
    """ISO 3166 country to its time zone, for the countries that have one only (the tz database's ``zone.tab``)."""
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    zones: dict[str, set[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones.setdefault(country, set()).add(zone)
    # Germany's second zone is an exclave of one village
    return {country: next(iter(names)) for country, names in zones.items() if len(names) == 1} | {"DE": "Europe/Berlin"}


@functools.lru_cache(maxsize=1024)
def zone_of_outlet(timezone: str | None, country: str | None, url: str) -> dt.tzinfo:
    """The zone of an outlet; UTC where neither the catalogue nor the address tells."""
    if timezone:
        return zoneinfo.ZoneInfo(timezone)
    domain = host_of(url).rpartition(".")[2].lower()
    code = country or ("GB" if domain == "uk" else "" if domain in _OPEN_DOMAINS else domain.upper())
    zone = _only_zones().get(code)
    return zoneinfo.ZoneInfo(zone) if zone else dt.UTC
