"""A run that lives elsewhere than it was submitted: taken over with a reason, and, live, with an approver's signature.

A copy and its original would write to the same people. Where a run lives stands in what was signed, so that a row that was
changed in a copy's database lets nobody through.
"""

from collections.abc import Iterator
from datetime import datetime

import orjson

from zalo_alert.approval.agreement import officer_of
from zalo_alert.approval.envelope import Namespace, parse_signature, verify
from zalo_alert.approval.request import Request, canonical
from zalo_alert.approval.roster import Officer, Role, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.errors import CampaignRefused, Cure, SignatureRefused
from zalo_alert.language import _
from zalo_alert.runs.home import home_of
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings

MOVED = "moved"  # purpose of an agreement: the text that was signed, and the signature behind it


def place_of(run: Run) -> dict[str, str]:
    """Return where a run is, as it stands in what is signed: the machine and the folder."""
    here = home_of(run.folder, run.folder)
    return {"machine": here.machine, "folder": here.folder}


def moved_text(run: Run, why: str) -> bytes:
    """Return what an approver signs to let a run be sent from where it is now, and from nowhere else."""
    value = {"format": 1, "type": "moved", "run": run.id, "digest": run.facts.digest, "home": place_of(run), "why": why}
    return canonical(value)


def sign_move(run: Run, why: str, signer: Signer) -> str:
    """Return an approver's signature of that."""
    return signer.sign(moved_text(run, why), Namespace.APPROVE)


def take_over(run: Run, why: str, signature: str, settings: Settings, now: datetime) -> Officer:
    """Let a run be sent from where it is now.

    Raises:
        SignatureRefused: It is not one of an approver, over exactly this.
    """
    officer = _approver(moved_text(run, why), signature, settings, now)
    run.keep_agreement(MOVED, orjson.dumps([moved_text(run, why).decode(), signature]).decode(), now)
    return officer


def check_lives_here(run: Run, request: Request, settings: Settings, now: datetime) -> None:
    """Refuse a run that is elsewhere than where it was submitted, and that no approver has let move there.

    Raises:
        CampaignRefused: It is.
    """
    here, home = place_of(run), request.signed.get("home")
    if home is None or _is_same(here, home) or any(_is_same(here, other) for other in _moves(run, settings, now)):
        return
    raise CampaignRefused(
        _("run {run} is a copy: it was submitted in {folder}", run=run.id, folder=home.get("folder", "")),
        hint=_("resume it there; or, when that one can never be sent again: {moved}", moved=Cure.RESUME(run.id, moved='"why"')),
    )


def _moves(run: Run, settings: Settings, now: datetime) -> Iterator[dict[str, str]]:
    """Yield the places that approvers have let the run move to, the latest alone: the earlier ones are copies by now."""
    texts = [agreement.text for agreement in run.agreements() if agreement.purpose == MOVED]
    for text in texts[-1:]:
        signed, signature = orjson.loads(text)
        value = orjson.loads(signed)
        if value.get("run") == run.id and value.get("digest") == run.facts.digest:
            _approver(signed.encode(), signature, settings, now)
            yield value["home"]


def _approver(text: bytes, signature: str, settings: Settings, now: datetime) -> Officer:
    parsed = parse_signature(signature)
    verify(parsed, text, Namespace.APPROVE)
    officer = officer_of(parsed.key, read_roster(settings.state_dir))
    may_move(officer, now)
    return officer


def may_move(officer: Officer, now: datetime) -> None:
    """Refuse an officer who may not say from where a run is sent.

    Raises:
        SignatureRefused: They may not.
    """
    if not officer.is_active(now) or officer.role is Role.EDITOR:
        raise SignatureRefused(
            _("{name} may not let a run move", name=officer.name),
            hint=_("an approver or an admin signs it, whose key is in force"),
        )


def _is_same(here: dict[str, str], home: dict[str, str]) -> bool:
    """Whether two places are one; a machine without an identity is taken at its word."""
    machines = here["machine"], home.get("machine", "")
    return here["folder"] == home.get("folder") and (machines[0] == machines[1] or not all(machines))
