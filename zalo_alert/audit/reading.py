"""The log read from its beginning, line by line: however long it is, one line is held at a time."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from zalo_alert.audit.line import MOST_BYTES, Line, decode
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.files import plain_bytes
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _


def raw_lines(path: Path) -> Iterator[bytes]:
    """Read the log's lines as bytes, up to where it ended when the reading began; nothing where there is no log.

    What is longer than any line comes in pieces, of which the last alone ends with a newline.

    Raises:
        StorageUnusable: It can't be read.
    """
    try:
        plain_bytes(path, 0)  # what could block is not even opened
        with path.open("rb") as file:
            yield from _pieces(file, os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise StorageUnusable(
            _("can't read the audit log {path}: {why}", path=path, why=reason(exc)),
            hint=_("check the disk and the folder's permissions"),
        ) from exc


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.readline(min(left, MOST_BYTES))):
        left -= len(piece)
        yield piece


def lines(path: Path, *, since: datetime | None = None, run: str = "", event: str = "") -> Iterator[Line]:
    """Read what the log tells, the earliest first: all of it, or what is younger, about a run, or of one kind.

    What was cut short tells nothing; the line behind it says so.

    Raises:
        StorageUnusable: It can't be read.
    """
    for raw in raw_lines(path):
        line = decode(raw)
        if line and not (run and line.run != run) and not (event and line.event != event) and not (since and line.at < since):
            yield line
