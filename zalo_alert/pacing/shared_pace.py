"""The pace that all processes of a workspace keep together: the same arithmetic, over meters that live in a file."""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from zalo_alert.foundation.layout import RATES
from zalo_alert.models import Rank, Scope
from zalo_alert.pacing.meter import Lane
from zalo_alert.pacing.pace import Pace
from zalo_alert.pacing.rates_file import RatesFile
from zalo_alert.pacing.shares import Pool, Share, pools_of, portion

NAME = RATES

CLAIM_AGAIN_S = 0.5  # so a claim is written that often at most


class SharedPace(Pace):
    """See `Pace`; every process that sends from the same workspace has one, and together they stay within each limit.

    The campaign's own ceiling stays in memory: only this run knows it. Refusals are written down with the next `take`, which
    comes before anyone else of this run may go.

    Args:
        path: The file; made when it is missing.
        lanes: By number of account.
        rate_per_s: The campaign's own ceiling.
        rank: Whoever is more urgent goes first, as `shares` says; the others share what that leaves.

    Raises:
        StorageUnusable: The file cannot be used; also from `take`.
    """

    blocks = True

    def __init__(self, path: Path, lanes: Sequence[Lane], rate_per_s: float | None, rank: Rank) -> None:
        super().__init__(rate_per_s=rate_per_s, lanes=lanes)
        self._file, self._rank = RatesFile(path), rank
        self._shared = {key for lane in lanes for key in (lane.app, lane.oa)}
        self._order = sorted(self._shared)
        self._refused: set[str] = set()  # whose brakes are to be written down
        self._claimed_s: dict[str, float] = {}  # by key, when this process last said that it wants to go
        self._news: deque[Callable[[], None]] = deque()
        self._using = threading.Lock()  # `close` may come while a thread is still in a `take` that nobody awaits any more
        self._is_closed = False

    def take(self, wanted: Mapping[int, int], now_s: float) -> dict[int, int]:
        """See `Pace`: one transaction, so nobody else takes what this one has seen."""
        with self._using:
            if self._is_closed:
                return {}
            with self._file.transaction():
                self._load(now_s)
                while self._news:
                    self._news.popleft()()
                granted = super().take(wanted, now_s)
                self._store(wanted, now_s)
            return granted

    def heed_full_minute(self, account: int, now_s: float, wall_s: float) -> None:
        """See `Pace`; never waits."""
        heed = super().heed_full_minute
        self._news.append(lambda: heed(account, now_s, wall_s))

    def heed_throttling(self, account: int, scope: Scope, now_s: float, wall_s: float) -> None:
        """See `Pace`; never waits."""
        heed = super().heed_throttling
        self._news.append(lambda: heed(account, scope, now_s, wall_s))

    def _brake(
        self, key: str, per_s: float | None, now_s: float, asked_s: float, in_a_row: int, retry_after_s: float | None
    ) -> None:
        heed = super()._brake

        def heed_later() -> None:
            heed(key, per_s, now_s, asked_s, in_a_row, retry_after_s)
            self._refused.add(key)

        self._news.append(heed_later)

    def take_back(self, calls: Mapping[int, int]) -> None:
        """See `Pace`; never waits."""
        take_back = super().take_back
        self._news.append(lambda: take_back(calls))

    def close(self) -> None:
        """Close the file."""
        with self._using:
            self._is_closed = True
            self._file.close()

    def _load(self, now_s: float) -> None:
        for key, meter, brake in self._file.states(self._order):
            self._limits.meters[key], self._limits.brakes[key] = meter, brake
        wanting = self._file.wanting(self._order, now_s, besides=self._rank)
        self._is_behind = any(rank.is_run and rank < self._rank for ranks in wanting.values() for rank in ranks)
        self._portions = {key: portion(self._rank, ranks) for key, ranks in wanting.items()}
        self._limits.pools = self._pools() if wanting else {}

    def _pools(self) -> dict[str, dict[Share, Pool]]:
        """Read what is left of the shares that others are sure of, where anybody is sure of one."""
        shared = [key for key, whole in self._portions.items() if whole.kept_for]
        known = self._file.pools(shared) if shared else {}
        return {key: pools_of(known.get(key, {})) for key in shared}

    def _store(self, wanted: Mapping[int, int], now_s: float) -> None:
        meters, brakes = self._limits.meters, self._limits.brakes
        self._file.write_meters([(key, meters[key]) for key in self._order])
        wanting = self._wanting(wanted)
        self._file.write_brakes([(key, brakes[key]) for key in wanting | self._refused])
        self._refused.clear()
        if new := self._unclaimed(wanting, now_s):
            self._file.want([(key, self._rank) for key in new], now_s)
            self._claimed_s.update(dict.fromkeys(new, now_s))

    def _unclaimed(self, wanting: Iterable[str], now_s: float) -> list[str]:
        return [key for key in wanting if not 0 <= now_s - self._claimed_s.get(key, -math.inf) < CLAIM_AGAIN_S]

    def _wanting(self, wanted: Mapping[int, int]) -> set[str]:
        return {key for account, calls in wanted.items() if calls for key in self._of(account) if key in self._shared}
