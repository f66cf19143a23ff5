"""Submitting: freeze exactly what would be sent, say in one text what that is, sign it, and tell those who may approve it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zalo_alert.approval.agreement import Judge, approvers_needed, officer_of
from zalo_alert.approval.contents import what_of
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.request import Request, make_request, read_request
from zalo_alert.approval.roster import Officer, Roster, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.approval.words import six_words
from zalo_alert.audit.log import AuditLog
from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import ApprovalMissing, CampaignRefused, Cure, SignatureRefused, StorageUnusable
from zalo_alert.foundation.clock import SystemClock, instant
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import appearing
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, catalogue_of, choose
from zalo_alert.models import STAFF, Campaign
from zalo_alert.operations.agreed import NOTIFIED
from zalo_alert.operations.campaign_files import read_campaign
from zalo_alert.operations.drills import check_practice
from zalo_alert.operations.moving import place_of
from zalo_alert.operations.open_run import Agree, freeze_run
from zalo_alert.operations.orders import WORDING, Orders, reason_line
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.tell import tell_now
from zalo_alert.operations.tell_events import submitted
from zalo_alert.runs.contents import check_counts
from zalo_alert.runs.facts import Kind, run_id
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.notify_rule import Event

if TYPE_CHECKING:
    from zalo_alert.operations.observing import Observer

FILE = "request.json"  # in the run's folder: what is carried to those who approve it elsewhere


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission made.

    Args:
        run: Frozen.
        request: To be approved.
        file: Where it lies.
        by: Who submitted it.
        needed: How many approvers it needs.
        trouble: Who could not be told of it and why, in a sentence; "" where nobody is configured, or all went well.
    """

    run: Run
    request: Request
    file: Path
    by: Officer
    needed: int
    trouble: str

    @property
    def words(self) -> str:
        """Six words that stand for the request: read aloud, they tell it from any other."""
        return six_words(self.request.digest)


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """What is to be submitted.

    Args:
        path: Of the campaign.
        recipients: A file of ids, "-" for stdin, or None.
        occurrence: Key of this occurrence of the campaign.
        orders: For its first start: among them ways round a rule, with their reasons.
        outside: What the campaign may send along although it lies outside the workspace.
    """

    path: Path
    recipients: str | None = None
    occurrence: str = ""
    orders: Orders = field(default_factory=Orders)
    outside: Sequence[Path] = ()


def submit(order: SubmitOrder, signer: Signer, settings: Settings, runs: Runs, observer: "Observer", agree: Agree) -> Submitted:
    """Freeze a campaign, sign what would be sent, and tell whoever may approve it.

    Given again after a crash, it shows and asks anew: nobody signs what another has read.

    Args:
        order: What.
        signer: Of the officer who submits it.
        settings: The workspace's.
        runs: Where it is kept.
        observer: Told what is odd.
        agree: Asked before anything is frozen; it raises to refuse.

    Raises:
        SignatureRefused: The key is nobody's who may submit this.
        ApprovalMissing: It is submitted already.
        CampaignRefused: It must not be sent.
    """
    roster = require_roster(settings)
    officer = officer_of(signer.key, roster)
    _text, campaign = read_campaign(order.path)
    tell_practice(officer, campaign, settings, observer)
    _make_room(campaign.code, order, settings, runs)
    run = _freeze(order, settings, runs, observer, agree)
    with run.locked():
        if run.state is not RunState.FROZEN:  # another process has frozen the same, and was quicker
            raise submitted_already(run)
        return _make(run, signer, officer, roster, settings)


def tell_practice(officer: Officer, campaign: Campaign, settings: Settings, observer: "Observer") -> None:
    """Say that an officer has not practised, where the settings want it said; `CampaignRefused` where they refuse it."""
    if notice := check_practice(officer, campaign.status.value, settings):
        observer.on_notice(notice)


def find_or_freeze(order: SubmitOrder, settings: Settings, runs: Runs, observer: "Observer", agree: Agree) -> Run:
    """Return the run of a campaign that waits for the signature of whoever submits it elsewhere, or freeze one; see `submit`."""
    text, campaign = read_campaign(order.path)
    run = runs.find(run_id(campaign.code, order.occurrence))
    if run and run.state is RunState.FROZEN and _is_same(run, text, order) and not _is_stale(run, settings):
        return run
    _make_room(campaign.code, order, settings, runs)
    return _freeze(order, settings, runs, observer, agree)


def _is_same(run: Run, text: bytes, order: SubmitOrder) -> bool:
    passed = {item for item in run.facts.overrides.items() if item[0].startswith(WORDING)}
    given = {(f"{WORDING}{code}", reason_line(why)) for code, why in order.orders.despite}
    return run.facts.campaign_digest == digest_of(text) and order.recipients is None and passed <= given


def _freeze(order: SubmitOrder, settings: Settings, runs: Runs, observer: "Observer", agree: Agree) -> Run:
    return freeze_run(
        order.path, settings, runs, observer, agree,
        recipients=order.recipients, occurrence=order.occurrence, orders=order.orders, outside=order.outside,
    )  # fmt: skip


def require_roster(settings: Settings) -> Roster:
    """Return the list of officers; `SignatureRefused` where there is none yet."""
    roster = read_roster(settings.state_dir)
    if roster.is_empty:
        raise SignatureRefused(
            _("this workspace has no list of officers yet, so nobody can approve anything"),
            hint=_("{add} begins it: two admins found it together", add=Cure.OFFICERS_ADD()),
        )
    return roster


def _make_room(code: str, order: SubmitOrder, settings: Settings, runs: Runs) -> None:
    """Put aside an earlier run of this code that was rejected, grew stale, or was cut short before anybody signed it."""
    run = runs.find(name := run_id(code, order.occurrence))
    if run is None:
        runs.check_free(name)
        return
    _check_is_over(run, run.standing(), settings)
    with run.locked():
        _check_is_over(run, run.state, settings)  # it may have been signed or sent a moment ago
        run.close()
    runs.set_aside(run.id)


def _check_is_over(run: Run, state: RunState, settings: Settings) -> None:
    if run.is_begun or state in (RunState.SENDING, RunState.FINISHED, RunState.EXPIRED, RunState.CANCELLED, RunState.CORRECTED):
        raise CampaignRefused(
            _("{run} exists, and was sent since {frozen_at}", run=run.id, frozen_at=f"{run.facts.frozen_at:%H:%M %d/%m}"),
            hint=_("{resume} goes on with it; give a new text a new code", resume=Cure.RESUME(run.id)),
        )
    if state not in (RunState.REJECTED, RunState.FROZEN) and not _is_stale(run, settings):
        raise submitted_already(run)


def submitted_already(run: Run) -> ApprovalMissing:
    """Say that a run waits for approval already, or has it."""
    return ApprovalMissing(
        _("{run} is submitted already, with the words {words}", run=run.id, words=six_words(read_request(run.request).digest)),
        hint=_(
            "{approve} takes the other officer's signature, {reject} makes room for another text",
            approve=Cure.APPROVE(run.id),
            reject=Cure.REJECT(run.id, reason='"…"'),
        ),
    )


def _is_stale(run: Run, settings: Settings) -> bool:
    return SystemClock().now() - run.facts.frozen_at > timedelta(hours=settings.approval.hours)


def _make(run: Run, signer: Signer, officer: Officer, roster: Roster, settings: Settings) -> Submitted:
    """Sign what would be sent, write it down, and tell those who may approve it."""
    check_seal(run, settings)
    check_counts(run)
    campaign = frozen_campaign(run)
    what = what_of(run, campaign, settings)
    signed = signed_half(run, settings, roster, officer, needed=approvers_of(run, campaign, what, settings))
    request = make_request(what, signed)
    signature = signer.sign(request.text, Namespace.SUBMIT)
    Judge(request, campaign, roster, SystemClock().now()).submitter(signature)
    return take_submission(run, request, signature, officer, settings)


def approvers_of(run: Run, campaign: Campaign, what: Mapping[str, Any], settings: Settings) -> int:
    """Return how many approvers a run needs, by the first half of its request."""
    provinces = sum(1 for name, _people in what["audience"]["provinces"] if name)
    return approvers_needed(campaign, run.facts.audience, provinces, settings)


def take_submission(run: Run, request: Request, signature: str, officer: Officer, settings: Settings) -> Submitted:
    """Write down a request with the signature of whoever submits it, and tell those who may approve it."""
    needed = int(request.signed["approvers"])
    detail = _("by {name}; its six words: {words}", name=officer.name, words=six_words(request.digest))
    run.move(
        RunState.SUBMITTED, detail, SystemClock().now(), who=officer.name, request=request.text,
        agreement=(Namespace.SUBMIT, signature),
        facts={"digest": request.digest, "people": request.people, "approvers": needed},
    )  # fmt: skip
    return Submitted(run, request, write_request(run), officer, needed, tell_approvers(run, request, settings))


def signed_half(run: Run, settings: Settings, roster: Roster, officer: Officer, *, needed: int) -> dict[str, object]:
    """Return the half of a request that is kept as it is signed: who, when, where, until when, and the heads of log and list."""
    end, finishes = AuditLog(state_folder(settings)).end(), [planned.finishes_at_s for planned in run.schedule()]
    return {
        "by": officer.name,
        "key": officer.key.fingerprint,
        "home": place_of(run),
        "roster": roster.head,
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "approvers": needed,
        "finishes_at": _instant(max(finishes)) if finishes else None,
        "app_per_minute": settings.app_per_minute,
        "log_head": end.head,
        "log_lines": end.number,
        "version": _version(),
        "wording": _wording(run, settings),
        **_template(run, settings),
    }


def _template(run: Run, settings: Settings) -> dict[str, object]:
    """Say how far a run's words have gone from the library template that they began from; nothing where they began from none."""
    from zalo_alert.operations.template_distance import measure_distance

    distance = measure_distance(frozen_campaign(run), settings.workspace) if run.facts.kind is Kind.ALERT else None
    return {"template": distance.as_json()} if distance else {}


def _wording(run: Run, settings: Settings) -> list[list[str]]:
    """Look at a run's words as its people would read them, for the approver to see what was found."""
    from zalo_alert.operations.wording import Severity, Source, as_json, look_at

    places = [place for place in run.places() if place.key != STAFF]
    found = look_at(Source(frozen_campaign(run), run.campaign_bytes(), "campaign.yaml"), settings, places=places)
    if run.facts.kind is not Kind.ALERT:  # it was looked at as what it is when it was given, or with its alert
        passed = {name.removeprefix(WORDING) for name in run.facts.overrides}
        found = [one if one.code in passed else one._replace(severity=Severity.WARNING) for one in found]
    return as_json(found, catalogue_of(settings.language or choose(None, settings.environ)))


def tell_approvers(run: Run, request: Request, settings: Settings) -> str:
    """Tell whoever may approve; the run keeps that they were told. Return why that failed, "" where it did not."""
    if not settings.notify.wants(Event.SUBMITTED):
        return ""
    trouble = tell_now(submitted(run, request, SystemClock().now()), settings)
    with suppress(StorageUnusable):  # it is submitted: that nobody can write down who was told is no reason to fail
        run.keep_agreement(NOTIFIED, trouble, SystemClock().now())
    return trouble


def write_request(run: Run) -> Path:
    """Write a run's request to the file that is carried to whoever approves it elsewhere; return where it lies."""
    path = run.folder / FILE
    try:
        with appearing(path) as draft:
            draft.write_bytes(run.request)
    except OSError as exc:
        raise StorageUnusable(
            _("{run} is submitted, and its request can't be written to {path}: {why}", run=run.id, path=path, why=reason(exc)),
            hint=_("check the disk; {approve} works on this machine all the same", approve=Cure.APPROVE(run.id)),
        ) from exc
    return path


def _instant(at_s: float) -> str:
    return instant(at_s).isoformat(timespec="seconds")


def _version() -> str:
    from importlib.metadata import version

    return version("zalo-alert")
