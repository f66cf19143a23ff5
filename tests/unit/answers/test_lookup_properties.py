"""Whatever people write to a look-up is read or left alone, and what is read is of its kind."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.answers.test_lookup import SCORES
from zalo_alert.answers.lookup_question import read_check, read_key, read_question

WORDS = st.sampled_from(
    [
        "tra",
        "điểm",
        "diem",
        "thi",
        "02001234",
        "02",
        "001",
        "234",
        "15/3/2008",
        "15",
        "3",
        "2008",
        "sbd:",
        "ngày",
        "sinh",
        "ơi",
        "\u200b",
    ]
)
TEXTS = st.text(max_size=80) | st.lists(WORDS | st.text(max_size=6), max_size=14).map(" ".join)
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text_is_read_or_left_alone(text):
    for question in (read_question(text, SCORES, 2026), read_key(text, SCORES, 2026), read_check(text, SCORES, "02001234", 2026)):
        if question:
            assert question.key == "" or re.fullmatch(r"[0-9]{8}", question.key)
            assert question.check == "" or ISO.fullmatch(question.check)


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(0, 10**8 - 1), day=st.integers(1, 28), month=st.integers(1, 12), year=st.integers(1950, 2020),
    sign=st.sampled_from(["/", "-", "."]), words=st.sampled_from(["", "tra điểm ", "Điểm thi sbd: ", "cho em xin diem thi "]),
    between=st.sampled_from([" ", "\n", ", ", " sinh ngày ", " ns: "]),
)  # fmt: skip
def test_both_facts_are_found_however_they_are_written(number, day, month, year, sign, words, between):
    text = f"{words}{number:08d}{between}{day}{sign}{month:02d}{sign}{year}"

    question = read_question(text, SCORES, 2026)
    assert question is not None
    assert (question.key, question.check) == (f"{number:08d}", f"{year}-{month:02d}-{day:02d}")
