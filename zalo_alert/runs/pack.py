"""The files of a run in one: a plain zip, which any tool opens.

What is compressed already stays as it is, so that it can be read where it lies; everything else is deflated. Knows no archive.
"""

import errno
import hashlib
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from zalo_alert.errors import RunBusy
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import create_file, private_folder
from zalo_alert.language import _
from zalo_alert.ledger.kept_count import NAME as COUNTED
from zalo_alert.models import Digest
from zalo_alert.runs.manifest import Packed, damaged

NAME = "pack.zip"
_PIECE = 1 << 20
_LEVEL = 6  # 9 takes three times as long and saves a hundredth
_PACKED_ALREADY = frozenset({".parquet", ".gz", ".zst", ".png", ".jpg", ".jpeg", ".pdf"})
_OF_THE_MOMENT = frozenset({"lock", "stop", COUNTED})  # of a process, or counted anew whenever it is missing
_BESIDE_DATABASES = ("-wal", "-shm")


def settle_databases(folder: Path) -> None:
    """Fold what was written to the databases of a run into their files.

    Raises:
        RunBusy: Another program has one of them open, and keeps a part of it.
    """
    for path in sorted(folder.glob("*.db")):
        database = Database(path)
        busy = database.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
        database.close()
        log = path.with_name(f"{path.name}-wal")
        if busy or (log.exists() and log.stat().st_size):
            raise RunBusy(_("another program reads {path} now", path=path), hint=_("close it, then try again"))


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a run's folder, by name.

    Raises:
        OSError: Something there is neither a file nor a folder: a link would take others' files along.
    """
    for path in sorted(folder.rglob("*")):
        name, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
        if name in _OF_THE_MOMENT or path.name.startswith(".") or path.name.endswith(_BESIDE_DATABASES):
            continue
        if stat.S_ISREG(mode):
            yield name, path
        elif not stat.S_ISDIR(mode):
            raise OSError(errno.EINVAL, _("it is not a plain file"), str(path))


def write_pack(folder: Path, target: Path, on_file: Callable[[str], None] = lambda name: None) -> list[Packed]:
    """Pack a run's folder; the pack is on the disk when it returns.

    Args:
        folder: Of the run, whose databases are settled and which nobody writes to.
        target: The pack.
        on_file: Hears which file is next.

    Raises:
        OSError: It can't be read or written.
    """
    files = []
    with create_file(target) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as pack:
        for name, path in files_of(folder):
            on_file(name)
            files.append(_add(pack, name, path))
    return files


def _add(pack: zipfile.ZipFile, name: str, path: Path) -> Packed:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED_ALREADY else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, pack.open(info, "w", force_zip64=True) as member:
        status = os.fstat(source.fileno())
        digest, size_bytes = _copy(source, member)
    return Packed(name, size_bytes, digest, status.st_mtime_ns)


def _copy(source: IO[bytes], target: IO[bytes] | None, most: int | None = None) -> tuple[Digest, int]:
    """Copy at most so many bytes, and one more where there are more; return their SHA-256 and number."""
    digest, size = hashlib.sha256(), 0
    left = None if most is None else most + 1
    while piece := source.read(_PIECE if left is None else min(_PIECE, left - size)):
        digest.update(piece)
        size += len(piece)
        if target is not None:
            target.write(piece)
    return Digest(digest.hexdigest()), size


def unpack(pack: Path, files: Sequence[Packed], into: Path) -> None:
    """Unpack a run's folder, each file with the time at which it was last written to.

    Args:
        pack: The pack.
        files: What lies in it.
        into: A folder of the caller's, which is made.

    Raises:
        ArchiveInvalid: The pack is not what was packed.
        OSError: The disk is full.
    """
    private_folder(into)
    with _opened(pack) as members:
        for file in files:
            path = into / file.name
            private_folder(path.parent)
            with path.open("xb") as target:
                path.chmod(0o600)
                _read(members, file, target)
            os.utime(path, ns=(file.written_ns, file.written_ns))


def differing(pack: Path, files: Sequence[Packed]) -> Iterator[str]:
    """Name the files in a pack that are not what was packed.

    Raises:
        ArchiveInvalid: It is no pack at all.
    """
    from zalo_alert.errors import ArchiveInvalid

    with _opened(pack) as members:
        for file in files:
            try:
                _read(members, file, None)
            except ArchiveInvalid:
                yield file.name


def packed_bytes(pack: Path, file: Packed) -> bytes:
    """Read one small file of a pack.

    Raises:
        ArchiveInvalid: It is not what was packed.
    """
    import io

    with _opened(pack) as members:
        _read(members, file, target := io.BytesIO())
    return target.getvalue()


def stored_at(pack: Path, names: Sequence[str]) -> list[tuple[int, int]]:
    """Say where files lie in a pack that are in it as they are: the first byte of each, and how many.

    Raises:
        ArchiveInvalid: One is missing, or is not as it was.
    """
    with _opened(pack) as members, pack.open("rb") as raw:
        infos = [_info(members, name, pack) for name in names]
        return [(_data_offset(raw, info, pack), info.file_size) for info in infos]


def _data_offset(raw: BinaryIO, info: zipfile.ZipInfo, pack: Path) -> int:
    """Return where a member's bytes begin. Source: PKWARE, APPNOTE.TXT 4.3.7: a head of 30 bytes, then the name, then extras."""
    raw.seek(info.header_offset)
    head = raw.read(30)
    if len(head) < 30 or head[:4] != b"PK\3\4" or info.compress_type != zipfile.ZIP_STORED:
        raise damaged(_("{path} is damaged: {file} can't be read", path=pack, file=info.filename))
    return info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")


def _info(members: zipfile.ZipFile, name: str, pack: Path) -> zipfile.ZipInfo:
    try:
        return members.getinfo(name)
    except KeyError as exc:
        raise damaged(_("{path} is damaged: {file} can't be read", path=pack, file=name)) from exc


def _opened(pack: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(pack)
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError) as exc:
        raise damaged(_("{path} can't be read", path=pack)) from exc


def _read(members: zipfile.ZipFile, file: Packed, target: IO[bytes] | None) -> None:
    """Read a file out of a pack, and make sure that it is what was packed.

    Raises:
        ArchiveInvalid: It is not.
    """
    path = Path(members.filename or "")
    try:
        with members.open(_info(members, file.name, path)) as source:
            found = _copy(source, target, file.size_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as exc:
        raise damaged(_("{path} is damaged: {file} can't be read", path=path, file=file.name)) from exc
    if found != (file.digest, file.size_bytes):
        raise damaged(_("{path} is damaged: {file} is not what was archived", path=path, file=file.name))


def remove(folder: Path) -> None:
    """Remove a folder that nobody needs any more; what is left of it after a kill is removed by whoever comes next."""
    shutil.rmtree(folder, ignore_errors=True)
