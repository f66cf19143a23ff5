"""One thread that waits for the disk, so that the loop does not. It keeps no process alive: a disk may never answer."""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

Work: TypeAlias = Callable[[], None]
Done: TypeAlias = Callable[[BaseException | None], None]


class CommitThread:
    """Does one thing after another.

    Args:
        loop: Where it is told what came of each.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._orders: SimpleQueue[tuple[Work, Done] | None] = SimpleQueue()
        Thread(target=self._run, name="commit", daemon=True).start()

    def submit(self, work: Work, done: Done) -> None:
        """Do something, then tell the loop: None, or what was raised."""
        self._orders.put((work, done))

    def close(self) -> None:
        """End once everything is done; waits for nothing."""
        self._orders.put(None)

    def _run(self) -> None:
        while order := self._orders.get():
            work, done = order
            error: BaseException | None = None
            try:
                work()
            except BaseException as exc:  # it is raised where somebody waits for it
                error = exc
            if self._loop.is_closed():
                return
            self._loop.call_soon_threadsafe(done, error)
