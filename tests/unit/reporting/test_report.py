"""What a report says of when people were accepted."""

from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import instant
from zalo_alert.reporting.report import _milestones


def by_minute(seconds):
    minutes: dict[int, int] = {}
    for at_s in seconds:
        minutes[at_s // 60 * 60] = minutes.get(at_s // 60 * 60, 0) + 1
    return sorted(minutes.items())


@pytest.mark.parametrize(
    ("seconds", "first_s", "half_s", "last_s"),
    [
        ([12], 12, 12, 12),
        ([12, 13], 12, 12, 13),
        ([12, 13, 130], 12, 13, 130),
        ([7, 61, 62, 63, 64, 65, 181], 7, 63, 181),
        ([59, 60, 61, 120, 121, 122], 59, 61, 122),
    ],
)
def test_first_half_and_last_are_true_to_the_second(seconds, first_s, half_s, last_s):
    def seconds_of(minutes):
        return [(at_s, 1) for at_s in seconds if at_s // 60 * 60 in minutes]

    found = _milestones(by_minute(seconds), seconds_of)

    assert found == tuple(instant(0) + timedelta(seconds=at_s) for at_s in (first_s, half_s, last_s))


def test_nobody_accepted_has_no_times():
    assert _milestones([], lambda minutes: []) == (None, None, None)
