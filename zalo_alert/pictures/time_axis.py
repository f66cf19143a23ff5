"""A stretch of time along the width of a picture: where an instant stands, and which hours are written below it.

Owns the choice of hours. Times are seconds since 1970, written in Vietnam's zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import isfinite
from typing import NamedTuple

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language
from zalo_alert.pictures.drawing import fitted, plain, width_of
from zalo_alert.pictures.marks import Mark, kind_of

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(_MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * number for number in (1, 2, 3, 6, 12)),
    *(_DAY * number for number in (1, 2, 7, 14, 28, 91, 365, 3650)),
)
_ZONE_S = 7 * _HOUR
_END_S = 200_000_000_000  # the year 8307: nothing later is an instant
_LEAST_S = 600  # a shorter stretch is drawn this long, so that one minute is a bar and not the whole width
_MOST_ROWS = 6  # of names: those of more marks are left to their tooltips


class Tick(NamedTuple):
    """A line across the picture; `day` is written below the hour where a day begins."""

    x: float
    hour: str
    day: str


class TimeAxis(NamedTuple):
    """From one instant to a later one, and where they stand in the picture."""

    begins_s: float
    ends_s: float
    left: float
    right: float

    def at(self, instant_s: float) -> float:
        """Return where an instant stands; one outside stands at the nearer end."""
        share = (instant_s - self.begins_s) / (self.ends_s - self.begins_s)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def shows(self, instant_s: float) -> bool:
        """Whether an instant lies on it."""
        return self.begins_s <= instant_s <= self.ends_s

    def ticks(self, apart: float) -> list[Tick]:
        """Return round hours, at least so far apart; the first and each that begins a day with its date."""
        least_s = apart * (self.ends_s - self.begins_s) / (self.right - self.left)
        step = next((step for step in _STEPS if step >= least_s), _STEPS[-1] * max(1, round(least_s / _STEPS[-1])))
        return list(self._ticks(step))

    def _ticks(self, step: int) -> Iterator[Tick]:
        day = ""
        first = -int(-(self.begins_s + _ZONE_S) // step) * step - _ZONE_S
        for instant_s in range(first, int(self.ends_s) + 1, step):
            when = datetime.fromtimestamp(instant_s, VIETNAM)
            own = f"{when.day}/{when.month}" if step < 300 * _DAY else f"{when.year}"
            yield Tick(self.at(instant_s), f"{when:%H:%M}" if step < _DAY else "", own if own != day else "")
            day = own


def is_instant(at_s: float) -> bool:
    """Whether a number is an instant that a calendar can tell."""
    return isfinite(at_s) and 0 <= at_s < _END_S


def axis_over(instants: Iterable[float], left: float, right: float) -> TimeAxis | None:
    """Return the axis from the first instant to the last, with room to either side; None where there is none."""
    known = [instant for instant in instants if is_instant(instant)]
    if not known:
        return None
    begins, ends = min(known), max(known)
    room = max((_LEAST_S - (ends - begins)) / 2, (ends - begins) * 0.02)
    return TimeAxis(begins - room, ends + room, left, right)


class Flag(NamedTuple):
    """A mark as it is drawn.

    Args:
        label: Its name as far as there is room for it; "" where there is none.
        title: The whole name.
        row: In which the name stands, from 0; neighbours stand in rows of their own.
        anchor: Which side of the name stands at `x`: "start" or "end".
        beyond: Whether it lies after the end of the axis, where it is only named.
    """

    x: float
    label: str
    title: str
    kind: str
    row: int
    anchor: str
    beyond: bool


def flags(marks: Iterable[Mark], axis: TimeAxis | None, size: float, language: Language) -> list[Flag]:
    """Lay out marks so that no name covers another.

    Args:
        marks: In any order; what is no instant is left out.
        axis: Along which; none of them without.
        size: Of the letters.
        language: In which names are said.
    """
    if axis is None:
        return []
    rows = [float("-inf")] * _MOST_ROWS  # where the last name in each ends
    laid = []
    for mark in sorted((mark for mark in marks if is_instant(mark.at_s)), key=lambda mark: mark.at_s):
        title, x, beyond = plain(mark.label, language), axis.at(mark.at_s), mark.at_s > axis.ends_s
        anchor, label = _side(title, x, axis, size, beyond)
        width = width_of(label, size) + size * (2 if beyond else 1)
        begins = x if anchor == "start" else x - width
        row = next((row for row, end in enumerate(rows) if end <= begins), _MOST_ROWS)
        if row < _MOST_ROWS:
            rows[row] = max(begins + width, x)
        laid.append(Flag(x, label if row < _MOST_ROWS else "", title, kind_of(mark), min(row, _MOST_ROWS - 1), anchor, beyond))
    return laid


def _side(title: str, x: float, axis: TimeAxis, size: float, beyond: bool) -> tuple[str, str]:
    """Choose the side of a line on which its name has room, and return it with what of the name has."""
    after, before = axis.right - x, x - axis.left - (size if beyond else 0)
    anchor = "start" if after >= min(before, width_of(title, size)) else "end"
    return anchor, fitted(title, max(after if anchor == "start" else before, 4 * size), size)


def rows_of(laid: Sequence[Flag]) -> int:
    """Return how many rows the names take."""
    return max((flag.row for flag in laid), default=-1) + 1


def instant(at_s: float) -> datetime:
    """Return an instant in Vietnam's zone."""
    return datetime.fromtimestamp(at_s, VIETNAM)
