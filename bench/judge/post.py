"""Posts over many connections, and remembers of each event what was said to it: 200, something else, or nothing at all."""

import asyncio
import random
import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.judge.events import Event, Kind, Writer, request

PAUSE_S = 0.01  # before a refused connection is tried again
PATIENCE_S = 30.0  # for an answer; whoever waits longer has found a hang
BURST = 4  # requests that one connection writes before it reads, at most
AGAIN = 0.06  # the share of acknowledged events that is posted once more
HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?content-length: *(\d+)\r\n(?:[^\r]+\r\n)*\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Told:
    """What the judge knows of one event: as often as it was posted, acknowledged, and otherwise answered."""

    kind: Kind
    oa: str
    parts: tuple[str, ...]
    bodies: list[bytes] = field(default_factory=list)
    posted: int = 0
    acknowledged: int = 0
    refused: Counter[int] = field(default_factory=Counter)


class Memory:
    """All that was posted, by mark, and when the door last began to acknowledge again."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.life = 0
        self.acknowledged = self.unanswered = self.together = 0
        self.hung: list[str] = []
        self.first_ack = asyncio.Event()
        self.acknowledged_at = 0.0
        self._right: set[str] = set()

    def begin_life(self) -> None:
        """Begin to wait for the first acknowledgement of a door that has just been started."""
        self.life += 1
        self.first_ack.clear()
        self._right.clear()

    def may_forge(self, oa: str) -> bool:
        """Tell whether this door has seen a right signature of the OA: before that it may suspect its own secret, and park."""
        return oa in self._right

    def post(self, event: Event) -> None:
        """Note that an event is about to be written to a connection."""
        told = self.told.get(event.mark)
        if told is None:
            told = self.told[event.mark] = Told(event.kind, event.oa, event.parts)
        if event.body not in told.bodies:
            told.bodies.append(event.body)
        told.posted += 1

    def answer(self, event: Event, status: int, life: int) -> None:
        """Note what was answered, by a door of which life."""
        told = self.told[event.mark]
        if status != 200:
            told.refused[status] += 1
            return
        told.acknowledged += 1
        self.acknowledged += 1
        if life == self.life and event.kind is not Kind.FORGED:
            self._right.add(event.oa)
            if not self.first_ack.is_set():
                self.acknowledged_at = time.monotonic()
                self.first_ack.set()


class Connection:
    """One connection of HTTP/1.1 that is opened anew whenever it is gone."""

    def __init__(self, memory: Memory, address: tuple[str, int]) -> None:
        self._memory, self._address = memory, address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._life = 0

    async def open(self) -> None:
        """Connect, and go on trying while nobody listens."""
        while self._streams is None:
            try:
                self._streams = await asyncio.open_connection(*self._address)
                self._life = self._memory.life
            except OSError:
                await asyncio.sleep(PAUSE_S)

    async def post(self, events: list[tuple[Event, int]]) -> list[Event]:
        """Write events in one go and read their answers; return those that got none.

        Args:
            events: Each with how often it has been tried before.
        """
        await self.open()
        assert self._streams
        reader, writer = self._streams
        for event, _ in events:
            self._memory.post(event)
        waiting = deque(event for event, _ in events)
        try:
            writer.write(b"".join(request(event, tries=tries) for event, tries in events))
            while waiting:
                status = await asyncio.wait_for(self._status(reader), PATIENCE_S)
                self._memory.answer(waiting.popleft(), status, self._life)
        except TimeoutError:
            self._memory.hung.append(waiting[0].mark)
            self.close()
        except (OSError, EOFError):
            self.close()
        self._memory.unanswered += len(waiting)
        return list(waiting)

    async def _status(self, reader: asyncio.StreamReader) -> int:
        head = HEAD.fullmatch(await reader.readuntil(b"\r\n\r\n"))
        if not head:
            raise EOFError
        await reader.readexactly(int(head[2]))
        return int(head[1])

    def close(self) -> None:
        """Let go of what is connected."""
        if self._streams:
            self._streams[1].transport.abort()
            self._streams = None


class Poster:
    """Two connections and one person's patience: posts bursts, repeats on both at once, and again what nobody answered."""

    def __init__(self, memory: Memory, writer: Writer, address: tuple[str, int], seed: int) -> None:
        self._memory, self._writer, self._chance = memory, writer, random.Random(seed)
        self._one, self._other = Connection(memory, address), Connection(memory, address)
        self._again: deque[tuple[Event, int]] = deque()

    async def run(self, until: asyncio.Event) -> None:
        """Post until told to end; then nothing of this poster's is under way."""
        while not until.is_set():
            if self._chance.random() < 0.05:
                await self._post_together()
            else:
                await self._post_burst()
        self.close()

    async def post_rest(self) -> None:
        """Post what is still to be posted again, until each has had an answer."""
        while self._again:
            burst = [self._again.popleft() for _ in range(min(BURST, len(self._again)))]
            tries = {event.mark: tried for event, tried in burst}
            self._again.extend((event, tries[event.mark] + 1) for event in await self._one.post(burst))
        self.close()

    def close(self) -> None:
        """Close both connections."""
        self._one.close()
        self._other.close()

    async def _post_burst(self) -> None:
        await self._one.open()  # first: what may be forged is asked of the door that gets it
        burst = list(self._burst())
        self._keep(burst, await self._one.post(burst))

    async def _post_together(self) -> None:
        await asyncio.gather(self._one.open(), self._other.open())
        event = self._writer.event()
        if event.kind is Kind.FORGED:
            return
        self._memory.together += 1
        both = [(event, 0)]
        unanswered = await asyncio.gather(self._one.post(both), self._other.post([(self._writer.again(event), 0)]))
        self._keep(both, unanswered[0] or unanswered[1])

    def _burst(self) -> Iterator[tuple[Event, int]]:
        for _ in range(self._chance.randint(1, BURST)):
            if self._again and self._chance.random() < 0.5:
                yield self._again.popleft()
                continue
            event = self._writer.event()
            if event.kind is not Kind.FORGED or self._memory.may_forge(event.oa):
                yield event, 0

    def _keep(self, posted: list[tuple[Event, int]], unanswered: list[Event]) -> None:
        tries = {event.mark: tried for event, tried in posted}
        for event in unanswered:
            if event.may_repeat:
                self._again.append((event, tries.get(event.mark, 0) + 1))
        for event, tried in posted:
            if event.may_repeat and event not in unanswered and self._chance.random() < AGAIN:
                self._again.append((self._writer.again(event) if self._chance.random() < 0.5 else event, tried + 1))
