"""The heartbeat of whoever sends a run: which process on which machine, and a number that rises while it lives.

A lock tells a dead process from a living one on the same machine; on a shared folder, whose other machine may have died, nothing
does but a number that stands still. The clocks of two machines are never compared.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import orjson

from zalo_alert.foundation import machine
from zalo_alert.runs.home import machine_id

NAME = "heartbeat.json"
EVERY_S = 20.0
_MOST_BYTES = 4096


class Beat(NamedTuple):
    """One beat.

    Args:
        machine: Tells the machine from others; "" where nothing does.
        process: Number of the process.
        number: Rises with every beat.
    """

    machine: str
    process: int
    number: int

    @property
    def is_here(self) -> bool:
        """Whether it is this machine's, whose locks tell more."""
        return self.machine == machine_id()


class Heartbeat:
    """Beats from a thread of its own while a block lasts; a disk that takes no beat keeps nobody from sending.

    Args:
        folder: The run's.
        every_s: How often.
    """

    def __init__(self, folder: Path, every_s: float = EVERY_S) -> None:
        self._path, self._every_s = folder / NAME, every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        with suppress(OSError):
            self._path.unlink()

    def _beat(self) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            with suppress(OSError):
                self._write(Beat(machine_id(), os.getpid(), number))
            self._ended.wait(self._every_s)

    def _write(self, beat: Beat) -> None:
        draft = self._path.with_name(f".{NAME}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(orjson.dumps(beat._asdict()))
        machine.replace(draft, self._path)  # not synced: after a power cut nobody sends, and there is nothing to tell


def read_beat(folder: Path) -> Beat | None:
    """Return the last beat of whoever sends a run; None where nobody left one that can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            kept = orjson.loads(file.read(_MOST_BYTES))
        return Beat(str(kept["machine"]), int(kept["process"]), int(kept["number"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
