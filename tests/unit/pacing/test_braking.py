"""The brake as arithmetic: what one refusal costs, what many in a row cost, and how it recovers."""

import math

import pytest

from zalo_alert.models import Scope
from zalo_alert.pacing.braking import CALM_S, MOST_PAUSE_S, PAUSE_S, SHORT_PAUSE_S, WALL, Brake
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.slowness import Cause

PER_S = 100.0


def flowing(seconds=5, per_s=PER_S, brake=None, since_s=0.0):
    """A brake that has let calls go evenly for a while, ten times a second."""
    brake = brake or Brake()
    for step in range(int(seconds * 10)):
        brake.count(PER_S, int(per_s / 10), since_s + step / 10)
    return brake


def walled(brake, now_s):
    brake.heed_refusal(PER_S, now_s, asked_s=now_s - 0.02, in_a_row=WALL)


def test_one_refusal_costs_a_fiftieth_of_the_rate_and_a_nap_and_is_forgotten_in_two_hundred_calls():
    brake = flowing()

    brake.heed_refusal(PER_S, 5.0, asked_s=4.98, in_a_row=1)

    assert brake.limit(PER_S) == pytest.approx(0.98 * PER_S)
    assert 5.0 < brake.paused_until_s <= 5.0 + SHORT_PAUSE_S
    flowing(2.2, brake=brake, since_s=5.0)
    assert brake.limit(PER_S) == PER_S
    assert brake.ceiling_per_s == math.inf


def test_refusals_of_calls_that_went_before_the_last_step_are_old_news():
    brake = flowing()
    for again in range(WALL - 1):
        brake.heed_refusal(PER_S, 5.0 + again / 1000, asked_s=4.98, in_a_row=1)

    assert brake.limit(PER_S) == pytest.approx(0.98 * PER_S)


def test_single_refusals_without_end_never_cost_more_than_a_third():
    brake = flowing()
    for step in range(1000):
        brake.heed_refusal(PER_S, 6.0 + step, asked_s=5.99 + step, in_a_row=1)

    assert brake.limit(PER_S) >= 0.69 * PER_S


def test_pauses_at_a_wall_double_and_have_an_end():
    brake, now_s, pauses = flowing(), 5.0, []
    for _ in range(8):
        walled(brake, now_s)
        pauses.append(brake.paused_until_s - now_s)
        now_s = brake.paused_until_s + 0.05
        brake.count(PER_S, 1, now_s - 0.02)  # one finds out

    assert pauses == pytest.approx([PAUSE_S * 2**n if PAUSE_S * 2**n < MOST_PAUSE_S else MOST_PAUSE_S for n in range(8)])


def test_calls_that_were_under_way_when_a_wall_was_met_do_not_double_the_pause():
    brake = flowing()
    walled(brake, 5.0)
    paused_until_s = brake.paused_until_s
    for again in range(50):
        brake.heed_refusal(PER_S, 5.01, asked_s=4.99, in_a_row=WALL + again)

    assert brake.paused_until_s == paused_until_s


def test_the_pause_halves_again_with_calls_that_are_not_refused():
    brake, now_s = flowing(), 5.0
    for _ in range(5):
        walled(brake, now_s)
        now_s = brake.paused_until_s + 0.05
        brake.count(PER_S, 1, now_s - 0.02)
    long_s = brake.pause_s

    flowing(4, 50, brake, now_s)
    walled(brake, now_s + 4.1)

    assert PAUSE_S <= brake.pause_s == pytest.approx(long_s / 2)


def test_after_a_wall_the_rate_is_below_what_went_and_doubles_when_nobody_is_refused_any_more():
    brake = flowing(per_s=40)
    walled(brake, 5.0)
    assert 0.7 * 40 <= brake.limit(PER_S) <= 0.9 * 40

    flowing(CALM_S - 1, 30, brake, 5.5)
    assert brake.limit(PER_S) <= 40
    flowing(CALM_S, 30, brake, 5.5 + CALM_S)
    assert brake.limit(PER_S) == PER_S


def test_what_a_server_asks_for_is_waited_and_then_one_call_finds_out():
    pace = Pace(60_000)
    pace.take({0: 10}, 0.0)

    assert pace.heed_refusal(0, 1.0, asked_s=0.95, answers=1, retry_after_s=7.0)

    assert pace.take({0: 500}, 7.99) == {0: 0}
    assert pace.wait_s({0: 500}, 2.0) == pytest.approx(6.0, abs=0.1)
    assert pace.take({0: 500}, 8.01) == {0: 1}
    assert pace.take({0: 500}, 8.05) == {0: 0}
    assert pace.take({0: 500}, 8.5)[0] > 1


def test_a_refusal_that_stands_alone_among_acceptances_makes_nobody_else_wait_whatever_it_asks_for():
    pace = Pace(60_000)
    pace.take({0: 10}, 0.0)

    assert not pace.heed_refusal(0, 1.0, asked_s=0.95, answers=1000, retry_after_s=7.0)

    assert pace.take({0: 50}, 1.0 + SHORT_PAUSE_S)[0] > 1


def test_a_pace_without_any_limit_is_braked_too():
    pace = Pace(None)
    for step in range(50):
        pace.take({0: 10}, step / 10)
    for again in range(WALL):
        pace.heed_refusal(0, 5.0, asked_s=4.99, answers=1000 + again)

    assert pace.take({0: 10}, 5.1) == {0: 0}
    assert pace.wait_s({0: 10}, 5.1) == pytest.approx(PAUSE_S - 0.1)
    assert pace.take({0: 10}, 5.21) == {0: 1}
    assert sum(pace.take({0: 1000}, 6 + step / 100)[0] for step in range(200)) <= 2.6 * 100


def test_one_oa_that_is_refused_leaves_the_others_alone_and_an_app_holds_all_of_its_oas():
    per_s = spread(6000)
    lanes = [Lane("a", per_s, "1", per_s), Lane("a", per_s, "2", per_s), Lane("b", per_s, "3", per_s)]
    pace = Pace(lanes=lanes)
    for again in range(WALL):
        pace.heed_refusal(0, 1.0, asked_s=0.9, answers=1000 + again, scope=Scope.OA)
    assert pace.take({0: 4, 1: 4, 2: 4}, 1.0) == {0: 0, 1: 4, 2: 4}

    for again in range(WALL):
        pace.heed_refusal(1, 2.0, asked_s=1.9, answers=2000 + again)
    assert pace.take({0: 4, 1: 4, 2: 4}, 2.0) == {0: 0, 1: 0, 2: 4}


def test_calls_that_were_let_go_and_did_not_go_say_nothing_of_the_rate():
    brake = Brake()
    brake.count(1000.0, 500, 0.0)
    brake.take_back(460)
    walled(brake, 0.1)

    limited = brake.limit(1000.0)
    assert limited is not None
    assert limited <= 40


def test_a_machine_started_again_brakes_no_more():
    pace = Pace(6000)
    pace.take({0: 1}, 1_000_000.0)
    for again in range(WALL):
        pace.heed_refusal(0, 1_000_000.0, asked_s=999_999.0, answers=1000 + again)

    assert pace.take({0: 1}, 5.0) == {0: 1}


def test_a_wall_is_told_of_and_an_accident_is_not():
    pace = Pace(6000)
    pace.take({0: 10}, 0.0)
    pace.heed_refusal(0, 1.0, asked_s=0.95, answers=1000)
    assert Cause.REFUSED not in pace.causes(1.2)

    for again in range(WALL):
        pace.heed_refusal(0, 2.0, asked_s=1.95, answers=2000 + again)
    assert pace.causes(2.0) == {Cause.REFUSED: 2.0 + PAUSE_S}
    assert pace.causes(3.0) == {Cause.REFUSED: None}
    assert pace.causes(20.0) == {}


def test_a_full_minute_is_told_of_and_the_slower_rate_after_it():
    pace = Pace(6000)
    pace.heed_throttling(0, Scope.APP, 100.0, 40.0)

    assert pace.causes(100.0) == {Cause.MINUTE: 120.5}
    pace.take({0: 1}, 121.0)
    assert pace.causes(121.0) == {Cause.LOWERED: None}
