"""Changes of the list of officers: what one says, as the one text that admins sign, and which are allowed. Reads no file.

A change names the digest of the one before it, so a signature fits in one place of one list and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from zalo_alert import places
from zalo_alert.approval.envelope import Namespace, Signature, verify
from zalo_alert.approval.keys import PublicKey, read_public_key
from zalo_alert.approval.officers import EVERYWHERE, MAX_TERM, Officer, Role, Roster, is_name, same_name, tidy_name
from zalo_alert.errors import Cure, InputInvalid, SignatureRefused, ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _

FORMAT, TYPE = 1, "roster-change"
MAX_BYTES = 16 << 10  # of a change's text; a long list of areas comes to a tenth of it
MAX_AREAS = 64
MAX_WHY = 500  # characters
FOUNDERS = 2


class Action(StrEnum):
    """What a change does."""

    FOUND = "found"  # the first two admins, together
    ADD = "add"  # a new officer, another key of one, or another role or term of a key that is there
    REVOKE = "revoke"  # a key, or all keys of an officer, from now on


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the list of officers.

    Args:
        action: What it does.
        at: When, to the second, with its zone.
        previous: The digest of the change before it; 64 zeros for the first.
        officers: Whom it adds; their `since` is `at`.
        name: Whom it revokes; "" where nobody.
        fingerprint: Which key of theirs; "" for all of them.
        why: The reason, for those who read the log.
    """

    action: Action
    at: datetime
    previous: str
    officers: tuple[Officer, ...] = ()
    name: str = ""
    fingerprint: str = ""
    why: str = ""

    @property
    def text(self) -> bytes:
        """The one text that is signed: JSON with sorted keys, UTF-8, no spaces."""
        value = {
            "format": FORMAT, "type": TYPE, "action": self.action.value, "at": _stamp(self.at), "previous": self.previous,
            "officers": [_as_json(officer) for officer in self.officers],
            "name": self.name, "fingerprint": self.fingerprint, "why": self.why,
        }  # fmt: skip
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

    @property
    def digest(self) -> str:
        """The digest of the text, for which six words can stand."""
        return digest_of(self.text)

    @property
    def concerned(self) -> frozenset[str]:
        """Whom it concerns, and who therefore can't sign it: names, to compare."""
        return frozenset(map(same_name, (self.name, *(officer.name for officer in self.officers)))) - {""}

    @property
    def needed(self) -> int:
        """How many signatures it takes."""
        return FOUNDERS if self.action is Action.FOUND else 1


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_json(officer: Officer) -> dict[str, Any]:
    return {
        "name": officer.name, "role": officer.role.value, "areas": list(officer.areas), "key": officer.key.text,
        "until": _stamp(officer.until),
    }  # fmt: skip


def read_change(text: bytes) -> Change:
    """Read a change's text; white space at its end, as an editor or a mail adds it, does not count.

    Raises:
        InputInvalid: It is none, or not byte for byte what this tool writes.
    """
    text = text.strip()
    try:
        change = _change(orjson.loads(text)) if len(text) <= MAX_BYTES else None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise _no_change() from exc
    if change is None or change.text != text:
        raise _no_change()
    return change


def _no_change() -> InputInvalid:
    return InputInvalid(
        _("this is no change of the list of officers, or it was altered after it was written"),
        hint=_("ask for the file again, whole and unchanged"),
    )


def _change(value: Any) -> Change:
    at = _instant(value["at"])
    return Change(
        Action(value["action"]), at, _text(value["previous"]), tuple(_officer(each, at) for each in value["officers"]),
        _text(value["name"]), _text(value["fingerprint"]), _text(value["why"]),
    )  # fmt: skip


def _officer(value: Any, since: datetime) -> Officer:
    areas = tuple(map(_text, value["areas"]))
    key = read_public_key(_text(value["key"]))
    return Officer(_text(value["name"]), Role(value["role"]), areas, key, since, _instant(value["until"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _instant(value: Any) -> datetime:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


# --- what is allowed -----------------------------------------------------------------------------------------------------


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
        raise _no_change()
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
        raise _no_change()
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
