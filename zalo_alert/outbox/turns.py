"""What the poster does with the database, one step at a time: settle what came, claim what the pace grants, in one transaction.

Only what is granted is claimed, so what a crash leaves unknown is at most what was on its way. Which OAs, apps and ranks have
answers waiting is kept in memory, and read anew every few seconds: whatever is forgotten here is found again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import NamedTuple, Protocol

from zalo_alert.foundation.database import Database
from zalo_alert.models import Rank
from zalo_alert.outbox.answer import Want
from zalo_alert.outbox.holds import Holds
from zalo_alert.outbox.judging import is_by_zalo, is_of_the_oa
from zalo_alert.outbox.store import Again, Claimed, Outbox, Settled

MOST_IN_FLIGHT = 256  # answers at once: 1,500 a second where Zalo takes 150 ms, and so many a kill leaves unknown
MOST_LOOKED_AT = 200  # OAs, apps and ranks in one step; the others come first in the next
FIRST_ASK = 8  # answers looked up of each; twice as many as the pace granted the last time from then on
SWEEP_EVERY_S = 2.0  # how often those are ended who have waited too long, and everything is looked up anew
LONGEST_WAIT_S = 1.0


class Grants(Protocol):
    """What is needed of the pace; see `pacing.answer_pace.AnswerPace`."""

    def take(self, wanted: Mapping[Want, int], now_s: float) -> dict[Want, int]:
        """Return how many of the wanted calls may go now, and count them as gone."""

    def wait_s(self, wanted: Mapping[Want, int], now_s: float) -> float:
        """Return how long to wait before another `take` of these is worth it."""

    def take_back(self, calls: Mapping[Want, int]) -> None:
        """Take calls back that `take` allowed and that have not gone."""


class Step(NamedTuple):
    """What a step gives: what to post now, and how long nothing more is to be done unless something happens, in seconds."""

    claimed: Sequence[Claimed]
    wait_s: float


class Turns:
    """See the module.

    Args:
        db: The worker's database, a connection of its own.
        pace: Says how many may go.
        most: Answers at once.
    """

    def __init__(self, db: Database, pace: Grants, most: int = MOST_IN_FLIGHT) -> None:
        self._db, self._pace, self._most = db, pace, most
        self._outbox, self._holds = Outbox(db), Holds(db)
        self._last = 0
        self._active: dict[Want, None] = {}  # may have somebody to be answered now, those looked at longest ago first
        self._blocked: defaultdict[str, set[Want]] = defaultdict(set)  # by OA, until something of it is settled
        self._asks: dict[Want, int] = {}
        self._in_flight: Counter[str] = Counter()  # by OA
        self._swept_s = float("-inf")

    def begin(self, now_ms: int) -> None:
        """Take over from a process that died.

        Raises:
            StorageUnusable: The database can't be used; so with `step`, which then has done nothing.
        """
        with self._db.transaction():
            self._outbox.recover(now_ms)
            self._holds.begin()

    def step(self, verdicts: Sequence[Settled | Again], now_ms: int, now_s: float, *, is_ending: bool = False) -> Step:
        """Write down what became of answers, and claim more; durable when it returns.

        Args:
            verdicts: On answers of earlier steps.
            now_ms: The time.
            now_s: An instant of the pace's clock.
            is_ending: Nothing more is claimed.
        """
        is_sweep, is_due = now_s - self._swept_s >= SWEEP_EVERY_S, self._is_due(now_ms)
        self._look(is_sweep=is_sweep)
        for verdict in verdicts:
            self._hold_or_release(verdict, now_ms)
        free = 0 if is_ending else self._most - self._in_flight.total() + len(verdicts)
        choice = self._choose(free, now_ms)
        granted = self._pace.take(choice.wanted, now_s) if choice.wanted else {}
        going = _first(choice.rows, granted)
        is_write = bool(verdicts or going or is_sweep or is_due)
        with self._given_back(granted), self._db.transaction() if is_write else nullcontext():
            self._settle(verdicts, now_ms)
            claimed = self._outbox.claim(going, now_ms)
            revived = self._outbox.revive(now_ms) if is_due else set()
            is_more = self._outbox.expire(now_ms) if is_sweep else 0
            self._holds.keep()
        self._keep(verdicts, claimed, choice, granted)
        self._active.update(dict.fromkeys(revived))
        self._swept_s = now_s if is_sweep and not is_more else self._swept_s
        return Step(claimed, self._wait_s(choice, granted, now_ms, now_s))

    @contextmanager
    def _given_back(self, granted: Mapping[Want, int]) -> Iterator[None]:
        """Give the pace back what it granted where the disk fails: nothing has gone, and the runs need it."""
        try:
            yield
        except Exception:
            self._pace.take_back(granted)
            raise

    def _look(self, *, is_sweep: bool) -> None:
        """Look for what was put since the last step, or for all that waits."""
        last = self._outbox.last()
        if is_sweep or last > self._last:
            self._active.update(dict.fromkeys(self._outbox.wants(0 if is_sweep else self._last)))
        self._last = last

    def _choose(self, free: int, now_ms: int) -> "_Choice":
        """Choose who may be answered now as far as the pace lets them, the most urgent first; of each person one."""
        looked_at = sorted(self._active, key=_rank)[:MOST_LOOKED_AT] if free > 0 else []
        choice = _Choice({}, {}, set(), is_more=len(looked_at) < len(self._active) and free > 0)
        for want in looked_at:
            allowed = self._holds.most(want[:2], now_ms)
            most = min(free - len(choice.people), self._asks.get(want, FIRST_ASK), self._most if allowed is None else allowed)
            if most > 0:
                rows = self._outbox.next_of(want, most, now_ms)
                choice.add(want, rows, is_all=len(rows) < most)
                choice.is_more |= allowed is None and len(rows) == most
            self._active[want] = self._active.pop(want)  # to the end of its rank
        return choice

    def _settle(self, verdicts: Sequence[Settled | Again], now_ms: int) -> None:
        if verdicts:
            settled = [verdict for verdict in verdicts if isinstance(verdict, Settled)]
            again = [verdict for verdict in verdicts if isinstance(verdict, Again)]
            self._outbox.settle(settled, again, now_ms)

    def _hold_or_release(self, verdict: Settled | Again, now_ms: int) -> None:
        way = (verdict.claimed.oa, verdict.claimed.via_app)
        if is_of_the_oa(verdict):
            self._holds.hold(way, verdict.reason, verdict.code, now_ms)
        elif is_by_zalo(verdict):
            self._holds.release(way)
        else:
            self._holds.leave(way)

    def _keep(
        self, verdicts: Sequence[Settled | Again], claimed: Sequence[Claimed], choice: "_Choice", granted: Mapping[Want, int]
    ) -> None:
        """Take in what was committed."""
        self._holds.are_kept()
        self._in_flight.update(row.oa for row in claimed)
        for row in claimed:
            self._holds.try_out((row.oa, row.via_app))
        unused = Counter(granted)
        unused.subtract(row.want for row in claimed)
        self._pace.take_back(+unused)
        for want, calls in granted.items():
            self._asks[want] = min(self._most, FIRST_ASK + 2 * calls)
        for want in choice.all_of:
            if granted.get(want, 0) >= choice.wanted.get(want, 0):
                del self._active[want]
                self._blocked[want[0]].add(want)  # the rest of it, if there is any, waits for those on their way
        for verdict in verdicts:
            self._in_flight[verdict.claimed.oa] -= 1
            self._active.update(dict.fromkeys(self._blocked.pop(verdict.claimed.oa, ())))
        self._in_flight = +self._in_flight
        for want in choice.all_of:
            if want[0] not in self._in_flight:
                self._blocked.pop(want[0], None)

    def _is_due(self, now_ms: int) -> bool:
        due_ms = self._outbox.due_ms()
        return due_ms is not None and due_ms <= now_ms

    def _wait_s(self, choice: "_Choice", granted: Mapping[Want, int], now_ms: int, now_s: float) -> float:
        short = {want: calls - granted[want] for want, calls in choice.wanted.items() if granted[want] < calls}
        if choice.is_more and not short:
            return 0.0
        waits = [self._pace.wait_s(short, now_s)] if short else []
        dues = (self._outbox.due_ms(), self._holds.until_ms({want[:2] for want in self._active}))
        waits += [max(0, due_ms - now_ms) / 1000 for due_ms in dues if due_ms is not None]
        return min([*waits, LONGEST_WAIT_S])


class _Choice:
    """Who may be answered in a step.

    Args:
        people: By OA and id.
        wanted: How many of each OA, app and rank they are.
        all_of: Of which of these there is nobody else who may be answered now.
        is_more: Whether others may be who were not looked at.
    """

    def __init__(
        self, people: dict[tuple[str, str], Claimed], wanted: dict[Want, int], all_of: set[Want], *, is_more: bool
    ) -> None:
        self.people, self.wanted, self.all_of, self.is_more = people, wanted, all_of, is_more

    @property
    def rows(self) -> list[Claimed]:
        """The answers, the most urgent first."""
        return list(self.people.values())

    def add(self, want: Want, rows: Sequence[Claimed], *, is_all: bool) -> None:
        """Add those of an OA, an app and a rank; somebody who is chosen already waits for that answer's end."""
        new = {(row.oa, row.user_id): row for row in rows if (row.oa, row.user_id) not in self.people}
        self.people |= new
        if new:
            self.wanted[want] = len(new)
        if is_all:
            self.all_of.add(want)


def _rank(want: Want) -> Rank:
    return want[2]


def _first(rows: Sequence[Claimed], granted: Mapping[Want, int]) -> list[Claimed]:
    """Return as many of each OA, app and rank as were granted, the first ones."""
    left = Counter(granted)
    going = []
    for row in rows:
        if left[row.want] > 0:
            left[row.want] -= 1
            going.append(row)
    return going
