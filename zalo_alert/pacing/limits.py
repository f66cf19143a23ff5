"""Several limits that one call counts into at once, with their brakes, and what other ranks are to have of each.

Arithmetic over time handed in, as in `meter`; knows no file, no account and no other process.
"""

import math
from collections.abc import Mapping
from typing import TypeAlias

from zalo_alert.pacing.braking import Brake
from zalo_alert.pacing.meter import Meter
from zalo_alert.pacing.shares import ALL, Pool, Portion, Share

GRAIN_S = 0.05  # asking more often than this for a few calls costs more than it smooths

Rates: TypeAlias = Mapping[str, float | None]  # calls a second by key; None is no limit at all


class Limits:
    """What each limit has left, by key.

    Args:
        meters: Changed in place.
        brakes: Of the same keys; likewise.
        pools: What is left of shares, of keys where anybody is sure of one; likewise.
    """

    def __init__(self, meters: dict[str, Meter], brakes: dict[str, Brake], pools: dict[str, dict[Share, Pool]]) -> None:
        self.meters, self.brakes, self.pools = meters, brakes, pools

    def take(self, rates: Rates, calls: int, now_s: float, portions: Mapping[str, Portion]) -> int:
        """Return how many of so many calls may go, and count them as gone."""
        meters, brakes = self.meters, self.brakes
        for key, per_s in rates.items():
            allowed = self._allow(key, per_s, now_s, portions.get(key, ALL) if portions else ALL)
            calls = min(calls, math.floor(min(calls, allowed)))
        for key, per_s in rates.items():
            meters[key].take(brakes[key].limit(per_s), calls)
            brakes[key].count(per_s, calls, now_s)
        return calls

    def drain(self, rates: Rates, calls: int, shares: tuple[Share, ...]) -> None:
        """Count calls that have been taken into their shares, of limits where shares count at this moment."""
        if calls and self.pools:
            for key in rates.keys() & self.pools.keys():
                for share in shares:
                    self.pools[key][share].take(calls)

    def _allow(self, key: str, per_s: float | None, now_s: float, portion: Portion) -> float:
        brake = self.brakes[key]
        if brake.is_from_before(now_s):
            brake = self.brakes[key] = Brake()
        left_per_s = brake.limit(per_s)
        meter = self.meters[key]
        if now_s >= brake.alone_until_s:
            if now_s < brake.paused_until_s:
                return 0.0
            return meter.available(left_per_s, now_s) if portion is ALL else self._available(key, left_per_s, now_s, portion)
        if now_s < brake.paused_until_s:
            meter.spare(left_per_s, now_s)
            return 0.0
        meter.wait_still(now_s)
        return min(1.0, self._available(key, left_per_s, now_s, portion))

    def _available(self, key: str, per_s: float | None, now_s: float, portion: Portion) -> float:
        meter = self.meters[key]
        if portion is ALL:
            return meter.available(per_s, now_s)
        if portion.is_barred:
            return 0.0
        kept = self._kept(key, per_s, now_s, portion)
        left = meter.available(per_s, now_s, portion.ahead, kept)
        if not portion.sure_of or per_s is None:
            return left
        sure = min(self._pool(key, share, per_s, now_s) for share in portion.sure_of)
        return max(left, min(sure, meter.available(per_s, now_s, 0, self._kept_for_help(key, per_s, now_s, portion))))

    def _kept(self, key: str, per_s: float | None, now_s: float, portion: Portion) -> float:
        if per_s is None:
            return 0.0
        return sum(min(self._pool(key, share, per_s, now_s) for share in shares) for shares in portion.kept_for)

    def _kept_for_help(self, key: str, per_s: float, now_s: float, portion: Portion) -> float:
        return self._pool(key, Share.HELP, per_s, now_s) if (Share.HELP,) in portion.kept_for else 0.0

    def _pool(self, key: str, share: Share, per_s: float, now_s: float) -> float:
        return self.pools[key][share].advance(per_s * self.meters[key].share, now_s)

    def wait_s(self, rates: Rates, calls: int, now_s: float, portions: Mapping[str, Portion]) -> float:
        """Return how long to wait until so many calls may go, one after the other, as far as the last `take` knew."""
        waits = (self._wait_s(key, per_s, calls, now_s, portions.get(key, ALL)) for key, per_s in rates.items())
        return max(0.0, *waits, *(self.brakes[key].paused_until_s - now_s for key in rates))

    def _wait_s(self, key: str, per_s: float | None, calls: int, now_s: float, portion: Portion) -> float:
        meter, left_per_s = self.meters[key], self.brakes[key].limit(per_s)
        if portion.is_barred:
            return math.inf
        if portion is ALL or left_per_s is None:
            return meter.wait_s(left_per_s, now_s, calls)
        kept = self._kept(key, left_per_s, now_s, portion)
        wait_s = meter.wait_s(left_per_s, now_s, calls, portion.ahead, kept)
        if not portion.sure_of:
            return wait_s
        pools = [self.pools[key][share].wait_s(left_per_s * meter.share) for share in portion.sure_of]
        return min(wait_s, max(meter.wait_s(left_per_s, now_s, 1), *pools))

    def interval_s(self, rates: Rates) -> float:
        """Return the time between two calls, at the rates of now."""
        limits = ((key, self.brakes[key].limit(per_s)) for key, per_s in rates.items())
        return max((1 / (per_s * self.meters[key].share) for key, per_s in limits if per_s is not None), default=0.0)

    def grain(self, rates: Rates) -> int:
        """Return how many calls are worth waiting for at once."""
        limits = (self.brakes[key].limit(per_s) for key, per_s in rates.items())
        return max(1, min((int(per_s * GRAIN_S) for per_s in limits if per_s is not None), default=1))
