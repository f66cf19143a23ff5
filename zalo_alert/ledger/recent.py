"""Who of a run may have been written to lately: a digit a person, so that millions are read without an object for each.

Whoever was accepted, is unknown or claimed may have got the message. Reads the tables of `sqlite`; writes nothing.
"""

from collections.abc import Sequence
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.base import MAYBE_EXECUTED
from zalo_alert.models import State

NOBODY = "0"  # the mark of whoever was not written to, or too long ago
_STATES = ", ".join(f"'{state}'" for state in sorted(MAYBE_EXECUTED))


class RecentReach:
    """The marks of one ledger: for each person, how many of some instants their last attempt does not come before.

    Args:
        path: Of the database.
        since_s: The instants, the earliest first; fewer than ten.
        written_s: When the ledger was last written to: whoever is claimed and has no row was claimed no later.

    Raises:
        StorageUnusable: There is no ledger, or it is damaged.
    """

    def __init__(self, path: Path, since_s: Sequence[int], written_s: float) -> None:
        self._db = Database(path)
        self._claimed_mark = str(sum(written_s >= at_s for at_s in since_s))
        self.next_number = sum(number for (number,) in self._db.rows("SELECT next_number FROM progress"))
        marks = " ".join(f"WHEN at_s >= {int(at_s)} THEN '{mark}'" for mark, at_s in reversed([*enumerate(since_s, 1)]))
        # The first branch is nearly everyone's, and costs least: a third of the time.
        quick = f"WHEN state = '{State.ACCEPTED}' AND at_s >= {int(since_s[-1])} THEN '{len(since_s)}'"
        self._mark = f"CASE {quick} WHEN state NOT IN ({_STATES}) THEN '{NOBODY}' {marks} ELSE '{NOBODY}' END"

    def marks(self, first: int, end: int) -> str:
        """Return the marks of the people `first` … `end - 1`, in order."""
        claimed_end = max(first, min(end, self.next_number))
        # SQLite glues the marks together: one object for a whole group, and two threads do it side by side.
        glued = f"SELECT count(*), coalesce(group_concat(mark, ''), '') FROM ({self._query()})"
        rows, marks = self._db.rows(glued, (first, claimed_end))[0]
        if rows < claimed_end - first:
            marks = self._marks_with_gaps(first, claimed_end)
        return str(marks).ljust(end - first, NOBODY)

    def _marks_with_gaps(self, first: int, end: int) -> str:
        """Mark also who was claimed for the first time and has no row yet."""
        known: dict[int, str] = dict(self._db.rows(self._query(), (first, end)))
        return "".join(known.get(number, self._claimed_mark) for number in range(first, end))

    def _query(self) -> str:
        return f"SELECT number, {self._mark} AS mark FROM outcome WHERE number >= ? AND number < ? ORDER BY number"

    def close(self) -> None:
        """Close the file."""
        self._db.close()
