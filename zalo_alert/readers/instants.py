"""Days and times as offices write them. What says no zone is Vietnam's; what lies in no sane year is nothing.

The day stands before the month. Knows no list.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from zalo_alert.foundation.clock import VIETNAM

FIRST = datetime(2000, 1, 1, tzinfo=VIETNAM)  # Zalo began in 2012; further away is another calendar, unit or column
END = datetime(2100, 1, 1, tzinfo=VIETNAM)

_SERIAL_DAY_0 = datetime(1899, 12, 30, tzinfo=VIETNAM)  # of Excel's numbers, from March 1900 on
_UNITS = (1, 1_000, 1_000_000)  # of a second
_FLAGS = re.ASCII | re.IGNORECASE
_OFFSET = r"[+-][0-9]{1,2}(?::?[0-5][0-9])?"
_USUAL = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_ISO = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}(?:-?[0-9])?)"
    r"(?:[T ](?P<hour>[0-9]{2})(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]+)?)?)?"
    r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-5][0-9])?))?)?",
    _FLAGS,
)
_NUMBER = re.compile(r"[0-9]{5,20}(?:\.[0-9]+)?", re.ASCII)
_DAY = re.compile(r"(?<![0-9])([0-9]{1,4})([/.\-])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})(?![0-9])", re.ASCII)
_DAY_IN_WORDS = re.compile(r"([0-9]{1,2}) tháng ([0-9]{1,2})(?:,| năm)? ([0-9]{4})", _FLAGS)
_FILLERS = re.compile(r"\b(?:ngày|lúc|vào|at)\b|[,;()]", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:(?::| ?h| ?giờ) ?(?P<minute>[0-9]{2})?)(?: ?phút)?(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    rf"(?: ?(?P<half>AM|PM|SA|CH))?(?: ?(?P<zone>Z|(?:UTC|GMT)?{_OFFSET}|UTC|GMT))?",
    _FLAGS,
)
_MAIL = re.compile(r"(?:[a-z]{3}, )?[0-9]{1,2}[ -][a-z]{3}[ -][0-9]{2,4} .*", _FLAGS)
_MONTH_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])([/.\-])(?:1[3-9]|2[0-9]|3[01])\1[0-9]{2,4}\b.*", re.ASCII)


def instant_of(text: str) -> datetime | None:
    """Return an instant with its zone; None for anything else, or a year that makes no sense."""
    if not text:
        return None
    try:
        if usual := _USUAL.fullmatch(text):  # said without looking at the rest: a list may hold millions
            day, month, year, hour, minute, second = (int(part or 0) for part in usual.groups())
            return sane(datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM))
        return sane(_read(" ".join(text.split() if text.isascii() else unicodedata.normalize("NFKC", text).split())))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def sane(instant: datetime | None) -> datetime | None:
    """Return an instant with a zone, if it lies in a sane year."""
    if instant is None:
        return None
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)
    return zoned if FIRST <= zoned < END else None


def is_month_first(text: str) -> bool:
    """Whether a text is a day as Americans write it, so that its neighbours may have been read the wrong way round."""
    return bool(_MONTH_FIRST.fullmatch(text.strip()))


def _read(text: str) -> datetime | None:
    if iso := _ISO.fullmatch(text):
        return _iso(text, iso["hour"], iso["zone"] or "")
    if _NUMBER.fullmatch(text):
        return _number(text)
    if _MAIL.fullmatch(text):  # RFC 2822, whose -0000 is an hour of UTC
        return parsedate_to_datetime(text.removesuffix("-0000") + ("+0000" if text.endswith("-0000") else ""))
    return _local(text)


def _iso(text: str, hour: str | None, zone: str) -> datetime:
    plain = text.removesuffix(zone).rstrip() + ("+00:00" if zone.upper() in ("Z", "UTC", "GMT") else zone)
    plain = plain.upper()
    if hour == "24" and re.search(r"[T ]24(?::?00){0,2}(?![0-9:])", plain):
        return datetime.fromisoformat(re.sub(r"([T ])24", r"\g<1>00", plain, count=1)) + timedelta(days=1)
    return datetime.fromisoformat(plain)


def _number(text: str) -> datetime | None:
    """Read digits: 20261126140533, a spreadsheet's day, or an epoch in seconds or smaller units."""
    if len(text) in (12, 14) and text.startswith("20") and text.isdigit():
        return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)
    number = float(text)
    day = _SERIAL_DAY_0 + timedelta(seconds=round(number * 86_400)) if number < 10**6 else None
    if day:
        return day
    epochs = (number / unit for unit in _UNITS)
    return next((datetime.fromtimestamp(s, UTC) for s in epochs if FIRST.timestamp() <= s < END.timestamp()), None)


def _local(text: str) -> datetime | None:
    """Read a day with or without a time, before or behind it."""
    plain = _DAY_IN_WORDS.sub(r"\1/\2/\3", text)
    if not (day := _DAY.search(plain)):
        return None
    clock = " ".join(_FILLERS.sub(" ", f"{plain[: day.start()]} {plain[day.end() :]}").split()).strip("- ")
    first, month, last = day[1], int(day[3]), day[4]
    year, number = (int(first), int(last)) if len(first) == 4 else (_year(last), int(first))
    if not clock:
        return datetime(year, month, number, tzinfo=VIETNAM)
    time = _CLOCK.fullmatch(clock.removeprefix("T"))
    return _with_clock(datetime(year, month, number), time) if time else None  # noqa: DTZ001  its zone comes with the time


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) if len(text) == 2 else 0


def _with_clock(day: datetime, time: re.Match[str]) -> datetime:
    hour, half = int(time["hour"]), (time["half"] or "").upper()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    zone = (time["zone"] or "").upper()
    return day.replace(hour=hour, minute=int(time["minute"] or 0), second=int(time["second"] or 0), tzinfo=_zone(zone))


def _zone(text: str) -> timezone:
    if not text:
        return VIETNAM
    if not (offset := re.search(_OFFSET, text)):
        return UTC
    digits = offset[0][1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    return timezone((-1 if offset[0][0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
