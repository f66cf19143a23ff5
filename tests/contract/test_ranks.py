"""One rate for alerts and answers, in simulated time: who has what of it while several processes of a workspace want it all."""

import heapq
import math
import random
from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.models import Rank, Urgency
from zalo_alert.pacing.answer_pace import AnswerPace
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.shared_pace import SharedPace

START_S = 1_790_000_020.0
PER_MINUTE = 4000
ANSWERS = (Rank.HELP, Rank.STEP, Rank.OFFICER, Rank.RULE, Rank.LOOKUP)
MANY = 10**6
SOON_S = 0.2  # how late a process may look again


def lanes_at(per_minute):
    def lane_of(oa, app=""):
        per_s = spread(per_minute) or 0.0
        return Lane(f"app:{app or '1'}", per_s, f"oa:{oa}", 2 * per_s)

    return lane_of


lane_of = lanes_at(PER_MINUTE)


class Sender:
    """A run that wants to send without end."""

    def __init__(self, file, rank, rate_per_s=None, *, lane_of=lane_of):
        self.pace, self.rank = SharedPace(file, [lane_of("1")], rate_per_s, rank), rank

    def go(self, now_s):
        calls = self.pace.take({0: MANY}, now_s).get(0, 0)
        return {self.rank: calls}, self.pace.wait_s({0: MANY}, now_s)


class Worker:
    """Answers as many as come a second, by rank; infinity is more than anybody can send."""

    def __init__(self, file, coming_per_s, *, oas=8, app="", sos_share=0.2, lane_of=lane_of):
        self.pace = AnswerPace(file, lane_of, lambda: sos_share)
        self.coming_per_s, self.oas, self.app = coming_per_s, oas, app
        self.waiting = dict.fromkeys(coming_per_s, 0.0)
        self.seen_s, self.stops_s = START_S, math.inf

    def go(self, now_s):
        until_s = min(now_s, self.stops_s)
        for rank, per_s in self.coming_per_s.items():
            self.waiting[rank] += min(MANY, per_s * (until_s - self.seen_s)) if until_s > self.seen_s else 0
        self.seen_s = until_s
        wanted = {(str(i % self.oas), self.app, rank): int(n) for i, (rank, n) in enumerate(self.waiting.items()) if n >= 1}
        taken: Counter[Rank] = Counter()
        for (_, _, rank), calls in self.pace.take(wanted, now_s).items():
            taken[rank] += calls
            self.waiting[rank] -= calls
        return taken, self.pace.wait_s(wanted, now_s) if any(self.waiting.values()) else 0.1


def play(processes, seconds, *, seed=1):
    """Let processes take for a while; return (instant, rank, calls) triples."""
    rng, order, taken = random.Random(seed), count(), []
    turns = [(START_S + rng.random() * SOON_S, next(order), each) for each in processes]
    heapq.heapify(turns)
    while turns[0][0] < START_S + seconds:
        now_s, _, each = heapq.heappop(turns)
        calls, wait_s = each.go(now_s)
        taken += [(now_s, rank, n) for rank, n in calls.items() if n]
        heapq.heappush(turns, (now_s + max(0.005, min(1.0, wait_s)) + rng.random() * SOON_S, next(order), each))
    for each in processes:
        each.pace.close()
    return taken


def shares(taken, from_s=5.0, to_s=65.0):
    """Return what each rank had of the rate in a minute."""
    calls: Counter[Rank] = Counter()
    for at_s, rank, n in taken:
        if START_S + from_s <= at_s < START_S + to_s:
            calls[rank] += n
    return {rank: calls[rank] / PER_MINUTE for rank in Rank}


def most_in_a_minute(taken):
    most = total = first = 0
    for at_s, _, n in taken:
        total += n
        while taken[first][0] <= at_s - 60:
            total -= taken[first][2]
            first += 1
        most = max(most, total)
    return most


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rates.db"


def test_every_rank_busy_uses_the_rate_and_an_immediate_run_keeps_half_of_it(file):
    everything = dict.fromkeys(ANSWERS, math.inf)
    taken = play([Sender(file, Rank.IMMEDIATE), Worker(file, everything), Sender(file, Rank.EXPECTED)], 66)

    had = shares(taken)
    assert sum(had.values()) >= 0.97
    assert most_in_a_minute(taken) <= PER_MINUTE
    assert 0.17 <= had[Rank.HELP] <= 0.205
    assert 0.26 <= had[Rank.STEP] <= 0.305
    assert had[Rank.OFFICER] + had[Rank.RULE] <= 0.01
    assert had[Rank.LOOKUP] == 0
    assert had[Rank.IMMEDIATE] >= 0.48
    assert had[Rank.EXPECTED] <= 0.02


@pytest.mark.parametrize(
    ("rank", "run", "least", "most"),
    [
        pytest.param(Rank.HELP, Rank.IMMEDIATE, 0.17, 0.205, id="help beside an alert"),
        pytest.param(Rank.HELP, Rank.CORRECTION, 0.17, 0.205, id="help beside a correction"),
        pytest.param(Rank.HELP, Rank.EXPECTED, 0.95, 1, id="help beside what can wait"),
        pytest.param(Rank.STEP, Rank.IMMEDIATE, 0.26, 0.305, id="steps beside an alert"),
        pytest.param(Rank.STEP, Rank.LATER, 0.26, 0.305, id="steps beside what can wait"),
        pytest.param(Rank.OFFICER, Rank.IMMEDIATE, 0.26, 0.305, id="officers beside an alert"),
        pytest.param(Rank.RULE, Rank.IMMEDIATE, 0.08, 0.105, id="rules beside an alert"),
        pytest.param(Rank.RULE, Rank.EXPECTED, 0.26, 0.305, id="rules beside what can wait"),
        pytest.param(Rank.LOOKUP, Rank.IMMEDIATE, 0, 0, id="look-ups beside an alert"),
        pytest.param(Rank.LOOKUP, Rank.CORRECTION, 0, 0, id="look-ups beside a correction"),
        pytest.param(Rank.LOOKUP, Rank.EXPECTED, 0.08, 0.105, id="look-ups beside what can wait"),
    ],
)
def test_what_a_rank_has_beside_a_run_that_wants_it_all(file, rank, run, least, most):
    taken = play([Sender(file, run), Worker(file, {rank: math.inf})], 66)

    had = shares(taken)
    assert least <= had[rank] <= most
    assert had[rank] + had[run] >= 0.97
    assert most_in_a_minute(taken) <= PER_MINUTE


def test_rules_have_their_tenth_although_steps_are_kept_waiting_by_another_limit(file):
    taken = play([Sender(file, Rank.IMMEDIATE), Worker(file, {Rank.STEP: 5.0, Rank.RULE: math.inf})], 66)

    had = shares(taken)
    assert had[Rank.STEP] == pytest.approx(5 * 60 / PER_MINUTE, abs=0.01)
    assert 0.08 <= had[Rank.RULE] <= 0.105


def test_a_few_calls_for_help_are_answered_at_once_beside_an_alert(file):
    worker = Worker(file, {Rank.HELP: 5.0})
    taken = play([Sender(file, Rank.IMMEDIATE), worker], 66)

    assert worker.waiting[Rank.HELP] < 5
    assert shares(taken)[Rank.IMMEDIATE] >= 0.97 - 5 * 60 / PER_MINUTE


def test_the_share_of_calls_for_help_can_be_set(file):
    taken = play([Sender(file, Rank.IMMEDIATE), Worker(file, {Rank.HELP: math.inf}, sos_share=0.4)], 66)

    assert 0.36 <= shares(taken)[Rank.HELP] <= 0.405


def test_answers_have_what_an_alert_leaves_over(file):
    taken = play([Sender(file, Rank.IMMEDIATE, rate_per_s=20), Worker(file, {Rank.RULE: math.inf})], 66)

    had = shares(taken)
    assert had[Rank.IMMEDIATE] >= 0.29
    assert sum(had.values()) >= 0.97


def test_nobody_waiting_costs_a_run_nothing(file):
    worker = Worker(file, dict.fromkeys(ANSWERS, 2.0))  # all of them are answered within the first minute
    worker.stops_s = START_S + 60

    taken = play([Sender(file, Rank.IMMEDIATE), worker], 130)

    assert shares(taken, from_s=64.0, to_s=124.0)[Rank.IMMEDIATE] >= 0.98


def test_a_second_app_has_its_own_rate_beside_an_alert_through_the_first(file):
    taken = play([Sender(file, Rank.IMMEDIATE), Worker(file, {Rank.LOOKUP: math.inf}, app="2", oas=1)], 66)

    had = shares(taken)
    assert had[Rank.LOOKUP] >= 0.95
    assert had[Rank.IMMEDIATE] >= 0.97


def test_answers_alone_have_the_whole_rate_the_most_urgent_first(file):
    taken = play([Worker(file, {Rank.OFFICER: 20.0, Rank.LOOKUP: math.inf})], 66)

    had = shares(taken)
    assert had[Rank.OFFICER] == pytest.approx(0.3, abs=0.01)
    assert sum(had.values()) >= 0.97


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(st.tuples(st.sampled_from([rank for rank in Rank if rank.is_run]), st.sampled_from([None, 7.0])), max_size=3),
    coming=st.dictionaries(st.sampled_from(ANSWERS), st.sampled_from([1.0, 15.0, math.inf]), min_size=1),
    per_minute=st.sampled_from([1, 60, 600, 4000]),
    seed=st.integers(0, 1000),
)
def test_no_minute_exceeds_its_limit_whoever_sends(tmp_path_factory, runs, coming, per_minute, seed):
    file, lane_of = tmp_path_factory.mktemp("ranks") / "rates.db", lanes_at(per_minute)
    taken = play([Worker(file, coming, lane_of=lane_of), *(Sender(file, *run, lane_of=lane_of) for run in runs)], 75, seed=seed)

    assert most_in_a_minute(taken) <= per_minute


@pytest.mark.parametrize("per_minute", [60, 600])
def test_a_small_rate_is_used_with_every_rank_busy_too(file, per_minute):
    lane_of, everything = lanes_at(per_minute), dict.fromkeys(ANSWERS, math.inf)
    senders = [Sender(file, rank, lane_of=lane_of) for rank in (Rank.IMMEDIATE, Rank.EXPECTED)]
    taken = play([*senders, Worker(file, everything, lane_of=lane_of)], 130)

    assert sum(shares(taken, from_s=5.0, to_s=125.0).values()) * PER_MINUTE / 2 >= 0.9 * per_minute


@pytest.mark.parametrize(
    ("urgency", "rank"),
    [
        (Urgency.IMMEDIATE, Rank.IMMEDIATE),
        (Urgency.EXPECTED, Rank.EXPECTED),
        (Urgency.FUTURE, Rank.LATER),
        (Urgency.PAST, Rank.LATER),
    ],
)
def test_a_runs_urgency_is_its_rank(urgency, rank):
    assert Rank.of(urgency) is rank
