"""A program that tells people something: started without a shell, given a text, and ended when it takes too long."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation import machine
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

PATIENCE_S = 10.0
_LAST_S = 1.0  # for a program that was killed to be gone
INSIDE = "ZALO_ALERT_NOTIFYING"  # set for every such program: a command of ours in it tells nobody


class Ended(NamedTuple):
    """How a program ended: what it said, where that was to be read, and why it failed; "" where it did not."""

    output: bytes
    trouble: str


class Child:
    """Runs one program at a time.

    Args:
        folder: Where it runs.
        patience_s: A program that takes longer is ended.
    """

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S) -> None:
        self._folder, self._patience_s = folder, patience_s
        self._lock, self._abandoned = threading.Lock(), False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str], text: bytes, *, environ: Mapping[str, str] = {}, reads: bool = False) -> Ended:
        """Run a program with a text on its stdin.

        Args:
            command: The program and its arguments.
            text: What it is told.
            environ: Beside our own environment.
            reads: Whether what it prints is wanted.
        """
        try:
            process = self._start(command, {**os.environ, **environ, INSIDE: "1"}, reads=reads)
        except (OSError, ValueError) as exc:
            why = reason(exc) if isinstance(exc, OSError) else str(exc)
            return Ended(b"", _("{program} can't be run: {why}", program=command[0], why=why))
        if process is None:
            return Ended(b"", _("there was no time left for it"))
        try:
            output, _errors = process.communicate(text, timeout=self._patience_s)
        except subprocess.TimeoutExpired:
            return Ended(
                self._end(process),
                _("{program} took longer than {seconds} s and was ended", program=command[0], seconds=f"{self._patience_s:g}"),
            )
        finally:
            self._process = None
        code = process.returncode
        return Ended(output or b"", _("{program} ended with {code}", program=command[0], code=code) if code else "")

    def _start(self, command: Sequence[str], environ: Mapping[str, str], *, reads: bool) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._abandoned:
                return None
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=environ,
                **machine.own_session(),  # a Ctrl-C at the terminal is the run's, and what it starts is ended with it
            )
            return self._process

    def _end(self, process: "subprocess.Popen[bytes]") -> bytes:
        _kill(process)
        with suppress(subprocess.TimeoutExpired):  # somebody it has started holds its stdout, and is no child of ours any more
            return process.communicate(timeout=_LAST_S)[0] or b""
        return b""

    def abandon(self) -> None:
        """End what runs, and let nothing begin any more; called from another thread."""
        with self._lock:
            self._abandoned = True
            process = self._process
        if process:
            _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a program and what it has started; Windows knows no groups to end."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix" and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
