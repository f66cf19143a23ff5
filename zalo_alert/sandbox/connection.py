"""One connection: a small protocol of asyncio with llhttp to read requests; no framework between, and it can cut itself off."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

import httptools

from zalo_alert.sandbox.wire import Answer, Request
from zalo_alert.sandbox.world import World

CONTROL = "/_sandbox/"  # what is asked of the sandbox itself
MOST_BYTES = 64 * 1024 * 1024  # of one request: more than anything that may be uploaded


def connections(answer: Callable[[Request], Answer], world: World) -> Callable[[], asyncio.Protocol]:
    """Return what makes a connection, for `create_server`.

    Args:
        answer: Answers a request; it has been executed when that returns.
        world: Knows the time, and how late answers are.
    """
    return lambda: _Connection(answer, world)


class _Connection(asyncio.Protocol):
    """One connection: requests are executed as they come, and answered in that order, each after its delay."""

    _date, _dated_s = b"", 0

    def __init__(self, answer: Callable[[Request], Answer], world: World) -> None:
        self._answer, self._world = answer, world
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._url = self._body = b""
        self._headers: dict[bytes, bytes] = {}
        self._due: deque[tuple[Answer, bool]] = deque()

    # --- asyncio calls these -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as exc:  # an offer to speak something newer: answered, and passed over
            self._parser = httptools.HttpRequestParser(self)
            if rest := data[exc.args[0] :]:
                self.data_received(rest)
        except httptools.HttpParserCallbackError:
            raise  # a bug of ours, not of whoever calls
        except httptools.HttpParserError:
            self._send(Answer(400, b'{"error":-400,"message":"no HTTP"}'), keep=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._due.clear()

    # --- the parser calls these ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._url = self._body = b""
        self._headers = {}

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        if self._headers.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body = self._body + body if self._body else body
        if len(self._body) > MOST_BYTES:
            self._transport.abort()

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        request = Request(self._parser.get_method().decode(), path, query, self._headers, self._body)
        answer = self._answer(request)
        latency_ms = self._world.options.latency_ms
        if latency_ms and not path.startswith(CONTROL) and path != "/":
            answer = answer._replace(delay_s=answer.delay_s + latency_ms / 1000)
        self._send(answer, keep=self._parser.should_keep_alive())

    # --- answers -------------------------------------------------------------------------------------------------------

    def _send(self, answer: Answer, *, keep: bool) -> None:
        if not answer.delay_s and not self._due and keep and not answer.cut:
            self._transport.write(self._written(answer, keep=True))
            return
        self._due.append((answer, keep))
        asyncio.get_running_loop().call_later(answer.delay_s, self._next)

    def _next(self) -> None:
        # Timers may fire in another order than they were set; answers go out in the order of their requests all the same.
        if not self._due or self._transport.is_closing():
            return
        answer, keep = self._due.popleft()
        if answer.cut:
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
            return
        self._transport.write(self._written(answer, keep=keep))
        if not keep:
            self._transport.close()

    def _written(self, answer: Answer, *, keep: bool) -> bytes:
        now_s = int(self._world.now_s())
        if now_s != _Connection._dated_s:
            _Connection._dated_s, _Connection._date = now_s, formatdate(now_s, usegmt=True).encode()
        return b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\n%bdate: %b\r\n%bcontent-length: %d\r\n\r\n%b" % (
            answer.status, _PHRASES.get(answer.status, b"OK"), answer.kind, answer.headers, _Connection._date,
            b"" if keep else b"connection: close\r\n", len(answer.body), answer.body,
        )  # fmt: skip


_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
