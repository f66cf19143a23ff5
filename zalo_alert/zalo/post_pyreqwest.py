"""The message post over pyreqwest, for where a proxy stands between.

Owns the line between `NotSent` and `NoAnswer` for this library; knows nothing of Zalo's codes. It does not say which connection
brought an answer, so all that a client keeps open are one `base.Line`: an answer that is another person's condemns what any of
them said lately, a new client takes its place, and from then on no connection is used twice.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.http import HeaderMap, Url
from pyreqwest.request import RequestBuilder
from pyreqwest.response import BaseResponse

from zalo_alert.zalo.base import (
    ANSWER_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    IDLE_S,
    MOST_BYTES,
    REMAIN_HEADER,
    RETRY_HEADER,
    Headers,
    NoAnswer,
    NotSent,
    Reply,
    Unproven,
    reply_of,
)

RELEASE_S = 0.02  # pyreqwest 0.15's thread drops its last Python objects a moment after; an interpreter gone by then aborts
LOOK_EVERY = 4096  # answers of which one is read with care; each such costs a tenth more
BELIEVED_S = 0.5  # by then a connection out of step has shown itself, if it is used at all


class _Pool(Unproven):
    """The connections of one client, as one line; see `base.Line`."""

    def __init__(self, replace: Callable[[], None]) -> None:
        super().__init__()
        self._replace = replace
        self._latest = 0  # how many of those held were there when the timer was set
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, listener: Callable[[bool], None]) -> None:
        """See `Line`."""
        super().tell(listener)
        if self.held and self._timer is None:
            self._wait()

    def prove(self) -> None:
        """See `Line`: what one connection proves of itself proves nothing of the others."""

    def doubt(self) -> None:
        """See `Line`."""
        if not self.is_doubted:
            self._replace()
        super().doubt()

    def end(self) -> None:
        """Believe what nothing spoke against: no more will come."""
        if self._timer:
            self._timer.cancel()
        super().prove()

    def _wait(self) -> None:
        self._latest = len(self.held)
        self._timer = asyncio.get_running_loop().call_later(BELIEVED_S, self._believe)

    def _believe(self) -> None:
        self._timer = None
        proven, self.held = self.held[: self._latest], self.held[self._latest :]
        for listener in proven:
            listener(True)
        if self.held:
            self._wait()


class PyreqwestPost:
    """`Post` over reqwest, the Rust client.

    Args:
        connections: Most connections open at once.
        answer_timeout_s: From the start of the request to the end of the answer.
        direct: Go round any proxy that the environment names.
        on_date: Told now and then what an answer's `Date` header says.
    """

    def __init__(
        self,
        *,
        connections: int,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        direct: bool = False,
        on_date: Callable[[str], None] | None = None,
    ) -> None:
        self._direct, self._timeouts_s = direct, (connect_timeout_s, answer_timeout_s)
        self._pool = _Pool(self._replace)
        self._clients = [self._make_client(connections)]  # the last one is in use
        # Few of each in a run: to parse an address and a token anew for every message would cost more than our ledger does.
        self._urls: dict[str, Url] = {}
        self._headers: dict[Headers, HeaderMap] = {}
        self._on_date = on_date
        self._trusted = 0  # so many answers more are taken to be as sane as the last one that was read with care

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        known_url = self._urls.get(url) or self._urls.setdefault(url, Url(url))
        known_headers = self._headers.get(headers) or self._headers.setdefault(headers, HeaderMap(headers))
        request, pool = self._clients[-1].post(known_url).headers(known_headers).body_bytes(body), self._pool
        try:
            if self._trusted <= 0:
                return await self._read_with_care(request, pool)
            response = await request.build().send()
            content = bytes(await response.bytes())
        except PyreqwestError as exc:
            self._trusted = 0
            error = _translate(exc)
            if _WANTS_PASSWORD in str(error):
                return Reply(407, b"")
            raise error from exc
        self._trusted = self._trusted - 1 if response.status == 200 and len(content) <= MOST_BYTES else 0
        return _reply(response, content, pool)

    def _make_client(self, idle: int) -> Client:
        connect_timeout_s, answer_timeout_s = self._timeouts_s
        builder = ClientBuilder().no_proxy() if self._direct else ClientBuilder()
        return (
            builder.timeout(timedelta(seconds=answer_timeout_s))
            .connect_timeout(timedelta(seconds=connect_timeout_s))
            .pool_idle_timeout(timedelta(seconds=IDLE_S))
            .pool_max_idle_per_host(idle)
            .follow_redirects(False)
            .gzip(False)  # an answer is a hundred bytes; and nothing that comes unpacks itself into gigabytes
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .user_agent("zalo-alert")
            .build()
        )

    def _replace(self) -> None:
        if len(self._clients) == 1:  # the second one keeps no connection, so it can do nothing better than go on
            self._clients.append(self._make_client(0))
        self._pool = _Pool(self._replace)

    async def _read_with_care(self, request: RequestBuilder, pool: _Pool) -> Reply:
        """Read no more than `MOST_BYTES`, and look at the date; a sane answer earns trust for the next ones.

        pyreqwest has no limit of its own, and reading piece by piece costs every message 5 µs: so it is done for the first
        answers, for one in some thousand, and for as long as anything is odd.
        """
        async with request.build_streamed() as response:
            body = bytearray()
            while len(body) <= MOST_BYTES and (piece := await response.body_reader.read(MOST_BYTES)) is not None:
                body += piece
            if self._on_date and (date := _header(response, "date")):
                self._on_date(date)
        self._trusted = LOOK_EVERY if response.status == 200 and len(body) <= MOST_BYTES else 0
        return _reply(response, bytes(body), pool)

    async def close(self) -> None:
        """See `Post`."""
        self._pool.end()
        for client in self._clients:
            await client.close()
        await asyncio.sleep(RELEASE_S)


# hyper's word for a 407 to the tunnel: the proxy's own, and nothing went through.
_WANTS_PASSWORD = "proxy authorization required"


def _reply(response: BaseResponse, body: bytes, pool: _Pool) -> Reply:
    remain, retry_after = _header(response, REMAIN_HEADER), _header(response, RETRY_HEADER)
    return reply_of(response.status, body, pool, remain=remain, retry_after=retry_after)


def _header(response: BaseResponse, name: str) -> str | None:
    try:
        return response.get_header(name)
    except ValueError:  # raised for bytes that are not text
        return None


def _translate(exc: PyreqwestError) -> NotSent | NoAnswer:
    # ConnectError alone proves nothing: pyreqwest 0.15 raises it too when the server read the request and closed. Only
    # reqwest's own word `client error (Connect)` in the chain of causes says that the connection never came to be.
    details: dict[str, Any] = getattr(exc, "details", None) or {}
    causes = [str(cause.get("message", "")) for cause in details.get("causes") or ()]
    text = ": ".join(causes[1:]) or str(exc)
    return NotSent(text) if "client error (Connect)" in causes else NoAnswer(text)
