"""The JSON of an event's body, however it comes. Pure."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from zalo_alert.inbound.event_ids import Misshapen

_MOST_DEEP = 64  # levels; true events have five
_LONG_NUMBER = re.compile(rb"[:,\[]\s*\d{20}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(body: bytes) -> dict[str, Any]:
    """Read the JSON of a body: whole numbers exact, half characters as U+FFFD.

    Raises:
        ValueError: It is not JSON, no object, or deeper than anything Zalo sends.
        RecursionError: Likewise.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _parse_slowly(body)
    else:
        if _LONG_NUMBER.search(body):  # of more than 64 bits, and without its last digits now
            value = _parse_slowly(body)
    if not isinstance(value, dict):
        raise Misshapen("no object")
    return value


@lru_cache(maxsize=1)  # of one event it is asked several times in a row; not kept beyond the next
def parse_once(body: bytes) -> Mapping[str, Any]:
    """Return what `parse` does, the same object to all who ask for the event at hand: nobody changes it."""
    return parse(body)


def _parse_slowly(body: bytes) -> Any:
    return _whole(json.loads(body.decode()), _MOST_DEEP)


def _whole(value: Any, levels: int) -> Any:
    """Return a value without half characters."""
    if levels < 0:
        raise Misshapen("too deep")
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(part, levels - 1) for part in value]
    if isinstance(value, dict):
        return {_whole(name, levels): _whole(part, levels - 1) for name, part in value.items()}
    return value
