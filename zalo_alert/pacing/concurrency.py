"""How many calls may be in flight at once: found out from the server's own latency. Knows no rate but the one it is told."""

import math

SLOWEST_S = 5.0  # an answer that takes longer comes from a server in trouble, which more calls at once would not help
SPARE = 1.5  # latency is no constant, so this many times what the rate takes may be in flight
PATIENT_S, MOST_PATIENT = 2.05, 136  # calls that go in so many seconds without an answer, if few: a server may need a moment
FADE = 0.7  # a round of quicker answers, and so much is left of the latency that the rate is kept at
UNHURRIED = 1.25  # answers that take no longer than this many times the best are not slow because of us


class Concurrency:
    """How many calls in flight: doubles at first, then follows the server's latency; nobody tunes it.

    It doubles until answers take longer for it. After that, while latency stays within twice the best seen, the limit grows by
    its square root a round; beyond that it shrinks in proportion. A near server settles at `floor`, a far one climbs towards
    `ceiling` in a few round trips. Source: Netflix, concurrency-limits; TCP's slow start.

    Where the rate is known, no more are let than it takes at the latency of those who were answered, and half as many again:
    when the server falls silent, whoever is in flight is in doubt.

    Args:
        floor: Reached by doubling in any case, and the least it shrinks to.
        ceiling: Most calls in flight.
        files: Whether the ceiling is so low for want of file descriptors.
    """

    START = 8  # the first calls find out whether the server answers at all; few people hang on them

    def __init__(self, floor: int, ceiling: int, *, files: bool = False) -> None:
        self.limit = min(self.START, ceiling)
        self._floor, self._ceiling = min(floor, ceiling), ceiling
        self._files = files
        self._best_s = math.inf
        self._doubling = True
        self.first_s: float | None = None  # the mean of the first round, and of the latest
        self.latest_s: float | None = None
        self._sum_s, self._count = 0.0, 0
        self._rate_per_s: float | None = None
        self._is_sustained = False
        self._slow_s = 0.0  # the latency that the rate is kept at: follows longer ones at once, shorter ones slowly

    def observe(self, latency_s: float) -> None:
        """Count one answer; after a round of as many as the limit, move the limit."""
        self._sum_s += latency_s
        self._count += 1
        if self._count >= self.limit:
            self._move(self._sum_s / self._count)
            self._sum_s, self._count = 0.0, 0

    def suffice(self, rate_per_s: float) -> None:
        """Let no more go than a rate takes."""
        self._rate_per_s = rate_per_s

    def sustain(self, rate_per_s: float) -> None:
        """Let a rate that was reached be kept when the server slows: then so many calls are in flight as its latency takes."""
        self._rate_per_s, self._is_sustained = rate_per_s, True
        self.limit = max(self.limit, self._least())

    @property
    def lacks_files(self) -> bool:
        """Whether more calls could be in flight if there were more file descriptors."""
        return self._files and self.limit >= self._ceiling

    def _least(self) -> int:
        """Return how many must be let: so many as the rate takes, and a little patience with a server that slows."""
        if not self._is_sustained or self._rate_per_s is None:
            return self._floor
        return min(self._ceiling, max(self._floor, math.ceil(min(self._rate_per_s * PATIENT_S, MOST_PATIENT)), self._needs()))

    def _most(self) -> int:
        return self._ceiling if self._rate_per_s is None else min(self._ceiling, max(self._least(), MOST_PATIENT, self._needs()))

    def _needs(self) -> int:
        return math.ceil((self._rate_per_s or 0.0) * self._slow_s * SPARE)

    def _move(self, mean_s: float) -> None:
        self._best_s = min(self._best_s, mean_s)
        self.first_s, self.latest_s = self.first_s or mean_s, mean_s
        self._slow_s = min(SLOWEST_S, max(mean_s, self._slow_s * FADE))
        self._doubling = self._doubling and (mean_s <= UNHURRIED * self._best_s or self.limit < self._floor)
        if self._doubling:
            self.limit = min(self._most(), self.limit * 2)
            return
        gradient = min(1.0, max(0.5, 2.0 * self._best_s / max(mean_s, 1e-6)))
        self.limit = round(min(self._most(), max(self._least(), self.limit * gradient + math.sqrt(self.limit))))
