"""The JSON of an event's body, however it comes. Pure."""

import json
import re
from typing import Any

import orjson

from zalo_alert.inbound.event_ids import Misshapen

_MOST_DEEP = 64  # levels; true events have five
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
        if _has_floats(value):  # a number of more than 64 bits has lost digits
            value = _parse_slowly(body)
    if not isinstance(value, dict):
        raise Misshapen("no object")
    return value


def _parse_slowly(body: bytes) -> Any:
    return _whole(json.loads(body.decode()), _MOST_DEEP)


def _has_floats(value: Any) -> bool:
    """Look at two levels, for each event: loops, since what would be shorter takes three times as long."""
    if not isinstance(value, dict):
        return False
    for part in value.values():
        if type(part) is float:
            return True
        if type(part) is dict:
            for inside in part.values():
                if type(inside) is float:
                    return True
    return False


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
