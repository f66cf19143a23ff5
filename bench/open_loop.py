"""Requests at their own time over kept connections, whether or not the server keeps up; latency counts from when each was due.

A closed loop waits for the answer before it asks again, and so never measures what a slow server makes people wait.
"""

import asyncio
import ssl
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

ANSWER_S = 2.0  # Zalo's limit for an answer
REOPEN_S = 0.05
TICK_S = 0.001
NO_ANSWER = 0  # the status of what was cut off, came too late or could not be sent


@dataclass(slots=True)
class Call:
    """One request: when it is due (seconds after the start), which event, how often it was not heard."""

    due_s: float
    number: int
    is_forged: bool = False
    tries: int = 0
    request: bytes = b""
    started_s: float = 0.0
    event: object = None  # what whoever writes the request wants to know when it is settled


@dataclass(slots=True)
class Tally:
    """What came of it all; latencies in seconds, of the calls that were answered with HTTP 200."""

    offered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)  # of every try
    given_up: int = 0
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    most_waiting: int = 0
    began_s: float = 0.0
    ended_s: float = 0.0
    cpu_s: float = 0.0
    is_sorted: bool = False

    def percentile(self, share: float) -> float:
        """Return the latency in seconds that this share of the answered calls did not exceed; of none it is NaN."""
        if not self.is_sorted:
            self.latencies, self.is_sorted = array("d", sorted(self.latencies)), True
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] if self.latencies else float("nan")


class OpenLoop:
    """Sends calls when they are due.

    Args:
        url: Where to; http or https.
        calls: In order of their time.
        write: Makes a call's request, at the moment when it is first sent; the time is in milliseconds since 1970.
        heard: Told of each call that was answered with HTTP 200, and of each that was given up, with its last status.
        connections: How many are kept open.
        again_s: What was not answered with HTTP 200 is sent again so much later, each in turn; empty never.
        tls: Trusts the server's certificate; None for plain HTTP.
    """

    def __init__(
        self, url: str, calls: Iterator[Call], write: Callable[[Call, int], bytes], heard: Callable[[Call, int, float], None],
        *, connections: int = 64, again_s: tuple[float, ...] = (), tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._tls, self._calls, self._write, self._heard = tls, calls, write, heard
        self._connections, self._again_s = connections, again_s
        self._idle: list[_Line] = []
        self._lines: set[_Line] = set()
        self._waiting: deque[Call] = deque()
        self._repeats: list[tuple[float, Call]] = []
        self._next: Call | None = None
        self._open = 0  # calls that are sent and not settled
        self.tally = Tally()

    async def run(self) -> Tally:
        """Send everything; return what came of it once each is answered or given up."""
        loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        await asyncio.gather(*(self._connect() for _ in range(self._connections)))
        cpu_s = time.process_time()
        self._start_s, self._start_ms = loop.time(), time.time() * 1000
        self._next = next(self._calls, None)
        self.tally.began_s = time.perf_counter()
        self._tick()
        watch = asyncio.create_task(self._watch())
        await self._done.wait()
        watch.cancel()
        self.tally.ended_s, self.tally.cpu_s = time.perf_counter(), time.process_time() - cpu_s
        for line in list(self._lines):
            line.close()
        return self.tally

    # --- what is due -------------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time() - self._start_s
        while self._next and self._next.due_s <= now_s:
            self.tally.offered += 1
            self._offer(self._next)
            self._next = next(self._calls, None)
        if self._repeats and self._repeats[0][0] <= now_s:
            due = [call for at_s, call in self._repeats if at_s <= now_s]
            self._repeats = [later for later in self._repeats if later[0] > now_s]
            for call in due:
                self._offer(call)
        self.tally.most_waiting = max(self.tally.most_waiting, len(self._waiting))
        if self._next is None and not self._open and not self._waiting and not self._repeats:
            self._done.set()
            return
        loop.call_later(TICK_S, self._tick)

    def _offer(self, call: Call) -> None:
        if self._idle:
            self._send(self._idle.pop(), call)
        else:
            self._waiting.append(call)

    def _send(self, line: "_Line", call: Call) -> None:
        if not call.request or call.tries:
            call.request = self._write(call, int(self._start_ms + call.due_s * 1000))
        call.started_s = asyncio.get_running_loop().time()
        self._open += 1
        line.send(call)

    # --- what came of it ---------------------------------------------------------------------------------------------------

    def answered(self, line: "_Line", call: Call, status: int) -> None:
        """Settle a call, and give its connection the next."""
        self.settle(call, status)
        if self._waiting:
            self._send(line, self._waiting.popleft())
        else:
            self._idle.append(line)

    def lost(self, line: "_Line", call: Call | None) -> None:
        """Settle what a connection took with it, and open another."""
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        if call:
            self.settle(call, NO_ANSWER)
        if not self._done.is_set():
            self._reopen()

    def settle(self, call: Call, status: int) -> None:
        """Keep what became of a call: over, or to be sent again."""
        self._open -= 1
        self.tally.statuses[status] += 1
        now_s = asyncio.get_running_loop().time() - self._start_s
        if status == 200:
            self.tally.latencies.append(now_s - call.due_s)
        elif call.tries < len(self._again_s) and not call.is_forged:
            self._repeats.append((now_s + self._again_s[call.tries], call))
            self._repeats.sort(key=lambda pair: pair[0])
            call.tries += 1
            return
        else:
            self.tally.given_up += 1
        self._heard(call, status, now_s - call.due_s)

    # --- connections -------------------------------------------------------------------------------------------------------

    def _reopen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(REOPEN_S, lambda: self._keep(loop.create_task(self._connect())))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._opening = task  # a task that nobody holds may be collected while it runs

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: _Line(self), self._host, self._port, ssl=self._tls)
        except OSError:
            # Nobody listens: what is due meanwhile could not be sent, which is what the ladder of retries is for.
            while self._waiting and not self._lines:
                self._open += 1
                self.settle(self._waiting.popleft(), NO_ANSWER)
            if not self._done.is_set():
                self._reopen()

    def opened(self, line: "_Line") -> None:
        """Take a fresh connection."""
        self._lines.add(line)
        if self._waiting:
            self._send(line, self._waiting.popleft())
        else:
            self._idle.append(line)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.1)
            for line in list(self._lines):
                if line.call and loop.time() - line.call.started_s > ANSWER_S:
                    line.close()


class _Line(asyncio.Protocol):
    """One connection with at most one call on it: nothing is sent before the answer to what went before."""

    def __init__(self, owner: OpenLoop) -> None:
        self._owner, self._data = owner, b""
        self._is_lost = False
        self.call: Call | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._owner.opened(self)

    def send(self, call: Call) -> None:
        self.call = call
        self._transport.write(call.request)

    def data_received(self, data: bytes) -> None:
        self._data = data = self._data + data if self._data else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at < 0 or len(data) < end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0]):
            return
        self._data, call = b"", self.call
        self.call = None
        if call is None:
            self._transport.abort()  # an answer to nothing: whoever sends it is broken
        elif b"connection: close" in head:
            self._transport.close()
            self._owner.settle(call, int(data[9:12]))
        else:
            self._owner.answered(self, call, int(data[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            call, self.call = self.call, None
            self._owner.lost(self, call)

    def close(self) -> None:
        self._transport.abort()
        self.connection_lost(None)  # over TLS a connection whose other side was killed may never say so
