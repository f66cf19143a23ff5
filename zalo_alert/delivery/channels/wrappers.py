"""Channels around channels: each mends one kind of refusal, and passes everything else on.

Owns when a refused message may be sent once more at once. Knows neither the wire nor how a body is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from zalo_alert.delivery.channels.base import Attachment, Channel
from zalo_alert.models import Deferred, Outcome, Reason, Recipient, Rejected, Unknown
from zalo_alert.zalo.base import Access
from zalo_alert.zalo.evidence import is_certain

ATTACHMENT_EXPIRED = -100  # "attachment_id was expired", on openapi; the business host's own -100 means something else

# What Zalo says of a parameter that is empty, on either host; what speaks of the template itself is not among them.
ABOUT_A_VALUE = frozenset({-111, -112, -1121, -1122, -1124, -132, -201, -210})


class RenewToken:
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
        token = access.token
        outcome = await self._inner.send(recipient)
        if type(outcome) is not Deferred or outcome.reason is not Reason.TOKEN:
            return outcome
        if not await is_certain(outcome):
            return Unknown(Reason.OUT_OF_STEP, outcome.code)
        return await self._inner.send(recipient) if await access.renew(token) else replace(outcome, awaits=None)


class ReuploadExpired:
    """Uploads a file again once its id has expired at Zalo, and sends the same message once more; it was not executed before.

    Args:
        inner: The channel whose messages name the file.
        attachment: The file.
    """

    def __init__(self, inner: Channel, attachment: Attachment) -> None:
        self._inner, self._attachment = inner, attachment

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        edition = self._attachment.edition
        outcome = await self._inner.send(recipient)
        if type(outcome) is not Deferred or outcome.code != ATTACHMENT_EXPIRED:
            return outcome
        if not await is_certain(outcome):
            return Unknown(Reason.OUT_OF_STEP, outcome.code)
        is_renewed = await self._attachment.renew(recipient.account, edition)
        return await self._inner.send(recipient) if is_renewed else replace(outcome, awaits=None)


class RejectMissingValue:
    """Rejects one person alone when Zalo complains about a value that this person does not have: the others' messages are sound.

    So a few people without a name halt no run, and none of them is tried again for ever: the next route may reach them.

    Args:
        inner: The channel of a route whose parameters may be empty.
        misses_value: Whether one is, for a person; only asked when Zalo complains.
    """

    def __init__(self, inner: Channel, misses_value: Callable[[Recipient], bool]) -> None:
        self._inner, self._misses_value = inner, misses_value

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        outcome = await self._inner.send(recipient)
        if type(outcome) is Deferred and outcome.reason is Reason.BAD_MESSAGE and outcome.code in ABOUT_A_VALUE:
            return Rejected(Reason.NO_VALUE, outcome.code, outcome.awaits) if self._misses_value(recipient) else outcome
        return outcome
