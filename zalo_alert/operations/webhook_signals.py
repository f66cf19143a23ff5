"""The signals that a door hears: stop, and read everything anew."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zalo_alert.foundation import machine


@contextmanager
def heard_signals(stop: Callable[[], None], reload: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM stop it, and SIGHUP reload; after the first, a second one ends the process at once.

    Args:
        stop: Called in the loop.
        reload: Called in the loop.
    """
    if threading.current_thread() is not threading.main_thread():  # no other thread hears signals
        yield
        return
    loop = asyncio.get_running_loop()
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    ends = machine.end_signals()
    before = {number: signal.getsignal(number) for number in (*ends, *([hangup] if hangup else []))}

    def hear(number: int, frame: object) -> None:
        if number == hangup:
            loop.call_soon_threadsafe(reload)
            return
        for end in ends:
            signal.signal(end, before[end])
        loop.call_soon_threadsafe(stop)

    for number in before:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
