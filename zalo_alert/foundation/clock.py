"""The clock, as an argument: arithmetic never reads the time itself, so its tests never wait.

Owns the one time zone that is ever shown. Knows nothing of alerts.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

from zalo_alert.language import _, decimal

if TYPE_CHECKING:
    import asyncio  # takes 20 ms to load, and most commands wait for nothing

VIETNAM = timezone(timedelta(hours=7), "+07:00")  # no daylight saving since 1975, so a fixed offset needs no tz database
_BEGIN, _END = datetime.min.replace(tzinfo=VIETNAM), datetime.max.replace(tzinfo=VIETNAM)  # of what a calendar can tell
FIRST, LAST = datetime(1, 1, 2, tzinfo=VIETNAM), datetime(9999, 12, 30, tzinfo=VIETNAM)  # with a day to either side to reckon in
FAR_OFF_S = 300.0  # a clock kept by the network is right to a second, one set by hand to a minute or two


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the wall-clock instant, with its zone."""

    def monotonic_s(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""

    async def wait(self, event: "asyncio.Event", timeout_s: float) -> None:
        """Return when the event is set, or when so much time has passed."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall-clock instant in Vietnam's zone."""
        return datetime.now(VIETNAM)

    monotonic_s = staticmethod(time.monotonic)  # read twice a message, so without a call in between

    async def wait(self, event: "asyncio.Event", timeout_s: float) -> None:
        """Return when the event is set, or when so much time has passed."""
        import asyncio

        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):  # not `wait_for`: before 3.12 it may swallow a cancellation
                await event.wait()


class ClockCheck:
    """Compares this machine's clock with what a server says the time is, and tells once when they are far apart.

    Args:
        clock: This machine's.
        on_note: Hears it as a sentence.
    """

    def __init__(self, clock: Clock, on_note: Callable[[str], None]) -> None:
        self._clock, self._on_note = clock, on_note
        self._was_noted = False

    def __call__(self, date: str) -> None:
        """Look at a `Date` header (RFC 9110, to the second); one that cannot be read says nothing."""
        from email.utils import parsedate_to_datetime

        try:
            ahead_s = (self._clock.now() - parsedate_to_datetime(date)).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a zone
            return
        if abs(ahead_s) > FAR_OFF_S and not self._was_noted:
            self._was_noted = True
            minutes = decimal(abs(ahead_s) / 60, 0)
            self._on_note(
                _(
                    "this machine's clock is {minutes} minutes ahead of the server's, and whatever has its time goes by it: "
                    "stop, set the clock, then go on",
                    minutes=minutes,
                )
                if ahead_s > 0
                else _(
                    "this machine's clock is {minutes} minutes behind the server's, and whatever has its time goes by it: "
                    "stop, set the clock, then go on",
                    minutes=minutes,
                )
            )


def in_vietnam(instant: datetime) -> datetime:
    """Move an instant to +07:00; a naive one is an error, because it says no instant.

    The first and the last hours that a calendar of four digits can tell have no other: they become its very end.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    try:
        return instant.astimezone(VIETNAM)
    except OverflowError:
        return _END if instant.year > 1 else _BEGIN


def instant(at_s: float) -> datetime:
    """Return an instant of so many seconds since 1970, in Vietnam's time; what no calendar holds is its first or last day."""
    try:
        return datetime.fromtimestamp(at_s, VIETNAM)
    except (ValueError, OverflowError, OSError):
        return LAST if at_s > 0 else FIRST


def iso_text(at_s: float) -> str:
    """Write an instant as ISO 8601, or as `@` and its seconds since 1970 where no calendar holds it."""
    try:
        return datetime.fromtimestamp(at_s, VIETNAM).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"@{at_s}"


def words(instant: datetime) -> str:
    """Write an instant as an officer reads it, in Vietnam's time: `14:00 18/9/2026`."""
    local = in_vietnam(instant)
    return f"{local:%H:%M} {local.day}/{local.month}/{local.year}"
