"""Waking a workspace that rests: restored from a backup, or handed over and never taken over.

Where the other one has sent nothing since the backup, open runs go on where they stand. Where nobody knows that, whoever was left
of an open run is unknown: perhaps written to by the other one. They are written to again only by an officer's word, and receipts
settle them. An answer that waited is over for the same reason.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import ApprovalMissing, Cure, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, words
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.inbound.inbound_store import NAME as INBOUND_DB
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.language import _, persons
from zalo_alert.models import RunId
from zalo_alert.operations.backup import checked_reason
from zalo_alert.operations.moving import sign_move, take_over
from zalo_alert.outbox.store import Outbox
from zalo_alert.runs.doubt import doubt_the_rest
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import Rest, RestMark, end_rest, read_rest

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer


@dataclass(frozen=True, slots=True)
class Woken:
    """A workspace that sends again.

    Args:
        mark: Why it rested.
        is_exact: Whether open runs go on where they stand.
        held: Of each run that was open how many people are unknown now, where it is not.
        answers: How many answers that waited are over.
        unread: Runs that can't be read and stay copies, each as a sentence.
        by: The officer who signed; "" in a drill.
    """

    mark: RestMark
    is_exact: bool
    held: tuple[tuple[RunId, int], ...]
    answers: int
    unread: tuple[str, ...]
    by: str


def mark_to_wake(settings: Settings) -> RestMark:
    """Return why a workspace rests.

    Raises:
        UsageError: It is awake.
    """
    mark = read_rest(settings.state_dir)
    if mark is None:
        raise UsageError(_("this workspace is awake"), hint=_("{runs} says where every run stands", runs=Cure.RUNS()))
    return mark


def is_exact(mark: RestMark) -> bool:
    """Whether open runs go on where they stand: nobody else can have sent anything since.

    Of one that was sealed, whoever took it over may have; a seal that was never finished let nobody.
    """
    return mark.rest is Rest.SEALING or (mark.rest is Rest.ASLEEP and mark.is_exact)


def wake(settings: Settings, runs: Runs, why: str, signer: "Signer | None", on_notice: OnNotice) -> Woken:
    """Let a workspace send again; a kill on the way leaves it at rest, and the same word once more completes it.

    Args:
        settings: The workspace's.
        runs: Its runs.
        why: By whose word, and how they know that the other one sends no more.
        signer: An approver; None in a drill.
        on_notice: Told what is odd.

    Raises:
        UsageError: It is awake.
        ApprovalMissing: It is live, and nobody signs.
        SignatureRefused: The key is nobody's who may.
        RunBusy: Another process has a run.
        StorageUnusable: The disk is full or a file damaged: it rests still.
    """
    mark, why, now = mark_to_wake(settings), checked_reason(why), SystemClock().now()
    exact = is_exact(mark)
    if signer is None and not settings.direct:
        raise ApprovalMissing(
            _("an approver must sign that this workspace sends, and the other one never again"),
            hint=_("an approver signs it: {wake}", wake=Cure.WAKE('"why"', key="FILE")),
        )
    facts = {"exact": exact, "from": mark.folder, "backed_up_at": (mark.backed_up_at or mark.at).isoformat(), "rested": mark.rest}
    by = _tell_log(settings, why, signer, now, facts)
    waking = _Waking(settings, mark, why, signer, now, exact)
    held, unread = waking.runs(runs)
    answers = 0 if exact else _end_answers(settings, now)
    end_rest(settings.state_dir, replace(mark, at=now, why=why, is_exact=exact))
    for sentence in unread:
        on_notice(Notice(sentence, "", Level.WARNING))
    return Woken(mark, exact, tuple(held), answers, tuple(unread), by)


def _tell_log(settings: Settings, why: str, signer: "Signer | None", now: datetime, facts: dict[str, Any]) -> str:
    """Write it into the log before it is so; return the officer's name."""
    log = AuditLog(settings.state_dir)
    if signer is None:
        log.append(AuditEvent.WOKEN, now, why=why, facts=facts)
        return ""
    from zalo_alert.approval.roster import read_roster
    from zalo_alert.operations.moving import may_move
    from zalo_alert.operations.statement import active_officer, make_statement, sign

    officer = active_officer(signer, read_roster(settings.state_dir), now)
    may_move(officer, now)
    statement = make_statement(log, AuditEvent.WOKEN, now, officer.name, "", why, facts)
    statement.append(log, [sign(statement, signer)])
    return officer.name


class _Waking:
    """Brings the runs of a workspace home."""

    def __init__(self, settings: Settings, mark: RestMark, why: str, signer: "Signer | None", now: datetime, exact: bool) -> None:
        self._settings, self._mark, self._why, self._signer, self._now, self._exact = settings, mark, why, signer, now, exact

    def runs(self, runs: Runs) -> tuple[list[tuple[RunId, int]], list[str]]:
        """Bring every run home; return of which how many are unknown now, and which can't be read."""
        held: list[tuple[RunId, int]] = []
        unread: list[str] = []
        for name in runs.ids():
            try:
                with closing(runs.open(name)) as run, run.locked():
                    held += self._held(run)
                    self._bring_home(run)
            except ZaloAlertError as exc:
                unread.append(exc.message)
        return held, unread

    def _held(self, run: Run) -> Iterator[tuple[RunId, int]]:
        if self._exact or not run.is_open():
            return
        since = self._mark.backed_up_at or self._mark.at
        people = doubt_the_rest(run, since, self._now)
        sentence = _(
            "{people} of it are unknown: since the backup of {at} another machine may have written to them",
            people=persons(people),
            at=words(since),
        )
        run.note("restored", sentence, self._now)
        yield run.id, people

    def _bring_home(self, run: Run) -> None:
        if run.is_at_home():
            return
        if self._signer is not None and run.request:
            take_over(run, self._why, sign_move(run, self._why, self._signer), self._settings, self._now)
        run.note("moved", self._why, self._now)
        run.settle_in()


def _end_answers(settings: Settings, now: datetime) -> int:
    if not (folder_of(settings.state_dir) / INBOUND_DB).is_file():
        return 0
    with closing(open_store(settings.state_dir)) as db, db.transaction():
        return Outbox(db).give_up(int(now.timestamp() * 1000))
