"""How fast, as arithmetic over time handed in: nothing here reads a clock, so nothing here waits.

All instants are float seconds of one clock; minute windows need it to be wall time, because Zalo's counter resets on the minute.
"""

import math
from dataclasses import dataclass, field

MINUTE_S = 60.0
BURST_S = 0.5  # what may go at once after a pause, as seconds of rate: small, so that any 60 s stay under a minute's limit
STEP_DOWN = 0.8  # after a refusal for rate: enough to matter, and two refusals don't stop a storm warning
CLIMB = 1.1  # a minute without refusal earns a tenth back


@dataclass(slots=True)
class TokenBucket:
    """Lets `rate_per_s` through on average and `burst` at once.

    Args:
        rate_per_s: Tokens that arrive each second.
        burst: Most tokens it holds; at least one, or nothing would ever pass.
    """

    rate_per_s: float
    burst: float
    _tokens: float = field(default=0.0, init=False)
    _at_s: float = field(default=-math.inf, init=False)

    def available(self, now_s: float) -> float:
        """Return the tokens at an instant; an instant in the past changes nothing."""
        if now_s > self._at_s:
            arrived = (now_s - self._at_s) * self.rate_per_s
            self._tokens = min(max(self.burst, 1.0), self._tokens + arrived)
            self._at_s = now_s
        return self._tokens

    def take(self, tokens: int) -> None:
        """Use up tokens that `available` has shown."""
        self._tokens -= tokens

    def wait_s(self) -> float:
        """Return how long until one whole token is there, counted from the last instant handed in."""
        return max(0.0, (1.0 - self._tokens) / self.rate_per_s)


@dataclass(slots=True)
class MinuteWindow:
    """Counts calls in wall-clock minutes, as Zalo does, and never lets one exceed its limit."""

    limit: int
    _minute: float = field(default=-math.inf, init=False)
    _used: int = field(default=0, init=False)

    def available(self, now_s: float) -> int:
        """Return what the minute at an instant has left."""
        minute = now_s // MINUTE_S
        if minute > self._minute:
            self._minute, self._used = minute, 0
        return max(0, self.limit - self._used)

    def take(self, calls: int) -> None:
        """Count calls in the current minute."""
        self._used += calls

    def exhaust(self) -> None:
        """Leave nothing in the current minute: someone else has used it up."""
        self._used = max(self._used, self.limit)

    def wait_s(self, now_s: float) -> float:
        """Return how long until the next minute begins."""
        return (now_s // MINUTE_S + 1) * MINUTE_S - now_s


class Pace:
    """A minute's limit spent evenly, a campaign's own rate below it, and Zalo's refusals heeded.

    Args:
        per_minute: What Zalo grants the app; None for no limit at all (benchmarks, dry runs).
        rate_per_s: The campaign's own ceiling; None for none.
    """

    def __init__(self, per_minute: int | None, rate_per_s: float | None = None) -> None:
        # Spread over 60.5 s instead of 60, a full bucket and a minute of arrivals together are exactly one minute's limit.
        rates = [] if per_minute is None else [per_minute / (MINUTE_S + BURST_S)]
        rates += [] if rate_per_s is None else [rate_per_s]
        self.rate_per_s: float | None = min(rates) if rates else None
        self._window = None if per_minute is None else MinuteWindow(per_minute)
        self._bucket = None if self.rate_per_s is None else TokenBucket(self.rate_per_s, self.rate_per_s * BURST_S)
        self._share = 1.0
        self._share_since_s = -math.inf
        self._blocked_until_s = -math.inf
        self._stepped_until_s = -math.inf

    def take(self, wanted: int, now_s: float) -> int:
        """Return how many of the wanted calls may go now, and count them as gone."""
        if now_s < self._blocked_until_s:
            return 0
        if self._bucket is None:
            return wanted
        self._climb(now_s)
        granted = min(wanted, int(self._bucket.available(now_s)))
        if self._window is not None:
            granted = min(granted, self._window.available(now_s))
            self._window.take(granted)
        self._bucket.take(granted)
        return granted

    def wait_s(self, now_s: float) -> float:
        """Return how long to wait before another `take` can grant anything."""
        wait = self._blocked_until_s - now_s
        if self._bucket is not None:
            wait = max(wait, self._bucket.wait_s())
        if self._window is not None and self._window.available(now_s) == 0:
            wait = max(wait, self._window.wait_s(now_s))
        return max(0.0, wait)

    def exhausted(self, now_s: float) -> None:
        """Heed an answer that says the minute has nothing left: wait for the next one, at the same pace."""
        self._blocked_until_s = max(self._blocked_until_s, (now_s // MINUTE_S + 1) * MINUTE_S)

    def throttled(self, now_s: float) -> None:
        """Heed a refusal for rate: nothing more this minute, and slower from then on."""
        if now_s < self._stepped_until_s:
            return  # one step down for all the refusals of one minute
        self._stepped_until_s = (now_s // MINUTE_S + 1) * MINUTE_S
        self._blocked_until_s = max(self._blocked_until_s, self._stepped_until_s)
        self._set_share(max(0.05, self._share * STEP_DOWN), self._stepped_until_s)

    def pause(self, now_s: float, seconds: float) -> None:
        """Hold everything back for a while: the server cannot be reached."""
        self._blocked_until_s = max(self._blocked_until_s, now_s + seconds)

    def _climb(self, now_s: float) -> None:
        if self._share < 1.0 and now_s - self._share_since_s >= MINUTE_S:
            self._set_share(min(1.0, self._share * CLIMB), now_s)

    def _set_share(self, share: float, at_s: float) -> None:
        self._share, self._share_since_s = share, at_s
        if self._bucket is not None and self.rate_per_s is not None:
            self._bucket.rate_per_s = self.rate_per_s * share
            self._bucket.burst = self._bucket.rate_per_s * BURST_S


class Concurrency:
    """How many calls in flight: doubles at first, then follows the server's latency; nobody tunes it.

    While latency stays within twice the best seen, the limit grows by its square root a round; beyond that it shrinks in
    proportion. A fast server settles at `floor`, a far one climbs towards `ceiling`. Source: Netflix, concurrency-limits.

    Args:
        floor: Where growth by doubling ends, and the least it shrinks to.
        ceiling: Most calls in flight.
    """

    START = 8  # the first calls find out whether the server answers at all; few people hang on them

    def __init__(self, floor: int, ceiling: int) -> None:
        self.limit = min(self.START, ceiling)
        self._floor, self._ceiling = min(floor, ceiling), ceiling
        self._best_s = math.inf
        self.first_s: float | None = None  # the mean of the first round, and of the latest
        self.latest_s: float | None = None
        self._sum_s, self._count = 0.0, 0

    def observe(self, latency_s: float) -> None:
        """Count one answer; after a round of as many as the limit, move the limit."""
        self._sum_s += latency_s
        self._count += 1
        if self._count >= self.limit:
            self._move(self._sum_s / self._count)
            self._sum_s, self._count = 0.0, 0

    def _move(self, mean_s: float) -> None:
        self._best_s = min(self._best_s, mean_s)
        self.first_s, self.latest_s = self.first_s or mean_s, mean_s
        if self.limit < self._floor:
            self.limit = min(self._floor, self.limit * 2)
            return
        gradient = min(1.0, max(0.5, 2.0 * self._best_s / max(mean_s, 1e-6)))
        self.limit = round(min(self._ceiling, max(self._floor, self.limit * gradient + math.sqrt(self.limit))))
