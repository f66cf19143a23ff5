"""Generations of a book: folders that appear whole, each with a manifest of what is in it; CURRENT names the one in force.

Readers are never blocked: a folder appears by one rename, and CURRENT changes by another. Knows no row.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from filelock import FileLock, Timeout

from zalo_alert.book.base import CURE
from zalo_alert.errors import Cure, InputInvalid, RunBusy, StorageUnusable
from zalo_alert.foundation import machine
from zalo_alert.foundation.files import appearing, create_file, pointed_to, private_folder, sync, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

KEPT = 5  # always
KEPT_AT_MOST = 10
KEPT_FOR = timedelta(days=7)  # a mistake in the list is found within a week
SCRATCH_S = 86_400  # what a killed process left behind is nobody's after a day

_MANIFEST = "manifest.json"
_STAMPS = ".stamps.json"
_DRAFT = ".draft"
STAGING = ".staging"


class Part(NamedTuple):
    """One Parquet file: whom it holds (by the last two digits of the ids, first and last), and how to know it again."""

    file: str
    people: int
    first: int
    last: int
    size_bytes: int
    sha256: str


class Generation(NamedTuple):
    """One state of the book; `number` counts up, `events` marks up to which of the webhook's events it has heard."""

    id: str
    number: int
    made_at: datetime
    source: str
    people: int
    parts: tuple[Part, ...]
    events: str = ""

    @property
    def size_bytes(self) -> int:
        """How much of the disk it takes."""
        return sum(part.size_bytes for part in self.parts)


class Generations:
    """See the module.

    Args:
        folder: Of one OA; made by the first writer.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- reading -------------------------------------------------------------------------------------------------------

    def current(self) -> str:
        """Name the generation in force; "" when nobody was ever imported."""
        try:
            return pointed_to(self.folder)
        except OSError as exc:
            raise StorageUnusable(
                _("can't read {path}: {why}", path=self.folder / "CURRENT", why=reason(exc)), hint=CURE
            ) from exc

    def all(self) -> list[Generation]:
        """List what there is, the newest first."""
        if not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir() if (path / _MANIFEST).is_file() and not path.name.startswith(".")]
        return sorted(map(self.manifest, names), key=lambda generation: generation.number, reverse=True)

    def manifest(self, name: str) -> Generation:
        """Read what a generation says of itself.

        Raises:
            StorageUnusable: It is missing or damaged.
        """
        path = self.folder / name / _MANIFEST
        try:
            read = orjson.loads(path.read_bytes())
            parts = tuple(Part(**part) for part in read["parts"])
            made_at, events = datetime.fromisoformat(read["made_at"]), str(read.get("events", ""))
            return Generation(read["id"], read["number"], made_at, read["source"], read["people"], parts, events)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise StorageUnusable(
                _("{path} can't be read: {why}", path=path, why=reason(exc) if isinstance(exc, OSError) else exc),
                hint=_("{rollback} to another; or remove the folder and import", rollback=Cure.ROLLBACK()),
            ) from exc

    def files(self, name: str) -> list[Path]:
        """Return the files of a generation that are as they were written, by size, time and inode; else by their digests.

        Raises:
            StorageUnusable: One is missing, or is another.
        """
        folder, parts = self.folder / name, self.manifest(name).parts
        kept = _stamps(folder)
        stamps = {part.file: _stamp(folder / part.file) for part in parts}
        for part in parts:
            if kept.get(part.file) != stamps[part.file]:
                _check(folder / part.file, part)
        if kept != stamps:
            _keep_stamps(folder, stamps)  # copied or restored: hashed once, not every time
        return [folder / part.file for part in parts]

    def verify(self, name: str) -> int:
        """Compare every byte of a generation with its digests; return how many bytes.

        Raises:
            StorageUnusable: One file is missing, or is another.
        """
        generation = self.manifest(name)
        for part in generation.parts:
            _check(self.folder / name / part.file, part)
        return generation.size_bytes

    # --- writing -------------------------------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who changes the book; what a killed process left is cleared first.

        Raises:
            RunBusy: Another process is changing it.
            StorageUnusable: The folder can't be written.
        """
        try:
            private_folder(self.folder)
            with FileLock(self.folder / "lock", mode=0o600, timeout=0):
                self._clear()
                yield
        except Timeout as exc:
            raise RunBusy(_("another process is changing this follower book"), hint=_("wait until it has ended")) from exc
        except OSError as exc:
            raise StorageUnusable(_("can't write to {folder}: {why}", folder=self.folder, why=reason(exc)), hint=CURE) from exc

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Give an empty folder for a new generation; what is not added is removed."""
        draft = self.folder / _DRAFT
        try:
            draft.mkdir(mode=0o700)
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def add(
        self, draft: Path, parts: Sequence[tuple[str, int, int, int]], source: str, now: datetime, events: str = ""
    ) -> Generation:
        """Put a draft in its place and in force; it is on the disk when this returns.

        Args:
            draft: Holds the files.
            parts: Of each file its name, its people, and the first and last of its parts.
            source: What it came from.
            now: When.
            events: Up to which of the webhook's events it has heard; "" is as the one in force, which it is made from.
        """
        current = self.current()
        heard = events or (self.manifest(current).events if current else "")
        name = f"{now:%Y%m%dT%H%M%S}-{hashlib.sha256(os.urandom(8)).hexdigest()[:6]}"
        number = max((other.number for other in self.all()), default=0) + 1
        written = tuple(_describe_part(draft / file, *rest) for file, *rest in parts)
        generation = Generation(name, number, now, source, sum(part.people for part in written), written, heard)
        _keep_stamps(draft, {part.file: _stamp(draft / part.file) for part in written})
        with create_file(draft / _MANIFEST) as file:
            file.write(orjson.dumps(_manifest(generation), option=orjson.OPT_INDENT_2))
        sync_folder(draft)
        machine.rename(draft, self.folder / name)
        sync_folder(self.folder)
        self.switch(name)
        self.prune(now)
        return generation

    def replace_part(self, generation: Generation, part: Part, file: str, people: int) -> Generation:
        """Replace a part of a generation by another file, already written to its folder; the old one is removed.

        For nothing but taking a person out: a generation is never changed otherwise.
        """
        folder = self.folder / generation.id
        fresh = _describe_part(folder / file, people, part.first, part.last)
        now = self.manifest(generation.id)
        parts = tuple(fresh if other.file == part.file else other for other in now.parts)
        changed = now._replace(parts=parts, people=sum(other.people for other in parts))
        with appearing(folder / _MANIFEST) as draft, create_file(draft) as target:
            target.write(orjson.dumps(_manifest(changed), option=orjson.OPT_INDENT_2))
        _keep_stamps(folder, {other.file: _stamp(folder / other.file) for other in parts})
        (folder / part.file).unlink()
        return changed

    def clear_staging(self) -> None:
        """Remove what an import that was cut off has read."""
        shutil.rmtree(self.folder / STAGING, ignore_errors=True)

    def switch(self, name: str) -> None:
        """Put a generation in force."""
        with appearing(self.folder / "CURRENT") as pointer, create_file(pointer) as file:
            file.write(name.encode() + b"\n")

    def before(self, name: str) -> str:
        """Name the generation made before another.

        Raises:
            InputInvalid: There is none.
        """
        ordered = [generation.id for generation in self.all()]
        older = ordered[ordered.index(name) + 1 :] if name in ordered else []
        if not older:
            raise InputInvalid(
                _("there is no earlier generation of this book"), hint=_("see {generations}", generations=Cure.GENERATIONS())
            )
        return older[0]

    def prune(self, now: datetime) -> None:
        """Remove old generations: neither the one in force, nor the newest few, nor those of the last week up to a limit."""
        for generation in self.old(now):
            shutil.rmtree(self.folder / generation.id, ignore_errors=True)

    def old(self, now: datetime) -> list[Generation]:
        """Return those that `prune` would remove, the earliest first."""
        current = self.current()
        rest = [generation for generation in self.all() if generation.id != current]
        places = enumerate(rest, start=1)
        return [one for place, one in places if place >= (KEPT_AT_MOST if now - one.made_at < KEPT_FOR else KEPT)][::-1]

    def _clear(self) -> None:
        shutil.rmtree(self.folder / _DRAFT, ignore_errors=True)
        for left in self.folder.glob(".scratch.*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > SCRATCH_S:
                    shutil.rmtree(left)


def _manifest(generation: Generation) -> dict[str, Any]:
    parts = [part._asdict() for part in generation.parts]
    return {**generation._asdict(), "made_at": generation.made_at.isoformat(), "parts": parts}


def _describe_part(path: Path, people: int, first: int, last: int) -> Part:
    sync(path)
    path.chmod(0o600)
    return Part(path.name, people, first, last, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, part: Part) -> None:
    try:
        right = path.stat().st_size == part.size_bytes and _sha256(path) == part.sha256
    except OSError as exc:
        raise StorageUnusable(_("{path} can't be read: {why}", path=path, why=reason(exc)), hint=_RESTORE) from exc
    if not right:
        raise StorageUnusable(_("{path} is not the file that was imported", path=path), hint=_RESTORE)


_RESTORE = _(
    "{rollback} to an earlier generation; or restore the folder from a backup, or import again", rollback=Cure.ROLLBACK()
)


def _stamp(path: Path) -> list[int]:
    try:
        stat = path.stat()
    except OSError:
        return []
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _stamps(folder: Path) -> dict[str, Any]:
    try:
        read = orjson.loads((folder / _STAMPS).read_bytes())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _keep_stamps(folder: Path, stamps: dict[str, list[int]]) -> None:
    # A book on a read-only disk is hashed each time.
    with suppress(OSError), appearing(folder / _STAMPS) as draft, create_file(draft) as file:
        file.write(orjson.dumps(stamps))
