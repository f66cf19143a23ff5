"""Posts the answers of one OA through one app: its token, renewed when it is refused, and what Zalo's answer means."""

from collections.abc import Callable
from typing import Protocol

from zalo_alert.foundation.secret import Secret
from zalo_alert.models import Deferred, Outcome, Reason, Unknown
from zalo_alert.outbox.letter import body_of, path_of
from zalo_alert.outbox.store import Claimed
from zalo_alert.zalo.base import Access, Headers, Host, NoAnswer, NotSent, Post, Reply
from zalo_alert.zalo.codes import classify
from zalo_alert.zalo.evidence import is_certain
from zalo_alert.zalo.message_parts import call_headers


class Sender(Protocol):
    """Posts answers."""

    async def send(self, row: Claimed) -> Outcome:
        """Post one, and return what came of it: a certain outcome, which no later answer takes back."""


class ZaloSender:
    """See `Sender`.

    Args:
        host: Where Zalo's OA API is, without a path.
        access: The OA's token.
        post: Makes the call.
        app_secret: What calls prove themselves with; empty where the app asks for no proof.
        on_reply: Told each whole answer.
    """

    def __init__(
        self, host: str, access: Access, post: Post, app_secret: Secret, on_reply: Callable[[Reply], None] = lambda reply: None
    ) -> None:
        self._host, self._access, self._post, self._app_secret, self._on_reply = host, access, post, app_secret, on_reply
        self._token = ""
        self._headers: Headers = ()

    async def send(self, row: Claimed) -> Outcome:
        """See `Sender`: a call with a refused token was not executed, so it is made once more with a new one."""
        token = self._access.token
        outcome = await self._ask(row, token)
        if type(outcome) is not Deferred or outcome.reason is not Reason.TOKEN:
            return outcome
        return await self._ask(row, self._access.token) if await self._access.renew(token) else outcome

    async def _ask(self, row: Claimed, token: str) -> Outcome:
        try:
            reply = await self._post(self._host + path_of(row), self._headers_for(token), body_of(row))
        except NotSent:
            return Deferred(Reason.NOT_SENT)
        except NoAnswer:
            return Unknown(Reason.NO_ANSWER)
        self._on_reply(reply)
        outcome = classify(Host.OPENAPI, reply, "" if row.conversation else row.user_id)
        return outcome if await is_certain(outcome) else Unknown(Reason.OUT_OF_STEP)

    def _headers_for(self, token: str) -> Headers:
        if token != self._token:
            self._token, self._headers = token, call_headers(token, self._app_secret)
        return self._headers
