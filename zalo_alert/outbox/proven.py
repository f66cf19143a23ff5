"""What receipts and echoes can tell of answers: which messages are theirs, and of which answers nobody can name the message.

Reads beside a live poster, and writes one thing: that an answer of which nobody knew was accepted after all.
"""

from collections.abc import Sequence
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.models import Reason, State

EVER_S = 1 << 40  # a second that nobody lives to see

_NAMED = "SELECT change, id, oa, message_id FROM outbox WHERE change > ? ORDER BY change LIMIT ?"
_NAMELESS = """SELECT id, oa, user_id, state, unclear, claimed_ms, settled_ms FROM outbox
WHERE (state IN ('unknown', 'claimed') OR unclear > 0) AND settled_ms"""
_PROVEN = "UPDATE outbox SET state = 'accepted', reason = ?, message_id = ?, change = ? WHERE id = ? AND state = 'unknown'"
_CHANGES = "answer_changes"  # in `about`, since rows are removed in time and their numbers are not to be given again
_LESS = "UPDATE answer_tally SET n = n - 1 WHERE hour = ? AND rule = ? AND state = 'unknown' AND reason = ? AND n > 0"
_MORE = """INSERT INTO answer_tally VALUES (?, ?, 'accepted', ?, 1)
ON CONFLICT (hour, rule, state, reason) DO UPDATE SET n = n + 1"""
_HOUR_MS = 3_600_000


class Named(NamedTuple):
    """An answer whose message has a name; `change` grows from one to the next, in whatever order they were put."""

    change: int
    id: int
    oa: str
    message_id: str


class Nameless(NamedTuple):
    """An answer that may have reached its person as a message that nobody can name.

    Args:
        id: Of the answer.
        oa: Who answered.
        user_id: Whom.
        is_unknown: Whether it may be settled: nobody knows whether Zalo took it, and nobody is posting it.
        from_s: When it was claimed at the earliest, in seconds since 1970.
        until_s: At the latest.
    """

    id: int
    oa: str
    user_id: str
    is_unknown: bool
    from_s: int
    until_s: int


def changes_from(db: Database, how_many: int) -> int:
    """Take so many numbers of changes, inside a transaction, and return the first; see `Named`."""
    rows = db.rows("SELECT value FROM about WHERE name = ?", (_CHANGES,))
    last = int(rows[0][0]) if rows else 0
    db.run("INSERT OR REPLACE INTO about VALUES (?, ?)", (_CHANGES, str(last + how_many)))
    return last + 1


def named_since(db: Database, change: int, most: int) -> list[Named]:
    """Return the answers whose messages have got a name since a change, the first ones."""
    return [Named(*row) for row in db.rows(_NAMED, (change, most))]


def message_ids(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of the messages of some answers."""
    return {number: name for one in ids for number, name in db.rows("SELECT id, message_id FROM outbox WHERE id = ?", (one,))}


def over_and_nameless(db: Database, since_ms: int) -> list[Nameless]:
    """Return those of the nameless that have been over since then."""
    return [_nameless(*row) for row in db.rows(f"{_NAMELESS} >= max(1, ?)", (since_ms,))]


def under_way(db: Database) -> list[Nameless]:
    """Return those of the nameless that are not over."""
    return [_nameless(*row) for row in db.rows(f"{_NAMELESS} = 0")]


def digest(db: Database, number: int) -> bytes | None:
    """Return the digest of an answer's text; None where it is not kept."""
    rows = db.rows("SELECT text_digest FROM outbox WHERE id = ?", (number,))
    return bytes(rows[0][0]) or None if rows else None


def prove(db: Database, number: int, message_id: str, proof: Reason) -> bool:
    """Settle an answer of which nobody knew as accepted; False where it is no such answer.

    It counts in the hour in which it was over, as if that had been known then.
    """
    with db.transaction():
        rows = db.rows("SELECT settled_ms, rule, reason FROM outbox WHERE id = ? AND state = 'unknown'", (number,))
        for settled_ms, rule, reason in rows:
            hour = settled_ms // _HOUR_MS
            db.run(_PROVEN, (proof, message_id, changes_from(db, 1), number))
            db.run(_LESS, (hour, rule, reason))
            db.run(_MORE, (hour, rule, proof))
    return bool(rows)


def _nameless(number: int, oa: str, user_id: str, state: str, unclear: int, claimed_ms: int, settled_ms: int) -> Nameless:
    from_s = claimed_ms // 1000
    if not settled_ms:
        return Nameless(number, oa, user_id, False, from_s, EVER_S)
    return Nameless(number, oa, user_id, state == State.UNKNOWN and from_s > 0, from_s, settled_ms // 1000 if unclear else from_s)
