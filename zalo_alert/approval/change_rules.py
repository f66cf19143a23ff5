"""Which changes of the list of officers are allowed, who may sign them, and what the list is after one. Reads no file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from zalo_alert import places
from zalo_alert.approval.changes import FOUNDERS, MAX_AREAS, MAX_WHY, Action, Change, no_change
from zalo_alert.approval.envelope import Namespace, Signature, verify
from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.officers import EVERYWHERE, MAX_TERM, Officer, Role, Roster, is_name, same_name, tidy_name
from zalo_alert.errors import Cure, InputInvalid, SignatureRefused, ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.language import _


def require_allowed(roster: Roster, change: Change) -> None:
    """Make sure that a change fits the list as it stands, whoever signs it.

    Raises:
        InputInvalid: It doesn't; says what does.
    """
    if change.previous != roster.head:
        raise InputInvalid(
            _("the list of officers has changed since this was written"),
            hint=_("make the change anew: {list}", list=Cure.OFFICERS()),
        )
    if len(change.why) > MAX_WHY:
        raise InputInvalid(_("the reason is longer than {most} characters", most=MAX_WHY))
    if change.action is Action.FOUND:
        _require_founding(roster, change)
    elif roster.is_empty:
        raise InputInvalid(
            _("there is no list of officers yet"), hint=_("found it with two admins: {add}", add=Cure.OFFICERS_ADD())
        )
    elif change.action is Action.REVOKE:
        _require_revocable(roster, change)
    elif len(change.officers) != 1 or change.name or change.fingerprint:
        raise no_change()
    for officer in change.officers:
        require_sound(officer)
        _require_own_key(roster, officer)


def _require_founding(roster: Roster, change: Change) -> None:
    if not roster.is_empty:
        raise InputInvalid(_("there is a list of officers already"), hint=_("{list} shows it", list=Cure.OFFICERS()))
    if any(officer.role is not Role.ADMIN for officer in change.officers):
        raise InputInvalid(
            _("the first two of a list of officers are admins"),
            hint=_("add them with {option}", option=Cure.OPTION(role="admin")),
        )
    names = {same_name(officer.name) for officer in change.officers}
    keys = {officer.key for officer in change.officers}
    if not len(change.officers) == len(names) == len(keys) == FOUNDERS or change.name or change.fingerprint:
        raise InputInvalid(
            _("a list of officers is founded by two admins, each with a name and a key of their own"),
            hint=_("add the second one: {add}", add=Cure.OFFICERS_ADD()),
        )


def _require_revocable(roster: Roster, change: Change) -> None:
    if change.officers:
        raise no_change()
    if not revoked_by(roster, change):
        raise InputInvalid(
            _("{name} has no key on the list that could be revoked", name=change.name),
            hint=_("{list} shows who has", list=Cure.OFFICERS()),
        )


def revoked_by(roster: Roster, change: Change) -> tuple[Officer, ...]:
    """Return the keys that a change takes away."""
    return tuple(
        officer
        for officer in roster.named(change.name)
        if officer.revoked_at is None and change.fingerprint in ("", officer.key.fingerprint)
    )


def require_sound(officer: Officer) -> None:
    """Make sure that there can be such an officer: a name, a term, places.

    Raises:
        InputInvalid: There can't.
    """
    if officer.name != tidy_name(officer.name) or not is_name(officer.name):
        raise InputInvalid(
            _('"{name}" can\'t be the name of an officer', name=officer.name[:40]),
            hint=_("write the name as people say it, without quotes, commas or stars"),
        )
    if not officer.since < officer.until <= officer.since + MAX_TERM:
        raise InputInvalid(
            _("a key counts for two years at most, and ends after it begins"),
            hint=_("choose a day with {option}", option=Cure.OPTION(until="YYYY-MM-DD")),
        )
    _require_areas(officer.areas)


def _require_areas(areas: Sequence[str]) -> None:
    if not areas or len(areas) > MAX_AREAS or len(set(areas)) < len(areas):
        raise InputInvalid(
            _("an officer answers for 1 to {most} areas, each named once", most=MAX_AREAS),
            hint=_("name them with {option}", option=Cure.OPTION(areas=EVERYWHERE)),
        )
    for area in areas:
        places.area(area)


def _require_own_key(roster: Roster, officer: Officer) -> None:
    holder = roster.by_key(officer.key)
    if holder is None:
        return
    if same_name(holder.name) != same_name(officer.name):
        raise InputInvalid(
            _(
                "the key {fingerprint} is that of {name}: nobody shares one",
                fingerprint=officer.key.fingerprint,
                name=holder.name,
            ),
            hint=_("{make} makes one of their own", make=Cure.MAKE_KEY()),
        )
    if holder.revoked_at is not None:
        raise InputInvalid(
            _("the key {fingerprint} was revoked at {at}", fingerprint=officer.key.fingerprint, at=words(holder.revoked_at)),
            hint=_("{make} makes a new one", make=Cure.MAKE_KEY()),
        )


# --- who may sign it -----------------------------------------------------------------------------------------------------


def signer_of(roster: Roster, change: Change, signature: Signature, at: datetime) -> Officer:
    """Return who signed a change, where they may.

    Args:
        roster: The list before the change.
        change: What was signed.
        signature: Of its text.
        at: When the signer's own key must count.

    Raises:
        SignatureRefused: It is no signature of this change, or of somebody who may not make it.
    """
    verify(signature, change.text, Namespace.ROSTER)
    return who_may_sign(roster, change, signature.key, at)


def who_may_sign(roster: Roster, change: Change, key: PublicKey, at: datetime) -> Officer:
    """Return whose key that is, where they may sign a change with it; see `signer_of`."""
    if change.action is Action.FOUND:
        return _founder(change, key)
    signer = roster.by_key(key)
    if signer is None:
        raise _refused(_("the key {fingerprint} is nobody's on the list of officers", fingerprint=key.fingerprint))
    if not signer.is_active(at):
        raise _refused(_("the key of {name} ended at {at}", name=signer.name, at=words(signer.ends_at)))
    if signer.role is not Role.ADMIN:
        raise _refused(_("{name} is no admin, and only admins change the list of officers", name=signer.name))
    if same_name(signer.name) in change.concerned:
        raise _refused(_("{name} can't sign a change that concerns them", name=signer.name))
    return signer


def _founder(change: Change, key: PublicKey) -> Officer:
    for officer in change.officers:
        if officer.key == key:
            return officer
    raise SignatureRefused(
        _("the key {fingerprint} is that of neither founder", fingerprint=key.fingerprint),
        hint=_("each of the two admins signs with the key that stands in the change"),
    )


def _refused(why: str) -> ZaloAlertError:
    return SignatureRefused(why, hint=_("another admin signs it; {list} shows who is one", list=Cure.OFFICERS()))


def applied(roster: Roster, change: Change, head: str) -> Roster:
    """Return the list after a change that is allowed and signed.

    Args:
        roster: The list before it.
        change: What changes.
        head: The digest of the change as it stands in the file.
    """
    revoked = revoked_by(roster, change) if change.action is Action.REVOKE else ()
    new = {officer.key: officer for officer in change.officers}
    kept = [
        replace(officer, revoked_at=change.at) if officer in revoked else new.pop(officer.key, officer)
        for officer in roster.officers
    ]
    return Roster((*kept, *new.values()), head)
