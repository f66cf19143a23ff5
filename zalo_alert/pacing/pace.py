"""Every limit of a run spent evenly over its accounts, and Zalo's refusals heeded: how many calls may go now, and who waits.

Arithmetic over time handed in, as in `meter`; knows no file and no other process.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from zalo_alert.models import Scope
from zalo_alert.pacing.braking import WALL, Brake
from zalo_alert.pacing.limits import Limits, Rates
from zalo_alert.pacing.meter import Lane, Meter, left_s, spread
from zalo_alert.pacing.refusals import Refusals, concerns_all
from zalo_alert.pacing.shares import Portion
from zalo_alert.pacing.slowness import Cause


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
        self._rates = [_rates(lane, rate_per_s) for lane in self._lanes]
        self._keys = {key for rates in self._rates for key in rates}
        self._limits = Limits({key: Meter() for key in self._keys}, {key: Brake() for key in self._keys}, {})
        self._refusals, self._apps = Refusals(), len({lane.app for lane in self._lanes})
        self._portions: Mapping[str, Portion] = {}  # by key, where others want some too
        self._is_behind = False  # whether a more urgent run is one of them
        self._paused_until_s = -math.inf
        self.rate_per_s = _together(self._lanes, rate_per_s)

    def take(self, wanted: Mapping[int, int], now_s: float) -> dict[int, int]:
        """Return how many of the wanted calls may go now, by number of account, and count them as gone."""
        if now_s < self._paused_until_s:
            return {}
        take, portions = self._limits.take, self._portions
        return {account: take(self._of(account), calls, now_s, portions) for account, calls in wanted.items()}

    def wait_s(self, wanted: Mapping[int, int], now_s: float) -> float:
        """Return how long to wait before another `take` of these is worth it."""
        return min(
            (
                self.lane_wait_s(account, min(calls, self._limits.grain(self._of(account))), now_s)
                for account, calls in wanted.items()
            )
        )

    def lane_wait_s(self, account: int, calls: int, now_s: float) -> float:
        """Return how long an account must wait until so many calls have gone, as far as the last `take` knew."""
        wait_s = self._limits.wait_s(self._of(account), calls, now_s, self._portions)
        return max(self._paused_until_s - now_s, wait_s)

    def lane_interval_s(self, account: int) -> float:
        """Return the time between two calls of an account, at the rate of now."""
        return self._limits.interval_s(self._of(account))

    @property
    def yields(self) -> bool:
        """Whether a more urgent run takes the rate first, as far as the last `take` knew."""
        return self._is_behind

    def heed_full_minute(self, account: int, now_s: float, wall_s: float) -> None:
        """Heed an answer that says the app's minute has nothing left: wait for the next one, at the same rate."""
        self._meter(account, Scope.APP).hold(now_s, left_s(wall_s))

    def heed_throttling(self, account: int, scope: Scope, now_s: float, wall_s: float) -> None:
        """Heed a refusal for rate: nothing more from that app or OA this minute, and slower from then on."""
        self._meter(account, scope).step_down(now_s, left_s(wall_s))

    def heed_refusal(
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
        in_a_row = self._refusals.in_a_row(key, answers, self._apps)
        wait_s = retry_after_s if concerns_all(in_a_row, answers) else None
        self._brake(key, self._of(account)[key], now_s, asked_s, in_a_row, wait_s)
        return in_a_row >= WALL or wait_s is not None

    def _brake(
        self, key: str, per_s: float | None, now_s: float, asked_s: float, in_a_row: int, retry_after_s: float | None
    ) -> None:
        self._limits.brakes[key].heed_refusal(per_s, now_s, asked_s=asked_s, in_a_row=in_a_row, retry_after_s=retry_after_s)

    def take_back(self, calls: Mapping[int, int]) -> None:
        """Take calls back, by number of account, that `take` allowed and that have not gone: they are to ask again."""
        for account, how_many in calls.items():
            for key in self._of(account):
                self._limits.brakes[key].take_back(how_many)

    def causes(self, now_s: float) -> dict[Cause, float | None]:
        """Return what slows this run, as far as the last `take` knew, and until when."""
        causes: dict[Cause, float | None] = {}
        meters, brakes = self._limits.meters, self._limits.brakes
        keys = {key: per_s for rates in self._rates for key, per_s in rates.items()}
        if (until_s := max(meters[key].blocked_until_s for key in keys)) > now_s:
            causes[Cause.MINUTE] = until_s
        elif any(meters[key].share < 1.0 for key in keys):
            causes[Cause.LOWERED] = None
        if any(brakes[key].slows(per_s, now_s) for key, per_s in keys.items()):
            until_s = max(brakes[key].paused_until_s for key in keys)
            causes[Cause.REFUSED] = until_s if until_s > now_s else None
        if self.yields:
            causes[Cause.URGENT] = None
        return causes

    def pause(self, now_s: float, seconds: float) -> None:
        """Hold everything of this run back for a while: the server cannot be reached."""
        self._paused_until_s = max(self._paused_until_s, now_s + seconds)

    def close(self) -> None:
        """Close whatever it holds."""

    def _of(self, account: int) -> Rates:
        return self._rates[account if len(self._rates) > 1 else 0]

    def _meter(self, account: int, scope: Scope) -> Meter:
        return self._limits.meters[self._key(account, scope)]

    def _key(self, account: int, scope: Scope) -> str:
        lane = self._lanes[account if len(self._lanes) > 1 else 0]
        return lane.oa if scope is Scope.OA else lane.app


_OWN = "campaign"


def _rates(lane: Lane, rate_per_s: float | None) -> Rates:
    rates = {lane.app: lane.app_per_s, lane.oa: lane.oa_per_s}
    return rates if rate_per_s is None else rates | {_OWN: rate_per_s}


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
