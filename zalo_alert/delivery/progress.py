"""Counts, rate and time left of a run under way; the core reports them, the shell draws.

Owns the `Observer` protocol. Knows neither terminals nor JSON.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from zalo_alert.models import State
from zalo_alert.pacing.slowness import Slowed, write_slowed

RATE_WINDOW_S = 10.0  # short enough to show a stall, long enough to read


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at one instant.

    Args:
        totals: Every state; they add up to `audience`.
        rate_per_s: Attempts answered a second, lately.
        finished_at: When the last person is reached at this rate; None while nobody can tell.
        slowed: Whatever holds it up now; empty while it goes as planned.
    """

    audience: int
    totals: Mapping[State, int]
    rate_per_s: float
    elapsed_s: float
    finished_at: datetime | None
    concurrency: int = 0
    slowed: tuple[Slowed, ...] = ()

    @property
    def open(self) -> int:
        """People who may still be written to in this run."""
        return self.totals[State.PENDING] + self.totals[State.CLAIMED] + self.totals[State.DEFERRED]


class Observer(Protocol):
    """Whoever wants to know how a run goes."""

    def on_progress(self, progress: Progress) -> None:
        """Take in the latest counts; called a few times a second, and once at the end."""

    def on_note(self, text: str) -> None:
        """Take in something that happened to the run as a whole, as a sentence."""


class Silent:
    """An observer that ignores everything."""

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""

    def on_note(self, text: str) -> None:
        """See `Observer`."""


class SlownessRecorder:
    """An observer that writes what slows a run into its folder, for another process to read, and passes everything on.

    Args:
        observer: The one to pass it on to.
        folder: The run's.
    """

    def __init__(self, observer: Observer, folder: Path) -> None:
        self._observer, self._folder = observer, folder
        self._written: tuple[Slowed, ...] | None = None  # unknown: a sender that was killed may have left something

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        if progress.slowed != self._written:
            self._written = progress.slowed
            write_slowed(self._folder, progress.slowed)
        self._observer.on_progress(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._observer.on_note(text)


class RateEstimator:
    """Answers a second over the last ten seconds, from counts and instants handed in."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, done: int, now_s: float) -> float:
        """Take in the count done so far; return the rate."""
        self._samples.append((now_s, done))
        while len(self._samples) > 2 and now_s - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.popleft()
        first_s, first = self._samples[0]
        return (done - first) / (now_s - first_s) if now_s > first_s else 0.0


def finish_at(now: datetime, left: int, rate_per_s: float) -> datetime | None:
    """Return when the last of `left` people is reached at a rate; None when nothing moves or it is years away."""
    if left == 0:
        return now
    seconds = left / rate_per_s if rate_per_s > 0 else float("inf")
    return now + timedelta(seconds=seconds) if seconds < 10 * 365 * 86_400 else None
