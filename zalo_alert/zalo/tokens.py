"""One account's tokens: kept in a file of mode 0600, renewed by one process at a time, durable before they are used.

Losing a fresh refresh token means that an administrator must consent again in a browser, so the new pair is on the disk before
anyone sees it, and a lock longer than any time-out keeps the other processes of the workspace out meanwhile.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.clock import Clock
from zalo_alert.database import Database
from zalo_alert.errors import CredentialsRefused, RunSuspended
from zalo_alert.settings import Account, Credentials, Secret
from zalo_alert.zalo.base import TokenPair

LOCK_TIMEOUT_S = 60.0

_SCHEMA = """CREATE TABLE IF NOT EXISTS token (oa_id TEXT PRIMARY KEY, seed TEXT NOT NULL, access TEXT NOT NULL,
refresh TEXT NOT NULL, expires_at_s REAL NOT NULL)"""


class Tokens:
    """See `channels.base.Access`.

    Args:
        path: The token file, shared by the accounts and processes of a workspace.
        account: Whose tokens.
        credentials: Where the chain of tokens starts; a new one in the environment starts a new chain.
        exchange: Trades a refresh token for a new pair.
        clock: Tells when a pair expires.
    """

    def __init__(
        self,
        path: Path,
        account: Account,
        credentials: Credentials,
        exchange: Callable[[Secret], Awaitable[TokenPair]],
        clock: Clock,
    ) -> None:
        self._db = Database(path, schema=_SCHEMA)
        self._lock = FileLock(path.with_suffix(".lock"), mode=0o600, timeout=LOCK_TIMEOUT_S, thread_local=False)
        self._oa_id, self._exchange, self._clock = account.oa_id, exchange, clock
        self._renewing = asyncio.Lock()
        start = credentials.refresh_token or credentials.access_token
        self._seed = hashlib.sha256(start.reveal().encode()).hexdigest()
        self.refusal = ""  # why the last renewal failed, as a sentence
        self.token, self._refresh = self._stored() or (credentials.access_token.reveal(), credentials.refresh_token)

    def _stored(self) -> tuple[str, Secret] | None:
        rows = self._db.rows("SELECT access, refresh FROM token WHERE oa_id = ? AND seed = ?", (self._oa_id, self._seed))
        return (rows[0][0], Secret(rows[0][1])) if rows else None

    async def renew(self, stale: str) -> bool:
        """See `Access`: the first one to ask renews, whoever else asks meanwhile gets its result."""
        async with self._renewing:
            if self.token != stale:
                return True
            if self.refusal:
                return False
            try:
                await self._renew(stale)
            except (CredentialsRefused, RunSuspended) as exc:
                self.refusal = f"{exc}; {exc.hint}"
        return self.token != stale

    async def _renew(self, stale: str) -> None:
        try:
            await asyncio.to_thread(self._lock.acquire)
        except Timeout as exc:
            raise RunSuspended("another process has been renewing the token for a minute", hint="see whether it hangs") from exc
        try:
            if (stored := self._stored()) is not None and stored[0] != stale:
                self.token, self._refresh = stored  # another process was faster
                return
            if not self._refresh:
                raise CredentialsRefused("the access token is refused and there is no refresh token", hint="set one")
            pair = await self._exchange(self._refresh)
            self._keep(pair)
        finally:
            self._lock.release()

    def _keep(self, pair: TokenPair) -> None:
        expires_at_s = self._clock.now().timestamp() + pair.lifetime_s
        row = (self._oa_id, self._seed, pair.access.reveal(), pair.refresh.reveal(), expires_at_s)
        with self._db.transaction():
            self._db.run("INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?)", row)
        self.token, self._refresh = pair.access.reveal(), pair.refresh

    def close(self) -> None:
        """Close the file."""
        self._db.close()
