"""Cases and conversation of a person who is forgotten: what was said is removed, and a case that was open is closed.

The cases stay as numbers and days, so that everything still adds up; see `cases.store`, which owns them.
"""

from zalo_alert.foundation.database import Database

_THEIRS = "oa = ? AND person = ?"
_ENTRIES = f"DELETE FROM entry WHERE case_id IN (SELECT id FROM cases WHERE {_THEIRS})"
_EMPTY = f"""UPDATE cases SET closed_ms = CASE WHEN state = 'closed' THEN closed_ms ELSE heard_ms END, state = 'closed',
person = '', conversation = '', version = version + 1 WHERE {_THEIRS}"""
_CONVERSATION = f"DELETE FROM conversation WHERE {_THEIRS}"


def count_cases(db: Database, oa: str, user_id: str) -> int:
    """Return how many cases of a person are kept."""
    return int(db.rows(f"SELECT count(*) FROM cases WHERE {_THEIRS}", (oa, user_id))[0][0])


def forget_cases(db: Database, oa: str, user_id: str) -> None:
    """Take a person out of their cases, inside a transaction, and forget what is remembered of their conversation."""
    for sql in (_ENTRIES, _EMPTY, _CONVERSATION):
        db.run(sql, (oa, user_id))
