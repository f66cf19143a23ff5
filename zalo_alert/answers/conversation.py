"""What is remembered of a conversation with one person, in the worker's database."""

from typing import NamedTuple

from zalo_alert.cases.case import Asker
from zalo_alert.foundation.ahead import Theirs
from zalo_alert.foundation.database import Database


class Conversation(NamedTuple):
    """What is remembered. Times are milliseconds since 1970, 0 of what never happened.

    Args:
        handled_ms: The own time of the latest words that were taken in a step.
        step: Who has asked the person something and waits for the answer; "" is nobody.
        held: What that one needs to go on, in its own words.
        step_until_ms: Until when it waits.
        by_hand_ms: When an officer last wrote to them by Zalo's own tool.
        fallback_ms: When they were last told that no rule has an answer.
    """

    handled_ms: int = 0
    step: str = ""
    held: str = ""
    step_until_ms: int = 0
    by_hand_ms: int = 0
    fallback_ms: int = 0


NOTHING = Conversation()


class Conversations:
    """See the module.

    Args:
        db: The worker's; every method works inside the caller's transaction.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._theirs = Theirs(db, ", ".join(Conversation._fields), "conversation", "person")

    def of(self, asker: Asker) -> Conversation:
        """Return what is remembered of a conversation."""
        rows = self._theirs.rows(*_key(asker))
        return Conversation(*rows[0]) if rows else NOTHING

    def keep(self, asker: Asker, conversation: Conversation) -> None:
        """Remember a conversation as it is now."""
        self._theirs.changed(*_key(asker))
        if conversation == NOTHING:
            self._db.run("DELETE FROM conversation WHERE oa = ? AND person = ?", _key(asker))
            return
        self._db.run("INSERT OR REPLACE INTO conversation VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*_key(asker), *conversation))

    def remove(self, before_ms: int) -> int:
        """Forget the conversations in which nothing has happened since a time; return how many."""
        latest = "max(handled_ms, step_until_ms, by_hand_ms, fallback_ms)"
        return self._db.run(f"DELETE FROM conversation WHERE {latest} < ?", (before_ms,))


def _key(asker: Asker) -> tuple[str, str]:
    return asker.oa, asker.person
