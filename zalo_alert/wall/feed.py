"""One tick a second for as long as anybody looks on, and everyone is told of the same tick. Without a viewer nothing is read."""

import asyncio
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from zalo_alert.wall.listing import Listed
from zalo_alert.wall.watcher import WallState, Watcher

TICK_S = 1.0
FRESH_S = 2.0  # older than that, whoever asks waits for the next tick
FIRST_S = 5.0  # how long the very first one may take: folders of thousands of runs, on a slow disk
ASKED_S = 5.0  # a page without a script asks anew as often


class Feed:
    """Turns a watcher's ticks into states that any number of tasks can wait for.

    Args:
        watcher: Called from one thread of the feed's own.
        tick_s: From one tick to the next.
        asked_s: How long after a page was asked for somebody may still be looking at it.
    """

    def __init__(self, watcher: Watcher, tick_s: float = TICK_S, asked_s: float = ASKED_S) -> None:
        self._watcher, self._tick_s, self._asked_within_s = watcher, tick_s, asked_s
        self.resting = asyncio.Event()  # set while nobody looks on, and nothing is read until somebody does
        self._thread = ThreadPoolExecutor(1, "watcher")
        self._state: WallState | None = None
        self._told_s = self._asked_s = float("-inf")
        self._told, self._wanted, self._closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.viewers = 0

    async def run(self) -> None:
        """Tick until the feed is closed."""
        try:
            while not self._closed.is_set():
                began_s = time.monotonic()
                if self._is_watched():
                    await self._tick()
                self._wanted.clear()
                await self._pause(began_s + self._tick_s - time.monotonic())
        finally:
            self._thread.shutdown()
            self._watcher.close()

    async def _tick(self) -> None:
        self._state = await asyncio.get_running_loop().run_in_executor(self._thread, self._watcher.tick)
        self._told_s = time.monotonic()
        self._told.set()
        self._told = asyncio.Event()

    def _is_watched(self) -> bool:
        return bool(self.viewers) or time.monotonic() - self._asked_s < self._asked_within_s

    async def _pause(self, seconds: float) -> None:
        """Wait for the next second; without a viewer, for the first."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (self._closed, self._wanted)]
        if self._is_watched():
            await asyncio.wait(waiting[:1], timeout=max(0.0, seconds))
        else:
            self.resting.set()
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            self.resting.clear()
        for task in waiting:
            task.cancel()

    def listed(self) -> list[Listed]:
        """Return every run of the workspace, the latest first."""
        return self._watcher.listing.runs

    async def latest(self) -> WallState | None:
        """Return what is known now, at most two seconds old; None where nothing could be read in time."""
        self._asked_s = time.monotonic()
        self._wanted.set()  # also where what is known is fresh: since the last viewer left, the ticking may have come to rest
        if self._state is None or self._asked_s - self._told_s > FRESH_S:
            told = self._told
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_S):
                    await told.wait()
        return self._state

    async def states(self) -> AsyncGenerator[WallState]:
        """Yield what is known now, and then every tick, until the feed is closed; whoever is slow misses some."""
        self.viewers += 1
        try:
            state = await self.latest()
            while not self._closed.is_set():
                told = self._told
                if state is not None:
                    yield state
                if told is self._told:  # while that was told no other tick has passed
                    await self._next(told)
                state = self._state
        finally:
            self.viewers -= 1

    async def _next(self, told: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in (told, self._closed)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    def close(self) -> None:
        """End everyone's states, and the ticking."""
        self._closed.set()
