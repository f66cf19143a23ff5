"""What every process of a workspace knows of its rates: meters, brakes, who wants to go, what is left of shares. Owns `rates.db`.

A process that dies leaves nothing to clean up: what it took flows in again, its claims lapse.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from zalo_alert.foundation.database import Database
from zalo_alert.models import Rank
from zalo_alert.pacing.braking import Brake
from zalo_alert.pacing.meter import Meter
from zalo_alert.pacing.shares import Pool, Share

ALIVE_S = 2.0  # whoever wants to go asks at least once a second; who has not asked for so long is gone, or has nobody left
_MOST_KEYS = 500  # in one question

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meter (key TEXT PRIMARY KEY, tokens REAL NOT NULL, at_s REAL NOT NULL, share REAL NOT NULL,
share_since_s REAL NOT NULL, blocked_until_s REAL NOT NULL, stepped_until_s REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanting (key TEXT NOT NULL, rank INTEGER NOT NULL, seen_s REAL NOT NULL,
PRIMARY KEY (key, rank)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pool (key TEXT NOT NULL, name TEXT NOT NULL, share REAL NOT NULL, tokens REAL NOT NULL,
at_s REAL NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS brake (key TEXT PRIMARY KEY, ceiling_per_s REAL NOT NULL, anchor_per_s REAL NOT NULL,
flow_per_s REAL NOT NULL, flow_at_s REAL NOT NULL, refused_s REAL NOT NULL, calls REAL NOT NULL, walled_s REAL NOT NULL,
wall_calls REAL NOT NULL, pause_s REAL NOT NULL, paused_until_s REAL NOT NULL, alone_until_s REAL NOT NULL,
calm_calls REAL NOT NULL) WITHOUT ROWID;
"""
_STATES = f"""SELECT key, {", ".join(f"meter.{field.name}" for field in fields(Meter))},
{", ".join(f"brake.{field.name}" for field in fields(Brake))} FROM meter LEFT JOIN brake USING (key) WHERE key IN"""
_METER = attrgetter(*(field.name for field in fields(Meter)))
_BRAKE = attrgetter(*(field.name for field in fields(Brake)))
_BRAKE_AT = 1 + len(fields(Meter))  # behind the key

Pools: TypeAlias = Mapping[str, Mapping[Share, Pool]]


class RatesFile:
    """The file's tables, by key of app or OA; whoever reads to decide does so in a `transaction`.

    Args:
        path: Made when it is missing.

    Raises:
        StorageUnusable: The file cannot be used; also from every method.
    """

    def __init__(self, path: Path) -> None:
        # A crash of the process loses nothing that is committed. A power cut may, and lasts longer than any of it matters.
        self._db = Database(path, schema=_SCHEMA, survives_power_cut=False)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; nobody else takes what is read inside."""
        return self._db.transaction()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def states(self, keys: Sequence[str]) -> list[tuple[str, Meter, Brake]]:
        """Return the meters and brakes of some keys, of those that anybody has used."""
        rows = self._of(_STATES, keys)
        return [(row[0], Meter(*row[1:_BRAKE_AT]), Brake() if row[-1] is None else Brake(*row[_BRAKE_AT:])) for row in rows]

    def wanting(
        self, keys: Sequence[str], now_s: float, besides: Rank | None = None, most: Rank = Rank.LOOKUP
    ) -> dict[str, frozenset[Rank]]:
        """Return which ranks have wanted to go of late, where any has.

        Args:
            keys: Of which limits.
            now_s: An instant of the steady clock.
            besides: Not this one, that of whoever asks.
            most: And none below this one.
        """
        own = -1 if besides is None else int(besides)
        rows = self._of(f"SELECT key, rank, seen_s FROM wanting WHERE rank <= {int(most)} AND rank != {own} AND key IN", keys)
        ranks: dict[str, set[Rank]] = {}
        for key, rank, seen_s in rows:
            if now_s - ALIVE_S <= seen_s <= now_s:
                ranks.setdefault(key, set()).add(Rank(rank))
        return {key: frozenset(some) for key, some in ranks.items()}

    def wanted_by(self, ranks: Sequence[Rank], now_s: float) -> set[str]:
        """Return the keys of limits that any of these ranks has wanted of late."""
        sql = f"SELECT DISTINCT key FROM wanting WHERE seen_s BETWEEN ? AND ? AND rank IN ({_marks(len(ranks))})"
        return {str(key) for (key,) in self._db.rows(sql, (now_s - ALIVE_S, now_s, *map(int, ranks)))}

    def pools(self, keys: Sequence[str]) -> dict[str, dict[Share, Pool]]:
        """Return what is left of the shares of some keys, as far as anybody has used them."""
        pools: dict[str, dict[Share, Pool]] = {}
        for key, name, *numbers in self._of("SELECT * FROM pool WHERE key IN", keys):
            pools.setdefault(key, {})[Share(name)] = Pool(*numbers)
        return pools

    def _of(self, select: str, keys: Sequence[str]) -> list[tuple[Any, ...]]:
        if len(keys) <= _MOST_KEYS:
            return self._db.rows(f"{select} ({_marks(len(keys))})", keys)
        return [row for i in range(0, len(keys), _MOST_KEYS) for row in self._of(select, keys[i : i + _MOST_KEYS])]

    def write_meters(self, meters: Iterable[tuple[str, Meter]]) -> None:
        """Write meters down."""
        rows = [(key, *_METER(meter)) for key, meter in meters]
        self._db.run_many("INSERT OR REPLACE INTO meter VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def write_brakes(self, brakes: Iterable[tuple[str, Brake]]) -> None:
        """Write brakes down."""
        rows = [(key, *_BRAKE(brake)) for key, brake in brakes]
        self._db.run_many("INSERT OR REPLACE INTO brake VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def write_pools(self, pools: Pools) -> None:
        """Write down what is left of shares."""
        rows = [(key, name, pool.share, pool.tokens, pool.at_s) for key, some in pools.items() for name, pool in some.items()]
        self._db.run_many("INSERT OR REPLACE INTO pool VALUES (?, ?, ?, ?, ?)", rows)

    def want(self, wanting: Iterable[tuple[str, Rank]], now_s: float) -> None:
        """Write down who wants to go."""
        rows = [(key, int(rank), now_s) for key, rank in wanting]
        self._db.run_many("INSERT OR REPLACE INTO wanting VALUES (?, ?, ?)", rows)


@cache
def _marks(how_many: int) -> str:
    return ",".join("?" * how_many)
