"""An archived run, read like any other: what is small off its card, its ledger and people out of its pack when asked for.

Nothing of it can be changed, and nobody sends it. Owns the card: the tables of a run's database but for those in which people
stand one by one.
"""

import shutil
import weakref
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import Cure, RunArchived, StorageUnusable
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import draft_name, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.models import State
from zalo_alert.runs import pack
from zalo_alert.runs.lifecycle import ENDED, RunState
from zalo_alert.runs.manifest import Manifest, damaged, read_manifest
from zalo_alert.runs.run import CapName, Run

if TYPE_CHECKING:
    from zalo_alert.ledger.sqlite import SqliteLedger

CARD = "card.db"
UNPACKED = "unpacked"  # in the workspace's state, as a draft: whoever finds it knows whose process has left it behind
_TABLES = frozenset({
    "fact", "place", "shard", "schedule", "history", "home", "forgotten", "state", "request", "agreement", "cap_name", "progress",
})  # fmt: skip


def write_card(run_database: Path, card: Path) -> None:
    """Write a run's card: its facts, places, history and agreements, on the disk when it returns."""
    database = Database(card, schema="")
    try:
        database.run("ATTACH ? AS whole", (str(run_database),))
        with database.transaction():
            for name, sql in database.rows("SELECT name, sql FROM whole.sqlite_master WHERE type = 'table'"):
                if name in _TABLES:
                    database.run(sql)
                    database.run(f"INSERT INTO main.{name} SELECT * FROM whole.{name} ORDER BY rowid")
        database.run("DETACH whole")
    finally:
        database.close()


def card_rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what a card holds, or would hold of a run's database: rows by table."""
    opened = Database(database)
    try:
        names = [name for (name,) in opened.rows("SELECT name FROM sqlite_master WHERE type = 'table'") if name in _TABLES]
        return {name: opened.rows(f"SELECT * FROM {name} ORDER BY rowid") for name in sorted(names)}
    finally:
        opened.close()


class ArchivedRun(Run):
    """See the module.

    Args:
        entry: Its folder in the archive.

    Raises:
        ArchiveInvalid: It is not what was archived.
    """

    def __init__(self, entry: Path) -> None:
        self._entry, self._whole, self._ledger_of_whole = entry, None, None  # type: tuple[Path, Unpacked | None, Run | None]
        self.manifest = read_manifest(entry)
        super().__init__(entry, CARD)
        self._db.run("PRAGMA query_only = 1")

    @property
    def folder(self) -> Path:
        """The run's folder as it was: unpacked when it is first asked for, gone when the run is closed."""
        if self._whole is None:
            self._whole = Unpacked(self._entry, self.manifest)
        return self._whole.folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        """Ignored: where it lies is its own affair."""

    @property
    def campaign_path(self) -> Path:
        """See `Run`."""
        return self._entry / "campaign.yaml"

    def _own_ledger(self) -> "SqliteLedger":
        if self._ledger_of_whole is None:
            self._ledger_of_whole = Run(self.folder)
        return self._ledger_of_whole._own_ledger()

    def totals(self) -> Mapping[State, int]:
        """Return how many people are in each state: as they were counted when it was archived."""
        return self.manifest.totals

    def is_open(self) -> bool:
        """An open run is never archived."""
        return False

    def broadcasts(self) -> Broadcasts | None:
        """See `Run`."""
        return super().broadcasts() if any(file.name == broadcasts.NAME for file in self.manifest.files) else None

    @property
    def is_active(self) -> bool:
        """Nobody sends it."""
        return False

    def standing(self) -> RunState:
        """See `Run`."""
        state = self.state
        return state if state in (*ENDED, RunState.EXPIRED) else RunState.FINISHED

    def keep_cap_name(self, name: CapName) -> CapName:
        """Return the name: it is the same whenever it is made."""
        return self.cap_name or name

    def locked(self) -> AbstractContextManager[None]:
        """Nobody holds it: it is not sent.

        Raises:
            RunArchived: In any case.
        """
        raise archived(self.manifest)

    def request_stop(self) -> None:
        """It is not being sent.

        Raises:
            RunArchived: In any case.
        """
        raise archived(self.manifest)

    def close(self) -> None:
        """Close its files, and remove what was unpacked."""
        super().close()
        if self._ledger_of_whole is not None:
            self._ledger_of_whole.close()
        if self._whole is not None:
            self._whole.remove()


def archived(manifest: Manifest) -> RunArchived:
    """Refuse to go on with an archived run."""
    return RunArchived(
        _("run {run} was archived on {at}: it can be reported, and is not sent, stopped or corrected any more",
          run=manifest.run, at=words(manifest.archived_at)),
        hint=_("{report} tells what became of it; give a new campaign a new code", report=Cure.REPORT(manifest.run)),
    )  # fmt: skip


class Unpacked:
    """A run's folder out of its pack, in a private folder beside those of the workspace; gone with this process at the latest.

    Raises:
        ArchiveInvalid: The pack is not what was packed, or was removed.
        StorageUnusable: It can't be written, such as to a full disk.
    """

    def __init__(self, entry: Path, manifest: Manifest) -> None:
        source = entry / pack.NAME
        if not source.exists():
            raise damaged(_("of run {run} only the figures are kept: its people and ledger are no more here", run=manifest.run))
        outer = entry.parent.parent / draft_name(UNPACKED)
        self.folder = outer / manifest.run
        self._end = weakref.finalize(self, shutil.rmtree, outer, True)
        try:
            private_folder(outer)
            pack.unpack(source, manifest.files, self.folder)
        except OSError as exc:
            self.remove()
            raise StorageUnusable(
                _("can't unpack {run}: {why}", run=manifest.run, why=reason(exc)),
                hint=_("check the disk's free space and permissions"),
            ) from exc

    def remove(self) -> None:
        """Remove it."""
        self._end()
