"""What a ledger in SQLite tells whoever follows it from another process, and the one thing that such a process may write."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.base import ALL_CHANGED, PROOFS, Entry, Messages
from zalo_alert.ledger.progress import Progress
from zalo_alert.models import Reason, State

COLUMNS = "number, state, place, route, attempts, code, reason, unclear, at_s, due_at_s, message_id"

# What rows were before somebody was asked again, doubted, given up on or recovered, so that whoever counts along need not read
# all of them again; see `counting`. Only the latest are kept.
CHANGED = """
CREATE TABLE IF NOT EXISTS changed (
    seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, place INTEGER, state TEXT, route INTEGER, code INTEGER, reason TEXT,
    minute INTEGER)"""
NOTE_CHANGE = """
INSERT INTO changed (number, place, state, route, code, reason, minute)
SELECT number, place, state, route, code, reason, at_s / 60 FROM outcome"""

CLAIM_TIME = "CREATE TABLE IF NOT EXISTS claim_time (first INTEGER PRIMARY KEY, at_s INTEGER NOT NULL)"

_RANGE = "number >= ? AND number < ?"
_NAMED = "number IN (SELECT value FROM json_each(?))"
_KNOWN = "SELECT number, place, message_id FROM outcome WHERE {whose} AND state = 'accepted' AND message_id <> '' ORDER BY number"
_OTHERS = f"""
SELECT {COLUMNS} FROM outcome WHERE {{whose}} AND (state IN ('unknown', 'claimed') OR unclear > 0
    OR (state = 'accepted' AND message_id = '') OR reason IN ({", ".join(repr(reason.value) for reason in sorted(PROOFS))}))
ORDER BY number"""
_SETTLE_UNKNOWN = """
UPDATE outcome SET state = 'accepted', code = 0, reason = ?, at_s = min(at_s, ?), message_id = ?
WHERE number = ? AND state = 'unknown'"""
_CLAIMED_AT = """
SELECT value, coalesce((SELECT at_s FROM claim_time WHERE first <= value ORDER BY first DESC LIMIT 1), 0)
FROM json_each(?), progress WHERE value < next_number"""
NAMED_AT_ONCE = 50_000  # numbers in one query


class Followed:
    """A part of `SqliteLedger`: see `Ledger`."""

    _db: Database

    def progress(self) -> tuple[Progress, int]:
        """See `Ledger`."""
        with self._db.snapshot():
            next_number, untouched = self._db.rows("SELECT next_number, untouched FROM progress")[0]
            windows = self._db.rows("SELECT first, first + people FROM claim_window ORDER BY first")
            change = self._latest_change()
        return Progress(next_number, State(untouched), tuple((first, end) for first, end in windows)), change

    def changed_since(self, change: int) -> Sequence[int] | None:
        """See `Ledger`."""
        if self._latest_change() <= change:
            return ()
        rows = self._db.rows("SELECT seq, number FROM changed WHERE seq > ? ORDER BY seq", (change,))
        numbers = {number for _, number in rows}
        return None if rows[0][0] > change + 1 or ALL_CHANGED in numbers else sorted(numbers)

    def _latest_change(self) -> int:
        if not self._has("changed"):
            return 0  # nothing was, or by a version that did not write it down
        change: int = self._db.rows("SELECT coalesce(MAX(seq), 0) FROM changed")[0][0]
        return change

    def _has(self, table: str) -> bool:
        return bool(self._db.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)))

    def messages(self, first: int, end: int) -> Messages:
        """See `Ledger`."""
        return self._messages(_RANGE, (first, end))

    def messages_of(self, numbers: Sequence[int]) -> Messages:
        """See `Ledger`."""
        parts = [self._messages(_NAMED, (json.dumps(some),)) for some in _some(sorted(numbers))]
        known = [tuple(chain.from_iterable(column)) for column in zip(*parts, strict=True)]
        return Messages(*known) if parts else Messages((), (), (), ())

    def _messages(self, whose: str, parameters: Sequence[object]) -> Messages:
        with self._db.snapshot():
            known = self._db.rows(_KNOWN.format(whose=whose), parameters)
            others = self._db.rows(_OTHERS.format(whose=whose), parameters)
        numbers, places, ids = zip(*known, strict=True) if known else ((), (), ())
        return Messages(numbers, places, ids, [entry_of(row) for row in others])

    def message_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `Ledger`."""
        sql = f"SELECT number, message_id FROM outcome WHERE {_NAMED} AND state = 'accepted' AND message_id <> ''"
        return dict(chain.from_iterable(self._db.rows(sql, (json.dumps(some),)) for some in _some(sorted(numbers))))

    def claimed_at_s(self, numbers: Sequence[int]) -> list[int]:
        """See `Ledger`."""
        if not self._has("claim_time"):
            return [0] * len(numbers)
        times = dict(chain.from_iterable(self._db.rows(_CLAIMED_AT, (json.dumps(some),)) for some in _some(numbers)))
        return [times.get(number, 0) for number in numbers]

    def settle_unknown(self, number: int, message_id: str, reason: Reason, *, at_s: int) -> bool:
        """See `Ledger`."""
        with self._db.transaction():
            if not self._db.rows("SELECT 1 FROM outcome WHERE number = ? AND state = 'unknown'", (number,)):
                return False
            self._db.run(CHANGED)
            self._db.run(f"{NOTE_CHANGE} WHERE number = ?", (number,))
            return self._db.run(_SETTLE_UNKNOWN, (reason.value, at_s, message_id, number)) == 1


def _some(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (list(numbers[at : at + NAMED_AT_ONCE]) for at in range(0, len(numbers), NAMED_AT_ONCE))


def entry_of(row: tuple[object, ...]) -> Entry:
    """Make a person's truth of the `COLUMNS` of a row."""
    entry = Entry(*row)  # type: ignore[arg-type]  # the schema's types
    return entry._replace(state=State(entry.state), reason=Reason(entry.reason))
