"""How far a run is from its plan."""

import pytest

from zalo_alert.runs.schedule import Drift, Planned, RunPosition, measure_drift, measure_planned_rate, measure_rate

START_S = 1_000.0
PLACES = [Planned(0, 98, START_S, START_S + 99), Planned(1, 99, START_S + 1, START_S + 100)]  # side by side, one person a second


def settled_every(seconds, people):
    return lambda number: START_S + (number + 1) * seconds if number < people else None


def standing(done, *, now_s, rate_per_s, every_s=1.0):
    return RunPosition(done, 100 - done, now_s, rate_per_s, settled_every(every_s, done))


def test_a_run_that_keeps_its_pace_is_on_time():
    whole, by_place = measure_drift(PLACES, standing(50, now_s=START_S + 50, rate_per_s=1))
    assert (whole.late_s, whole.is_done) == (0, False)
    assert [place.late_s for place in by_place] == [0, 0]


def test_a_run_at_half_the_pace_is_late_by_what_it_lost_and_will_lose():
    whole, by_place = measure_drift(PLACES, standing(50, now_s=START_S + 100, rate_per_s=0.5))
    assert whole.late_s == 100
    assert [place.late_s for place in by_place] == [99, 100]


def test_a_place_that_is_done_keeps_the_instant_at_which_it_was_reached():
    whole, by_place = measure_drift(PLACES, standing(99, now_s=START_S + 2_000, rate_per_s=1, every_s=2))
    assert by_place[0] == Drift(START_S + 99, START_S + 198, is_done=True)
    assert not whole.is_done


def test_a_finished_run_was_as_late_as_its_last_place():
    whole, _ = measure_drift(PLACES, standing(100, now_s=START_S + 9_000, rate_per_s=0, every_s=3))
    assert (whole.late_s, whole.is_done) == (200, True)


def test_whoever_expired_before_their_turn_has_no_instant():
    expired = RunPosition(100, 0, START_S + 900, 1, settled_every(1, 50))
    whole, by_place = measure_drift(PLACES, expired)
    assert (whole.is_done, whole.expected_at_s) == (False, None)
    assert by_place == [Drift(place.finishes_at_s, None, is_done=False) for place in PLACES]


def test_nobody_can_tell_while_nothing_moves():
    whole, by_place = measure_drift(PLACES, standing(10, now_s=START_S + 50, rate_per_s=0))
    assert whole.expected_at_s is whole.late_s is by_place[1].expected_at_s is None


def test_the_planned_rate_is_that_of_the_whole():
    assert measure_planned_rate(PLACES) == pytest.approx(1)


@pytest.mark.parametrize(
    ("people", "since_s", "expected"),
    [(600, START_S, 2.0), (600, START_S + 280, 2.0), (0, START_S, 0)],
    ids=["the last minute", "since it was started again", "nobody yet"],
)
def test_the_rate_is_that_of_the_last_minute(people, since_s, expected):
    assert measure_rate(people, settled_every(0.5, people), START_S + 300, since_s) == pytest.approx(expected, rel=0.05)
