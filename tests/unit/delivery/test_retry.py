"""When a refused person is tried again."""

from datetime import datetime, timedelta

import pytest

from zalo_alert.delivery.retry import FREE, MOST_BACKOFF_S, Policy, backoff_s, next_midnight, next_morning
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Deferred, Reason

NOW = datetime(2026, 9, 18, 14, 0, 30, tzinfo=VIETNAM)
POLICY = Policy(5)


def due(outcome, attempts=1, now=NOW):
    return POLICY.due_at_s(outcome, attempts, now) - now.timestamp()


def test_too_fast_waits_for_the_next_minute():
    assert due(Deferred(Reason.THROTTLED)) == 30


@pytest.mark.parametrize(("asked_s", "wait_s"), [(None, 1), (0.0, 1), (7.5, 7.5)])
def test_a_429_without_a_word_of_the_minute_waits_a_second_or_what_it_asks_for(asked_s, wait_s):
    assert due(Deferred(Reason.THROTTLED, 429, asked_s)) == wait_s


def test_what_the_server_asks_for_is_kept():
    assert due(Deferred(Reason.BUSY, 503, 7.5)) == 7.5


def test_a_busy_server_is_given_longer_each_time():
    waits = [due(Deferred(Reason.BUSY, 503), attempts) for attempts in (1, 3, 5, 50)]
    assert 1 <= waits[0] <= 2
    assert waits == sorted(waits)
    assert waits[-1] <= 61


@pytest.mark.parametrize(("attempts", "least_s"), [(0, 1), (1, 1), (2, 2), (6, 32), (7, 60), (8, 60), (5000, 60)])
def test_a_wait_doubles_and_differs_between_people_and_never_passes_a_minute(attempts, least_s):
    waits = [backoff_s(attempts) for _ in range(200)]

    assert least_s <= min(waits) <= max(waits) <= min(MOST_BACKOFF_S, least_s + 1)
    assert len(set(waits)) > 1 or least_s == MOST_BACKOFF_S


@pytest.mark.parametrize(("hour", "expected"), [(23, 7), (2, 4), (5, 1)])
def test_night_waits_for_six_in_the_morning(hour, expected):
    now = NOW.replace(hour=hour, minute=0, second=0)
    assert due(Deferred(Reason.NIGHT, -234), now=now) == expected * 3600


@pytest.mark.parametrize("reason", sorted(FREE))
def test_what_is_refused_for_everyone_costs_nobody_an_attempt(reason):
    assert not POLICY.gives_up(Deferred(reason), 1000)


def test_a_refusal_of_this_person_counts():
    assert not POLICY.gives_up(Deferred(Reason.BUSY), 4)
    assert POLICY.gives_up(Deferred(Reason.BUSY), 5)


def test_days_turn_in_vietnam_whatever_the_machines_zone():
    utc_evening = datetime.fromisoformat("2026-09-18T18:00:00+00:00")  # 01:00 on the 19th in Vietnam
    assert next_midnight(utc_evening) == datetime(2026, 9, 20, tzinfo=VIETNAM)
    assert next_morning(utc_evening) == datetime(2026, 9, 19, 6, tzinfo=VIETNAM)
    assert next_morning(datetime(2026, 9, 19, 6, tzinfo=VIETNAM)) - timedelta(days=1) == datetime(2026, 9, 19, 6, tzinfo=VIETNAM)
