"""How far a ledger is, and whose rows have become readable for good since somebody looked last.

Everyone below the first number never claimed has a row or stands in an open window. So whoever follows a ledger reads the windows
that were closed since the last look, once, and again only those rows that were changed.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from zalo_alert.models import State

Range: TypeAlias = tuple[int, int]  # first number, and the one after the last


class Progress(NamedTuple):
    """How far a ledger is: the first number never claimed, what the others are, and the windows that are open, in order."""

    next_number: int
    untouched: State
    windows: tuple[Range, ...]

    def has_row(self, number: int) -> bool:
        """Whether a person is below the mark and in no open window: they have a row for good."""
        at = bisect_right(self.windows, (number, self.next_number)) - 1
        return number < self.next_number and (at < 0 or number >= self.windows[at][1])

    def people(self) -> int:
        """Count who has a row for good."""
        return self.next_number - sum(end - first for first, end in self.windows)

    def rows_since(self, before: "Progress") -> list[Range]:
        """Return who has a row for good now and had none before, as ranges."""
        gone = sorted(set(before.windows) - set(self.windows))
        fresh = [window for window in self.windows if window[0] >= before.next_number]
        ends = [before.next_number, *chain.from_iterable(fresh), self.next_number]
        between = [(first, end) for first, end in zip(ends[::2], ends[1::2], strict=True) if first < end]
        return _merged([*gone, *between])


def _merged(ranges: Sequence[Range]) -> list[Range]:
    merged: list[Range] = []
    for first, end in ranges:
        if merged and merged[-1][1] == first:
            first = merged.pop()[0]
        merged.append((first, end))
    return merged


NOTHING = Progress(0, State.PENDING, ())
