"""Commands in a terminal of their own, in its foreground."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def start(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, columns: int = 80
) -> "tuple[int, subprocess.Popen[bytes]]":
    """Start a command; return our end of its terminal, and the process."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=env, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    return ours, child


class Screen:
    """A command in its terminal, read all the time so that it never waits for us."""

    def __init__(self, desk: Any, *words: str) -> None:
        command = [sys.executable, "-m", "zalo_alert", *words]
        self.ours, self.child = start(command, cwd=desk.folder, env={**desk.environ, "TERM": "xterm"})
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(self.ours, 4096):
                self.text += piece.decode(errors="replace")

    def type(self, key: str) -> None:
        """Press keys."""
        os.write(self.ours, key.encode())

    def end(self) -> int:
        """Wait for the command's end; return its exit code."""
        code = self.child.wait(60)
        self._reader.join(10)
        os.close(self.ours)
        return code
