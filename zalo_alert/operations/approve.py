"""Approving and rejecting: a second officer reads what would be sent and signs exactly that, here or on another machine."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from zalo_alert.approval.agreement import Agreed, deadline, is_too_old, officer_of
from zalo_alert.approval.envelope import Namespace, parse_signature
from zalo_alert.approval.request import Request, canonical
from zalo_alert.approval.roster import Officer, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, refusals_told, untold
from zalo_alert.campaign.lifecycle import check_sendable
from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import ApprovalMissing, Cure, SignatureRefused, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.language import _, count, decimal
from zalo_alert.models import Campaign
from zalo_alert.operations.agreed import Submission, read_submission, too_old
from zalo_alert.operations.drills import check_practice
from zalo_alert.operations.state import generation_of
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings

MAX_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did.

    Args:
        run: Whose.
        by: Who approved it now.
        agreed: Everyone who has.
        deadline: Until when its first message must have left.
    """

    run: Run
    by: Officer
    agreed: Agreed
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A run that waits for somebody's signature, or needs another one's.

    Args:
        submission: What was submitted, and is what would be sent now.
        settings: The workspace's.
        remarks: What whoever approves it should read in red.
    """

    submission: Submission
    settings: Settings
    remarks: tuple[str, ...]

    @property
    def request(self) -> Request:
        """What is signed."""
        return self.submission.request

    def by(self, signature: str) -> Approved:
        """Take an approver's signature.

        Raises:
            SignatureRefused: It is not one of this request, or of somebody who may not approve it.
            IllegalStep: The run is not where it can be approved.
        """
        run, now = self.submission.run, SystemClock().now()
        with refusals_told(run.folder.parent.parent, AuditEvent.APPROVE, run.id), run.locked():
            self._check_in_time(run)
            roster = read_roster(self.settings.state_dir)
            officer = self.submission.judge(roster, now).approver(signature, self.submission.signature)
            check_practice(officer, run.facts.status, self.settings)
            before = self.submission.with_approvals_of_now().agreed(roster, self.settings, now)
            if officer.name in {approver.name for approver in before.approvers}:
                raise SignatureRefused(_("{name} has approved it before", name=officer.name), hint=_next_step(run, before))
            after = Agreed((*before.approvers, officer), before.needed)
            to = RunState.APPROVED if after.is_enough else RunState.SUBMITTED
            run.move(
                to, _("by {name}", name=officer.name), now, what="approved", who=officer.name,
                event="" if after.is_enough else "approve",
                agreement=(Namespace.APPROVE, signature), facts={"digest": self.request.digest},
            )  # fmt: skip
        return Approved(run, officer, after, deadline(self.request, self.settings))

    def check_may_sign(self, signer: Signer) -> Notice | None:
        """Say before anything is read and typed that a key can't approve this; return what whoever signs should know.

        Raises:
            SignatureRefused: It can't.
            CampaignRefused: Its owner has not practised, and the settings refuse that.
        """
        submission = self.submission.signature
        if submission and signer.key == parse_signature(submission).key:
            raise SignatureRefused(
                _("that is the key that has submitted this run, and nobody approves their own"),
                hint=_("another approver of the list signs it"),
            )
        officer = officer_of(signer.key, read_roster(self.settings.state_dir))
        return check_practice(officer, self.submission.run.facts.status, self.settings)

    def _check_in_time(self, run: Run) -> None:
        now = SystemClock().now()
        check_sendable(self.submission.campaign, now)
        if not run.is_begun and is_too_old(self.request, now, self.settings):
            raise too_old(self.request, now)


def _next_step(run: Run, agreed: Agreed) -> str:
    if agreed.is_enough:
        return _("{send} sends it", send=Cure.SEND(run.id))
    return _("another approver signs it: {approve}", approve=Cure.APPROVE(run.id))


def open_approval(run: Run, settings: Settings) -> Approval:
    """Open what a run waits for: the request, rebuilt from the files and found equal.

    Raises:
        ApprovalMissing: It was never submitted, or is not what was submitted.
        StorageUnusable: Its files are not what was frozen.
        CampaignRefused: It has expired, or was submitted too long ago.
    """
    campaign = frozen_campaign(run)
    check_seal(run, settings)
    submission = read_submission(run, campaign, settings)
    if submission is None:
        raise ApprovalMissing(
            _("{run} was never submitted", run=run.id), hint=_("{submit} does", submit=Cure.SUBMIT("campaigns/….yaml"))
        )
    approval = Approval(submission, settings, tuple(_remarks(run, campaign, settings)))
    approval._check_in_time(run)
    return approval


def _remarks(run: Run, campaign: Campaign, settings: Settings) -> list[str]:
    """Say by how much the book has changed in the area since the people were frozen, where that is much."""
    if campaign.audience.supplied or not campaign.routes:
        return []
    accounts = [settings.account(name) for name in run.facts.accounts]
    if " ".join(generation_of(account, settings) for account in accounts) == run.facts.generation:
        return []
    now = _count_now(campaign, settings)
    changed = 100 * abs(now - run.facts.audience) / max(1, run.facts.audience)
    if changed <= settings.approval.changed_percent:
        return []
    return [
        _(
            "the follower book has changed since: the area had {then} people when this was frozen and has {now} now "
            "({percent} %); those of then are written to",
            then=count(run.facts.audience),
            now=count(now),
            percent=decimal(changed, 1),
        )
    ]


def _count_now(campaign: Campaign, settings: Settings) -> int:
    from zalo_alert.operations.draft import count_audience

    return count_audience(campaign, settings, lambda notice: None).people


def reject(run: Run, reason: str, settings: Settings, signer: Signer | None, on_notice: OnNotice = ignore) -> None:
    """Refuse what was submitted, with the reason; its code is free for another text then.

    A log that can't be written keeps nobody from it: `on_notice` hears of it.

    Raises:
        UsageError: No reason is given.
        IllegalStep: It does not wait for approval.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise UsageError(
            _("a rejection needs a reason of 1 to {most} characters", most=MAX_REASON),
            hint=_("write it: {option}", option=Cure.OPTION(reason='"…"')),
        )
    officer = read_roster(settings.state_dir).by_key(signer.key) if signer else None
    signed = (Namespace.AUDIT, signer.sign(_rejection(run, reason), Namespace.AUDIT)) if signer and officer else None
    with run.locked(), closing(run):
        detail = _("by {name}: {why}", name=officer.name, why=reason) if officer else reason
        who = officer.name if officer else ""
        if trouble := run.move(RunState.REJECTED, detail, SystemClock().now(), who=who, agreement=signed):
            on_notice(untold(trouble))


def _rejection(run: Run, reason: str) -> bytes:
    """Return what whoever rejects a run signs: a public key alone, which anybody has, names nobody in the log."""
    return canonical({"format": 1, "type": "rejection", "run": run.id, "digest": run.facts.digest, "why": reason})
