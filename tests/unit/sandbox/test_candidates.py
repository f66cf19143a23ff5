"""Invented candidates: always the same, each with a number of its own."""

import io
import itertools

from zalo_alert.sandbox.candidates import COLUMNS, PROVINCES, candidate, candidates, write_csv


def test_the_same_number_is_always_the_same_candidate():
    assert candidate("02", 1234) == candidate("02", 1234)
    assert candidate("02", 1234).sbd == "02001234"


def test_each_has_a_number_of_its_own_in_one_of_63_provinces():
    some = list(candidates(5000))

    assert len({one.sbd for one in some}) == len(some) == 5000
    assert {one.sbd[:2] for one in some} == set(PROVINCES)
    assert len(PROVINCES) == 63


def test_of_ten_million_six_digits_are_enough():
    largest = max(len(list(group)) for _code, group in itertools.groupby(candidates(10_000), lambda one: one.sbd[:2]))

    assert largest * 1000 < 1_000_000


def test_everybody_has_four_marks_and_a_row_has_every_column():
    assert {sum(map(bool, one.marks)) for one in candidates(3000)} == {4}
    target = io.StringIO()
    write_csv(target, 10)
    assert [line.count(",") + 1 for line in target.getvalue().splitlines()] == [len(COLUMNS)] * 11
