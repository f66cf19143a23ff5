"""Numbers that must be the same in every language, in digits of any script; telephones. Pure."""

import re

_CODE = re.compile(r"\b[A-Z][A-Z0-9]{0,9}(?:-[A-Z0-9]{1,10}){1,3}\b")
_PHONE = re.compile(r"(?<![0-9])(?:1(?:1[0-9]|900|800)[0-9 ]{0,8}|0[0-9](?:[ .]?[0-9]){7,9})(?![0-9])")
_NUMBER = re.compile(r"[0-9]+")
_MOST_DIGITS = 18
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b", re.IGNORECASE)


def western(text: str) -> str:
    """Return a text with the digits of every script as ours: `២០:៣០` is `20:30`."""
    return "".join(str(int(sign)) if sign.isdecimal() and not sign.isascii() else sign for sign in text)


def phones_in(text: str) -> list[str]:
    """Return the telephone numbers of a text with western digits, without their gaps, each once."""
    return list(dict.fromkeys(re.sub("[ .]", "", found) for found in _PHONE.findall(_CODE.sub(" ", text))))


def numbers_in(text: str) -> frozenset[int]:
    """Return every number of a text with western digits; an English month is one."""
    rest = _MONTH.sub(lambda found: str(_MONTHS.index(found[1].lower()) + 1), text)
    return frozenset(int(number[:_MOST_DIGITS]) for number in _NUMBER.findall(rest))
