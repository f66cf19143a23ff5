"""Who goes first, and what their answers mean for the rest."""

from collections import Counter

import pytest

from zalo_alert.delivery.canary import PEOPLE, Stage, objection, stages
from zalo_alert.models import State

STAGE = Stage("the first", 0, PEOPLE)


def answers(accepted, rejected=0, unknown=0):
    return Counter({State.ACCEPTED: accepted, State.REJECTED: rejected, State.UNKNOWN: unknown})


def test_staff_come_first_and_then_a_thousand():
    first, second = stages(12, 50_000)

    assert (first.first, first.end) == (0, 12)
    assert (second.first, second.end) == (12, 1012)


def test_a_small_audience_has_no_sample_of_itself():
    assert stages(0, PEOPLE) == ()
    assert [stage.people for stage in stages(5, PEOPLE + 5)] == [5]


@pytest.mark.parametrize(
    ("totals", "speaks_against"),
    [
        (answers(1000), False),
        (answers(950, 50), False),
        (answers(949, 51), True),
        (answers(3, 1), False),  # one blocked phone among the staff
        (answers(3, 2), True),
        (answers(0, 1), True),
        (answers(0, 0, unknown=3), False),  # the breaker's business
    ],
)
def test_more_than_one_in_twenty_rejected_speaks_against_going_on(totals, speaks_against):
    assert bool(objection(STAGE, totals, 0.02, 0.02)) is speaks_against


@pytest.mark.parametrize(
    ("rejected", "own", "speaks_against"), [(60, 60, False), (60, 10, True), (1000, 1000, False), (1000, 999, True)]
)
def test_people_of_whom_it_was_known_beforehand_say_nothing_of_the_message(rejected, own, speaks_against):
    assert bool(objection(STAGE, answers(1000 - rejected, rejected), 0.02, 0.02, own)) is speaks_against


@pytest.mark.parametrize(
    ("first_s", "latest_s", "speaks_against"),
    [(0.02, 0.06, False), (0.6, 1.1, False), (0.6, 1.3, True), (2.0, 3.9, False), (2.0, 4.1, True), (None, None, False)],
)
def test_answers_twice_as_slow_speak_against_it_too(first_s, latest_s, speaks_against):
    assert bool(objection(STAGE, answers(1000), first_s, latest_s)) is speaks_against
