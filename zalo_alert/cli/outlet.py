"""Stdout and stderr, which may go away: a full disk, a reader that left, a terminal that closed, a code page without our letters.

A command that only tells ends with a sentence then. Once an alert is on its way nobody need listen: what can't be
written is dropped.
"""

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO, TypeVar

from zalo_alert.errors import OutputClosed, OutputFailed
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

T = TypeVar("T")
_GONE = frozenset({errno.EPIPE, errno.ESHUTDOWN, errno.EINVAL if os.name == "nt" else errno.EPIPE})


class Outlet:
    """A text stream whose errors are ours; everything else is the stream's own.

    Args:
        stream: None where the process was started without one.
    """

    enduring = False  # of the whole process: whatever can't be written is dropped in silence

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_lost = stream is None
        if stream is not None and hasattr(stream, "reconfigure"):
            # A redirected stream would take the code page of the system, which may have no letter of ours.
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write, or drop; see the module."""
        if text == "":  # typer tries streams with it, and takes the refusal of a full disk for an answer
            return 0
        self.try_(lambda stream: stream.write(text))
        return len(text)

    @property
    def buffer(self) -> "_Bytes":
        """What takes bytes as they are."""
        return _Bytes(self)

    def flush(self) -> None:
        """Have everything out."""
        self.try_(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._stream is not None and not self._is_lost and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        if self._stream is None:
            raise AttributeError(name)
        return getattr(self._stream, name)

    def try_(self, act: Callable[[TextIO], T]) -> T | None:
        """Do something with the stream; its errors are ours, or nobody's. None when it is lost."""
        if self._is_lost or self._stream is None:
            return None
        try:
            return act(self._stream)
        except (OSError, ValueError) as exc:  # ValueError: somebody has closed it
            self._lose()
            if not Outlet.enduring:
                raise _explain(exc) from exc
            return None

    def _lose(self) -> None:
        # What is still in the stream's buffer would be tried once more at exit, and fail once more: nothing is behind it now.
        self._is_lost = True
        with suppress(OSError, ValueError, AttributeError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)


def _put(data: memoryview, stream: TextIO) -> int:
    return stream.buffer.write(data)


class _Bytes:
    """The bytes below an outlet."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def write(self, data: bytes) -> int:
        """Write all of it, or drop."""
        left = memoryview(data)
        while left:  # an unbuffered stream (PYTHONUNBUFFERED) writes a part when whoever reads goes away, and says so
            written = self._outlet.try_(partial(_put, left))
            left = left[written:] if written is not None else memoryview(b"")
        return len(data)

    def flush(self) -> None:
        """Have everything out."""
        self._outlet.try_(lambda stream: stream.buffer.flush())


def _explain(exc: OSError | ValueError) -> OutputClosed | OutputFailed:
    number = exc.errno if isinstance(exc, OSError) else errno.EPIPE
    if number in _GONE:
        return OutputClosed(_("whoever read this output went away before its end"))
    why = reason(exc) if isinstance(exc, OSError) else str(exc)
    return OutputFailed(_("the output can't be written: {why}", why=why), hint=_("free some space, or send the output elsewhere"))


def install() -> None:
    """Put outlets in place of the process's streams; where it was started without a stdin, an empty one."""
    sys.stdout, sys.stderr = Outlet(sys.stdout), Outlet(sys.stderr)
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  open for as long as the process lasts
    elif isinstance(sys.stdin, io.TextIOWrapper):  # what is typed or piped in is no reason to fail, whatever the code page
        sys.stdin.reconfigure(encoding=sys.stdin.encoding if sys.stdin.isatty() else "utf-8-sig", errors="replace")


def endure() -> None:
    """From here on nobody need listen: an alert is on its way, and ledger and `status` tell how it goes."""
    Outlet.enduring = True
