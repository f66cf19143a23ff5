"""Agreeing to a correction or an all-clear in a live workspace: one approver is enough for words approved with the alert.

Other words need a second person again: whoever gives them submits them, and another officer approves.
"""

from dataclasses import dataclass

from zalo_alert.approval.agreement import Judge, officer_of
from zalo_alert.approval.contents import what_of
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.officers import Officer, Role
from zalo_alert.approval.request import Request, make_request
from zalo_alert.approval.roster import read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import ApprovalMissing, Cure
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.agreed import check_prepared, is_prepared
from zalo_alert.operations.submit import signed_half, tell_approvers, write_request
from zalo_alert.runs.contents import check_counts
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings


@dataclass(frozen=True, slots=True)
class FollowUpAgreed:
    """What an officer's signature did for a follow-up: approved it, or asked another officer to.

    `trouble` says who could not be told and why; "" where nobody is configured or asked, or all went well.
    """

    run: Run
    request: Request
    by: Officer
    is_approved: bool
    trouble: str


def check_officer(signer: Signer, settings: Settings) -> Officer:
    """Return who signs, before anything is frozen.

    Raises:
        SignatureRefused: The key is nobody's on the list of officers.
    """
    return officer_of(signer.key, read_roster(settings.state_dir))


def agree_follow_up(run: Run, settings: Settings, signer: Signer) -> FollowUpAgreed:
    """Sign a frozen follow-up: as its one approver where its words were approved with the alert, else as whoever submits it.

    Raises:
        SignatureRefused: The officer may not.
        ApprovalMissing: The alert was never approved, or its words are others.
    """
    roster, now, campaign = read_roster(settings.state_dir), SystemClock().now(), frozen_campaign(run)
    officer = officer_of(signer.key, roster)
    check_seal(run, settings)
    check_counts(run)
    if is_prepared(run):
        check_prepared(run, campaign, settings, now)
    is_enough = is_prepared(run) and officer.role is not Role.EDITOR
    request = make_request(what_of(run, campaign, settings), signed_half(run, settings, roster, officer, needed=1))
    judge = Judge(request, campaign, roster, now)
    namespace = Namespace.APPROVE if is_enough else Namespace.SUBMIT
    signature = signer.sign(request.text, namespace)
    detail = _("by {name}", name=officer.name)
    with run.locked():
        if is_enough:
            judge.approver(signature, "")
            run.move(RunState.SUBMITTED, detail, now, who=officer.name, request=request.text)
            run.move(RunState.APPROVED, detail, now, who=officer.name, agreement=(namespace, signature))
        else:
            judge.submitter(signature)
            run.move(RunState.SUBMITTED, detail, now, who=officer.name, request=request.text, agreement=(namespace, signature))
    write_request(run)
    trouble = "" if is_enough else tell_approvers(run, request, settings)
    return FollowUpAgreed(run, request, officer, is_enough, trouble)


def require_approved(agreed: FollowUpAgreed) -> None:
    """Say that another officer must approve a follow-up before it goes out.

    Raises:
        ApprovalMissing: One must.
    """
    if not agreed.is_approved:
        raise ApprovalMissing(
            _(
                "{run} is submitted by {name}, and goes out once an approver has signed it",
                run=agreed.run.id,
                name=agreed.by.name,
            ),
            hint=_("{approve} shows it to them, then {send}", approve=Cure.APPROVE(agreed.run.id), send=Cure.SEND(agreed.run.id)),
        )
