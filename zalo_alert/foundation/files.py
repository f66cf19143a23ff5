"""Files that name people: mode 0600, on the disk when they are there, and there only when they are whole.

What is written on the way has a name that nobody can guess, in a folder of its own, and goes through no link: others may share
the folder.
"""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from zalo_alert.foundation import machine
from zalo_alert.language import _

_BINARY = getattr(os, "O_BINARY", 0)  # Windows
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # elsewhere: a pipe without a writer opens at once


class NotPlain(OSError):
    """What stands there is no plain file: `str` says what it is."""


def plain_bytes(path: Path, most: int) -> bytes:
    """Read a plain file's first bytes, at most so many; what could block or never end is not even begun.

    Raises:
        NotPlain: It is a folder, a pipe, a socket or a device.
        OSError: It can't be read.
    """
    _require_plain(path.stat())  # before it is opened: a device may mind
    handle = os.open(path, os.O_RDONLY | _NO_WAIT | _BINARY)
    try:
        _require_plain(os.fstat(handle))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(handle)


def _require_plain(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotPlain(_kind(status.st_mode))


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: _("a folder"), stat.S_IFIFO: _("a pipe"), stat.S_IFSOCK: _("a socket")}
    return kinds.get(stat.S_IFMT(mode), _("a device"))


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    _make(folder, 0o700)


def open_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, which others may look into at most, whatever the umask."""
    _make(folder, 0o755)


def _make(folder: Path, mode: int) -> None:
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            path.mkdir(mode=mode, exist_ok=True)


@contextmanager
def create_open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is not there yet for writing; others may read it at most, whatever the umask."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o644), "wb") as file:
        yield file


@contextmanager
def create_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file for writing, in the place of any other; it is on the disk when the block ends."""
    path.unlink(missing_ok=True)  # a link goes, and not what it points to
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def opened_to_append(path: Path) -> Iterator[BinaryIO]:
    """Open a file of mode 0600 at its end, and make it where there is none."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | _BINARY, 0o600), "ab") as file:
        yield file


@contextmanager
def created_text(path: Path) -> Iterator[TextIO]:
    """Open a new UTF-8 file for writing; see `created`."""
    with create_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """Give a name to write to; `target` is replaced by that file when the block ends well, and untouched otherwise."""
    import shutil  # and all that it knows to unpack; few commands write files

    folder = target.with_name(draft_name(target.name))
    folder.mkdir(mode=0o700)  # fails where anything stands, a link too; and nobody else can put one inside
    draft = folder / target.name
    try:
        yield draft
        sync(draft)
        draft.chmod(0o600)
        machine.replace(draft, target)
        sync_folder(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def draft_name(name: str) -> str:
    """Name what `name` is until it is whole: nobody can guess it, and whoever finds it knows whose process has left it behind."""
    return f".{name}.{os.getpid()}.{os.urandom(8).hex()}"


def contents(path: Path, most_bytes: int) -> bytes:
    """Read a plain file that a person has named.

    Raises:
        OSError: It can't be read, is longer than `most_bytes`, or is none: from a pipe or a device nobody knows when it ends.
    """
    try:
        content = plain_bytes(path, most_bytes + 1)
    except NotPlain as exc:
        raise OSError(errno.EINVAL, _("it is not a plain file but {kind}", kind=exc), str(path)) from exc
    if len(content) > most_bytes:
        size = f"{most_bytes >> 20} MiB" if most_bytes >> 20 else f"{most_bytes >> 10} KiB"
        raise OSError(errno.EFBIG, _("it is larger than {size}: is this the right file?", size=size), str(path))
    return content


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


def write_new(path: Path, content: bytes) -> None:
    """Have a new file appear whole, readable by others at most; never in the place of another, whoever comes first.

    Raises:
        FileExistsError: Something has that name.
        OSError: It can't be written.
    """
    draft = path.with_name(draft_name(path.name))
    try:
        with create_open_file(draft) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name_if_free(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _name_if_free(draft: Path, path: Path) -> None:
    """Give a file its name. A link fails where a rename would replace; some file systems have none, and Windows needs none."""
    if os.name == "posix":
        try:
            os.link(draft, path)
        except FileExistsError:
            raise
        except OSError:
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        else:
            return
    machine.rename(draft, path)
