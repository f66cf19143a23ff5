"""What a list holds that is worth telling: values that were not read, ids that a spreadsheet rounded, which columns meant what.

Counts of parts of a list add up to those of the whole, so that they can be kept with each part.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from zalo_alert.readers.base import OLD_PHONE, SHORT, UNREAD, Remark

__all__ = [
    "BARE_PHONE_ID", "IDS_FROM", "LONG_ID", "LOST_DIGITS", "MEANS_NOTHING", "OLD_PHONE", "ROUNDED_ID", "SHORT", "UNREAD",
    "Counted", "Tally",
]  # fmt: skip

LONG_ID = "long id"  # beyond the 15 digits that a spreadsheet keeps
ROUNDED_ID = "rounded id"  # zeros from the 16th digit on
LOST_DIGITS = "lost digits"  # how many zeros these have there
BARE_PHONE_ID = "bare phone id"  # nine digits as of a mobile number
IDS_FROM = "ids from"  # the example is the column's own name
MEANS_NOTHING = "means nothing"  # so is it here

SURE_DIGITS = 3  # so many zeros come by chance once in a thousand


class Counted(NamedTuple):
    """How many, and one of them."""

    number: int
    example: str


class Tally:
    """Counts by kind and column.

    Args:
        counts: As `dumped` gives them.
    """

    def __init__(self, counts: Iterable[tuple[str, str, int, str]] = ()) -> None:
        self._counts = {(kind, column): Counted(count, example) for kind, column, count, example in counts}

    def add(self, kind: str, column: str, count: int, example: str) -> None:
        """Count some; the first example stays."""
        if count:
            counted = self._counts.get((kind, column), Counted(0, example))
            self._counts[kind, column] = Counted(counted.number + count, counted.example)

    def note(self, remarks: Iterable[Remark]) -> None:
        """Count what is odd about rows."""
        for kind, column, text in remarks:
            self.add(kind, column, 1, text)

    def update(self, other: "Tally") -> None:
        """Add the counts of another part of the list."""
        for (kind, column), (count, example) in other._counts.items():
            self.add(kind, column, count, example)

    def get(self, kind: str, column: str = "") -> Counted:
        """Return how many of a kind there are in a column."""
        return self._counts.get((kind, column), Counted(0, ""))

    def of(self, kind: str) -> Mapping[str, Counted]:
        """Return what there is of a kind, by column."""
        return {column: counted for (own, column), counted in self._counts.items() if own == kind}

    def dumped(self) -> list[tuple[str, str, int, str]]:
        """Return the counts as JSON can hold them."""
        return [(kind, column, *counted) for (kind, column), counted in self._counts.items()]

    def rounded(self) -> Iterator[tuple[str, Counted, int]]:
        """Yield (column, rounded ids, long ids) where most long ids of a column end in zeros behind the 15th digit."""
        for column, rounded in self.of(ROUNDED_ID).items():
            long = self.get(LONG_ID, column).number
            if 2 * rounded.number > long and self.get(LOST_DIGITS, column).number >= SURE_DIGITS:
                yield column, rounded, long

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Tally) and self._counts == other._counts

    def __hash__(self) -> int:
        raise TypeError("a tally changes")
