"""Answers at the workspace's rate: the most urgent first, only the OAs asked for, and what Zalo says is heeded."""

import pytest

from zalo_alert.models import Rank, Scope
from zalo_alert.pacing.answer_pace import AnswerPace
from zalo_alert.pacing.meter import Lane, spread

START_S = 1_790_000_020.0
APP_2 = "222"


def lane_of(oa, app):
    per_s = spread(600) or 0.0
    return Lane(f"app:{app or '111'}", per_s, f"oa:{oa}", 2 * per_s)


@pytest.fixture
def pace(tmp_path):
    made = AnswerPace(tmp_path / "rates.db", lane_of)
    yield made
    made.close()


def test_the_most_urgent_are_served_first_whatever_the_order(pace):
    wanted = {("1", "", Rank.LOOKUP): 9, ("2", "", Rank.RULE): 2, ("1", "", Rank.HELP): 1}

    assert pace.take(wanted, START_S) == {("1", "", Rank.LOOKUP): 1, ("2", "", Rank.RULE): 2, ("1", "", Rank.HELP): 1}


def test_a_second_app_has_a_rate_of_its_own(pace):
    granted = pace.take({("1", "", Rank.RULE): 99, ("1", APP_2, Rank.LOOKUP): 99}, START_S)

    assert granted == {("1", "", Rank.RULE): 4, ("1", APP_2, Rank.LOOKUP): 4}


def test_whoever_looks_when_told_to_finds_something(pace):
    wanted, now_s = {("1", "", Rank.RULE): 99}, START_S
    for _ in range(50):
        pace.take(wanted, now_s)
        now_s += pace.wait_s(wanted, now_s) + 1e-6
        assert sum(pace.take(wanted, now_s).values()) >= 1


def test_a_full_minute_holds_the_app_until_it_is_over(pace):
    pace.heed_full_minute(("1", ""), START_S, START_S)

    wanted = {("1", "", Rank.RULE): 1, ("2", "", Rank.RULE): 1, ("1", APP_2, Rank.RULE): 1}
    assert list(pace.take(wanted, START_S).values()) == [0, 0, 1]
    assert list(pace.take(wanted, START_S + 20.6).values()) == [1, 1, 1]


def test_a_refusal_of_the_oa_leaves_the_others_alone(pace):
    pace.heed_throttling(("1", ""), Scope.OA, START_S, START_S)

    assert list(pace.take({("1", "", Rank.RULE): 1, ("2", "", Rank.RULE): 1}, START_S).values()) == [0, 1]


def test_a_pause_holds_everything_back(pace):
    wanted = {("1", "", Rank.HELP): 1}
    pace.pause(START_S, 5)

    assert pace.take(wanted, START_S + 4) == {("1", "", Rank.HELP): 0}
    assert pace.wait_s(wanted, START_S + 4) == pytest.approx(1)
    assert pace.take(wanted, START_S + 5) == {("1", "", Rank.HELP): 1}


def test_a_pace_that_is_closed_lets_nobody_go(pace):
    pace.close()

    assert pace.take({("1", "", Rank.HELP): 1}, START_S) == {("1", "", Rank.HELP): 0}
