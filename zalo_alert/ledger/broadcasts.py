"""What has become of a run's broadcast, OA by OA: how far each is, written down before the step that may not be taken twice.

Durable when a method returns. One process writes (the run's lock sees to it), any number read.
"""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.language import _, pack, unpack
from zalo_alert.models import State

NAME = "broadcast.db"  # in the run's folder, when its campaign has a broadcast

_SCHEMA = """CREATE TABLE IF NOT EXISTS broadcast (number INTEGER PRIMARY KEY, account TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
step TEXT NOT NULL, token TEXT NOT NULL, article_id TEXT NOT NULL, message_id TEXT NOT NULL, code INTEGER NOT NULL,
why TEXT NOT NULL, unclear INTEGER NOT NULL, at_s REAL NOT NULL, due_at_s REAL)"""
_COLUMNS = "account, state, step, token, article_id, message_id, code, why, unclear, at_s, due_at_s"
_CUT_OFF = _("the sender was cut off before Zalo's answer came")
_CANCELLED = _("the run was cancelled")


class Step(StrEnum):
    """What comes next for one OA; the first and the last of them are never repeated unasked."""

    ARTICLE = "article"  # have it made: that answers with a token
    VERIFY = "verify"  # ask, until it is made: that answers with its id
    POST = "post"  # send it out: that answers with the one message id


class BroadcastStatus(NamedTuple):
    """How far one OA's broadcast is.

    Args:
        account: Which OA.
        state: As a recipient's; `claimed` is a call under way, `deferred` waits, for the reason in `why`.
        step: The next one, or the one that is under way or failed.
        token: Of the article while it is being made.
        article_id: Once it is made.
        message_id: Once it is accepted: the only one there is, for all who are reached.
        code: Zalo's, where it refused.
        why: In words; "" when all is well.
        unclear: How often the last step was repeated although it may have been executed before.
        at_s: When this became so, in seconds since 1970.
        due_at_s: Not to be tried before; None for any time.
    """

    account: str
    state: State = State.PENDING
    step: Step = Step.ARTICLE
    token: str = ""
    article_id: str = ""
    message_id: str = ""
    code: int = 0
    why: str = ""
    unclear: int = 0
    at_s: float = 0.0
    due_at_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether `resume` would go on with it."""
        return self.state in (State.PENDING, State.CLAIMED, State.DEFERRED)


class Broadcasts:
    """The file of one run.

    Args:
        database: Open, and this ledger's own from now on.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    def create(cls, path: Path, accounts: Iterable[str]) -> "Broadcasts":
        """Make a new file: nothing has been done for any of the OAs."""
        ledger = cls(Database(path, schema=_SCHEMA))
        with ledger._db.transaction():
            for number, account in enumerate(accounts):
                ledger._db.run(f"INSERT INTO broadcast VALUES ({number}, {', '.join('?' * 11)})", BroadcastStatus(account))
        return ledger

    def all(self) -> list[BroadcastStatus]:
        """Return every OA's, in the order of the run's accounts."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM broadcast ORDER BY number")
        statuses = [BroadcastStatus(row[0], State(row[1]), Step(row[2]), *row[3:]) for row in rows]
        return [status._replace(why=unpack(status.why)) for status in statuses]

    def put(self, status: BroadcastStatus) -> None:
        """Write down how far an OA is."""
        columns = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", ")[1:])
        kept = status._replace(why=pack(status.why))
        self._db.run(f"UPDATE broadcast SET {columns} WHERE account = ?", (*kept[1:], status.account))

    def recover(self, at_s: float) -> None:
        """Call unknown what a process that is gone has left under way."""
        sql = "UPDATE broadcast SET state = ?, why = ?, at_s = ? WHERE state = ?"
        self._db.run(sql, (State.UNKNOWN, pack(_CUT_OFF), at_s, State.CLAIMED))

    def cancel(self, at_s: float) -> None:
        """End for good what has not gone out."""
        sql = "UPDATE broadcast SET state = ?, why = ?, at_s = ? WHERE state IN (?, ?)"
        self._db.run(sql, (State.WITHHELD, pack(_CANCELLED), at_s, State.PENDING, State.DEFERRED))

    def retry_unknown(self) -> int:
        """Let what is unknown be done again, perhaps for the second time; return for how many OAs."""
        sql = "UPDATE broadcast SET state = ?, unclear = unclear + 1, due_at_s = NULL WHERE state = ?"
        return self._db.run(sql, (State.PENDING, State.UNKNOWN))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
