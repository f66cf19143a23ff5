"""Numbers as an officer reads them."""

from datetime import timedelta

import pytest

from zalo_alert.language import count, persons, rate, span


def test_gaps_come_with_five_digits():
    assert [count(n) for n in (0, 999, 9999, 10_000, 37_000_000)] == ["0", "999", "9999", "10\u202f000", "37\u202f000\u202f000"]


def test_one_person_is_a_person():
    assert (persons(0), persons(1), persons(2)) == ("0 people", "1 person", "2 people")


def test_slow_rates_keep_a_decimal():
    assert (rate(66.1157), rate(22_800.4)) == ("66.1/s", "22\u202f800/s")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (20, "20 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (3599, "1 h 00 min"),
        (11_100, "3 h 05 min"),
        (190_000, "2 d 4 h"),
    ],
)
def test_spans(seconds, said):
    assert span(timedelta(seconds=seconds)) == said
