"""Days and hours as a calendar file has them: within one month, in Vietnam's time."""

import calendar as days_of_months
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _

USUAL = time(7, 30)  # of a day that is named without an hour: people are awake, and a broadcast may go out
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXAMPLE = "2026-12-05 07:30"
_AT = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]+([0-9]{1,2}):([0-9]{2}))?")
_AS_PEOPLE_DO = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?:[T ,]+([0-9]{1,2}) ?[:hg] ?([0-9]{2})?)?")
_WEEKLY = re.compile(r"([a-z]+)(?: +([0-9]{1,2}):([0-9]{2}))?")


def moment_of(text: str) -> datetime:
    """Read a day with or without an hour.

    Raises:
        ValueError: There is no such day or hour, or it is written otherwise; a sentence that follows the text.
    """
    if not (found := _AT.fullmatch(text.strip())):
        raise ValueError(_("should be a day and an hour, like {example}", example=_meant(text) or _EXAMPLE))
    year, month, day = map(int, found.groups()[:3])
    if not (2000 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= days_of_months.monthrange(year, month)[1]):
        raise ValueError(_("{day} does not exist", day=f"{day:02}/{month:02}/{year}"))
    return datetime.combine(datetime(year, month, day, tzinfo=VIETNAM), _hour(found[4], found[5]), VIETNAM)


def weekly_in(month: str, text: str) -> list[datetime]:
    """Return every time of a month that a day of the week and an hour mean, such as `mon 07:30`.

    Raises:
        ValueError: It is written otherwise; a sentence that follows the text.
    """
    found = _WEEKLY.fullmatch(text.strip().lower())
    if not found or found[1][:3] not in WEEKDAYS:
        raise ValueError(
            _("should be a day of the week ({days}) and an hour, like {example}", days=", ".join(WEEKDAYS), example="mon 07:30")
        )
    weekday, hour = WEEKDAYS.index(found[1][:3]), _hour(found[2], found[3])
    return [datetime.combine(day, hour, VIETNAM) for day in _days(month) if day.weekday() == weekday]


def bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first instant of a month, and the first after it."""
    days = list(_days(month))
    return days[0], days[-1] + timedelta(days=1)


def _days(month: str) -> Iterator[datetime]:
    year, number = map(int, month.split("-"))
    return (datetime(year, number, 1 + n, tzinfo=VIETNAM) for n in range(days_of_months.monthrange(year, number)[1]))


def _hour(hour: str | None, minute: str | None) -> time:
    if hour is None:
        return USUAL
    if int(hour) > 23 or int(minute or 0) > 59:
        raise ValueError(_("{hour} is no hour of a day", hour=f"{hour}:{minute}"))
    return time(int(hour), int(minute or 0))


def _meant(text: str) -> str:
    """Return how a day that is written the Vietnamese way should stand; "" where none is."""
    if not (found := _AS_PEOPLE_DO.fullmatch(text.strip())):
        return ""
    day, month, year, hour, minute = found.groups()
    return f"{year}-{int(month):02}-{int(day):02}" + (f" {int(hour):02}:{int(minute or 0):02}" if hour else "")
