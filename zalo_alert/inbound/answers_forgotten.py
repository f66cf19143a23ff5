"""Answers to a person who is forgotten: those that wait are not sent any more, and no row names its person or holds a word.

The rows stay, so that everything still adds up; see `outbox.store`, which owns them.
"""

from zalo_alert.foundation.database import Database

_HOUR_MS = 3_600_000
_THEIRS = "oa = ? AND user_id = ?"
_WAITING = f"{_THEIRS} AND state IN ('pending', 'deferred')"
_COUNT = f"""INSERT INTO answer_tally SELECT made_ms / {_HOUR_MS}, rule, 'withheld', 'forgotten', count(*) FROM outbox
WHERE {_WAITING} GROUP BY 1, 2 ON CONFLICT (hour, rule, state, reason) DO UPDATE SET n = n + excluded.n"""
_WITHHOLD = f"UPDATE outbox SET state = 'withheld', is_live = 0, reason = 'forgotten', settled_ms = made_ms WHERE {_WAITING}"
_EMPTY = f"""UPDATE outbox SET user_id = '', conversation = '', text = '', buttons = '', quote = '', message_id = '', topic = '',
text_digest = x'' WHERE {_THEIRS}"""


def count_answers(db: Database, oa: str, user_id: str) -> int:
    """Return how many answers to a person are kept."""
    return int(db.rows(f"SELECT count(*) FROM outbox WHERE {_THEIRS}", (oa, user_id))[0][0])


def forget_answers(db: Database, oa: str, user_id: str) -> None:
    """Take a person out of their answers, inside a transaction. One that is on its way comes to its end without them."""
    for sql in (_COUNT, _WITHHOLD, _EMPTY):
        db.run(sql, (oa, user_id))
