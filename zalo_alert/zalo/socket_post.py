"""The message post over asyncio's own sockets, with llhttp to read answers: a third of the CPU of any client that was measured.

A connection carries one request at a time. What was written when is known here, not guessed from another library's errors:
`NotSent` until the first byte of a request is handed over, `NoAnswer` from then on.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from ssl import SSLContext
from typing import cast
from urllib.parse import urlsplit

import httptools
import httpx

from zalo_alert.zalo.base import (
    ANSWER_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    HEEDED,
    IDLE_S,
    MOST_BYTES,
    REMAIN_HEADER,
    Headers,
    NoAnswer,
    NotSent,
    Reply,
    asked_s,
    count,
)

SWEEP_S = 1.0  # how often overdue answers and idle connections are looked for
ADDRESSES_S = 30.0  # how long a name's addresses are believed
LOOK_EVERY_S = 1.0  # how often an answer's date is passed on
_REMAIN = REMAIN_HEADER.encode()


class SocketPost:
    """`Post` over plain sockets and TLS, HTTP/1.1, no proxy.

    Args:
        connections: Most connections kept open while idle; as many calls as are made at once open more.
        connect_timeout_s: For name, connection and TLS together.
        answer_timeout_s: From the start of the request to the end of the answer; kept to about a second.
        on_date: Told now and then what an answer's `Date` header says.
    """

    def __init__(
        self,
        *,
        connections: int,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        on_date: Callable[[str], None] | None = None,
    ) -> None:
        self._most_idle = connections
        self._connect_timeout_s, self._answer_timeout_s = connect_timeout_s, answer_timeout_s
        self._on_date = on_date
        self._targets: dict[tuple[str, Headers], tuple[_Site, bytes]] = {}  # few in a run
        self._sites: dict[tuple[str, str, int], _Site] = {}
        self._open: set[_Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._looked_s = 0.0
        self._tls: SSLContext | None = None

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        site, head = self._targets.get((url, headers)) or self._target(url, headers)
        connection = site.idle() or await self._connected(site)
        try:
            return await connection.exchange(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        except BaseException:  # a call that is given up too: its answer may still come, and is nobody else's
            connection.drop()
            raise

    async def close(self) -> None:
        """See `Post`."""
        if self._sweeping:
            self._sweeping.cancel()
        for connection in list(self._open):
            connection.drop()
        await asyncio.gather(*(connection.gone for connection in self._open))

    def _target(self, url: str, headers: Headers) -> tuple["_Site", bytes]:
        parts = urlsplit(url)
        tls = self._trusted() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = (("host", parts.netloc.rpartition("@")[2]), ("user-agent", "zalo-alert"), *headers)
        if any(char in text for pair in lines for text in pair for char in "\r\n\0"):
            raise NotSent("a header holds a line break")
        head = "\r\n".join((f"POST {path} HTTP/1.1", *(f"{key}: {value}" for key, value in lines), "content-length: "))
        site = _Site(parts.hostname or "", parts.port or (443 if tls else 80), tls)
        site = self._sites.setdefault((parts.scheme, site.name, site.port), site)
        return self._targets.setdefault((url, headers), (site, head.encode("latin-1")))

    def _trusted(self) -> SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()  # the certificates that control calls trust
        return self._tls

    async def _connected(self, site: "_Site") -> "_Connection":
        loop = asyncio.get_running_loop()
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._sweep_s, self._sweep)
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                return await site.connect(lambda: _Connection(self, site), self._connect_timeout_s)
        except (OSError, UnicodeError) as exc:  # TLS' errors are OSErrors too, and so is a time-out
            raise NotSent(str(exc) or type(exc).__name__) from exc

    @property
    def _sweep_s(self) -> float:
        return min(SWEEP_S, self._answer_timeout_s / 4)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for connection in list(self._open):
            connection.look(now_s, self._answer_timeout_s)
        self._sweeping = loop.call_later(self._sweep_s, self._sweep)

    def opened(self, connection: "_Connection") -> None:
        """Keep an eye on a connection."""
        self._open.add(connection)

    def lost(self, connection: "_Connection") -> None:
        """Forget a connection that is gone."""
        self._open.discard(connection)

    def has_room(self, site: "_Site") -> bool:
        """Whether one more connection may idle."""
        return len(site.waiting) < self._most_idle

    def dated(self, text: bytes, now_s: float) -> None:
        """Pass a date on, now and then."""
        if self._on_date and now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._on_date(text.decode("latin-1"))


class _Site:
    """Where requests go: its idle connections, and its addresses."""

    def __init__(self, name: str, port: int, tls: SSLContext | None) -> None:
        self.name, self.port, self._tls = name, port, tls
        self.waiting: deque[_Connection] = deque()
        self._addresses: list[str] = []
        self._believed_until_s = 0.0

    def idle(self) -> "_Connection | None":
        """Take the connection used last, if one is open: those not needed grow old and are closed."""
        while self.waiting:
            connection = self.waiting.pop()
            if connection.is_fresh():
                return connection
        return None

    async def connect(self, make: "Callable[[], _Connection]", patience_s: float) -> "_Connection":
        """Open a connection to the first address that answers; it goes first the next time."""
        loop = asyncio.get_running_loop()
        if not self._addresses or loop.time() >= self._believed_until_s:
            found = await loop.getaddrinfo(self.name, self.port, type=1)
            self._addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
            self._believed_until_s = loop.time() + ADDRESSES_S
        failure: OSError = OSError(f"{self.name} has no address")
        for address in self._addresses[:]:
            try:
                async with asyncio.timeout(patience_s / len(self._addresses)):
                    _, connection = await loop.create_connection(
                        make, address, self.port, ssl=self._tls, server_hostname=self.name if self._tls else None
                    )
            except OSError as exc:
                failure = exc
                continue
            self._addresses.sort(key=lambda other: other != address)
            return connection
        self._addresses = []
        raise failure


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, and the next."""

    def __init__(self, post: SocketPost, site: _Site) -> None:
        self._post, self._site = post, site
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Reply] | None = None
        self._since_s = 0.0  # when the request was written, or the answer complete
        self._received = 0
        self._body = b""
        self._remain: int | None = None
        self._retry_after: bytes | None = None
        self._is_framed = self._ends_with_the_connection = self._is_dropped = False

    async def exchange(self, request: bytes) -> Reply:
        """Send a request, and wait for its answer."""
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = answer
        self._since_s, self._received = self._loop.time(), 0
        self._transport.write(request)
        return await answer

    def is_fresh(self) -> bool:
        """Whether it may take another request: open, and not so long idle that the server may be closing it."""
        if not self._is_dropped and self._loop.time() - self._since_s < IDLE_S:
            return True
        self.drop()
        return False

    def look(self, now_s: float, patience_s: float) -> None:
        """Give up an answer that is overdue, and close what nobody has needed for a while."""
        if self._answer and now_s - self._since_s >= patience_s:
            self._fail(f"no answer within {patience_s:g} s")
        elif not self._answer and now_s - self._since_s >= IDLE_S:
            self.drop()

    def drop(self) -> None:
        """Close it at once; safe to call twice."""
        self._is_dropped = True
        self._transport.abort()

    def _fail(self, why: str) -> None:
        answer, self._answer = self._answer, None
        if answer and not answer.done():
            answer.set_exception(NoAnswer(why))
        self.drop()

    def _finish(self, *, keep: bool) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():  # nobody waits for it: given up
            self.drop()
            return
        reply = Reply(self._parser.get_status_code(), self._body[:MOST_BYTES], self._remain)
        if self._retry_after is not None:
            reply = self._with_wait(reply, self._retry_after)
        answer.set_result(reply)
        self._since_s = self._loop.time()
        if keep and self._post.has_room(self._site):
            self._site.waiting.append(self)
        else:
            self.drop()

    def _with_wait(self, reply: Reply, retry_after: bytes) -> Reply:
        self._retry_after = None
        if reply.status not in HEEDED:
            return reply
        return reply._replace(retry_after_s=asked_s(retry_after.decode("latin-1"), time.time()))

    # --- asyncio calls these -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is none of asyncio's
        self._since_s = self._loop.time()
        self._post.opened(self)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._fail(f"the answer is no HTTP: {exc}")
        if self._answer and self._received > 2 * MOST_BYTES:  # headers without end
            self._fail("the answer is too long")

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_dropped = True
        self._post.lost(self)
        self.gone.set_result(None)
        if self._answer and self._ends_with_the_connection and exc is None:
            self._finish(keep=False)
        self._fail(str(exc) if exc else "the server closed the connection")

    # --- the parser calls these --------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._body, self._remain = b"", None
        self._is_framed = self._ends_with_the_connection = False
        if self._answer is None:  # an answer that nobody asked for must not become the next person's
            self.drop()

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"content-length" | b"transfer-encoding":
                self._is_framed = True
            case b"date":
                self._post.dated(value, self._since_s)
            case key if key == _REMAIN:
                self._remain = count(value.decode("latin-1"))
            case b"retry-after":
                self._retry_after = value

    def on_headers_complete(self) -> None:
        self._ends_with_the_connection = not self._is_framed

    def on_body(self, body: bytes) -> None:
        self._body = self._body + body if self._body else body
        if len(self._body) > MOST_BYTES:
            self._finish(keep=False)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:  # 100 and its like only announce the answer
            self._finish(keep=self._parser.should_keep_alive())
