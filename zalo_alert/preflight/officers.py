"""Whether enough officers can sign on the night when it matters, and whose key ends before long."""

from collections.abc import Iterator
from datetime import datetime

from zalo_alert.approval.officers import NEEDED_ADMINS, SOON, Officer, Role, Roster
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, count, joined, span
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade


def check_officers(roster: Roster, now: datetime, *, is_live: bool, approvers: int = 1) -> Iterator[Check]:
    """Say how the list of officers stands.

    Args:
        roster: The list.
        now: When.
        is_live: Whether anything goes to the public, so that two must agree.
        approvers: How many must, beside whoever submits.
    """
    if roster.is_empty:
        if is_live:
            cure = _("{add} begins the list: two admins found it together", add=Cure.OFFICERS_ADD("NAME", role="admin"))
            yield _warn(
                _("there is no list of officers: nobody can approve anything, so nothing can be sent to the public"), cure
            )
        return
    warned = [*_ending(roster, now), *_few_admins(roster, now)]
    if is_live:
        warned += _few_approvers(roster, now, approvers + 1)
    yield from warned or [
        Check("officers", Grade.OK, _("{officers} officers may sign", officers=count(len(_persons(roster, now)))))
    ]


def _warn(said: str, cure: str) -> Check:
    return Check("officers", Grade.WARN, said, cure)


def _persons(roster: Roster, now: datetime) -> tuple[str, ...]:
    return roster.persons(now, *Role)


def _ending(roster: Roster, now: datetime) -> Iterator[Check]:
    for officer in roster.ending(now, SOON):
        left = span(officer.until - now)
        said = _("the key of {name} ends in {time}, at {until}", name=officer.name, time=left, until=words(officer.until))
        yield _warn(said, _("another admin gives it a later day: {add}", add=_later(officer)))
    for officer in roster.officers:
        is_over = officer.until <= now and officer.revoked_at is None
        if is_over and officer.name not in _persons(roster, now):
            said = _("the key of {name} ended at {until}", name=officer.name, until=words(officer.until))
            yield _warn(
                said,
                _(
                    "{add} gives it a later day, {revoke} takes it away",
                    add=_later(officer),
                    revoke=Cure.REVOKE_OFFICER(f'"{officer.name}"', reason="…"),
                ),
            )


def _later(officer: Officer) -> str:
    return str(Cure.OFFICERS_ADD(f'"{officer.name}"', until="YYYY-MM-DD"))


def _few_admins(roster: Roster, now: datetime) -> Iterator[Check]:
    admins = roster.persons(now, Role.ADMIN)
    if not admins:
        yield _warn(
            _("no admin is left whose key counts: nobody can change the list of officers"),
            _("move the folder .zalo-alert/officers away, keep it, and found the list anew"),
        )
    elif len(admins) < NEEDED_ADMINS:
        yield _warn(
            _("{name} is the only admin: if that key is lost, nobody can change the list of officers", name=admins[0]),
            _("make another officer an admin: {add}", add=Cure.OFFICERS_ADD("NAME", role="admin")),
        )


def _few_approvers(roster: Roster, now: datetime, needed: int) -> Iterator[Check]:
    """See that somebody can approve what one of those who may approve has submitted."""
    approvers = roster.persons(now, Role.APPROVER, Role.ADMIN)
    if len(approvers) < needed:
        who = joined(approvers) or _("nobody")
        yield _warn(
            _("{have} of {needed} officers who may approve: {who}", have=count(len(approvers)), needed=count(needed), who=who),
            _("add another: {add}", add=Cure.OFFICERS_ADD("NAME", role="approver", public="FILE")),
        )
