"""Whether a run reaches its last person later than was planned: noticed while it is being sent, out of what is counted anyway."""

import math
from collections import deque
from collections.abc import Callable

from zalo_alert.delivery import progress
from zalo_alert.delivery.progress import Progress
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.notify.base import Message
from zalo_alert.operations import tell_events
from zalo_alert.runs import schedule
from zalo_alert.runs.run import Run

LOOK_EVERY_S = 15.0
HELD_LOOKS = 12  # three minutes: a stall of forty seconds promises hours, and is none
RATE_WINDOW_S = schedule.RATE_WINDOW_S


def level_of(late_s: float, late_min: float) -> int:
    """Return how often the bound has doubled: 1 from so many minutes on, 2 from twice as many, 3 from four times; 0 below."""
    minutes = late_s / 60
    return int(math.log2(minutes / late_min)) + 1 if minutes >= late_min else 0


class LateWatch:
    """An observer that tells when a run grows late, and passes everything on.

    What the last minute's rate promises is compared with the plan; while nobody is reached, the planned rate is taken, as if all
    went well from now on.

    Args:
        observer: The one to pass it on to.
        run: Which.
        late_min: From how many minutes on it is late.
        tell: Told at that many, twice as many, four times as many.
        clock: The wall clock.
    """

    def __init__(
        self,
        observer: progress.Observer,
        run: Run,
        late_min: float,
        tell: Callable[[Message], None],
        clock: Clock | None = None,
    ) -> None:
        self._observer, self._run, self._late_min, self._tell = observer, run, late_min, tell
        self._clock = clock or SystemClock()
        planned = run.schedule()
        self._planned_s = max((place.finishes_at_s for place in planned), default=math.inf)
        self._planned_rate = schedule.measure_planned_rate(planned) if planned else 0.0
        self._samples: deque[tuple[float, int]] = deque()
        self._levels: deque[int] = deque(maxlen=HELD_LOOKS)
        self._told = 0

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        now_s = self._clock.monotonic_s()
        if progress.open and (not self._samples or now_s - self._samples[-1][0] >= LOOK_EVERY_S):
            self._look(progress, now_s)
        self._observer.on_progress(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._observer.on_note(text)

    def _look(self, progress: Progress, now_s: float) -> None:
        """Tell when it was as late as that at every look of the last minutes."""
        rate = self._rate(progress.open, now_s)
        if rate is None:
            return
        now = self._clock.now()
        late_s = now.timestamp() + progress.open / rate - self._planned_s
        self._levels.append(level_of(late_s, self._late_min))
        if len(self._levels) == HELD_LOOKS and min(self._levels) > self._told:
            self._told = min(self._levels)
            self._tell(tell_events.late(self._run, late_s, self._told, now, progress.slowed))

    def _rate(self, left: int, now_s: float) -> float | None:
        """Return how many people a second are done with, over the last minute; None while that can't be said."""
        self._samples.append((now_s, left))
        while len(self._samples) > 2 and now_s - self._samples[1][0] >= RATE_WINDOW_S:
            self._samples.popleft()
        first_s, first = self._samples[0]
        if now_s - first_s < RATE_WINDOW_S:
            return None
        return (first - left) / (now_s - first_s) if first > left else self._planned_rate or None
