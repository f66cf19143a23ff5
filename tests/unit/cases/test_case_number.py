"""Numbers of cases, as they are given and as they are typed."""

import pytest

from zalo_alert.cases.case import CaseKind
from zalo_alert.cases.case_number import number_of, read_number

NO = number_of(CaseKind.TALK, "261127", 12)


def test_a_number_says_its_kind_and_day() -> None:
    assert NO.startswith("TD-261127-0012")
    assert number_of(CaseKind.DATA_REQUEST, "261127", 12).startswith("DL-261127-0012")


@pytest.mark.parametrize("typed", [NO, NO.lower(), NO.replace("-", ""), NO.replace("-", " "), f" {NO}. "])
def test_blanks_dashes_and_small_letters_are_forgiven(typed: str) -> None:
    assert read_number(typed) == NO


@pytest.mark.parametrize("place", range(3, len(NO) - 1))
def test_a_slip_of_one_digit_is_no_number(place: int) -> None:
    if NO[place].isdigit():
        slips = [f"{NO[:place]}{digit}{NO[place + 1 :]}" for digit in "0123456789" if digit != NO[place]]
        assert [read_number(slip) for slip in slips] == [""] * 9


def test_two_digits_that_change_places_are_no_number() -> None:
    assert read_number(NO.replace("0012", "0021")) == ""


@pytest.mark.parametrize("typed", ["", "TD", "XX-261127-0012K", "TD-261127-12", "TD-261127-0012", "1" * 5000])
def test_anything_else_is_no_number(typed: str) -> None:
    assert read_number(typed) == ""
