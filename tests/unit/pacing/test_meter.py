"""Rates as arithmetic: no minute is exceeded whatever its limit and whenever we look; concurrency follows need and latency."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.models import Scope
from zalo_alert.pacing.concurrency import Concurrency
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.pace import Pace
from zalo_alert.settings.load import load

START_S = 1_790_000_000.0
GAPS = st.lists(st.floats(0, 30), min_size=1, max_size=60)


def most_in(taken, seconds):
    return max(sum(calls for at_s, calls in taken if begun_s <= at_s < begun_s + seconds) for begun_s, _ in taken)


@given(st.integers(1, 1_000_000), GAPS)
def test_no_sixty_seconds_exceed_the_limit_whenever_anyone_looks(per_minute, gaps):
    pace, now_s, taken = Pace(per_minute), START_S, []
    for gap_s in gaps:
        for step_s in (0.0, 0.01, 0.5, gap_s):  # now and then at once again
            now_s += step_s
            taken.append((now_s, pace.take({0: 10**9}, now_s)[0]))
    assert most_in(taken, 60.5) <= per_minute


@given(st.integers(1, 100_000), GAPS)
def test_whoever_looks_when_told_to_finds_something(per_minute, gaps):
    pace, now_s = Pace(per_minute), START_S
    for gap_s in gaps:
        now_s += gap_s
        pace.take({0: 10**9}, now_s)
        now_s += pace.wait_s({0: 10**9}, now_s) + 1e-6
        assert pace.take({0: 10**9}, now_s)[0] >= 1


@given(st.floats(0, 1e9), GAPS)
def test_a_step_down_never_lets_more_through_than_before(wall_s, gaps):
    pace, now_s, taken = Pace(600), START_S, []
    for gap_s in gaps:
        now_s += gap_s
        pace.heed_throttling(0, Scope.APP, now_s, wall_s + now_s)
        taken.append((now_s, pace.take({0: 10**9}, now_s)[0]))
    assert most_in(taken, 60.5) <= 600


@pytest.mark.parametrize(
    ("lanes", "rate_per_s", "together_per_s"),
    [
        pytest.param([Lane("a", 10, "1", 10)], None, 10, id="one"),
        pytest.param([Lane("a", 10, "1", 10), Lane("a", 10, "2", 10)], None, 10, id="two OAs share their app"),
        pytest.param([Lane("a", 10, "1", 3), Lane("a", 10, "2", 4)], None, 7, id="less than their app has"),
        pytest.param([Lane("a", 10, "1", 10), Lane("b", 10, "2", 10)], None, 20, id="two apps"),
        pytest.param([Lane("a", 10, "1", 10), Lane("b", 10, "2", 10)], 15, 15, id="the campaign has less"),
        pytest.param([Lane("a", None, "1", None)], None, None, id="no limit at all"),
    ],
)
def test_the_rate_of_a_run_is_what_all_its_limits_allow_together(lanes, rate_per_s, together_per_s):
    assert Pace(lanes=lanes, rate_per_s=rate_per_s).rate_per_s == together_per_s


def test_a_minute_is_spread_so_that_late_arrivals_fit_too():
    assert spread(6100) == 100
    assert spread(None) is None


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


def test_a_rate_that_was_reached_is_kept_when_the_server_slows_a_hundredfold():
    concurrency = Concurrency(64, 2048)
    concurrency.sustain(66.0)
    for latency_s in (0.02, 2.0, 0.02, 2.0):
        for _ in range(2000):
            concurrency.observe(latency_s)
        assert concurrency.limit >= 66 * 2


def test_no_rate_asks_for_more_than_the_ceiling():
    concurrency = Concurrency(64, 256)
    concurrency.sustain(10_000)
    for _ in range(2000):
        concurrency.observe(2.0)
    assert concurrency.limit == 256


@pytest.mark.parametrize(
    ("limits", "app", "oa"), [("{app_per_minute: 600}", 600, 600), ("{app_per_minute: 600, oa_per_minute: 100}", 600, 100)]
)
def test_the_config_says_what_each_account_may_send(tmp_path, limits, app, oa):
    accounts = '[{id: a, oa_id: "11111", app_id: "55555"}, {id: b, oa_id: "22222", app_id: "55555"}]'
    (tmp_path / "zalo-alert.yaml").write_text(f"profile: drill\naccounts: {accounts}\nlimits: {limits}\n", encoding="utf-8")
    settings = load(tmp_path, {})
    assert settings.lanes(["b", "a"]) == (
        Lane("app:55555", spread(app), "oa:22222", spread(oa)),
        Lane("app:55555", spread(app), "oa:11111", spread(oa)),
    )


def test_a_far_server_is_used_in_full_within_a_few_round_trips():
    assert grown(lambda limit: 0.1, rounds=4 * 2048).limit == 2048
