"""Channels round channels: each adds one concern."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from zalo_alert.delivery.channels.base import Channel, Enclosure
from zalo_alert.models import Deferred, Outcome, Reason, Recipient, Rejected, Unknown
from zalo_alert.zalo.base import Access

FORGOTTEN = -100  # "attachment_id was expired", on openapi; the business host's own -100 means something else

# What Zalo says of a parameter that is empty, on either host; what speaks of the template itself is not among them.
ABOUT_A_VALUE = frozenset({-111, -112, -1121, -1122, -1124, -132, -201, -210})


async def _is_certain(outcome: Deferred) -> bool:
    """Wait until it is known whether a refusal was this person's: of somebody else's, theirs may have been executed."""
    if outcome.awaits is None:
        return True
    found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    outcome.awaits.tell(lambda believed: None if found.done() else found.set_result(believed))
    return await found


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
        if type(outcome) is not Deferred or outcome.reason is not Reason.TOKEN:
            return outcome
        if not await _is_certain(outcome):
            return Unknown(Reason.OUT_OF_STEP, outcome.code)
        return await self._inner.send(recipient) if await access.renew(used) else replace(outcome, awaits=None)


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
        if type(outcome) is not Deferred or outcome.code != FORGOTTEN:
            return outcome
        if not await _is_certain(outcome):
            return Unknown(Reason.OUT_OF_STEP, outcome.code)
        again = await self._enclosure.renew(recipient.account, edition)
        return await self._inner.send(recipient) if again else replace(outcome, awaits=None)


class Lacking:
    """Takes a complaint about a value for one person's own, when that person has none: the others' messages are sound.

    So a few people without a name halt no run, and none of them is asked again for ever: the next route may do.

    Args:
        inner: The channel of a route whose parameters may be empty.
        lacks: Whether one is, for a person; only asked when Zalo complains.
    """

    def __init__(self, inner: Channel, lacks: Callable[[Recipient], bool]) -> None:
        self._inner, self._lacks = inner, lacks

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        outcome = await self._inner.send(recipient)
        if type(outcome) is Deferred and outcome.reason is Reason.BAD_MESSAGE and outcome.code in ABOUT_A_VALUE:
            return Rejected(Reason.NO_VALUE, outcome.code, outcome.awaits) if self._lacks(recipient) else outcome
        return outcome
