"""The sandbox behind HTTP connections: its answers may be late, and may cut a connection off."""

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from math import inf

from zalo_alert.foundation.http_connection import Connections, Exchange, Limits, response
from zalo_alert.sandbox.wire import Answer, Request
from zalo_alert.sandbox.world import World

CONTROL = "/_sandbox/"  # what is asked of the sandbox itself
MOST_BYTES = 64 * 1024 * 1024  # of one request: more than anything that may be uploaded
_LIMITS = Limits(
    head_bytes=1024 * 1024, body_bytes=MOST_BYTES, head_s=inf, body_s=inf, idle_s=inf, pipelined=10_000, connections=50_000
)


def connections(answer: Callable[[Request], Answer], world: World) -> Callable[[], asyncio.Protocol]:
    """Return what makes a connection, for `create_server`.

    Args:
        answer: Answers a request; it has been executed when that returns.
        world: Knows the time, and how late answers are.
    """
    return Connections(_LIMITS, _Service(answer, world)).protocol


class _Service:
    """Requests are executed as they come, and answered in that order, each after its delay."""

    def __init__(self, answer: Callable[[Request], Answer], world: World) -> None:
        self._answer, self._world = answer, world
        self._date, self._dated_s = b"", 0

    def serve(self, exchange: Exchange) -> None:
        path, _, query = exchange.target.decode("latin-1").partition("?")
        answer = self._answer(Request(exchange.method.decode(), path, query, exchange.headers, exchange.body))
        latency_ms = self._world.options.latency_ms
        if latency_ms and not path.startswith(CONTROL) and path != "/":
            answer = answer._replace(delay_s=answer.delay_s + latency_ms / 1000)
        written = b"" if answer.cut else self._written(answer, is_last=exchange.is_last)
        if answer.delay_s:
            asyncio.get_running_loop().call_later(answer.delay_s, exchange.send, written)
        else:
            exchange.send(written)

    def refused(self, status: int) -> bytes:
        return self._written(Answer(status, b'{"error":-400,"message":"no HTTP"}'), is_last=True)

    def _written(self, answer: Answer, *, is_last: bool) -> bytes:
        now_s = int(self._world.now_s())
        if now_s != self._dated_s:
            self._dated_s, self._date = now_s, b"date: %b\r\n" % formatdate(now_s, usegmt=True).encode()
        return response(answer.status, answer.body, answer.kind, answer.headers + self._date, is_last=is_last)
