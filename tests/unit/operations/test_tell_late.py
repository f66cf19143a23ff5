"""A run that grows late is noticed while it is sent, and told at so many minutes, twice and four times as many."""

from datetime import timedelta
from typing import Any

import pytest

from zalo_alert.delivery.progress import Progress
from zalo_alert.models import State
from zalo_alert.operations.tell_late import LateWatch, level_of
from zalo_alert.runs.schedule import Planned
from zalo_alert.testing import FakeClock, Recording

PEOPLE = 6000  # planned at 10 a second: ten minutes


class Facts:
    code, status, audience = "DT-1", "Exercise", PEOPLE


class FrozenRun:
    id, facts = "DT-1", Facts()

    def __init__(self, clock):
        self._begins_s = clock.now().timestamp()

    def schedule(self):
        return [Planned(0, PEOPLE - 1, self._begins_s, self._begins_s + PEOPLE / 10)]


@pytest.fixture
def clock():
    return FakeClock()


def tell_at(clock, rates, recording=None):
    """Send at so many people a second for so long each; return what was told, and when it was."""
    told, began, left = [], clock.now(), float(PEOPLE)
    run: Any = FrozenRun(clock)
    watch = LateWatch(recording or Recording(), run, 10, lambda message: told.append((message, clock.now() - began)), clock)
    for rate, seconds in rates:
        for _step in range(int(seconds)):
            clock.move(1.0)
            left = max(1.0, left - rate)
            watch.on_progress(Progress(PEOPLE, {State.PENDING: int(left), State.CLAIMED: 0, State.DEFERRED: 0}, rate, 0, None))
    return told


def test_a_run_on_its_way_is_not_told(clock):
    assert tell_at(clock, [(10, 590)]) == []


def test_a_slow_run_is_told_within_five_minutes(clock):
    (message, after), *more = tell_at(clock, [(4, 300)])

    assert after <= timedelta(minutes=5)
    assert (message.event, message.level, more) == ("late", 1, [])
    assert message.facts["late_min"] in (14, 15)


def test_a_stall_is_told_at_ten_twenty_and_forty_minutes(clock):
    told = tell_at(clock, [(10, 60), (0, 3000)])

    assert [message.level for message, _after in told] == [1, 2, 3]
    assert [10 <= message.facts["late_min"] / factor < 14 for (message, _after), factor in zip(told, (1, 2, 4), strict=True)] == [
        True
    ] * 3
    assert all(after < timedelta(minutes=message.facts["late_min"] + 2) for message, after in told)


def test_a_short_stall_is_not_told(clock):
    assert tell_at(clock, [(10, 120), (0, 40), (12, 200)]) == []


def test_everything_is_passed_on(clock):
    recording = Recording()
    tell_at(clock, [(10, 30)], recording)

    assert len(recording.progress) == 30


@pytest.mark.parametrize(("minutes", "level"), [(-5, 0), (9.9, 0), (10, 1), (19.9, 1), (20, 2), (40, 3), (100_000, 14)])
def test_each_level_is_twice_the_one_before(minutes, level):
    assert level_of(minutes * 60, 10) == level
