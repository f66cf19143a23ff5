"""Parts of an event's head: ids and times, which Zalo writes as digits in quotes, and now and then without."""

from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 256  # of an id; Zalo's have 64 at most
_SECONDS_DIGITS = 10  # a time with no more digits counts seconds, as in older examples of Zalo's
_MOST_MS = 2**63 - 1  # what a database keeps


class Misshapen(ValueError):
    """A part of an event that has not the shape it must have."""


def inner(head: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside another; empty where there is none."""
    part = head.get(name)
    return part if isinstance(part, dict) else {}


def id_of(head: Mapping[str, Any], name: str) -> str:
    """Return an id as text; "" where there is none.

    Raises:
        Misshapen: It can be none.
    """
    value = head.get(name)
    if (
        type(value) is str and len(value) <= MOST_CHARACTERS and value.isprintable()
    ):  # nearly every one: a thousand times a second
        return value
    return text_of(value, name)


def text_of(value: Any, name: str) -> str:
    """Return one value as an id; see `id_of`."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        value = str(value)
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS or not value.isprintable():
        raise Misshapen(f"{name} is no id")
    return value


def stamp_of(head: dict[str, Any], name: str = "timestamp") -> str:
    """Return a time as its digits.

    Raises:
        Misshapen: It has none.
    """
    stamp = id_of(head, name)
    if not (stamp.isascii() and stamp.isdigit()):
        raise Misshapen(f"{name} is no time")
    return stamp


def milliseconds(digits: str) -> int:
    """Return a time in milliseconds since 1970.

    Raises:
        Misshapen: It is beyond what can be kept.
    """
    count = int(digits) * (1000 if len(digits) <= _SECONDS_DIGITS else 1)
    if count > _MOST_MS:
        raise Misshapen("timestamp is no time")
    return count
