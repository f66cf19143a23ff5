"""When a run was being sent and when it stood, read off what happened to it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from zalo_alert.runs.history import Event

BEGUN = "started"
STOOD = frozenset({"stopped", "halted", "paused", "waiting", "failed", "finished", "expired", "cancelled", "corrected"})


def sending_spells(history: Sequence[Event], now: datetime) -> Iterator[tuple[float, float]]:
    """Yield from when to when the run was sent, in seconds since 1970.

    A spell ends with what ended it; where the process died and nobody could note that, with the next beginning.
    """
    begun: float | None = None
    for event in history:
        if event.what == BEGUN or (begun is not None and event.what in STOOD):
            if begun is not None:
                yield begun, event.at_s
            begun = event.at_s if event.what == BEGUN else None
    if begun is not None:
        yield begun, max(begun, now.timestamp())
