"""The pipeline against channels that answer as told: who is asked, how often, and where everyone ends."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from zalo_alert.delivery.breaker import NO_VERDICT_LIMIT, SAME_FAULT_LIMIT
from zalo_alert.delivery.canary import Stage
from zalo_alert.delivery.channels.memory import Answer, MemoryChannel, accept
from zalo_alert.delivery.dispatcher import WINDOW, Dispatcher, DispatchResult, Rules, StopReason, at_risk
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.ledger.base import Places, Window
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import (
    Accepted,
    Deferred,
    OnUnknown,
    Outcome,
    Promised,
    Reason,
    Recipient,
    Rejected,
    State,
    Unknown,
)
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.pace import Pace
from zalo_alert.testing import FakeClock, MemorySource, Recording

AUDIENCE = 1_300  # more than two windows


class Run:
    """One run in memory that can be dispatched again and again."""

    def __init__(self, *answers: Answer, people: int = AUDIENCE, **rules: Any) -> None:
        self.clock = FakeClock()
        self.ledger = MemoryLedger(people)
        self.source = MemorySource(people)
        self.channels: Any = [MemoryChannel(answer) for answer in answers or (accept,)]
        self.observer = Recording()
        given = {"expires": self.clock.now() + timedelta(hours=12), "on_unknown": OnUnknown.HOLD, "attempts": 5}
        self.rules = Rules(**{**given, **rules})

    def dispatcher(self, pace: Pace | None = None, **more: Any) -> Dispatcher:
        return Dispatcher(
            ledger=self.ledger,
            source=self.source,
            channels=self.channels,
            pace=pace or Pace(None),
            rules=self.rules,
            clock=self.clock,
            observer=self.observer,
            concurrency=Concurrency(64, 256),
            **more,
        )

    def go(self, pace: Pace | None = None, **more: Any) -> DispatchResult:
        return asyncio.run(self.dispatcher(pace, **more).run())

    def counted(self) -> dict[State, int]:
        totals = self.ledger.totals()
        assert sum(totals.values()) == self.ledger.audience
        return {state: people for state, people in totals.items() if people}


def once_then_accept(outcome: Outcome) -> Answer:
    return lambda recipient, times: outcome if times == 1 else Accepted("m")


def only_for(number: int, outcome: Outcome) -> Answer:
    return lambda recipient, times: outcome if recipient.number == number else Accepted("m")


def always(outcome: Outcome) -> Answer:
    return lambda recipient, times: outcome


def test_a_run_ended_at_once_ends_without_a_bug_though_an_answer_comes_in_late() -> None:
    class Late:
        """Answers when it is cancelled: the answer was on its way."""

        called = asyncio.Event()

        async def send(self, recipient: Recipient) -> Outcome:
            self.called.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return Accepted("m")
            raise AssertionError

    async def cancelled(run: Run) -> None:
        running = asyncio.create_task(run.dispatcher().run())
        await Late.called.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    run = Run()
    run.channels = [Late()]
    asyncio.run(cancelled(run))

    assert run.ledger.recover(at_s=0, places=lambda numbers: [0] * len(numbers)) > 0


def test_a_ledger_that_has_lost_a_row_sends_nothing() -> None:
    class Losing(MemoryLedger):
        """Has forgotten what happened to the first person."""

        def recover(self, *, at_s: int, places: Places) -> int:
            self._rows.pop(0, None)
            self._fresh.add(0)
            return 0

    run = Run()
    run.ledger = Losing(AUDIENCE)
    run.ledger.record(window=Window(0, 1))

    with pytest.raises(StorageUnusable, match="lost what happened to 1 person"):
        run.go()
    assert not run.channels[0].sent


def test_everyone_is_sent_to_once() -> None:
    run = Run()

    result = run.go()

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert set(run.channels[0].times.values()) == {1}
    assert run.observer.progress[-1].totals[State.ACCEPTED] == AUDIENCE


def test_an_audience_of_one_is_enough() -> None:
    run = Run(people=1)

    assert run.go().reason is StopReason.FINISHED


@pytest.mark.parametrize(
    "outcome",
    [
        Deferred(Reason.BUSY, -200),
        Deferred(Reason.THROTTLED, -32),
        Deferred(Reason.NOT_SENT),
        Deferred(Reason.UNLISTED, -9),
    ],
    ids=lambda outcome: outcome.reason,
)
def test_whoever_is_refused_for_now_is_asked_again_later(outcome: Outcome) -> None:
    run = Run(lambda person, times: outcome if person.number == 7 and times == 1 else Accepted("m"))

    result = run.go()

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert run.channels[0].times[7] == 2
    assert sum(run.channels[0].times.values()) == AUDIENCE + 1


def test_a_person_who_stays_busy_is_given_up_after_the_campaigns_attempts() -> None:
    run = Run(only_for(7, Deferred(Reason.BUSY, -200)), attempts=3)

    run.go()

    assert run.counted() == {State.ACCEPTED: AUDIENCE - 1, State.REJECTED: 1}
    assert run.channels[0].times[7] == 3


@pytest.mark.slow
def test_a_throttled_person_costs_no_attempt() -> None:
    run = Run(lambda person, times: Deferred(Reason.THROTTLED, -32) if times < 9 else Accepted("m"), people=1, attempts=2)

    run.go()

    assert run.counted() == {State.ACCEPTED: 1}


def test_a_person_no_route_suits_goes_on_to_the_next() -> None:
    run = Run(only_for(3, Rejected(Reason.NOT_THIS_ROUTE, -230)), accept)

    run.go()

    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert run.channels[1].sent == [3]


def test_a_dead_person_is_not_tried_on_another_route() -> None:
    run = Run(only_for(3, Rejected(Reason.DEAD, -213)), accept)

    run.go()

    assert run.counted() == {State.ACCEPTED: AUDIENCE - 1, State.REJECTED: 1}
    assert run.channels[1].sent == []


def test_a_route_without_quota_rests_and_the_next_one_serves_everybody() -> None:
    run = Run(always(Deferred(Reason.QUOTA, -144)), accept)

    result = run.go()

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert len(run.channels[0].sent) <= at_risk(256)
    assert len(run.observer.notes) == 1


def test_when_every_route_rests_the_run_waits_for_midnight() -> None:
    run = Run(always(Deferred(Reason.QUOTA, -144)))

    result = run.go()

    assert result.reason is StopReason.WAITING
    assert result.due_at_s == datetime(2026, 9, 19, tzinfo=VIETNAM).timestamp()
    assert run.counted()[State.PENDING] > 0


def test_nobody_is_asked_twice_when_no_clear_answer_came() -> None:
    run = Run(only_for(3, Unknown(Reason.NO_ANSWER)))

    result = run.go()

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE - 1, State.UNKNOWN: 1}
    assert run.channels[0].times[3] == 1


def test_resend_asks_again_and_remembers_the_doubt() -> None:
    run = Run(
        lambda person, times: Unknown(Reason.NO_ANSWER) if person.number == 3 and times == 1 else Accepted("m"),
        on_unknown=OnUnknown.RESEND,
    )

    run.go()

    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert [entry.unclear for entry in run.ledger.entries() if entry.number == 3] == [1]


@pytest.mark.parametrize("reason", [Reason.STOPPED, Reason.TOKEN])
def test_the_first_answer_that_concerns_the_account_halts_the_run(reason: Reason) -> None:
    run = Run(only_for(3, Deferred(reason, -321)))

    result = run.go()

    assert result.reason is StopReason.HALTED
    assert result.halt
    assert (result.halt.reason, result.halt.code) == (reason, -321)
    assert run.counted()[State.DEFERRED] >= 1
    assert State.UNKNOWN not in run.counted()
    assert len(run.channels[0].sent) < AUDIENCE


def test_a_message_that_everyone_refuses_halts_after_a_handful() -> None:
    run = Run(always(Deferred(Reason.BAD_MESSAGE, -131)))

    result = run.go()

    assert result.reason is StopReason.HALTED
    assert SAME_FAULT_LIMIT <= len(run.channels[0].sent) <= SAME_FAULT_LIMIT + Concurrency.START


def test_answers_that_say_nothing_halt_before_many_are_unknown() -> None:
    run = Run(always(Unknown(Reason.UNREADABLE, 502)))

    result = run.go()

    assert result.reason is StopReason.HALTED
    assert NO_VERDICT_LIMIT <= run.counted()[State.UNKNOWN] <= NO_VERDICT_LIMIT + 64


def test_a_server_that_cannot_be_reached_is_probed_by_few_and_then_halts_the_run() -> None:
    run = Run(always(Deferred(Reason.NOT_SENT)))

    result = run.go()

    assert result.reason is StopReason.HALTED
    assert result.halt
    assert result.halt.reason is Reason.NOT_SENT
    assert len(run.channels[0].sent) < 150
    assert set(run.counted()) == {State.PENDING, State.DEFERRED}


def test_a_server_that_comes_back_finishes_the_run() -> None:
    run = Run(lambda person, times: Deferred(Reason.NOT_SENT) if run.clock.monotonic_s() < 5 else Accepted("m"))

    assert run.go().reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE}


def test_nothing_is_sent_after_expiry() -> None:
    run = Run()
    run.rules = Rules(run.clock.now(), OnUnknown.HOLD, 5)

    result = run.go()

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.EXPIRED: AUDIENCE}
    assert run.channels[0].sent == []


def test_expiry_in_the_middle_ends_the_run_with_everyone_accounted_for() -> None:
    run = Run(people=600)
    run.rules = Rules(run.clock.now() + timedelta(seconds=60), OnUnknown.HOLD, 5)

    result = run.go(Pace(300))

    assert result.reason is StopReason.FINISHED
    assert set(run.counted()) == {State.ACCEPTED, State.EXPIRED}
    assert 250 <= run.counted()[State.ACCEPTED] <= 300


@pytest.mark.slow
def test_stop_puts_back_whoever_was_not_sent_to() -> None:
    run = Run(people=100_000)
    dispatcher: Dispatcher

    def stop_at_700(person: Recipient, times: int) -> Outcome:
        if len(run.channels[0].sent) == 700:
            dispatcher.stop()
        return Accepted("m")

    run.channels = [MemoryChannel(stop_at_700)]
    dispatcher = run.dispatcher()

    result = asyncio.run(dispatcher.run())

    assert result.reason is StopReason.STOPPED
    assert 700 <= run.counted()[State.ACCEPTED] <= 700 + 64
    assert set(run.counted()) <= {State.ACCEPTED, State.DEFERRED, State.PENDING}
    assert run.go().reason is StopReason.FINISHED
    assert set(run.channels[0].times.values()) == {1}


def test_another_process_can_ask_to_stop() -> None:
    run = Run(people=5_000)

    result = run.go(Pace(600), stop_requested=lambda: run.clock.monotonic_s() > 30)

    assert result.reason is StopReason.STOPPED
    assert 0 < run.counted()[State.ACCEPTED] < 5_000


def test_whoever_a_crash_left_claimed_is_unknown_and_not_asked_again() -> None:
    run = Run(people=20)
    run.ledger.record(window=Window(0, 8))

    run.go()

    assert run.counted() == {State.ACCEPTED: 12, State.UNKNOWN: 8}
    assert sorted(run.channels[0].sent) == list(range(8, 20))


def test_a_minute_never_exceeds_its_limit() -> None:
    minutes: dict[int, int] = {}
    run = Run(people=1_000)

    def count(person: Recipient, times: int) -> Outcome:
        minute = int(run.clock.now().timestamp() // 60)
        minutes[minute] = minutes.get(minute, 0) + 1
        return Accepted("m")

    run.channels = [MemoryChannel(count)]
    run.go(Pace(240))

    assert max(minutes.values()) <= 240
    assert min(list(minutes.values())[1:-1]) >= 0.97 * 240


class FailingLedger(MemoryLedger):
    """Fails every write from the n-th on."""

    def __init__(self, audience: int, writes: int) -> None:
        super().__init__(audience)
        self.writes = writes

    def record(self, **what: Any) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise StorageUnusable("the disk is full")
        super().record(**what)


def test_a_full_disk_ends_the_run_and_the_resume_asks_nobody_twice() -> None:
    run = Run()
    run.ledger = FailingLedger(AUDIENCE, 2)

    with pytest.raises(StorageUnusable, match="disk is full"):
        run.go()
    assert isinstance(run.ledger, FailingLedger)
    run.ledger.writes = 10_000
    run.go()

    assert set(run.channels[0].times.values()) == {1}
    assert run.counted()[State.UNKNOWN] <= at_risk(256)


def test_a_bug_in_a_channel_keeps_its_traceback() -> None:
    def broken(person: Recipient, times: int) -> Outcome:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        Run(broken).go()


def test_a_window_is_never_larger_than_promised() -> None:
    assert at_risk(256) == 2 * WINDOW + 256


STAGES = [Stage("the staff", 0, 3), Stage("the first", 3, 100)]


def test_nobody_of_the_rest_is_claimed_before_the_first_have_answered() -> None:
    claimed_by_then = []

    def watching(recipient: Recipient, times: int) -> Outcome:
        claimed_by_then.append((recipient.number, run.ledger.next_number))
        return Deferred(Reason.BUSY) if recipient.number == 1 and times == 1 else Accepted("m")

    run = Run(watching)
    assert run.go(stages=STAGES).reason is StopReason.FINISHED

    assert {claimed for number, claimed in claimed_by_then if number < 3 and claimed <= 3} == {3}
    assert {claimed for number, claimed in claimed_by_then if 3 <= number < 103} == {103}
    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert [note.split(":")[0] for note in run.observer.notes] == ["the staff", "the first"]


def test_a_stage_that_has_only_been_put_off_says_nothing_yet() -> None:
    asked_by_then = []

    def busy_at_first(recipient: Recipient, times: int) -> Outcome:
        asked_by_then.append((recipient.number, times, run.ledger.next_number))
        return Deferred(Reason.BUSY) if times == 1 else Accepted("m")

    run = Run(busy_at_first)
    assert run.go(stages=STAGES).reason is StopReason.FINISHED

    assert {next_number for number, times, next_number in asked_by_then if number < 3} == {3}
    assert {next_number for number, times, next_number in asked_by_then if 10 <= number < 100 and times == 1} == {103}
    twice_asked = [number for number, times, next_number in asked_by_then if times == 2 and next_number == 103]
    assert len(twice_asked) >= 95


def test_a_stage_that_must_wait_for_hours_keeps_the_rest_waiting_too() -> None:
    run = Run(always(Deferred(Reason.NIGHT)))
    assert run.go(stages=STAGES).reason is StopReason.WAITING
    assert run.ledger.next_number == 3


def test_one_oa_without_quota_does_not_keep_the_rest_waiting() -> None:
    run = Run(lambda recipient, times: Deferred(Reason.QUOTA, -144) if recipient.account else Accepted("m"))
    run.source.audience = [person._replace(account=person.number % 2) for person in run.source.audience]
    assert run.go(stages=STAGES, accounts=("bo", "tinh")).reason is StopReason.WAITING
    assert run.counted()[State.ACCEPTED] == AUDIENCE // 2


def test_a_run_pauses_when_the_first_are_rejected_and_goes_on_when_told_to() -> None:
    run = Run(lambda recipient, times: Rejected(Reason.DEAD, -213) if recipient.number % 10 == 5 else Accepted("m"))
    result = run.go(stages=STAGES)
    assert (result.reason, result.objection) == (StopReason.PAUSED, "after the first: 10 of 100 people rejected")
    assert len(run.channels[0].sent) == 103
    assert run.go(stages=STAGES).reason is StopReason.PAUSED  # started again, it has not forgotten
    assert len(run.channels[0].sent) == 103

    assert run.go().reason is StopReason.FINISHED
    assert run.channels[0].times.most_common(1)[0][1] == 1


@pytest.mark.parametrize("reason", [Reason.NO_VALUE, Reason.NO_ADDRESS, Reason.SAME_PHONE])
def test_people_without_a_name_or_a_number_come_in_clusters_and_pause_nothing(reason: Reason) -> None:
    run = Run(lambda recipient, times: Rejected(reason, -1122) if recipient.number < 60 else Accepted("m"))
    assert run.go(stages=STAGES[1:]).reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE - 60, State.REJECTED: 60}


def test_a_stage_that_was_passed_is_not_judged_again() -> None:
    run = Run(only_for(1, Rejected(Reason.DEAD, -213)))
    run.ledger.record(window=Window(0, 200))
    run.ledger.recover(at_s=0, places=lambda numbers: [0] * len(numbers))

    assert run.go(stages=[Stage("the staff", 0, 2)]).reason is StopReason.FINISHED


def test_one_oa_without_quota_rests_and_the_others_go_on() -> None:
    run = Run(lambda recipient, times: Deferred(Reason.QUOTA, -144) if recipient.account else Accepted("m"))
    run.source.audience = [person._replace(account=person.number % 2) for person in run.source.audience]

    result = run.go(accounts=("bo", "tinh"))

    assert result.reason is StopReason.WAITING
    assert run.counted() == {State.ACCEPTED: AUDIENCE // 2, State.DEFERRED: AUDIENCE // 2}
    assert run.observer.notes == ["route 1 of tinh has no quota left and rests until midnight"]
    assert sum(number % 2 for number in run.channels[0].sent) <= at_risk(256)


def test_a_route_serves_again_after_midnight() -> None:
    midnight = datetime(2026, 9, 19, tzinfo=VIETNAM)
    run = Run(lambda recipient, times: Deferred(Reason.QUOTA, -144) if run.clock.now() < midnight else Accepted("m"))
    run.clock.move((midnight - run.clock.now()).total_seconds() - 60)

    assert run.go().reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE}


def test_the_second_of_expiry_stops_even_those_about_to_go() -> None:
    def slow(recipient: Recipient, times: int) -> Outcome:
        run.clock.move(12 * 3600 if recipient.number == 5 else 0)
        return Accepted("m")

    run = Run(slow)
    assert run.go().reason is StopReason.FINISHED
    assert len(run.channels[0].sent) == 6
    assert run.counted() == {State.ACCEPTED: 6, State.EXPIRED: AUDIENCE - 6}


class Refusing:
    """Whoever refuses from some look on."""

    def __init__(self, **refuse: int) -> None:
        self.refuse, self.looks = refuse, 0

    def look(self) -> bool:
        self.looks += 1
        return bool(self.refuse)

    def reason_of(self, user_id: str) -> Reason | None:
        return Reason.NEVER if self.looks >= self.refuse.get(f"p{user_id}", 10**9) else None


def test_whoever_refuses_is_withheld_and_never_asked() -> None:
    run = Run()
    people = {number: run.source.people([number])[0].user_id for number in (0, 700, AUDIENCE - 1)}
    result = run.go(refusals=Refusing(**{f"p{user_id}": 1 for user_id in people.values()}))

    assert result.reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: AUDIENCE - 3, State.WITHHELD: 3}
    assert not set(people) & set(run.channels[0].sent)
    assert {entry.number for entry in run.ledger.entries(states=[State.WITHHELD])} == set(people)


def test_whoever_refuses_meanwhile_is_withheld_when_their_second_attempt_is_due() -> None:
    run = Run(once_then_accept(Deferred(Reason.BUSY)), people=3)
    refusing = Refusing(**{f"p{run.source.people([1])[0].user_id}": 2})
    run.go(refusals=refusing)

    assert run.counted() == {State.ACCEPTED: 2, State.WITHHELD: 1}
    assert run.channels[0].times[1] == 1


class Evidence:
    """Tells when it is made to."""

    def __init__(self) -> None:
        self.held: list[Callable[[bool], None]] = []

    def tell(self, told: Callable[[bool], None]) -> None:
        self.held.append(told)

    def say(self, believed: bool) -> None:
        for told in self.held:
            told(believed)
        self.held.clear()


@pytest.mark.parametrize("believed", [True, False])
def test_nobody_is_asked_by_the_next_route_before_the_refusal_is_certain(believed: bool) -> None:
    evidence = Evidence()
    run = Run(always(Rejected(Reason.NOT_THIS_ROUTE, -230, evidence)), accept, people=3)
    heard: list[list[int]] = []

    class Patient(FakeClock):
        async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
            await super().wait(event, timeout_s)
            if self.monotonic_s() > 5.0 and evidence.held:
                heard.append(run.channels[1].sent[:])
                evidence.say(believed)

    run.clock = Patient()

    assert run.go().reason is StopReason.FINISHED
    assert heard == [[]]
    assert run.channels[1].sent == ([0, 1, 2] if believed else [])
    assert run.counted() == {State.ACCEPTED if believed else State.UNKNOWN: 3}
    if not believed:
        assert {(row.reason, row.route, row.attempts) for row in run.ledger.entries()} == {(Reason.OUT_OF_STEP, 0, 1)}


def test_an_acceptance_that_turns_out_to_be_somebody_elses_is_unknown() -> None:
    evidence = Evidence()

    def answer(recipient: Recipient, times: int) -> Outcome:
        if recipient.number == 2:
            evidence.say(False)
        return Promised("m", evidence) if recipient.number < 2 else Accepted("m")

    run = Run(answer, people=3)

    assert run.go().totals[State.UNKNOWN] == 2
    assert run.observer.progress[-1].totals[State.UNKNOWN] == 2
    assert run.counted() == {State.ACCEPTED: 1, State.UNKNOWN: 2}


def test_a_doubtful_answer_is_asked_for_again_where_the_campaign_says_so() -> None:
    class Convicted(Evidence):
        def tell(self, told: Callable[[bool], None]) -> None:
            told(False)

    run = Run(once_then_accept(Promised("x", Convicted())), people=2, on_unknown=OnUnknown.RESEND)

    assert run.go().reason is StopReason.FINISHED
    assert run.counted() == {State.ACCEPTED: 2}
    assert run.ledger.maybe_twice() == 2


# --- what holds at any instant ------------------------------------------------------------------------------------------------


class WatchedLedger(MemoryLedger):
    """Lets the event loop go round for a while before each commit, and remembers who was claimed when."""

    def __init__(self, audience: int) -> None:
        super().__init__(audience)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.durable: set[int] = set()  # everybody ever claimed
        self.again: list[int] = []  # claimed once more
        self.claims = self.most_claimed = 0

    def record(self, **what: Any) -> None:
        if self.loop:
            asyncio.run_coroutine_threadsafe(self._go_round(), self.loop).result()
        super().record(**what)
        first, people, _ = what.get("window") or (0, 0, 0)
        self.durable.update(range(first, first + people))
        self.again += what.get("again", ())
        self.claims += bool(people or what.get("again"))
        self.most_claimed = max(self.most_claimed, self.totals()[State.CLAIMED])

    async def _go_round(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class SlowChannel(MemoryChannel):
    """Answers only after several commits could have been made."""

    async def send(self, recipient: Recipient) -> Outcome:
        for _ in range(100):
            await asyncio.sleep(0)
        return await super().send(recipient)


def watched(run: Run) -> WatchedLedger:
    """Put a watched ledger in place of a run's own."""
    run.ledger = ledger = WatchedLedger(run.ledger.audience)
    return ledger


async def watch(dispatcher: Dispatcher, ledger: WatchedLedger) -> DispatchResult:
    ledger.loop = asyncio.get_running_loop()
    return await dispatcher.run()


@pytest.mark.parametrize("pace", [None, 60_000], ids=["full speed", "paced"])
def test_nobody_is_sent_to_before_their_claim_is_durable(pace: int | None) -> None:
    too_early: list[int] = []

    def answer(recipient: Recipient, times: int) -> Outcome:
        if recipient.number not in ledger.durable:
            too_early.append(recipient.number)
        return Accepted("m")

    run = Run(answer)
    ledger = watched(run)
    asyncio.run(watch(run.dispatcher(Pace(pace)), ledger))

    assert run.counted() == {State.ACCEPTED: AUDIENCE}
    assert too_early == []


@pytest.mark.slow
def test_at_no_instant_can_more_people_become_unknown_than_promised() -> None:
    run = Run(people=2_000)
    run.channels, ledger = [SlowChannel()], watched(run)
    asyncio.run(watch(run.dispatcher(), ledger))

    assert run.counted() == {State.ACCEPTED: 2_000}
    assert WINDOW < ledger.most_claimed <= at_risk(256)


def test_whoever_is_put_back_unsent_keeps_their_attempts() -> None:
    def busy_until_stopped(recipient: Recipient, times: int) -> Outcome:
        if times == 2:
            dispatcher.stop()
        return Deferred(Reason.BUSY, -200, 5.0)

    run = Run(busy_until_stopped, people=20)
    ledger = watched(run)
    dispatcher = run.dispatcher()
    asyncio.run(watch(dispatcher, ledger))

    times = run.channels[0].times
    assert any(times[number] == 1 for number in ledger.again)  # claimed once more and put back
    assert {row.number: row.attempts for row in ledger.entries()} == dict(times)


def test_once_stopped_nobody_more_is_claimed() -> None:
    claims_by_then: list[int] = []

    def stop_at_700(recipient: Recipient, times: int) -> Outcome:
        if len(run.channels[0].sent) == 700:
            claims_by_then.append(ledger.claims)
            dispatcher.stop()
        return Accepted("m")

    run = Run(stop_at_700, people=100_000)
    ledger = watched(run)
    dispatcher = run.dispatcher()
    asyncio.run(watch(dispatcher, ledger))

    assert ledger.claims <= claims_by_then[0] + 1  # one may have been on its way to the disk


def test_stopped_before_it_starts_it_claims_nobody() -> None:
    run = Run()
    ledger = watched(run)
    dispatcher = run.dispatcher()
    dispatcher.stop()
    result = asyncio.run(watch(dispatcher, ledger))

    assert result.reason is StopReason.STOPPED
    assert (ledger.claims, run.channels[0].sent) == (0, [])
    assert run.counted() == {State.PENDING: AUDIENCE}


def test_each_place_begins_with_its_own_route_and_goes_round_to_the_others() -> None:
    unfit = Rejected(Reason.NOT_THIS_ROUTE)
    asked: list[list[int]] = [[], [], []]

    def noting(route: int) -> Answer:
        def answer(recipient: Recipient, times: int) -> Outcome:
            asked[route].append(recipient.number)
            return unfit

        return answer

    run = Run(*map(noting, range(3)), people=4)
    result = run.go(first_routes=(0, 2))

    assert result.reason is StopReason.FINISHED
    assert [sorted(numbers) for numbers in asked] == [[0, 1, 2, 3]] * 3  # nobody is asked twice by a route
    assert asked[0][:2] == [0, 2]
    assert asked[2][:2] == [1, 3]
    entries = {entry.number: entry.route for entry in run.ledger.entries()}
    assert entries == {0: 2, 1: 1, 2: 2, 3: 1}
    assert run.counted() == {State.REJECTED: 4}


def test_the_route_that_reached_somebody_is_written_down_whichever_came_first() -> None:
    run = Run(accept, accept, people=4)
    run.go(first_routes=(1, 0))
    assert {entry.number: entry.route for entry in run.ledger.entries()} == {0: 1, 1: 0, 2: 1, 3: 0}
