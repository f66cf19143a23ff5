"""When something is due that has so many working days: Mondays to Fridays but holidays. Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam

_SATURDAY = 5


def due_after(at: datetime, days: int, holidays: Collection[date] = ()) -> datetime:
    """Return the end of the last of so many working days after the day of an instant, in Vietnam's time."""
    day = in_vietnam(at)
    while days:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day.date() not in holidays:
            days -= 1
    return day.replace(hour=23, minute=59, second=59, microsecond=0)
