"""HTTP/1.1 as a server hears it: a protocol of asyncio with llhttp to read requests, every one of its sizes and times bounded.

Owns framing, limits and the order of answers. Knows no path, and answers nothing but what is no request. What two readers could
take for two different requests is none (RFC 9112, 11.2): two lengths, a length beside chunks, a bare line feed, a folded line.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple, Protocol, cast

import httptools

MOST_PARTIAL_BYTES = 64 * 1024 * 1024  # of all bodies that are still on their way, together
LINGER_S = 2.0  # so long a refused client may go on talking: cut off at once, it would not read why
MOST_LINGER_BYTES = 4 * 1024 * 1024  # or so much, of which nothing is kept
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_RESET = struct.pack("ii", 1, 0)


class Limits(NamedTuple):
    """How much one client may ask of us.

    `head_bytes` bounds what frames a body, too; times are seconds, kept to a sweep's step. A client with `pipelined` requests
    unanswered is not read on. Where there are `connections`, another one takes the place of the one that is idle longest.
    """

    head_bytes: int
    body_bytes: int
    head_s: float
    body_s: float
    idle_s: float
    pipelined: int
    connections: int
    requires_length: bool = False  # of a POST, PUT or PATCH


class Exchange:
    """One request, and where its answer goes; header names are in lower case, a header said twice has its last value."""

    __slots__ = ("_connection", "answer", "body", "headers", "is_last", "method", "target")

    def __init__(self, connection: "_Connection", method: bytes, target: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        self._connection, self.method, self.target, self.headers, self.body = connection, method, target, headers, body
        self.answer: bytes | None = None
        self.is_last = False

    def send(self, answer: bytes) -> None:
        """Answer with these bytes, after every request before it; b"" resets the connection instead. Nobody there is no error."""
        self.answer = answer
        self._connection.flush()

    @property
    def peer(self) -> str:
        """The address that it came from; "" where nobody knows."""
        return self._connection.peer


class Service(Protocol):
    """What stands behind the connections."""

    def serve(self, exchange: Exchange) -> None:
        """Answer a request now, or keep it and answer later."""

    def refused(self, status: int) -> bytes:
        """Word the answer to what is no request or too much; the connection closes behind it."""


def response(
    status: int, body: bytes = b"", kind: bytes = b"text/plain", headers: bytes = b"", *, is_last: bool = False
) -> bytes:
    """Write an answer.

    Args:
        status: An HTTP status.
        body: Its content.
        kind: The content's type.
        headers: Further lines, each with its line break.
        is_last: Whether the connection closes behind it.
    """
    return b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\n%b%bcontent-length: %d\r\n\r\n%b" % (
        status, _PHRASES.get(status, b"OK"), kind, headers, b"connection: close\r\n" if is_last else b"", len(body), body,
    )  # fmt: skip


class Connections:
    """All connections of one listener.

    Args:
        limits: For each of them.
        service: Answers.
        now_s: Seconds that never go back; asked at each sweep, and not for each request.
    """

    def __init__(self, limits: Limits, service: Service, now_s: Callable[[], float] = monotonic) -> None:
        self.limits, self.service = limits, service
        self._clock = now_s
        self.now_s = now_s()
        self.all: set[_Connection] = set()
        self.partial_bytes = 0
        self.is_paused, self.is_open = False, True

    def protocol(self) -> "_Connection":
        """Make what reads the next connection, for `create_server`."""
        return _Connection(self)

    def make_room(self) -> bool:
        """Whether one more may come; the one that is idle longest goes for it."""
        if not self.is_open:
            return False
        if len(self.all) < self.limits.connections:
            return True
        idle = [one for one in self.all if one.is_idle]
        if idle:
            min(idle, key=lambda one: one.since_s).reset()
        return bool(idle)

    def sweep(self) -> None:
        """End what takes too long; to be called about twice a second."""
        self.now_s = self._clock()
        for connection in tuple(self.all):
            connection.look()

    async def keep_sweeping(self, every_s: float = 0.5) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            self.sweep()

    def pause(self) -> None:
        """Read nothing any more, from anybody, until `resume`."""
        self.is_paused = True
        for connection in self.all:
            connection.adjust_reading()

    def resume(self) -> None:
        """Read again; nobody is slow for having waited."""
        self.is_paused = False
        self.now_s = self._clock()
        for connection in self.all:
            connection.since_s = self.now_s
            connection.adjust_reading()

    def reset(self) -> None:
        """Cut every connection off, without an answer, and any new one until `is_open` is set."""
        self.is_open = False
        for connection in tuple(self.all):
            connection.reset()

    def finish(self) -> None:
        """Close each connection once what it has asked is answered."""
        for connection in tuple(self.all):
            connection.finish()


class _Phase(Enum):
    IDLE = 0
    HEAD = 1
    BODY = 2
    DEAF = 3  # refused, or nothing more is wanted: what comes is thrown away


_IDLE, _HEAD, _BODY, _DEAF = _Phase


class _Connection(asyncio.Protocol):
    """One connection: requests are served as they come, and answered in that order."""

    def __init__(self, owner: Connections) -> None:
        self._owner, self._limits, self._service = owner, owner.limits, owner.service
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Exchange] = deque()
        self._phase, self.since_s = _IDLE, owner.now_s
        self._target, self._headers, self._pieces = b"", dict[bytes, bytes](), list[bytes]()
        self._said: dict[bytes, bytes] | None = None  # a head that may have trailers
        self._raw_bytes = self._head_bytes = self._counted_bytes = 0
        self._is_reading, self._is_clogged, self._is_refused = True, False, False

    # --- asyncio calls these -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self._owner.make_room():
            self._phase = _DEAF
            transport.abort()  # type: ignore[attr-defined]
            return
        self._owner.all.add(self)
        self.adjust_reading()

    def data_received(self, data: bytes) -> None:
        if self._phase is _DEAF:
            self._throw_away(data)
            return
        self._raw_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as exc:
            self._pass_over_offer(data[exc.args[0] :])
        except httptools.HttpParserCallbackError as exc:
            if not isinstance(exc.__context__, _Refused):
                raise  # a bug of ours, not of whoever calls
            self._refuse(exc.__context__.status)
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            if self._raw_bytes:
                self._bound_partial(len(data))

    def eof_received(self) -> bool:
        """Keep the way back open as long as an answer is owed."""
        return bool(self._queue)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.all.discard(self)
        self._drop_partial()
        self._phase = _DEAF
        self._queue.clear()

    def pause_writing(self) -> None:
        self._is_clogged = True
        self.adjust_reading()

    def resume_writing(self) -> None:
        self._is_clogged = False
        self.adjust_reading()

    # --- the parser calls these ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._phase is _DEAF:
            raise _Refused(400)
        self._target, self._headers, self._pieces, self._head_bytes = b"", {}, [], 0
        self._said = None
        self._phase, self.since_s = _HEAD, self._owner.now_s

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value
        self._head_bytes += len(name) + len(value) + 4

    def on_headers_complete(self) -> None:
        headers, self._phase = self._headers, _BODY
        if self._head_bytes + len(self._target) > self._limits.head_bytes:
            raise _Refused(431)
        if b"content-encoding" in headers and headers[b"content-encoding"].lower() != b"identity":
            raise _Refused(415)
        if (length := headers.get(b"content-length")) is None:
            self._check_without_length(headers)
        elif int(length) > self._limits.body_bytes:
            raise _Refused(413)
        if b"expect" in headers and not self._queue and headers[b"expect"].lower() == b"100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        parser, queue = self._parser, self._queue
        if parser.should_upgrade():
            return  # its body was not read: see `_pass_over_offer`
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if len(body) > self._limits.body_bytes or self._head_bytes > self._limits.head_bytes:  # in chunks, or in trailers
            raise _Refused(413 if len(body) > self._limits.body_bytes else 431)
        if self._counted_bytes:
            self._drop_partial()
        self._raw_bytes = 0
        self._phase, self.since_s = _IDLE, self._owner.now_s
        exchange = Exchange(self, parser.get_method(), self._target, self._said or self._headers, body)
        queue.append(exchange)
        if not parser.should_keep_alive():
            exchange.is_last = True
            self._phase = _DEAF
        if len(queue) >= self._limits.pipelined:
            self.adjust_reading()
        self._service.serve(exchange)

    # --- answers -------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what may go: answers go out in the order of their requests, whenever each was ready."""
        queue = self._queue
        while queue and (answer := queue[0].answer) is not None:
            exchange = queue.popleft()
            if not answer:
                self.reset()
                return
            self._transport.write(answer)
            if exchange.is_last:
                self._end()
        if not self._is_reading:
            self.adjust_reading()

    @property
    def is_idle(self) -> bool:
        """Whether it asks nothing and waits for nothing."""
        return self._phase is _IDLE and not self._queue

    def look(self) -> None:
        """End what takes too long."""
        passed_s = self._owner.now_s - self.since_s
        if self._phase is _DEAF:
            if not self._queue and passed_s > LINGER_S:
                self._transport.abort()
        elif self._is_clogged:
            if passed_s > self._limits.idle_s:
                self._transport.abort()
        elif self._owner.is_paused or not self._is_reading:
            return
        elif self._phase is _IDLE:
            if not self._queue and passed_s > self._limits.idle_s:
                self._transport.close()
        elif passed_s > (self._limits.head_s if self._phase is _HEAD else self._limits.body_s):
            self._refuse(408)

    @property
    def peer(self) -> str:
        """The other end's address; "" where nobody knows."""
        name = self._transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) and name else ""

    def adjust_reading(self) -> None:
        """Read on, or stop: by what is unanswered, what is unread at the other end, and what the listener can take."""
        wanted = not (self._owner.is_paused or self._is_clogged or len(self._queue) >= self._limits.pipelined)
        if wanted != self._is_reading and not self._transport.is_closing():
            self._is_reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()
            self.since_s = self._owner.now_s

    def reset(self) -> None:
        """Cut it off: whoever calls sees that no answer will come."""
        self._owner.all.discard(self)  # its place is free now, and not when the loop has closed it
        self._phase = _DEAF
        self._queue.clear()
        if plain := self._transport.get_extra_info("socket"):
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def finish(self) -> None:
        """Close it once what it has asked is answered."""
        if self._queue:
            self._queue[-1].is_last = True
            self._phase = _DEAF
        else:
            self._transport.close()

    # --- inside --------------------------------------------------------------------------------------------------------

    def _check_without_length(self, headers: dict[bytes, bytes]) -> None:
        if coding := headers.get(b"transfer-encoding"):
            if coding.lower() != b"chunked" or self._parser.get_http_version() != "1.1":
                raise _Refused(400)
            self._said, self._headers = headers, {}  # trailers add nothing to what was said before the body
        elif not headers and self._parser.get_http_version() not in ("1.1", "1.0"):
            raise _Refused(400)
        elif self._limits.requires_length and self._parser.get_method() in (b"POST", b"PUT", b"PATCH"):
            raise _Refused(411)

    def _bound_partial(self, size: int) -> None:
        """Look at a request of which only a part has come: its own size, then that of all such bodies together."""
        is_body = self._phase is _BODY
        if self._raw_bytes > self._limits.head_bytes + (self._limits.body_bytes if is_body else 0):
            self._refuse(413 if is_body else 431)
        elif is_body:
            self._counted_bytes += size
            self._owner.partial_bytes += size
            if self._owner.partial_bytes > max(MOST_PARTIAL_BYTES, self._limits.body_bytes):
                self._refuse(503)

    def _pass_over_offer(self, rest: bytes) -> None:
        """Read a request that offers to speak something newer as if it did not: only so is its body part of it."""
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        if method == b"CONNECT":
            self._refuse(400)
            return
        kept = (b"%b: %b\r\n" % pair for pair in self._headers.items() if pair[0] != b"upgrade")
        head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, self._target, version, b"".join(kept))
        self._parser = httptools.HttpRequestParser(self)
        self._raw_bytes = 0
        self.data_received(head + rest)

    def _refuse(self, status: int) -> None:
        if self._phase is _DEAF:
            return
        self._drop_partial()
        self._phase, self._is_refused, self._raw_bytes = _DEAF, True, 0
        exchange = Exchange(self, b"", b"", {}, b"")
        exchange.is_last = True
        self._queue.append(exchange)
        exchange.send(self._service.refused(status))

    def _throw_away(self, data: bytes) -> None:
        self._raw_bytes += len(data)
        if self._raw_bytes > MOST_LINGER_BYTES:
            self._transport.abort()

    def _end(self) -> None:
        self._phase, self.since_s = _DEAF, self._owner.now_s
        if self._is_refused and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _drop_partial(self) -> None:
        self._owner.partial_bytes -= self._counted_bytes
        self._counted_bytes = 0
        self._pieces = []


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
