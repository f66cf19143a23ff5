"""When something is done, as a value: days and times of day in Vietnam, and the instants that they mean. Reads no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from zalo_alert.foundation.clock import VIETNAM, in_vietnam
from zalo_alert.language import _, _n, count, joined

LAST_DAY = -1  # of a month, however long that is
_HORIZON = timedelta(days=366 * 2)  # nothing recurs more seldom than once a month; a single day may be further off
_KEY = "%Y-%m-%dT%H%M"
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # systemd's, whatever the language
_DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
_WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Timetable:
    """When something is done; exactly one of `weekdays`, `month_days`, `day` and `every_min` says on which days.

    Args:
        text: As a person wrote it, put in order.
        times: Times of day in Vietnam, ascending; none where `every_min` says it all.
        weekdays: From 0, a Monday.
        month_days: From 1 to 28, or `LAST_DAY`.
        day: A single one.
        every_min: Every so many minutes, from midnight on; a divisor of 1,440.
    """

    text: str
    times: tuple[time, ...] = ()
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    day: date | None = None
    every_min: int = 0

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Yield the instants that come later than one, the earliest first; they end, if only in years."""
        local = in_vietnam(instant)
        first = max(local.date(), self.day) if self.day else local.date()
        for number in range(_HORIZON.days):
            day = first + timedelta(days=number)
            if self.day and day > self.day:
                return
            if self._is_on(day):
                yield from (at for at in self._on(day) if at > local)

    def next_after(self, instant: datetime) -> datetime | None:
        """Return the first instant later than one; None where there is none any more."""
        return next(self.after(instant), None)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants later than one, and not later than another, the earliest first."""
        return takewhile(lambda at: at <= until, self.after(after))

    def last_until(self, until: datetime, after: datetime) -> datetime | None:
        """Return the last instant not later than one, and later than another; None where there is none."""
        local = in_vietnam(until)
        for number in range((local.date() - in_vietnam(after).date()).days + 1):
            day = local.date() - timedelta(days=number)
            if self._is_on(day) and (at := max((at for at in self._on(day) if after < at <= local), default=None)):
                return at
        return None

    def _is_on(self, day: date) -> bool:
        if self.day:
            return day == self.day
        if self.month_days:
            is_last = (day + timedelta(days=1)).day == 1
            return day.day in self.month_days or (is_last and LAST_DAY in self.month_days)
        return not self.weekdays or day.weekday() in self.weekdays

    def _on(self, day: date) -> list[datetime]:
        if self.every_min:
            midnight = datetime.combine(day, time(), VIETNAM)
            return [midnight + timedelta(minutes=minute) for minute in range(0, 1440, self.every_min)]
        return [datetime.combine(day, at, VIETNAM) for at in self.times]

    @property
    def is_single(self) -> bool:
        """Whether it means one instant, and no other ever."""
        return self.day is not None and len(self.times) == 1

    @property
    def in_words(self) -> str:
        """Say it as a person would."""
        if self.every_min:
            return _n("every {count} minute", "every {count} minutes", self.every_min, count=count(self.every_min))
        times = joined((f"{at:%H:%M}" for at in self.times), ", ")
        if self.day:
            return _("on {day} at {times}", day=f"{self.day.day}/{self.day.month}/{self.day.year}", times=times)
        if self.month_days:
            return _(
                "every month on {days} at {times}",
                days=joined(map(_month_day, sorted(self.month_days, key=lambda day: day % 32)), ", "),
                times=times,
            )
        if self.weekdays in (frozenset(), _WEEK):
            return _("every day at {times}", times=times)
        return _("every {days} at {times}", days=joined((_DAYS[day] for day in sorted(self.weekdays)), ", "), times=times)


def _month_day(day: int) -> str:
    return _("the last day") if day == LAST_DAY else _("day {day}", day=day)


def key_of(planned: datetime) -> str:
    """Name an occurrence by the instant that was planned: whoever fires for it, and however late, means the same."""
    return in_vietnam(planned).strftime(_KEY)


def planned_of(key: str) -> datetime | None:
    """Return the instant that a key of `key_of` names; None where it is another."""
    try:
        planned = datetime.strptime(key, _KEY).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
    return planned if key_of(planned) == key else None


def calendar_lines(timetable: Timetable) -> list[str]:
    """Write a timetable as systemd's OnCalendar, in Vietnam's time whatever the machine's zone."""
    if timetable.every_min:
        return [_every(timetable.every_min)]
    return [f"{day} {at:%H:%M}:00 Asia/Ho_Chi_Minh" for day in _calendar_days(timetable) for at in timetable.times]


def _every(minutes: int) -> str:
    return f"*:0/{minutes}:00" if minutes < 60 else f"00/{minutes // 60}:00:00 Asia/Ho_Chi_Minh"


def _calendar_days(timetable: Timetable) -> Iterator[str]:
    if timetable.day:
        yield timetable.day.isoformat()
    elif timetable.month_days:
        if numbers := sorted(timetable.month_days - {LAST_DAY}):
            yield f"*-*-{','.join(f'{day:02}' for day in numbers)}"
        if LAST_DAY in timetable.month_days:
            yield "*-*~01"
    elif timetable.weekdays == _WEEK:
        yield "*-*-*"
    else:
        yield f"{','.join(_NAMES[day] for day in sorted(timetable.weekdays))} *-*-*"


LOOK_EVERY_MIN = 5


def cron_minutes(timetable: Timetable) -> str:
    """Return the minutes at which cron starts something that looks whether it is due: those planned, and every five from there.

    Zones differ from Vietnam's by whole quarters of an hour, so the minutes hold in any of them, and when clocks change: that is
    why cron is told no hour. Looking again brings back what a machine that was off has missed, and goes on with what was cut off.
    """
    if timetable.every_min:
        return "*" if timetable.every_min == 1 else f"*/{timetable.every_min}" if timetable.every_min < 60 else "0"
    first = sorted({at.minute % LOOK_EVERY_MIN for at in timetable.times})
    return ",".join(f"{minute}-59/{LOOK_EVERY_MIN}" for minute in first)
