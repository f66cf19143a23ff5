"""Submitting with a key that is elsewhere: frozen in an officer's name, signed by them on any machine, and taken back signed.

Until then the run is frozen and nothing more. Its unsigned request is kept as a note beside it, which no gate reads: what is not
signed opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zalo_alert.approval.agreement import Judge, is_too_old
from zalo_alert.approval.contents import what_of
from zalo_alert.approval.envelope import Namespace, parse_signature
from zalo_alert.approval.request import MAX_BYTES, Request, canonical, make_request, read_request
from zalo_alert.approval.roster import Officer, Roster, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.approval.words import six_words
from zalo_alert.campaign.lifecycle import check_sendable
from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import RESTORE_RUN, ApprovalMissing, Cure, InputInvalid, SignatureRefused, StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign
from zalo_alert.operations.agreed import NOTIFIED, checked_roster, differences, too_old
from zalo_alert.operations.campaign_files import read_campaign
from zalo_alert.operations.moving import check_lives_here
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.open_run import Agree
from zalo_alert.operations.sign_request import read_file
from zalo_alert.operations.submit import (
    SubmitOrder,
    Submitted,
    approvers_of,
    find_or_freeze,
    require_roster,
    signed_half,
    submitted_already,
    take_submission,
    tell_approvers,
    tell_practice,
    write_request,
)
from zalo_alert.runs.contents import check_counts
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

UNSIGNED = "unsigned"  # purpose of the run's note that holds a request which nobody has signed yet


@dataclass(frozen=True, slots=True)
class Prepared:
    """A frozen run, and the request that an officer is to sign elsewhere.

    Args:
        run: Frozen.
        request: In that officer's name.
        officer: Who is to sign it.
    """

    run: Run
    request: Request
    officer: Officer

    @property
    def words(self) -> str:
        """Six words that stand for the request."""
        return six_words(self.request.digest)


# --- the request goes out -----------------------------------------------------------------------------------------------------


def prepare(order: SubmitOrder, name: str, settings: Settings, runs: Runs, observer: Observer, agree: Agree) -> Prepared:
    """Freeze a campaign, and write the request that an officer signs elsewhere; given again, it is the same one.

    Args:
        order: What is to be submitted.
        name: Of the officer, or the beginning of their key's fingerprint (`SHA256:…`).
        settings: The workspace's.
        runs: Where it is kept.
        observer: Told what is odd.
        agree: Asked before anything is frozen; it raises to refuse.

    Raises:
        SignatureRefused: That officer may not submit this.
        ApprovalMissing: It is submitted already.
        CampaignRefused: It must not be sent.
    """
    roster = require_roster(settings)
    officer = officer_named(name, roster, SystemClock().now())
    tell_practice(officer, read_campaign(order.path)[1], settings, observer)
    run = find_or_freeze(order, settings, runs, observer, agree)
    with run.locked():
        check_seal(run, settings)
        check_counts(run)
        campaign = frozen_campaign(run)
        what = what_of(run, campaign, settings)
        kept = _kept(run)
        if kept is not None and _is_still_so(kept, what, officer, settings):
            return Prepared(run, kept, officer)
        signed = signed_half(run, settings, roster, officer, needed=approvers_of(run, campaign, what, settings))
        request = make_request(what, signed)
        Judge(request, campaign, roster, SystemClock().now()).check_submitter(officer)
        run.keep_agreement(UNSIGNED, request.text.decode(), SystemClock().now())
    return Prepared(run, request, officer)


def officer_named(name: str, roster: Roster, now: datetime) -> Officer:
    """Return the officer of a name, or of the beginning of a key's fingerprint.

    Raises:
        SignatureRefused: There is none whose key is in force, or there are several keys.
    """
    wanted = name.rstrip("…")
    is_key = wanted.startswith("SHA256:")
    named = [one for one in roster.officers if (one.key.fingerprint.startswith(wanted) if is_key else one.name == name)]
    active = [officer for officer in named if officer.is_active(now)]
    if not named:
        raise SignatureRefused(
            _('nobody is called "{name}" on the list of officers', name=name[:60]),
            hint=_("{list} shows how they are written", list=Cure.OFFICERS()),
        )
    if not active:
        raise SignatureRefused(
            _("the key of {name} is not in force", name=named[0].name),
            hint=_("an admin adds a new key; meanwhile another officer signs"),
        )
    if len(active) > 1:
        raise SignatureRefused(
            _("{name} has several keys: {keys}", name=active[0].name, keys=joined(one.key.fingerprint for one in active)),
            hint=_("name the one that signs: {option}", option=Cure.OPTION(**{"as": "SHA256:…"})),
        )
    return active[0]


def _kept(run: Run) -> Request | None:
    """Return the request of a run that waits for a signature; None where none does."""
    texts = [agreement.text for agreement in run.agreements() if agreement.purpose == UNSIGNED]
    if not texts:
        return None
    try:
        return read_request(texts[-1].encode())
    except InputInvalid as exc:
        raise StorageUnusable(_("the request that {run} keeps is damaged", run=run.id), hint=RESTORE_RUN) from exc


def _is_still_so(request: Request, what: object, officer: Officer, settings: Settings) -> bool:
    """Whether a request that was written before is what would be written now, and may still be signed."""
    is_theirs = (request.signed["by"], request.signed.get("key")) == (officer.name, officer.key.fingerprint)
    is_same = canonical(request.what) == canonical(what)
    return is_theirs and is_same and not is_too_old(request, SystemClock().now(), settings)


# --- it is signed, as an approver does: no workspace, no tokens, no network ---------------------------------------------------


def read_unsigned_file(path: Path) -> Request:
    """Read a request that waits for a signature from a file, or from stdin where its name is "-".

    Raises:
        UsageError: It can't be read.
        InputInvalid: It is no request, or was changed.
    """
    return read_request(read_file(str(path), MAX_BYTES))


def check_names_key(request: Request, signer: Signer) -> None:
    """Say before anything is read and typed that a request waits for another key.

    Raises:
        SignatureRefused: It does.
    """
    if signer.key.fingerprint != request.signed.get("key"):
        raise _another_key(request, signer.key.fingerprint)


def _another_key(request: Request, fingerprint: str) -> SignatureRefused:
    name, key = request.signed["by"], str(request.signed.get("key", ""))
    return SignatureRefused(
        _("the request is in the name of {name} with the key {key}, and this is {other}", name=name, key=key, other=fingerprint),
        hint=_("sign with that key, or have it written in your own name: {submit}", submit=_submit_as('"…"')),
    )


def _submit_as(name: str) -> object:
    return Cure.SUBMIT("campaigns/….yaml", **{"as": name})


def sign_submission(request: Request, signer: Signer) -> str:
    """Return the signature of whoever submits a request.

    Raises:
        SignatureRefused: The request waits for another key.
    """
    check_names_key(request, signer)
    return signer.sign(request.text, Namespace.SUBMIT)


# --- the signature comes back -------------------------------------------------------------------------------------------------


def take_signature(run: Run, signature: str, settings: Settings) -> Submitted:
    """Submit a run whose request was signed elsewhere; given again after a crash, it goes on where it was cut short.

    Raises:
        SignatureRefused: It is not one of this request, by the officer whom it names.
        ApprovalMissing: Nothing waits for it, or something is not as it was.
        CampaignRefused: It has expired, or is a copy.
    """
    with run.locked():
        if run.request:
            return _finish(run, signature, settings)
        request = _kept(run)
        if request is None:
            raise ApprovalMissing(
                _("nothing of {run} waits for a signature", run=run.id),
                hint=_("{submit} writes what is to be signed", submit=_submit_as('"…"')),
            )
        campaign = frozen_campaign(run)
        officer = _check(run, request, campaign, signature, settings)
        return take_submission(run, request, signature, officer, settings)


def _check(run: Run, request: Request, campaign: Campaign, signature: str, settings: Settings) -> Officer:
    """Have found out whatever keeps a request from being submitted now; return who signed it."""
    now = SystemClock().now()
    check_sendable(campaign, now)
    if is_too_old(request, now, settings):
        raise too_old(request, now)
    check_seal(run, settings)
    check_counts(run)
    if named := differences(run, request, campaign, settings):
        raise ApprovalMissing(
            _("{run} is not what {name} has signed: {what} differ", run=run.id, name=request.signed["by"], what=named),
            hint=_("set everything as it was then, or write what is to be signed anew: {submit}", submit=_submit_as('"…"')),
        )
    check_lives_here(run, request, settings, now)
    officer = Judge(request, campaign, checked_roster(request, settings), now).submitter(signature)
    if (officer.name, officer.key.fingerprint) != (request.signed["by"], request.signed.get("key")):
        raise _another_key(request, officer.key.fingerprint)
    return officer


def _finish(run: Run, signature: str, settings: Settings) -> Submitted:
    """Do what a crash has left undone of the same submission; refuse another one."""
    request, agreements = read_request(run.request), run.agreements()
    submissions = [agreement.text for agreement in agreements if agreement.purpose == Namespace.SUBMIT]
    is_same = bool(submissions) and parse_signature(submissions[-1]) == parse_signature(signature)
    if run.state is not RunState.SUBMITTED or not is_same:
        raise submitted_already(run)
    officer = Judge(request, frozen_campaign(run), read_roster(settings.state_dir), SystemClock().now()).submitter(signature)
    is_told = any(agreement.purpose == NOTIFIED for agreement in agreements)
    trouble = "" if is_told else tell_approvers(run, request, settings)
    return Submitted(run, request, write_request(run), officer, int(request.signed["approvers"]), trouble)
