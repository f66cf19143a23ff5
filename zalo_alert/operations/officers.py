"""The list of officers: who stands on it, changed by those who may, here or with a signature from elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.approval.change_rules import require_allowed, require_sound, who_may_sign
from zalo_alert.approval.changes import MAX_BYTES, Action, Change, read_change
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.key_files import make_key_file, read_key_file, require_free
from zalo_alert.approval.keys import PublicKey, read_public_key
from zalo_alert.approval.officers import DEFAULT_TERM, EVERYWHERE, Officer, Role, Roster, tidy_name
from zalo_alert.approval.pending import Pending, PendingChanges
from zalo_alert.approval.roster import Applied, RosterFiles, rosters_folder
from zalo_alert.approval.signer import Signer
from zalo_alert.approval.words import six_words
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import Cure, InputInvalid, SettingsInvalid, UsageError
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _
from zalo_alert.operations.sign_request import read_file

if TYPE_CHECKING:
    from zalo_alert.preflight.doctor import Check

__all__ = [
    "Action",
    "Applied",
    "Change",
    "NewOfficer",
    "Officer",
    "Officers",
    "Pending",
    "Role",
    "make_key_file",
    "public_key",
    "read_change_file",
    "require_free",
    "sign_change",
    "six_words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """Who is to be an officer.

    Args:
        name: As people say it.
        key: Under which they sign; None is the one key that they have on the list.
        role: What they may do; None leaves it, and is an approver at first.
        areas: Selectors of the places they answer for; none leaves them, and is every place at first.
        until: When the key ends; None is in a year.
        is_second_key: Whether somebody of that name who is on the list is meant.
    """

    name: str
    key: PublicKey | None = None
    role: Role | None = None
    areas: tuple[str, ...] = ()
    until: datetime | None = None
    is_second_key: bool = False


class Officers:
    """The officers of a workspace.

    Args:
        state_folder: The private folder of everything that the tool writes.
        clock: Where the time comes from.
    """

    def __init__(self, state_folder: Path, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._files, self._log = RosterFiles(rosters_folder(state_folder)), AuditLog(state_folder)
        self._pending = PendingChanges(self._files)

    @cached_property
    def now(self) -> datetime:
        """When the command began, to the second: what is signed has no parts of one."""
        return self._clock.now().replace(microsecond=0)

    @property
    def request(self) -> Path:
        """The file of what waits, for an admin elsewhere."""
        return self._pending.request

    def roster(self) -> Roster:
        """Read the list; `RosterInvalid` where it was edited by hand."""
        return self._files.read()

    def pending(self) -> Pending | None:
        """Return the change that waits for signatures; None where there is none."""
        return self._pending.read()

    def mend(self) -> None:
        """Write anew what a killed process left behind unfinished."""
        if not self.roster().is_empty:
            self._files.repair()

    # --- changes ---------------------------------------------------------------------------------------------------------

    def addition(self, new: NewOfficer) -> Change:
        """Write down the change that adds somebody; the first two found the list.

        Raises:
            InputInvalid: It can't be.
            UsageError: Another change waits.
        """
        roster, waits = self.roster(), self.pending()
        officer = self._officer(new, roster)
        if waits and not waits.lacks_founder:
            raise _another_waits()
        if not roster.is_empty:
            self._check_name(officer, roster, is_second_key=new.is_second_key)
            return self._allowed(Change(Action.ADD, self.now, roster.head, (officer,)))
        first = [each for each in waits.change.officers if each.name != officer.name] if waits else []
        founders = [Officer(each.name, each.role, each.areas, each.key, self.now, each.until) for each in first]
        change = Change(Action.FOUND, self.now, roster.head, (*founders, officer))
        require_sound(officer)
        if officer.role is not Role.ADMIN or len(change.officers) == change.needed:
            require_allowed(roster, change)
        return change

    def _officer(self, new: NewOfficer, roster: Roster) -> Officer:
        """Return the officer that is to be, what was not said taken from the key's entry on the list."""
        key = new.key or self._only_key(new.name, roster)
        before = roster.by_key(key)
        role = new.role or (before.role if before else Role.APPROVER)
        areas = new.areas or (before.areas if before else (EVERYWHERE,))
        return Officer(tidy_name(new.name), role, areas, key, self.now, new.until or self.now + DEFAULT_TERM)

    def _only_key(self, name: str, roster: Roster) -> PublicKey:
        keys = [officer.key for officer in roster.named(name) if officer.revoked_at is None]
        if len(keys) == 1:
            return keys[0]
        raise InputInvalid(
            _("{name} has several keys on the list", name=tidy_name(name)) if keys else self._unknown(name, roster),
            hint=_("say which with {option}", option=Cure.OPTION(public="FILE")),
        )

    def _unknown(self, name: str, roster: Roster) -> str:
        near = suggestion(name, dict.fromkeys(officer.name for officer in roster.officers))
        return _('nobody on the list is called "{name}"{suggestion}', name=tidy_name(name)[:60], suggestion=near)

    def _check_name(self, new: Officer, roster: Roster, *, is_second_key: bool) -> None:
        """Have nobody get another's name by accident: who has the same name is the same person here."""
        namesakes = roster.named(new.name)
        if any(officer.key == new.key for officer in namesakes) or is_second_key:
            return
        if any(officer.is_active(self.now) for officer in namesakes):
            raise InputInvalid(
                _("{name} is on the list, with another key", name=namesakes[0].name),
                hint=_(
                    "{option} gives the same person a second key; somebody else needs a name that tells the two apart",
                    option=Cure.OPTION(second_key=True),
                ),
            )

    def revocation(self, name: str, fingerprint: str, why: str) -> Change:
        """Write down the change that takes somebody's keys away, or one of them.

        Raises:
            InputInvalid: Nobody has that name, or no such key.
            UsageError: Another change waits.
        """
        roster = self.roster()
        if self.pending():
            raise _another_waits()
        if not roster.is_empty and not roster.named(name):
            raise InputInvalid(self._unknown(name, roster), hint=_("{list} shows who is there", list=Cure.OFFICERS()))
        whole = _whole(fingerprint, roster.named(name)) if fingerprint else ""
        return self._allowed(Change(Action.REVOKE, self.now, roster.head, (), tidy_name(name), whole, " ".join(why.split())))

    def _allowed(self, change: Change) -> Change:
        require_allowed(self.roster(), change)
        return change

    # --- signatures ------------------------------------------------------------------------------------------------------

    def make(self, change: Change, signer: Signer) -> Applied:
        """Sign a change and put it into force.

        Raises:
            SignatureRefused: The key is nobody's who may make this change; nothing was asked of its owner.
        """
        who_may_sign(self.roster(), change, signer.key, self.now)
        return self._logged(self._files.append(change, [signer.sign(change.text, Namespace.ROSTER)], self.now))

    def wait(self, change: Change) -> Pending:
        """Have a change wait for signatures."""
        return self._pending.put(change)

    def require_pending(self) -> Pending:
        """Return the change that waits; `InputInvalid` where none does, or where it can't be signed yet."""
        return self._pending.require()

    def founds(self, change: Change) -> bool:
        """Whether a change founds the list: two sign that, one after the other."""
        return change.action is Action.FOUND

    def is_founders_key(self, change: Change, path: Path) -> bool:
        """Whether a key file, which need not be there, is that of one of the two who found the list."""
        try:
            key = read_key_file(path).key
        except SettingsInvalid:
            return False
        return key in {officer.key for officer in change.officers}

    def check_may_sign(self, pending: Pending, key: PublicKey) -> Officer:
        """Return whose key that is, where it may sign what waits; `SignatureRefused` where it may not."""
        return who_may_sign(self.roster(), pending.change, key, self.now)

    def take(self, signature: str) -> Pending | Applied:
        """Add a signature to what waits; with the last one it is in force. See `PendingChanges.sign`."""
        result = self._pending.sign(signature, self.now)
        return self._logged(result) if isinstance(result, Applied) else result

    def _logged(self, applied: Applied) -> Applied:
        change, who = applied.change, ", ".join(signer.name for signer in applied.signers)
        for officer in change.officers:
            facts = {"officer": officer.name, "role": officer.role, "areas": list(officer.areas), "key": officer.key.fingerprint}
            facts |= {"until": officer.until.isoformat(), "roster": applied.roster.head}
            self._log.append(AuditEvent.OFFICER_ADD, self.now, who=who, why=change.why, facts=facts)
        if change.action is Action.REVOKE:
            gone = {"officer": change.name, "key": change.fingerprint, "roster": applied.roster.head}
            self._log.append(AuditEvent.OFFICER_REVOKE, self.now, who=who, why=change.why, facts=gone)
        return applied

    def discard(self) -> Pending | None:
        """Forget what waits; return what that was."""
        pending = self.pending()
        self._pending.discard()
        return pending

    # --- what there is to say of it --------------------------------------------------------------------------------------

    def checks(self, roster: Roster, *, is_live: bool = False, approvers: int = 1) -> "list[Check]":
        """Say how a list stands: whose key ends before long, whether enough are left to agree and to change it."""
        from zalo_alert.preflight.officers import check_officers

        return list(check_officers(roster, self.now, is_live=is_live, approvers=approvers))


def _whole(beginning: str, officers: tuple[Officer, ...]) -> str:
    """Return the fingerprint that begins so, as the table shows it."""
    wanted = f"SHA256:{beginning.removeprefix('SHA256:').rstrip('…')}"
    found = [officer.key.fingerprint for officer in officers if officer.key.fingerprint.startswith(wanted)]
    if len(found) != 1:
        raise InputInvalid(
            _('"{fingerprint}" is the beginning of none of their fingerprints, or of several', fingerprint=beginning[:60]),
            hint=_("{list} shows them", list=Cure.OFFICERS(json=True)),
        )
    return found[0]


def _another_waits() -> UsageError:
    return UsageError(
        _("another change of the list of officers waits for a signature"),
        hint=_("{sign} completes it, {discard} drops it", sign=Cure.SIGN_CHANGE(), discard=Cure.SIGN_CHANGE(discard=True)),
    )


def sign_change(change: Change, signer: Signer) -> str:
    """Return an admin's signature of a change, for the workspace to take."""
    return signer.sign(change.text, Namespace.ROSTER)


def read_change_file(path: Path) -> Change:
    """Read a change that an admin of another machine wrote, from a file, or from stdin where its name is "-".

    Raises:
        UsageError: It can't be read.
        InputInvalid: It is no change, or was altered.
    """
    return read_change(read_file(str(path), MAX_BYTES))


def public_key(text: str) -> PublicKey:
    """Read a public key: the line itself, or the name of the file with it.

    Raises:
        InputInvalid: It is none of a kind that is accepted.
        SettingsInvalid: The file can't be read.
    """
    if text.lstrip().startswith(("ssh-", "sk-", "ecdsa-")):
        return read_public_key(text)
    return read_key_file(Path(text)).key
