"""Where administrators' browsers come back to: bounded in size, time and number, and deaf to whatever is no answer to a link.

Behind a proxy that speaks TLS. Owns who may wait and for how long; what an answer is worth is decided behind it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from zalo_alert.foundation.http_connection import Connections, Exchange, Limits, response
from zalo_alert.inbound.consent_answer import ConsentAnswer, Reply, Verdict, path_of, read_answer
from zalo_alert.inbound.consent_page import consent_page

LIMITS = Limits(head_bytes=16 * 1024, body_bytes=0, head_s=5.0, body_s=5.0, idle_s=20.0, pipelined=4, connections=1024)
MOST_WAITING = 1024  # answers that are being looked into; a proxy waits a minute for each
PATIENCE_S = 45.0  # then the browser is told to come back; what was begun goes on
_ALLOWED = b"allow: GET\r\n"


class ConsentDoor:
    """What stands behind the listener's connections; made inside a running loop.

    Args:
        take: Looks into an answer; never raises what a person can cause.
        paths: That links lead back to; may be changed at any time.
        limits: Of the connections.
        most_waiting: See `MOST_WAITING`.
        patience_s: See `PATIENCE_S`.
    """

    def __init__(
        self,
        take: Callable[[ConsentAnswer], Coroutine[Any, Any, Verdict]],
        paths: frozenset[str],
        limits: Limits = LIMITS,
        most_waiting: int = MOST_WAITING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._take, self.paths, self._most, self._patience_s = take, paths, most_waiting, patience_s
        self.connections = Connections(limits, self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # of a bug of ours
        self.strangers = 0  # requests that were no answer to any link

    def serve(self, exchange: Exchange) -> None:
        """See `Service`."""
        if path_of(exchange.target) not in self.paths:
            self._turn_away(exchange, response(404, is_last=exchange.is_last))
        elif exchange.method != b"GET":  # also what looks at a link without opening it
            self._turn_away(exchange, response(405, headers=_ALLOWED, is_last=exchange.is_last))
        elif (answer := read_answer(exchange.target)) is None:
            self._turn_away(exchange, consent_page(Verdict(Reply.UNKNOWN), is_last=exchange.is_last))
        elif len(self._tasks) >= self._most:
            exchange.send(consent_page(Verdict(Reply.BUSY), is_last=exchange.is_last))
        else:
            self._begin(self._answer(exchange, self._begin(self._take(answer))))

    def refused(self, status: int) -> bytes:
        """See `Service`."""
        self.strangers += 1
        return response(status, is_last=True)

    async def drain(self, timeout_s: float) -> None:
        """Wait until what was begun is done, or so much time has passed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)

    def _turn_away(self, exchange: Exchange, answer: bytes) -> None:
        self.strangers += 1
        exchange.send(answer)

    def _begin(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) and not self.failed.done():
            self.failed.set_exception(bug)

    async def _answer(self, exchange: Exchange, taken: Awaitable[Verdict]) -> None:
        """Answer when it is known; a browser that went away, or would wait too long, keeps nothing from being done."""
        try:
            async with asyncio.timeout(self._patience_s):
                verdict = await asyncio.shield(taken)
        except TimeoutError:
            verdict = Verdict(Reply.BUSY)
        exchange.send(consent_page(verdict, is_last=exchange.is_last))
