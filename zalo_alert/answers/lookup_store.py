"""What is remembered of those who look things up: how often, and who asked before the opening. In the worker's database.

Of a number that was asked for a keyed hash is kept for a day. A question that came before the opening is kept until it is
answered, and then it is gone from the file, too (`secure_delete`). Every method works inside the caller's transaction.
"""

from collections import Counter
from typing import NamedTuple

from zalo_alert.foundation.ahead import Theirs
from zalo_alert.foundation.database import Database

DAY_MS = 86_400_000
FORGOTTEN_AT_ONCE = 10_000
_VIETNAM_MS = 7 * 3_600_000


class Guest(NamedTuple):
    """Who looks something up: the look-up's name, Zalo's ids of the OA and the person, a visitor's conversation.

    `by_app` is the person's id with the app, the same for each of its OAs; "" where nobody knows it.
    """

    lookup: str
    oa: str
    person: str
    conversation: str = ""
    by_app: str = ""

    @property
    def counted(self) -> tuple[str, str, str]:
        """Whose questions are counted: a person's are, whichever OAs they ask."""
        return (self.lookup, "", self.by_app) if self.by_app else (self.lookup, self.oa, self.person)


class Remembered(NamedTuple):
    """A question that came before the opening, and its number in the line."""

    id: int
    guest: Guest
    mark: str
    number: str
    fact: str
    asked_ms: int


class LookupStore:
    """See the module.

    Args:
        db: The worker's.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wrong = Theirs(db, "lookup, day, n, paused_until_ms", "lookup_wrong", "person")
        self._candidates = Theirs(db, "lookup, day, mark", "lookup_candidate", "person")

    # --- how often ---------------------------------------------------------------------------------------------------------

    def paused_until_ms(self, guest: Guest) -> int:
        """Return until when somebody has to pause; 0 where they never had to."""
        rows = self._wrong.rows(*guest.counted[1:])
        return next((int(until_ms) for lookup, _day, _n, until_ms in rows if lookup == guest.lookup), 0)

    def may_ask(self, guest: Guest, mark: str, at_ms: int, most: int) -> bool:
        """Whether somebody may ask for one more number on this day; one that they asked for already is no further one."""
        day = day_of(at_ms)
        asked = [row[2] for row in self._candidates.rows(*guest.counted[1:]) if row[:2] == (guest.lookup, day)]
        if mark in asked:
            return True
        if len(asked) < most:
            self._candidates.changed(*guest.counted[1:])
            self._db.run("INSERT INTO lookup_candidate VALUES (?, ?, ?, ?, ?)", (*guest.counted, day, mark))
        return len(asked) < most

    def was_wrong(self, guest: Guest, at_ms: int, most: int, pause_ms: int) -> bool:
        """Count one more question without a result; return whether the person has to pause now."""
        day = day_of(at_ms)
        rows = self._wrong.rows(*guest.counted[1:])
        number = 1 + sum(int(n) for lookup, on, n, _until_ms in rows if (lookup, on) == (guest.lookup, day))
        self._wrong.changed(*guest.counted[1:])
        pauses = number >= most
        until_ms = at_ms + pause_ms if pauses else 0
        self._db.run(
            "INSERT OR REPLACE INTO lookup_wrong VALUES (?, ?, ?, ?, ?, ?)",
            (*guest.counted, day, 0 if pauses else number, until_ms),
        )
        return pauses

    def forget_days_before(self, at_ms: int) -> int:
        """Remove what was counted before yesterday; return how many rows."""
        day = day_of(at_ms) - 1
        gone = self._db.run("DELETE FROM lookup_candidate WHERE day < ?", (day,))
        return gone + self._db.run("DELETE FROM lookup_wrong WHERE day < ? AND paused_until_ms < ?", (day, at_ms))

    # --- before the opening ------------------------------------------------------------------------------------------------

    def remember(self, guest: Guest, mark: str, number: str, fact: str, asked_ms: int) -> None:
        """Keep a question until the opening; whoever asks again keeps their place, with what they say now."""
        self._db.run(
            "INSERT INTO lookup_asked (lookup, oa, person, conversation, mark, number, fact, asked_ms) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (lookup, oa, person, mark) DO UPDATE SET fact = excluded.fact",
            (*guest[:4], mark, number, fact, asked_ms),
        )

    def lines(self) -> list[tuple[str, str]]:
        """Return for which look-ups of which OAs somebody waits: each is a line of its own, and keeps no other one waiting."""
        return [(name, oa) for name, oa in self._db.rows("SELECT DISTINCT lookup, oa FROM lookup_asked")]

    def first_remembered(self, lookup: str, oa: str, most: int) -> list[Remembered]:
        """Return the first so many who asked an OA for a look-up before it opened, in the order in which they asked."""
        sql = (
            "SELECT id, lookup, oa, person, conversation, mark, number, fact, asked_ms FROM lookup_asked "
            "WHERE lookup = ? AND oa = ? ORDER BY asked_ms, id LIMIT ?"
        )
        rows = self._db.rows(sql, (lookup, oa, most))
        return [Remembered(row[0], Guest(*row[1:5]), *row[5:]) for row in rows]

    def forget_question(self, id_: int) -> None:
        """Remove a question that is answered."""
        self._db.run("DELETE FROM lookup_asked WHERE id = ?", (id_,))

    def forget_asked_before(self, before_ms: int) -> Counter[str]:
        """Remove questions that came before a time and that nobody has answered, some at most; return how many by look-up."""
        old = "SELECT id FROM lookup_asked WHERE asked_ms <= ? LIMIT ?"
        rows = self._db.rows(f"DELETE FROM lookup_asked WHERE id IN ({old}) RETURNING lookup", (before_ms, FORGOTTEN_AT_ONCE))
        return Counter(name for (name,) in rows)

    def remembered(self) -> dict[str, int]:
        """Return how many questions wait for the opening, by look-up."""
        return {str(name): int(n) for name, n in self._db.rows("SELECT lookup, count(*) FROM lookup_asked GROUP BY lookup")}


def day_of(at_ms: int) -> int:
    """Return the day of an instant in Vietnam, counted from 1970."""
    return (at_ms + _VIETNAM_MS) // DAY_MS
