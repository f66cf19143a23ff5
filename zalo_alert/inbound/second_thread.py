"""A thread for what is done while its caller does something else. It keeps no process alive: a disk may never answer."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

_Order: TypeAlias = "tuple[Callable[[], None], Future[None]] | None"


class SecondThread:
    """Does one thing after another, beside whoever asks for them.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._orders: SimpleQueue[_Order] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, work: Callable[[], None]) -> "Future[None]":
        """Do something; the future says when it is done, and raises what it raised."""
        future: Future[None] = Future()
        self._orders.put((work, future))
        return future

    def close(self) -> None:
        """End once everything is done; waits for nothing."""
        self._orders.put(None)

    def _run(self) -> None:
        while order := self._orders.get():
            work, future = order
            try:
                work()
            except BaseException as exc:  # it is raised where somebody waits for it
                future.set_exception(exc)
            else:
                future.set_result(None)
