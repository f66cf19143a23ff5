"""A timetable as people write it, the instants it means, and how systemd and cron are told."""

import shutil
import subprocess
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.timetable.grammar import read_timetable
from zalo_alert.timetable.times import calendar_lines, cron_minutes, key_of, planned_of

FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=VIETNAM)
ZONE = "Asia/Ho_Chi_Minh"
MEANT = {
    "mon 07:30": (f"Mon *-*-* 07:30:00 {ZONE}", "2026-11-30T0730"),
    "Thứ Hai 7h30": (f"Mon *-*-* 07:30:00 {ZONE}", "2026-11-30T0730"),
    "thứ 2, thứ 5 07:30": (f"Mon,Thu *-*-* 07:30:00 {ZONE}", "2026-11-30T0730"),
    "cn 8h": (f"Sun *-*-* 08:00:00 {ZONE}", "2026-11-29T0800"),
    "fri-mon 9:00": (f"Mon,Fri,Sat,Sun *-*-* 09:00:00 {ZONE}", "2026-11-28T0900"),
    "daily 06:00": (f"*-*-* 06:00:00 {ZONE}", "2026-11-28T0600"),
    "hằng ngày 15:00": (f"*-*-* 15:00:00 {ZONE}", "2026-11-27T1500"),
    "1st 08:00": (f"*-*-01 08:00:00 {ZONE}", "2026-12-01T0800"),
    "monthly 1,15 08:00": (f"*-*-01,15 08:00:00 {ZONE}", "2026-12-01T0800"),
    "monthly last 08:00": (f"*-*~01 08:00:00 {ZONE}", "2026-11-30T0800"),
    "ngày 1 hằng tháng 08:00": (f"*-*-01 08:00:00 {ZONE}", "2026-12-01T0800"),
    "2026-12-05 07:30": (f"2026-12-05 07:30:00 {ZONE}", "2026-12-05T0730"),
    "5/12/2026 07:30": (f"2026-12-05 07:30:00 {ZONE}", "2026-12-05T0730"),
    "every 2 min": ("*:0/2:00", "2026-11-27T1402"),
}


@pytest.mark.parametrize("text", MEANT)
def test_it_is_read_as_it_is_meant(text):
    calendar, key = MEANT[text]
    timetable = read_timetable(text)
    upcoming = timetable.next_after(FRIDAY)

    assert calendar_lines(timetable) == [calendar]
    assert upcoming is not None
    assert key_of(upcoming) == key
    assert planned_of(key) == upcoming
    assert read_timetable(timetable.text) == timetable


@pytest.mark.parametrize("text", MEANT)
def test_systemd_means_the_same_instant(text):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    command = ["systemd-analyze", "calendar", "--iterations=1", "--base-time=2026-11-27 07:00:00 UTC", MEANT[text][0]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"TZ": ZONE, "LC_ALL": "C"}, timeout=60)

    assert done.returncode == 0, done.stderr
    planned = planned_of(MEANT[text][1])
    assert planned is not None
    assert f"{planned:%Y-%m-%d %H:%M:%S}" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "", "mon", "07:30", "mun 07:30", "mon 25:00", "mon 07:60", "monthly 31 08:00", "monthly 0 08:00", "2026-02-31 08:00",
        "31/2/2026 08:00", "1999-01-01 08:00", "every 7 min", "every 0 min", "mon- 07:30", "mon 07:30\x1b[31m", "mon\n07:30 x",
        "daily 07:00 07:00", "x" * 5000, "thứ tám 07:30", "*-*-* 07:30; rm -rf",
    ],
)  # fmt: skip
def test_what_is_none_is_a_sentence(text):
    with pytest.raises(UsageError) as told:
        read_timetable(text)
    assert str(told.value.message).isprintable()


@given(some.text(max_size=60) | some.from_regex(r"[a-zứ0-9 ,:/h-]{1,40}", fullmatch=True))
def test_anything_is_a_timetable_or_a_usage_error(text):
    try:
        timetable = read_timetable(text)
    except UsageError:
        return
    assert read_timetable(timetable.text).times == timetable.times


@given(
    some.sampled_from([read_timetable(text) for text in MEANT]),
    some.integers(-300 * 86_400, 300 * 86_400),
    some.timedeltas(timedelta(), timedelta(days=40)),
)
def test_the_last_instant_is_the_last_of_all(timetable, seconds, span):
    until = FRIDAY + timedelta(seconds=seconds)
    after = until - min(span, timedelta(hours=6)) if timetable.every_min else until - span
    everything = list(timetable.between(after, until))

    assert timetable.last_until(until, after) == (everything[-1] if everything else None)
    assert everything == sorted(set(everything))


@given(some.integers(0, 23), some.integers(0, 59), some.sampled_from([0, 30, 45, -210, 345, 765, -570]))
def test_cron_looks_at_the_planned_minute_in_any_zone(hour, minute, offset_min):
    timetable = read_timetable(f"daily {hour:02}:{minute:02}")
    first = int(cron_minutes(timetable).split("-")[0])
    there = (hour * 60 + minute - 7 * 60 + offset_min) % 60

    assert there in range(first, 60, 5)


@pytest.mark.parametrize(
    ("plain", "marked"),
    [
        ("thu hai, thu nam 7h30", "thứ hai, thứ năm 7h30"),
        ("thu tu 07:30", "thứ tư 07:30"),
        ("chu nhat 08:00", "chủ nhật 08:00"),
        ("hang ngay 06:00", "hằng ngày 06:00"),
        ("moi ngay 06:00", "mỗi ngày 06:00"),
        ("ngay 1 hang thang 08:00", "ngày 1 hằng tháng 08:00"),
    ],
)
def test_days_may_be_typed_without_vietnamese_keys(plain, marked):
    assert calendar_lines(read_timetable(plain)) == calendar_lines(read_timetable(marked))
