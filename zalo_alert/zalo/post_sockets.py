"""The message post over asyncio's own sockets, with llhttp to read answers: a third of the CPU of any client that was measured.

A connection carries one request at a time. What was written when is known here, not guessed from another library's errors:
`NotSent` until the first byte of a request is written, `NoAnswer` from then on. Bytes that answer no request show that a
connection is out of step: it ends, and takes what it has not proved with it (see `base.Line`).
"""

import asyncio
import select
import socket
from collections import deque
from collections.abc import Callable
from ssl import SSLContext
from time import monotonic
from typing import cast
from urllib.parse import urlsplit

import httptools
import httpx

from zalo_alert.language import _
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

SWEEP_S = 1.0  # how often overdue answers and idle connections are looked for
ADDRESSES_S = 30.0  # how long a name's addresses are believed
LOOK_EVERY_S = 1.0  # how often an answer's date is passed on
IDLE_UNSEEN_S = 0.005  # idle for less, the loop itself has just read it; at full speed that spares nine looks in ten
LISTEN_S = 0.05  # how often connections with unproven answers are looked at
QUIET_S, MOST_QUIET_S = 0.1, 2.0  # silent for so long, and twice its slowest answer, a connection owes none
MOST_HELD = 64  # unproven answers in a row; then a connection rests until its silence has proved them
HELD_S = 0.5  # or once the first of them is so old, and eight times the slowest answer
_HTTP = b"HTTP/1."  # llhttp takes ICE/1.0, RTSP/1.0 and HTTP/2.0 too
_REMAIN, _RETRY = REMAIN_HEADER.encode(), RETRY_HEADER.encode()


class SocketPost:
    """`Post` over plain sockets and TLS, HTTP/1.1, no proxy.

    Args:
        connections: Most connections kept open while idle; as many calls as are made at once open more.
        connect_timeout_s: For name, connection and TLS together.
        answer_timeout_s: From the start of the request to the end of the answer; kept to about a second.
        on_date: Told now and then what an answer's `Date` header says.
        idle_s: A connection that has been idle for so long is not used again: the server may be closing it.
    """

    def __init__(
        self,
        *,
        connections: int,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        on_date: Callable[[str], None] | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        self._most_idle = connections
        self.idle_s = idle_s
        self._connect_timeout_s, self._answer_timeout_s = connect_timeout_s, answer_timeout_s
        self._on_date = on_date
        self._targets: dict[tuple[str, Headers], tuple[_Site, bytes]] = {}  # few in a run
        self._sites: dict[tuple[str, str, int], _Site] = {}
        self._open: set[_Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._heard: set[_Connection] = set()  # have said what is not proved yet
        self._listening: asyncio.TimerHandle | None = None
        self._looked_s = 0.0
        self._tls: SSLContext | None = None

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """See `Post`."""
        site, head = self._targets.get((url, headers)) or self._target(url, headers)
        connection = site.idle() or await self._connect(site)
        try:
            return await connection.exchange(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        except BaseException:  # a call that is given up too: its answer may still come, and is nobody else's
            connection.drop()
            raise

    async def close(self) -> None:
        """See `Post`."""
        for timer in filter(None, (self._sweeping, self._listening)):
            timer.cancel()
        for connection in list(self._open):
            connection.drop()
        await asyncio.gather(*(connection.gone for connection in self._open))

    def _target(self, url: str, headers: Headers) -> tuple["_Site", bytes]:
        parts = urlsplit(url)
        tls = self._load_certificates() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = (("host", parts.netloc.rpartition("@")[2]), ("user-agent", "zalo-alert"), *headers)
        if any(char in text for pair in lines for text in pair for char in "\r\n\0"):
            raise NotSent(_("a header holds a line break"))
        head = "\r\n".join((f"POST {path} HTTP/1.1", *(f"{key}: {value}" for key, value in lines), "content-length: "))
        site = _Site(parts.hostname or "", parts.port or (443 if tls else 80), tls)
        site = self._sites.setdefault((parts.scheme, site.name, site.port), site)
        return self._targets.setdefault((url, headers), (site, head.encode("latin-1")))

    def _load_certificates(self) -> SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()  # the certificates that control calls trust
        return self._tls

    async def _connect(self, site: "_Site") -> "_Connection":
        loop = asyncio.get_running_loop()
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._sweep_s, self._sweep)
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                connection = await site.connect(lambda: _Connection(self, site), self._connect_timeout_s)
        except (OSError, UnicodeError) as exc:  # TLS' errors are OSErrors too, and so is a time-out
            raise NotSent(str(exc) or type(exc).__name__) from exc
        if connection.has_spoken():
            connection.drop()
            raise NotSent(_("the server answered before it was asked"))
        return connection

    @property
    def _sweep_s(self) -> float:
        return min(SWEEP_S, self._answer_timeout_s / 4)

    def _sweep(self) -> None:
        now_s = monotonic()
        for connection in list(self._open):
            connection.look(now_s, self._answer_timeout_s)
        self._sweeping = asyncio.get_running_loop().call_later(self._sweep_s, self._sweep)

    def listen(self, connection: "_Connection") -> None:
        """Believe what a connection has said once it is silent for long enough."""
        self._heard.add(connection)
        if self._listening is None:
            self._listening = asyncio.get_running_loop().call_later(LISTEN_S, self._listen)

    def _listen(self) -> None:
        now_s = monotonic()
        self._heard = {connection for connection in self._heard if not connection.is_settled(now_s)}
        again = asyncio.get_running_loop().call_later
        self._listening = again(LISTEN_S, self._listen) if self._heard else None

    def add(self, connection: "_Connection") -> None:
        """Keep an eye on a connection."""
        self._open.add(connection)

    def remove(self, connection: "_Connection") -> None:
        """Forget a connection that is gone."""
        self._open.discard(connection)

    def has_room(self, site: "_Site") -> bool:
        """Whether one more connection may idle."""
        return len(site.waiting) < self._most_idle

    def pass_date_on(self, text: bytes, now_s: float) -> None:
        """Pass a date on, now and then."""
        if self._on_date and now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._on_date(text.decode("latin-1"))


class _Site:
    """Where requests go: its idle connections, and its addresses."""

    def __init__(self, name: str, port: int, tls: SSLContext | None) -> None:
        self.name, self.port, self.tls = name, port, tls
        self.waiting: deque[_Connection] = deque()
        self._addresses: list[str] = []
        self._believed_until_s = 0.0

    def idle(self) -> "_Connection | None":
        """Take the connection used last, if one is open: those not needed grow old and are closed."""
        while self.waiting:
            connection = self.waiting.pop()
            if connection.is_ready():
                return connection
        return None

    async def connect(self, make: "Callable[[], _Connection]", patience_s: float) -> "_Connection":
        """Open a connection to the first address that answers; it goes first the next time."""
        loop = asyncio.get_running_loop()
        if not self._addresses or loop.time() >= self._believed_until_s:
            addresses = await loop.getaddrinfo(self.name, self.port, type=socket.SOCK_STREAM)
            self._addresses = list(dict.fromkeys(str(info[4][0]) for info in addresses))
            self._believed_until_s = loop.time() + ADDRESSES_S
        failure: OSError = OSError(_("{name} has no address", name=self.name))
        for address in self._addresses[:]:
            try:
                async with asyncio.timeout(patience_s / len(self._addresses)):
                    _transport, connection = await loop.create_connection(
                        make, address, self.port, ssl=self.tls, server_hostname=self.name if self.tls else None
                    )
            except OSError as exc:
                failure = exc
                continue
            self._addresses.sort(key=lambda other: other != address)
            return connection
        self._addresses = []
        raise failure


class _Connection(Unproven, asyncio.Protocol):
    """One connection: a request, its answer, and the next."""

    def __init__(self, post: SocketPost, site: _Site) -> None:
        super().__init__()
        self._post, self._site = post, site
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Reply] | None = None
        self._asked_s = self._since_s = 0.0  # when the request was written; and that, or when the answer was complete
        self._slowest_s = self._held_since_s = 0.0  # of the answers that await a proof
        self._received = 0
        self._body = b""
        self._remain: str | None = None
        self._retry_after: str | None = None
        self._is_framed = self._ends_with_the_connection = self._is_dropped = self._is_over = self._is_resting = False

    async def exchange(self, request: bytes) -> Reply:
        """Send a request, and wait for its answer."""
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = answer
        self._asked_s = self._since_s = monotonic()
        self._received = 0
        self._transport.write(request)
        return await answer

    def is_ready(self) -> bool:
        """Whether it may take another request: open, in step, and not so long idle that the server may be closing it."""
        now_s = monotonic()
        idle_s = now_s - self._since_s
        if self._is_dropped:
            return False
        if idle_s >= self._post.idle_s:
            self.drop()
            return False
        if self.held and (len(self.held) >= MOST_HELD or now_s - self._held_since_s >= HELD_S + 8 * self._slowest_s):
            self._is_resting = True
            return False
        return idle_s < IDLE_UNSEEN_S or not self._has_unread()  # what is unread will be read soon, and ends it

    def has_spoken(self) -> bool:
        """Whether a new connection brought bytes before it was asked; over TLS, unread ones may be a part of its handshake."""
        return self._is_dropped or (self._site.tls is None and self._has_unread())

    def look(self, now_s: float, patience_s: float) -> None:
        """Give up an answer that is overdue, and close what nobody has needed for a while."""
        if self._answer and now_s - self._since_s >= patience_s:
            self._fail(_("no answer within {seconds} s", seconds=f"{patience_s:g}"))
        elif not self._answer and now_s - self._since_s >= self._post.idle_s:
            self.drop()

    def drop(self) -> None:
        """Close it at once; safe to call twice."""
        self._is_dropped = True
        self._transport.abort()

    # --- what it said, and whether that can be believed: see `base.Line` -----------------------------------------------------

    def tell(self, listener: Callable[[bool], None]) -> None:
        """See `Line`."""
        if self._is_over and not self.is_doubted:
            listener(True)
            return
        super().tell(listener)
        self._slowest_s = max(self._slowest_s, self._since_s - self._asked_s)
        if len(self.held) == 1:
            self._held_since_s = monotonic()
            self._post.listen(self)

    def doubt(self) -> None:
        """See `Line`."""
        super().doubt()
        self.drop()

    def is_settled(self, now_s: float) -> bool:
        """Whether it holds nothing unproven any more; a silence in which an owed answer would have come is a proof."""
        quiet_s = min(MOST_QUIET_S, QUIET_S + 2 * self._slowest_s)
        if self.held and (self._is_dropped or self._answer or now_s - self._since_s < quiet_s or self._has_unread()):
            return False
        self.prove()
        if self._is_resting:
            self._is_resting = False
            self._site.waiting.appendleft(self)
        return True

    def _has_unread(self) -> bool:
        return bool(self._poll(0))

    def _fall_out_of_step(self) -> None:
        """Bytes came that nobody is owed, so an answer before them may have been another person's."""
        self.is_doubted = True
        self.drop()
        self._loop.call_soon(self.doubt)  # the answer that came with them is looked at first: it may name its person

    def _end(self) -> None:
        self._is_over = True
        if not self.is_doubted:
            self.prove()  # nothing came that spoke against it, and nothing more can

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
        status = self._parser.get_status_code()
        answer.set_result(reply_of(status, self._body, self, remain=self._remain, retry_after=self._retry_after))
        self._since_s = monotonic()
        if keep and self._post.has_room(self._site):
            self._site.waiting.append(self)
        else:
            self.drop()

    # --- asyncio calls these -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class does not derive from asyncio's
        self._since_s = monotonic()
        self._poll = _make_poll(transport.get_extra_info("socket").fileno())
        self._post.add(self)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self._fall_out_of_step()
            return
        if not self._received and data[:7] != _HTTP and not _HTTP.startswith(data):
            self._fall_out_of_step()
            self._fail(_("the answer is not HTTP/1"))
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._fall_out_of_step()
            self._fail(_("the answer is not HTTP: {why}", why=exc))
        if self._answer and self._received > 2 * MOST_BYTES:  # headers without end
            self._fail(_("the answer is too long"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_dropped = True
        self._post.remove(self)
        self.gone.set_result(None)
        if self._answer and self._ends_with_the_connection and exc is None:
            self._finish(keep=False)
        self._fail(str(exc) if exc else _("the server closed the connection"))
        self._loop.call_soon(self._end)  # an answer that ended with the connection is looked at first

    # --- the parser calls these --------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._body, self._remain, self._retry_after = b"", None, None
        self._is_framed = self._ends_with_the_connection = False
        if self._answer is None:  # an answer that nobody asked for must not become the next person's
            self._fall_out_of_step()

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"content-length" | b"transfer-encoding":
                self._is_framed = True
            case b"date":
                self._post.pass_date_on(value, self._since_s)
            case key if key == _REMAIN:
                self._remain = value.decode("latin-1")
            case key if key == _RETRY:
                self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._ends_with_the_connection = not self._is_framed

    def on_body(self, body: bytes) -> None:
        self._body = self._body + body if self._body else body
        if len(self._body) > MOST_BYTES:
            self._finish(keep=False)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:  # 100 and its like only announce the answer
            self._finish(keep=self._parser.should_keep_alive())


def _make_poll(fileno: int) -> Callable[[int], object]:
    """Return what looks, without waiting, whether a socket has something to read; a quarter of what an attempt to read costs."""
    if not hasattr(select, "poll"):  # Windows
        return lambda _: select.select([fileno], [], [], 0)[0]
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return poll.poll
