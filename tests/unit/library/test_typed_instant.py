"""Instants as an officer types them: understood in one way only, or refused with what to write instead."""

from datetime import datetime, timedelta

import pytest

from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.library.typed_instant import Side, read_instant

AFTERNOON = datetime(2026, 9, 18, 14, 5, 33, tzinfo=VIETNAM)  # a Friday
NIGHT = datetime(2026, 9, 18, 23, 5, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("20h", "20:00 18/9/2026"),
        ("20:30", "20:30 18/9/2026"),
        ("20 giờ", "20:00 18/9/2026"),
        ("20 GIỜ 30 phút", "20:30 18/9/2026"),
        ("20 gio mai", "20:00 19/9/2026"),
        ("mai 20h", "20:00 19/9/2026"),
        ("8h tối nay", "20:00 18/9/2026"),
        ("2h sáng mai", "02:00 19/9/2026"),
        ("1h chiều mai", "13:00 19/9/2026"),
        ("8 pm", "20:00 18/9/2026"),
        ("19/9 20:00", "20:00 19/9/2026"),
        ("17h00 ngày 19/9", "17:00 19/9/2026"),
        ("20 giờ, thứ Bảy 19/9", "20:00 19/9/2026"),
        ("thứ Hai 7h", "07:00 21/9/2026"),
        ("27/11/2026 12:00", "12:00 27/11/2026"),
        ("12h 27.11.26", "12:00 27/11/2026"),
        ("2026-09-19 02:00", "02:00 19/9/2026"),
        ("2026-09-18T19:00:00Z", "02:00 19/9/2026"),
        ("24:00 18/9", "00:00 19/9/2026"),
        ("1/1 8h", "08:00 1/1/2027"),
        ("+6h", "20:05 18/9/2026"),
        ("+1d 2h", "16:05 19/9/2026"),
        ("2h", "02:00 19/9/2026"),
    ],
)
def test_an_instant_is_understood(typed, instant):
    assert words(read_instant(typed, AFTERNOON)) == instant


def test_at_night_a_bare_hour_is_the_nearest_one_ahead():
    assert words(read_instant("2h", NIGHT)) == "02:00 19/9/2026"
    assert words(read_instant("23h30", NIGHT)) == "23:30 18/9/2026"


@pytest.mark.parametrize(
    ("typed", "instant"), [("13h", "13:00 18/9/2026"), ("hôm qua 20h", "20:00 17/9/2026"), ("-1h", "13:05 18/9/2026")]
)
def test_a_bulletin_lies_behind(typed, instant):
    assert words(read_instant(typed, AFTERNOON, Side.BEHIND)) == instant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("8h", "has passed today: write 20:00, or 08:00 mai"),
        ("13h", "13:00 18/9/2026, which has passed"),
        ("17/9 8h", "08:00 17/9/2026, which has passed"),
        ("0h đêm nay", "a night has two days"),
        ("8h chiều", '8 does not fit "chiều"'),
        ("12pm", '12 does not fit "pm"'),
        ("25h", "an hour that does not exist"),
        ("20:75", "an hour that does not exist"),
        ("31/2 20h", "a day that does not exist, 31/2"),
        ("9/18 20h", "the day comes first, 18/9"),
        ("thứ Sáu 19/9 20h", "19/9 is a thứ bảy"),
        ("19/9", "says no hour: add it, such as 20h 19/9"),
        ("20", "is a number: write the hour as 20h"),
        ("20h 19/9/2036", "more than a year away"),
        ("20h khoảng", 'what does "khoảng" mean?'),
        ("sớm", "is not understood as a time"),
        ("١٢:00", "is not understood as a time"),
        ("9" * 5000, "is too long for a time"),
    ],
)
def test_what_is_ambiguous_past_or_impossible_is_refused_with_a_sentence(typed, why):
    with pytest.raises(UsageError) as refused:
        read_instant(typed, AFTERNOON)

    assert why in refused.value.message
    assert "20 giờ mai" in refused.value.hint


@pytest.mark.parametrize(
    ("typed", "instant"), [("2h", "02:00 19/9/2026"), ("8h30", "08:30 18/9/2026"), ("20h", "20:00 18/9/2026")]
)
def test_what_may_have_begun_is_just_past_or_ahead(typed, instant):
    assert words(read_instant(typed, AFTERNOON, Side.EITHER)) == instant


@pytest.mark.parametrize(
    ("now", "typed", "why"),
    [
        (AFTERNOON, "7h", "write 07:00 18/9, or 07:00 19/9"),
        (NIGHT - timedelta(hours=22), "22h", "write 22:00 17/9, or 22:00 18/9"),
    ],
)
def test_what_may_have_begun_on_either_of_two_days_is_asked_again(now, typed, why):
    with pytest.raises(UsageError, match="is ambiguous") as refused:
        read_instant(typed, now, Side.EITHER)

    assert why in refused.value.message


def test_a_bulletin_of_tomorrow_is_refused():
    with pytest.raises(UsageError, match="still to come"):
        read_instant("16h", AFTERNOON, Side.BEHIND)
