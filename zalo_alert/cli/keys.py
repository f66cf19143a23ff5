"""Single keys from the terminal, without Enter; the terminal is given back whatever ends the command.

Nothing is asked of a terminal that another process has: a command in the background that did would be stopped by the system, and
an alert with it. Where stdin is no terminal, or the system has no such modes (Windows), there are no keys.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

LOOK_EVERY_S = 0.2
_CURSOR_SHOWN, _CURSOR_HIDDEN = "\x1b[?25h", "\x1b[?25l"


class Keys:
    """Tells keys to somebody while a block lasts; a context manager.

    Args:
        on_key: Called in a thread of its own with each key.
        fd: Of the terminal; None for stdin.
    """

    def __init__(self, on_key: Callable[[str], None], fd: int | None = None) -> None:
        self._on_key, self._fd = on_key, _stdin() if fd is None else fd
        self._usual: list[Any] | None = None
        self._before: dict[int, Any] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)

    @property
    def works(self) -> bool:
        """Whether keys are heard."""
        return self._usual is not None

    def __enter__(self) -> "Keys":
        if self._take():
            self._catch_signals()
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2 * LOOK_EVERY_S)
        self._give_back()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _take(self) -> bool:
        """Have keys at once and unseen; Ctrl-C and Ctrl-Z stay what they are."""
        if not _is_ours(self._fd):
            return False
        import termios

        with suppress(termios.error):
            usual = termios.tcgetattr(self._fd)
            raw = [*usual[:3], usual[3] & ~(termios.ICANON | termios.ECHO), *usual[4:]]
            termios.tcsetattr(self._fd, termios.TCSAFLUSH, raw)  # what was typed before is meant for nobody here
            self._usual = self._usual or usual
        return self.works

    def _give_back(self) -> None:
        if self._usual is None or not _is_ours(self._fd):
            return
        import termios

        with suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._usual)

    def _catch_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # signals are the main thread's
        self._before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._suspend)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # which would end the process with the terminal as it is
            self._before[signal.SIGTERM] = signal.signal(signal.SIGTERM, _end)

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Give the terminal back for Ctrl-Z, and take it again when the command goes on in the foreground."""
        self._give_back()
        self._write(_CURSOR_SHOWN)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # the process stands still in here
        signal.signal(signal.SIGTSTP, self._suspend)
        if self._take():
            self._write(_CURSOR_HIDDEN)

    def _write(self, text: str) -> None:
        with suppress(OSError):
            if _is_ours(self._fd):
                os.write(self._fd, text.encode())

    def _listen(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                ready = select.select([self._fd], [], [], LOOK_EVERY_S)[0]
                if not ready or not _is_ours(self._fd):
                    self._ended.wait(0 if not ready else LOOK_EVERY_S)
                    continue
                typed = os.read(self._fd, 64)
                if not typed:
                    return  # the terminal is gone
                for key in typed.decode(errors="ignore"):
                    self._on_key(key)
                continue
            return


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _stdin() -> int:
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        return -1


def _is_ours(fd: int) -> bool:
    """Whether it is a terminal, and this process in its foreground."""
    if os.name == "nt" or fd < 0:
        return False
    try:
        return os.isatty(fd) and os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
