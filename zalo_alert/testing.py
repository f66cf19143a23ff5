"""Fakes for tests, ours and our users': a clock that moves when told, an audience in memory, an observer that remembers."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from zalo_alert.clock import VIETNAM
from zalo_alert.models import FollowerId, Recipient
from zalo_alert.progress import Progress


class FakeClock:
    """See `Clock`; a wait moves it by the whole time-out, unless the event comes first.

    Args:
        now: Where it starts.
    """

    def __init__(self, now: datetime = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)) -> None:
        self._now = self.started_at = now

    def now(self) -> datetime:
        """See `Clock`."""
        return self._now

    def monotonic_s(self) -> float:
        """See `Clock`."""
        return (self._now - self.started_at).total_seconds()

    def move(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += timedelta(seconds=seconds)

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """See `Clock`: everyone else gets a few turns, and then the time has passed."""
        for _ in range(10):
            await asyncio.sleep(0)
            if event.is_set():
                return
        self.move(timeout_s)


class MemorySource:
    """An audience of so many people, whose place is their number modulo `places`."""

    def __init__(self, people: int, places: int = 2) -> None:
        self.audience = [Recipient(n, FollowerId(f"{10**18 + n}"), n % places, 0, "", "") for n in range(people)]

    def window(self, first: int, people: int) -> list[Recipient]:
        """Return people in order."""
        return self.audience[first : first + people]

    def people(self, numbers: Sequence[int]) -> list[Recipient]:
        """Return some people, in the order asked for."""
        return [self.audience[number] for number in numbers]


class Recording:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.notes: list[str] = []

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        self.progress.append(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self.notes.append(text)
