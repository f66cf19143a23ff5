"""How fast, as arithmetic over time handed in: nothing here reads a clock, so nothing here waits.

Every `now_s` is an instant of a steady clock, in float seconds: setting the wall clock moves nobody's rate. Zalo counts in
minutes of its own wall clock, so where a minute's end matters, ours is handed in beside.

Why no minute is exceeded, whenever it begins: a bucket that gains a 61st of the limit each second, and holds half a second of it,
lets out at most the limit in any 60.5 s. That is the minute, and the half second that a call may take to Zalo's counter.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from zalo_alert.models import Scope
from zalo_alert.pacing.braking import FOLLOWING, WALL, YOUNG, Brake
from zalo_alert.pacing.slowness import Cause

MINUTE_S = 60.0
BURST_S = 0.5  # what may go at once after a pause, as seconds of rate
ARRIVAL_S = 0.5  # a call may reach the counter so much later than it was let go
GRAIN_S = 0.05  # asking more often than this for a few calls costs more than it smooths
RESERVE_S = 0.25  # what is kept for each more urgent rank, as seconds of rate: it asks several times in this time
RANKS_AHEAD = 3  # CAP knows four urgencies
STEP_DOWN = 0.8  # after a refusal for rate: enough to matter, and two refusals don't stop a storm warning
LEAST_SHARE = 0.05
CLIMB = 1.1  # a minute without refusal earns a tenth back
SETTLE_S = 0.5  # after a refused minute, for clocks that differ a little
OLD_NEWS_S = 10.0  # a refusal so early in a minute may speak of the one before, or two clocks may disagree
RETRY_S = 2.0  # so it is tried again soon: waiting the minute out each time would stop a run whose clock is ahead
SLOWEST_S = 5.0  # an answer that takes longer comes from a server in trouble, which more calls at once would not help
SPARE = 1.5  # latency is no constant, so this many times what the rate takes may be in flight
PATIENT_S, MOST_PATIENT = 2.05, 136  # calls let go in so many seconds without an answer, if few: a server may need a moment
FADE = 0.7  # a round of quicker answers, and so much is left of the latency that the rate is kept at
UNHURRIED = 1.25  # answers that take no longer than this many times the best are not slow because of us


def spread(per_minute: int | None) -> float | None:
    """Return the steady rate, in calls a second, that keeps every minute within its limit; None for no limit."""
    return None if per_minute is None else per_minute / (MINUTE_S + BURST_S + ARRIVAL_S)


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

    def available(self, per_s: float | None, now_s: float, ahead: int = 0) -> float:
        """Return how many calls may go, when so many more urgent ranks want to be ahead."""
        self._advance(per_s, now_s)
        if now_s < self.blocked_until_s:
            return 0.0
        if per_s is None:
            return math.inf
        return max(0.0, min(self._burst(per_s), self.tokens - ahead * self._reserve(per_s)))

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

    def wait_s(self, per_s: float | None, now_s: float, calls: int = 1, ahead: int = 0) -> float:
        """Return how long to wait until so many calls may go, one after the other; 0 when they may now."""
        wait = self.blocked_until_s - now_s
        if per_s is not None:
            missing = calls + ahead * self._reserve(per_s) - self.tokens
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
            most = self._burst(per_s) + RANKS_AHEAD * self._reserve(per_s)
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

    def _reserve(self, per_s: float) -> float:
        return max(1.0, per_s * self.share * RESERVE_S)


class Pace:
    """Every limit of a run spent evenly, and Zalo's refusals heeded; this one in the memory of its process.

    Args:
        per_minute: What Zalo grants one app that serves every account; None for no limit at all (benchmarks, dry runs).
        rate_per_s: The campaign's own ceiling over all accounts; None for none.
        lanes: By number of account, instead of `per_minute`.
    """

    blocks = False  # whether `take` may wait for another process, so that an event loop should leave it to a thread

    def __init__(
        self, per_minute: int | None = None, rate_per_s: float | None = None, *, lanes: Sequence[Lane] | None = None
    ) -> None:
        everyone = spread(per_minute)
        self._lanes = lanes or [Lane("app", everyone, "oa", everyone)]
        self._limits = [_limits(lane, rate_per_s) for lane in self._lanes]
        self._meters = {key: Meter() for limits in self._limits for key in limits}
        self._brakes = {key: Brake() for key in self._meters}
        self._refusals: dict[str, tuple[int, int]] = {}  # by key: at which answer the last one came, and how many in a row
        self._following = FOLLOWING * len({lane.app for lane in self._lanes})  # answers are counted over all apps together
        self._ahead: Mapping[str, int] = {}  # by key, how many more urgent ranks are about
        self._paused_until_s = -math.inf
        self.rate_per_s = _together(self._lanes, rate_per_s)

    def take(self, wanted: Mapping[int, int], now_s: float) -> dict[int, int]:
        """Return how many of the wanted calls may go now, by number of account, and count them as gone."""
        if now_s < self._paused_until_s:
            return {}
        return {account: self._take(self._of(account), calls, now_s) for account, calls in wanted.items()}

    def _take(self, limits: Mapping[str, float | None], calls: int, now_s: float) -> int:
        meters, brakes, ahead = self._meters, self._brakes, self._ahead
        for key, per_s in limits.items():
            allowed = self._allowed(key, per_s, now_s, ahead.get(key, 0))
            calls = min(calls, math.floor(min(calls, allowed)))
        for key, per_s in limits.items():
            meters[key].take(brakes[key].limited(per_s), calls)
            brakes[key].let_go(per_s, calls, now_s)
        return calls

    def _allowed(self, key: str, per_s: float | None, now_s: float, ahead: int) -> float:
        meter, brake = self._meters[key], self._brakes[key]
        if brake.is_from_before(now_s):
            brake = self._brakes[key] = Brake()
        left_per_s = brake.limited(per_s)
        if now_s >= brake.alone_until_s:
            return 0.0 if now_s < brake.paused_until_s else meter.available(left_per_s, now_s, ahead)
        if now_s < brake.paused_until_s:
            meter.spare(left_per_s, now_s)
            return 0.0
        meter.wait_still(now_s)
        return min(1.0, meter.available(left_per_s, now_s, ahead))

    def wait_s(self, wanted: Mapping[int, int], now_s: float) -> float:
        """Return how long to wait before another `take` of these is worth it."""
        return min((self.lane_wait_s(account, min(calls, self._grain(account)), now_s) for account, calls in wanted.items()))

    def lane_wait_s(self, account: int, calls: int, now_s: float) -> float:
        """Return how long an account's so-manieth call from now must wait, as far as the last `take` knew."""
        meters, brakes, ahead = self._meters, self._brakes, self._ahead
        limits = self._of(account)
        waits = (meters[key].wait_s(brakes[key].limited(per_s), now_s, calls, ahead.get(key, 0)) for key, per_s in limits.items())
        return max(0.0, self._paused_until_s - now_s, *waits, *(brakes[key].paused_until_s - now_s for key in limits))

    def lane_interval_s(self, account: int) -> float:
        """Return the time between two calls of an account, at the rate of now."""
        limits = ((key, self._brakes[key].limited(per_s)) for key, per_s in self._of(account).items())
        return max((1 / (per_s * self._meters[key].share) for key, per_s in limits if per_s is not None), default=0.0)

    @property
    def yields(self) -> bool:
        """Whether someone more urgent takes the rate first, as far as the last `take` knew."""
        return bool(self._ahead)

    def exhausted(self, account: int, now_s: float, wall_s: float) -> None:
        """Heed an answer that says the app's minute has nothing left: wait for the next one, at the same rate."""
        self._meter(account, Scope.APP).hold(now_s, _left_s(wall_s))

    def throttled(self, account: int, scope: Scope, now_s: float, wall_s: float) -> None:
        """Heed a refusal for rate: nothing more from that app or OA this minute, and slower from then on."""
        self._meter(account, scope).step_down(now_s, _left_s(wall_s))

    def refused(
        self,
        account: int,
        now_s: float,
        *,
        asked_s: float,
        answers: int,
        retry_after_s: float | None = None,
        scope: Scope = Scope.APP,
    ) -> bool:
        """Heed a 429 that says nothing of a minute; whether those about to go should rather not.

        Args:
            account: Whose call it was.
            now_s: When the answer came.
            asked_s: When the call went.
            answers: How many answers this run has had by now, of any kind.
            retry_after_s: What the server asks for.
            scope: Whose rate it is about.
        """
        key = self._key(account, scope)
        last, in_a_row = self._refusals.get(key, (-self._following, 0))
        in_a_row = in_a_row + 1 if answers - last < self._following else 1
        self._refusals[key] = answers, in_a_row
        concerns_all = in_a_row >= WALL or answers < YOUNG  # one that stands alone among acceptances speaks of one call
        wait_s = retry_after_s if concerns_all else None
        self._heed(key, self._of(account)[key], now_s, asked_s, in_a_row, wait_s)
        return in_a_row >= WALL or wait_s is not None

    def _heed(
        self, key: str, per_s: float | None, now_s: float, asked_s: float, in_a_row: int, retry_after_s: float | None
    ) -> None:
        self._brakes[key].refused(per_s, now_s, asked_s=asked_s, in_a_row=in_a_row, retry_after_s=retry_after_s)

    def returned(self, calls: Mapping[int, int]) -> None:
        """Take calls back, by number of account, that `take` let go and that have not gone: they are to ask again."""
        for account, how_many in calls.items():
            for key in self._of(account):
                self._brakes[key].returned(how_many)

    def slowed(self, now_s: float) -> dict[Cause, float | None]:
        """Return what slows this run, as far as the last `take` knew, and until when."""
        found: dict[Cause, float | None] = {}
        keys = {key: per_s for limits in self._limits for key, per_s in limits.items()}
        if (until_s := max(self._meters[key].blocked_until_s for key in keys)) > now_s:
            found[Cause.MINUTE] = until_s
        elif any(self._meters[key].share < 1.0 for key in keys):
            found[Cause.LOWERED] = None
        if any(self._brakes[key].slows(per_s, now_s) for key, per_s in keys.items()):
            until_s = max(self._brakes[key].paused_until_s for key in keys)
            found[Cause.REFUSED] = until_s if until_s > now_s else None
        if self.yields:
            found[Cause.URGENT] = None
        return found

    def pause(self, now_s: float, seconds: float) -> None:
        """Hold everything of this run back for a while: the server cannot be reached."""
        self._paused_until_s = max(self._paused_until_s, now_s + seconds)

    def close(self) -> None:
        """Let go of whatever it holds."""

    def _of(self, account: int) -> Mapping[str, float | None]:
        return self._limits[account if len(self._limits) > 1 else 0]

    def _meter(self, account: int, scope: Scope) -> Meter:
        return self._meters[self._key(account, scope)]

    def _key(self, account: int, scope: Scope) -> str:
        lane = self._lanes[account if len(self._lanes) > 1 else 0]
        return lane.oa if scope is Scope.OA else lane.app

    def _grain(self, account: int) -> int:
        limits = (self._brakes[key].limited(per_s) for key, per_s in self._of(account).items())
        return max(1, min((int(per_s * GRAIN_S) for per_s in limits if per_s is not None), default=1))


_OWN = "campaign"


def _limits(lane: Lane, rate_per_s: float | None) -> dict[str, float | None]:
    limits = {lane.app: lane.app_per_s, lane.oa: lane.oa_per_s}
    return limits if rate_per_s is None else limits | {_OWN: rate_per_s}


def _together(lanes: Sequence[Lane], rate_per_s: float | None) -> float | None:
    """Return the rate of a run in calls a second: what all its apps allow, each at most what its OAs do, and the campaign."""
    total = 0.0
    for _, group in groupby(sorted(lanes, key=lambda lane: lane.app), key=lambda lane: lane.app):
        of_app = list(group)
        bounds = [lane.oa_per_s for lane in of_app]
        total += min(_or_inf(of_app[0].app_per_s), sum(map(_or_inf, bounds)))
    total = min(total, _or_inf(rate_per_s))
    return None if math.isinf(total) else total


def _or_inf(per_s: float | None) -> float:
    return math.inf if per_s is None else per_s


def _left_s(wall_s: float) -> float:
    return MINUTE_S - wall_s % MINUTE_S


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
        return min(self._ceiling, max(self._floor, math.ceil(min(self._rate_per_s * PATIENT_S, MOST_PATIENT)), self._needed()))

    def _most(self) -> int:
        return self._ceiling if self._rate_per_s is None else min(self._ceiling, max(self._least(), MOST_PATIENT, self._needed()))

    def _needed(self) -> int:
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
