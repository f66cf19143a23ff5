"""This machine's clock beside a server's: told once, in a sentence, and only when they are far apart."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from zalo_alert.foundation.clock import VIETNAM, ClockCheck
from zalo_alert.testing import FakeClock

NOW = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)


def told(*dates):
    heard: list[Any] = []
    check = ClockCheck(FakeClock(NOW), heard.append)
    for date in dates:
        check(date)
    return heard


@pytest.mark.parametrize(("minutes", "said"), [(-61, "61 minutes ahead of"), (61, "61 minutes behind"), (6, "6 minutes behind")])
def test_a_clock_that_is_far_off_is_told_once(minutes, said):
    date = format_datetime(NOW + timedelta(minutes=minutes))
    heard = told(date, date)

    assert len(heard) == 1
    assert said in heard[0]


@pytest.mark.parametrize("date", [format_datetime(NOW + timedelta(minutes=4)), "", "soon", "Fri, 18 Sep 2026 99:00:00 GMT"])
def test_a_clock_that_is_right_or_a_date_that_says_nothing_is_passed_over(date):
    assert told(date) == []
