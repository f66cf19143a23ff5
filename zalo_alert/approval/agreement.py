"""Whether those who signed a request may agree to it, and are enough: the rule of two persons. Reads no file and no clock.

An approver is barred who submitted the same run, by key and by name, so that a second key of one person is no second person. Who
was revoked counts no more from then on, also for a run that is under way; then another approves the same run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from zalo_alert import places
from zalo_alert.approval.envelope import Namespace, Signature, parse_signature, verify
from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.request import Request
from zalo_alert.approval.roster import Officer, Role, Roster
from zalo_alert.errors import Cure, SignatureRefused
from zalo_alert.foundation.clock import words
from zalo_alert.language import _
from zalo_alert.models import Campaign, Status, Urgency
from zalo_alert.settings.model import Profile, Settings

TEST_PEOPLE = 1000  # a Test goes to a list of people who agreed to it; a longer list is the public


def needs_approval(campaign: Campaign, people: int, profile: Profile) -> bool:
    """Whether a second officer must agree: in a live workspace to everything that goes to the public, an Exercise too."""
    return profile is Profile.LIVE and not (campaign.status is Status.TEST and people <= TEST_PEOPLE)


def approvers_needed(campaign: Campaign, people: int, provinces: int, settings: Settings) -> int:
    """Return how many approvers an alert needs beside whoever submits it: more for the whole country, unless it is Immediate."""
    rule = settings.approval
    is_vast = campaign.audience.everyone or people > rule.more_people or provinces > rule.more_provinces
    return rule.approvers + (rule.more_approvers if is_vast and campaign.urgency is not Urgency.IMMEDIATE else 0)


def officer_of(key: PublicKey, roster: Roster) -> Officer:
    """Return whose a key is.

    Raises:
        SignatureRefused: It is nobody's on the list.
    """
    officer = roster.by_key(key)
    if officer is None:
        raise SignatureRefused(
            _("the key {fingerprint} is nobody's on the list of officers", fingerprint=key.fingerprint),
            hint=_("sign with the key that stands there ({option}), or have an admin add this one",
                   option=Cure.OPTION(key="FILE")),
        )  # fmt: skip
    return officer


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who has agreed to a request, and why others who signed do not count.

    Args:
        approvers: Each once.
        needed: How many there must be.
        objections: Of every signature that does not count, and of the request itself.
    """

    approvers: tuple[Officer, ...]
    needed: int
    objections: tuple[str, ...] = field(default=())

    @property
    def is_enough(self) -> bool:
        """Whether it may be sent."""
        return len(self.approvers) >= self.needed


class Signable(Protocol):
    """A text that two persons sign: a run's request, or a standing approval."""

    @property
    def text(self) -> bytes:
        """Canonical, byte for byte."""
        ...

    @property
    def signed(self) -> Mapping[str, Any]:
        """As it was when it was handed in; `by` names who did."""
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the signatures of one request.

    Args:
        request: What was signed.
        campaign: Of the run; None where no run is judged, see `pages`.
        roster: Of now.
        now: When.
        approved_in: What an approver's signature is for.
    """

    request: Signable
    campaign: Campaign | None
    roster: Roster
    now: datetime
    approved_in: Namespace = Namespace.APPROVE

    def submitter(self, signature: str) -> Officer:
        """Return who submitted the request, with their signature.

        Raises:
            SignatureRefused: It is not one of this request, or nobody's who may submit it.
        """
        officer = officer_of(self._signature(signature, Namespace.SUBMIT).key, self.roster)
        self._check_may_sign(officer)
        return officer

    def check_submitter(self, officer: Officer) -> None:
        """Refuse an officer who may not submit the request, before they sign it; `SignatureRefused` says why."""
        self._check_may_sign(officer)

    def approver(self, signature: str, submission: str) -> Officer:
        """Return who approves the request.

        Args:
            signature: Theirs.
            submission: The signature of whoever submitted it; "" where nobody did, as of a correction that was agreed to before.

        Raises:
            SignatureRefused: It is not one of this request, or of somebody who may not approve it.
        """
        by = self._signature(signature, self.approved_in)
        officer = officer_of(by.key, self.roster)
        if submission and self._is_same_person(by.key, officer, submission):
            raise SignatureRefused(
                _("{name} has submitted this, and nobody approves their own", name=officer.name),
                hint=_("another approver of the list signs it"),
            )
        self._check_may_sign(officer)
        if officer.role is Role.EDITOR:
            raise SignatureRefused(
                _("{name} is an editor, who submits and does not approve", name=officer.name),
                hint=_("an approver or an admin signs it"),
            )
        return officer

    def _is_same_person(self, key: PublicKey, officer: Officer, submission: str) -> bool:
        """Whether an approver has submitted the request: by key and by name, as a second key makes no second person."""
        submitted = parse_signature(submission)
        submitter = self.roster.by_key(submitted.key)
        return key == submitted.key or officer.name in (self.request.signed["by"], submitter.name if submitter else None)

    def alone(self, signature: str) -> Officer:
        """Return who lets the request out alone, by break-glass; whoever submitted it may.

        Raises:
            SignatureRefused: It is not one of this request, or of somebody who may not submit it either.
        """
        officer = officer_of(self._signature(signature, Namespace.BREAK_GLASS).key, self.roster)
        self._check_may_sign(officer)
        return officer

    def count(self, submission: str, approvals: Sequence[str], needed: int) -> Agreed:
        """Count who has agreed."""
        objections: list[str] = []
        approvers: dict[str, Officer] = {}
        for approval in approvals:
            try:
                officer = self.approver(approval, submission)
            except SignatureRefused as exc:
                objections.append(exc.message)
            else:
                approvers.setdefault(officer.name, officer)
        return Agreed(tuple(approvers.values()), needed, tuple(objections))

    def _signature(self, text: str, namespace: Namespace) -> Signature:
        signature = parse_signature(text)
        verify(signature, self.request.text, namespace)
        return signature

    def _check_may_sign(self, officer: Officer) -> None:
        if officer.revoked_at is not None and officer.revoked_at <= self.now:
            raise SignatureRefused(
                _("{name} was revoked at {at}", name=officer.name, at=words(officer.revoked_at)),
                hint=_("another officer signs it"),
            )
        if not officer.since <= self.now < officer.until:
            raise SignatureRefused(
                _("the key of {name} was good until {until}", name=officer.name, until=words(officer.until)),
                hint=_("an admin adds a new key; meanwhile another officer signs"),
            )
        for label in self._beyond(officer):
            raise SignatureRefused(
                _("{name} answers for {areas}, not for {place}", name=officer.name, areas=", ".join(officer.areas), place=label),
                hint=_("an officer signs it who answers for all of its places"),
            )

    def _beyond(self, officer: Officer) -> Iterator[str]:
        """Name what a campaign means and an officer does not answer for; a list of people needs one who answers for all."""
        allowed = places.all_of(places.area(selector) for selector in officer.areas)
        if allowed.everyone or self.campaign is None:
            return
        if self.campaign.audience.supplied:
            yield _("a list of people")
        for area in self.campaign.audience.areas:
            outside = places.without(area, allowed)
            if outside.mask or outside.wards or outside.everyone:
                yield area.label


def deadline(request: Request, settings: Settings) -> datetime:
    """Return until when the first message must have left: later its people and its words are yesterday's."""
    return request.submitted_at + timedelta(hours=settings.approval.hours)


def is_too_old(request: Request, now: datetime, settings: Settings) -> bool:
    """Whether that is over."""
    return now > deadline(request, settings)
