"""The pace that all processes of a workspace keep together: the same arithmetic, over meters that live in a file.

Owns `rates.db`. A process that dies leaves nothing to clean up: what it took flows in again, its claim to be first lapses.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.layout import RATES
from zalo_alert.models import Scope, Urgency
from zalo_alert.pacing.braking import Brake
from zalo_alert.pacing.meter import Lane, Meter
from zalo_alert.pacing.pace import Pace

NAME = RATES
ALIVE_S = 2.0  # whoever wants to go asks at least once a second; who has not asked for so long is gone, or has nobody left

_FIRST = -1  # ahead of the rank of the most urgent

CLAIM_AGAIN_S = 0.5  # so a claim is written that often at most

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meter (key TEXT PRIMARY KEY, tokens REAL NOT NULL, at_s REAL NOT NULL, share REAL NOT NULL,
share_since_s REAL NOT NULL, blocked_until_s REAL NOT NULL, stepped_until_s REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claim (key TEXT NOT NULL, rank INTEGER NOT NULL, seen_s REAL NOT NULL,
PRIMARY KEY (key, rank)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS brake (key TEXT PRIMARY KEY, ceiling_per_s REAL NOT NULL, anchor_per_s REAL NOT NULL,
flow_per_s REAL NOT NULL, flow_at_s REAL NOT NULL, refused_s REAL NOT NULL, calls REAL NOT NULL, walled_s REAL NOT NULL,
wall_calls REAL NOT NULL, pause_s REAL NOT NULL, paused_until_s REAL NOT NULL, alone_until_s REAL NOT NULL,
calm_calls REAL NOT NULL) WITHOUT ROWID;
"""
_NUMBERS = attrgetter(*(field.name for field in fields(Meter)))
_BRAKES = attrgetter(*(field.name for field in fields(Brake)))
_AHEAD = "SELECT key, count(*) FROM claim WHERE rank < ? AND seen_s BETWEEN ? AND ? GROUP BY key"


class SharedPace(Pace):
    """See `Pace`; every process that sends from the same workspace has one, and together they stay within each limit.

    The campaign's own ceiling stays in memory: only this run knows it. Refusals are written down with the next `take`, which
    comes before anyone else of this run may go.

    Args:
        path: The file; made when it is missing.
        lanes: By number of account.
        rate_per_s: The campaign's own ceiling.
        urgency: Whoever is more urgent goes first; the others share what that leaves.
        goes_first: Ahead of every urgency: what was said wrongly is put right before anything else is said.

    Raises:
        StorageUnusable: The file cannot be used; also from `take`.
    """

    blocks = True

    def __init__(
        self, path: Path, lanes: Sequence[Lane], rate_per_s: float | None, urgency: Urgency, *, goes_first: bool = False
    ) -> None:
        super().__init__(rate_per_s=rate_per_s, lanes=lanes)
        # A crash of the process loses nothing that is committed. A power cut may, and lasts longer than any of it matters.
        self._db = Database(path, schema=_SCHEMA, survives_power_cut=False)
        self._shared = {key for lane in lanes for key in (lane.app, lane.oa)}
        self._refused: set[str] = set()  # whose brakes are to be written down
        self._rank = _FIRST if goes_first else list(Urgency).index(urgency)
        self._claimed_s: dict[str, float] = {}  # by key, when this process last said that it wants to go
        self._news: deque[Callable[[], None]] = deque()
        self._using = threading.Lock()  # `close` may come while a thread is still in a `take` that nobody awaits any more
        self._is_closed = False

    def take(self, wanted: Mapping[int, int], now_s: float) -> dict[int, int]:
        """See `Pace`: one transaction, so nobody else takes what this one has seen."""
        with self._using:
            if self._is_closed:
                return {}
            with self._db.transaction():
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
            self._db.close()

    def _load(self, now_s: float) -> None:
        for key, *numbers in self._db.rows("SELECT * FROM meter"):
            if key in self._meters:
                self._meters[key] = Meter(*numbers)
        for key, *numbers in self._db.rows("SELECT * FROM brake"):
            if key in self._brakes:
                self._brakes[key] = Brake(*numbers)
        ahead = self._db.rows(_AHEAD, (self._rank, now_s - ALIVE_S, now_s))
        self._ahead = {key: ranks for key, ranks in ahead if key in self._meters}

    def _store(self, wanted: Mapping[int, int], now_s: float) -> None:
        meters = [(key, *_NUMBERS(self._meters[key])) for key in self._shared]
        self._db.run_many("INSERT OR REPLACE INTO meter VALUES (?, ?, ?, ?, ?, ?, ?)", meters)
        moved = self._wanting(wanted) | self._refused
        brakes = [(key, *_BRAKES(self._brakes[key])) for key in moved]
        self._refused.clear()
        self._db.run_many("INSERT OR REPLACE INTO brake VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", brakes)
        for key in self._unclaimed(wanted, now_s):
            self._db.run("INSERT OR REPLACE INTO claim VALUES (?, ?, ?)", (key, self._rank, now_s))
            self._claimed_s[key] = now_s

    def _unclaimed(self, wanted: Mapping[int, int], now_s: float) -> Iterable[str]:
        keys = self._wanting(wanted)
        return [key for key in keys if not 0 <= now_s - self._claimed_s.get(key, -math.inf) < CLAIM_AGAIN_S]

    def _wanting(self, wanted: Mapping[int, int]) -> set[str]:
        return {key for account, calls in wanted.items() if calls for key in self._of(account) if key in self._shared}
