"""The file of a route: uploaded for each OA before its first message, and again when Zalo no longer knows it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from zalo_alert.errors import ZaloAlertError

Upload = Callable[[int], Awaitable[str]]


class Attachments:
    """See `channels.base.Attachment`.

    Args:
        upload: Uploads the file for an account, by its number, and returns Zalo's id of it.
        accounts: How many there are.
    """

    def __init__(self, upload: Upload, accounts: int) -> None:
        self._upload = upload
        self._ids = [""] * accounts
        self._editions = [0] * accounts
        self._uploading = asyncio.Lock()
        self.refusal = ""  # why the last upload failed

    @property
    def edition(self) -> int:
        """See `Attachment`."""
        return sum(self._editions)

    def id_of(self, account: int) -> str:
        """See `Attachment`."""
        return self._ids[account]

    async def prepare(self, accounts: Sequence[int]) -> None:
        """Upload for some accounts; raises what `upload` raises."""
        for account in accounts:
            self._ids[account] = await self._upload(account)

    async def renew(self, account: int, stale: int) -> bool:
        """See `Attachment`: the first one to ask uploads, whoever else asks meanwhile gets its result."""
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
