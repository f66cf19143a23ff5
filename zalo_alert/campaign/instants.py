"""Instants as people write them in a campaign file."""

import re
from datetime import datetime, timedelta

from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.foundation.shape_errors import shown
from zalo_alert.language import _

_ZONE = re.compile(r"(?:Z|[+-]([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?)$")
_MIDNIGHT = re.compile(r"(?<=[0-9][T ])24(?=:?00(?::?00(?:\.0+)?)?(?:Z|[+-]|$))")  # how ISO 8601 calls the end of a day
_PLAUSIBLE = range(2000, 2101)  # years of an alert; beyond them it is a slip of the pen
_KNOWN_ZONES = (timedelta(hours=7), timedelta(0))  # Vietnam's, and what programs write; any other is a slip, such as -07:00
_EXAMPLE = "2026-09-18T14:00:00+07:00"
_LONGEST = 60  # characters of a day and a time in words
_DAY = re.compile(r"\b([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\b")  # as Vietnam writes it, its time before or behind it
_TIME = re.compile(r"\b([0-9]{1,2}) ?(?:[:hg]|giờ) ?([0-9]{2})?\b", re.IGNORECASE)


def instant_of(text: str) -> datetime:
    """Read an instant of ISO 8601 or RFC 3339, `24:00` and a small `z` included.

    Raises:
        ValueError: It is none, its zone cannot be, or it is none of a plausible year; a sentence that follows the text.
    """
    upper = text.strip().upper()
    zone = None if _DAY.search(text) else _ZONE.search(upper)  # of 27-11-2026, the year is no zone
    if zone and zone[1] and not (int(zone[1]) <= 14 and int(zone[2]) < 60):
        raise ValueError(_("has a time zone that does not exist, {zone}: write +07:00", zone=zone[0]))
    try:
        instant = datetime.fromisoformat(_MIDNIGHT.sub("00", upper))
    except ValueError as exc:
        raise ValueError(_("is not an instant: write it like {example}", example=_meant(text) or _EXAMPLE)) from exc
    if instant.tzinfo is None:
        raise ValueError(_("says no time zone: add +07:00"))
    if instant.year not in _PLAUSIBLE:
        raise ValueError(_("is in the year {year}: is the date right?", year=instant.year))
    return instant + timedelta(days=bool(_MIDNIGHT.search(upper)))


def zone_fault(instant: datetime, typed: str) -> str:
    """Say why the zone of an instant looks like a slip; "" when it does not."""
    if instant.utcoffset() in _KNOWN_ZONES:
        return ""
    return _("{typed} is {instant} in Vietnam: write it with +07:00", typed=shown(typed), instant=words(instant))


def written_as_words(text: str) -> str:
    """Return an instant as a file has it, of a text that is nothing but a day and a time as Vietnam writes them; else ""."""
    rest = _TIME.sub("", _DAY.sub("", text, count=1), count=1)
    return _meant(text) if len(text) <= _LONGEST and not re.sub(r"[\s,.;-]|ngày|lúc", "", rest, flags=re.IGNORECASE) else ""


def _meant(text: str) -> str:
    """Return what must have been meant by a day and time written the Vietnamese way; "" where that is not clear."""
    day, time = _DAY.search(text), _TIME.search(_DAY.sub(" ", text))
    if not (day and time):
        return ""
    try:
        return datetime(int(day[3]), int(day[2]), int(day[1]), int(time[1]), int(time[2] or 0), tzinfo=VIETNAM).isoformat()
    except ValueError:
        return ""
