"""Instants as people write them in a campaign file."""

import re
from datetime import datetime, timedelta

from zalo_alert.language import _

_ZONE = re.compile(r"(?:Z|[+-]([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?)$")
_MIDNIGHT = re.compile(r"(?<=[0-9][T ])24(?=:?00(?::?00(?:\.0+)?)?(?:Z|[+-]|$))")  # how ISO 8601 calls the end of a day
_PLAUSIBLE = range(2000, 2101)  # years of an alert; beyond them it is a slip of the pen


def instant_of(text: str) -> datetime:
    """Read an instant of ISO 8601 or RFC 3339, `24:00` and a small `z` included.

    Raises:
        ValueError: It is none, its zone cannot be, or it is none of a plausible year; a sentence that follows the text.
    """
    upper = text.strip().upper()
    zone = _ZONE.search(upper)
    if zone and zone[1] and not (int(zone[1]) <= 14 and int(zone[2]) < 60):
        raise ValueError(_("has a time zone that does not exist, {zone}: write +07:00", zone=zone[0]))
    try:
        instant = datetime.fromisoformat(_MIDNIGHT.sub("00", upper))
    except ValueError as exc:
        raise ValueError(_("is not an instant: write it like 2026-09-18T14:00:00+07:00")) from exc
    if instant.tzinfo is None:
        raise ValueError(_("says no time zone: add +07:00"))
    if instant.year not in _PLAUSIBLE:
        raise ValueError(_("is in the year {year}: is the date right?", year=instant.year))
    return instant + timedelta(days=bool(_MIDNIGHT.search(upper)))
