"""Opening hours of an office: by weekday, and closed on the days that a file of holidays names. Vietnam's time throughout.

Reads no clock: what is asked about is an instant. Knows no holiday of its own: the lunar new year moves, and stands in the file.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from zalo_alert.foundation.clock import VIETNAM, in_vietnam
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAYS = "holidays"  # the key beside the days that names the file
MOST_AHEAD_DAYS = 366  # an office that does not open within a year is closed for good
MOST_HOLIDAYS = 1000
_SPAN = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")
_VIETNAMESE = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_END_OF_DAY = 24 * 60


class Opening(NamedTuple):
    """From when to when an office is open on a day, in minutes since midnight; it is closed again at the end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office is open.

    Args:
        week: What each day has, from Monday; disjoint, in order.
        holidays: Days on which it is closed, with their names.
    """

    week: tuple[tuple[Opening, ...], ...]
    holidays: Mapping[date, str] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an instant, which has a zone."""
        local = in_vietnam(at)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self._day(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on at which it is open: `at` itself while it is; None if not within a year."""
        if self.is_open(at):
            return in_vietnam(at)
        return next((opens for opens in self._openings(in_vietnam(at)) if opens >= at), None)

    def _day(self, day: date) -> tuple[Opening, ...]:
        return () if day in self.holidays else self.week[day.weekday()]

    def _openings(self, after: datetime) -> Iterator[datetime]:
        for ahead in range(min(MOST_AHEAD_DAYS, (date.max - after.date()).days) + 1):
            day = after.date() + timedelta(days=ahead)
            for opening in self._day(day):
                if opening.start < _END_OF_DAY:
                    yield datetime.combine(day, time(*divmod(opening.start, 60)), VIETNAM)

    def words(self) -> str:
        """Say the week's hours as citizens read them, in Vietnamese: `thứ Hai - thứ Sáu 07:30-11:30, 13:30-17:00; thứ Bảy …`."""
        parts = [f"{_days_words(first, last)} {_openings_words(self.week[first])}" for first, last in self._alike()]
        return "; ".join(parts)

    def _alike(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last of days in a row that have the same hours; those without any are left out."""
        first = 0
        for day in range(1, len(DAYS) + 1):
            if day == len(DAYS) or self.week[day] != self.week[first]:
                if self.week[first]:
                    yield first, day - 1
                first = day


def opening_words(opens: datetime, now: datetime) -> str:
    """Say when an office opens as citizens read it, in Vietnamese: `07:30 hôm nay`, `07:30 thứ Hai, 30/11/2026`.

    Args:
        opens: When, with a zone.
        now: When that is read.
    """
    local, today = in_vietnam(opens), in_vietnam(now).date()
    ahead = (local.date() - today).days
    near = {0: "hôm nay", 1: "ngày mai"}.get(ahead)
    day = near or f"{_VIETNAMESE[local.weekday()]}, {local.day}/{local.month}/{local.year}"
    return f"{local:%H:%M} {day}"


def _days_words(first: int, last: int) -> str:
    return _VIETNAMESE[first] if first == last else f"{_VIETNAMESE[first]} - {_VIETNAMESE[last]}"


def _openings_words(openings: tuple[Opening, ...]) -> str:
    return ", ".join(f"{_clock_words(start)}-{_clock_words(end)}" for start, end in openings)


def _clock_words(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Fault(NamedTuple):
    """What is wrong with one key of the hours."""

    key: str
    message: str


def read_week(written: Mapping[str, str]) -> tuple[tuple[tuple[Opening, ...], ...], list[Fault]]:
    """Read the hours of each day: `{"mon-fri": "07:30-11:30 13:30-17:00", "sat": "07:30-11:30"}`.

    Args:
        written: By days; `HOLIDAYS` is passed over.

    Returns:
        What each day from Monday has, and every fault.
    """
    week: dict[int, tuple[Opening, ...]] = {}
    faults: list[Fault] = []
    for key, text in written.items():
        if key == HOLIDAYS:
            continue
        days, openings = read_days(key), read_openings(text)
        if isinstance(days, str) or isinstance(openings, str):
            faults += [Fault(key, fault) for fault in (days, openings) if isinstance(fault, str)]
            continue
        faults += [Fault(key, _("{day} has hours already", day=DAYS[day])) for day in days if day in week]
        week.update(dict.fromkeys(days, openings))
    return tuple(week.get(day, ()) for day in range(len(DAYS))), faults


def read_days(key: str) -> range | str:
    """Read `sat` or `mon-fri` as numbers of days from Monday; a text says what is wrong with it."""
    first, dash, last = key.partition("-")
    wrong = [day for day in ((first, last) if dash else (first,)) if day not in DAYS]
    if wrong:
        names = joined((_("{day} is no day: {days}", day=wrong[0] or "-", days=", ".join(DAYS)), suggestion(wrong[0], DAYS)), "")
        return names
    start, end = DAYS.index(first), DAYS.index(last if dash else first)
    if end < start:
        return _("{last} comes before {first}: a week begins with mon", first=first, last=last)
    return range(start, end + 1)


def read_openings(text: str) -> tuple[Opening, ...] | str:
    """Read `07:30-11:30 13:30-17:00`; a text says what is wrong with it."""
    openings: list[Opening] = []
    for part in text.split():
        if (found := _SPAN.fullmatch(part)) is None:
            return _("{part} is no span of hours: write 07:30-11:30", part=part)
        numbers = list(map(int, found.groups()))
        opening = Opening(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])
        if not opening.start < opening.end <= _END_OF_DAY:
            return _("{part} ends before it begins, or after 24:00", part=part)
        if openings and opening.start < openings[-1].end:
            return _("{part} begins before the span in front of it ends", part=part)
        openings.append(opening)
    return tuple(openings) if openings else _("is empty: write 07:30-11:30, or remove the day")


def read_holidays(text: str) -> tuple[dict[date, str], list[tuple[int, str]]]:
    """Read a file of holidays: CSV with the columns `date` (2027-02-05) and `name`.

    Returns:
        The days with their names, and every fault with its line.
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    days: dict[date, str] = {}
    faults: list[tuple[int, str]] = []
    try:
        if [cell.strip() for cell in next(rows, [])] != ["date", "name"]:
            return {}, [(1, _("its first line should be: date,name"))]
        for row in filter(None, rows):
            if fault := _keep_holiday(row, days):
                faults.append((rows.line_num, fault))
            if len(days) + len(faults) > MOST_HOLIDAYS:
                return {}, [(rows.line_num, _("has more than {most} lines: is this the right file?", most=MOST_HOLIDAYS))]
    except csv.Error as exc:
        faults.append((rows.line_num, _("can't be read as CSV: {why}", why=exc)))
    return days, faults


def _keep_holiday(row: list[str], days: dict[date, str]) -> str:
    """Put one line's day to the others; return what is wrong with it, or ""."""
    if len(row) != 2:
        return _("should have two values: a date and a name")
    try:
        day = date.fromisoformat(row[0].strip())
    except ValueError:
        return _('"{typed}" is no date: write it as 2027-02-05', typed=row[0].strip()[:40])
    if day in days:
        return _("{day} stands twice", day=day.isoformat())
    days[day] = row[1].strip()
    return ""
