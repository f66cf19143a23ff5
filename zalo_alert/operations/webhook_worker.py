"""The worker as the door's child: started, started again when it dies, ended with the door."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from zalo_alert.foundation import machine
from zalo_alert.language import _

SOON_S, LATE_S = 1.0, 60.0  # between two starts: longer after each death, as short as at first when it lived long enough
LIVED_S = 60.0
END_S = 10.0  # for its last transaction


def worker_command(workspace: Path) -> list[str]:
    """Return the command line of a workspace's worker that ends with this process, even if that dies before it has begun."""
    with_us = ["--with-parent", str(os.getpid())]
    return [sys.executable, "-m", "zalo_alert", "webhook", "worker", *with_us, "--workspace", str(workspace)]


class WorkerChild:
    """Keeps a worker going until it is cancelled.

    Args:
        command: Starts it.
        environ: Its environment.
        on_note: Told when it has died, in a sentence.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], on_note: Callable[[str], None]) -> None:
        self._command, self._environ, self._on_note = command, environ, on_note
        self.starts = 0

    async def run(self, soon_s: float = SOON_S) -> None:
        """Start it, and again after each death; end it when this is cancelled."""
        pause_s, loop = soon_s, asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            code = await self._live()
            pause_s = soon_s if loop.time() - began_s > LIVED_S else min(pause_s, LATE_S)
            self._on_note(_("the worker ended with {code}; it starts again in {seconds} s", code=code, seconds=round(pause_s)))
            await asyncio.sleep(pause_s)
            pause_s *= 2

    async def _live(self) -> int:
        self.starts += 1
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=dict(self._environ),
            **machine.own_session(),  # Ctrl-C in a terminal is for the door, which ends it in its turn
        )
        try:
            return await child.wait()
        except asyncio.CancelledError:
            await _end(child)
            raise


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(END_S):
            await child.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
