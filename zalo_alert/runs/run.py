"""One frozen run on the disk: a folder with the campaign's text, the audience in shards and one database for all that happens.

Owns what is read back from it; who sends it, what happened and where it lives have files of their own. What happened to whom is
the ledger's business.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Digest, RunId
from zalo_alert.runs.facts import RunPlace, read_facts
from zalo_alert.runs.history import Event, History, Hold
from zalo_alert.runs.home import Home, home_of
from zalo_alert.runs.lock import is_held, locked, request_stop, stop_requested
from zalo_alert.runs.new_run import YOUNGER_TABLES, attachment_file
from zalo_alert.runs.schedule import Planned

if TYPE_CHECKING:
    from zalo_alert.runs.shards import ShardReader  # pyarrow takes 90 ms to load, which `stop` does without


class Run:
    """One frozen run.

    Args:
        folder: Whole, as `Runs.add` leaves it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = Database(folder / "run.db")
        self._history = History(self._db)
        self.fact_rows = dict(self._db.rows("SELECT name, value FROM fact"))
        try:
            self.facts = read_facts(self.fact_rows)
        except (KeyError, ValueError, TypeError) as exc:
            raise StorageUnusable(_("{path} holds no run", path=folder / "run.db"), hint=RESTORE_RUN) from exc

    @property
    def id(self) -> RunId:
        """The run's name."""
        return self.facts.id

    def attachment(self, name: str) -> bytes:
        """Return the bytes of a file that messages carry, by its name in the campaign.

        Raises:
            StorageUnusable: It is missing or was changed.
        """
        number, digest = next((i, digest) for i, (file, digest) in enumerate(self.facts.files) if file == name)
        path = self.folder / attachment_file(number)
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise StorageUnusable(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=RESTORE_RUN) from exc
        if digest_of(content) != digest:
            raise StorageUnusable(_("{path} is not the {name} that was frozen", path=path, name=name), hint=RESTORE_RUN)
        return content

    @property
    def campaign_path(self) -> Path:
        """The frozen text of the campaign."""
        return self.folder / "campaign.yaml"

    def places(self) -> list[RunPlace]:
        """Return the groups of people, by the number that the shards give them."""
        return [RunPlace(*row) for row in self._db.rows("SELECT key, label, variant, people FROM place ORDER BY number")]

    def schedule(self) -> list[Planned]:
        """Return when each place was to be reached, by its number."""
        sql = "SELECT first_number, last_number, starts_at_s, finishes_at_s FROM schedule ORDER BY place"
        return [Planned(*row) for row in self._db.rows(sql)]

    def ledger(self) -> SqliteLedger:
        """Open the ledger; whoever writes to it holds `locked`."""
        return SqliteLedger(Database(self.folder / "run.db"))

    def broadcasts(self) -> Broadcasts | None:
        """Open what has become of the run's broadcast, if it has one; whoever writes to it holds `locked`."""
        path = self.folder / broadcasts.NAME
        return Broadcasts(Database(path)) if path.is_file() else None

    def shard_rows(self) -> list[tuple[str, int, int, str]]:
        """Return each shard's file, first person, people and frozen digest."""
        return [(*row,) for row in self._db.rows("SELECT file, first, people, digest FROM shard ORDER BY first")]

    def audience(self) -> "ShardReader":
        """Open the frozen audience."""
        from zalo_alert.runs.shards import Shard, ShardReader

        shards = [Shard(file, first, people, Digest(digest)) for file, first, people, digest in self.shard_rows()]
        return ShardReader(self.folder / "shards", shards)

    def campaign_bytes(self) -> bytes:
        """Return the frozen text of the campaign.

        Raises:
            StorageUnusable: It can't be read.
        """
        try:
            return self.campaign_path.read_bytes()
        except OSError as exc:
            raise StorageUnusable(
                _("can't read {path}: {why}", path=self.campaign_path, why=reason(exc)), hint=RESTORE_RUN
            ) from exc

    @property
    def home(self) -> Home | None:
        """Where the run has lived so far; None where nobody wrote it down."""
        rows = self._db.rows("SELECT machine, folder, file FROM home") if self._has("home") else []
        return Home(*rows[0]) if rows else None

    def is_at_home(self) -> bool:
        """Whether the run is where it has lived so far, and no copy; a machine without an identity is taken at its word."""
        home, here = self.home, home_of(self.folder, self.folder)
        if home is None:
            return True
        return home[1:] == here[1:] and (home.machine == here.machine or not (home.machine and here.machine))

    def settle_in(self) -> None:
        """Write down that the run lives where it is now."""
        self._db.run_script(YOUNGER_TABLES)
        with self._db.transaction():
            self._db.run("DELETE FROM home")
            self._db.run("INSERT INTO home VALUES (?, ?, ?)", home_of(self.folder, self.folder))

    def forget(self, number: int) -> None:
        """Write down that somebody of the audience asked to be forgotten: nobody writes to them any more."""
        self._db.run_script(YOUNGER_TABLES)
        self._db.run("INSERT OR IGNORE INTO forgotten VALUES (?)", (number,))

    def forgotten(self) -> list[int]:
        """Return the numbers of those who asked to be forgotten."""
        rows = self._db.rows("SELECT number FROM forgotten ORDER BY number") if self._has("forgotten") else []
        return [number for (number,) in rows]

    def _has(self, table: str) -> bool:
        return bool(self._db.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)))

    @property
    def hold(self) -> Hold:
        """What an officer's word has made of it."""
        return self._history.hold()

    def is_open(self) -> bool:
        """Whether there is anybody left whom `resume` would go on to, or a broadcast that has not gone out."""
        if self.hold is Hold.CANCELLED:
            return False
        with closing(self.ledger()) as ledger:
            if ledger.is_open():
                return True
        broadcast = self.broadcasts()
        if broadcast is None:
            return False
        with closing(broadcast):
            return any(announced.is_open for announced in broadcast.all())

    def is_finished(self) -> bool:
        """Whether nobody is left, and nobody has cancelled it."""
        return self.hold is not Hold.CANCELLED and not self.is_open()

    def standing(self) -> str:
        """Say in a word how far the run is: sending, stopped, open, cancelled or finished."""
        if self.is_active:
            return "sending"
        hold = self.hold
        if hold is Hold.CANCELLED:
            return "cancelled"
        if not self.is_open():
            return "finished"
        return "stopped" if hold is Hold.HELD else "open"

    def cancel(self, at: datetime) -> int:
        """End the run for good, whoever is left; return how many were not written to. The caller holds `locked`.

        Done again, it completes what a crash may have left undone.
        """
        if self.hold is not Hold.CANCELLED:
            self.note(Hold.CANCELLED, "", at)
        at_s = int(at.timestamp())
        with closing(self.ledger()) as ledger:
            ledger.recover(at_s=at_s, places=self._places_of)
            people = ledger.cancel(at_s=at_s)
        if broadcast := self.broadcasts():
            with closing(broadcast):
                broadcast.recover(at_s)
                broadcast.cancel(at_s)
        return people

    def _places_of(self, numbers: Sequence[int]) -> list[int]:
        with closing(self.audience()) as audience:
            return [person.place for person in audience.people(numbers)]

    def note(self, what: str, detail: str, at: datetime, *, cure: str = "", cause: str = "") -> None:
        """Write down something that happened to the run, why in a word, and what can be done about it."""
        self._history.note(what, detail, at, cure, cause)

    def cause(self) -> str:
        """Return why that happened which happened last, in a word; "" where nobody has said."""
        return self._history.cause()

    def latest(self) -> tuple[Event, str]:
        """Return what happened last, and what can be done about it; "" when nothing need be."""
        return self._history.latest()

    def history(self) -> list[Event]:
        """Return what happened, the earliest first."""
        return self._history.events()

    def locked(self) -> AbstractContextManager[None]:
        """Hold the run: an operating-system lock, which a dead process cannot keep.

        Raises:
            RunBusy: Another process is sending it now.
        """
        return locked(self.folder, self.id)

    @property
    def is_active(self) -> bool:
        """Whether a process is sending it at this moment."""
        return is_held(self.folder)

    def request_stop(self) -> None:
        """Ask the process that sends this run to drain and end."""
        request_stop(self.folder)

    def stop_requested(self) -> bool:
        """Whether someone has asked."""
        return stop_requested(self.folder)

    def close(self) -> None:
        """Close the database."""
        self._db.close()
