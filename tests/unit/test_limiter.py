"""Rates as arithmetic: a minute is never exceeded, hardly anything of it is wasted, and refusals are heeded."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.limiter import Concurrency, MinuteWindow, Pace, TokenBucket

START_S = 1_790_000_000.0


def spend(pace, seconds, *, wanted=10**9, begun_s=START_S, step_s=0.01):
    """Take all that is granted, stepping through time; return (instant, calls) pairs."""
    taken, now_s = [], begun_s
    while now_s < begun_s + seconds:
        if calls := pace.take(wanted, now_s):
            taken.append((now_s, calls))
        now_s += max(step_s, min(pace.wait_s(now_s), 1.0))
    return taken


def by_minute(taken):
    minutes = {}
    for at_s, calls in taken:
        minutes[at_s // 60] = minutes.get(at_s // 60, 0) + calls
    return minutes


@given(st.integers(1, 100_000), st.floats(0, 60))
def test_no_minute_exceeds_its_limit_whenever_it_starts(per_minute, offset_s):
    minutes = by_minute(spend(Pace(per_minute), 150, begun_s=START_S + offset_s, step_s=0.5))
    assert max(minutes.values()) <= per_minute


@pytest.mark.parametrize("per_minute", [60, 4000, 120_000])
def test_a_whole_minute_uses_nearly_all_of_its_limit(per_minute):
    minutes = by_minute(spend(Pace(per_minute), 300))
    whole = sorted(minutes)[1:-1]
    assert all(0.97 * per_minute <= minutes[minute] <= per_minute for minute in whole)


def test_any_sixty_seconds_stay_under_the_limit_too():
    taken = spend(Pace(4000), 240)
    for begun_s, _ in taken[::50]:
        assert sum(calls for at_s, calls in taken if begun_s <= at_s < begun_s + 60) <= 4000


def test_calls_are_spread_not_burst():
    taken = spend(Pace(4000), 60)
    assert max(calls for _, calls in taken) <= 4000 / 60 * 0.5 + 1


def test_the_campaigns_own_rate_holds_below_the_apps():
    taken = spend(Pace(4000, rate_per_s=5), 60)
    assert 290 <= sum(calls for _, calls in taken) <= 303


def test_without_a_limit_everything_goes():
    pace = Pace(None)
    assert pace.take(10**6, START_S) == 10**6
    assert pace.wait_s(START_S) == 0


def test_a_refusal_stops_the_minute_steps_down_and_climbs_back():
    pace = Pace(6000)
    pace.take(10, START_S)
    pace.throttled(START_S + 1)
    pace.throttled(START_S + 1.1)  # a second refusal of the same burst is the same news
    assert pace.take(10, START_S + 2) == 0
    minutes = by_minute(spend(pace, 600, begun_s=START_S + 2))
    rates = [minutes[minute] for minute in sorted(minutes)][:-1]  # the minute of the refusal has none at all
    assert 0.7 * 6000 <= rates[0] <= 0.85 * 6000
    assert all(later >= earlier - 1 for earlier, later in pairwise(rates))
    assert rates[-1] >= 0.97 * 6000


def test_an_exhausted_minute_is_left_alone_and_the_pace_stays():
    pace = Pace(6000)
    pace.exhausted(START_S)
    next_minute_s = (START_S // 60 + 1) * 60
    assert pace.take(10, next_minute_s - 0.1) == 0
    assert pace.take(10, next_minute_s + 0.1) == 10


def test_a_clock_that_jumps_back_grants_nothing_extra():
    bucket = TokenBucket(10, 5)
    assert bucket.available(100) == 5
    bucket.take(5)
    assert bucket.available(50) == 0
    assert bucket.available(100.1) == pytest.approx(1)


def test_a_window_used_up_by_someone_else_is_used_up():
    window = MinuteWindow(100)
    assert window.available(61) == 100
    window.exhaust()
    assert window.available(119) == 0
    assert window.available(120) == 100


def grown(latency_of, rounds=4000, floor=64, ceiling=2048):
    concurrency = Concurrency(floor, ceiling)
    for _ in range(rounds):
        concurrency.observe(latency_of(concurrency.limit))
    return concurrency


def test_concurrency_starts_small_and_stays_at_the_floor_for_a_near_server():
    concurrency = Concurrency(64, 2048)
    assert concurrency.limit == Concurrency.START
    near = grown(lambda limit: 0.0005 * max(1, limit / 16))  # queues beyond sixteen
    assert 64 <= near.limit < 128


def test_concurrency_climbs_for_a_far_server_and_falls_when_it_slows():
    far = grown(lambda limit: 0.1, rounds=400_000)
    assert far.limit == 2048
    for _ in range(60_000):
        far.observe(2.0)
    assert far.limit < 300


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=500))
def test_concurrency_stays_within_its_bounds_whatever_the_latency(latencies):
    concurrency = Concurrency(64, 256)
    for latency_s in latencies:
        concurrency.observe(latency_s)
        assert 1 <= concurrency.limit <= 256
        assert not math.isnan(concurrency.limit)
