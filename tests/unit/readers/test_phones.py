"""Telephone numbers as people write them, judged by the numbering plan that libphonenumber knows."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.readers.phones import PREFIXES, SINCE_2018, is_given_as_id, is_old, phone_of


def judged(national):
    number = phonenumbers.PhoneNumber(country_code=84, national_number=int(national))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def test_the_plan_is_libphonenumbers_prefix_by_prefix():
    for prefix in range(200, 1000):  # to the judge some of 1 are mobile as well: numbers of trials, which no one has
        assert phone_of(f"0{prefix}123456") == (f"84{prefix}123456" if judged(f"{prefix}123456") else ""), prefix


def test_whatever_begins_so_is_a_mobile_number_to_the_judge():
    assert all(judged(prefix.ljust(9, "7")) for prefix in PREFIXES)


@pytest.mark.parametrize(
    "written",
    [
        "0912345678", "+84912345678", "84912345678", "84 912 345 678", "+84 912 345 678", "0912.345.678", "(091) 234-5678",
        "0912\u202f345\u202f678", "0912\u00a0345\u00a0678",
        "912345678",  # Excel ate the zero
        "912345678.0", "84912345678.0", "0912345678.00",  # pandas made it a number
        "0084912345678", "+84 (0)912345678", "+84(0)912345678", "+840912345678", "840912345678", "(+84) 912 345 678",
        "０９１２３４５６７８", "O912345678", "o912345678", "091234567８",
        "0912345678/0987654321", "0912345678; 0987654321", "0912345678 hoặc 0987654321", "0912345678 0987654321",
        "0912 345 678 - 0987 654 321", "0912345678\n0987654321",
        "0912345678 ext 12", "0912345678 máy lẻ 12", "0912345678x12", "0912345678#12", "Zalo: 0912345678", "0912345678 (Zalo)",
        "tel:+84912345678", "024 3822 1234 / 0912345678", "0912345678...",
    ],
)  # fmt: skip
def test_one_number_in_every_dress(written):
    assert phone_of(written) == "84912345678"
    assert not is_old(written)


@pytest.mark.parametrize(
    "written",
    [
        "", "0", "-", "1900", "không có", "8.49E+10", "9.12E+08", "0912 345 67", "09123456789", "0912 345 678 9",
        "123456789",  # an identity card
        "084912345678",  # a newer one
        "0123456789", "0500123456", "0612345678", "0992123456",  # no such prefix
        "0439000095", "02438221234", "18001234",  # land lines and services
        "06 12 34 56 78", "+33 6 12 34 56 78", "+61 412 345 678", "012-345 6789", "+1 623 456 786", "+1 912345678",
        "01992000 ext 12",  # digits behind a word are not joined on
        "09123 nhà 45678",
    ],
)  # fmt: skip
def test_what_is_no_number_is_none(written):
    assert phone_of(written) == ""


@pytest.mark.parametrize(("before", "after"), SINCE_2018.items())
def test_numbers_of_eleven_digits_have_ten_since_2018(before, after):
    for written in (
        f"0{before}3456789", f"84{before}3456789", f"+84 {before} 345 6789", f"0{before}.345.6789", f"{before}3456789.0",
        f"0084{before}3456789", f"0{before} 3456789 / 024 3822 1234",
    ):  # fmt: skip
        assert (phone_of(written), is_old(written)) == (f"84{after}3456789", True), written


def test_the_conversion_is_one_to_one():
    assert len(set(SINCE_2018.values())) == len(SINCE_2018) == 21
    assert all(judged(f"{after}3456789") and not judged(f"{before}3456789") for before, after in SINCE_2018.items())


@settings(deadline=None)
@given(st.sampled_from(PREFIXES), st.integers(0, 10**7 - 1), st.sampled_from(["0", "84", "+84", "0084", ""]))
def test_any_number_that_can_exist_is_read(prefix, rest, before):
    national = (prefix + f"{rest:07}")[:9]
    assert phone_of(before + national) == f"84{national}"


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_nothing_makes_it_stumble_and_what_it_finds_exists(text):
    found = phone_of(text)
    assert not found or judged(found[2:])


def test_digits_given_as_an_id():
    assert all(map(is_given_as_id, ("0912345678", "84912345678", "01623456786", "841623456786")))
    assert not any(map(is_given_as_id, ("912345678", "1002893352839501541", "84123456789", "0123456789", "849123456780")))
