"""Whoever wants to know how an operation goes, and an observer that never keeps a run waiting."""

import threading
from collections import deque
from types import TracebackType
from typing import Protocol

from zalo_alert.delivery import progress
from zalo_alert.delivery.progress import Progress
from zalo_alert.foundation.notices import Notice

NOTES_KEPT = 100  # what a held terminal will be told when it goes on; older ones are dropped
PATIENCE_S = 2.0  # at the end, for what is still to be told


class Observer(progress.Observer, Protocol):
    """Whoever wants to know how an operation goes: how far a run is, what happens to it, what else a person should know."""

    def on_notice(self, notice: Notice) -> None:
        """Take in something to be told before, after or beside a run."""

    def on_step(self, step: str, done: int, whole: int | None) -> None:
        """Take in how much of a long step is done, and of how much; None while nobody knows."""


class Silent(progress.Silent):
    """An observer that tells nobody."""

    def on_notice(self, notice: Notice) -> None:
        """See `Observer`."""

    def on_step(self, step: str, done: int, whole: int | None) -> None:
        """See `Observer`."""


class QueuedObserver:
    """See `progress.Observer`: told at once, it tells another in a thread of its own; a context manager that ends the thread.

    A terminal that is held with Ctrl-S, or a pager that reads no further, takes no more text: whoever draws there waits, and
    nobody else.

    Args:
        observer: Draws or prints.
    """

    def __init__(self, observer: progress.Observer) -> None:
        self._observer = observer
        self._notes: deque[str] = deque(maxlen=NOTES_KEPT)
        self._progress: Progress | None = None
        self._something = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._tell, name="observer", daemon=True)

    def __enter__(self) -> "QueuedObserver":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._ended = True
        self._something.set()
        self._thread.join(PATIENCE_S)

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`; of several only the latest is told."""
        self._progress = progress
        self._something.set()

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._notes.append(text)
        self._something.set()

    def _tell(self) -> None:
        while not self._ended or self._notes or self._progress:
            self._something.wait()
            self._something.clear()
            while self._notes:
                self._observer.on_note(self._notes.popleft())
            progress, self._progress = self._progress, None
            if progress:
                self._observer.on_progress(progress)
            if self._ended and not self._notes and not self._progress:
                return
