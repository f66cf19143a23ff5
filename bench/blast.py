"""As many requests as a server takes over some connections, one at a time on each, written beforehand: asking costs little."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Blast:
    """What came of it."""

    statuses: Counter[bytes] = field(default_factory=Counter)
    lasted_s: float = 0.0


class _Line(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], blast: Blast, over: "asyncio.Future[None]") -> None:
        self._requests, self._blast, self._over, self._data = requests, blast, over, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data = data = self._data + data if self._data else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        length = data.lower().find(b"content-length: ")
        if len(data) < end + 4 + int(data[length + 16 : data.find(b"\r\n", length)]):
            return
        self._blast.statuses[data[9:12]] += 1
        self._data = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)


async def blast(port: int, requests: Sequence[bytes], connections: int) -> Blast:
    """Ask a server of 127.0.0.1 for everything; a connection that is cut off asks no more."""
    loop, given, result = asyncio.get_running_loop(), iter(requests), Blast()
    begun = time.perf_counter()
    overs = [loop.create_future() for _ in range(connections)]
    for over in overs:
        await loop.create_connection(lambda over=over: _Line(given, result, over), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*overs)
    result.lasted_s = time.perf_counter() - begun
    return result
