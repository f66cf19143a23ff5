"""One frozen run on the disk: a folder with the campaign's text, the audience in shards and one database for all that happens.

Owns names, facts, places, history, the lock and the stop request of a run; what happened to whom is the ledger's business.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
from filelock import FileLock, Timeout

from zalo_alert.errors import RunBusy, StorageUnusable, UsageError
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.files import created, sync_folder
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Digest, RunId
from zalo_alert.runs import seal
from zalo_alert.runs.schedule import Planned

if TYPE_CHECKING:
    from zalo_alert.runs.shards import Shard, ShardReader  # pyarrow takes 90 ms to load, which `stop` does without


OCCURRENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
CURE = "cure"  # in the history: what can be done about what stands before it
DIGESTERS = 2  # threads: as many as the smallest machine has cores
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
_SINCE = """
CREATE TABLE IF NOT EXISTS home (machine TEXT NOT NULL, folder TEXT NOT NULL, file TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS forgotten (number INTEGER PRIMARY KEY);
"""  # younger than the first runs: made when a run is next sent


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
    digest: Digest  # of all parts together; see `seal`
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
    parts: tuple[tuple[str, Digest], ...] = ()  # of the digest; none in a run of before they were kept
    oa_ids: tuple[str, ...] = ()  # Zalo's, of the accounts; none in a run of before


class Hold(StrEnum):
    """What an officer's word has made of a run: nothing, a stop that only `resume` ends, or an end for good."""

    NONE = ""
    HELD = "held"
    CANCELLED = "cancelled"


class Home(NamedTuple):
    """Where a run lives: a copy of its folder is at another place, or in another file, or on another machine.

    `file` is the file system's own number of `run.db`: a copy gets another one; a reboot, a remount and a container's restart
    leave it alone.
    """

    machine: str
    folder: str
    file: str


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
        self._fact_rows = dict(self._db.rows("SELECT name, value FROM fact"))
        try:
            self.facts = _read_facts(self._fact_rows)
        except (KeyError, ValueError, TypeError) as exc:
            raise StorageUnusable(f"{folder / 'run.db'} holds no run", hint=_RESTORE) from exc

    @property
    def id(self) -> RunId:
        """The run's name."""
        return self.facts.id

    def enclosed(self, name: str) -> bytes:
        """Return the bytes of a file that messages carry, by its name in the campaign.

        Raises:
            StorageUnusable: It is missing or was changed.
        """
        number, digest = next((i, digest) for i, (known, digest) in enumerate(self.facts.files) if known == name)
        path = self.folder / _file_name(number)
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise StorageUnusable(f"can't read {path}: {exc.strerror}", hint=_RESTORE) from exc
        if digest_of(content) != digest:
            raise StorageUnusable(f"{path} is not the {name} that was frozen", hint=_RESTORE)
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

    def audience(self) -> "ShardReader":
        """Open the frozen audience."""
        from zalo_alert.runs.shards import Shard, ShardReader

        rows = self._db.rows("SELECT file, first, people, digest FROM shard ORDER BY first")
        return ShardReader(self.folder / "shards", [Shard(*row) for row in rows])

    def parts(self) -> dict[str, Digest]:
        """Digest every part of the run that lies in its folder anew, from the bytes; see `seal`.

        Raises:
            StorageUnusable: A file is missing or can't be read.
        """
        return {
            "campaign": digest_of(self.campaign_bytes()),
            "audience": digest_of_json(self._audience_digests()),
            "places": digest_of_json([list(place) for place in self.places()]),
            "files": digest_of_json([[name, digest_of(self.enclosed(name))] for name, _ in self.facts.files]),
            "facts": facts_part(self._fact_rows),
        }

    def earlier_digest(self) -> Digest:
        """Digest the run anew by the rule of before parts were kept."""
        shards_now = [digest for *_, digest in self._audience_digests()]
        files = [(name, digest_of(self.enclosed(name))) for name, _ in self.facts.files]
        return seal.earlier(digest_of(self.campaign_bytes()), shards_now, self.places(), self.facts.profile, files)

    def campaign_bytes(self) -> bytes:
        """Return the frozen text of the campaign.

        Raises:
            StorageUnusable: It can't be read.
        """
        try:
            return self.campaign_path.read_bytes()
        except OSError as exc:
            raise StorageUnusable(f"can't read {self.campaign_path}: {exc.strerror}", hint=_RESTORE) from exc

    def _audience_digests(self) -> list[tuple[str, int, int, str]]:
        from concurrent.futures import ThreadPoolExecutor

        rows = self._db.rows("SELECT file, first, people FROM shard ORDER BY first")
        with ThreadPoolExecutor(DIGESTERS) as pool:  # hashing leaves Python's lock alone
            digests = pool.map(self._digest_of_shard, [file for file, *_ in rows])
            return [(file, first, people, digest) for (file, first, people), digest in zip(rows, digests, strict=True)]

    def altered_shards(self) -> list[str]:
        """Name the files of the audience that are not those that were frozen."""
        frozen = dict(self._db.rows("SELECT file, digest FROM shard"))
        return [f"{self.folder / 'shards' / file}" for file, *_, digest in self._audience_digests() if frozen[file] != digest]

    def _digest_of_shard(self, file: str) -> Digest:
        from zalo_alert.runs import shards

        try:
            return shards.digest_of(self.folder / "shards" / file)
        except OSError as exc:
            path = self.folder / "shards" / file
            raise StorageUnusable(
                f"can't read {path}, and with it a part of the audience: {exc.strerror}", hint=_RESTORE
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
        self._db.run_script(_SINCE)
        with self._db.transaction():
            self._db.run("DELETE FROM home")
            self._db.run("INSERT INTO home VALUES (?, ?, ?)", home_of(self.folder, self.folder))

    def forget(self, number: int) -> None:
        """Write down that somebody of the audience asked to be forgotten: nobody writes to them any more."""
        self._db.run_script(_SINCE)
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
        if self._db.rows("SELECT 1 FROM history WHERE what = ?", (Hold.CANCELLED,)):
            return Hold.CANCELLED
        latest = self._db.rows("SELECT what FROM history WHERE what IN ('held', 'released') ORDER BY rowid DESC LIMIT 1")
        return Hold.HELD if latest == [(Hold.HELD,)] else Hold.NONE

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
            return any(one.is_open for one in broadcast.all())

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
        """End the run for good, whoever is left; return how many were not written to. The caller holds `locked`."""
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

    def note(self, what: str, detail: str, at: datetime, *, cure: str = "") -> None:
        """Write down something that happened to the run, and what can be done about it."""
        with self._db.transaction():
            self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), what, detail))
            if cure:
                self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), CURE, cure))

    def latest(self) -> tuple[Event, str]:
        """Return what happened last, and what can be done about it; "" when nothing need be."""
        *before, last = self.history()
        return (before[-1], last.detail) if last.what == CURE and before else (last, "")

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
            raise StorageUnusable(
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
        return is_held(self.folder)

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


def write(
    folder: Path,
    facts: Facts,
    campaign: bytes,
    places: Sequence[RunPlace],
    frozen: "Sequence[Shard]",
    schedule: Sequence[Planned],
    files: Sequence[bytes] = (),
) -> None:
    """Write everything but the shards of a new run into its draft folder; all of it is on the disk when it returns."""
    with created(folder / "campaign.yaml") as file:
        file.write(campaign)
    for number, content in enumerate(files):
        with created(folder / _file_name(number)) as file:
            file.write(content)
    SqliteLedger.create(folder / "run.db", facts.audience).close()
    database = Database(folder / "run.db", schema=_SCHEMA + _SINCE)
    with database.transaction():
        database.run_many("INSERT INTO fact VALUES (?, ?)", written_facts(facts).items())
        database.run_many("INSERT INTO place VALUES (?, ?, ?, ?, ?)", [(i, *place) for i, place in enumerate(places)])
        database.run_many("INSERT INTO schedule VALUES (?, ?, ?, ?, ?)", [(i, *planned) for i, planned in enumerate(schedule)])
        database.run_many(
            "INSERT INTO shard VALUES (?, ?, ?, ?)", [(shard.file, shard.first, shard.people, shard.digest) for shard in frozen]
        )
        database.run("INSERT INTO history VALUES (?, 'frozen', ?)", (facts.frozen_at.timestamp(), f"{facts.audience} people"))
        database.run("INSERT INTO home VALUES (?, ?, ?)", home_of(folder, folder.parent / facts.id))
    database.close()
    sync_folder(folder)


def _file_name(number: int) -> str:
    return f"file-{number}"


def facts_part(rows: Mapping[str, str]) -> Digest:
    """Return the digest of a run's facts as they are written, as a part of the run's own."""
    return digest_of_json({name: value for name, value in rows.items() if name not in ("digest", "parts")})


def home_of(folder: Path, final: Path) -> Home:
    """Say where a run is.

    Args:
        folder: Where its files are now.
        final: Where they will be.
    """
    return Home(_machine(), str(final.parent.resolve() / final.name), str((folder / "run.db").stat().st_ino))


def is_held(folder: Path) -> bool:
    """Whether a process is sending the run in a folder at this moment."""
    lock = FileLock(folder / "lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # where no lock can be taken, no ledger can be written, and no sender goes on
    lock.release()
    return False


def _machine() -> str:
    """Return what tells this machine from others; "" where nothing does. Source: systemd, machine-id(5)."""
    for path in _MACHINE_IDS:
        with suppress(OSError):
            return path.read_text(encoding="ascii", errors="replace").strip()
    return ""


def written_facts(facts: Facts) -> dict[str, str]:
    """Return facts as they are written down."""
    return {name: orjson.dumps(getattr(facts, name)).decode() for name in Facts.__slots__}


def _read_facts(rows: dict[str, str]) -> Facts:
    values = {name: orjson.loads(value) for name, value in rows.items()}
    for name in ("expires", "frozen_at"):
        values[name] = datetime.fromisoformat(values[name])
    pairs = {name: tuple((key, digest) for key, digest in values.get(name, ())) for name in ("files", "parts")}
    return Facts(**{**values, "accounts": tuple(values["accounts"]), "oa_ids": tuple(values.get("oa_ids", ())), **pairs})
