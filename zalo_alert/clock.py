"""The clock, as an argument: arithmetic never reads the time itself, so its tests never wait.

Owns the one time zone that is ever shown. Knows nothing of alerts.
"""

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "+07:00")  # no daylight saving since 1975, so a fixed offset needs no tz database


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the wall-clock instant, with its zone."""

    def monotonic_s(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Return when the event is set, or when so much time has passed."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall-clock instant in Vietnam's zone."""
        return datetime.now(VIETNAM)

    monotonic_s = staticmethod(time.monotonic)  # read twice a message, so without a call in between

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Return when the event is set, or when so much time has passed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), timeout_s)


def in_vietnam(instant: datetime) -> datetime:
    """Move an instant to +07:00; a naive one is an error, because it says no instant."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(VIETNAM)


def words(instant: datetime) -> str:
    """Write an instant as an officer reads it, in Vietnam's time: `14:00 18/9/2026`."""
    local = in_vietnam(instant)
    return f"{local:%H:%M} {local.day}/{local.month}/{local.year}"
