"""Channels round channels: each adds one concern."""

from collections.abc import Sequence

from zalo_alert.channels.base import Access, Channel, Enclosure
from zalo_alert.models import Deferred, Outcome, Reason, Recipient

FORGOTTEN = -100  # "attachment_id was expired", on openapi; the business host's own -100 means something else


class Authorised:
    """Renews a refused access token, once for everyone who waits for it, and sends the same message once more.

    Safe, because a call with a refused token was not executed.

    Args:
        inner: The channel that uses the tokens.
        access: By number of account.
    """

    def __init__(self, inner: Channel, access: Sequence[Access]) -> None:
        self._inner = inner
        self._access = access

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        access = self._access[recipient.account]
        used = access.token
        outcome = await self._inner.send(recipient)
        if type(outcome) is Deferred and outcome.reason is Reason.TOKEN and await access.renew(used):
            return await self._inner.send(recipient)
        return outcome


class Enclosing:
    """Uploads a file again when Zalo has forgotten it, and sends the same message once more; it was not executed before.

    Args:
        inner: The channel whose messages name the file.
        enclosure: The file.
    """

    def __init__(self, inner: Channel, enclosure: Enclosure) -> None:
        self._inner, self._enclosure = inner, enclosure

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        edition = self._enclosure.edition
        outcome = await self._inner.send(recipient)
        if type(outcome) is Deferred and outcome.code == FORGOTTEN and await self._enclosure.renew(recipient.account, edition):
            return await self._inner.send(recipient)
        return outcome
