"""The live channel: one route of a campaign on Zalo's wire.

Owns how a body is put together; what an answer means is `zalo.codes`' business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from zalo_alert.channels.base import Access
from zalo_alert.models import Deferred, Outcome, Reason, Recipient, Rejected, RouteType, Unknown
from zalo_alert.zalo.base import Headers, Host, NoAnswer, NotSent, Post
from zalo_alert.zalo.codes import classify

ENDPOINTS: dict[RouteType, tuple[Host, str]] = {
    RouteType.TEMPLATE: (Host.OPENAPI, "/v3.0/oa/message/template"),
    RouteType.PHONE: (Host.BUSINESS, "/message/template"),
    RouteType.CS: (Host.OPENAPI, "/v3.0/oa/message/cs"),
    RouteType.TRANSACTION: (Host.OPENAPI, "/v3.0/oa/message/transaction"),
    RouteType.PROMOTION: (Host.OPENAPI, "/v3.0/oa/message/promotion"),
}

_HOLE = "\0"  # marks where an address goes into a body that is the same for everyone of a place; no message holds a NUL


class Content(Protocol):
    """What one route says to one person: the text, or the template's data."""

    @property
    def personal(self) -> bool:
        """Whether it differs between two people of one place."""

    def __call__(self, place: int, name: str) -> dict[str, Any]:
        """Return the part of the body that is the message, for a place of the run and a person's name."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes the body of one route's requests; rendered once per place unless the message is personal.

    Args:
        route: Which call it is for.
        content: What it says.
        run_mark: Short and unique to the run; with the person's number it is the `tracking_id` of by-phone messages.
    """

    route: RouteType
    content: Content
    run_mark: str

    def compiled(self) -> Callable[[Recipient], bytes | Rejected]:
        """Return the function that makes a body, or refuses a person without an address for this route."""
        cache: dict[int, list[bytes]] = {}
        by_phone, personal = self.route is RouteType.PHONE, self.content.personal

        def compose(recipient: Recipient) -> bytes | Rejected:
            address = recipient.phone if by_phone else recipient.user_id
            if not address:
                return Rejected(Reason.NO_ADDRESS)
            pieces = cache.get(recipient.place)
            if pieces is None:
                pieces = self._pieces(recipient)
                if not personal:
                    cache[recipient.place] = pieces
            if by_phone:
                return b"%b%b%b%d%b" % (pieces[0], address.encode(), pieces[1], recipient.number, pieces[2])
            return b"%b%b%b" % (pieces[0], address.encode(), pieces[1])

        return compose

    def _pieces(self, recipient: Recipient) -> list[bytes]:
        body: dict[str, Any]
        said = self.content(recipient.place, recipient.name)
        match self.route:
            case RouteType.TEMPLATE:
                body = {"user_id": _HOLE, **said}
            case RouteType.PHONE:
                body = {"phone": _HOLE, **said, "tracking_id": f"{self.run_mark}-{_HOLE}"}
            case _:
                body = {"recipient": {"user_id": _HOLE}, "message": said}
        return orjson.dumps(body).split(orjson.dumps(_HOLE)[1:-1])


class ZaloChannel:
    """See `Channel`: composes, posts, classifies.

    Args:
        url: The whole address of the call.
        host: Whose code table its answers use.
        compose: See `Composer.compiled`.
        post: The network.
        access: By number of account.
        on_exhausted: Told the account for which an answer says that the app's minute has nothing left.
    """

    def __init__(
        self,
        url: str,
        host: Host,
        *,
        compose: Callable[[Recipient], bytes | Rejected],
        post: Post,
        access: Sequence[Access],
        on_exhausted: Callable[[int], None],
    ) -> None:
        self._url = url
        self._host = host
        self._compose = compose
        self._post = post
        self._access = access
        self._headers: dict[str, Headers] = {}
        self._on_exhausted = on_exhausted

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        body = self._compose(recipient)
        if isinstance(body, Rejected):
            return body
        try:
            reply = await self._post(self._url, self._with(self._access[recipient.account].token), body)
        except NotSent:
            return Deferred(Reason.NOT_SENT)
        except NoAnswer:
            return Unknown(Reason.NO_ANSWER)
        if reply.remain == 0:
            self._on_exhausted(recipient.account)
        return classify(self._host, reply)

    def _with(self, token: str) -> Headers:
        headers = self._headers.get(token)
        if headers is None:
            headers = self._headers[token] = (("access_token", token), ("content-type", "application/json"))
        return headers
