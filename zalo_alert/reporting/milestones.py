"""When an alert was with the first, half, nine in ten and the last of those who got it. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

from zalo_alert.foundation.clock import instant


class Milestones(NamedTuple):
    """Instants of people who were accepted; None where nobody was."""

    first_at: datetime | None = None
    half_at: datetime | None = None
    ninety_at: datetime | None = None
    last_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return them as plain values."""
        return {name: at.isoformat() if at else None for name, at in self._asdict().items()}


def milestones_of(times: Sequence[tuple[int, int]], whole: int | None = None) -> Milestones:
    """Read them off how many were accepted at which instant (seconds since 1970), in order of time.

    Args:
        times: Those instants.
        whole: Of how many people half and nine in ten are; None is of those who were accepted. What is never reached is None.
    """
    if not times:
        return Milestones()
    total = sum(people for _, people in times) if whole is None else whole
    done = list(accumulate(100 * people for _, people in times))
    half, ninety = (_reached(times, done, percent * total) for percent in (50, 90))
    return Milestones(instant(times[0][0]), half, ninety, instant(times[-1][0]))


def _reached(times: Sequence[tuple[int, int]], done: Sequence[int], hundredths: int) -> datetime | None:
    at = bisect_left(done, hundredths)
    return instant(times[at][0]) if at < len(times) else None
