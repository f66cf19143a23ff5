"""A poster in a thread of the worker's process: begun again when it fails, told of what was put, and ended in peace."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from zalo_alert.errors import ZaloAlertError
from zalo_alert.inbound.worker import where_of
from zalo_alert.language import _
from zalo_alert.outbox.poster import END_S, Poster

AGAIN_S = 1.0  # after it has failed
JOIN_S = END_S + 1.0

Opening = Callable[[], AbstractAsyncContextManager[Poster]]


class PosterThread:
    """See the module; a context that begins and ends it.

    Args:
        opening: Lends a poster, and closes what it uses; called in the thread's loop.
        on_note: Told what goes wrong, in a sentence; from the thread.
        new_loop: Makes the loop.
    """

    def __init__(
        self,
        opening: Opening,
        on_note: Callable[[str], None],
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self._opening, self._on_note, self._new_loop = opening, on_note, new_loop
        self._thread = threading.Thread(target=self._main, name="poster", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._poster: Poster | None = None
        self._is_ending, self._is_told = threading.Event(), False
        self._noted = ""

    def __enter__(self) -> "PosterThread":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._is_ending.set()
        self._tell(self._stop.set)
        self._thread.join(JOIN_S)

    def wake(self) -> None:
        """Take in that answers were put; from any thread, and as often as one likes."""
        if not self._is_told:
            self._is_told = True
            self._tell(self._pass_on)

    def _tell(self, what: Callable[[], None]) -> None:
        loop = self._loop
        try:
            if loop:
                loop.call_soon_threadsafe(what)
        except RuntimeError:  # it has ended since
            pass

    def _pass_on(self) -> None:
        self._is_told = False
        if self._poster:
            self._poster.wake()

    def _main(self) -> None:
        with asyncio.Runner(loop_factory=self._new_loop) as runner:
            self._loop = runner.get_loop()
            runner.run(self._work())

    async def _work(self) -> None:
        while not (self._is_ending.is_set() or self._stop.is_set()):
            try:
                async with self._opening() as poster:
                    self._poster = poster
                    await poster.run(self._stop)
            except Exception as exc:
                self._note(exc)
                await _until(self._stop, AGAIN_S)
            finally:
                self._poster = None
                self._is_told = False

    def _note(self, exc: Exception) -> None:
        mistake = _("{work}: a mistake of this tool: {where}", work="outbox", where=where_of(exc))
        sentence = exc.message if isinstance(exc, ZaloAlertError) else mistake
        if sentence != self._noted:
            self._on_note(sentence)
        self._noted = sentence


async def _until(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
