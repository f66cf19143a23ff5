"""Files that name people: mode 0600, on the disk when they are there, and there only when they are whole."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def created(path: Path) -> Iterator[BinaryIO]:
    """Open a new file for writing; it is on the disk when the block ends."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def opened_to_append(path: Path) -> Iterator[BinaryIO]:
    """Open a file of mode 0600 at its end, and make it where there is none."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as file:
        yield file


@contextmanager
def created_text(path: Path) -> Iterator[TextIO]:
    """Open a new UTF-8 file for writing; see `created`."""
    with created(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """Give a name to write to; `target` is replaced by that file when the block ends well, and untouched otherwise."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield draft
        sync(draft)
        draft.chmod(0o600)
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file on the disk that something else wrote."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk."""
    if os.name == "posix":  # elsewhere a folder can't be opened, and the file system keeps its own order
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def pointed_to(folder: Path) -> str:
    """Read what a folder's `CURRENT` names; "" when there is none yet."""
    try:
        return (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
