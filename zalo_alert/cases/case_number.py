"""Numbers of cases as people say them: `TD-261127-0001K`.

The last letter does not fit where one digit is wrong, or two have changed places.
"""

import re
from collections.abc import Mapping

from zalo_alert.cases.case import CaseKind

PREFIXES: Mapping[CaseKind, str] = {CaseKind.TALK: "TD", CaseKind.DATA_REQUEST: "DL"}
_LETTERS = "ABCDEFGHKLMNPQRSTUVWXYZ"  # 23, a prime: no slip of one digit keeps the remainder; without I, J and O
_WRITTEN = re.compile(r"([A-Z]{2})(\d{6})(\d{4,6})([A-Z])")


def number_of(kind: CaseKind, day: str, n: int) -> str:
    """Write a case's number.

    Args:
        kind: Of the case.
        day: On which it began, as `yymmdd`.
        n: The how-manieth of its kind that day, from 1.
    """
    return f"{PREFIXES[kind]}-{day}-{n:04}{_letter(f'{day}{n:04}')}"


def read_number(text: str) -> str:
    """Return a case's number as it is kept, however it is typed: blanks, dashes and small letters are forgiven.

    Returns:
        "" where it is none, or its last letter does not fit.
    """
    found = _WRITTEN.fullmatch("".join(sign for sign in text.upper() if sign.isalnum()))
    if found is None:
        return ""
    prefix, day, n, letter = found.groups()
    return f"{prefix}-{day}-{n}{letter}" if prefix in PREFIXES.values() and letter == _letter(day + n) else ""


def _letter(digits: str) -> str:
    return _LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, 2)) % len(_LETTERS)]
