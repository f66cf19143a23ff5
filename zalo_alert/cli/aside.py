"""An observer that never keeps a run waiting: it is told at once, and tells another in a thread of its own.

A terminal that is held with Ctrl-S, or a pager that reads no further, takes no more text: whoever draws there waits, nobody else.
"""

import threading
from collections import deque
from types import TracebackType

from zalo_alert.delivery.progress import Observer, Progress

NOTES_KEPT = 100  # what a held terminal will be told when it goes on; older ones are let go
PATIENCE_S = 2.0  # at the end, for what is still to be told


class Aside:
    """See `progress.Observer`; a context manager that ends the thread.

    Args:
        told: Draws or prints.
    """

    def __init__(self, told: Observer) -> None:
        self._told = told
        self._notes: deque[str] = deque(maxlen=NOTES_KEPT)
        self._progress: Progress | None = None
        self._something = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._tell, name="observer", daemon=True)

    def __enter__(self) -> "Aside":
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
                self._told.on_note(self._notes.popleft())
            progress, self._progress = self._progress, None
            if progress:
                self._told.on_progress(progress)
            if self._ended and not self._notes and not self._progress:
                return
