"""The standing approvals of a workspace on the disk: a file each, replaced as a whole, and a table of how often each was used.

A use is counted before anything is sent, in one transaction over all processes; a run that goes on is counted once.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count as counting
from pathlib import Path
from typing import NamedTuple

import orjson

from zalo_alert.approval.permission import Limits, Permission, read_permission
from zalo_alert.errors import Cure, InputInvalid, StorageUnusable, UsageError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import appearing, contents, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MAX_BYTES = 1 << 20
_PREFIX = "approval-"  # so that no name is one that Windows keeps for itself
_SCHEMA = """
CREATE TABLE IF NOT EXISTS use (
    digest TEXT NOT NULL, run TEXT NOT NULL, day TEXT NOT NULL, at_s REAL NOT NULL, people INTEGER NOT NULL,
    PRIMARY KEY (digest, run));
"""


class Revocation(NamedTuple):
    """Who took it back, when and why, and their signature of that."""

    by: str
    at: str
    reason: str
    signature: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A standing approval as it lies on the disk.

    Args:
        permission: What was signed.
        campaign: The bytes of the campaign that it means.
        proposal: The signature of whoever proposed it.
        approvals: Signatures so far.
        revocation: None while nobody has taken it back.
    """

    permission: Permission
    campaign: bytes
    proposal: str
    approvals: tuple[str, ...] = field(default=())
    revocation: Revocation | None = None


class Uses(NamedTuple):
    """How often a standing approval was used: on a day, and in all."""

    that_day: int
    in_all: int


def standing_folder(state_folder: Path) -> Path:
    """Return the folder of standing approvals."""
    return state_folder / "standing"


class Standings:
    """The standing approvals of a workspace.

    Args:
        folder: Made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Name them."""
        if not self.folder.is_dir():
            return []
        stems = (path.name.removeprefix(_PREFIX).removesuffix(".json") for path in self.folder.glob(f"{_PREFIX}*.json"))
        return sorted(stem for stem in stems if NAME.fullmatch(stem))

    def all(self) -> list[Kept]:
        """Read all of them."""
        return [self.read(name) for name in self.names()]

    def open(self, name: str) -> Kept:
        """Read one by name.

        Raises:
            UsageError: There is none.
        """
        names = self.names()
        if name not in names:
            hint = did_you_mean(nearest(name, names, likeness=0.5)) or _("{list} shows those there are", list=Cure.STANDING())
            raise UsageError(_('there is no standing approval "{name}"', name=name[:60]), hint=hint)
        return self.read(name)

    def read(self, name: str) -> Kept:
        """Read one that is there.

        Raises:
            StorageUnusable: It can't be read, or is damaged.
        """
        path = self._path(name)
        try:
            value = orjson.loads(contents(path, MAX_BYTES))
            revocation = Revocation(*value["revocation"]) if value["revocation"] else None
            kept = Kept(
                read_permission(value["permission"].encode()),
                value["campaign"].encode(),
                value["proposal"],
                tuple(value["approvals"]),
                revocation,
            )
        except OSError as exc:
            raise StorageUnusable(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder")) from exc
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, InputInvalid) as exc:
            raise _damaged(path) from exc
        if kept.permission.name != name:
            raise _damaged(path)
        return kept

    def request_file(self, name: str) -> Path:
        """Return the file that is carried to whoever approves it elsewhere."""
        return self.folder / f"{name}.request.json"

    def keep(self, kept: Kept) -> None:
        """Put one in place of what is there under its name."""
        value = {
            "permission": kept.permission.text.decode(), "campaign": kept.campaign.decode(), "proposal": kept.proposal,
            "approvals": list(kept.approvals), "revocation": list(kept.revocation) if kept.revocation else None,
        }  # fmt: skip
        self._write(self.request_file(kept.permission.name), kept.permission.text)
        self._write(self._path(kept.permission.name), orjson.dumps(value))

    def set_aside(self, name: str) -> None:
        """Take one that holds no more out of the list, so that its name is free; it is kept."""
        path = self._path(name)
        target = next(other for n in counting(1) if not (other := path.with_name(f"{_PREFIX}{name}~{n}.json")).exists())
        try:
            machine.rename(path, target)
        except OSError as exc:
            raise _unwritable(path, exc) from exc

    def _path(self, name: str) -> Path:
        return self.folder / f"{_PREFIX}{name}.json"

    def _write(self, path: Path, text: bytes) -> None:
        try:
            private_folder(self.folder)
            with appearing(path) as draft:
                draft.write_bytes(text)
        except OSError as exc:
            raise _unwritable(path, exc) from exc

    # --- under one lock over all processes -------------------------------------------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process from changing any of them meanwhile."""
        with closing(self._database()) as database, database.transaction():
            yield

    def uses(self, digest: str, at: datetime) -> Uses:
        """Return how often one was used on a day, and in all."""
        if not (self.folder / "uses.db").exists():
            return Uses(0, 0)
        with closing(self._database()) as database:
            return _uses(database, digest, at)

    def use(self, permission: Permission, run: str, people: int, at: datetime, on_counted: Callable[[Uses], None]) -> str:
        """Count a run as a use, once; return what speaks against it, "" where it is counted now or was before.

        Args:
            permission: Which.
            run: Which.
            people: How many it goes to.
            at: When it starts.
            on_counted: Told of the number of this use before it counts; if it raises, nothing is counted.
        """
        with closing(self._database()) as database, database.transaction():
            if _has(database, permission.digest, run):
                return ""
            uses = _uses(database, permission.digest, at)
            if why := used_up(permission.limits, uses):
                return why
            on_counted(Uses(uses.that_day + 1, uses.in_all + 1))
            row = (permission.digest, run, _day(at), at.timestamp(), people)
            database.run("INSERT INTO use VALUES (?, ?, ?, ?, ?)", row)
        return ""

    def _database(self) -> Database:
        try:
            private_folder(self.folder)
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc
        return Database(self.folder / "uses.db", schema=_SCHEMA)


def used_up(limits: Limits, uses: Uses) -> str:
    """Say that a further use would be one too many; "" where it would not."""
    if uses.in_all >= limits.most_in_all:
        return _("sends in all: {most} are allowed, and it was used {uses} times", most=limits.most_in_all, uses=uses.in_all)
    if uses.that_day >= limits.most_a_day:
        return _(
            "sends a day: {most} are allowed, and it was used {uses} times today", most=limits.most_a_day, uses=uses.that_day
        )
    return ""


def _has(database: Database, digest: str, run: str) -> bool:
    return bool(database.rows("SELECT 1 FROM use WHERE digest = ? AND run = ?", (digest, run)))


def _uses(database: Database, digest: str, at: datetime) -> Uses:
    ((that_day, in_all),) = database.rows(
        "SELECT coalesce(sum(day = ?), 0), count(*) FROM use WHERE digest = ?", (_day(at), digest)
    )
    return Uses(that_day, in_all)


def _day(at: datetime) -> str:
    return in_vietnam(at).date().isoformat()


def _damaged(path: Path) -> StorageUnusable:
    return StorageUnusable(_("{path} is damaged", path=path), hint=_("restore it from a backup, or propose it anew"))


def _unwritable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk's free space and permissions")
    )
