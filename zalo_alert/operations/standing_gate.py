"""Whether a standing approval lets a campaign out without asking anybody: at its freezing, and before each start."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import orjson

from zalo_alert.approval.agreement import Agreed, Judge, approvers_needed
from zalo_alert.approval.clauses import Use, objections
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.permission import Permission, provinces_meant, what_is_permitted
from zalo_alert.approval.roster import read_roster
from zalo_alert.approval.standing_files import Kept, Standings, Uses, standing_folder, used_up
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.campaign.lifecycle import Start
from zalo_alert.errors import ApprovalMissing, Cure, SignatureRefused
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, joined, span
from zalo_alert.models import Campaign, Digest
from zalo_alert.operations.orders import USUAL, Orders
from zalo_alert.operations.state import state_folder
from zalo_alert.reporting.release import USED
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.home import place_of_folder
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Send:
    """What would be sent.

    Args:
        campaign: Parsed.
        digest: Of its bytes.
        files: What its messages carry: names, digests of the bytes.
        people: How many it goes to.
        has_list: Whether a list of people was named.
        run: The run, once it is frozen; "" before.
        is_begun: Whether its first message has left.
        orders: For this go.
        goes_round: Whether the run was frozen with a reason to pass over a rule.
    """

    campaign: Campaign
    digest: Digest
    files: Mapping[str, str]
    people: int
    has_list: bool
    run: str = ""
    is_begun: bool = False
    orders: Orders = USUAL
    goes_round: bool = False


def permission_for(send: Send, settings: Settings, now: datetime) -> Permission:
    """Find a standing approval that fits a send before it is frozen; nothing is counted yet.

    Raises:
        ApprovalMissing: None does; says by which clause.
    """
    gate = _Gate(send, settings, now)
    for kept in gate.candidates():
        if not gate.against(kept):
            return kept.permission
    raise gate.refusal()


def let_out(run: Run, campaign: Campaign, settings: Settings, now: datetime, orders: Orders) -> None:
    """Let a run that nobody has submitted go out by a standing approval, and count that once.

    Args:
        run: Frozen, and held by the caller.
        campaign: Its own.
        settings: Of now.
        now: When it starts.
        orders: For this go.

    Raises:
        ApprovalMissing: None fits, or any more; says by which clause.
    """
    facts = run.facts
    send = Send(
        campaign, facts.campaign_digest, dict(facts.files), facts.audience, bool(facts.recipients_digest), facts.id,
        run.is_begun, orders, bool(facts.overrides),
    )  # fmt: skip
    gate, noted = _Gate(send, settings, now), _noted(run)
    if facts.kind is not Kind.ALERT:  # what follows an alert has an approval of its own
        raise gate.refusal()
    if not run.is_begun and (why := _too_old(run, settings, now)):
        raise why
    for kept in sorted(gate.candidates(), key=lambda kept: kept.permission.digest != noted):
        if gate.lets_out(kept):
            if kept.permission.digest != noted:
                note = {"name": kept.permission.name, "digest": kept.permission.digest}
                run.keep_agreement(USED, orjson.dumps(note).decode(), now)
            return
    raise gate.refusal()


def _noted(run: Run) -> str:
    """Return the digest of the standing approval that has let the run out before; "" where none has."""
    notes = [orjson.loads(each.text) for each in run.agreements() if each.purpose == USED]
    return str(notes[-1]["digest"]) if notes else ""


def permission_used(run: Run, campaign: Campaign, settings: Settings) -> Permission | None:
    """Return the standing approval that has let a run out, if it held then; None where none has."""
    noted = _noted(run)
    for kept in Standings(standing_folder(settings.state_dir)).all():
        if kept.permission.digest == noted and kept.permission.what["campaign"] == run.facts.campaign_digest:
            with suppress(SignatureRefused):
                return kept.permission if agreed_to(kept, campaign, settings, run.facts.frozen_at).is_enough else None
    return None


def _too_old(run: Run, settings: Settings, now: datetime) -> ApprovalMissing | None:
    age = now - run.facts.frozen_at
    if age <= timedelta(hours=settings.approval.hours):
        return None
    return ApprovalMissing(
        _("{run} was frozen at {at}, {ago} ago, and never begun: its people are not of now", run=run.id,
          at=words(run.facts.frozen_at), ago=span(age)),
        hint=_("send it under another {option}", option=Cure.OPTION(occurrence=True)),
    )  # fmt: skip


class _Gate:
    """Holds one send against the standing approvals there are."""

    def __init__(self, send: Send, settings: Settings, now: datetime) -> None:
        self._send, self._settings, self._now = send, settings, now
        self._standings = Standings(standing_folder(settings.state_dir))
        self._roster = read_roster(settings.state_dir)
        self._refusals: list[tuple[str, Sequence[str]]] = []

    def candidates(self) -> list[Kept]:
        """Return those that mean this campaign: its very text, or its code at least."""
        return [kept for kept in self._standings.all() if kept.permission.code == self._send.campaign.code]

    def against(self, kept: Kept) -> list[str]:
        """Say what speaks against one; remembered for `refusal`."""
        why = [*self._validity(kept), *objections(kept.permission, self._send.campaign, self._use)]
        if not self._send.run and not why and (spent := self._spent(kept)):
            why = [spent]
        if why:
            self._refusals.append((kept.permission.name, why))
        return why

    def lets_out(self, kept: Kept) -> bool:
        """Count the run as a use of one, unless something speaks against it."""
        if self.against(kept):
            return False
        send = self._send
        if why := self._standings.use(kept.permission, send.run, send.people, self._now, lambda uses: self._log(kept, uses)):
            self._refusals.append((kept.permission.name, [why]))
        return not why

    def refusal(self) -> ApprovalMissing:
        """Say why none fits."""
        send = self._send
        what = send.run or send.campaign.code
        submit, propose = Cure.SUBMIT("campaigns/….yaml"), Cure.STANDING_PROPOSE("campaigns/….yaml")
        if not self._refusals:
            return ApprovalMissing(
                _("{code} goes to the public: another officer approves it first; nothing was sent", code=what),
                hint=_("{submit} freezes it and asks them", submit=submit),
            )
        whys = (_("{name} – {why}", name=name, why=joined(why, "; ")) for name, why in self._refusals)
        return ApprovalMissing(
            _("no standing approval lets {code} out; nothing was sent. {whys}", code=what, whys=joined(whys, " · ")),
            hint=_(
                "{submit} asks another officer for this one; {propose} asks for another standing approval",
                submit=submit,
                propose=propose,
            ),
        )

    def _log(self, kept: Kept, uses: Uses) -> None:
        facts = {
            "standing": kept.permission.name, "digest": kept.permission.digest, "people": self._send.people,
            "use_of_day": uses.that_day, "use": uses.in_all,
        }  # fmt: skip
        AuditLog(state_folder(self._settings)).append(AuditEvent.STANDING_USE, self._now, run=self._send.run, facts=facts)

    def _validity(self, kept: Kept) -> Iterator[str]:
        """Say why one holds no more, or not yet."""
        yield from invalid(kept, self._send.campaign, self._settings, self._now)

    def _spent(self, kept: Kept) -> str:
        return used_up(kept.permission.limits, self._standings.uses(kept.permission.digest, self._now))

    @cached_property
    def _use(self) -> Use:
        send, settings = self._send, self._settings
        what = what_is_permitted(send.campaign, send.digest, send.files, settings, place_of_folder(settings.state_dir))
        first_at = max(self._now, send.campaign.effective) if send.orders.start is not Start.EARLY else self._now
        return Use(
            what,
            send.people,
            send.has_list,
            self._now,
            None if send.is_begun else first_at,
            send.goes_round or send.orders.goes_round_a_rule,
        )


def agreed_to(kept: Kept, campaign: Campaign, settings: Settings, now: datetime) -> Agreed:
    """Count who has agreed to a standing approval, and may have now.

    Raises:
        SignatureRefused: Whoever proposed it may not have, or may no more.
    """
    permission = kept.permission
    roster = read_roster(settings.state_dir)
    judge = Judge(permission, campaign, roster, now, Namespace.STANDING)
    judge.submitter(kept.proposal)
    return judge.count(kept.proposal, kept.approvals, needed_for(permission, campaign, settings))


def needed_for(permission: Permission, campaign: Campaign, settings: Settings) -> int:
    """Return how many approvers a standing approval needs: never fewer than when it was proposed."""
    now = approvers_needed(campaign, permission.limits.most_people, provinces_meant(campaign), settings)
    return max(now, int(permission.signed.get("approvers", 1)))


def invalid(kept: Kept, campaign: Campaign, settings: Settings, now: datetime) -> Iterator[str]:
    """Say why a standing approval holds no more, or not yet; nothing where it holds."""
    if kept.revocation:
        at = words(datetime.fromisoformat(kept.revocation.at))
        yield _("revoked by {name} at {at}: {why}", name=kept.revocation.by, at=at, why=kept.revocation.reason)
        return
    try:
        agreed = agreed_to(kept, campaign, settings, now)
    except SignatureRefused as exc:
        yield exc.message
        return
    if not agreed.is_enough:
        yield joined((_("not approved by enough officers"), *agreed.objections), ", ")
