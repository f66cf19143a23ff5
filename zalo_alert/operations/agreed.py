"""The gate of sending: whether a run may go out as it is, because those who must have agreed to exactly this.

Whatever is determined by files, settings and code is built anew and held against what was signed; a digest that only stands in a
table proves nothing.
"""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import orjson

from zalo_alert.approval.agreement import Agreed, Judge, approvers_needed, deadline, is_too_old, needs_approval
from zalo_alert.approval.break_glass import Asked, obstacles
from zalo_alert.approval.contents import what_of
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.request import Request, canonical, differing, read_request
from zalo_alert.approval.roster import Roster, RosterFiles, read_roster, rosters_folder
from zalo_alert.campaign.lifecycle import Start
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import RESTORE_RUN, ApprovalMissing, Cure, InputInvalid, RosterInvalid, SignatureRefused, StorageUnusable
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, joined, span
from zalo_alert.models import Campaign
from zalo_alert.operations.moving import check_lives_here
from zalo_alert.operations.orders import USUAL, Orders
from zalo_alert.operations.standing_gate import let_out, permission_used
from zalo_alert.runs.contents import check_counts
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.notify_rule import Event

MOST_NAMED = 4  # differences in one sentence
NOTIFIED = "notified"  # purpose of a run's note that those who may approve were told, or why that failed


@dataclass(frozen=True, slots=True)
class Submission:
    """A run that was submitted, and what stands there of it.

    Args:
        run: Which.
        campaign: As frozen.
        request: As signed, and equal to what would be sent now.
        signature: Of whoever submitted it; "" of a follow-up whose text was agreed to with its alert.
        approvals: Signatures so far.
        alone: Signatures of who lets it out alone, by break-glass.
        was_told: Whether those who may approve were told of it, or that was tried.
    """

    run: Run
    campaign: Campaign
    request: Request
    signature: str
    approvals: tuple[str, ...]
    alone: tuple[str, ...] = field(default=())
    was_told: bool = False

    def judge(self, roster: Roster, now: datetime) -> Judge:
        """Return who judges its signatures."""
        return Judge(self.request, self.campaign, roster, now)

    def needed(self, settings: Settings) -> int:
        """Return how many approvers it needs: never fewer than were asked for when it was submitted."""
        if is_prepared(self.run):
            return 1  # those who approved the alert have agreed to these words
        audience = self.request.what["audience"]
        provinces = sum(1 for name, _people in audience["provinces"] if name)
        now = approvers_needed(self.campaign, self.request.people, provinces, settings)
        return max(now, int(self.request.signed.get("approvers", 1)))

    def obstacles(self, settings: Settings, now: datetime) -> list[str]:
        """Say what keeps one person from letting it out alone; once it has begun, only what the alert itself is."""
        rule, asked = settings.approval.break_glass_after_min, self._asked(settings, now)
        if self.run.is_begun:
            rule, asked = rule or 1.0, Asked(timedelta.max, can_tell=True, was_told=True)
        return list(obstacles(self.campaign, rule, asked))

    def _asked(self, settings: Settings, now: datetime) -> Asked:
        return Asked(now - self.request.submitted_at, settings.notify.wants(Event.SUBMITTED), self.was_told)

    def with_approvals_of_now(self) -> "Submission":
        """Read the signatures once more: another officer may have signed while this one was reading."""
        return replace(self, approvals=_signed(self.run, Namespace.APPROVE))

    def agreed(self, roster: Roster, settings: Settings, now: datetime) -> Agreed:
        """Count who has agreed to it."""
        return self.judge(roster, now).count(self.signature, self.approvals, self.needed(settings))

    def was_agreed(self, settings: Settings, now: datetime) -> Agreed:
        """Count who has agreed to it since it was submitted, whatever has become of their keys: also a key that came later."""
        since, roster = self.request.submitted_at, read_roster(settings.state_dir)
        moments = sorted({since, *(officer.since for officer in roster.officers if since < officer.since <= now)})
        counts = [agreed_or_alone(self, roster, settings, at) for at in moments]
        approvers = {officer.name: officer for count in counts for officer in count.approvers}
        return Agreed(tuple(approvers.values()), min(count.needed for count in counts))


def read_submission(run: Run, campaign: Campaign, settings: Settings) -> Submission | None:
    """Read what was submitted of a run, and make sure that it is what would be sent now; None where nothing was.

    Raises:
        StorageUnusable: The run's own record of it is damaged.
        ApprovalMissing: Something is not as it was when it was submitted.
    """
    text = run.request
    if not text:
        return None
    try:
        request = read_request(text)
    except InputInvalid as exc:
        raise StorageUnusable(_("the request that {run} keeps is damaged", run=run.id), hint=RESTORE_RUN) from exc
    check_counts(run)
    _check_unchanged(run, request, campaign, settings)
    submissions = _signed(run, Namespace.SUBMIT)
    if not submissions and not is_prepared(run):
        raise StorageUnusable(_("{run} keeps a request that nobody has signed", run=run.id), hint=RESTORE_RUN)
    approvals, alone = _signed(run, Namespace.APPROVE), _signed(run, Namespace.BREAK_GLASS)
    was_told = any(agreement.purpose == NOTIFIED for agreement in run.agreements())
    return Submission(run, campaign, request, submissions[-1] if submissions else "", approvals, alone, was_told)


def _signed(run: Run, namespace: Namespace) -> tuple[str, ...]:
    return tuple(agreement.text for agreement in run.agreements() if agreement.purpose == namespace)


def _check_unchanged(run: Run, request: Request, campaign: Campaign, settings: Settings) -> None:
    if named := differences(run, request, campaign, settings):
        raise ApprovalMissing(
            _("{run} is not what was submitted: {what} differ; nothing was sent", run=run.id, what=named),
            hint=_("set everything as it was then, or {cancel} and submit it anew under a new code", cancel=Cure.CANCEL(run.id)),
        )


def differences(run: Run, request: Request, campaign: Campaign, settings: Settings) -> str:
    """Name what of the determined half of a request differs from what would be sent now; "" where nothing does."""
    now = orjson.loads(canonical(what_of(run, campaign, settings)))
    if request.what == now:
        return ""
    changed = list(differing(request.what, now))
    return joined([*changed[:MOST_NAMED], *(["…"] if len(changed) > MOST_NAMED else [])])


def check_agreed(run: Run, campaign: Campaign, settings: Settings, now: datetime, orders: Orders = USUAL) -> None:
    """Refuse to send what those who must have not agreed to, as it is now.

    Args:
        run: Held by the caller.
        campaign: Its own.
        settings: Of now.
        now: When it starts.
        orders: For this go; a standing approval lets nothing go round a rule.

    Raises:
        ApprovalMissing: Somebody's word is missing, or does not hold any more.
        SignatureRefused: The signature of whoever submitted it is not what it claims to be.
    """
    submission = read_submission(run, campaign, settings)
    if submission is None:
        if needs_approval(campaign, run.facts.audience, settings.profile):
            let_out(run, campaign, settings, now, orders)
        return
    check_lives_here(run, submission.request, settings, now)
    roster = checked_roster(submission.request, settings)
    if submission.signature:
        _check_submitter(submission, roster, now)
    if is_prepared(run):
        check_prepared(run, campaign, settings, now)
    if not run.is_begun:
        _check_in_time(submission.request, now if orders.start is Start.EARLY else max(now, campaign.effective), settings, now)
    agreed = agreed_or_alone(submission, roster, settings, now)
    if not agreed.is_enough:
        raise _not_enough(run, agreed)


def agreed_or_alone(submission: Submission, roster: Roster, settings: Settings, now: datetime) -> Agreed:
    """Count who has agreed to what was submitted, or who lets it out alone by break-glass."""
    agreed = submission.agreed(roster, settings, now)
    if agreed.is_enough or not submission.alone:
        return agreed
    return _let_out_alone(submission, agreed, roster, settings, now)


def _let_out_alone(submission: Submission, agreed: Agreed, roster: Roster, settings: Settings, now: datetime) -> Agreed:
    """Count one person's signature by break-glass as enough where it still is."""
    if against := submission.obstacles(settings, now):
        return replace(agreed, objections=(*agreed.objections, *against))
    judge, objections = submission.judge(roster, now), list(agreed.objections)
    for signature in submission.alone:
        try:
            officer = judge.alone(signature)
        except SignatureRefused as exc:
            objections.append(exc.message)
        else:
            return Agreed((officer,), 1)
    return replace(agreed, objections=tuple(objections))


def is_prepared(run: Run) -> bool:
    """Whether a run says what was ready, and approved, with the alerts that it follows."""
    return run.facts.kind is not Kind.ALERT and not run.facts.text_given


def check_prepared(run: Run, campaign: Campaign, settings: Settings, now: datetime) -> None:
    """Make sure that what follows alerts is what those who approved them have agreed to.

    Raises:
        ApprovalMissing: It is something else, or nobody has approved the alert.
    """
    from zalo_alert.operations.prepared import differences  # what a run that follows none does without

    runs = Runs(run.folder.parent)
    with ExitStack() as opened:
        alerts = [opened.enter_context(closing(runs.open(name))) for name in run.facts.parent]
        was_approved = _was_approved(alerts[0], settings, now)
        differing = list(differences(run, campaign, alerts)) if was_approved else [_("nobody has approved the alert")]
    if differing:
        says = _("{run} says something else than what was approved with {alert}", run=run.id, alert=alerts[0].id)
        raise ApprovalMissing(
            joined((says, joined(differing)), ": "),
            hint=_("{cancel} ends it; {correct} begins anew", cancel=Cure.CANCEL(run.id), correct=Cure.CORRECT(alerts[0].id)),
        )


def _was_approved(alert: Run, settings: Settings, now: datetime) -> bool:
    """Whether an alert was agreed to, and with it what may follow it."""
    campaign = frozen_campaign(alert)
    submission = read_submission(alert, campaign, settings) if alert.request else None
    if submission is None:
        return permission_used(alert, campaign, settings) is not None
    return submission.was_agreed(settings, now).is_enough


def checked_roster(request: Request, settings: Settings) -> Roster:
    """Return the list of officers.

    Raises:
        RosterInvalid: It is another than the one of then, and not only longer: someone has founded it anew.
    """
    head, history = request.signed.get("roster"), RosterFiles(rosters_folder(settings.state_dir)).history()
    if head is not None and head not in {applied.roster.head for applied in history}:
        raise RosterInvalid(
            _("the list of officers is not the one under which {run} was submitted", run=request.run),
            hint=_("restore the folder {folder} from a backup", folder=rosters_folder(settings.state_dir)),
        )
    return history[-1].roster if history else Roster()


def _check_submitter(submission: Submission, roster: Roster, now: datetime) -> None:
    """Have a signature of the run's own that was exchanged, or an officer revoked before it began, found out."""
    at = submission.request.submitted_at if submission.run.is_begun else now
    officer = submission.judge(roster, at).submitter(submission.signature)
    if officer.name != submission.request.signed["by"]:
        raise SignatureRefused(
            _("{run} says that {name} has submitted it, and the signature is another's", run=submission.run.id,
              name=submission.request.signed["by"]),
            hint=RESTORE_RUN,
        )  # fmt: skip


def _check_in_time(request: Request, first_at: datetime, settings: Settings, now: datetime) -> None:
    """Refuse a first message that would leave later than what was agreed to holds, now or after waiting."""
    if is_too_old(request, now, settings):
        raise too_old(request, now)
    if is_too_old(request, first_at, settings):
        ends_at = deadline(request, settings)
        raise ApprovalMissing(
            _("{run} takes effect at {at}, and what was agreed to holds until {end}", run=request.run, at=words(first_at),
              end=words(ends_at)),
            hint=_("submit it again when that is nearer, or {early}", early=Cure.OPTION(early=True)),
        )  # fmt: skip


def too_old(request: Request, now: datetime) -> ApprovalMissing:
    """Say that an approval was not used in time."""
    return ApprovalMissing(
        _(
            "{run} was submitted at {at}, {ago} ago: its people and its words are not of now",
            run=request.run,
            at=words(request.submitted_at),
            ago=span(now - request.submitted_at),
        ),
        hint=_("read the campaign again, then {submit}", submit=Cure.SUBMIT("campaigns/….yaml")),
    )


def _not_enough(run: Run, agreed: Agreed) -> ApprovalMissing:
    missing = agreed.needed - len(agreed.approvers)
    sentence = _n(
        "{run} waits for the approval of {missing} officer", "{run} waits for the approval of {missing} officers", missing,
        run=run.id, missing=missing,
    )  # fmt: skip
    if agreed.objections:
        sentence = joined((sentence, *agreed.objections), "; ")
    return ApprovalMissing(sentence, hint=_("{approve} shows it to them and takes their signature", approve=Cure.APPROVE(run.id)))
