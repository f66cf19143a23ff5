"""Instants in narrow columns."""

from datetime import UTC, datetime, timedelta

import pytest

from zalo_alert.cli.time_cell import time_cell
from zalo_alert.foundation.clock import VIETNAM

NOW = datetime(2026, 12, 30, 18, 5, 9, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("ahead", "seconds", "shown"),
    [
        (timedelta(0), False, "18:05"),
        (timedelta(0), True, "18:05:09"),
        (timedelta(hours=6), True, "00:05 31/12"),
        (timedelta(days=2), False, "18:05 1/1/2027"),
    ],
    ids=["today", "today to the second", "tomorrow", "next year"],
)
def test_a_cell_has_the_day_where_that_is_not_today(ahead, seconds, shown):
    assert time_cell((NOW + ahead).astimezone(UTC), NOW, seconds=seconds) == shown
