"""Ctrl-C kept waiting for as long as something must not be torn in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held() -> Iterator[None]:
    """Keep Ctrl-C waiting until the block has ended.

    By the handler and not by the thread's mask: the signal is the process's, and with this thread deaf to it another
    one takes it, which interrupts the main thread all the same. Only there are handlers set and run, so elsewhere
    there is nothing to hold; nor where Ctrl-C calls nothing of Python's (ignored, or left to the system).
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(signal.SIGINT, came[0])
