"""Handing over a shift: what is open, what waits for whom and until when, and two officers who sign that both know it.

Where the second one is elsewhere, what the first signed is a file: it travels, is read and signed there, and the signature comes
back as text.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from zalo_alert.approval.agreement import deadline
from zalo_alert.approval.request import read_request
from zalo_alert.approval.roster import Officer, read_roster
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import Cure, InputInvalid, SignatureRefused, StorageUnusable, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, words
from zalo_alert.foundation.files import appearing, contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import Language, _, catalogue_of, said_in
from zalo_alert.models import RunId, Status
from zalo_alert.operations.audit import log_of, unreviewed
from zalo_alert.operations.commands import spoken
from zalo_alert.operations.statement import SEPARATOR, Statement, active_officer, make_statement, sign, signer_of
from zalo_alert.runs.lifecycle import OVER, WORDS, RunState
from zalo_alert.settings.model import Profile

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer
    from zalo_alert.operations.next_message import NextMessage
    from zalo_alert.operations.open_matters import Matter
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs
    from zalo_alert.settings.model import Settings

FILE = "handover.json"  # in the workspace's state: what the first officer signed, until the second one has
MOST_BYTES = 1 << 20
MAX_AGE = timedelta(hours=12)  # a shift; what was open before that is no news
_WAITING = {RunState.SUBMITTED, RunState.APPROVED}


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that whoever takes over must know of.

    Args:
        run: Its name.
        state: Where it stands.
        status: CAP's: Actual, Exercise or Test.
        is_drill: Whether it is one, by its status or its workspace.
        people: How many it goes to.
        deadline: Until when its first message must have left; None where it is sent already, or needs no approval.
        expires: When nothing of it is sent any more.
    """

    run: RunId
    state: RunState
    status: str
    is_drill: bool
    people: int
    deadline: datetime | None
    expires: datetime

    @property
    def is_running_drill(self) -> bool:
        """Whether people read of a drill at this moment: who takes over must not take it for real, or forget it."""
        return self.is_drill and self.state is RunState.SENDING


@dataclass(frozen=True, slots=True)
class Shift:
    """What one officer leaves to the next.

    Args:
        at: As of when.
        runs: Those that are not over, the earliest first.
        unreviewed: Runs that one officer sent alone, and that nobody else has reviewed.
        unread: Runs that can't be read, each as a sentence.
        promises: The next messages that alerts have promised.
        matters: What is open beside the runs, the urgent first.
        language: Of the workspace: in it the sentences about them are signed, for the log has no other.
    """

    at: datetime
    runs: tuple[OpenRun, ...]
    unreviewed: tuple[RunId, ...]
    unread: tuple[str, ...]
    promises: "tuple[NextMessage, ...]" = ()
    matters: "tuple[Matter, ...]" = ()
    language: Language = Language.VI

    @property
    def facts(self) -> dict[str, Any]:
        """What of it is signed."""
        runs = [{"run": one.run, "state": one.state.value, "status": one.status} for one in self.runs]
        catalogue = catalogue_of(self.language)
        matters = [spoken(said_in(matter.text, catalogue)) for matter in self.matters]
        return {"runs": runs, "unreviewed": list(self.unreviewed), **({"matters": matters} if matters else {})}


def look_round(runs: "Runs", settings: "Settings") -> Shift:
    """Find what is open in a workspace."""
    from zalo_alert.operations.next_message import next_message
    from zalo_alert.operations.open_matters import open_matters

    clock = SystemClock()
    now = clock.now()
    open_runs: list[OpenRun] = []
    unread: list[str] = []
    promises: list[NextMessage] = []
    for name in runs.ids():
        try:
            with closing(runs.open(name)) as run:
                open_runs += _open_run(run, settings)
                promises += filter(None, [next_message(run, runs, now)])
        except ZaloAlertError as exc:
            unread.append(exc.message)
    matters = tuple(open_matters(settings, clock))
    return Shift(now, tuple(open_runs), tuple(unreviewed(log_of(runs))), tuple(unread), tuple(promises), matters,
                 settings.language or Language.VI)  # fmt: skip


def _open_run(run: "Run", settings: "Settings") -> Iterator[OpenRun]:
    facts, state = run.facts, run.standing()
    if state in OVER:
        return
    is_drill = facts.status != Status.ACTUAL or facts.profile == Profile.DRILL
    until = deadline(read_request(run.request), settings) if state in _WAITING and run.request else None
    yield OpenRun(run.id, state, facts.status, is_drill, facts.audience, until, facts.expires)


# --- both are here -------------------------------------------------------------------------------------------------------


def hand_over(runs: "Runs", shift: Shift, signers: Sequence["Signer"], text: str = "") -> str:
    """Have two officers sign that both know what is open; return their names.

    Args:
        runs: The workspace's.
        shift: What they were shown.
        signers: Of who goes, and of who comes.
        text: What else there is to say.

    Raises:
        UsageError: There are not two of them.
        SignatureRefused: A key is nobody's, or both are of one officer.
        StorageUnusable: The log can't be written.
    """
    if len(signers) != 2:
        raise UsageError(
            _("two officers sign a handover: who goes and who comes"),
            hint=_("give both keys: {keys}", keys=Cure.OPTION(key="FILE")),
        )
    log = log_of(runs)
    roster = read_roster(log.path.parent)
    first, second = (active_officer(signer, roster, shift.at) for signer in signers)
    statement = _statement(log, shift, first, second.name, text)
    statement.append(log, [sign(statement, signer) for signer in signers])
    return statement.who


def _statement(log: AuditLog, shift: Shift, first: Officer, second: str, text: str) -> Statement:
    if first.name == second:
        raise SignatureRefused(
            _("{name} can't hand over to themselves", name=second), hint=_("the officer who takes over signs second")
        )
    names = SEPARATOR.join((first.name, second))
    return make_statement(log, AuditEvent.HANDOVER, shift.at, names, "", text.strip(), shift.facts)


# --- the second one is elsewhere -----------------------------------------------------------------------------------------


def begin(runs: "Runs", shift: Shift, signer: "Signer", to: str, text: str = "") -> Path:
    """Have the first officer sign, and write that to a file for the second one; return where it lies.

    Raises:
        UsageError: Nobody of that name is on the list of officers.
        SignatureRefused: The key is nobody's, or of the same officer.
        StorageUnusable: The file can't be written.
    """
    log = log_of(runs)
    roster = read_roster(log.path.parent)
    first = active_officer(signer, roster, shift.at)
    second = next((officer.name for officer in roster.named(to) if officer.is_active(shift.at)), None)
    if second is None:
        raise UsageError(
            _("nobody who is called {name} is on the list of officers now", name=to),
            hint=_("{officers} lists them", officers=Cure.OFFICERS()),
        )
    statement, path = _statement(log, shift, first, second, text), log.path.with_name(FILE)
    content = {"type": "handover", "statement": statement.text.decode(), "signature": sign(statement, signer)}
    try:
        with appearing(path) as draft:
            draft.write_bytes(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))
    except OSError as exc:
        raise StorageUnusable(
            _("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    return path


@dataclass(frozen=True, slots=True)
class Begun:
    """A handover that the first officer has signed."""

    statement: Statement
    signature: str

    @property
    def runs(self) -> Sequence[Mapping[str, Any]]:
        """What was open, by `run`, `state` and `status`."""
        return list(self.statement.facts["runs"])

    @property
    def unreviewed(self) -> Sequence[str]:
        """Runs that one officer sent alone, and that nobody has reviewed."""
        return [str(name) for name in self.statement.facts["unreviewed"]]

    @property
    def matters(self) -> Sequence[str]:
        """What else was open, a sentence each; none where an earlier version wrote it."""
        return [str(text) for text in self.statement.facts.get("matters", ())]


def read_begun(path: Path) -> Begun:
    """Read what a first officer has signed.

    Raises:
        InputInvalid: It is no handover, or was changed.
    """
    try:
        kept = orjson.loads(contents(path, MOST_BYTES))
        said = orjson.loads(kept["statement"])
        statement = Statement(
            said["event"], datetime.fromisoformat(said["at"]), said["who"], said["run"], said["why"], said["facts"]
        )
        begun = Begun(statement, kept["signature"])
        is_shaped = (
            all(isinstance(one["run"], str) and isinstance(one["state"], str) for one in begun.runs)
            and begun.unreviewed is not None
        )
        if is_shaped and statement.text.decode() == kept["statement"] and statement.event == AuditEvent.HANDOVER:
            return begun
    except OSError as exc:
        raise InputInvalid(
            _("can't read {path}: {why}", path=path, why=reason(exc)),
            hint=_("the officer who goes begins it: {handover}", handover=Cure.HANDOVER(key="FILE", to='"…"')),
        ) from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise _no_handover(path) from exc
    raise _no_handover(path)


def _no_handover(path: Path) -> InputInvalid:
    return InputInvalid(
        _("{path} is no handover that somebody signed", path=path), hint=_("copy the file {name} whole and unchanged", name=FILE)
    )


def sign_begun(begun: Begun, signer: "Signer") -> str:
    """Return the second officer's signature of what the first has signed."""
    return sign(begun.statement, signer)


def words_of_state(state: str) -> str:
    """Return what a person reads of a run's state; the word itself where a younger version wrote it."""
    return WORDS[RunState(state)] if state in WORDS else state


def finish(runs: "Runs", signature: str) -> str:
    """Take the second officer's signature of what the first has signed, and tell the log; return both names.

    Raises:
        InputInvalid: Nobody has begun a handover, or that was a shift ago.
        SignatureRefused: It is not of this handover, or of another officer than it names.
        StorageUnusable: The log can't be written.
    """
    log = log_of(runs)
    path, roster = log.path.with_name(FILE), read_roster(log.path.parent)
    begun = read_begun(path)
    statement = begun.statement
    if SystemClock().now() - statement.at > MAX_AGE:
        raise InputInvalid(
            _("that handover was begun at {at}: what was open then is no news", at=words(statement.at)),
            hint=_("begin it anew: {handover}", handover=Cure.HANDOVER()),
        )
    signatures = [begun.signature, signature]
    names = [signer_of(statement, text, roster).name for text in signatures]
    if names != statement.who.split(SEPARATOR):
        raise SignatureRefused(
            _("{name} has signed, and the handover is between {names}", name=names[1], names=statement.who),
            hint=_("the officer who takes over signs it"),
        )
    statement.append(log, signatures)
    path.unlink(missing_ok=True)
    return statement.who
