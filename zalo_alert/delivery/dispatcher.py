"""The pipeline: read people, claim them, pace, send, judge, settle; nobody is posted to who was not claimed on the disk before.

Two tasks and a crew. The bookkeeper claims windows and settles outcomes, both in one durable step at a time. The releaser lets
claimed people go at the pace Zalo grants. The crew posts, as many at once as the server's latency asks for. Whoever is refused
for now waits in the ledger, ordered by due time, and is claimed again like anyone else.

At any instant those in flight are claimed, and at most two windows more: who is about to be posted to, and whose answers await
the next commit. That is all a crash can leave unknown, and `at_risk` says how many that may be.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import repeat
from math import inf
from typing import NamedTuple, Protocol

from zalo_alert.delivery.breaker import Breaker, Halt
from zalo_alert.delivery.canary import OWN, Stage, has_answered, objection
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.progress import Observer, Progress, RateEstimator, finish_at
from zalo_alert.delivery.retry import FREE, Policy, next_midnight
from zalo_alert.errors import StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.formatting import persons
from zalo_alert.ledger.base import Entry, Ledger, Window
from zalo_alert.models import Accepted, Deferred, Evidence, OnUnknown, Outcome, Reason, Recipient, Rejected, State, Unknown
from zalo_alert.pacing.braking import TOO_MANY
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.slowness import Cause, Silence, Since, Slowed

WINDOW = 512  # people claimed at once at full speed: a commit every 512 costs little, and a crash leaves at most so many unposted
WINDOW_S = 0.25  # and at a slow pace no more than this many seconds' worth
SETTLING_S = 0.2  # answers that may await the next commit, as seconds of the pace
TICK_S = 0.05  # how long the books may lie open
REPORT_S = 0.25  # how often the observer hears, and a stop request is looked for
FAR_S = 300.0  # when everyone left waits longer than this, the process need not: `resume` continues then
UNREACHABLE_PAUSE_S = 1.0  # between two probes of a server that cannot be reached
LEAST_WAIT_S, MOST_WAIT_S = 0.005, 1.0  # between two questions to the pace: its answer may change by what other processes do


def at_risk(concurrency: int) -> int:
    """Return the most people that a crash can leave unknown: those in flight, and two windows before and after them."""
    return WINDOW + concurrency + WINDOW


class Source(Protocol):
    """Where people come from, by number."""

    def window(self, first: int, people: int) -> list[Recipient]:
        """Return people in order."""

    def people(self, numbers: Sequence[int]) -> list[Recipient]:
        """Return some people, in the order asked for."""


class Refusals(Protocol):
    """Who must not be written to, although they stand in the audience."""

    def look(self) -> bool:
        """Take in what has changed, now and then; return whether anybody refuses at all."""

    def reason_of(self, user_id: str) -> Reason | None:
        """Return why somebody must not be written to; None when they may be."""


class Attempt(NamedTuple):
    """One person about to be posted to; `attempts` counts the calls before on this route."""

    recipient: Recipient
    route: int
    attempts: int
    unclear: int


class Doubted(NamedTuple):
    """What somebody was taken to be, and what is true instead."""

    before: Entry
    after: Entry


class Why(StrEnum):
    """How a dispatch ended."""

    FINISHED = "finished"
    STOPPED = "stopped"  # someone asked for it
    HALTED = "halted"  # the breaker, or the ledger
    PAUSED = "paused"  # the first people's answers speak against going on
    WAITING = "waiting"  # everyone left is due much later


@dataclass(frozen=True, slots=True)
class Ending:
    """How a dispatch ended, with the totals counted afresh from the ledger.

    `objection` says why it paused; `by_hand`, whether it was a person at the keyboard who stopped it; `unrenewed` says of each
    account whose token could not be renewed why, and what to do about it.
    """

    why: Why
    totals: dict[State, int]
    halt: Halt | None = None
    due_at_s: float | None = None
    objection: str = ""
    by_hand: bool = False
    unrenewed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a campaign says about trying: until when, and what to do with a doubtful second copy."""

    expires: datetime
    on_unknown: OnUnknown
    attempts: int


class Dispatcher:
    """Sends one run, from wherever its ledger stands.

    Args:
        ledger: Held by this process alone.
        source: The frozen audience.
        channels: By number of route, in the order to try.
        pace: How fast.
        rules: Until when and how often.
        clock: Time, and waiting.
        observer: Told a few times a second how it goes.
        stop_requested: Asked as often whether another process wants this one to stop.
        concurrency: How many calls in flight.
        stages: Whose answers decide whether the rest may follow; in order of number.
        accounts: Names of the OAs, by number of account.
        refusals: Who is settled as withheld instead of being written to; None for nobody.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        source: Source,
        channels: Sequence[Channel],
        pace: Pace,
        rules: Rules,
        clock: Clock,
        observer: Observer,
        concurrency: Concurrency,
        stop_requested: Callable[[], bool] = lambda: False,
        breaker: Breaker | None = None,
        stages: Sequence[Stage] = (),
        accounts: Sequence[str] = ("",),
        refusals: Refusals | None = None,
    ) -> None:
        self._ledger, self._source, self._channels = ledger, source, channels
        self._pace, self._rules, self._clock, self._observer = pace, rules, clock, observer
        self._policy = Policy.of(rules.attempts)
        self._retry_unknown = rules.on_unknown is OnUnknown.RESEND
        self._concurrency = concurrency
        self._stop_requested = stop_requested
        self._breaker = breaker or Breaker()
        self._refusals = refusals
        self._stages = deque(stages)
        self._objection = ""
        self._room = self._settling = WINDOW
        if pace.rate_per_s is not None:
            concurrency.suffice(pace.rate_per_s)
            self._room = max(1, min(WINDOW, round(pace.rate_per_s * WINDOW_S)))
            self._settling = max(16, min(WINDOW, round(pace.rate_per_s * SETTLING_S)))
        self._eager = self._room == WINDOW  # so fast that the books must be woken before their tick
        self._held: defaultdict[int, deque[Attempt]] = defaultdict(deque)  # claimed, waiting for the pace, by number of account
        self._booked_s: dict[int, float] = {}  # by number of account: until when its people were given back, as slots of its rate
        self._ready: deque[Attempt] = deque()  # free to go
        self._settled: list[Entry] = []  # answered, not yet in the ledger
        self._withheld: list[Entry] = []  # claimed and found to refuse; joins the answered when the claim is on the disk
        self._unproven: set[int] = set()  # whose answer their connection has not proved yet: nobody asks them again meanwhile
        self._doubted: list[Doubted] = []  # whose answer turned out to be perhaps another person's; not yet in the ledger
        self._recorded_s = -inf
        self._claimed = 0  # in the ledger as claimed by us
        self._working = 0  # the crew
        self._accounts = tuple(accounts)
        self._resting: set[tuple[int, int]] = set()  # routes without quota, each with the account that used it up
        self._rested_at_s = 0.0  # when they may be tried again
        self._has_yielded = False  # to a more urgent campaign, and said so
        self._next_due_s: float | None = None
        self._books = asyncio.Event()  # the bookkeeper has something to do
        self._paced = asyncio.Event()  # the releaser has
        self._ending: Why | None = None
        self._failure: StorageUnusable | None = None
        self._crew: asyncio.TaskGroup
        self._at_s = 0
        self._expires_s = 0.0  # on the monotonic clock, set right whenever the wall clock is looked at
        self._totals: dict[State, int] = {}
        self._answered = 0
        self._unheard = 0  # of those answered, who only ran out of time or found no server
        self._silence, self._since = Silence(clock.now()), Since()
        self._silent_since: datetime | None = None
        self._night_until_s = -inf  # on the wall clock
        self._rate = RateEstimator()
        self._started_s = self._reported_s = clock.monotonic_s()

    def stop(self) -> None:
        """Claim nobody more, let what is in flight be answered and settled, then end; safe to call twice."""
        self._end(Why.STOPPED)

    def retry_unknown(self) -> None:
        """Ask everyone unknown again in this run, whatever the campaign says; called before `run`."""
        self._retry_unknown = True

    async def run(self) -> Ending:
        """Send until nobody is left, or something says stop.

        Raises:
            StorageUnusable: The ledger failed; what could not be settled is unknown after the next start.
        """
        self._at_s = int(self._clock.now().timestamp())
        self._ledger.recover(at_s=self._at_s, places=self._places)
        if self._retry_unknown:
            self._ledger.retry_unknown(due_at_s=self._at_s)
        self._totals = dict(self._ledger.totals())
        if lost := self._totals[State.CLAIMED]:  # nobody is claimed yet: whoever seems so has had a row, and it is gone
            raise StorageUnusable(
                f"the ledger has lost what happened to {persons(lost)}", hint="restore the run's folder from a backup"
            )
        self._next_due_s = self._ledger.next_due_s()
        try:
            async with asyncio.TaskGroup() as self._crew:
                releaser = self._crew.create_task(self._release(), name="release")
                try:
                    await self._keep_books()
                except BaseException:  # cut short: an answer that still comes in must not call for more calls
                    self._end(Why.STOPPED)
                    raise
                releaser.cancel()
        except BaseExceptionGroup as group:
            raise _first_of_ours(group) from group
        if self._failure:
            raise self._failure
        return self._concluded()

    def _places(self, numbers: Sequence[int]) -> list[int]:
        return [person.place for person in self._source.people(numbers)]

    def _concluded(self) -> Ending:
        if self._clock.now() >= self._rules.expires:
            self._ledger.expire(at_s=int(self._clock.now().timestamp()))
        totals = dict(self._ledger.totals())
        open_ = totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]
        why = Why.FINISHED if not open_ else self._ending or Why.WAITING
        if sum(totals.values()) != self._ledger.audience:
            raise StorageUnusable(f"the states add up to {sum(totals.values())}, not to the audience of {self._ledger.audience}")
        self._totals = totals
        self._report(self._clock.monotonic_s(), force=True)
        halt = self._breaker.halt if why is Why.HALTED else None
        return Ending(why, totals, halt, self._ledger.next_due_s(), self._objection)

    # --- the bookkeeper ---------------------------------------------------------------------------------------------------

    async def _keep_books(self) -> None:
        while True:
            self._look_round()
            self._pass_stages()
            window, again = self._choose()
            if window or again or self._answers_are_due():
                settled, self._settled = self._settled, []
                doubted, self._doubted = self._doubted, []
                await self._record(settled, window, again, doubted)
                self._recorded_s = self._clock.monotonic_s()
            elif self._is_over():
                return
            await self._nap()

    def _answers_are_due(self) -> bool:
        """Whether answers alone are worth a commit; whoever is claimed takes them along in any case."""
        if not (self._settled or self._doubted):
            return False
        waited_s = self._clock.monotonic_s() - self._recorded_s
        return len(self._settled) >= self._settling or waited_s >= TICK_S or self._ending is not None

    def _look_round(self) -> None:
        """Notice the clock, the breaker, a stop request; and tell the observer."""
        now_s = self._clock.monotonic_s()
        self._at_s = int(self._clock.now().timestamp())
        if self._breaker.halt:
            self._end(Why.HALTED)
        left_s = (self._rules.expires - self._clock.now()).total_seconds()
        self._expires_s = now_s + left_s
        if left_s <= 0:
            self._end(Why.FINISHED)
        if self._resting and self._clock.now().timestamp() >= self._rested_at_s:
            self._resting.clear()
        if now_s - self._reported_s >= REPORT_S:
            if self._stop_requested():
                self._end(Why.STOPPED)
            self._report(now_s)
        if self._ending:
            self._hand_back()

    def _pass_stages(self) -> None:
        """Let the rest follow once a stage has answered and nothing speaks against it."""
        while self._stages and self._ledger.next_number >= self._stages[0].end and not (self._claimed or self._ending):
            stage = self._stages[0]
            if self._ledger.next_number == stage.end:
                totals = self._ledger.counted(stage.first, stage.people)
                if not has_answered(stage, totals, soon=not self._is_far_off()):
                    return
                own = self._own(stage)
                found = objection(stage, totals, self._concurrency.first_s, self._concurrency.latest_s, own)
                if found:
                    self._objection = f"after {stage.name}: {found}"
                    self._end(Why.PAUSED)
                    return
                self._observer.on_note(f"{stage.name}: {persons(totals[State.ACCEPTED])} accepted; the rest follow")
            self._stages.popleft()

    def _own(self, stage: Stage) -> int:
        """Count those of a stage who were rejected for what was known of them beforehand."""
        rejected = self._ledger.entries(states=[State.REJECTED])
        return sum(entry.reason in OWN and stage.first <= entry.number < stage.end for entry in rejected)

    def _choose(self) -> tuple[Window | None, list[Entry]]:
        """Pick whom to claim next: whoever is due again, then fresh people, as long as little is under way."""
        unreachable = self._breaker.unreachable
        room = self._concurrency.START if unreachable else self._room  # only a probe, while nobody answers
        waiting = sum(map(len, self._held.values())) + len(self._ready)
        under_way = self._claimed - len(self._settled)
        if self._ending or waiting > room or under_way > self._concurrency.limit + self._settling:
            return None, []
        again: list[Entry] = []
        if self._next_due_s is not None and self._next_due_s <= self._clock.now().timestamp():
            due = self._ledger.due(before_s=self._clock.now().timestamp(), limit=room + len(self._unproven))
            again = [entry for entry in due if entry.number not in self._unproven][:room]
        fresh = min(room - len(again), self._allowed - self._ledger.next_number)
        if fresh <= 0 or unreachable or self._all_rest():
            return None, again
        return Window(self._ledger.next_number, fresh), again

    @property
    def _allowed(self) -> int:
        return self._stages[0].end if self._stages else self._ledger.audience

    @property
    def _fresh(self) -> int:
        return self._ledger.audience - self._ledger.next_number

    async def _record(self, settled: list[Entry], window: Window | None, again: list[Entry], doubted: list[Doubted]) -> None:
        loop = asyncio.get_running_loop()
        try:
            attempts = await loop.run_in_executor(None, self._write, settled, window, again, doubted)
        except StorageUnusable as exc:
            self._settled, self._doubted = settled + self._settled, doubted + self._doubted
            if self._failure and not self._working:
                raise  # tried once more with everybody back; it is final
            self._failure = exc
            self._end(Why.HALTED)
            self._hand_back()
            return
        if again:
            self._next_due_s = self._ledger.next_due_s()
            self._totals[State.DEFERRED] -= len(again)
        self._count(settled, len(attempts) + len(self._withheld))
        self._recount(doubted)
        self._settled += self._withheld
        self._withheld.clear()
        self._admit(attempts)

    def _write(self, settled: list[Entry], window: Window | None, again: list[Entry], doubted: list[Doubted]) -> list[Attempt]:
        """Read and claim, in a thread: the disk must not hold up the crew. Read first: an unreadable shard claims nobody."""
        attempts = []
        if again:
            people = self._source.people([entry.number for entry in again])
            attempts = [Attempt(p, e.route, e.attempts, e.unclear) for p, e in zip(people, again, strict=True)]
        if window:
            attempts += map(Attempt, self._source.window(*window), repeat(0), repeat(0), repeat(0))
        truths = [after for _, after in doubted]
        self._ledger.record(settled=settled, window=window, again=[entry.number for entry in again], doubted=truths)
        return self._willing(attempts)

    def _willing(self, attempts: list[Attempt]) -> list[Attempt]:
        """Withhold from those who refuse; a window at a time, and only where somebody refuses at all."""
        if not attempts or self._refusals is None or not self._refusals.look():
            return attempts
        willing = []
        for attempt in attempts:
            if reason := self._refusals.reason_of(attempt.recipient.user_id):
                self._withheld.append(self._entry(attempt, State.WITHHELD, reason))
            else:
                willing.append(attempt)
        return willing

    def _count(self, settled: list[Entry], claimed: int) -> None:
        totals = self._totals
        for entry in settled:
            totals[entry.state] += 1
            if entry.state is State.DEFERRED and (self._next_due_s is None or entry.due_at_s < self._next_due_s):
                self._next_due_s = entry.due_at_s
        self._claimed += claimed - len(settled)
        totals[State.CLAIMED] = self._claimed
        totals[State.PENDING] = self._fresh

    def _recount(self, doubted: list[Doubted]) -> None:
        for before, after in doubted:
            self._totals[before.state] -= 1
            self._totals[after.state] += 1
            self._unproven.discard(after.number)
        if doubted:
            self._next_due_s = self._ledger.next_due_s()

    def _admit(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            if self._rests(attempt.route, attempt):
                self._settled.append(self._by_next_route(attempt, Reason.QUOTA, 0))
            else:
                self._held[attempt.recipient.account].append(attempt)
        self._paced.set()

    def _is_over(self) -> bool:
        if self._claimed or self._settled or self._doubted or (self._unproven and not self._failure):
            return False
        if self._ending:
            return True
        if self._allowed > self._ledger.next_number and not self._all_rest():
            return False
        return self._is_far_off()

    def _is_far_off(self) -> bool:
        """Whether nobody is to be asked again soon."""
        return self._next_due_s is None or self._next_due_s - self._clock.now().timestamp() > FAR_S

    def _all_rest(self) -> bool:
        return len(self._resting) == len(self._channels) * len(self._accounts)

    async def _nap(self) -> None:
        if len(self._settled) < WINDOW:
            self._books.clear()
            await self._clock.wait(self._books, TICK_S)

    def _end(self, why: Why) -> None:
        if self._ending is None:
            self._ending = why
            self._books.set()

    def _hand_back(self) -> None:
        """Give back whoever is claimed and not yet posted: deferred, due at once, no attempt counted."""
        for queue in (*self._held.values(), self._ready):
            while queue:
                self._settled.append(self._entry(queue.popleft(), State.DEFERRED, due_at_s=self._at_s))

    def _report(self, now_s: float, *, force: bool = False) -> None:
        self._reported_s = now_s
        rate = self._rate.update(self._answered, now_s)
        left = sum(self._totals[state] for state in (State.PENDING, State.CLAIMED, State.DEFERRED))
        self._observer.on_progress(
            Progress(
                audience=self._ledger.audience,
                totals=dict(self._totals),
                rate_per_s=rate if not force else self._answered / max(1e-9, now_s - self._started_s),
                elapsed_s=now_s - self._started_s,
                finished_at=finish_at(self._clock.now(), left, rate),
                concurrency=self._concurrency.limit,
                slowed=() if force else self._slowed(now_s),
            )
        )

    def _slowed(self, now_s: float) -> tuple[Slowed, ...]:
        """Say whatever holds the run up now: Zalo, the clock, another run, this machine."""
        now = self._clock.now()
        until: dict[Cause, datetime | None] = {
            cause: None if until_s is None else now + timedelta(seconds=until_s - now_s)
            for cause, until_s in self._pace.causes(now_s).items()
        }
        if self._breaker.unreachable:
            until[Cause.UNREACHABLE] = None
        if self._resting:
            until[Cause.QUOTA] = datetime.fromtimestamp(self._rested_at_s, now.tzinfo)
        if self._night_until_s > now.timestamp():
            until[Cause.NIGHT] = datetime.fromtimestamp(self._night_until_s, now.tzinfo)
        if self._concurrency.lacks_files:
            until[Cause.FILES] = None
        slowed = self._since(until, now)
        self._silent_since = self._silence.since(self._answered - self._unheard, self._working, now)
        return (Slowed(Cause.SILENT, self._silent_since), *slowed) if self._silent_since else slowed

    # --- the releaser -----------------------------------------------------------------------------------------------------

    async def _release(self) -> None:
        while self._failure is None:
            self._paced.clear()
            if wanted := self._wanted():
                now_s = self._clock.monotonic_s()
                await self._let_go(wanted, now_s)
                self._make_way(now_s)
                self._hire()
            if wanted := self._wanted():
                wait_s = self._pace.wait_s(wanted, self._clock.monotonic_s())
                await self._clock.wait(self._paced, max(LEAST_WAIT_S, min(MOST_WAIT_S, wait_s)))
            else:
                await self._paced.wait()

    def _wanted(self) -> dict[int, int]:
        """Count who waits for the pace, by account; only a few while nobody answers."""
        most = self._concurrency.START if self._breaker.unreachable else self._ledger.audience
        return {account: min(most, len(queue)) for account, queue in self._held.items() if queue}

    async def _let_go(self, wanted: Mapping[int, int], now_s: float) -> None:
        try:
            granted = await self._granted(wanted, now_s)
        except StorageUnusable as exc:
            self._failure = exc
            self._end(Why.HALTED)
            return
        for account, people in granted.items():
            queue = self._held[account]
            for _ in range(min(people, len(queue))):  # some may have been handed back meanwhile
                self._ready.append(queue.popleft())
        if not self._has_yielded and self._pace.yields:
            self._has_yielded = True
            self._observer.on_note("a more urgent campaign goes first; this one goes on with what that leaves")
        if self._pace.rate_per_s is not None and 0 < sum(granted.values()) < sum(wanted.values()):
            self._concurrency.sustain(self._pace.rate_per_s)  # the crew keeps up with the pace, so it must not fall behind later

    async def _granted(self, wanted: Mapping[int, int], now_s: float) -> dict[int, int]:
        if not self._pace.blocks:
            return self._pace.take(wanted, now_s)
        return await asyncio.get_running_loop().run_in_executor(None, self._pace.take, wanted, now_s)

    def _make_way(self, now_s: float) -> None:
        """Give back those whose OA or app makes them wait while others could go, so that claims go on for the others."""
        if len(self._held) < 2 or min(self._pace.lane_wait_s(account, 1, now_s) for account in self._held) > MOST_WAIT_S:
            return
        for account, queue in self._held.items():
            soon = len(queue)
            while soon and self._pace.lane_wait_s(account, soon, now_s) > MOST_WAIT_S:
                soon -= 1
            self._put_off(account, [queue.pop() for _ in range(len(queue) - soon)], now_s)

    def _put_off(self, account: int, late: list[Attempt], now_s: float) -> None:
        """Give people back, the last first, each for a time of their own: due all at once, they would be in the way again."""
        wall_s = self._clock.now().timestamp()
        at_s = max(self._booked_s.get(account, 0.0), now_s + self._pace.lane_wait_s(account, 1, now_s))
        for attempt in reversed(late):
            at_s += self._pace.lane_interval_s(account)
            due_at_s = wall_s + at_s - now_s
            self._settled.append(self._entry(attempt, State.DEFERRED, Reason.THROTTLED, due_at_s=due_at_s))
        if late:
            self._booked_s[account] = at_s
            self._books.set()

    def _hire(self) -> None:
        if self._ending:
            return
        for _ in range(min(self._concurrency.limit - self._working, len(self._ready))):
            self._working += 1
            self._crew.create_task(self._deliver())

    # --- the crew: the hot path -------------------------------------------------------------------------------------------

    async def _deliver(self) -> None:
        ready, monotonic_s, concurrency = self._ready, self._clock.monotonic_s, self._concurrency
        while ready and self._working <= concurrency.limit and self._ending is None:
            attempt = ready.popleft()
            started_s = monotonic_s()
            if started_s >= self._expires_s:
                ready.appendleft(attempt)
                self._end(Why.FINISHED)
                break
            outcome = await self._channels[attempt.route].send(attempt.recipient)
            concurrency.observe(monotonic_s() - started_s)
            self._answered += 1
            self._settled.append(entry := self._judge(attempt, outcome, started_s))
            if outcome.awaits is not None:
                self._await_proof(attempt, entry, outcome.awaits)
            if self._eager and (len(ready) < WINDOW or len(self._settled) >= WINDOW):
                self._books.set()
            if self._working < concurrency.limit:
                self._hire()
        self._working -= 1

    def _judge(self, attempt: Attempt, outcome: Outcome, asked_s: float) -> Entry:
        if isinstance(outcome, Accepted):
            self._breaker.accepted()
            person = attempt.recipient
            return Entry(
                person.number, State.ACCEPTED, person.place, attempt.route, attempt.attempts + 1, 0, Reason.NONE, attempt.unclear,
                self._at_s, 0, outcome.message_id,
            )  # fmt: skip
        return self._not_accepted(attempt, outcome, asked_s)

    def _await_proof(self, attempt: Attempt, entry: Entry, evidence: Evidence) -> None:
        """Settle what an answer says, and take it back if it turns out to have been another person's."""
        self._unproven.add(entry.number)

        def told(believed: bool) -> None:
            if believed:
                self._unproven.discard(entry.number)
            else:
                self._doubted.append(Doubted(entry, self._unknown(attempt, Reason.OUT_OF_STEP, 0)))

        evidence.tell(told)

    # --- what was not accepted --------------------------------------------------------------------------------------------

    def _not_accepted(self, attempt: Attempt, outcome: Outcome, asked_s: float) -> Entry:
        self._breaker.observe(outcome, attempt.route, self._clock.monotonic_s())
        if self._breaker.halt:
            self._end(Why.HALTED)
        match outcome:
            case Unknown(reason, code):
                self._count_unheard(reason)
                return self._unknown(attempt, reason, code)
            case Rejected(Reason.NOT_THIS_ROUTE | Reason.NO_ADDRESS | Reason.NO_VALUE | Reason.SAME_PHONE as reason, code):
                return self._by_next_route(attempt, reason, code)
            case Rejected(reason, code):
                return self._entry(attempt, State.REJECTED, reason, code, counted=1)
            case Deferred():
                return self._deferred(attempt, outcome, asked_s)
        raise AssertionError(outcome)

    def _count_unheard(self, reason: Reason) -> None:
        """Let nobody more go to a server that has fallen silent, once time runs out for the first."""
        if reason is Reason.NO_ANSWER:
            self._unheard += 1
            if self._silent_since:
                self._pace.pause(self._clock.monotonic_s(), UNREACHABLE_PAUSE_S)
                self._take_back()

    def _unknown(self, attempt: Attempt, reason: Reason, code: int) -> Entry:
        if self._rules.on_unknown is OnUnknown.HOLD or attempt.attempts + 1 >= self._rules.attempts:
            return self._entry(attempt, State.UNKNOWN, reason, code, counted=1)
        due_at_s = self._policy.due_at_s(Deferred(reason), attempt.attempts + 1, self._clock.now())
        doubtful = attempt._replace(unclear=attempt.unclear + 1)
        return self._entry(doubtful, State.DEFERRED, reason, code, counted=1, due_at_s=due_at_s)

    def _by_next_route(self, attempt: Attempt, reason: Reason, code: int) -> Entry:
        """Move a person on: to the next route that is open, or to wait for one that rests, or to the end."""
        later = range(attempt.route + 1, len(self._channels))
        if (route := next((r for r in later if not self._rests(r, attempt)), None)) is not None:
            return self._entry(
                attempt._replace(route=route, attempts=0), State.DEFERRED, reason, code, due_at_s=self._at_s
            )  # fmt: skip
        resting = attempt.route if self._rests(attempt.route, attempt) else next(iter(later), None)
        if resting is None:
            return self._entry(attempt, State.REJECTED, reason, code, counted=1)
        waiting = attempt._replace(route=resting, attempts=0)
        return self._entry(waiting, State.DEFERRED, Reason.QUOTA, code, due_at_s=self._rested_at_s)

    def _deferred(self, attempt: Attempt, outcome: Deferred, asked_s: float) -> Entry:
        now = self._clock.now()
        match outcome.reason:
            case Reason.THROTTLED if outcome.code == TOO_MANY:
                self._slow_down(attempt, outcome, asked_s)
            case Reason.THROTTLED:
                account, monotonic_s = attempt.recipient.account, self._clock.monotonic_s()
                self._pace.heed_throttling(account, outcome.scope, monotonic_s, now.timestamp())
            case Reason.NOT_SENT:
                self._unheard += 1
                self._pace.pause(self._clock.monotonic_s(), UNREACHABLE_PAUSE_S)
                self._take_back()
            case Reason.QUOTA:
                self._rest(attempt)
                return self._by_next_route(attempt, outcome.reason, outcome.code)
        counted = 0 if outcome.reason in FREE else 1
        if self._policy.gives_up(outcome, attempt.attempts + 1):
            return self._by_next_route(attempt, outcome.reason, outcome.code)
        due_at_s = self._policy.due_at_s(outcome, attempt.attempts + 1, now)
        if outcome.reason is Reason.NIGHT:
            self._night_until_s = due_at_s
        return self._entry(attempt, State.DEFERRED, outcome.reason, outcome.code, counted=counted, due_at_s=due_at_s)

    def _slow_down(self, attempt: Attempt, outcome: Deferred, asked_s: float) -> None:
        if self._pace.heed_refusal(  # those about to go should rather not
            attempt.recipient.account, self._clock.monotonic_s(), asked_s=asked_s, answers=self._answered,
            retry_after_s=outcome.retry_after_s, scope=outcome.scope,
        ):  # fmt: skip
            self._take_back()

    def _take_back(self) -> None:
        """Let nobody go who has not gone yet; they ask the pace once more."""
        self._pace.take_back(Counter(attempt.recipient.account for attempt in self._ready))
        while self._ready:
            attempt = self._ready.pop()
            self._held[attempt.recipient.account].appendleft(attempt)
        self._paced.set()

    def _rests(self, route: int, attempt: Attempt) -> bool:
        return (route, attempt.recipient.account) in self._resting

    def _rest(self, attempt: Attempt) -> None:
        """Leave a route alone until the day's quota is there again; other routes and other OAs go on."""
        if not self._rests(attempt.route, attempt):
            self._rested_at_s = next_midnight(self._clock.now()).timestamp()
            self._resting.add((attempt.route, attempt.recipient.account))
            whose = f" of {self._accounts[attempt.recipient.account]}" if len(self._accounts) > 1 else ""
            self._observer.on_note(f"route {attempt.route + 1}{whose} has no quota left and rests until midnight")

    def _entry(
        self,
        attempt: Attempt,
        state: State,
        reason: Reason = Reason.NONE,
        code: int = 0,
        *,
        counted: int = 0,
        due_at_s: float = 0,
    ) -> Entry:
        person, calls = attempt.recipient, attempt.attempts + counted
        return Entry(
            person.number, state, person.place, attempt.route, calls, code, reason, attempt.unclear, self._at_s, due_at_s, ""
        )  # fmt: skip


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Unwrap a task group's errors: one of ours if there is one, else the first bug with its own traceback."""
    ours, others = group.split(ZaloAlertError)
    found: BaseException = ours or others or group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
