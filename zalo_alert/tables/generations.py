"""Generations of a table: files that appear whole; CURRENT names the one in force. Knows no row.

`<name>/<generation>.db` with its key (`.key`) and digest (`.sha256`) beside it. Readers are never blocked: CURRENT changes by one
rename, and whoever has a generation open reads it to the end.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from zalo_alert.errors import Cure, InputInvalid, RunBusy, StorageUnusable
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.files import appearing, create_file, pointed_to, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.tables.table import About, Table

FOLDER = "tables"  # below the workspace's state
KEPT = 2  # generations beside the one in force
LOOKS_EVERY_S = 0.5  # for a new generation, so that a switch is noticed within a second
DATA, KEY, DIGEST = ".db", ".key", ".sha256"
DRAFT = ".draft"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DISK = _("check the disk and the folder's permissions")


class Generation(NamedTuple):
    """One generation of a table: its name, what it says of itself, its size, and whether it is in force."""

    id: str
    about: About
    size_bytes: int
    is_current: bool


class TableFolder:
    """The generations of one table.

    Args:
        state_dir: Of the workspace.
        name: Of the table.

    Raises:
        InputInvalid: The name can be none.
    """

    def __init__(self, state_dir: Path, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise InputInvalid(
                _('"{name}" can\'t be the name of a table', name=name[:80]),
                hint=_("use small letters a to z, digits, - and _, at most 64, as in diem-thi-2026"),
            )
        self.name, self.path = name, state_dir / FOLDER / name

    def current(self) -> str:
        """Name the generation in force; "" where there is none."""
        try:
            return pointed_to(self.path)
        except OSError as exc:
            raise StorageUnusable(_("can't read {path}: {why}", path=self.path / "CURRENT", why=reason(exc)), hint=_DISK) from exc

    def ids(self) -> list[str]:
        """Name all generations, the newest first."""
        files = self.path.glob(f"*{DATA}") if self.path.is_dir() else ()
        return sorted((file.stem for file in files), reverse=True)

    def all(self) -> list[Generation]:
        """Describe all generations, the newest first."""
        current = self.current()
        return [self._describe(id_, is_current=id_ == current) for id_ in self.ids()]

    def _describe(self, id_: str, *, is_current: bool) -> Generation:
        file = self.file(id_)
        table = Table(file)
        try:
            return Generation(id_, table.about, file.stat().st_size, is_current)
        finally:
            table.close()

    def file(self, id_: str) -> Path:
        """Return the file of a generation."""
        return self.path / f"{id_}{DATA}"

    def open(self) -> Table:
        """Open the generation in force.

        Raises:
            InputInvalid: There is none.
            StorageUnusable: It is damaged.
        """
        return Table(self.file(self._require_current()))

    def verify(self, id_: str = "") -> int:
        """Compare every byte of a generation, or of the one in force, with its digest; return how many bytes.

        Raises:
            InputInvalid: There is no such generation.
            StorageUnusable: It is not what was built.
        """
        file = self.file(self._require(id_) if id_ else self._require_current())
        try:
            said = file.with_suffix(DIGEST).read_text(encoding="utf-8").split(" ", 1)[0]
            is_right = digest_of_file(file) == said
        except OSError as exc:
            raise StorageUnusable(_("{path} can't be read: {why}", path=file, why=reason(exc)), hint=_AGAIN) from exc
        if not is_right:
            raise StorageUnusable(_("{path} is not the file that was built", path=file), hint=_AGAIN)
        return file.stat().st_size

    # --- changing --------------------------------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who changes the table; what a killed process left is cleared first.

        Raises:
            RunBusy: Another process is changing it.
            StorageUnusable: The folder can't be written.
        """
        try:
            private_folder(self.path)
            with FileLock(self.path / "lock", mode=0o600, timeout=0):
                shutil.rmtree(self.path / DRAFT, ignore_errors=True)
                self._clear_parts()
                yield
        except Timeout as exc:
            raise RunBusy(
                _('another process is changing the table "{name}"', name=self.name), hint=_("wait until it has ended")
            ) from exc
        except OSError as exc:
            raise StorageUnusable(_("can't write to {folder}: {why}", folder=self.path, why=reason(exc)), hint=_DISK) from exc

    def use(self, id_: str) -> None:
        """Put a generation in force, by one rename; it is on the disk when this returns.

        Raises:
            InputInvalid: There is none of that name.
        """
        self._require(id_)
        with appearing(self.path / "CURRENT") as pointer, create_file(pointer) as file:
            file.write(id_.encode() + b"\n")

    def before(self) -> str:
        """Name the generation before the one in force.

        Raises:
            InputInvalid: There is none.
        """
        current = self._require_current()
        older = [id_ for id_ in self.ids() if id_ < current]
        if not older:
            raise InputInvalid(
                _('there is no earlier generation of the table "{name}"', name=self.name),
                hint=_("see {tables}", tables=Cure.TABLES(self.name)),
            )
        return older[0]

    def prune(self) -> list[str]:
        """Remove all but the one in force and the newest few; return which were removed."""
        current = self.current()
        gone = [id_ for id_ in self.ids() if id_ != current][KEPT:]
        for id_ in gone:
            self._remove(id_)
        return gone

    def _remove(self, id_: str) -> None:
        for suffix in (DATA, KEY, DIGEST):  # without its data it is no generation, whatever else is left
            with suppress(OSError):  # Windows: somebody reads it; the next one removes it
                (self.path / f"{id_}{suffix}").unlink(missing_ok=True)

    def _clear_parts(self) -> None:
        whole = set(self.ids())
        for file in self.path.iterdir():
            if file.suffix in (KEY, DIGEST) and file.stem not in whole:
                file.unlink(missing_ok=True)

    def _require(self, id_: str) -> str:
        if id_ in self.ids():
            return id_
        raise InputInvalid(
            _('the table "{name}" has no generation {generation}', name=self.name, generation=id_[:80]),
            hint=_("see {tables}", tables=Cure.TABLES(self.name)),
        )

    def _require_current(self) -> str:
        if current := self.current():
            return current
        others = names(self.path.parent.parent)
        missing = joined((_('there is no table "{name}"', name=self.name), suggestion(self.name, others)), "")
        raise InputInvalid(missing, hint=_("make it of a list, as {build} says", build=Cure.TABLES_BUILD(help=True)))


def names(state_dir: Path) -> list[str]:
    """Name all tables of a workspace."""
    folder = state_dir / FOLDER
    found = (path.name for path in folder.iterdir() if (path / "CURRENT").is_file()) if folder.is_dir() else ()
    return sorted(found)


class Tables:
    """The tables that a process asks, each in the generation in force: a switch is noticed within a second.

    Args:
        state_dir: Of the workspace.
        monotonic_s: Time.
    """

    def __init__(self, state_dir: Path, monotonic_s: Callable[[], float]) -> None:
        self._state_dir, self._monotonic_s = state_dir, monotonic_s
        self._open: dict[str, tuple[Table, float]] = {}

    def get(self, name: str) -> Table:
        """Return a table, open.

        Raises:
            InputInvalid: There is none of that name.
            StorageUnusable: It is damaged.
        """
        now_s = self._monotonic_s()
        held = self._open.get(name)
        if held and now_s - held[1] < LOOKS_EVERY_S:
            return held[0]
        folder = TableFolder(self._state_dir, name)
        if not held or held[0].generation != folder.current():
            fresh = folder.open()
            if held:
                held[0].close()
            held = (fresh, now_s)
        self._open[name] = (held[0], now_s)
        return held[0]

    def close(self) -> None:
        """Close all."""
        for table, _at_s in self._open.values():
            table.close()
        self._open.clear()


_AGAIN = _("{rollback} to the one before; or {build} again", rollback=Cure.TABLES_ROLLBACK(), build=Cure.TABLES_BUILD())
