"""The requests that this process makes, told to whoever wants to see them: by kind, code and time, without ids and tokens."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zalo_alert.zalo import requests
from zalo_alert.zalo.requests import Told

__all__ = ["Told", "watching_requests"]

WAITING = 1000  # that a held terminal will be told of when it goes on; older ones are dropped
PATIENCE_S = 2.0  # at the end, for what is still to be told


@contextmanager
def watching_requests(tell: Callable[[Told], object]) -> Iterator[None]:
    """Tell of each request of this process for as long as the block lasts; of many alike, how many there were.

    Args:
        tell: Called in a thread of its own: no request waits for a terminal that is held.
    """
    logger, handler = logging.getLogger(requests.NAME), _Handler(tell)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        requests.finish()
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()


class _Handler(logging.Handler):
    """Passes on what is told of requests, in a thread of its own."""

    def __init__(self, tell: Callable[[Told], object]) -> None:
        super().__init__()
        self._tell = tell
        self._waiting: deque[Told] = deque(maxlen=WAITING)
        self._something = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="requests", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        if told := record.__dict__.get("told"):
            self._waiting.append(told)
            self._something.set()

    def close(self) -> None:
        """Tell what is left, and end."""
        self._ended = True
        self._something.set()
        self._thread.join(PATIENCE_S)
        super().close()

    def _run(self) -> None:
        while not self._ended or self._waiting:
            self._something.wait()
            self._something.clear()
            while self._waiting:
                self._tell(self._waiting.popleft())
