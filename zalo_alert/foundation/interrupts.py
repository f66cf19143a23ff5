"""Ctrl-C kept waiting for as long as something must not be torn in two."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from zalo_alert.foundation import machine


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


@contextmanager
def heard_once(stop: Callable[[], object]) -> Iterator[None]:
    """Have the first Ctrl-C or SIGTERM stop something cleanly; the old handlers are back then, so a second one ends at once.

    Args:
        stop: Called within the handler: it must do no more than set a flag, or ask a loop to.
    """
    if threading.current_thread() is not threading.main_thread():  # no other thread hears signals
        yield
        return
    previous = {number: signal.getsignal(number) for number in machine.end_signals()}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def heard(number: int, frame: FrameType | None) -> None:
        restore()
        stop()

    for number in previous:
        signal.signal(number, heard)
    try:
        yield
    finally:
        restore()
