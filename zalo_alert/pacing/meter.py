"""What one limit has left, as arithmetic over time handed in: nothing here reads a clock, so nothing here waits.

Every `now_s` is an instant of a steady clock, in float seconds: setting the wall clock moves nobody's rate. Zalo counts in
minutes of its own wall clock, so where a minute's end matters, ours is handed in beside.

Why no minute is exceeded, whenever it begins: a bucket that gains a 61st of the limit each second, and holds half a second of it,
lets out at most the limit in any 60.5 s. That is the minute, and the half second that a call may take to Zalo's counter.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

MINUTE_S = 60.0
BURST_S = 0.5  # what may go at once after a pause, as seconds of rate
ARRIVAL_S = 0.5  # a call may reach the counter so much later than it went
RESERVE_S = 0.25  # what is kept for a more urgent rank, as seconds of rate: it asks several times in this time
RESERVES_S = 0.35  # what is kept for any number of them: less than a burst, or it would be lost
RANKS_AHEAD = 8
STEP_DOWN = 0.8  # after a refusal for rate: enough to matter, and two refusals don't stop a storm warning
LEAST_SHARE = 0.05
CLIMB = 1.1  # a minute without refusal earns a tenth back
SETTLE_S = 0.5  # after a refused minute, for clocks that differ a little
OLD_NEWS_S = 10.0  # a refusal so early in a minute may speak of the one before, or two clocks may disagree
RETRY_S = 2.0  # so it is tried again soon: waiting the minute out each time would stop a run whose clock is ahead


def spread(per_minute: int | None) -> float | None:
    """Return the steady rate, in calls a second, that keeps every minute within its limit; None for no limit."""
    return None if per_minute is None else per_minute / (MINUTE_S + BURST_S + ARRIVAL_S)


def left_s(wall_s: float) -> float:
    """Return how much is left of Zalo's minute at an instant of the wall clock, in seconds since 1970."""
    return MINUTE_S - wall_s % MINUTE_S


class Lane(NamedTuple):
    """One OA and its app, by their keys, and the steady rate of each in calls a second; None is no limit at all."""

    app: str
    app_per_s: float | None
    oa: str
    oa_per_s: float | None


@dataclass(slots=True)
class Meter:
    """What one limit has left: the same numbers in memory and in a file.

    Tokens may exceed what goes at once; the excess only tells for how long nobody more urgent has wanted any.

    Args:
        tokens: Calls that may go.
        at_s: When `tokens` was true.
        share: How much of the rate is used, after refusals.
        share_since_s: Since when.
        blocked_until_s: Nothing goes before.
        stepped_until_s: Until then a refusal is the same news as the last one.
    """

    tokens: float = 0.0
    at_s: float = -math.inf
    share: float = 1.0
    share_since_s: float = -math.inf
    blocked_until_s: float = -math.inf
    stepped_until_s: float = -math.inf

    def available(self, per_s: float | None, now_s: float, ahead: int = 0, kept: float = 0.0) -> float:
        """Return how many calls may go, when so many more urgent ranks want to be ahead, and so many calls are kept."""
        self._advance(per_s, now_s)
        if now_s < self.blocked_until_s:
            return 0.0
        if per_s is None:
            return math.inf
        burst = self._burst(per_s)
        if kept or ahead:
            return max(0.0, min(burst, self.tokens - self._left(per_s, ahead, kept)))
        return max(0.0, min(burst, self.tokens))

    def wait_still(self, now_s: float) -> None:
        """Let time pass without a gain."""
        self.at_s = max(self.at_s, now_s)

    def spare(self, per_s: float | None, now_s: float) -> None:
        """Let time pass, and keep no more than one call of it."""
        self._advance(per_s, now_s)
        self.tokens = min(self.tokens, 1.0)

    def take(self, per_s: float | None, calls: int) -> None:
        """Count calls that `available` has allowed."""
        if per_s is not None and calls:
            self.tokens = min(self.tokens, self._burst(per_s)) - calls

    def wait_s(self, per_s: float | None, now_s: float, calls: int = 1, ahead: int = 0, kept: float = 0.0) -> float:
        """Return how long to wait until so many calls may go, one after the other; 0 when they may now."""
        wait = self.blocked_until_s - now_s
        if per_s is not None:
            missing = calls + self._left(per_s, ahead, kept) - self.tokens
            wait = max(wait, missing / (per_s * self.share) - (now_s - self.at_s))
        return max(0.0, wait)

    def hold(self, now_s: float, left_s: float) -> bool:
        """Let nothing go until the minute is over, which has so much left; whether the news was of this minute at all."""
        is_old = left_s > MINUTE_S - OLD_NEWS_S
        self.blocked_until_s = max(self.blocked_until_s, now_s + (RETRY_S if is_old else left_s + SETTLE_S))
        return not is_old

    def step_down(self, now_s: float, left_s: float) -> None:
        """Heed a refusal for rate: nothing more this minute, and slower from then on; once for all refusals of one minute."""
        if self.hold(now_s, left_s) and now_s >= self.stepped_until_s:
            self.share = max(LEAST_SHARE, self.share * STEP_DOWN)
            self.stepped_until_s = self.share_since_s = self.blocked_until_s

    def _advance(self, per_s: float | None, now_s: float) -> None:
        if now_s < self.at_s - MINUTE_S:
            self._move(now_s - self.at_s)  # the machine was started again, and steady time with it
        if self.share < 1.0 and now_s - self.share_since_s >= MINUTE_S:
            self._climb(now_s)
        if now_s <= self.at_s:
            return  # another process has been here since this one looked at its clock
        if per_s is not None:
            most = self._burst(per_s) + self._reserve(per_s, RANKS_AHEAD)
            self.tokens = min(most, self.tokens + (now_s - self.at_s) * per_s * self.share)
        self.at_s = now_s

    def _move(self, seconds: float) -> None:
        self.at_s += seconds
        self.share_since_s += seconds
        self.blocked_until_s += seconds
        self.stepped_until_s += seconds

    def _climb(self, now_s: float) -> None:
        minutes = (now_s - self.share_since_s) // MINUTE_S
        self.share = min(1.0, self.share * CLIMB**minutes)
        self.share_since_s += minutes * MINUTE_S

    def _burst(self, per_s: float) -> float:
        return max(1.0, per_s * self.share * BURST_S)  # below one, nothing would ever pass

    def _left(self, per_s: float, ahead: int, kept: float) -> float:
        """Return what is left to others; at a rate so small that it would be lost, nothing is kept but for who is ahead."""
        return min(kept, self._burst(per_s) - 1.0) + (self._reserve(per_s, ahead) if ahead else 0.0)

    def _reserve(self, per_s: float, ahead: int) -> float:
        seconds: float = RESERVES_S - (RESERVES_S - RESERVE_S) * 0.5 ** (ahead - 1)
        return max(float(ahead), per_s * self.share * seconds)  # each more urgent one has its own turn, at small rates too
