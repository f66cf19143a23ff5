"""Which files of a workspace belong into a backup, in which order, and how each is read while others write.

Databases are copied as they are at one instant. Files that grow are read as far as they reached when their turn came. What points
to others is read before they are listed, and the audit log last: what is inside never speaks of something that is not.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zalo_alert.backup.container import PIECE_BYTES, Part, is_inside
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import copy_database, is_live_database
from zalo_alert.foundation.layout import STATE_DIR, archive_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

POINTER = "CURRENT"  # names the generation in force, of a book or a table
LAST = f"{STATE_DIR}/audit.log"
_OWN = re.compile(
    r"lock|.*\.lock|stop|.*-wal|.*-shm|.*-journal|heartbeat.*|rest\.json|backup\.json|folding\..*"
)  # of this place or moment
_MOST_POINTER_BYTES = 4096
_LINE_BYTES = 1 << 20  # a line of the log is shorter


class Changed(Exception):
    """A file went away, or became shorter, while it was being read: begin again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What belongs into a backup.

    Args:
        pointers: Small files that name others, with their bytes of before those were listed.
        files: All others, in order; their paths in the workspace.
        notes: What is left out although somebody might look for it, each a sentence.
    """

    pointers: dict[str, bytes]
    files: tuple[str, ...]
    notes: tuple[str, ...]


def choose(workspace: Path, without: Callable[[Path], bool]) -> Choice:
    """List what belongs into a backup of a workspace.

    Args:
        workspace: Its folder.
        without: Whether a file is left out: a secret.

    Raises:
        OSError: A folder can't be read.
    """
    pointers = {_name(workspace, path): _pointer_bytes(path) for path in sorted((workspace / STATE_DIR).glob(f"*/*/{POINTER}"))}
    files, links = [], []
    listed = list(_walk(workspace, is_top=True))
    for path in sorted({*listed, *_archived(workspace)}):
        name = _name(workspace, path)
        if path.is_symlink() or not is_inside(name):
            links.append(name)
        elif name not in pointers and not without(path):
            files.append(name)
    notes = [
        _("not inside, because it is a link or has a name that not every system can have: {file}", file=name) for name in links
    ]
    return Choice(pointers, tuple(sorted(files, key=_order)), tuple(notes))


def _archived(workspace: Path) -> list[Path]:
    """List what lies in the archive now: a run that went there while all was listed would be in neither place otherwise."""
    folder = archive_of(workspace)
    return list(_walk(folder)) if folder.is_dir() else []


def _walk(folder: Path, *, is_top: bool = False) -> Iterator[Path]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith(".") and not (is_top and entry.name == STATE_DIR):
            continue  # a draft, or of another program
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif entry.is_symlink() or (entry.is_file(follow_symlinks=False) and not _is_of_this_moment(entry)):
            yield Path(entry.path)


def _is_of_this_moment(entry: "os.DirEntry[str]") -> bool:
    return bool(_OWN.fullmatch(entry.name)) and STATE_DIR in Path(entry.path).parts


def _order(name: str) -> tuple[int, str]:
    """Put who follows others before those: receipts before runs, runs before the roster and the log, whose lines they name."""
    if name == LAST:
        return 9, name
    is_database = name.endswith(".db")  # what an event has done is copied before the journal of events
    for rank, begin in enumerate((f"{STATE_DIR}/runs/", f"{STATE_DIR}/inbound/", f"{STATE_DIR}/"), start=1):
        if name.startswith(begin):
            is_first = begin == f"{STATE_DIR}/" and is_database
            return 0 if is_first else rank, f"{0 if is_database else 1}{name}"
    return 4, name


def parts(workspace: Path, choice: Choice, scratch: Path) -> Iterator[Part]:
    """Yield what is chosen, each opened when its turn comes.

    Raises:
        Changed: A file went away or became shorter.
        StorageUnusable: One can't be read, or the scratch folder can't hold a copy of a database.
    """
    for name, content in choice.pointers.items():
        yield Part(name, len(content), iter([content]))
    for name in choice.files:
        try:
            yield from _part(workspace / name, name, scratch)
        except FileNotFoundError as exc:
            raise Changed(name) from exc
        except OSError as exc:
            raise _unreadable(workspace / name, exc) from exc


def _part(path: Path, name: str, scratch: Path) -> Iterator[Part]:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Changed(name)
    is_fixed = Path(name).is_relative_to(archive_of(Path()))  # nobody writes it any more, and its sum is in the log
    if is_fixed or not (name.endswith(".db") and is_live_database(path)):
        yield from _opened(path, name, is_log=name == LAST)
        return
    copy = scratch / "copy.db"
    try:
        copy_database(path, copy)
        yield from _opened(copy, name)
    finally:
        copy.unlink(missing_ok=True)


def _opened(path: Path, name: str, *, is_log: bool = False) -> Iterator[Part]:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        size = _whole_lines(file, status.st_size) if is_log else status.st_size
        yield Part(name, size, _pieces(file, size, name), is_program=bool(status.st_mode & 0o100))


def _pieces(file: BinaryIO, size: int, name: str) -> Iterator[bytes]:
    left = size
    while left:
        piece = file.read(min(PIECE_BYTES, left))
        if not piece:
            raise Changed(name)
        left -= len(piece)
        yield piece


def _whole_lines(file: BinaryIO, size: int) -> int:
    """Return where the last whole line of a log ends: its next one may be half written."""
    begin = max(0, size - _LINE_BYTES)
    file.seek(begin)
    end = begin + file.read(size - begin).rfind(b"\n") + 1
    file.seek(0)
    return end or size


def _pointer_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_POINTER_BYTES)


def _name(workspace: Path, path: Path) -> str:
    return path.relative_to(workspace).as_posix()


def _unreadable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
    )
