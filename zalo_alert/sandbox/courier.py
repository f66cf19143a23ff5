"""Carries events to whoever listens on this machine, one at a time on each of a number of kept connections.

Knows nothing of what they say. A connection is opened for an event that finds none free, so that each event that can't be told
learns of it by itself, as each of Zalo's does.
"""

import asyncio
from collections.abc import Iterable

from zalo_alert.sandbox.line import Line, Peer
from zalo_alert.sandbox.webhooks import Delivery, Webhooks
from zalo_alert.sandbox.world import World

ANSWER_S = 2.0  # Zalo's limit
SWEEP_S = 0.1  # how exactly it is kept


class Courier:
    """Tells what is due, for as long as the sandbox runs.

    Args:
        world: Says where to.
        webhooks: Says what.
        answer_s: How long an answer may take, in seconds; kept to a sweep.
    """

    def __init__(self, world: World, webhooks: Webhooks, answer_s: float = ANSWER_S) -> None:
        self._world, self._webhooks, self._answer_s = world, webhooks, answer_s
        self._free: list[Line] = []
        self._busy: set[Line] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._peer: Peer | None = None
        self._is_called = False
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Carry until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._webhooks.wake = self._call
        try:
            while True:
                await asyncio.sleep(SWEEP_S)
                self._close(line for line in self._busy if self._loop.time() - line.since_s > self._answer_s)
        finally:
            self._is_called = True  # nothing more is taken
            self._close((*self._free, *self._busy))

    @staticmethod
    def _close(lines: Iterable[Line]) -> None:
        for line in list(lines):
            line.close()

    def _call(self) -> None:
        # Not at once: whoever made the event is answering a call.
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon(self._fill)

    def _fill(self) -> None:
        """Take what is due while there are connections for it; what is due later than that is taken by the next that is free."""
        self._is_called = False
        self._clear_timer()
        self._follow()
        while self._has_room():
            delivery = self._webhooks.due()
            if delivery is None:
                self._set_timer()
                return
            if self._free:
                self._tell(self._free.pop(), delivery)
            else:
                task = self._loop.create_task(self._open(delivery))
                self._opening.add(task)
                task.add_done_callback(self._opened)

    def _set_timer(self) -> None:
        """Come back for what is due later; while all connections are busy, the next that is free looks for it."""
        self._clear_timer()
        in_s = self._webhooks.next_in_s()
        self._timer = None if in_s is None else self._loop.call_later(in_s, self._fill)

    def _clear_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _has_room(self) -> bool:
        in_use = len(self._busy) + len(self._opening)
        return bool(self._free) or in_use < self._world.options.webhook_connections

    def _follow(self) -> None:
        """Leave the connections to where events were told before."""
        options = self._world.options
        if self._peer and (self._peer.url, self._peer.authority) == (options.webhook_url, options.webhook_ca):
            return
        self._peer = Peer.of(options.webhook_url, options.webhook_ca) if options.webhook_url else None
        self._close(self._free)
        self._free.clear()

    # --- one event ---------------------------------------------------------------------------------------------------------

    async def _open(self, delivery: Delivery) -> None:
        peer = self._peer
        assert peer, "nothing is due while nobody listens"
        try:
            async with asyncio.timeout(self._answer_s):
                line = await self._connected(peer)
                if line.is_closed:  # by a process that was killed, or that hung up at once: nobody would say so a second time
                    raise ConnectionAbortedError
        except (OSError, ValueError):  # a time-out is an OSError, as is a certificate that is not trusted
            self._webhooks.settle(delivery, heard=False, was_told=False)
        else:
            self._tell(line, delivery)

    def _opened(self, task: "asyncio.Task[None]") -> None:
        """Make room for another, and look for what is due: not before, or nobody would where all are refused at one instant."""
        self._opening.discard(task)
        self._call()

    async def _connected(self, peer: Peer) -> Line:
        tls = peer.tls()
        return (await self._loop.create_connection(lambda: Line(peer, self._answered), peer.host, peer.port, ssl=tls))[1]

    def _tell(self, line: Line, delivery: Delivery) -> None:
        self._busy.add(line)
        self._webhooks.told(delivery)
        line.post(delivery)

    def _answered(self, line: Line, delivery: Delivery | None, status: int) -> None:
        """Settle what a connection carried, and give it the next; a status of 0 is no answer."""
        self._busy.discard(line)
        if delivery:
            self._webhooks.settle(delivery, heard=status == 200)
        if line.is_closed:
            if line in self._free:
                self._free.remove(line)
            self._call()
        elif line.peer is not self._peer:
            line.close()
            self._call()
        elif following := self._webhooks.due():
            self._tell(line, following)
        else:
            self._free.append(line)
            if not self._timer:
                self._set_timer()
