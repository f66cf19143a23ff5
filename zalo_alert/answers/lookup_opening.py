"""Answers those who asked before a look-up opened, in the order in which they asked; empties what was waited for in vain.

They enter the outbox a few at a time, so that it holds no million of answers that wait; their place in the line is the time at
which they asked, ahead of everybody who asks later.
"""

from collections.abc import Callable

from zalo_alert.answers.lookup import Lookups, Office, Taken
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.lookup_store import Remembered
from zalo_alert.answers.lookup_taker import NAME
from zalo_alert.foundation.database import Database
from zalo_alert.outbox.answer import Answer, Want
from zalo_alert.outbox.store import Outbox

AT_ONCE = 200  # answered in one transaction: some milliseconds
WAITING = 2_000  # answers to those who asked before, of an OA's rank in the outbox: no more are put; half a minute of Zalo's rate
FREE_MS = 48 * 3_600_000  # so long after a question an answer costs nothing
TIDY_EVERY_MS = 60_000


class LookupOpening:
    """See the module.

    Args:
        db: The worker's database: a connection of its own.
        lookups: Over the same.
        office_of: Returns an OA by Zalo's id.
        now_ms: The time.
    """

    def __init__(
        self,
        db: Database,
        lookups: Lookups,
        office_of: Callable[[str], Office],
        now_ms: Callable[[], int],
    ) -> None:
        self._db, self._lookups, self._office_of, self._now_ms = db, lookups, office_of, now_ms
        self._outbox = Outbox(db)
        self._tidied_ms = 0

    def step(self) -> bool:
        """Answer some; return whether there are more that may be answered at once."""
        now_ms = self._now_ms()
        if now_ms - self._tidied_ms >= TIDY_EVERY_MS:
            self._tidied_ms = now_ms
            self._tidy(now_ms)
        has_more = [self._open(name, oa, now_ms) for name, oa in self._lookups.store.lines()]
        return any(has_more)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _open(self, name: str, oa: str, now_ms: int) -> bool:
        office = self._office_of(oa)
        lookup = next((lookup for lookup in office.lookups if lookup.name == name), None)
        if lookup is None or now_ms < lookup.opens_ms or not self._lookups.can_ask(lookup):
            return False
        want = (oa, lookup.limits.via_app, lookup.limits.rank)
        with self._db.transaction():
            most = min(AT_ONCE, WAITING - self._early(want, lookup.opens_ms))
            asked = self._lookups.store.first_remembered(name, oa, most) if most > 0 else []
            for one in asked:
                self._end(one, office, lookup, now_ms)
        return len(asked) == AT_ONCE

    def _end(self, asked: Remembered, office: Office, lookup: LookupSet, now_ms: int) -> None:
        """Answer one, or count it as expired where it has waited too long; its question is gone then."""
        if now_ms - asked.asked_ms >= FREE_MS:
            self._outbox.count_expired(_remembered(lookup.name), 1, now_ms)
        else:
            taken = self._lookups.find(asked.guest, office, lookup, asked.number, asked.fact, now_ms)
            self._outbox.put(_addressed(asked, taken, now_ms))
        self._lookups.store.forget_question(asked.id)

    def _early(self, want: Want, opens_ms: int) -> int:
        """Count answers that wait for somebody who asked before the opening: whoever asks later must not take their room."""
        sql = """SELECT count(*) FROM outbox INDEXED BY outbox_turn
            WHERE state = 'pending' AND oa = ? AND via_app = ? AND rank = ? AND since_ms < ?"""
        return int(self._db.rows(sql, (*want[:2], int(want[2]), opens_ms))[0][0])

    def _tidy(self, now_ms: int) -> None:
        """Empty what somebody was asked and never answered, and what was counted before yesterday.

        Whoever asked for a look-up that is gone, or whose opening was put off, is counted as expired.
        """
        with self._db.transaction():
            self._db.run(
                "UPDATE conversation SET step = '', held = '', step_until_ms = 0 WHERE step = ? AND step_until_ms < ?",
                (NAME, now_ms),
            )
            self._lookups.store.forget_days_before(now_ms)
            for name, number in self._lookups.store.forget_asked_before(now_ms - FREE_MS).items():
                self._outbox.count_expired(_remembered(name), number, now_ms)


def _remembered(lookup: str) -> str:
    return f"{lookup}/remembered"


def _addressed(asked: Remembered, taken: Taken, now_ms: int) -> Answer:
    """Address what is said to whoever asked; made when they asked, so that it goes ahead of what is asked later."""
    guest, limits = asked.guest, taken.limits
    return Answer(
        f"lookup:{guest.lookup}", asked.id, 0, guest.oa, guest.person, limits.rank, taken.rule, taken.topic, taken.text, (),
        asked.asked_ms, now_ms + limits.expires_s * 1000, limits.on_unknown, limits.via_app, "", True, guest.conversation,
    )  # fmt: skip
