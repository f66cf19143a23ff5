"""The event loop that everything asynchronous runs on."""

import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

T = TypeVar("T")


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop where there is one."""
    with rare_collections():
        try:
            import uvloop
        except ImportError:  # Windows
            import asyncio

            return asyncio.run(main)
        return uvloop.run(main)


def new_loop() -> "AbstractEventLoop":
    """Make a loop for another thread: uvloop's where there is one."""
    try:
        import uvloop
    except ImportError:  # Windows
        import asyncio

        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have the garbage collector look through what is kept much less often than it would, while the block lasts."""
    # The modules are here to stay and messages make no circles: left alone, the collector would walk all of them again and again,
    # for a tenth of the time. Errors with tracebacks do make circles, so it is not switched off.
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
