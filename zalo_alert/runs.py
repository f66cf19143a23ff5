"""Frozen runs on the disk: a folder each, with the campaign's text, the audience in shards and one database for all that happens.

A folder appears whole, by one rename, or not at all. Owns names, facts, places, history, the lock and the stop request of a run;
what happened to whom is the ledger's business.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import orjson
from filelock import FileLock, Timeout

from zalo_alert import shards
from zalo_alert.database import Database
from zalo_alert.errors import LedgerUnusable, RunBusy, UsageError
from zalo_alert.files import created, private_folder, sync_folder
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Digest, RunId
from zalo_alert.schedule import Planned
from zalo_alert.shards import Shard, ShardReader

OCCURRENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOCK_PATIENCE_S = 0.5  # someone who only looks whether a run is alive holds the lock for a moment
_RESTORE = "restore the run's folder from a backup"

_SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE place (number INTEGER PRIMARY KEY, key TEXT NOT NULL, label TEXT NOT NULL, variant INTEGER, people INTEGER NOT NULL);
CREATE TABLE shard (file TEXT PRIMARY KEY, first INTEGER NOT NULL, people INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE schedule (
    place INTEGER PRIMARY KEY, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL, starts_at_s REAL NOT NULL,
    finishes_at_s REAL NOT NULL);
CREATE TABLE history (at_s REAL NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
"""


class RunPlace(NamedTuple):
    """One group of people in a run: where they are known to be, what their message calls it, which text they read."""

    key: str
    label: str
    variant: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What was true of a run when it was frozen, and stays so."""

    id: RunId
    code: str
    occurrence: str
    digest: Digest  # of the campaign, the shards and the places together
    campaign_digest: Digest
    recipients_digest: str
    profile: str
    status: str
    expires: datetime
    frozen_at: datetime
    audience: int
    accounts: tuple[str, ...]
    generation: str
    staff: int = 0  # how many at the head of the audience stand on the staff list
    files: tuple[tuple[str, Digest], ...] = ()  # what messages carry: names in the campaign, digests of the bytes


class Event(NamedTuple):
    """Something that happened to a run as a whole."""

    at_s: float
    what: str
    detail: str


def run_id(code: str, occurrence: str = "") -> RunId:
    """Name a run.

    Raises:
        UsageError: The occurrence can't be part of a folder's name.
    """
    if occurrence and not OCCURRENCE.fullmatch(occurrence):
        raise UsageError(
            f'--occurrence "{occurrence[:80]}" cannot name a run', hint="use letters, digits, dots and dashes, such as 2026-11-24"
        )
    return RunId(f"{code}@{occurrence}" if occurrence else code)


class Run:
    """One frozen run.

    Args:
        folder: Whole, as `Runs.add` leaves it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = Database(folder / "run.db")
        rows = dict(self._db.rows("SELECT name, value FROM fact"))
        try:
            self.facts = _read_facts(rows)
        except (KeyError, ValueError, TypeError) as exc:
            raise LedgerUnusable(f"{folder / 'run.db'} holds no run", hint=_RESTORE) from exc

    @property
    def id(self) -> RunId:
        """The run's name."""
        return self.facts.id

    def enclosed(self, name: str) -> bytes:
        """Return the bytes of a file that messages carry, by its name in the campaign.

        Raises:
            LedgerUnusable: It is missing or was changed.
        """
        number, digest = next((i, digest) for i, (known, digest) in enumerate(self.facts.files) if known == name)
        path = self.folder / _file_name(number)
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise LedgerUnusable(f"can't read {path}: {exc.strerror}", hint=_RESTORE) from exc
        if hashlib.sha256(content).hexdigest() != digest:
            raise LedgerUnusable(f"{path} is not the {name} that was frozen", hint=_RESTORE)
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

    def audience(self) -> ShardReader:
        """Open the frozen audience."""
        rows = self._db.rows("SELECT file, first, people, digest FROM shard ORDER BY first")
        return ShardReader(self.folder / "shards", [Shard(*row) for row in rows])

    def note(self, what: str, detail: str, at: datetime) -> None:
        """Write down something that happened to the run."""
        self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), what, detail))

    def history(self) -> list[Event]:
        """Return what happened, the earliest first."""
        return [Event(*row) for row in self._db.rows("SELECT at_s, what, detail FROM history ORDER BY rowid")]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run: an operating-system lock, which a dead process cannot keep.

        Raises:
            RunBusy: Another process is sending it now.
        """
        lock = FileLock(self.folder / "lock", mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=LOCK_PATIENCE_S)
        except Timeout as exc:
            raise RunBusy(
                f"run {self.id} is being sent by another process",
                hint=f"watch it with `zalo-alert status {self.id} --watch`, or end it with `zalo-alert stop {self.id}`",
            ) from exc
        except OSError as exc:
            raise LedgerUnusable(
                f"can't hold {self.folder}: {exc.strerror}", hint="check the disk, then `zalo-alert resume`"
            ) from exc
        try:
            self._stop_file.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    @property
    def is_active(self) -> bool:
        """Whether a process is sending it at this moment."""
        lock = FileLock(self.folder / "lock", mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False  # where no lock can be taken, no ledger can be written, and no sender goes on
        lock.release()
        return False

    @property
    def _stop_file(self) -> Path:
        return self.folder / "stop"

    def request_stop(self) -> None:
        """Ask the process that sends this run to drain and end."""
        self._stop_file.touch(mode=0o600)

    def stop_requested(self) -> bool:
        """Whether someone has asked."""
        return self._stop_file.exists()

    def close(self) -> None:
        """Close the database."""
        self._db.close()


class Runs:
    """The runs of a workspace.

    Args:
        folder: Made when the first run is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> list[RunId]:
        """Name the runs, the latest last."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if not path.name.startswith(".") and (path / "run.db").is_file()]
        return [
            RunId(path.name) for path in sorted(found, key=lambda path: ((path / "campaign.yaml").stat().st_mtime, path.name))
        ]

    def find(self, name: RunId) -> Run | None:
        """Open a run, if there is one of this name."""
        folder = self.folder / name
        return Run(folder) if (folder / "run.db").is_file() else None

    def open(self, name: str | None) -> Run:
        """Open a run by name; None means the only one.

        Raises:
            UsageError: There is no such run, or several and none was named.
        """
        known = self.ids()
        if name is None:
            if len(known) == 1:
                return Run(self.folder / known[0])
            raise UsageError(
                "several runs exist: name one" if known else f"{self.folder.parent.parent} has no run yet",
                hint="`zalo-alert runs` lists them" if known else "`zalo-alert send campaigns/….yaml` makes one",
            )
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.5)
            raise UsageError(
                f'there is no run "{name}"', hint=f"did you mean {close[0]}?" if close else "`zalo-alert runs` lists them"
            )
        return Run(self.folder / name)

    def naming(self, user_id: str) -> list[RunId]:
        """Name the runs in whose frozen audience somebody stands."""
        return [name for name in self.ids() if shards.holds(self.folder / name / "shards", user_id)]

    def add(self, name: RunId, fill: Callable[[Path], None]) -> Run:
        """Let a new run be filled into an empty folder, which appears under its name only when it is whole.

        Args:
            name: Not taken yet.
            fill: Writes every file of the run.

        Raises:
            LedgerUnusable: It could not be written; nothing is left of it.
        """
        draft = self.folder / f".{name}.{os.getpid()}"
        try:
            private_folder(self.folder)
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            (draft / "shards").mkdir(mode=0o700)
            fill(draft)
            self._appear(draft, self.folder / name)
        except OSError as exc:
            raise LedgerUnusable(
                f"can't write the run to {self.folder}: {exc.strerror or exc}", hint="check the disk's free space and permissions"
            ) from exc
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return Run(self.folder / name)

    def _appear(self, draft: Path, final: Path) -> None:
        try:
            draft.rename(final)
        except OSError:
            if not (final / "run.db").is_file():
                raise
            return  # another process froze the same run a moment ago: theirs is the run
        sync_folder(self.folder)


def write(
    folder: Path,
    facts: Facts,
    campaign: bytes,
    places: Sequence[RunPlace],
    frozen: Sequence[Shard],
    schedule: Sequence[Planned],
    files: Sequence[bytes] = (),
) -> None:
    """Write everything but the shards of a new run into its folder; all of it is on the disk when it returns."""
    with created(folder / "campaign.yaml") as file:
        file.write(campaign)
    for number, content in enumerate(files):
        with created(folder / _file_name(number)) as file:
            file.write(content)
    SqliteLedger.create(folder / "run.db", facts.audience).close()
    database = Database(folder / "run.db", schema=_SCHEMA)
    with database.transaction():
        database.run_many("INSERT INTO fact VALUES (?, ?)", _written_facts(facts).items())
        database.run_many("INSERT INTO place VALUES (?, ?, ?, ?, ?)", [(i, *place) for i, place in enumerate(places)])
        database.run_many("INSERT INTO schedule VALUES (?, ?, ?, ?, ?)", [(i, *planned) for i, planned in enumerate(schedule)])
        database.run_many(
            "INSERT INTO shard VALUES (?, ?, ?, ?)", [(shard.file, shard.first, shard.people, shard.digest) for shard in frozen]
        )
        database.run("INSERT INTO history VALUES (?, 'frozen', ?)", (facts.frozen_at.timestamp(), f"{facts.audience} people"))
    database.close()
    sync_folder(folder)


def _file_name(number: int) -> str:
    return f"file-{number}"


def _written_facts(facts: Facts) -> dict[str, str]:
    return {name: orjson.dumps(getattr(facts, name)).decode() for name in Facts.__slots__}


def _read_facts(rows: dict[str, str]) -> Facts:
    values = {name: orjson.loads(value) for name, value in rows.items()}
    for name in ("expires", "frozen_at"):
        values[name] = datetime.fromisoformat(values[name])
    files = tuple((name, digest) for name, digest in values.get("files", ()))
    return Facts(**{**values, "accounts": tuple(values["accounts"]), "files": files})
