"""Answers as people type them: numbers as Vietnam writes them, choices by number or beginning, texts without template signs."""

from datetime import datetime

import pytest

from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.library.template import Kind, Question
from zalo_alert.library.typed_answer import read_answer

NOW = datetime(2026, 9, 18, 14, 5, tzinfo=VIETNAM)


def question(kind, default="", choices=()):
    return Question("x", kind, "?", "?", default, choices, "")


@pytest.mark.parametrize(
    ("typed", "number"), [("4000", 4000), ("4.000", 4000), ("1 200 000", 1_200_000), ("1,5", 1.5), ("0.5", 0.5), ("-2", -2)]
)
def test_numbers_are_read_as_vietnam_writes_them(typed, number):
    assert read_answer(question(Kind.NUMBER), typed, NOW) == number


@pytest.mark.parametrize("typed", ["khoảng 5", "1e9", "nan", "٤", "9" * 50, "1.2.3", "4,"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(UsageError, match="is not a number"):
        read_answer(question(Kind.NUMBER), typed, NOW)


@pytest.mark.parametrize("typed", ["2", "báo động 2", "BAO DONG 2", "báo động 2 "])
def test_a_choice_is_taken_by_its_number_or_words(typed):
    assert read_answer(question(Kind.CHOICE, choices=("báo động 1", "báo động 2")), typed, NOW) == "báo động 2"


@pytest.mark.parametrize("typed", ["3", "báo động", "khác", "0"])
def test_what_is_no_choice_is_refused_with_those_there_are(typed):
    with pytest.raises(UsageError) as refused:
        read_answer(question(Kind.CHOICE, choices=("báo động 1", "báo động 2")), typed, NOW)

    assert "1 báo động 1; 2 báo động 2" in refused.value.hint


@pytest.mark.parametrize("typed", ["{{ code }}", "{% if x %}", "a\u200bb", "a\nb", "\x1b[31m", "x" * 301])
def test_a_text_that_a_message_could_not_hold_is_refused(typed):
    with pytest.raises(UsageError):
        read_answer(question(Kind.TEXT), typed, NOW)


def test_a_text_is_composed():
    assert read_answer(question(Kind.TEXT), " ba\u0303o số 7 ", NOW) == "bão số 7"


def test_a_bulletin_is_looked_for_behind_and_a_deadline_ahead():
    assert read_answer(question(Kind.INSTANT, "-0h"), "13h", NOW) == NOW.replace(hour=13, minute=0)
    assert read_answer(question(Kind.INSTANT, "+6h"), "2h", NOW) == NOW.replace(day=19, hour=2, minute=0)
