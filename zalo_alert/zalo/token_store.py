"""Where the tokens of a workspace are kept: one row a chain, mode 0600, on the disk when a method returns.

A chain begins with a consent, or with tokens in the environment, and goes on from refresh to refresh. A refresh is written down
before it is asked for and again when it has been answered, so whoever finds a row half-way knows that a refresh was begun and
when, and that the pair in the row may be dead. No chain overwrites another: a stale variable can't cost an OA its good tokens.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _, pack, unpack
from zalo_alert.zalo.base import TokenPair

NAME = "tokens.db"
LOCK_TIMEOUT_S = 60.0  # longer than any refresh may take

_SCHEMA = """CREATE TABLE IF NOT EXISTS pair (oa_id TEXT NOT NULL, seed TEXT NOT NULL, access TEXT NOT NULL,
refresh TEXT NOT NULL, issued_at_s REAL, expires_at_s REAL, refresh_ends_at_s REAL, asking_since_s REAL,
refused TEXT NOT NULL, PRIMARY KEY (oa_id, seed)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (oa_id TEXT NOT NULL, digest TEXT NOT NULL, id TEXT NOT NULL, at_s REAL NOT NULL,
PRIMARY KEY (oa_id, digest)) WITHOUT ROWID"""
_COLUMNS = "seed, access, refresh, issued_at_s, expires_at_s, refresh_ends_at_s, asking_since_s, refused"


class TokenRow(NamedTuple):
    """One chain's pair as it is kept. Instants are seconds since 1970; None where nobody knows.

    Args:
        seed: Which chain: digest of the tokens in the environment when it began; "" when there were none.
        access: Of the pair.
        refresh: Of the pair; works once.
        issued_at_s: When Zalo gave it.
        expires_at_s: When the access token ends.
        refresh_ends_at_s: When the refresh token ends.
        asking_since_s: A refresh with this pair was begun then, and nobody knows how it ended.
        refused: Why Zalo will never take this refresh token again.
    """

    seed: str
    access: Secret
    refresh: Secret
    issued_at_s: float | None = None
    expires_at_s: float | None = None
    refresh_ends_at_s: float | None = None
    asking_since_s: float | None = None
    refused: str = ""


class TokenStore:
    """The token file of a workspace, shared by its accounts and processes.

    Args:
        folder: The workspace's own, for the file and its locks.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = self.folder = folder
        self._db = Database(folder / NAME, schema=_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def lock(self, oa_id: str) -> FileLock:
        """Return the lock under which one OA's pair is renewed; the system frees it when its process dies."""
        locks = self._folder / "locks"
        locks.mkdir(mode=0o700, exist_ok=True)
        return FileLock(locks / f"{oa_id}.lock", mode=0o600, timeout=LOCK_TIMEOUT_S, thread_local=False)

    def take_lock(self, oa_id: str, timeout_s: float) -> FileLock | None:
        """Take that lock for whoever releases it; None where somebody else holds it for so long.

        Raises:
            StorageUnusable: The file can't be locked.
        """
        try:
            lock = self.lock(oa_id)
            lock.acquire(timeout_s)
        except Timeout:
            return None
        except (OSError, NotImplementedError) as exc:  # the second where a file system knows no locks
            why = reason(exc) if isinstance(exc, OSError) else type(exc).__name__
            raise StorageUnusable(
                _("the tokens in {folder} can't be locked: {why}", folder=self.folder, why=why),
                hint=_("check the disk and the folder's permissions"),
            ) from exc
        return lock

    def chains(self, oa_id: str) -> list[TokenRow]:
        """Return an OA's chains, the latest pair first."""
        return self.all(oa_id).get(oa_id, [])

    def all(self, oa_id: str | None = None) -> dict[str, list[TokenRow]]:
        """Return the chains of every OA, or of one, by Zalo's id of the OA; the latest pair first."""
        chains: dict[str, list[TokenRow]] = {}
        where = "" if oa_id is None else "WHERE oa_id = ?"
        sql = f"SELECT oa_id, {_COLUMNS} FROM pair {where} ORDER BY issued_at_s DESC"
        for oa, *values in self._db.rows(sql, () if oa_id is None else (oa_id,)):
            chains.setdefault(oa, []).append(_read_row(values))
        return chains

    def begin(self, oa_id: str, row: TokenRow, now_s: float) -> None:
        """Write down that a refresh with this pair is about to be asked for."""
        self._put(oa_id, row._replace(asking_since_s=now_s))

    def keep(self, oa_id: str, seed: str, pair: TokenPair, now_s: float) -> TokenRow:
        """Write a new pair down, before anyone uses it."""
        ends_s = now_s + pair.refresh_lifetime_s
        row = TokenRow(seed, pair.access, pair.refresh, now_s, now_s + pair.lifetime_s, ends_s)
        self._put(oa_id, row)
        return row

    def settle(self, oa_id: str, row: TokenRow, refused: str = "") -> None:
        """Write down that a refresh was not executed (all is as it was before), or that Zalo will never take this token again."""
        self._put(oa_id, row._replace(asking_since_s=None, refused=refused) if refused else row)

    def find_upload(self, oa_id: str, digest: str, since_s: float) -> str:
        """Return Zalo's id of a file that an OA uploaded since an instant; "" when it did not."""
        rows = self._db.rows("SELECT id FROM upload WHERE oa_id = ? AND digest = ? AND at_s >= ?", (oa_id, digest, since_s))
        return str(rows[0][0]) if rows else ""

    def keep_upload(self, oa_id: str, digest: str, upload_id: str, now_s: float) -> None:
        """Remember an upload: an OA has 5,000 a month."""
        self._db.run("INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?)", (oa_id, digest, upload_id, now_s))

    def _put(self, oa_id: str, row: TokenRow) -> None:
        values = (oa_id, row.seed, row.access.reveal(), row.refresh.reveal(), *row[3:-1], pack(row.refused))
        with self._db.transaction():
            self._db.run("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _read_row(row: Iterable[object]) -> TokenRow:
    seed, access, refresh, *instants, refused = row
    kept = TokenRow(str(seed), Secret(str(access)), Secret(str(refresh)), *instants)  # type: ignore[arg-type]  # the schema's types
    return kept._replace(refused=unpack(str(refused)))
