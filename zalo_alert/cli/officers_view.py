"""Shows officers and changes of their list, and asks whoever signs one to say whom it concerns."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from zalo_alert import places
from zalo_alert.approval.changes import Action
from zalo_alert.approval.officers import SOON, without_accents
from zalo_alert.approval.words import six_words
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, Interrupted, UsageError
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, _n, count, joined, span

if TYPE_CHECKING:
    from zalo_alert.approval.changes import Change
    from zalo_alert.approval.keys import PublicKey
    from zalo_alert.approval.officers import Officer
    from zalo_alert.approval.roster import Applied
    from zalo_alert.operations.officers import Officers, Pending
    from zalo_alert.preflight.doctor import Check
    from zalo_alert.preflight.drills import OfficerDrills

SHORT = 8  # characters of a fingerprint behind its SHA256:; enough to tell the keys of an office apart


# --- the list ------------------------------------------------------------------------------------------------------------


def tell_list(officers: "Officers") -> None:
    """Show every officer, those whose keys count first, and say what should be done about the list."""
    roster, now = officers.roster(), officers.now
    if roster.is_empty:
        display.say(_("there is no list of officers yet; {add} begins it: two admins found it together", add=Cure.OFFICERS_ADD()))
        return
    rows = sorted(roster.officers, key=lambda officer: not officer.is_active(now))
    for officer in rows:
        display.fact("officer", **_fact(officer), state=_state(officer, now))
    columns = (_("officer"), _("role"), _("areas"), _("until"), _("fingerprint"), "")
    display.table("", columns, [_cells(officer, now) for officer in rows])
    tell_warnings(officers.checks(roster))


def tell_drills(rows: "Sequence[OfficerDrills]", months: int) -> None:
    """Show in how many drills each officer took part, month by month, those first who have not practised."""
    if not rows:
        display.say(_("there is no list of officers yet; {add} begins it: two admins found it together", add=Cure.OFFICERS_ADD()))
        return
    for row in rows:
        display.fact(
            "officer-drills", officer=row.officer, months=months, drills=row.drills, submitted=row.submitted,
            approved=row.approved, rejected=row.rejected, by_month=dict(row.by_month), last_at=row.last_at, since=row.since,
            new=row.is_new, practised=bool(row.drills),
        )  # fmt: skip
    names = [f"{month[5:]}/{month[:4]}" for month, _drills in rows[0].by_month]
    columns = (_("officer"), *names, _("submitted"), _("approved"), _("last drill"))
    display.table("", columns, [_drills_of(row) for row in rows])
    lapsed = sum(row.is_lapsed for row in rows)
    if lapsed:
        said = _n(
            "{officers} officer has not practised: have each submit or approve a run in a drill, with their own key",
            "{officers} officers have not practised: have each submit or approve a run in a drill, with their own key",
            lapsed,
            officers=count(lapsed),
        )
        display.say(said, style="yellow")


def _drills_of(row: "OfficerDrills") -> tuple[object, ...]:
    last = words(row.last_at) if row.last_at else _("new") if row.is_new else _("never")
    return (row.officer, *(number for _month, number in row.by_month), row.submitted, row.approved, last)


def _fact(officer: "Officer") -> dict[str, Any]:
    return {
        "name": officer.name, "role": officer.role, "areas": list(officer.areas), "key": officer.key.text,
        "fingerprint": officer.key.fingerprint, "since": officer.since, "until": officer.until, "revoked_at": officer.revoked_at,
    }  # fmt: skip


def _state(officer: "Officer", now: datetime) -> str:
    if officer.revoked_at is not None:
        return "revoked"
    return "active" if officer.is_active(now) else "ended"


def _cells(officer: "Officer", now: datetime) -> tuple[str, ...]:
    areas = _areas(officer)
    return (
        officer.name,
        officer.role,
        areas if len(areas) <= 30 else joined((areas[:29], "…"), ""),
        f"{in_vietnam(officer.until - timedelta(seconds=1)):%d/%m/%Y}",  # the last day
        officer.key.fingerprint.removeprefix("SHA256:")[:SHORT],
        _standing(officer, now),
    )


def _standing(officer: "Officer", now: datetime) -> str:
    if officer.revoked_at is not None:
        return _("revoked {at}", at=words(officer.revoked_at))
    if not officer.is_active(now):
        return _("ended")
    return _("ends in {time}", time=span(officer.until - now)) if officer.until - now <= SOON else ""


def _areas(officer: "Officer") -> str:
    labels = (_("every place") if area == "all" else places.area(area).label for area in officer.areas)
    return joined(labels, "; ")


def tell_warnings(checks: Iterable["Check"]) -> None:
    """Say what should be done about a list before it is too late."""
    for check in checks:
        if check.cure:
            display.fact("officers-warning", message=check.said, cure=check.cure)
            display.say(joined((check.said, check.cure), "; "), style="yellow")


# --- one change ----------------------------------------------------------------------------------------------------------


def show_change(change: "Change") -> None:
    """Show what a change would do, in words, and the six words that stand for its digest."""
    tell_change(change, "shown")
    for line in _lines(change):
        display.say(line, style="bold")
    display.say(_("six words for it, to compare with whoever asks: {words}", words=six_words(change.digest)))


def tell_change(change: "Change", state: str, signed_by: Sequence[str] = (), request: str = "") -> None:
    """Tell a machine of a change."""
    display.fact(
        "officers-change", action=change.action, state=state, digest=change.digest, words=six_words(change.digest),
        officers=[_fact(officer) for officer in change.officers], name=change.name, fingerprint=change.fingerprint,
        reason=change.why, signed_by=list(signed_by), missing=max(0, change.needed - len(signed_by)), request=request,
    )  # fmt: skip


def _lines(change: "Change") -> Iterator[str]:
    if change.action is Action.FOUND:
        yield _("the list of officers is founded by these admins:")
    for officer in change.officers:
        yield _(
            "{name} is to be {role}, for {areas}, until {until}, with the key {fingerprint}",
            name=officer.name, role=officer.role, areas=_areas(officer), until=words(officer.until),
            fingerprint=officer.key.fingerprint,
        )  # fmt: skip
    if change.action is Action.REVOKE:
        which = change.fingerprint or _("every key")
        yield _("{name} is revoked from now on, {which}: {why}", name=change.name, which=which, why=change.why)


def ask_for_name(change: "Change", key: "PublicKey") -> None:
    """Have whoever signs a change type whom it concerns; accents don't matter, not every keyboard has them.

    Raises:
        UsageError: Nobody is here, or another name was typed.
        Interrupted: Nothing was typed.
    """
    if not sys.stdin.isatty():
        raise UsageError(_("nobody is here to confirm it"), hint=_("{option} does not ask", option=Cure.OPTION(yes=True)))
    name = next((officer.name for officer in change.officers if officer.key != key), change.name)
    try:
        typed = typer.prompt(display.text(_("Type {name} to sign it", name=name)), err=True, default="", show_default=False)
    except typer.Abort as exc:
        raise Interrupted(_("nothing was signed")) from exc
    if without_accents(typed) != without_accents(name):
        raise UsageError(_('"{typed}" is not {name}: nothing was signed', typed=typed[:40], name=name))


def show_waiting(officers: "Officers", waits: "Pending") -> None:
    """Show a change that is not in force yet, and what to type next."""
    signers = () if waits.lacks_founder else waits.signers(officers.roster())
    tell_change(waits.change, "waiting", [signer.name for signer in signers], str(officers.request))
    for line in _lines(waits.change):
        display.say(line)
    if waits.lacks_founder:
        display.say(
            _("this is the first of two: {add} names the second admin", add=Cure.OFFICERS_ADD("NAME", role="admin")), style="bold"
        )
        return
    missing = [officer.name for officer in waits.change.officers if officer.key not in {signer.key for signer in signers}]
    whose = joined(missing, _(" and ")) if officers.founds(waits.change) else _("an admin whom it does not concern")
    display.say(_("not in force yet: it waits for the signature of {who}", who=whose), style="bold")
    display.say(_("here: {sign}", sign=Cure.SIGN_CHANGE(key="FILE")))
    display.say(
        _(
            "elsewhere: take {file} there, {sign}; what that prints comes back with {take}",
            file=officers.request,
            sign=Cure.SIGN_CHANGE(request="request.json"),
            take=Cure.SIGN_CHANGE(signature="-"),
        )
    )
    display.say(_("six words for it: {words}", words=six_words(waits.change.digest)))


def tell_applied(officers: "Officers", applied: "Applied") -> None:
    """Say what is so from now on, and what follows of it."""
    change, by = applied.change, [signer.name for signer in applied.signers]
    tell_change(change, "in-force", by)
    for officer in change.officers:
        display.done(_("{name} is {role} until {until}", name=officer.name, role=officer.role, until=words(officer.until)))
    if change.action is Action.REVOKE:
        display.done(_("{name} is revoked from now on", name=change.name))
        display.say(_("what they have approved and is not finished needs another approver; {runs} shows it", runs=Cure.RUNS()))
    display.say(_("signed by {names}", names=joined(by, _(" and "))))
    tell_warnings(officers.checks(applied.roster))
