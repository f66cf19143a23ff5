"""The live channel: one route of a campaign on Zalo's wire.

Owns how a body is put together: the person's address beside the message, which `content` makes. What an answer means is
`zalo.codes`' business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import orjson

from zalo_alert.foundation.secret import Secret
from zalo_alert.models import SAME_AS, Deferred, Outcome, Reason, Recipient, Rejected, Route, RouteType, Unknown
from zalo_alert.zalo.base import Access, Headers, Host, NoAnswer, NotSent, Post
from zalo_alert.zalo.codes import classify
from zalo_alert.zalo.message_parts import call_headers

SHOWN_EVERY = 512  # one answer in so many is looked at for what is left of a quota

_HOLE = "\0"  # stands in a body that is the same for everyone of a place for what is a person's own; no message holds a NUL


class Content(Protocol):
    """What one route says to one person: the text, or the template's data."""

    @property
    def personal(self) -> bool:
        """Whether it differs between two people of one place and one OA."""

    @property
    def edition(self) -> int:
        """Changes whenever the same place would read something else than before."""

    def __call__(self, recipient: Recipient) -> dict[str, Any]:
        """Return the part of the body that is the message."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes the body of one route's requests; rendered once per place and OA unless the message is personal.

    Args:
        route: Which call it is for.
        content: What it says.
        run_mark: Short and unique to the run; with the person's number it is the `tracking_id` of by-phone messages.
    """

    route: Route
    content: Content
    run_mark: str

    def compile(self) -> Callable[[Recipient], bytes | Rejected]:
        """Return the function that makes a body, or refuses a person without an address for this route.

        A closure, because it runs once a message: 0.30 µs where an object with `__call__` took 0.37 µs.
        """
        cache: dict[tuple[int, int, int], list[bytes]] = {}
        content, personal = self.content, self.content.personal
        by_phone, hashed = self.route.type is RouteType.PHONE, self.route.is_hashed

        def compose(recipient: Recipient) -> bytes | Rejected:
            address = recipient.phone if by_phone else recipient.user_id
            if not address:
                return Rejected(Reason.NO_ADDRESS)
            if by_phone and address[0] == SAME_AS:
                return Rejected(Reason.SAME_PHONE)
            key = (recipient.place, recipient.account, content.edition)
            pieces = cache.get(key)
            if pieces is None:
                pieces = orjson.dumps(self._address_body(content(recipient))).split(orjson.dumps(_HOLE)[1:-1])
                if not personal:
                    cache[key] = pieces
            if by_phone:
                shown = sha256(address.encode()).hexdigest() if hashed else address
                return b"%b%b%b%d%b" % (pieces[0], shown.encode(), pieces[1], recipient.number, pieces[2])
            return b"%b%b%b" % (pieces[0], address.encode(), pieces[1])

        return compose

    def _address_body(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the whole body: a message, and beside it `_HOLE` in the field of this route that takes the address.

        By phone a second one follows, in the `tracking_id`, for the person's number.
        """
        match self.route.type:
            case RouteType.TEMPLATE:
                return {"user_id": _HOLE, **message}
            case RouteType.PHONE:
                field = "hash_phone" if self.route.is_hashed else "phone"
                body = {field: _HOLE, **message, "tracking_id": f"{self.run_mark}-{_HOLE}"}
                return {**body, "mode": "development"} if self.route.is_development else body
            case _:
                return {"recipient": {"user_id": _HOLE}, "message": message}


class ZaloChannel:
    """See `Channel`: composes, posts, classifies.

    Args:
        url: The whole address of the call.
        host: Whose code table its answers use.
        compose: Makes a person's body; see `Composer.compile`.
        post: Makes the call.
        access: By number of account.
        on_exhausted: Called with the account for which an answer says that the app's minute has nothing left.
        app_secrets: By number of account: what a call proves itself with; empty where the app asks for no proof.
        on_answer: Called with an account and one of its answers, one in `SHOWN_EVERY`.
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
        app_secrets: Sequence[Secret] = (),
        on_answer: Callable[[int, bytes], None] | None = None,
    ) -> None:
        self._url = url
        self._host = host
        self._names_person = host is Host.OPENAPI  # an answer to a message by phone names nobody
        self._compose = compose
        self._post = post
        self._access = access
        self._headers: dict[str, Headers] = {}
        self._on_exhausted = on_exhausted
        self._app_secrets = app_secrets
        self._on_answer = on_answer
        self._until_shown = 0

    async def send(self, recipient: Recipient) -> Outcome:
        """See `Channel`."""
        body = self._compose(recipient)
        if isinstance(body, Rejected):
            return body
        try:
            reply = await self._post(self._url, self._headers_for(recipient.account), body)
        except NotSent:
            return Deferred(Reason.NOT_SENT)
        except NoAnswer:
            return Unknown(Reason.NO_ANSWER)
        if reply.remain == 0:
            self._on_exhausted(recipient.account)
        self._until_shown -= 1
        if self._until_shown < 0 and self._on_answer:
            self._until_shown = SHOWN_EVERY
            self._on_answer(recipient.account, reply.body)
        return classify(self._host, reply, recipient.user_id if self._names_person else "")

    def _headers_for(self, account: int) -> Headers:
        token = self._access[account].token
        headers = self._headers.get(token)
        if headers is None:
            secret = self._app_secrets[account] if self._app_secrets else Secret("")
            headers = self._headers[token] = call_headers(token, secret)
        return headers
