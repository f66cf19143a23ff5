"""Opening hours: when an office is open, when it opens next, and how both read."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.answers.hours import Hours, Opening, opening_words, read_days, read_holidays, read_openings, read_week
from zalo_alert.foundation.clock import VIETNAM

OFFICE, _ = read_week({"mon-fri": "07:30-11:30 13:30-17:00", "sat": "07:30-11:30"})
TET = {date(2027, 2, day): "Tết Nguyên đán" for day in range(5, 12)}
HOURS = Hours(OFFICE, TET)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-30T07:29:59", False),  # a Monday
        ("2026-11-30T07:30:00", True),
        ("2026-11-30T11:29:59", True),
        ("2026-11-30T11:30:00", False),
        ("2026-11-30T13:30:00", True),
        ("2026-11-28T11:00:00", True),  # a Saturday
        ("2026-11-28T14:00:00", False),
        ("2026-11-29T09:00:00", False),
        ("2027-02-08T09:00:00", False),  # a Monday in Tết
    ],
)
def test_an_office_is_open_from_the_first_minute_to_before_the_last(when, is_open):
    assert HOURS.is_open(at(when)) is is_open


@pytest.mark.parametrize(
    ("when", "opens", "words"),
    [
        ("2026-11-30T06:00:00", "2026-11-30T07:30:00", "07:30 hôm nay"),
        ("2026-11-30T12:00:00", "2026-11-30T13:30:00", "13:30 hôm nay"),
        ("2026-11-30T20:00:00", "2026-12-01T07:30:00", "07:30 ngày mai"),
        ("2026-11-28T12:00:00", "2026-11-30T07:30:00", "07:30 thứ Hai, 30/11/2026"),
        ("2027-02-04T18:00:00", "2027-02-12T07:30:00", "07:30 thứ Sáu, 12/2/2027"),  # over Tết
        ("2026-11-30T08:00:00", "2026-11-30T08:00:00", "08:00 hôm nay"),
    ],
)
def test_the_next_opening_is_told(when, opens, words):
    assert HOURS.next_opening(at(when)) == at(opens)
    assert opening_words(at(opens), at(when)) == words


def test_another_zone_means_the_same_instant():
    assert HOURS.is_open(datetime.fromisoformat("2026-11-30T01:00:00+00:00"))


def test_an_office_that_never_opens_has_no_next_opening():
    assert Hours(((),) * 7).next_opening(at("2026-11-30T08:00:00")) is None
    assert Hours(OFFICE).next_opening(datetime(9999, 12, 31, 23, 0, tzinfo=VIETNAM)) is None


def test_the_week_reads_as_citizens_say_it():
    assert HOURS.words() == "thứ Hai - thứ Sáu 07:30-11:30, 13:30-17:00; thứ Bảy 07:30-11:30"
    assert Hours(read_week({"mon-sun": "0:00-24:00"})[0]).words() == "thứ Hai - Chủ nhật 00:00-24:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("7h30-11h30", "is no span of hours"),
        ("11:30-07:30", "ends before it begins"),
        ("07:30-24:30", "ends before it begins, or after 24:00"),
        ("07:30-11:30 11:00-12:00", "begins before the span in front of it ends"),
        ("07:30-11:60", "is no span of hours"),
    ],
)
def test_hours_that_make_no_sense_are_told(text, said):
    assert said in read_openings(text)


@pytest.mark.parametrize(("key", "said"), [("fri-mon", "mon comes before fri"), ("t2", "t2 is no day"), ("mon-", "- is no day")])
def test_days_that_make_no_sense_are_told(key, said):
    assert said in read_days(key)


def test_a_day_stands_once():
    assert "tue has hours already" in [fault.message for fault in read_week({"mon-fri": "8:00-9:00", "tue": "8:00-9:00"})[1]]


def test_holidays_need_their_first_line():
    assert read_holidays("2027-02-05,Tết\n")[1] == [(1, "its first line should be: date,name")]


minutes = st.integers(0, 24 * 60)
openings = st.lists(minutes, min_size=0, max_size=6, unique=True).map(
    lambda ends: tuple(Opening(*pair) for pair in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)
weeks = st.tuples(*[openings] * 7)
seconds = st.integers(0, 3 * 365 * 86_400)
instants = seconds.map(lambda seconds: at("2026-01-01T00:00:00") + timedelta(seconds=seconds))
days_off = st.dictionaries(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.just("nghỉ"), max_size=5)


@given(weeks, days_off, instants)
def test_the_next_opening_is_the_first_instant_at_which_it_is_open(week, holidays, now):
    hours = Hours(week, holidays)

    opens = hours.next_opening(now)

    if opens is None:
        assert not any(week)
        return
    assert opens >= now
    assert hours.is_open(opens)
    assert opens == now or not hours.is_open(opens - timedelta(seconds=1))
    day = now.date()
    while day < opens.date():  # on no day between is it open any more
        rest = [start for start, _end in hours.week[day.weekday()] if day not in holidays]
        assert not [start for start in rest if day > now.date() or start >= now.hour * 60 + now.minute + 1]
        day += timedelta(days=1)


@given(weeks)
def test_hours_that_are_written_are_read_again(week):
    written = {}
    for day, spans in zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), week, strict=True):
        if spans:
            written[day] = " ".join(f"{s // 60:02}:{s % 60:02}-{e // 60:02}:{e % 60:02}" for s, e in spans)

    assert read_week(written) == (week, [])


@given(weeks, instants)
def test_it_is_open_for_as_many_minutes_of_a_day_as_are_written(week, now):
    hours = Hours(week)
    midnight = datetime.combine(now.date(), time(0), VIETNAM)

    open_minutes = sum(hours.is_open(midnight + timedelta(minutes=minute)) for minute in range(0, 24 * 60, 7))

    assert open_minutes == sum(len(range(-start % 7, end - start, 7)) for start, end in week[now.weekday()])
