"""Days and times in the offices' own dress."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.readers.instants import instant_of, is_month_first


@pytest.mark.parametrize(
    "written",
    [
        "26/11/2026 14:05:33", "26-11-2026 14:05:33", "26.11.2026 14:05:33", "2026/11/26 14:05:33", "2026.11.26 14:05:33",
        "26/11/26 14:05:33", "26/11/2026 2:05:33 CH", "26/11/2026 02:05:33 PM", "26/11/2026, 14:05:33", "14:05:33 26/11/2026",
        "14:05:33 ngày 26/11/2026", "26/11/2026 lúc 14:05:33", "2026-11-26T14:05:33", "2026-11-26 14:05:33", "20261126T140533",
        "20261126140533", "2026-11-26T07:05:33Z", "2026-11-26t07:05:33z", "2026-11-26 07:05:33 UTC", "2026-11-26T14:05:33+07:00",
        "2026-11-26 14:05:33 +0700", "26/11/2026 14:05:33 GMT+7", "26/11/2026 07:05:33 UTC",
        "Thu, 26 Nov 2026 14:05:33 +0700", "Thu, 26 Nov 2026 07:05:33 -0000", "26 Nov 2026 07:05:33 GMT",
        "1795676733", "1795676733000", "1795676733000000", "1795676733.0", "46352.587187",
        "26/11/2026\u00a014:05:33", "２６/11/2026 14:05:33", "2026-W48-4T14:05:33",
    ],
)  # fmt: skip
def test_one_instant_in_every_dress(written):
    found = instant_of(written)
    assert found is not None
    assert found.astimezone(VIETNAM) == datetime(2026, 11, 26, 14, 5, 33, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("26/11/2026", "2026-11-26T00:00:00+07:00"),
        ("1/2/2026", "2026-02-01T00:00:00+07:00"),
        ("26/11/2026 7:05", "2026-11-26T07:05:00+07:00"),
        ("8h05 26/11/2026", "2026-11-26T08:05:00+07:00"),
        ("ngày 26 tháng 11 năm 2026", "2026-11-26T00:00:00+07:00"),
        ("26/11/2026 12:05 SA", "2026-11-26T00:05:00+07:00"),
        ("26/11/2026 12:05 CH", "2026-11-26T12:05:00+07:00"),
        ("46352", "2026-11-26T00:00:00+07:00"),
        ("20261126", "2026-11-26T00:00:00+07:00"),
        ("2026-11-26T24:00:00", "2026-11-27T00:00:00+07:00"),
    ],
)
def test_days_and_times(written, stored):
    found = instant_of(written)
    assert found
    assert found.isoformat() == stored


@pytest.mark.parametrize(
    "written",
    [
        "", "x", "2014", "11/26/2026", "31/2/2026", "26/11/1712", "0001-01-01", "9999-12-31T23:59:59Z", "26/11/202", "26/11-2026",
        "2026-11-26X14:05", "2026-11-26\u042214:05", "2026-11-26T14:05:33+00:60", "2026-11-26T25:00", "26/11/2026 14:05 sáng mai",
        "12345", "912345678", "1712", "99999999999999999999", "nan", "inf", "1e9", "26/11/2026 25:00", "24/11/2026 14:61",
    ],
)  # fmt: skip
def test_what_is_no_instant_is_none(written):
    assert instant_of(written) is None


def test_milliseconds_are_no_year_of_the_past():
    found = instant_of("1712120412301")
    assert found
    assert found.astimezone(VIETNAM).year == 2024


@settings(deadline=None)
@given(st.integers(0, 3_000_000_000))
def test_every_second_of_a_sane_year_is_read_alike(second):
    at = expected = datetime(2001, 1, 1, tzinfo=VIETNAM) + timedelta(seconds=second)
    assert instant_of(at.isoformat()) == instant_of(f"{at:%Y-%m-%d %H:%M:%S}") == expected
    assert instant_of(f"{at:%d/%m/%Y %H:%M:%S}") == expected
    assert instant_of(f"{at:%Y.%m.%d %I:%M:%S %p}") == expected
    assert instant_of(str(int(expected.timestamp()) * 1000)) == expected
    serial = (expected - datetime(1899, 12, 30, tzinfo=VIETNAM)) / timedelta(days=1)
    assert instant_of(f"{serial:.6f}") == expected


@settings(deadline=None)
@given(st.text(max_size=40))
def test_nothing_makes_it_stumble(text):
    found = instant_of(text)
    assert found is None or (found.tzinfo and 1999 < found.year < 2101)


def test_americans_are_noticed():
    assert is_month_first("11/26/2026")
    assert is_month_first("11/26/2026 08:00")
    assert not is_month_first("26/11/2026")
    assert not is_month_first("05/11/2026")
