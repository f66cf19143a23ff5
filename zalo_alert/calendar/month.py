"""A month's articles as values, and where each stands at an instant. Reads no file and no clock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.models import AccountId, Digest

PUNCTUAL = timedelta(hours=1)  # cron calls every few minutes, and a machine may restart in between
CATCH_UP = timedelta(hours=24)  # what is older is no news any more


class Missed(StrEnum):
    """What becomes of an article whose time nobody was there for."""

    CATCH_UP = "catch-up"  # within a day
    SKIP = "skip"


class Stands(StrEnum):
    """Where one article stands on one OA's page."""

    PLANNED = "planned"
    DUE = "due"
    LATE = "late"  # its time is past by more than an hour, and it is caught up with
    DONE = "done"
    HIDDEN = "hidden"  # done, and hidden again as the calendar says
    MISSED = "missed"  # its time is past, and it is not published any more


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of the month.

    Args:
        article: Its file, as the calendar names it: beside the calendar, or below it.
        digest: Of the file's bytes and its pictures.
        title: Its own.
        at: When it appears.
        accounts: On whose pages.
        areas: Selectors by which a broadcast is aimed; none aims at the accounts' own areas.
        is_broadcast: Whether it is broadcast, too.
        hide_at: When it is hidden again; None for never.
        event: The hazard that a broadcast is about; "" where it is not broadcast.
        line: Where it stands in the file, from 1.
    """

    article: str
    digest: Digest
    title: str
    at: datetime
    accounts: tuple[AccountId, ...]
    areas: tuple[str, ...] = ()
    is_broadcast: bool = False
    hide_at: datetime | None = None
    event: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month, sound and whole; `entries` are in the order of their times."""

    month: str
    missed: Missed
    entries: tuple[Entry, ...]
    digest: Digest

    def key(self, entry: Entry) -> str:
        """Name an entry for good: neither a new hour nor another order makes a second one of it."""
        return f"{self.month}/{entry.article}"


class Done(NamedTuple):
    """What has been done for one entry on one OA.

    Args:
        published_at: When it was published; None while it is not.
        skipped_at: When it was given up; None where it was not.
        hidden_at: When it was hidden again.
        run: The run of its broadcast; "" before there is one.
    """

    published_at: datetime | None = None
    skipped_at: datetime | None = None
    hidden_at: datetime | None = None
    run: str = ""


NOTHING = Done()


def standing(entry: Entry, done: Done, missed: Missed, now: datetime) -> Stands:
    """Say where an entry stands on one OA's page."""
    if done.hidden_at:
        return Stands.HIDDEN
    if done.published_at:
        return Stands.DONE
    if done.skipped_at:
        return Stands.MISSED
    if now < entry.at:
        return Stands.PLANNED
    if now - entry.at < PUNCTUAL:
        return Stands.DUE
    in_time = missed is Missed.CATCH_UP and now - entry.at < CATCH_UP and (entry.hide_at is None or now < entry.hide_at)
    return Stands.LATE if in_time else Stands.MISSED
