"""By what a ledger is known again: that it is the one of an earlier look, and has only gone on since.

A run's folder may be restored from a backup, also into the same file, and the run go on from there: its numbers are as large then
as they were, and mean other people. So a look writes down what the last changes were, and what stood in the rows of some people,
the latest among them: who was written to once more has another second and another message id. Reads the tables of `sqlite`.
"""

from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.progress import NOTHING, Progress

WITNESSES = 32  # of each kind: the last changes, the last people with a row, and some in between
CHANGED = "SELECT seq, number, place, state, route, code, reason, minute FROM changed WHERE seq > ? ORDER BY seq"
_LAST_CHANGES = """
SELECT seq, number, place, state, route, code, reason, minute FROM changed WHERE seq > ? AND seq <= ? ORDER BY seq"""
_PERSON = "SELECT number, state, route, attempts, code, reason, unclear, at_s, message_id FROM outcome WHERE number = ?"

Row: TypeAlias = tuple[Any, ...]


class Witness(NamedTuple):
    """What a ledger was like.

    Args:
        file: Device and inode.
        audience: How many people it has.
        seq: Of the last change that was made to a row.
        changes: The last ones up to that, as they are written down.
        rows: Of some people.
    """

    file: tuple[int, int]
    audience: int
    seq: int
    changes: tuple[Row, ...]
    rows: tuple[Row, ...]


def witness_of(database: Database, audience: int, seq: int, progress: Progress) -> Witness:
    """Write down what a ledger is like; to be asked in the snapshot in which it is so far, and `seq` its last change."""
    changes = _last_changes(database, seq)
    some = range(0, progress.next_number, max(1, progress.next_number // WITNESSES))
    ranges = progress.rows_since(NOTHING)[-WITNESSES:]
    last = list(chain.from_iterable(range(first, end)[-WITNESSES:] for first, end in ranges))[-WITNESSES:]
    numbers = sorted({*(change[1] for change in changes), *some, *last})
    people = (database.rows(_PERSON, (number,)) for number in numbers if progress.has_row(number))
    return Witness(_file_of(database), audience, seq, changes, tuple(chain.from_iterable(people)))


def is_witnessed(database: Database, audience: int, witness: Witness, then: Progress) -> bool:
    """Whether a ledger is beyond doubt the one that was so far then; to be asked in a snapshot."""
    if (witness.file, witness.audience) != (_file_of(database), audience):
        return False
    next_number, latest = database.rows("SELECT next_number FROM progress")[0][0], last_change(database)
    if next_number < then.next_number or latest < witness.seq or _last_changes(database, witness.seq) != witness.changes:
        return False
    changed = {number for _, number, *_ in database.rows(CHANGED, (witness.seq,))} if latest > witness.seq else set()
    same = [row for row in witness.rows if row[0] not in changed]
    return 2 * len(same) > len(witness.rows) and all(database.rows(_PERSON, row[:1]) == [row] for row in same)


def last_change(database: Database) -> int:
    """Return the number of the last change that was made to a row; 0 for none."""
    if not database.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'changed'"):
        return 0  # nothing was, or by a version that did not write it down
    seq: int = database.rows("SELECT coalesce(MAX(seq), 0) FROM changed")[0][0]
    return seq


def _last_changes(database: Database, seq: int) -> tuple[Row, ...]:
    return tuple(database.rows(_LAST_CHANGES, (seq - WITNESSES, seq))) if seq else ()


def _file_of(database: Database) -> tuple[int, int]:
    status = database.path.stat()
    return status.st_dev, status.st_ino
