"""Standing approvals: proposed by one officer, approved by another, used by cron, taken back by anybody on the list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from zalo_alert.approval.agreement import Agreed, Judge, approvers_needed, officer_of
from zalo_alert.approval.clauses import changes, ill_limited, in_words, unfit
from zalo_alert.approval.envelope import Namespace, parse_signature, verify
from zalo_alert.approval.permission import Limits, Permission, make_permission, provinces_meant, what_is_permitted
from zalo_alert.approval.request import canonical
from zalo_alert.approval.roster import Officer, read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.approval.standing_files import NAME, Kept, Revocation, Standings, Uses, standing_folder
from zalo_alert.approval.words import six_words
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.telling import OnNotice, ignore, untold
from zalo_alert.campaign import attachments
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import (
    ApprovalMissing,
    CampaignRefused,
    Cure,
    InputInvalid,
    SignatureRefused,
    StorageUnusable,
    UsageError,
    WordingRefused,
)
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign
from zalo_alert.operations.campaign_files import read_campaign
from zalo_alert.operations.card import is_about
from zalo_alert.operations.standing_gate import agreed_to, invalid
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.tell import tell_now
from zalo_alert.operations.tell_events import proposed
from zalo_alert.operations.wording import Source, look_at, passed
from zalo_alert.runs.home import place_of_folder
from zalo_alert.settings.model import Settings

__all__ = [
    "Limits", "Permission", "Proposal", "Standing", "StandingApprovals", "in_words", "is_about", "sign_permission", "words_of",
]  # fmt: skip

MAX_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be proposed.

    Args:
        path: Of the campaign.
        name: What the standing approval is called.
        limits: When, how often and to how many.
    """

    path: Path
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Standing:
    """How a standing approval stands.

    Args:
        kept: As it lies on the disk.
        against: Why it lets nothing out now; empty where it does.
        approvers: Who has agreed to it, and may have now.
        uses: How often it was used today, and in all.
    """

    kept: Kept
    against: tuple[str, ...]
    approvers: tuple[str, ...]
    uses: Uses

    @property
    def permission(self) -> Permission:
        """What was signed."""
        return self.kept.permission

    @property
    def state(self) -> str:
        """One word: revoked, proposed, void, or in-force."""
        if self.kept.revocation:
            return "revoked"
        if not self.kept.approvals:
            return "proposed"
        return "void" if self.against else "in-force"


class StandingApprovals:
    """The standing approvals of a workspace.

    Args:
        settings: The workspace's.
        clock: This machine's.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings, self._clock = settings, clock or SystemClock()
        self._files = Standings(standing_folder(settings.state_dir))

    @property
    def is_drill(self) -> bool:
        """Whether nothing need be approved here, and all is practised."""
        return self._settings.direct

    def request_file(self, name: str) -> Path:
        """Return the file that is carried to whoever approves one elsewhere."""
        return self._files.request_file(name)

    def draft(self, proposal: Proposal, signer: Signer) -> Permission:
        """Put into words what would be permitted; nothing is signed or kept.

        Raises:
            CampaignRefused: No standing approval may let this campaign out, or its words mislead: there is no way round.
            UsageError: The name or the limits make no sense.
            SignatureRefused: The key is nobody's who may propose it.
        """
        text, campaign = read_campaign(proposal.path)
        self._check(proposal, campaign)
        _check_wording(Source(campaign, text, str(proposal.path)), self._settings)
        files = attachments.read(campaign, proposal.path.parent, workspace=self._settings.workspace)
        digests = {name: digest_of(content) for name, content in files.items()}
        home = place_of_folder(state_folder(self._settings))
        what = what_is_permitted(campaign, digest_of(text), digests, self._settings, home)
        officer = officer_of(signer.key, read_roster(self._settings.state_dir))
        return make_permission(what, proposal.limits, self._signed(proposal, campaign, officer))

    def _check(self, proposal: Proposal, campaign: Campaign) -> None:
        if not NAME.fullmatch(proposal.name):
            raise UsageError(
                _('"{name}" can\'t name a standing approval', name=proposal.name[:60]),
                hint=_("use small letters, digits and hyphens, such as thu-hang-thang"),
            )
        if why := list(unfit(campaign)):
            raise CampaignRefused(
                _("no standing approval lets {code} out: {why}", code=campaign.code, why=joined(why, "; ")),
                hint=_("{submit} asks another officer each time", submit=Cure.SUBMIT("campaigns/….yaml")),
            )
        if why := list(ill_limited(proposal.limits, campaign)):
            raise UsageError(_("these limits make no sense: {why}", why=joined(why, "; ")), hint=_("correct the options"))

    def _signed(self, proposal: Proposal, campaign: Campaign, officer: Officer) -> dict[str, object]:
        end = AuditLog(state_folder(self._settings)).end()
        needed = approvers_needed(campaign, proposal.limits.most_people, provinces_meant(campaign), self._settings)
        return {
            "name": proposal.name, "by": officer.name, "key": officer.key.fingerprint,
            "at": self._clock.now().isoformat(timespec="seconds"), "approvers": needed,
            "log_head": end.head, "log_lines": end.number,
        }  # fmt: skip

    def propose(self, permission: Permission, path: Path, signer: Signer) -> tuple[Path, str]:
        """Sign what was drafted, keep it, and tell those who may approve.

        Returns:
            The file to be carried to whoever approves it elsewhere, and who could not be told and why, in a sentence.

        Raises:
            SignatureRefused: The key is nobody's who may propose this.
            UsageError: There is one of this name that still holds.
        """
        now, (text, campaign) = self._clock.now(), read_campaign(path)
        if digest_of(text) != permission.what["campaign"]:
            raise InputInvalid(_("{path} was changed meanwhile", path=path), hint=_("read it again, and propose it anew"))
        roster = read_roster(self._settings.state_dir)
        signature = signer.sign(permission.text, Namespace.SUBMIT)
        officer = Judge(permission, campaign, roster, now, Namespace.STANDING).submitter(signature)
        state_folder(self._settings)
        with self._files.alone():
            self._make_room(permission.name, campaign, now)
            self._log(AuditEvent.SUBMIT, officer, permission)
            self._files.keep(Kept(permission, text, signature))
        return self._files.request_file(permission.name), self._tell(permission, officer, now)

    def _make_room(self, name: str, campaign: Campaign, now: datetime) -> None:
        """Put aside what is called so and lets nothing out; refuse where it does."""
        if name not in self._files.names():
            return
        standing = self._standing(self._files.read(name), now)
        if standing.state == "in-force" and standing.permission.limits.last >= now.date():
            raise UsageError(
                _('there is a standing approval "{name}" that holds until {last}', name=name,
                  last=standing.permission.limits.last.isoformat()),
                hint=_("choose another name, or {revoke} it first", revoke=Cure.STANDING_REVOKE(name)),
            )  # fmt: skip
        self._files.set_aside(name)

    def _tell(self, permission: Permission, officer: Officer, now: datetime) -> str:
        return tell_now(proposed(permission.name, officer.name, now, permission.text), self._settings)

    def open(self, name: str) -> Permission:
        """Return what one allows, for its approver to read.

        Raises:
            UsageError: There is none of this name.
        """
        return self._files.open(name).permission

    def approve(self, name: str, signature: str) -> tuple[Officer, Agreed]:
        """Take an approver's signature; return whose it is, and who has agreed by now.

        Raises:
            SignatureRefused: It is not one of this standing approval, or of somebody who may not give it.
            UsageError: There is none of this name, or it was revoked.
        """
        now, roster = self._clock.now(), read_roster(self._settings.state_dir)
        with self._files.alone():
            kept = self._files.open(name)
            _check_not_revoked(kept)
            campaign = _campaign_of(kept)
            self._check_truly_this(kept.permission, campaign)
            officer = Judge(kept.permission, campaign, roster, now, Namespace.STANDING).approver(signature, kept.proposal)
            before = agreed_to(kept, campaign, self._settings, now)
            if officer.name in {approver.name for approver in before.approvers}:
                raise SignatureRefused(_("{name} has approved it before", name=officer.name))
            agreed = Agreed((*before.approvers, officer), before.needed)
            self._log(AuditEvent.STANDING_ADD if agreed.is_enough else AuditEvent.APPROVE, officer, kept.permission)
            self._files.keep(replace(kept, approvals=(*kept.approvals, signature)))
        return officer, agreed

    def _check_truly_this(self, permission: Permission, campaign: Campaign) -> None:
        """Make sure that what the approver has read is what the campaign and the settings say."""
        files, home = dict(permission.what["files"]), place_of_folder(self._settings.state_dir)
        now = what_is_permitted(campaign, permission.what["campaign"], files, self._settings, home)
        if why := list(changes(permission.what, now)):
            raise ApprovalMissing(
                _('"{name}" is not what was proposed: {why}', name=permission.name, why=joined(why, "; ")),
                hint=_("propose it anew: {propose}", propose=Cure.STANDING_PROPOSE("campaigns/….yaml", name=permission.name)),
            )

    def revoke(self, name: str, reason: str, signer: Signer, on_notice: OnNotice = ignore) -> Officer:
        """Take one back from now on, also for runs that it has let out and that are not finished.

        A log that can't be written keeps nobody from it: `on_notice` hears of it.

        Raises:
            UsageError: There is none of this name, it was revoked before, or no reason is given.
            SignatureRefused: The key is nobody's on the list of officers.
        """
        if not reason.strip() or len(reason) > MAX_REASON:
            raise UsageError(
                _("a revocation needs a reason of 1 to {most} characters", most=MAX_REASON),
                hint=_("write it: {option}", option=Cure.OPTION(reason='"…"')),
            )
        now = self._clock.now()
        officer = officer_of(signer.key, read_roster(self._settings.state_dir))
        if not officer.is_active(now):
            raise SignatureRefused(_("the key of {name} counts no more", name=officer.name), hint=_("another officer signs it"))
        with self._files.alone():
            kept = self._files.open(name)
            _check_not_revoked(kept)
            at = now.isoformat(timespec="seconds")
            text = _revocation_text(kept.permission, reason, officer.name, at)
            signature = signer.sign(text, Namespace.SUBMIT)
            verify(parse_signature(signature), text, Namespace.SUBMIT)
            self._files.keep(replace(kept, revocation=Revocation(officer.name, at, reason, signature)))
        if trouble := self._log_safely(officer, kept.permission, reason):
            on_notice(untold(trouble))
        return officer

    def all(self) -> list[Standing]:
        """Say of each how it stands."""
        now = self._clock.now()
        return [self._standing(kept, now) for kept in self._files.all()]

    def standing(self, name: str) -> Standing:
        """Say of one how it stands."""
        return self._standing(self._files.open(name), self._clock.now())

    def _standing(self, kept: Kept, now: datetime) -> Standing:
        campaign = _campaign_of(kept)
        against = tuple(invalid(kept, campaign, self._settings, now))
        approvers: tuple[str, ...] = ()
        if not against:
            approvers = tuple(officer.name for officer in agreed_to(kept, campaign, self._settings, now).approvers)
        return Standing(kept, against, approvers, self._files.uses(kept.permission.digest, now))

    def _log(self, event: AuditEvent, officer: Officer, permission: Permission) -> None:
        AuditLog(state_folder(self._settings)).append(event, self._clock.now(), who=officer.name, facts=_facts(permission))

    def _log_safely(self, officer: Officer, permission: Permission, why: str) -> StorageUnusable | None:
        """Tell the log of a revocation, which waits for no log; return why it could not be told."""
        log = AuditLog(state_folder(self._settings))
        return log.attempt(AuditEvent.STANDING_REVOKE, self._clock.now(), who=officer.name, why=why, facts=_facts(permission))


def _facts(permission: Permission) -> Mapping[str, object]:
    return {"standing": permission.name, "digest": permission.digest, "code": permission.code, **permission.limits.as_json()}


def _revocation_text(permission: Permission, reason: str, by: str, at: str) -> bytes:
    value = {"format": 1, "type": "standing-revocation", "digest": permission.digest, "reason": reason, "by": by, "at": at}
    return canonical(value)


def _check_not_revoked(kept: Kept) -> None:
    if kept.revocation:
        raise UsageError(
            _(
                '"{name}" was revoked by {by}: {why}',
                name=kept.permission.name,
                by=kept.revocation.by,
                why=kept.revocation.reason,
            ),
            hint=_("propose it anew: {propose}", propose=Cure.STANDING_PROPOSE("campaigns/….yaml", name=kept.permission.name)),
        )


def _check_wording(source: Source, settings: Settings) -> None:
    """Refuse words that mislead: what goes out again and again unasked goes round no rule.

    Raises:
        WordingRefused: They do.
    """
    try:
        passed(look_at(source, settings), (), source.file)
    except WordingRefused as exc:
        exc.hint = _("put the text right: a standing approval goes round no rule")
        raise


def _campaign_of(kept: Kept) -> Campaign:
    """Read the campaign that was proposed, as it is kept beside the signatures.

    Raises:
        StorageUnusable: It is not the one that was signed.
    """
    if digest_of(kept.campaign) != kept.permission.what["campaign"]:
        raise StorageUnusable(
            _("the campaign kept with {name} is not the one that was signed", name=kept.permission.name),
            hint=_("propose it anew"),
        )
    return campaign_file.parse(kept.campaign, kept.permission.code, is_frozen=True)


def words_of(permission: Permission) -> str:
    """Return six words that stand for it: read aloud, they tell it from any other."""
    return six_words(permission.digest)


def sign_permission(permission: Permission, signer: Signer) -> str:
    """Return an approver's signature."""
    return signer.sign(permission.text, Namespace.STANDING)
