"""Numbers of a text that must be the same in every language: hours, days, codes, levels, telephones. Pure.

Digits of other scripts count as ours; months of English have their number; the number of an item in a list is left out.
"""

import re
from typing import NamedTuple

_ITEM = re.compile(r"^[ \t]*[0-9]{1,2}[.)](?=\s)", re.MULTILINE)
_NUMBER = re.compile(r"[0-9]+")
_CODE = re.compile(r"\b[A-Z][A-Z0-9]{0,9}(?:-[A-Z0-9]{1,10}){1,3}\b")
_PHONE = re.compile(r"(?<![0-9])(?:1(?:1[0-9]|900|800)[0-9 ]{0,8}|0[0-9](?:[ .]?[0-9]){7,9})(?![0-9])")
_DAY = re.compile(r"(?<![0-9/.,])([0-9]{1,2}) ?/ ?([0-9]{1,2})(?: ?/ ?([0-9]{2,4}))?(?![0-9/])")
_HOUR = re.compile(r"(?<![0-9.,])([0-9]{1,2}) ?(?:giờ|h(?![a-zà-ỹ])|:(?=[0-9]{2}))(?: ?([0-9]{2})(?![0-9./]))?")
_LEVEL = re.compile(r"(?<![0-9])([1-5]) ?/ ?5(?![0-9/])")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b", re.IGNORECASE)


class Facts(NamedTuple):
    """What of a text must not differ, as written; and every number that it holds."""

    codes: frozenset[str]
    days: frozenset[str]
    hours: frozenset[str]
    levels: frozenset[str]
    phones: frozenset[str]
    numbers: frozenset[int]


def facts_of(text: str) -> Facts:
    """Return the facts of a text in any language."""
    plain = _ITEM.sub(" ", _western(text))
    codes = frozenset(code for code in _CODE.findall(plain) if any(sign.isdigit() for sign in code))
    rest = _MONTH.sub(lambda found: str(_MONTHS.index(found[1].lower()) + 1), _CODE.sub(" ", plain))
    phones = frozenset(re.sub("[ .]", "", found) for found in _PHONE.findall(rest))
    numbers = frozenset(int(number[:18]) for number in _NUMBER.findall(_PHONE.sub(" ", rest)))
    return Facts(codes, _found(_DAY, rest), _found(_HOUR, rest), _found(_LEVEL, rest), phones, numbers)


def differing(vietnamese: Facts, other: Facts) -> list[str]:
    """Return what only one of two texts says, as it is written there; what its words leave open counts as said."""
    missing = [
        *sorted(vietnamese.codes ^ other.codes),
        *sorted(vietnamese.phones ^ other.phones),
        *_lacking(vietnamese, other.numbers),
        *_lacking(other, vietnamese.numbers),
    ]
    return list(dict.fromkeys(missing))


def _lacking(facts: Facts, numbers: frozenset[int]) -> list[str]:
    said = (*sorted(facts.days), *sorted(facts.hours), *sorted(facts.levels))
    return [one for one in said if not {int(number) for number in _NUMBER.findall(one)} - {0} <= numbers]


def _found(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(found[0].strip() for found in pattern.finditer(text))


def _western(text: str) -> str:
    """Return a text with digits of every script as ours."""
    return "".join(str(int(sign)) if sign.isdecimal() and not sign.isascii() else sign for sign in text)
