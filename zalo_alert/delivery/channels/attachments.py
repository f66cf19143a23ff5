"""The files that messages carry: kept with the run, uploaded for each OA before its first message, again when Zalo forgets."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from zalo_alert.errors import ZaloAlertError

Upload = Callable[[int], Awaitable[str]]


class Enclosures:
    """See `channels.base.Enclosure`.

    Args:
        upload: Uploads the file for an account, by its number, and returns Zalo's id of it.
        accounts: How many there are.
    """

    def __init__(self, upload: Upload, accounts: int) -> None:
        self._upload = upload
        self._ids = [""] * accounts
        self._editions = [0] * accounts
        self._uploading = asyncio.Lock()
        self.refusal = ""

    @property
    def edition(self) -> int:
        """See `Enclosure`."""
        return sum(self._editions)

    def id_of(self, account: int) -> str:
        """See `Enclosure`."""
        return self._ids[account]

    async def prepare(self, accounts: Sequence[int]) -> None:
        """Upload for some accounts; raises what `upload` raises."""
        for account in accounts:
            self._ids[account] = await self._upload(account)

    async def renew(self, account: int, stale: int) -> bool:
        """See `Enclosure`: the first one to ask uploads, whoever else asks meanwhile gets its result."""
        async with self._uploading:
            if self.edition != stale:
                return True
            try:
                self._ids[account] = await self._upload(account)
            except ZaloAlertError as exc:
                self.refusal = str(exc)
                return False
            self._editions[account] += 1
            return True
