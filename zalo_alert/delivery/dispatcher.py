"""The pipeline: read people, claim them, pace, send, judge, record the outcome.

Four parts share one run. The reader takes people from the frozen audience, a window at a time, and those due again from the
ledger. The recorder claims whom it read and records the outcomes that have come in, both in one durable step. The releaser lets
claimed people go as fast as Zalo allows. The workers send, as many at once as the server's latency asks for. Reader and recorder
are one task and the releaser is another; each worker is a task of its own, started when there is work for it.

Whoever is refused for now waits in the ledger, ordered by due time, and is claimed again like anyone else.

What holds at any instant:

- Nobody is sent to who was not claimed on the disk before.
- What a crash can leave unknown are those in flight and at most two windows more; `at_risk` says how many that may be.
- Whoever's answer may still turn out to be another person's is not claimed again until that is settled.
- Whoever is put back unsent keeps their attempts.
- Once a reason to stop stands, nobody more is claimed or sent to; what is in flight is answered and recorded.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import repeat
from math import inf
from typing import NamedTuple, Protocol

from zalo_alert.delivery.breaker import Breaker, Halt
from zalo_alert.delivery.canary import KNOWN_BEFOREHAND, Stage, has_answered, objection
from zalo_alert.delivery.channels.base import Channel
from zalo_alert.delivery.progress import Observer, Progress, RateEstimator, finish_at
from zalo_alert.delivery.retry import FREE, Policy, next_midnight
from zalo_alert.delivery.task_errors import first_error
from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.clock import Clock
from zalo_alert.language import _, count, persons
from zalo_alert.ledger.base import Entry, Ledger, Window
from zalo_alert.models import Accepted, Deferred, Evidence, OnUnknown, Outcome, Reason, Recipient, Rejected, State, Unknown
from zalo_alert.pacing.braking import TOO_MANY
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.slowness import Cause, Silence, Since, Slowed

WINDOW = 512  # people claimed at once at full speed: a commit every 512 costs little, and a crash leaves at most so many unposted
WINDOW_S = 0.25  # and at a slow pace no more than this many seconds' worth
COMMIT_S = 0.2  # answers that may await the next commit, as seconds of the pace
TICK_S = 0.05  # how long an outcome may wait for a commit, and the recorder for something to do
REPORT_S = 0.25  # how often the observer hears, and a stop request is looked for
FAR_S = 300.0  # when everyone left waits longer than this, the process need not: `resume` continues then
UNREACHABLE_PAUSE_S = 1.0  # between two probes of a server that cannot be reached
LEAST_WAIT_S, MOST_WAIT_S = 0.005, 1.0  # between two questions to the pace: its answer may change by what other processes do


def at_risk(concurrency: int) -> int:
    """Return the most people that a crash can leave unknown: those in flight, and two windows.

    Two, because the next window is claimed while the one before is still being sent; with one, the workers would stand idle
    during each commit. No more, because a claim is made only while those claimed and unanswered are at most one window beyond
    those in flight, adds at most one window, and records in the same commit whoever has been answered until then.
    """
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


class Correction(NamedTuple):
    """What was recorded of a person by an answer that was perhaps another's, and what is true instead."""

    before: Entry
    after: Entry


class StopReason(StrEnum):
    """Why a dispatch ended."""

    FINISHED = "finished"
    STOPPED = "stopped"  # someone asked for it
    HALTED = "halted"  # the breaker, or the ledger
    PAUSED = "paused"  # the first people's answers speak against going on
    WAITING = "waiting"  # everyone left is due much later


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """How a dispatch ended, with the totals counted afresh from the ledger.

    `objection` says why it paused; `by_hand`, whether a person at the keyboard stopped it; `unrenewed` gives each account whose
    token could not be renewed: why not, and what to do about it.
    """

    reason: StopReason
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


def _sizes(rate_per_s: float | None) -> tuple[int, int]:
    """Return how many people are claimed at once, and how many answers are recorded at once: few where a rate is low."""
    if rate_per_s is None:
        return WINDOW, WINDOW
    return max(1, min(WINDOW, round(rate_per_s * WINDOW_S))), max(16, min(WINDOW, round(rate_per_s * COMMIT_S)))


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
        first_routes: By number of place, the route that is tried first; the others follow in turn. Empty: route 0 for everyone.
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
        first_routes: Sequence[int] = (),
    ) -> None:
        self._ledger, self._source, self._channels = ledger, source, channels
        self._pace, self._rules, self._clock, self._observer = pace, rules, clock, observer
        self._policy, self._retry_unknown = Policy(rules.attempts), rules.on_unknown is OnUnknown.RESEND
        self._concurrency, self._stop_requested = concurrency, stop_requested
        self._breaker, self._refusals = breaker or Breaker(), refusals
        self._stages, self._objection = deque(stages), ""
        self._first_routes = first_routes
        self._window_people, self._commit_people = _sizes(pace.rate_per_s)
        if pace.rate_per_s is not None:
            concurrency.suffice(pace.rate_per_s)
        self._is_full_speed = self._window_people == WINDOW  # so fast that the recorder must be woken before its tick
        self._held: defaultdict[int, deque[Attempt]] = defaultdict(deque)  # claimed, waiting for the pace, by number of account
        self._slots_given_until_s: dict[int, float] = {}  # by number of account: up to when its rate's slots have been given out
        self._ready: deque[Attempt] = deque()  # free to go
        self._settled: list[Entry] = []  # answered, not yet in the ledger
        self._withheld: list[Entry] = []  # claimed, and refuse to be written to; settled once the claim is on the disk
        self._unproven: set[int] = set()  # whose answer their connection has not proved to be theirs yet
        self._corrections: list[Correction] = []  # not yet in the ledger
        self._recorded_at_s = -inf
        self._claimed = 0  # in the ledger as claimed by us
        self._workers = 0  # tasks that send now
        self._accounts = tuple(accounts)
        self._exhausted: set[tuple[int, int]] = set()  # routes without quota, each with the account that used it up
        self._quota_back_at_s = 0.0  # when they may be tried again
        self._has_yielded = False  # to a more urgent campaign, and said so
        self._next_due_s: float | None = None
        self._recorder_work = asyncio.Event()  # set when the recorder has something to do
        self._releaser_work = asyncio.Event()  # set when the releaser has
        self._stop_reason: StopReason | None = None
        self._failure: StorageUnusable | None = None
        self._tasks: asyncio.TaskGroup
        self._wall_s = 0  # the wall clock, as of the recorder's last round
        self._expires_s = 0.0  # on the monotonic clock, set right whenever the wall clock is looked at
        self._totals: dict[State, int] = {}
        self._answered = 0
        self._no_answers = 0  # among those answered: ran out of time, or found no server
        self._silence, self._since = Silence(clock.now()), Since()
        self._silent_since: datetime | None = None
        self._night_until_s = -inf  # on the wall clock
        self._rate = RateEstimator()
        self._started_s = self._reported_s = clock.monotonic_s()

    def stop(self) -> None:
        """Claim nobody more, let what is in flight be answered and recorded, then end; safe to call twice."""
        self._drain(StopReason.STOPPED)

    def retry_unknown(self) -> None:
        """Ask everyone unknown again in this run, whatever the campaign says; called before `run`."""
        self._retry_unknown = True

    async def run(self) -> DispatchResult:
        """Send until nobody is left, or something says stop.

        Raises:
            StorageUnusable: The ledger failed; what could not be recorded is unknown after the next start.
        """
        self._wall_s = int(self._clock.now().timestamp())
        self._ledger.recover(at_s=self._wall_s, places=self._find_places)
        if self._retry_unknown:
            self._ledger.retry_unknown(due_at_s=self._wall_s)
        self._totals = dict(self._ledger.totals())
        if lost := self._totals[State.CLAIMED]:  # nobody is claimed yet: whoever seems so has had a row, and it is gone
            raise StorageUnusable(_("the ledger has lost what happened to {people}", people=persons(lost)), hint=RESTORE_RUN)
        self._next_due_s = self._ledger.next_due_s()
        try:
            async with asyncio.TaskGroup() as self._tasks:
                releaser = self._tasks.create_task(self._run_releaser(), name="releaser")
                try:
                    await self._run_recorder()
                except BaseException:  # cut short: an answer that still comes in must start no more workers
                    self._drain(StopReason.STOPPED)
                    raise
                releaser.cancel()
        except BaseExceptionGroup as group:
            raise first_error(group) from group
        if self._failure:
            raise self._failure
        return self._conclude()

    def _find_places(self, numbers: Sequence[int]) -> list[int]:
        return [person.place for person in self._source.people(numbers)]

    def _conclude(self) -> DispatchResult:
        if self._clock.now() >= self._rules.expires:
            self._ledger.expire(at_s=int(self._clock.now().timestamp()))
        totals = dict(self._ledger.totals())
        open_ = totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]
        reason = StopReason.FINISHED if not open_ else self._stop_reason or StopReason.WAITING
        if sum(totals.values()) != self._ledger.audience:
            raise StorageUnusable(
                _(
                    "the states add up to {people}, not to the audience of {audience}",
                    people=count(sum(totals.values())),
                    audience=count(self._ledger.audience),
                )
            )
        self._totals = totals
        self._report_progress(self._clock.monotonic_s(), force=True)
        halt = self._breaker.halt if reason is StopReason.HALTED else None
        return DispatchResult(reason, totals, halt, self._ledger.next_due_s(), self._objection)

    # --- the recorder: reads, claims and records --------------------------------------------------------------------------

    async def _run_recorder(self) -> None:
        while True:
            self._poll_controls()
            self._pass_stages()
            window, due = self._choose_claims()
            if window or due or self._are_outcomes_due():
                settled, self._settled = self._settled, []
                corrections, self._corrections = self._corrections, []
                await self._record_and_claim(settled, window, due, corrections)
                self._recorded_at_s = self._clock.monotonic_s()
            elif self._is_done():
                return
            await self._wait_for_work()

    def _are_outcomes_due(self) -> bool:
        """Whether outcomes alone are worth a commit; each claim records them in its own in any case."""
        if not (self._settled or self._corrections):
            return False
        waited_s = self._clock.monotonic_s() - self._recorded_at_s
        return len(self._settled) >= self._commit_people or waited_s >= TICK_S or self._stop_reason is not None

    def _poll_controls(self) -> None:
        """Look at the clock, the breaker and a stop request, and tell the observer."""
        now_s = self._clock.monotonic_s()
        self._wall_s = int(self._clock.now().timestamp())
        if self._breaker.halt:
            self._drain(StopReason.HALTED)
        left_s = (self._rules.expires - self._clock.now()).total_seconds()
        self._expires_s = now_s + left_s
        if left_s <= 0:
            self._drain(StopReason.FINISHED)
        if self._exhausted and self._clock.now().timestamp() >= self._quota_back_at_s:
            self._exhausted.clear()
        if now_s - self._reported_s >= REPORT_S:
            if self._stop_requested():
                self._drain(StopReason.STOPPED)
            self._report_progress(now_s)
        if self._stop_reason:
            self._requeue_unsent()

    def _pass_stages(self) -> None:
        """Let the rest follow once a stage has answered and nothing speaks against it."""
        while self._stages and self._ledger.next_number >= self._stages[0].end and not (self._claimed or self._stop_reason):
            stage = self._stages[0]
            if self._ledger.next_number == stage.end:
                totals = self._ledger.counted(stage.first, stage.people)
                if not has_answered(stage, totals, soon=not self._is_next_due_far()):
                    return
                known_beforehand = self._count_known_rejections(stage)
                against = objection(stage, totals, self._concurrency.first_s, self._concurrency.latest_s, known_beforehand)
                if against:
                    self._objection = _("after {stage}: {against}", stage=stage.name, against=against)
                    self._drain(StopReason.PAUSED)
                    return
                self._observer.on_note(
                    _("{stage}: {people} accepted; the rest follow", stage=stage.name, people=persons(totals[State.ACCEPTED]))
                )
            self._stages.popleft()

    def _count_known_rejections(self, stage: Stage) -> int:
        """Count those of a stage who were rejected for what was known of them beforehand."""
        rejected = self._ledger.entries(states=[State.REJECTED])
        return sum(entry.reason in KNOWN_BEFOREHAND and stage.first <= entry.number < stage.end for entry in rejected)

    def _choose_claims(self) -> tuple[Window | None, list[Entry]]:
        """Pick whom to claim next: whoever is due again, then people never claimed, as long as few are under way."""
        unreachable = self._breaker.unreachable
        most = self._concurrency.START if unreachable else self._window_people  # only a probe, while nobody answers
        waiting = sum(map(len, self._held.values())) + len(self._ready)
        unanswered = self._claimed - len(self._settled)
        # Stopping drains: who is in flight is answered and recorded, and claiming more would only prolong that.
        # Otherwise these two bounds keep the promise of `at_risk`.
        if self._stop_reason or waiting > most or unanswered > self._concurrency.limit + self._commit_people:
            return None, []
        due: list[Entry] = []
        if self._next_due_s is not None and self._next_due_s <= self._clock.now().timestamp():
            # An unproven refusal may be another person's while theirs was executed: trying again could reach them twice.
            entries = self._ledger.due(before_s=self._clock.now().timestamp(), limit=most + len(self._unproven))
            due = [entry for entry in entries if entry.number not in self._unproven][:most]
        people = min(most - len(due), self._claim_limit - self._ledger.next_number)
        if people <= 0 or unreachable or self._are_all_exhausted():
            return None, due
        return Window(self._ledger.next_number, people, int(self._clock.now().timestamp())), due

    @property
    def _claim_limit(self) -> int:
        return self._stages[0].end if self._stages else self._ledger.claimable

    @property
    def _never_claimed(self) -> int:
        return self._ledger.claimable - self._ledger.next_number

    async def _record_and_claim(
        self, settled: list[Entry], window: Window | None, due: list[Entry], corrections: list[Correction]
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            attempts = await loop.run_in_executor(None, self._write_ledger, settled, window, due, corrections)
        except StorageUnusable as exc:
            self._settled, self._corrections = settled + self._settled, corrections + self._corrections
            if self._failure and not self._workers:
                raise  # tried once more with everybody back; it is final
            self._failure = exc
            self._drain(StopReason.HALTED)
            self._requeue_unsent()
            return
        if due:
            self._next_due_s = self._ledger.next_due_s()
            self._totals[State.DEFERRED] -= len(due)
        self._count_recorded(settled, len(attempts) + len(self._withheld))
        self._count_corrected(corrections)
        self._settled += self._withheld
        self._withheld.clear()
        self._hold(attempts)  # only now, with the claim on the disk: after a crash, whoever may have been sent to is known

    def _write_ledger(
        self, settled: list[Entry], window: Window | None, due: list[Entry], corrections: list[Correction]
    ) -> list[Attempt]:
        """Read and claim, in a thread: the disk must not hold up the workers. Read first: an unreadable shard claims nobody."""
        attempts = []
        if due:
            again = self._source.people([entry.number for entry in due])
            attempts = [Attempt(p, e.route, e.attempts, e.unclear) for p, e in zip(again, due, strict=True)]
        if window:
            people = self._source.window(window.first, window.people)
            attempts += map(Attempt, people, self._routes_at_first(people), repeat(0), repeat(0))
        corrected = [after for _, after in corrections]
        self._ledger.record(settled=settled, window=window, again=[entry.number for entry in due], doubted=corrected)
        return self._withhold_refusing(attempts)

    def _routes_at_first(self, people: Sequence[Recipient]) -> Iterable[int]:
        first = self._first_routes
        return [first[person.place] for person in people] if first else repeat(0)

    def _withhold_refusing(self, attempts: list[Attempt]) -> list[Attempt]:
        """Withhold from those who refuse, and return the others; a window at a time, and only where somebody refuses at all."""
        if not attempts or self._refusals is None or not self._refusals.look():
            return attempts
        allowed = []
        for attempt in attempts:
            if reason := self._refusals.reason_of(attempt.recipient.user_id):
                self._withheld.append(self._make_entry(attempt, State.WITHHELD, reason))
            else:
                allowed.append(attempt)
        return allowed

    def _count_recorded(self, settled: list[Entry], claimed: int) -> None:
        totals = self._totals
        for entry in settled:
            totals[entry.state] += 1
            if entry.state is State.DEFERRED and (self._next_due_s is None or entry.due_at_s < self._next_due_s):
                self._next_due_s = entry.due_at_s
        self._claimed += claimed - len(settled)
        totals[State.CLAIMED] = self._claimed
        totals[State.PENDING] = self._never_claimed

    def _count_corrected(self, corrections: list[Correction]) -> None:
        for before, after in corrections:
            self._totals[before.state] -= 1
            self._totals[after.state] += 1
            self._unproven.discard(after.number)
        if corrections:
            self._next_due_s = self._ledger.next_due_s()

    def _hold(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            if self._is_exhausted(attempt.route, attempt):
                self._settled.append(self._move_to_next_route(attempt, Reason.QUOTA, 0))
            else:
                self._held[attempt.recipient.account].append(attempt)
        self._releaser_work.set()

    def _is_done(self) -> bool:
        if self._claimed or self._settled or self._corrections or (self._unproven and not self._failure):
            return False
        if self._stop_reason:
            return True
        if self._claim_limit > self._ledger.next_number and not self._are_all_exhausted():
            return False
        return self._is_next_due_far()

    def _is_next_due_far(self) -> bool:
        """Whether nobody is due again for minutes."""
        return self._next_due_s is None or self._next_due_s - self._clock.now().timestamp() > FAR_S

    def _are_all_exhausted(self) -> bool:
        return len(self._exhausted) == len(self._channels) * len(self._accounts)

    async def _wait_for_work(self) -> None:
        if len(self._settled) < WINDOW:
            self._recorder_work.clear()
            await self._clock.wait(self._recorder_work, TICK_S)

    def _drain(self, reason: StopReason) -> None:
        """Claim and send to nobody more; the first reason stays."""
        if self._stop_reason is None:
            self._stop_reason = reason
            self._recorder_work.set()

    def _requeue_unsent(self) -> None:
        """Put back whoever is claimed and not sent to: due at once, and with their attempts, for nobody has tried them."""
        for queue in (*self._held.values(), self._ready):
            while queue:
                self._settled.append(self._make_entry(queue.popleft(), State.DEFERRED, due_at_s=self._wall_s))

    def _report_progress(self, now_s: float, *, force: bool = False) -> None:
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
                slowed=() if force else self._list_slowdowns(now_s),
            )
        )

    def _list_slowdowns(self, now_s: float) -> tuple[Slowed, ...]:
        """List whatever holds the run up now: Zalo, the clock, another run, this machine."""
        now = self._clock.now()
        until: dict[Cause, datetime | None] = {
            cause: None if until_s is None else now + timedelta(seconds=until_s - now_s)
            for cause, until_s in self._pace.causes(now_s).items()
        }
        if self._breaker.unreachable:
            until[Cause.UNREACHABLE] = None
        if self._exhausted:
            until[Cause.QUOTA] = datetime.fromtimestamp(self._quota_back_at_s, now.tzinfo)
        if self._night_until_s > now.timestamp():
            until[Cause.NIGHT] = datetime.fromtimestamp(self._night_until_s, now.tzinfo)
        if self._concurrency.lacks_files:
            until[Cause.FILES] = None
        slowed = self._since(until, now)
        self._silent_since = self._silence.since(self._answered - self._no_answers, self._workers, now)
        return (Slowed(Cause.SILENT, self._silent_since), *slowed) if self._silent_since else slowed

    # --- the releaser -----------------------------------------------------------------------------------------------------

    async def _run_releaser(self) -> None:
        while self._failure is None:
            self._releaser_work.clear()
            if held := self._count_held():
                now_s = self._clock.monotonic_s()
                await self._release(held, now_s)
                self._requeue_blocked(now_s)
                self._start_workers()
            if held := self._count_held():
                wait_s = self._pace.wait_s(held, self._clock.monotonic_s())
                await self._clock.wait(self._releaser_work, max(LEAST_WAIT_S, min(MOST_WAIT_S, wait_s)))
            else:
                await self._releaser_work.wait()

    def _count_held(self) -> dict[int, int]:
        """Count who waits for the pace, by account; at most a few while nobody answers."""
        most = self._concurrency.START if self._breaker.unreachable else self._ledger.audience
        return {account: min(most, len(queue)) for account, queue in self._held.items() if queue}

    async def _release(self, held: Mapping[int, int], now_s: float) -> None:
        try:
            granted = await self._ask_pace(held, now_s)
        except StorageUnusable as exc:
            self._failure = exc
            self._drain(StopReason.HALTED)
            return
        for account, people in granted.items():
            queue = self._held[account]
            for _turn in range(min(people, len(queue))):  # some may have been put back meanwhile
                self._ready.append(queue.popleft())
        if not self._has_yielded and self._pace.yields:
            self._has_yielded = True
            self._observer.on_note(_("a more urgent campaign goes first; this one goes on with what that leaves"))
        if self._pace.rate_per_s is not None and 0 < sum(granted.values()) < sum(held.values()):
            self._concurrency.sustain(self._pace.rate_per_s)  # the workers keep up with the pace now, and must later

    async def _ask_pace(self, held: Mapping[int, int], now_s: float) -> dict[int, int]:
        if not self._pace.blocks:
            return self._pace.take(held, now_s)
        return await asyncio.get_running_loop().run_in_executor(None, self._pace.take, held, now_s)

    def _requeue_blocked(self, now_s: float) -> None:
        """Put those back whose OA or app makes them wait while others could go, so that claims go on for the others."""
        if len(self._held) < 2 or min(self._pace.lane_wait_s(account, 1, now_s) for account in self._held) > MOST_WAIT_S:
            return
        for account, queue in self._held.items():
            soon = len(queue)
            while soon and self._pace.lane_wait_s(account, soon, now_s) > MOST_WAIT_S:
                soon -= 1
            self._defer_until_slots(account, [queue.pop() for _turn in range(len(queue) - soon)], now_s)

    def _defer_until_slots(self, account: int, late: list[Attempt], now_s: float) -> None:
        """Put people back, each until a slot of their own: due all at once, they would block the others again."""
        wall_s = self._clock.now().timestamp()
        at_s = max(self._slots_given_until_s.get(account, 0.0), now_s + self._pace.lane_wait_s(account, 1, now_s))
        for attempt in reversed(late):
            at_s += self._pace.lane_interval_s(account)
            due_at_s = wall_s + at_s - now_s
            self._settled.append(self._make_entry(attempt, State.DEFERRED, Reason.THROTTLED, due_at_s=due_at_s))
        if late:
            self._slots_given_until_s[account] = at_s
            self._recorder_work.set()

    def _start_workers(self) -> None:
        if self._stop_reason:
            return
        for _turn in range(min(self._concurrency.limit - self._workers, len(self._ready))):
            self._workers += 1
            self._tasks.create_task(self._deliver())

    # --- the workers: the hot path ----------------------------------------------------------------------------------------

    async def _deliver(self) -> None:
        ready, monotonic_s, concurrency = self._ready, self._clock.monotonic_s, self._concurrency
        while ready and self._workers <= concurrency.limit and self._stop_reason is None:
            attempt = ready.popleft()
            started_s = monotonic_s()
            # Looked at here, for each person and last of all: whoever was claimed in time may have waited for the pace past it.
            if started_s >= self._expires_s:
                ready.appendleft(attempt)
                self._drain(StopReason.FINISHED)
                break
            outcome = await self._channels[attempt.route].send(attempt.recipient)
            concurrency.observe(monotonic_s() - started_s)
            self._answered += 1
            self._settled.append(entry := self._judge(attempt, outcome, started_s))
            if outcome.awaits is not None:
                self._await_proof(attempt, entry, outcome.awaits)
            if self._is_full_speed and (len(ready) < WINDOW or len(self._settled) >= WINDOW):
                self._recorder_work.set()
            if self._workers < concurrency.limit:
                self._start_workers()
        self._workers -= 1

    def _judge(self, attempt: Attempt, outcome: Outcome, asked_s: float) -> Entry:
        if isinstance(outcome, Accepted):
            self._breaker.accepted()
            person = attempt.recipient
            return Entry(
                person.number, State.ACCEPTED, person.place, attempt.route, attempt.attempts + 1, 0, Reason.NONE, attempt.unclear,
                self._wall_s, 0, outcome.message_id,
            )  # fmt: skip
        return self._judge_failure(attempt, outcome, asked_s)

    def _await_proof(self, attempt: Attempt, entry: Entry, evidence: Evidence) -> None:
        """Let an answer count, and correct what it said once it turns out to be perhaps another person's."""
        self._unproven.add(entry.number)

        def conclude(is_theirs: bool) -> None:
            if is_theirs:
                self._unproven.discard(entry.number)
            else:
                self._corrections.append(Correction(entry, self._settle_unknown(attempt, Reason.OUT_OF_STEP, 0)))

        evidence.tell(conclude)

    # --- what was not accepted --------------------------------------------------------------------------------------------

    def _judge_failure(self, attempt: Attempt, outcome: Outcome, asked_s: float) -> Entry:
        self._breaker.observe(outcome, attempt.route, self._clock.monotonic_s())
        if self._breaker.halt:
            self._drain(StopReason.HALTED)
        match outcome:
            case Unknown(reason, code):
                self._count_no_answer(reason)
                return self._settle_unknown(attempt, reason, code)
            case Rejected(Reason.NOT_THIS_ROUTE | Reason.NO_ADDRESS | Reason.NO_VALUE | Reason.SAME_PHONE as reason, code):
                return self._move_to_next_route(attempt, reason, code)
            case Rejected(reason, code):
                return self._make_entry(attempt, State.REJECTED, reason, code, counted=1)
            case Deferred():
                return self._defer(attempt, outcome, asked_s)
        raise AssertionError(outcome)

    def _count_no_answer(self, reason: Reason) -> None:
        """Send to nobody more on a server that has fallen silent, once time runs out for the first."""
        if reason is Reason.NO_ANSWER:
            self._no_answers += 1
            if self._silent_since:
                self._pace.pause(self._clock.monotonic_s(), UNREACHABLE_PAUSE_S)
                self._hold_again()

    def _settle_unknown(self, attempt: Attempt, reason: Reason, code: int) -> Entry:
        if self._rules.on_unknown is OnUnknown.HOLD or attempt.attempts + 1 >= self._rules.attempts:
            return self._make_entry(attempt, State.UNKNOWN, reason, code, counted=1)
        due_at_s = self._policy.due_at_s(Deferred(reason), attempt.attempts + 1, self._clock.now())
        perhaps_reached = attempt._replace(unclear=attempt.unclear + 1)
        return self._make_entry(perhaps_reached, State.DEFERRED, reason, code, counted=1, due_at_s=due_at_s)

    def _move_to_next_route(self, attempt: Attempt, reason: Reason, code: int) -> Entry:
        """Move a person on: to the next route that has quota, or to wait for one that has none, or to the end."""
        later = self._later_routes(attempt)
        if (route := next((r for r in later if not self._is_exhausted(r, attempt)), None)) is not None:
            return self._make_entry(
                attempt._replace(route=route, attempts=0), State.DEFERRED, reason, code, due_at_s=self._wall_s
            )  # fmt: skip
        exhausted = attempt.route if self._is_exhausted(attempt.route, attempt) else next(iter(later), None)
        if exhausted is None:
            return self._make_entry(attempt, State.REJECTED, reason, code, counted=1)
        waiting = attempt._replace(route=exhausted, attempts=0)
        return self._make_entry(waiting, State.DEFERRED, Reason.QUOTA, code, due_at_s=self._quota_back_at_s)

    def _later_routes(self, attempt: Attempt) -> list[int]:
        """Return the routes that are left to a person: those after theirs, round to the one that was tried first."""
        first, routes = self._first_routes[attempt.recipient.place] if self._first_routes else 0, len(self._channels)
        tried = (attempt.route - first) % routes + 1
        return [(first + turn) % routes for turn in range(tried, routes)]

    def _defer(self, attempt: Attempt, outcome: Deferred, asked_s: float) -> Entry:
        now = self._clock.now()
        match outcome.reason:
            case Reason.THROTTLED if outcome.code == TOO_MANY:
                self._slow_down(attempt, outcome, asked_s)
            case Reason.THROTTLED:
                account, monotonic_s = attempt.recipient.account, self._clock.monotonic_s()
                self._pace.heed_throttling(account, outcome.scope, monotonic_s, now.timestamp())
            case Reason.NOT_SENT:
                self._no_answers += 1
                self._pace.pause(self._clock.monotonic_s(), UNREACHABLE_PAUSE_S)
                self._hold_again()
            case Reason.QUOTA:
                self._exhaust_route(attempt)
                return self._move_to_next_route(attempt, outcome.reason, outcome.code)
        counted = 0 if outcome.reason in FREE else 1
        if self._policy.gives_up(outcome, attempt.attempts + 1):
            return self._move_to_next_route(attempt, outcome.reason, outcome.code)
        due_at_s = self._policy.due_at_s(outcome, attempt.attempts + 1, now)
        if outcome.reason is Reason.NIGHT:
            self._night_until_s = due_at_s
        return self._make_entry(attempt, State.DEFERRED, outcome.reason, outcome.code, counted=counted, due_at_s=due_at_s)

    def _slow_down(self, attempt: Attempt, outcome: Deferred, asked_s: float) -> None:
        if self._pace.heed_refusal(  # those about to go should rather not
            attempt.recipient.account, self._clock.monotonic_s(), asked_s=asked_s, answers=self._answered,
            retry_after_s=outcome.retry_after_s, scope=outcome.scope,
        ):  # fmt: skip
            self._hold_again()

    def _hold_again(self) -> None:
        """Let whoever is not sent to yet ask the pace once more."""
        self._pace.take_back(Counter(attempt.recipient.account for attempt in self._ready))
        while self._ready:
            attempt = self._ready.pop()
            self._held[attempt.recipient.account].appendleft(attempt)
        self._releaser_work.set()

    def _is_exhausted(self, route: int, attempt: Attempt) -> bool:
        return (route, attempt.recipient.account) in self._exhausted

    def _exhaust_route(self, attempt: Attempt) -> None:
        """Use a route of an OA no more until the day's quota is there again; other routes and other OAs go on."""
        if not self._is_exhausted(attempt.route, attempt):
            self._quota_back_at_s = next_midnight(self._clock.now()).timestamp()
            self._exhausted.add((attempt.route, attempt.recipient.account))
            self._observer.on_note(self._describe_exhausted(attempt))

    def _describe_exhausted(self, attempt: Attempt) -> str:
        route = attempt.route + 1
        if len(self._accounts) <= 1:
            return _("route {route} has no quota left and rests until midnight", route=route)
        account = self._accounts[attempt.recipient.account]
        return _("route {route} of {account} has no quota left and rests until midnight", route=route, account=account)

    def _make_entry(
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
            person.number, state, person.place, attempt.route, calls, code, reason, attempt.unclear, self._wall_s, due_at_s, ""
        )  # fmt: skip
