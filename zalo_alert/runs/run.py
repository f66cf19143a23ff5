"""One frozen run on the disk: a folder with the campaign's text, the audience in shards and one database for all that happens.

Owns what is read back from it; who sends it, what happened and where it lives have files of their own. What happened to whom is
the ledger's business.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.telling import OnNotice, ignore, untold
from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, count, persons
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Digest, RunId, State
from zalo_alert.runs.facts import RunPlace, read_facts
from zalo_alert.runs.history import Event, History, Hold
from zalo_alert.runs.home import Home, home_of
from zalo_alert.runs.lifecycle import ENDED, NEVER_SENT, RunState, check_step
from zalo_alert.runs.lock import is_held, locked, request_stop, stop_requested
from zalo_alert.runs.log import RunLog
from zalo_alert.runs.new_run import YOUNGER_TABLES, attachment_file
from zalo_alert.runs.schedule import Planned

if TYPE_CHECKING:
    from zalo_alert.runs.shards import ShardReader  # pyarrow takes 90 ms to load, which `stop` does without


_AGREED_OR_BEGUN = {RunState.SUBMITTED, RunState.APPROVED, RunState.SENDING}
_HAPPENED = {RunState.SENDING: "started"}  # the history's word for a state, where it is another


class Agreement(NamedTuple):
    """A signature that a run keeps: in which namespace, the armoured text, and when it came in (seconds since 1970)."""

    purpose: str
    text: str
    at_s: float


class CapName(NamedTuple):
    """What tells a run from every other message where systems exchange alerts: who sent it, its name there, when (since 1970)."""

    sender: str
    identifier: str
    sent_s: int


class Run:
    """One frozen run.

    Args:
        folder: Whole, as `Runs.add` leaves it.
        database: The name of its database there.
    """

    def __init__(self, folder: Path, database: str = "run.db") -> None:
        self.folder = folder
        self._db = Database(folder / database)
        self._history = History(self._db)
        self.log = RunLog(folder)
        self.fact_rows = dict(self._db.rows("SELECT name, value FROM fact"))
        try:
            self.facts = read_facts(self.fact_rows)
        except (KeyError, ValueError, TypeError) as exc:
            raise StorageUnusable(_("{path} holds no run", path=folder / database), hint=RESTORE_RUN) from exc

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

    def sent_places(self) -> list[RunPlace]:
        """Return the same groups with those people only who are written to: nobody who was withheld from the start."""
        with closing(self.ledger()) as ledger:
            withheld: Counter[int] = Counter()
            for group in ledger.withheld:
                withheld[group.place] += group.people
        return [place._replace(people=place.people - withheld[number]) for number, place in enumerate(self.places())]

    def schedule(self) -> list[Planned]:
        """Return when each place was to be reached, by its number."""
        sql = "SELECT first_number, last_number, starts_at_s, finishes_at_s FROM schedule ORDER BY place"
        return [Planned(*row) for row in self._db.rows(sql)]

    def ledger(self) -> SqliteLedger:
        """Open the ledger; whoever writes to it holds `locked`.

        Raises:
            StorageUnusable: It withholds other people from the start than were when the run was frozen.
        """
        ledger = SqliteLedger(Database(self.folder / "run.db"))
        try:
            self._check_withheld(ledger)
        except StorageUnusable:
            ledger.close()
            raise
        return ledger

    def _check_withheld(self, ledger: SqliteLedger) -> None:
        if (withheld := ledger.audience - ledger.claimable) != self.facts.withheld:
            raise StorageUnusable(
                _(
                    "the ledger of {run} withholds {withheld} from the start, and was frozen with {frozen}",
                    run=self.id,
                    withheld=persons(withheld),
                    frozen=count(self.facts.withheld),
                ),
                hint=RESTORE_RUN,
            )

    def _own_ledger(self) -> SqliteLedger:
        """Return the ledger over the run's own connection, to be looked at: opening another costs more than the look."""
        ledger = SqliteLedger(self._db)
        self._check_withheld(ledger)
        return ledger

    def totals(self) -> Mapping[State, int]:
        """Return how many people are in each state.

        Raises:
            StorageUnusable: The ledger can't be used.
        """
        return self._own_ledger().totals()

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
    def state(self) -> RunState:
        """Where the run stands as it was last written down; see `standing` for what is so now."""
        rows = self._db.rows("SELECT name FROM state") if self._has("state") else []
        return self._state_named(rows[0][0]) if rows else self._state_of_before()

    def _state_named(self, name: str) -> RunState:
        try:
            return RunState(name)
        except ValueError as exc:
            raise StorageUnusable(
                _("{path} says that the run is in a state that there is not", path=self.folder / "run.db"), hint=RESTORE_RUN
            ) from exc

    def _state_of_before(self) -> RunState:
        """Read the state of a run of before it was kept off what happened last."""
        if self.hold is Hold.CANCELLED:
            return RunState.CANCELLED
        state = self._history.state()
        if state in (RunState.FINISHED, RunState.EXPIRED):
            return RunState.EXPIRED if self.totals()[State.EXPIRED] else RunState.FINISHED
        return state

    def move(
        self,
        to: RunState,
        detail: str,
        at: datetime,
        *,
        what: str = "",
        cure: str = "",
        cause: str = "",
        who: str = "",
        event: str = "",
        request: bytes = b"",
        agreement: tuple[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> StorageUnusable | None:
        """Bring the run to another state, with the line of its history that says so, in one transaction; and tell the log.

        What begins or agrees to anything is in the log before it is so, or is refused; an end is never kept waiting by the log.

        Args:
            to: The new state.
            detail: What there is to say of it.
            at: When.
            what: The word of the history's line, where it is not the state's own.
            cure: What can be done about it.
            cause: Why, in a word for scripts.
            request: What whoever approves the run will sign, where it is submitted.
            agreement: A signature that brings it there: its namespace and its text.
            who: The officer who signed for it; "" where nobody did.
            event: The word of the log's line, where it is not the state's own.
            facts: What else belongs into the log.

        Returns:
            Why an end could not be written to the log; None where it was.

        Raises:
            IllegalStep: That does not follow from where the run stands.
            StorageUnusable: It can't be written down.
        """
        self._db.run_script(YOUNGER_TABLES)
        before = self.state
        check_step(self.id, before, to)
        trouble = self._tell_log(to, event or f"run-{to}", at, who, detail, facts)
        with self._db.transaction():
            if rows := self._db.rows("SELECT name FROM state"):
                before = self._state_named(rows[0][0])
            check_step(self.id, before, to)
            self._db.run("DELETE FROM state")
            self._db.run("INSERT INTO state VALUES (?, ?)", (to, at.timestamp()))
            self._history.add(what or _HAPPENED.get(to, to), detail, at, cure, cause)
            if request:
                self._db.run("INSERT INTO request VALUES (?)", (request,))
            if agreement:
                self._db.run("INSERT INTO agreement VALUES (?, ?, ?)", (*agreement, at.timestamp()))
        self.log.event(what or _HAPPENED.get(to, to), detail, at, state=to.value, who=who, cure=cure, cause=cause)
        return trouble

    def _tell_log(
        self, to: RunState, event: str, at: datetime, who: str, why: str, facts: Mapping[str, Any] | None
    ) -> StorageUnusable | None:
        log = AuditLog(self.folder.parent.parent)
        facts = {**(facts or {}), "drill": True} if who and self.facts.is_drill else facts  # so that practice can be counted
        if to in _AGREED_OR_BEGUN:
            log.append(event, at, who=who, run=self.id, why=why, facts=facts)
            return None
        return log.attempt(event, at, who=who, run=self.id, why=why, facts=facts)

    @property
    def hold(self) -> Hold:
        """What an officer's word has made of it."""
        return self._history.hold()

    def is_open(self) -> bool:
        """Whether there is anybody left whom `resume` would go on to, or a broadcast that has not gone out."""
        if self.state in ENDED:
            return False
        if self._own_ledger().is_open():
            return True
        broadcast = self.broadcasts()
        if broadcast is None:
            return False
        with closing(broadcast):
            return any(announced.is_open for announced in broadcast.all())

    def is_finished(self) -> bool:
        """Whether nobody is left, and nobody has ended it before that."""
        return self.state not in ENDED and not self.is_open()

    def standing(self) -> RunState:
        """Say where the run is now: being sent while a process holds it, and halted where that process has died."""
        if self.is_active:
            return RunState.SENDING
        state = self.state
        if state in ENDED or state in NEVER_SENT:
            return state
        if not self.is_open():
            return RunState.EXPIRED if state is RunState.EXPIRED else RunState.FINISHED
        if self.hold is Hold.HELD:
            return RunState.STOPPED
        return RunState.HALTED if state in (RunState.SENDING, RunState.FINISHED, RunState.EXPIRED) else state

    @property
    def is_begun(self) -> bool:
        """Whether anybody may have been written to: to have started is not enough, somebody was claimed or a broadcast begun."""
        if any(claimed for (claimed,) in self._db.rows("SELECT next_number FROM progress")):
            return True
        broadcast = self.broadcasts()
        if broadcast is None:
            return False
        with closing(broadcast):
            return any(announced.state is not State.PENDING for announced in broadcast.all())

    # --- what was agreed to ----------------------------------------------------------------------------------------------

    @property
    def request(self) -> bytes:
        """What whoever approves the run signs, byte for byte; empty where nobody has submitted it."""
        rows = self._db.rows("SELECT text FROM request") if self._has("request") else []
        return bytes(rows[0][0]) if rows else b""

    def agreements(self) -> list[Agreement]:
        """Return who has signed what of the run, the earliest first."""
        rows = self._db.rows("SELECT purpose, text, at_s FROM agreement ORDER BY rowid") if self._has("agreement") else []
        return [Agreement(*row) for row in rows]

    def keep_agreement(self, purpose: str, text: str, at: datetime) -> None:
        """Write down a signature, or another word that somebody gave for the run."""
        self._db.run_script(YOUNGER_TABLES)
        self._db.run("INSERT INTO agreement VALUES (?, ?, ?)", (purpose, text, at.timestamp()))

    @property
    def cap_name(self) -> CapName | None:
        """What other systems know the run by; None where nobody was told of it yet."""
        rows = self._db.rows("SELECT sender, identifier, sent_s FROM cap_name") if self._has("cap_name") else []
        return CapName(*rows[0]) if rows else None

    def keep_cap_name(self, name: CapName) -> CapName:
        """Fix what other systems know the run by, and return it; once fixed, it never changes."""
        self._db.run_script(YOUNGER_TABLES)
        with self._db.transaction():
            self._db.run("INSERT INTO cap_name SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM cap_name)", name)
        return self.cap_name or name

    def cancel(self, at: datetime) -> int:
        """End the run for good, whoever is left; return how many were not written to. The caller holds `locked`.

        Done again, it completes what a crash may have left undone.
        """
        return self._end(RunState.CANCELLED, "", at)

    def correct(self, detail: str, at: datetime, on_notice: OnNotice = ignore) -> int:
        """Declare the run wrong, which ends it as `cancel` does; `detail` says what corrects it.

        A log that can't be written keeps nobody from it: `on_notice` hears of it.
        """
        return self._end(RunState.CORRECTED, detail, at, on_notice)

    def _end(self, state: RunState, detail: str, at: datetime, on_notice: OnNotice = ignore) -> int:
        if self.state is not state and (trouble := self.move(state, detail, at)):
            on_notice(untold(trouble))
        at_s = int(at.timestamp())
        with closing(self.ledger()) as ledger:
            ledger.recover(at_s=at_s, places=self._places_of)
            people = ledger.cancel(at_s=at_s)
        if broadcast := self.broadcasts():
            with closing(broadcast):
                broadcast.recover(at_s)
                broadcast.cancel(at_s)
        return people

    def recover(self, at: datetime) -> None:
        """Call unknown what a process that is gone has left under way. The caller holds `locked`."""
        with closing(self.ledger()) as ledger:
            ledger.recover(at_s=int(at.timestamp()), places=self._places_of)

    def _places_of(self, numbers: Sequence[int]) -> list[int]:
        with closing(self.audience()) as audience:
            return [person.place for person in audience.people(numbers)]

    def note(self, what: str, detail: str, at: datetime, *, cure: str = "", cause: str = "") -> None:
        """Write down something that happened to the run, why in a word, and what can be done about it."""
        self._history.note(what, detail, at, cure, cause)
        self.log.event(what, detail, at, cure=cure, cause=cause)

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
