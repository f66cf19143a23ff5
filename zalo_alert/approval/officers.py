"""Officers: who they are, what they may sign, for which places, from when until when. Reads no file and no clock."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.keys import PublicKey
from zalo_alert.foundation import invisible

MAX_NAME = 60  # characters
NEEDED_ADMINS = 2  # with one, a lost key leaves nobody who may change the list
DEFAULT_TERM = timedelta(days=365)
MAX_TERM = timedelta(days=731)  # two years, one of them a leap year: a key that nobody looks after ends by itself
SOON = timedelta(days=30)  # before a key ends: time for two admins to meet
EVERYWHERE = "all"
_TAKEN = set('"*?!,#\\')  # what has a meaning in ssh-keygen's list of signers


class Role(StrEnum):
    """What an officer may do: an approver all that an editor may, an admin all that an approver may."""

    EDITOR = "editor"  # submits
    APPROVER = "approver"  # submits, and approves what others submitted
    ADMIN = "admin"  # also changes the list of officers


MAY_SIGN: Mapping[Role, tuple[Namespace, ...]] = {
    Role.EDITOR: (Namespace.SUBMIT, Namespace.AUDIT, Namespace.BREAK_GLASS),
    Role.APPROVER: (Namespace.SUBMIT, Namespace.APPROVE, Namespace.STANDING, Namespace.AUDIT, Namespace.BREAK_GLASS),
    Role.ADMIN: tuple(Namespace),
}


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer with one key; who has two stands there twice, under one name.

    Args:
        name: As people say it, NFC; two officers never have the same.
        role: What they may do.
        areas: Selectors of places that they answer for; `("all",)` for every place.
        key: Under which they sign; nobody else's.
        since: From when on, with its zone.
        until: When the key ends, with its zone.
        revoked_at: When an admin took it away; None while it counts.
    """

    name: str
    role: Role
    areas: tuple[str, ...]
    key: PublicKey
    since: datetime
    until: datetime
    revoked_at: datetime | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether the key counts at an instant."""
        return self.since <= at < self.ends_at

    @property
    def ends_at(self) -> datetime:
        """When the key counts no more, as far as anybody knows."""
        return self.until if self.revoked_at is None else min(self.until, self.revoked_at)


@dataclass(frozen=True, slots=True)
class Roster:
    """The officers, as their signed changes left them; who was revoked stands there still.

    Args:
        officers: One for each key, in the order of the changes.
        head: The digest of the last change; 64 zeros before the first.
    """

    officers: tuple[Officer, ...] = ()
    head: str = "0" * 64

    @property
    def is_empty(self) -> bool:
        """Whether nobody has founded it yet."""
        return not self.officers

    def by_key(self, key: PublicKey) -> Officer | None:
        """Return whose key that is, or was; None where it is nobody's."""
        return next((officer for officer in self.officers if officer.key == key), None)

    def named(self, name: str) -> tuple[Officer, ...]:
        """Return the keys that stand under a name, whatever its capitals."""
        wanted = same_name(name)
        return tuple(officer for officer in self.officers if same_name(officer.name) == wanted)

    def active(self, at: datetime) -> tuple[Officer, ...]:
        """Return those whose keys count at an instant."""
        return tuple(officer for officer in self.officers if officer.is_active(at))

    def persons(self, at: datetime, *roles: Role) -> tuple[str, ...]:
        """Name the persons of some roles whose keys count at an instant, each once."""
        return tuple(dict.fromkeys(officer.name for officer in self.active(at) if officer.role in roles))

    def ending(self, at: datetime, within: timedelta) -> Iterator[Officer]:
        """Yield those whose keys end soon, unless a longer one stands under the same name."""
        for officer in self.active(at):
            others = (other.until for other in self.active(at) if other.name == officer.name)
            if officer.until == max(others) and officer.until - at <= within:
                yield officer


def same_name(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return tidy_name(name).casefold()


def without_accents(name: str) -> str:
    """Return a name as somebody types it whose keyboard has no accents, to compare."""
    bare = "".join(char for char in unicodedata.normalize("NFD", tidy_name(name)) if not unicodedata.combining(char))
    return bare.casefold().replace("đ", "d")


def tidy_name(name: str) -> str:
    """Return a name as it is kept: NFC, single spaces, nothing that nobody sees."""
    return " ".join(unicodedata.normalize("NFC", invisible.remove(name)).split())


def is_name(name: str) -> bool:
    """Whether a tidy name can be one: something to say, on one line, that ssh-keygen's list can hold."""
    return 0 < len(name) <= MAX_NAME and name.isprintable() and not _TAKEN & set(name) and bool(re.search(r"\w", name))
