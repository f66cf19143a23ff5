"""The pace of answers: what goes to single people, by rank, at the rate that every run of the workspace shares.

A workspace has thousands of OAs, and a take asks for a few of them: only those are read and written, and only those of the last
take are kept in memory. The meters are those of `SharedPace`, in the same file.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from zalo_alert.models import Rank, Scope
from zalo_alert.pacing.braking import WALL, Brake
from zalo_alert.pacing.limits import Limits, Rates
from zalo_alert.pacing.meter import Lane, Meter, left_s
from zalo_alert.pacing.rates_file import ALIVE_S, RatesFile
from zalo_alert.pacing.refusals import Refusals, concerns_all
from zalo_alert.pacing.shares import DRAINS, SOS_SHARE, Portion, pools_of, portion

CLAIM_AGAIN_S = 0.5  # so whoever waits says so that often at most

Way: TypeAlias = tuple[str, str]  # an OA by Zalo's id, and the app that speaks for it: "" for its own
Wanted: TypeAlias = tuple[str, str, Rank]
_Heed: TypeAlias = Callable[[Limits], None]


class _News(NamedTuple):
    """What an answer told of one limit, until the next `take` writes it down."""

    key: str
    heed: _Heed


class AnswerPace:
    """How many answers of each OA and rank may go now; every process of the workspace stays within each limit together.

    Args:
        path: The file; made when it is missing.
        lane_of: What Zalo grants an OA through an app ("" is the OA's own); asked anew for each take that names it.
        sos_share: What answers to calls for help may have of the rate beside an Immediate run, 0 to 1; asked at each take, so
            that it can be changed while the alert is being sent.

    Raises:
        StorageUnusable: The file cannot be used; also from `take`.
    """

    def __init__(
        self, path: Path, lane_of: Callable[[str, str], Lane], sos_share: Callable[[], float] = lambda: SOS_SHARE
    ) -> None:
        self._file, self._lane_of, self._sos_share = RatesFile(path), lane_of, sos_share
        self._limits = Limits({}, {}, {})
        self._wanting: dict[str, frozenset[Rank]] = {}  # runs, and calls for help
        self._claimed_s: dict[tuple[str, Rank], float] = {}  # when this process last said that it has been kept waiting
        self._news: deque[_News] = deque()
        self._refusals, self._apps = Refusals(), set[str]()
        self._paused_until_s = -math.inf
        self._using = threading.Lock()
        self._is_closed = False

    def take(self, wanted: Mapping[Wanted, int], now_s: float) -> dict[Wanted, int]:
        """Return how many of the wanted calls may go now, and count them as gone.

        The most urgent rank is served first; within a rank, in the order given.

        Args:
            wanted: By OA, app and rank, how many answers wait.
            now_s: An instant of a steady clock.

        Returns:
            The same keys.
        """
        if now_s < self._paused_until_s:
            return dict.fromkeys(wanted, 0)
        rates = {way: self._rates(way) for way in dict.fromkeys((oa, app) for (oa, app, _), calls in wanted.items() if calls)}
        with self._using:
            if self._is_closed:
                return dict.fromkeys(wanted, 0)
            granted = self._take_all(wanted, rates, now_s)
        return {each: granted.get(each, 0) for each in wanted}

    def _take_all(self, wanted: Mapping[Wanted, int], rates: Mapping[Way, Rates], now_s: float) -> dict[Wanted, int]:
        with self._file.transaction():
            news = [self._news.popleft() for _ in range(len(self._news))]
            self._load({key for some in rates.values() for key in some} | {each.key for each in news}, now_s)
            for each in news:
                each.heed(self._limits)
            granted = {each: self._take(each, calls, rates, now_s) for each, calls in _by_rank(wanted) if calls}
            self._store(wanted, granted, rates, {each.key for each in news}, now_s)
        return granted

    def _take(self, each: Wanted, calls: int, rates: Mapping[Way, Rates], now_s: float) -> int:
        oa, app, rank = each
        granted = self._limits.take(rates[oa, app], calls, now_s, self._portions(rates[oa, app], rank))
        self._limits.drain(rates[oa, app], granted, DRAINS[rank])
        return granted

    def _portions(self, rates: Rates, rank: Rank) -> Mapping[str, Portion]:
        """Return what a rank may take of each limit where anybody is ahead of it or has to be left something."""
        if not self._wanting:
            return {}
        _, *others = rates
        portions = {key: portion(rank, self._wanting[key]) for key in rates if key in self._wanting}
        for key in others:  # an OA's limit bars nobody: what is barred is to leave the run its app's rate
            if key in portions:
                portions[key] = portions[key]._replace(is_barred=False)
        return portions

    def wait_s(self, wanted: Mapping[Wanted, int], now_s: float) -> float:
        """Return how long to wait before another `take` of these is worth it, as far as the last one knew."""
        waits = (self._wait_s(each, calls, now_s) for each, calls in wanted.items() if calls)
        return max(self._paused_until_s - now_s, min(waits, default=math.inf))

    def _wait_s(self, each: Wanted, calls: int, now_s: float) -> float:
        oa, app, rank = each
        rates = self._rates((oa, app))
        if not rates.keys() <= self._limits.meters.keys():
            return 0.0
        wait_s = self._limits.wait_s(rates, min(calls, self._limits.grain(rates)), now_s, self._portions(rates, rank))
        return min(wait_s, ALIVE_S / 2)  # by then somebody else may have gone

    def take_back(self, calls: Mapping[Wanted, int]) -> None:
        """Take calls back that `take` allowed and that have not gone: they are to ask again. Never waits."""
        for (oa, app, _), how_many in calls.items():
            for key in self._rates((oa, app)):
                self._news.append(_News(key, _taking_back(key, how_many)))

    def heed_full_minute(self, way: Way, now_s: float, wall_s: float) -> None:
        """Heed an answer that says the app's minute has nothing left; see `Pace`. Never waits."""
        key = self._key(way, Scope.APP)

        def heed(limits: Limits) -> None:
            limits.meters[key].hold(now_s, left_s(wall_s))

        self._news.append(_News(key, heed))

    def heed_throttling(self, way: Way, scope: Scope, now_s: float, wall_s: float) -> None:
        """Heed a refusal for rate; see `Pace`. Never waits."""
        key = self._key(way, scope)
        self._news.append(_News(key, lambda limits: limits.meters[key].step_down(now_s, left_s(wall_s))))

    def heed_refusal(
        self,
        way: Way,
        now_s: float,
        *,
        asked_s: float,
        answers: int,
        retry_after_s: float | None = None,
        scope: Scope = Scope.APP,
    ) -> bool:
        """Heed a 429 that says nothing of a minute; whether those about to go should rather not. See `Pace`; never waits."""
        key = self._key(way, scope)
        per_s = self._rates(way)[key]
        self._apps.add(self._lane_of(*way).app)
        in_a_row = self._refusals.in_a_row(key, answers, len(self._apps))
        wait_s = retry_after_s if concerns_all(in_a_row, answers) else None

        def heed(limits: Limits) -> None:
            limits.brakes[key].heed_refusal(per_s, now_s, asked_s=asked_s, in_a_row=in_a_row, retry_after_s=wait_s)

        self._news.append(_News(key, heed))
        return in_a_row >= WALL or wait_s is not None

    def pause(self, now_s: float, seconds: float) -> None:
        """Hold every answer back for a while: the server cannot be reached."""
        self._paused_until_s = max(self._paused_until_s, now_s + seconds)

    def close(self) -> None:
        """Close the file."""
        with self._using:
            self._is_closed = True
            self._file.close()

    def _rates(self, way: Way) -> Rates:
        lane = self._lane_of(*way)
        return {lane.app: lane.app_per_s, lane.oa: lane.oa_per_s}

    def _key(self, way: Way, scope: Scope) -> str:
        lane = self._lane_of(*way)
        return lane.oa if scope is Scope.OA else lane.app

    def _load(self, keys: set[str], now_s: float) -> None:
        order, sos_share = sorted(keys), self._sos_share()
        meters, brakes = {key: Meter() for key in order}, {key: Brake() for key in order}
        for key, meter, brake in self._file.states(order):
            meters[key], brakes[key] = meter, brake
        self._wanting = self._file.wanting(order, now_s, most=Rank.LATER)  # answers go in the order of their ranks anyhow
        shared = list(self._wanting)
        known = self._file.pools(shared) if shared else {}
        self._limits = Limits(meters, brakes, {key: pools_of(known.get(key, {}), sos_share) for key in shared})

    def _store(
        self,
        wanted: Mapping[Wanted, int],
        granted: Mapping[Wanted, int],
        rates: Mapping[Way, Rates],
        told: set[str],
        now_s: float,
    ) -> None:
        moved = told | {key for (oa, app, _), calls in granted.items() if calls for key in rates[oa, app]}
        self._file.write_meters((key, self._limits.meters[key]) for key in moved)
        self._file.write_brakes((key, self._limits.brakes[key]) for key in moved)
        short = {
            (key, rank) for (oa, app, rank), calls in granted.items() if calls < wanted[oa, app, rank] for key in rates[oa, app]
        }
        self._file.write_pools(self._limits.pools)
        self._file.want(self._unclaimed(short, now_s), now_s)

    def _unclaimed(self, short: Iterable[tuple[str, Rank]], now_s: float) -> list[tuple[str, Rank]]:
        self._claimed_s = {each: at_s for each, at_s in self._claimed_s.items() if 0 <= now_s - at_s < CLAIM_AGAIN_S}
        new = [each for each in short if each not in self._claimed_s]
        self._claimed_s |= dict.fromkeys(new, now_s)
        return new


def _by_rank(wanted: Mapping[Wanted, int]) -> list[tuple[Wanted, int]]:
    return sorted(wanted.items(), key=lambda pair: pair[0][2])


def _taking_back(key: str, calls: int) -> _Heed:
    return lambda limits: limits.brakes[key].take_back(calls)
