"""The log of a workspace for whoever checks it and adds to it by hand; and the review of what one officer sent alone."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import START, Line, decode
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.reading import lines, raw_lines
from zalo_alert.audit.verify import Anchor, Fault, FaultKind, Verdict, verify
from zalo_alert.errors import ArchiveInvalid, Cure, InputInvalid, SignatureRefused, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import RunId

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs

MOST_NOTE = 2_000  # characters; a page of typing
MOST_REQUEST_BYTES = 1 << 20  # four times what a request may have
REQUEST = "request.json"  # in a run's folder, as submit leaves it
_SIGNED = b'"signatures":['  # in the bytes of a line that somebody signed


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check of the log.

    Args:
        path: Of the log.
        verdict: About its lines; the faults of signatures in it are among them.
        anchors: How many requests it was held against.
        unread: Of the runs' own requests, those that can't be read, each as a sentence.
    """

    path: Path
    verdict: Verdict
    anchors: int
    unread: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the log is what was written, as far as anybody can tell."""
        return not self.verdict.faults and not self.unread


def log_of(runs: "Runs") -> AuditLog:
    """Return the log of the workspace that these runs are of."""
    return AuditLog(runs.folder.parent)


def log_of_run(run: "Run") -> AuditLog:
    """Return the log of the workspace that a run is of."""
    return AuditLog(run.folder.parent.parent)


def read_log(runs: "Runs", *, since: datetime | None = None, run: str = "", event: str = "") -> Iterator[Line]:
    """Read what the log tells, the earliest first: all of it, or what is younger, about a run, or of one kind; see `lines`."""
    return lines(log_of(runs).path, since=since, run=run, event=event)


# --- checked -------------------------------------------------------------------------------------------------------------


def verify_log(runs: "Runs", requests: Sequence[Path] = ()) -> Checked:
    """Check the log against itself, against the requests of the runs, and against copies of requests that somebody kept.

    Raises:
        InputInvalid: A request that was named is none.
        StorageUnusable: The log can't be read.
    """
    anchors, unread = _own_anchors(runs)
    anchors += [_anchor(path) for path in requests]
    path = log_of(runs).path
    verdict = verify(path, anchors)
    return Checked(path, _with_signatures(verdict, path), len(anchors), tuple(unread))


def _own_anchors(runs: "Runs") -> tuple[list[Anchor], list[str]]:
    anchors, unread = [], []
    for path in sorted(runs.folder.glob(f"*/{REQUEST}")):
        try:
            anchors.append(_anchor(path))
        except InputInvalid as exc:
            unread.append(exc.message)
    for name in runs.archive.ids():
        try:
            anchors += [_anchor_of(text, f"{name}/{REQUEST}") for text in runs.archive.contents(name, REQUEST)]
        except (InputInvalid, ArchiveInvalid) as exc:
            unread.append(exc.message)
    return anchors, unread


def _anchor(path: Path) -> Anchor:
    """Read the head of the log off a request.

    Raises:
        InputInvalid: It is none, or can't be read.
    """
    try:
        return _anchor_of(contents(path, MOST_REQUEST_BYTES), str(path))
    except OSError as exc:
        raise InputInvalid(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the name")) from exc


def _anchor_of(text: bytes, path: str) -> Anchor:
    try:
        signed = orjson.loads(text)["signed"]
        number, head = signed["log_lines"], signed["log_head"]
    except (ValueError, KeyError, TypeError) as exc:
        raise InputInvalid(
            _("{path} is no request that somebody signed", path=path), hint=_("name a file request.json that submit wrote")
        ) from exc
    if not (isinstance(number, int) and isinstance(head, str) and len(head) == len(START) and number >= 0):
        raise InputInvalid(_("{path} names no head of the log", path=path), hint=_("name a file request.json that submit wrote"))
    return Anchor(number, head, path)


def _with_signatures(verdict: Verdict, path: Path) -> Verdict:
    """Add the faults of signatures that stand in the log."""
    signed = [line for line in _lines_with(path, _SIGNED) if line.facts.get("signatures")]
    if not signed:
        return verdict
    from dataclasses import replace

    return replace(verdict, faults=tuple(sorted((*verdict.faults, *_judge_signatures(signed, path)))))


def _judge_signatures(signed: Iterable[Line], path: Path) -> Iterator[Fault]:
    from zalo_alert.approval.roster import read_roster
    from zalo_alert.operations.statement import signers_of

    try:
        roster = read_roster(path.parent)
    except ZaloAlertError as exc:  # without the list of officers no signature can be checked
        yield from (_not_counted(line, exc) for line in signed)
        return
    for line in signed:
        try:
            signers_of(line, roster)
        except ZaloAlertError as exc:
            yield _not_counted(line, exc)


def _not_counted(line: Line, exc: ZaloAlertError) -> Fault:
    words = _("line {line} bears a signature that does not count: {why}", line=line.number, why=exc.message)
    return Fault(line.number, FaultKind.SIGNATURE, words)


def _lines_with(path: Path, mark: bytes) -> Iterator[Line]:
    """Read the lines that hold some bytes; the others are not even taken apart."""
    for raw in raw_lines(path):
        if mark in raw and (line := decode(raw)):
            yield line


# --- added to by hand ----------------------------------------------------------------------------------------------------


def note(runs: "Runs", text: str, signer: "Signer | None" = None, run: str = "") -> str:
    """Write a decision down: above all one not to send, which leaves no other trace.

    Args:
        runs: The workspace's.
        text: What was decided, and why.
        signer: Whose decision; None for whoever is logged in to the machine.
        run: Which run it is about; "" for none.

    Returns:
        Who stands there as its author: an officer, or the account of the operating system.

    Raises:
        UsageError: There is no text, or no such run.
        SignatureRefused: The key is nobody's.
        StorageUnusable: The log can't be written.
    """
    from zalo_alert.audit.log import os_user

    text = _typed(text)
    if run and run not in runs.ids():
        runs.open_to_read(run).close()
    if signer is None:
        log_of(runs).append(AuditEvent.NOTE, SystemClock().now(), run=run, why=text)
        return os_user()
    return _signed_line(log_of(runs), AuditEvent.NOTE, signer, run, text)


def _typed(text: str) -> str:
    text = text.encode("utf-8", "replace").decode().strip()  # of a command line's bytes that are no text
    if not text or len(text) > MOST_NOTE:
        raise UsageError(
            _("a note has 1 to {most} characters, and this one has {count}", most=MOST_NOTE, count=len(text)),
            hint=_("say what was decided, and why"),
        )
    return text


def _signed_line(log: AuditLog, event: AuditEvent, signer: "Signer", run: str, why: str, barred: str = "") -> str:
    from zalo_alert.approval.roster import read_roster
    from zalo_alert.operations.statement import active_officer, make_statement, sign

    now = SystemClock().now()
    officer = active_officer(signer, read_roster(log.path.parent), now)
    if barred and officer.name == barred:
        raise SignatureRefused(
            _("{name} sent it, and nobody reviews their own", name=officer.name), hint=_("another officer of the list reviews it")
        )
    statement = make_statement(log, event, now, officer.name, run, why)
    statement.append(log, [sign(statement, signer)])
    return officer.name


# --- break-glass ---------------------------------------------------------------------------------------------------------


def review(run: "Run", text: str, signer: "Signer") -> str:
    """Write down that another officer has looked into what one sent alone, and what came of it.

    Returns:
        The name of who reviewed it.

    Raises:
        UsageError: It was not sent by break-glass, or nothing is said about it.
        SignatureRefused: The key is nobody's, or of who sent it.
        StorageUnusable: The log can't be written.
    """
    text = _typed(text)
    log = log_of_run(run)
    sent = _break_glass(log, run.id)
    if not sent:
        raise UsageError(
            _("{run} was not sent by break-glass: there is nothing to review", run=run.id),
            hint=_("{note} writes down whatever else there is to say", note=Cure.NOTE('"…"', run=run.id)),
        )
    return _signed_line(log, AuditEvent.REVIEW, signer, run.id, text, barred=sent[-1].who)


def is_reviewed(run: "Run") -> bool:
    """Whether another officer has looked into what was sent by break-glass since; true of a run that was not sent so."""
    return run.id not in unreviewed(log_of_run(run))


def unreviewed(log: AuditLog) -> list[RunId]:
    """Name the runs that one officer sent alone, and that nobody else has reviewed since, the earliest first."""
    from zalo_alert.approval.roster import read_roster

    waiting: dict[str, Line] = {}
    for line in _break_glass(log):
        waiting[line.run] = line
    if not waiting:
        return []
    roster = read_roster(log.path.parent)
    for line in _lines_with(log.path, b'"event":"review"'):
        sent = waiting.get(line.run)
        if sent and line.event == AuditEvent.REVIEW and line.number > sent.number and _counts(line, sent, roster):
            del waiting[line.run]
    return [RunId(name) for name in waiting]


def _break_glass(log: AuditLog, run: str = "") -> list[Line]:
    lines = (line for line in _lines_with(log.path, b'"event":"break-glass"') if line.event == AuditEvent.BREAK_GLASS)
    return [line for line in lines if not run or line.run == run]


def _counts(line: Line, sent: Line, roster: Any) -> bool:
    from zalo_alert.operations.statement import signers_of

    with suppress(ZaloAlertError):
        return any(officer.name != sent.who for officer in signers_of(line, roster))
    return False
