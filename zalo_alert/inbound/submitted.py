"""What somebody has told of themselves with `user_submit_info`, by the book's columns. Pure.

Source: Zalo OA API, event user_submit_info (read 2026-11); an older flat form is unverified, and is read as well.
"""

from collections.abc import Mapping
from typing import Any

from zalo_alert.inbound.event_ids import inner

MOST_CHARACTERS = 500  # of one answer
_COLUMNS = {
    "name": ("name",),
    "phone": ("phone",),
    "city": ("user_city", "city"),
    "district": ("user_district", "district"),
    "ward": ("user_ward", "ward"),
    "address": ("user_address", "address"),
}


def info_of(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what an event tells of its person: `name`, `phone`, `city`, `district`, `ward`, `address`; {} when it is nothing."""
    info = inner(body, "info")
    told = {**info, **inner(info, "full_address")}
    found = {column: next(filter(None, map(_text, map(told.get, names))), "") for column, names in _COLUMNS.items()}
    return found if any(found.values()) else {}


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a phone number without quotes
    return " ".join(value.split())[:MOST_CHARACTERS] if isinstance(value, str) else ""
