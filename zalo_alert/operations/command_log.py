"""What a command says and does, kept in a file that its reader chose."""

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zalo_alert.audit.log import os_user
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import STATE_DIR
from zalo_alert.foundation.log_file import LogFile
from zalo_alert.foundation.log_line import Hiding, LogLine, encode
from zalo_alert.foundation.notices import Level

MOST_BYTES = 16 << 20  # of one file; four of them stay
KEPT = 4


class CommandLog:
    """The log of one command; several may write to one file.

    Args:
        path: Of the file, made where there is none.
        workspace: Whose key makes marks of people; None makes none.
        on_trouble: Hears, once, why it can't be written.
    """

    def __init__(self, path: Path, workspace: Path | None, on_trouble: Callable[[str], object]) -> None:
        self.path = path
        self._file = LogFile(path, on_trouble, most_bytes=MOST_BYTES, kept=KEPT)
        self._hide, self._clock = Hiding(workspace / STATE_DIR if workspace else None), SystemClock()

    def write(self, kind: str, text: str, level: Level = Level.PLAIN, **facts: Any) -> None:
        """Write something down."""
        self._file.append(encode(LogLine(self._clock.now(), kind, text, level, facts=facts), self._hide))

    def begin(self, words: Sequence[str]) -> None:
        """Write down which command begins, where, and by whom."""
        try:
            folder = os.getcwd()  # noqa: PTH109  as it is written down
        except OSError:  # it was removed meanwhile
            folder = ""
        self.write("start", shlex.join(("zalo-alert", *words)), user=os_user(), folder=folder)
