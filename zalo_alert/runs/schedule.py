"""When each place was to be reached, and when it will be: the drift of a run from its plan.

Pure arithmetic over numbers of people and instants; knows neither the ledger nor the clock.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

RATE_WINDOW_S = 60.0  # as long as Zalo's own window: a shorter one would show a minute's burst and pause as two rates

SettledAt: TypeAlias = Callable[[int], float | None]


class Planned(NamedTuple):
    """The people of one place in the plan: numbers of the first and the last, and when (seconds since 1970)."""

    first_number: int
    last_number: int
    starts_at_s: float
    finishes_at_s: float


class Drift(NamedTuple):
    """When the last person was to be asked, and when they were or will be; None when nobody can tell. Seconds since 1970."""

    planned_at_s: float
    expected_at_s: float | None
    is_done: bool

    @property
    def late_s(self) -> float | None:
        """By how many seconds it is late; below 0 it is early."""
        return None if self.expected_at_s is None else self.expected_at_s - self.planned_at_s


@dataclass(frozen=True, slots=True)
class RunPosition:
    """Where a run stands.

    Args:
        next_number: The first person never claimed.
        open: People who may still be written to.
        now_s: Seconds since 1970.
        rate_per_s: People a second; see `measure_rate`.
        settled_at: When a person was settled, in seconds since 1970; None while they are not.
    """

    next_number: int
    open: int
    now_s: float
    rate_per_s: float
    settled_at: SettledAt


def measure_planned_rate(places: Sequence[Planned]) -> float:
    """Return how many people a second the plan counted on."""
    first, last = min(places), max(places, key=lambda place: place.last_number)
    return (last.last_number + 1 - first.first_number) / max(1e-9, last.finishes_at_s - first.starts_at_s)


def measure_rate(next_number: int, settled_at: SettledAt, now_s: float, since_s: float) -> float:
    """Return how many people a second were settled lately.

    Args:
        next_number: The first person never claimed.
        settled_at: See `RunPosition`; rises with the number, but for the few who were tried again.
        now_s: Seconds since 1970.
        since_s: Nothing before counts: the sending began then.
    """
    from_s = max(since_s, now_s - RATE_WINDOW_S)
    before = bisect_left(range(next_number), from_s, key=lambda number: settled_at(number) or now_s)
    return (next_number - before) / max(1.0, now_s - from_s)


def measure_drift(places: Sequence[Planned], now: RunPosition) -> tuple[Drift, list[Drift]]:
    """Say how far a run is from its plan as a whole, and place by place."""
    by_place = [_of_place(place, now) for place in places]
    last = max(by_place)
    if now.open:
        return Drift(last.planned_at_s, _after(now.open, now), is_done=False), by_place
    done = [place.expected_at_s for place in by_place if place.expected_at_s is not None]
    return Drift(last.planned_at_s, max(done, default=None), is_done=bool(done)), by_place


def _of_place(place: Planned, now: RunPosition) -> Drift:
    if place.last_number < now.next_number and (at_s := now.settled_at(place.last_number)) is not None:
        return Drift(place.finishes_at_s, at_s, is_done=True)
    if not now.open:  # expired before their turn came
        return Drift(place.finishes_at_s, None, is_done=False)
    return Drift(place.finishes_at_s, _after(max(1, place.last_number + 1 - now.next_number), now), is_done=False)


def _after(people: int, now: RunPosition) -> float | None:
    return now.now_s + people / now.rate_per_s if now.rate_per_s > 0 else None
