"""How old what the follower books know is: read off each book in force, judged by `preflight.freshness`."""

from datetime import datetime
from typing import TYPE_CHECKING

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.state import book_of
from zalo_alert.preflight.drills import months_before
from zalo_alert.preflight.freshness import MONTHS, ProvinceFreshness, by_province, check_freshness

if TYPE_CHECKING:
    from zalo_alert.preflight.doctor import Check
    from zalo_alert.settings.model import Account, Settings

__all__ = ["MONTHS", "ProvinceFreshness", "freshness_of", "look_at_freshness"]


def freshness_of(
    account: "Account", settings: "Settings", months: int = MONTHS, now: datetime | None = None
) -> tuple[ProvinceFreshness, ...]:
    """Say of each province how many people of a book nothing was heard of for months, the worst first.

    Raises:
        InputInvalid: Nobody was ever imported.
        StorageUnusable: The book is damaged.
    """
    since = months_before(now or SystemClock().now(), months)
    return by_province(book_of(account, settings).freshness(since))


def look_at_freshness(account: "Account", settings: "Settings") -> "list[Check]":
    """Have the doctor name provinces whose people nobody has heard of for long; nothing of an empty book."""
    try:
        return check_freshness(account.id, freshness_of(account, settings))
    except InputInvalid:  # that it is empty is told of the book itself
        return []
