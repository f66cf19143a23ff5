"""Break-glass: one person lets a grave alert out alone, because nobody has answered; everybody who could have is told."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from zalo_alert.approval.agreement import deadline
from zalo_alert.approval.break_glass import LEAST_REASON, MOST_REASON
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.request import Request
from zalo_alert.approval.roster import Officer, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.campaign.lifecycle import check_sendable
from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import ApprovalMissing, Cure, StorageUnusable, UsageError
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.language import _, joined
from zalo_alert.operations.agreed import NOTIFIED, Submission, read_submission, too_old
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.tell import tell_now
from zalo_alert.operations.tell_events import let_out, submitted
from zalo_alert.reporting.release import ALONE
from zalo_alert.runs.lifecycle import WORDS, RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings
from zalo_alert.settings.notify_rule import Event

TOLD_AFTER = "notified-break-glass"  # purpose of a run's note that everybody was told who let it out, or why that failed


@dataclass(frozen=True, slots=True)
class LetOut:
    """What a break-glass did.

    Args:
        run: Whose.
        by: Who let it out.
        deadline: Until when its first message must have left.
        trouble: Who could not be told of it and why, in a sentence; "" where that went well.
    """

    run: Run
    by: Officer
    deadline: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """A run that one person may let out alone.

    Args:
        submission: What was submitted, and is what would be sent now.
        settings: The workspace's.
        clock: This machine's.
    """

    submission: Submission
    settings: Settings
    clock: Clock

    @property
    def request(self) -> Request:
        """What is signed."""
        return self.submission.request

    def sign(self, signer: Signer) -> str:
        """Return the signature of whoever lets it out."""
        return signer.sign(self.request.text, Namespace.BREAK_GLASS)

    def by(self, signature: str, reason: str) -> LetOut:
        """Let it out, write down who did and why, and tell everybody.

        Raises:
            UsageError: The reason is none.
            SignatureRefused: It is not a signature of this request, or of somebody who may not submit it either.
            ApprovalMissing: It is shut by now.
        """
        check_reason(reason)
        run, now = self.submission.run, self.clock.now()
        with run.locked():
            _check_open(self.submission, self.settings, now)
            officer = self.submission.judge(read_roster(self.settings.state_dir), now).alone(signature)
            facts = {"digest": self.request.digest, "people": self.request.people}
            log = AuditLog(state_folder(self.settings))
            log.append(AuditEvent.BREAK_GLASS, now, who=officer.name, run=run.id, why=reason, facts=facts)
            run.keep_agreement(ALONE, orjson.dumps({"by": officer.name, "reason": reason}).decode(), now)
            run.move(
                RunState.APPROVED, _("by {name}: {why}", name=officer.name, why=reason), now, what="break-glass",
                who=officer.name, agreement=(Namespace.BREAK_GLASS, signature), facts=facts,
            )  # fmt: skip
        return LetOut(run, officer, deadline(self.request, self.settings), self._tell(officer, reason, now))

    def _tell(self, officer: Officer, reason: str, now: datetime) -> str:
        """Tell everybody who let it out alone; the run keeps that they were told, and why that failed."""
        value = {
            "format": 1, "type": "break-glass", "run": self.submission.run.id, "by": officer.name, "reason": reason,
            "at": now.isoformat(timespec="seconds"), "request": orjson.Fragment(self.request.text),
        }  # fmt: skip
        trouble = tell_now(let_out(self.submission.run, officer.name, reason, now, orjson.dumps(value)), self.settings)
        with suppress(StorageUnusable):  # it is let out: that nobody can write down who was told is no reason to fail
            self.submission.run.keep_agreement(TOLD_AFTER, trouble, now)
        return trouble


def check_reason(reason: str) -> None:
    """Refuse what is no reason.

    Raises:
        UsageError: It is too short or too long.
    """
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise UsageError(
            _("break-glass needs a reason of {least} to {most} characters", least=LEAST_REASON, most=MOST_REASON),
            hint=_("write it: {option}", option=Cure.OPTION(reason='"…"')),
        )


def open_break_glass(run: Run, settings: Settings, clock: Clock | None = None) -> BreakGlass:
    """Find out whether one person may let a run out alone now.

    Where a crash kept those who may approve from being told, they are told first.

    Raises:
        ApprovalMissing: They may not; says everything that is missing, and for how long.
        StorageUnusable: The run's files are not what was frozen.
    """
    clock = clock or SystemClock()
    campaign = frozen_campaign(run)
    check_seal(run, settings)
    submission = read_submission(run, campaign, settings)
    if submission is None:
        raise ApprovalMissing(
            _("{run} was never submitted", run=run.id), hint=_("{submit} does", submit=Cure.SUBMIT("campaigns/….yaml"))
        )
    if settings.notify.wants(Event.SUBMITTED) and not submission.was_told:
        trouble = tell_now(submitted(run, submission.request, clock.now()), settings)
        run.keep_agreement(NOTIFIED, trouble, clock.now())
        submission = replace(submission, was_told=True)
    _check_open(submission, settings, clock.now())
    return BreakGlass(submission, settings, clock)


def _check_open(submission: Submission, settings: Settings, now: datetime) -> None:
    run, state = submission.run, submission.run.state
    if state is not RunState.SUBMITTED:
        raise ApprovalMissing(
            _("{run} does not wait for approval: it is {state}", run=run.id, state=WORDS[state]),
            hint=_("{send} sends what is approved", send=Cure.SEND(run.id)),
        )
    check_sendable(submission.campaign, now)
    if now > deadline(submission.request, settings):
        raise too_old(submission.request, now)
    if against := submission.obstacles(settings, now):
        raise ApprovalMissing(
            _("nobody may let {run} out alone: {why}", run=run.id, why=joined(against, "; ")),
            hint=_("{approve} takes the other officer's signature", approve=Cure.APPROVE(run.id)),
        )
