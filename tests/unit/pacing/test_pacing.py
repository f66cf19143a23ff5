"""The dispatcher and its pace in simulated time: accounts that wait beside others that go, and servers that slow down."""

import asyncio
import math
import random
import selectors
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from zalo_alert.delivery.dispatcher import Dispatcher, DispatchResult, Rules, StopReason
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Accepted, Deferred, OnUnknown, Outcome, Rank, Reason, Recipient, Scope, State, Unknown
from zalo_alert.pacing.braking import TOO_MANY
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.shared_pace import NAME, SharedPace
from zalo_alert.pacing.slowness import Cause
from zalo_alert.testing import MemorySource, Recording

BEGUN_AT = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves on when everyone waits, and only then; threads' work is done on the spot."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())
        self.now_s = 0.0
        real = self._selector.select  # type: ignore[attr-defined]

        def select(timeout: float | None = None) -> Any:
            self.now_s += timeout or 0
            return real(0)

        self._selector.select = select  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]  # at once
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as exc:
            done.set_exception(exc)
        return done


class SimulatedClock:
    """See `Clock`: tells a loop's time."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGUN_AT + timedelta(seconds=self._loop.now_s)

    def monotonic_s(self) -> float:
        return self._loop.now_s

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), timeout_s)


class Server:
    """A channel to a server whose latency changes with time; refuses whom it is told to."""

    def __init__(self, clock: SimulatedClock, latency_s: Callable[[float], float], answer: Callable[..., Outcome]) -> None:
        self._clock, self._latency_s, self._answer = clock, latency_s, answer
        self.arrived: list[tuple[float, int]] = []
        self.times: Counter[int] = Counter()

    async def send(self, recipient: Recipient) -> Outcome:
        now_s = self._clock.monotonic_s()
        self.arrived.append((now_s, recipient.account))
        self.times[recipient.number] += 1
        await asyncio.sleep(self._latency_s(now_s))
        return self._answer(recipient, now_s)

    def between(self, from_s: float, to_s: float, account: int | None = None) -> int:
        return sum(from_s <= at_s < to_s for at_s, whose in self.arrived if account in (None, whose))


class Run:
    """One run in simulated time, whose people belong to the accounts in turn."""

    def __init__(
        self,
        people: int,
        *,
        accounts: int = 1,
        latency_s: Callable[[float], float] = lambda now_s: 0.02,
        answer: Callable[..., Outcome] = lambda recipient, now_s: Accepted("m"),
        loop: SimulatedLoop | None = None,
    ) -> None:
        self.loop = loop or SimulatedLoop()
        self.clock = SimulatedClock(self.loop)
        self.ledger = MemoryLedger(people)
        self.observer = Recording()
        self.source = MemorySource(people)
        self.source.audience = [person._replace(account=person.number % accounts) for person in self.source.audience]
        self.server = Server(self.clock, latency_s, answer)

    def dispatcher(self, pace: Pace) -> Dispatcher:
        return Dispatcher(
            ledger=self.ledger,
            source=self.source,
            channels=[self.server],
            pace=pace,
            rules=Rules(BEGUN_AT + timedelta(hours=12), OnUnknown.HOLD, 5),
            clock=self.clock,
            observer=self.observer,
            concurrency=Concurrency(64, 2048),
        )

    def go(self, pace: Pace, *, stop_s: float = math.inf) -> DispatchResult:
        dispatcher = self.dispatcher(pace)

        async def going() -> DispatchResult:
            if stop_s < math.inf:
                asyncio.get_running_loop().call_later(stop_s, dispatcher.stop)
            return await dispatcher.run()

        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            return runner.run(going())

    def slowed(self) -> set[Cause]:
        """All that the observer was told to slow the run."""
        return {one.cause for progress in self.observer.progress for one in progress.slowed}

    def counted(self) -> dict[State, int]:
        return {state: people for state, people in self.ledger.totals().items() if people}


def lane(per_minute: int, *, app: str = "1", oa: str = "1", oa_per_minute: int | None = None) -> Lane:
    return Lane(f"app:{app}", spread(per_minute), f"oa:{oa}", spread(oa_per_minute or per_minute))


@pytest.mark.slow
def test_a_server_that_slows_a_hundredfold_and_back_gets_the_asked_rate_all_the_time() -> None:
    run = Run(5_000, latency_s=lambda now_s: 2.0 if 20 <= now_s < 50 else 0.02)

    run.go(Pace(4000))

    for from_s in range(0, 70, 10):
        assert run.server.between(from_s, from_s + 10) >= 0.97 * 10 * 4000 / 61
    assert run.counted() == {State.ACCEPTED: 5_000}


@pytest.mark.slow
def test_a_server_that_is_slow_from_the_first_call_is_asked_at_the_whole_rate_soon() -> None:
    run = Run(3_000, latency_s=lambda now_s: 2.0)

    run.go(Pace(4000))

    assert run.server.between(20, 40) >= 0.97 * 20 * 4000 / 61


@pytest.mark.slow
def test_answers_that_pile_up_do_not_leave_in_a_burst_when_the_server_wakes() -> None:
    run = Run(5_000, latency_s=lambda now_s: max(0.02, 50 - now_s) if 20 <= now_s < 50 else 0.02)

    run.go(Pace(4000))

    assert max(run.server.between(from_s, from_s + 60) for from_s in range(20)) <= 4000
    assert max(run.server.between(from_s, from_s + 1) for from_s in range(48, 60)) <= 4000 / 61 * 1.7


@pytest.mark.slow
def test_an_oa_that_is_blocked_does_not_hold_up_the_others() -> None:
    def answer(person: Recipient, now_s: float) -> Outcome:
        blocked = person.account == 1 and 20 <= now_s < 60
        return Deferred(Reason.THROTTLED, -32, scope=Scope.OA) if blocked else Accepted("m")

    run = Run(4_000, accounts=2, answer=answer)

    result = run.go(Pace(lanes=[lane(6000, oa="1"), lane(6000, oa="2")]))

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: 4_000}
    assert run.server.between(21, 30, account=0) >= 0.97 * 9 * 6000 / 61  # it even has what the other leaves
    assert run.server.between(22, 60, account=1) == 0
    assert max(run.server.times.values()) <= 2


@pytest.mark.slow
def test_an_oa_with_a_lower_limit_does_not_slow_the_others_down() -> None:
    run = Run(1_600, accounts=2)
    lanes = [lane(6000, app="1", oa="1"), lane(6000, app="2", oa="2", oa_per_minute=600)]

    result = run.go(Pace(lanes=lanes))

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: 1_600}
    assert run.server.between(0, 8, account=0) >= 0.97 * 8 * 6000 / 61  # as if it were alone
    assert run.server.between(10, 70, account=1) >= 0.95 * 600
    assert max(run.server.between(from_s, from_s + 60, account=1) for from_s in range(80)) <= 600
    assert set(run.server.times.values()) == {1}


def test_those_put_off_cost_no_attempt() -> None:
    run = Run(100, accounts=2)

    run.go(Pace(lanes=[lane(6000, app="1", oa="1"), lane(60, app="2", oa="2")]))

    assert {entry.attempts for entry in run.ledger.entries()} == {1}


@pytest.mark.slow
def test_two_runs_share_a_workspaces_rate(tmp_path: Path) -> None:
    paces = [SharedPace(tmp_path / NAME, [lane(4000)], None, Rank.EXPECTED) for _ in range(2)]
    one = Run(1_200)
    two = Run(1_200, loop=one.loop)

    async def both() -> None:
        await asyncio.gather(one.dispatcher(paces[0]).run(), two.dispatcher(paces[1]).run())

    with asyncio.Runner(loop_factory=lambda: one.loop) as runner:
        runner.run(both())

    together = sorted(one.server.arrived + two.server.arrived)
    assert together[-1][0] == pytest.approx(2400 * 61 / 4000, abs=1)
    assert one.server.between(0, 30) == pytest.approx(two.server.between(0, 30), rel=0.2)
    for pace in paces:
        pace.close()


@pytest.mark.slow
def test_a_run_says_that_a_more_urgent_one_goes_first_and_ends_after_it(tmp_path: Path) -> None:
    paces = [SharedPace(tmp_path / NAME, [lane(4000)], None, rank) for rank in (Rank.EXPECTED, Rank.IMMEDIATE)]
    calm = Run(400)
    urgent = Run(1_000, loop=calm.loop)

    async def both() -> None:
        await asyncio.gather(calm.dispatcher(paces[0]).run(), urgent.dispatcher(paces[1]).run())

    with asyncio.Runner(loop_factory=lambda: calm.loop) as runner:
        runner.run(both())

    last_s = urgent.server.arrived[-1][0]
    assert last_s <= 1_000 * 61 / 4000 * 1.05
    assert calm.server.between(2, last_s) <= 0.05 * 400
    assert calm.counted() == {State.ACCEPTED: 400}
    assert calm.observer.notes == ["a more urgent campaign goes first; this one goes on with what that leaves"]
    for pace in paces:
        pace.close()


def test_rates_that_cannot_be_kept_end_the_run_and_leave_nobody_unknown(tmp_path: Path) -> None:
    pace = SharedPace(tmp_path / NAME, [lane(4000)], None, Rank.EXPECTED)

    def answer(person: Recipient, now_s: float) -> Outcome:
        if person.number == 500:
            with sqlite3.connect(tmp_path / NAME) as other:
                other.execute("DROP TABLE meter")
        return Accepted("m")

    run = Run(1_000, answer=answer)

    with pytest.raises(StorageUnusable, match=r"rates\.db"):
        run.go(pace)
    pace.close()
    assert set(run.counted()) == {State.ACCEPTED, State.DEFERRED, State.PENDING}
    assert sum(run.counted().values()) == 1_000
    assert len(run.server.times) == run.counted()[State.ACCEPTED]


class Refusing:
    """Answers 429 when told to, and counts; `asked` so far and the instant decide."""

    def __init__(self, refuses: Callable[[int, float], bool], retry_after_s: float | None = None) -> None:
        self._refuses, self._retry_after_s = refuses, retry_after_s
        self.asked = self.refused = 0

    def __call__(self, person: Recipient, now_s: float) -> Outcome:
        self.asked += 1
        if not self._refuses(self.asked, now_s):
            return Accepted("m")
        self.refused += 1
        return Deferred(Reason.THROTTLED, TOO_MANY, self._retry_after_s)


def above(most: int, seconds: float) -> Callable[[int, float], bool]:
    """Whether more than so many were asked for in this stretch of so many seconds."""
    used: Counter[int] = Counter()

    def refuses(asked: int, now_s: float) -> bool:
        used[int(now_s // seconds)] += 1
        return used[int(now_s // seconds)] > most

    return refuses


def by_chance(share: float, seed: int) -> Callable[[int, float], bool]:
    chance = random.Random(seed)
    return lambda asked, now_s: chance.random() < share


@pytest.mark.slow
@pytest.mark.parametrize("retry_after_s", [None, 1.0, 300.0])
@pytest.mark.parametrize(("per_minute", "people"), [(4000, 2_000), (360_000, 12_000)])
def test_a_429_in_five_hundred_costs_little_whatever_it_asks_for(
    per_minute: int, people: int, retry_after_s: float | None
) -> None:
    without_s = people * 61 / per_minute
    answer = Refusing(by_chance(0.002, seed=1), retry_after_s)
    run = Run(people, answer=answer)

    run.go(Pace(per_minute), stop_s=0.5 + without_s / 0.85)

    assert answer.refused > 1
    assert run.counted()[State.ACCEPTED] >= people - answer.refused  # who was refused may still wait


@pytest.mark.parametrize(
    ("per_minute", "most", "seconds", "latency_s", "people", "stop_s", "retry_after_s"),
    [
        pytest.param(4000, 40, 1, 0.05, 3_000, 40, None, id="40 a second"),
        pytest.param(4000, 40, 1, 0.05, 3_000, 40, 1.0, id="40 a second, asks for a second"),
        pytest.param(4000, 60, 1, 0.05, 3_000, 40, None, id="60 a second"),
        pytest.param(4000, 2000, 60, 0.05, 6_000, 130, None, id="2000 a minute"),
        pytest.param(4000, 2000, 60, 0.05, 6_000, 130, 30.0, id="2000 a minute, asks for half of one"),
        pytest.param(60_000, 900, 1, 0.01, 20_000, 20, None, id="900 a second"),
        pytest.param(60_000, 20_000, 60, 0.02, 30_000, 60, None, id="20000 a minute"),
    ],
)
@pytest.mark.slow
def test_a_limit_that_nobody_told_of_is_found_and_hardly_anyone_is_refused(
    per_minute: int, most: int, seconds: float, latency_s: float, people: int, stop_s: float, retry_after_s: float | None
) -> None:
    answer = Refusing(above(most, seconds), retry_after_s)
    run = Run(people, latency_s=lambda now_s: latency_s, answer=answer)

    run.go(Pace(per_minute), stop_s=stop_s)

    granted = most * stop_s / seconds if seconds == 1 else most * math.ceil(stop_s / seconds)
    assert answer.refused <= 0.03 * answer.asked
    assert answer.asked - answer.refused >= 0.6 * granted
    assert run.counted().get(State.UNKNOWN, 0) == 0
    assert Cause.REFUSED in run.slowed()


@pytest.mark.slow
def test_two_runs_of_one_workspace_find_a_limit_together(tmp_path: Path) -> None:
    paces = [SharedPace(tmp_path / NAME, [lane(4000)], None, Rank.EXPECTED) for _ in range(2)]
    answer = Refusing(above(40, 1))
    one = Run(2_000, answer=answer)
    runs = [one, Run(2_000, answer=answer, loop=one.loop)]
    dispatchers = [run.dispatcher(pace) for run, pace in zip(runs, paces, strict=True)]

    async def both() -> None:
        for dispatcher in dispatchers:
            asyncio.get_running_loop().call_later(40, dispatcher.stop)
        await asyncio.gather(*(dispatcher.run() for dispatcher in dispatchers))

    with asyncio.Runner(loop_factory=lambda: one.loop) as runner:
        runner.run(both())

    assert answer.refused <= 0.03 * answer.asked
    assert answer.asked >= 0.6 * 40 * 40
    for pace in paces:
        pace.close()


def test_who_was_refused_and_asked_to_wait_is_asked_again_after_it_and_not_before() -> None:
    answer = Refusing(lambda asked, now_s: now_s < 4.0, retry_after_s=4.0)
    run = Run(10, answer=answer)

    run.go(Pace(4000))

    assert run.counted() == {State.ACCEPTED: 10}
    assert run.server.between(0.1, 4.0) == 0
    assert run.loop.now_s < 7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("per_minute", "latency_s", "needed"),
    [(300_000, 0.05, 246), (300_000, 0.1, 492), (60_000, 0.2, 197)],
)
def test_no_more_are_in_doubt_when_a_server_falls_silent_than_twice_what_the_pace_needs(
    per_minute: int, latency_s: float, needed: int
) -> None:
    run = Run(30_000)

    class Silent(Server):
        """Answers the first 8,000, and then leaves everyone waiting until time runs out."""

        async def send(self, recipient: Recipient) -> Outcome:
            silent = len(self.arrived) >= 8_000
            outcome = await super().send(recipient)
            if silent:
                await asyncio.sleep(60)
                return Unknown(Reason.NO_ANSWER)
            return outcome

    run.server = Silent(run.clock, lambda now_s: latency_s, lambda person, now_s: Accepted("m"))

    result = run.go(Pace(per_minute))

    assert result.reason is StopReason.HALTED
    assert run.counted()[State.ACCEPTED] == 8_000
    assert run.counted()[State.UNKNOWN] <= 2 * needed
    silences = [one for progress in run.observer.progress for one in progress.slowed if one.cause is Cause.SILENT]
    began_s = (silences[0].since - BEGUN_AT).total_seconds()
    assert began_s == pytest.approx(run.server.arrived[8_000][0], abs=0.6)
    assert run.loop.now_s < run.server.arrived[8_000][0] + 63  # the first who ran out of time ends it, not a second minute


def test_whatever_slows_a_run_is_told() -> None:
    def answer(person: Recipient, now_s: float) -> Outcome:
        if person.number == 100 and now_s < 3:
            return Deferred(Reason.NIGHT, -234, retry_after_s=30)
        return Deferred(Reason.THROTTLED, -32) if person.number == 1500 and now_s < 20 else Accepted("m")

    run = Run(2_000, answer=answer)

    run.go(Pace(6000))

    assert run.slowed() >= {Cause.NIGHT, Cause.MINUTE, Cause.LOWERED}
    assert run.observer.progress[-1].slowed == ()
    minute = next(one for told in run.observer.progress for one in told.slowed if one.cause is Cause.MINUTE)
    assert minute.until
    assert (minute.until - BEGUN_AT).total_seconds() == pytest.approx(60.5, abs=1)
