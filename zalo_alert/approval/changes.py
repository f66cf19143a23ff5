"""Changes of the list of officers: what one says, as the one text that admins sign. Reads no file.

A change names the digest of the one before it, so a signature fits in one place of one list and nowhere else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from zalo_alert.approval.keys import read_public_key
from zalo_alert.approval.officers import Officer, Role, same_name
from zalo_alert.errors import InputInvalid
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
        raise no_change() from exc
    if change is None or change.text != text:
        raise no_change()
    return change


def no_change() -> InputInvalid:
    """Say that a text is no change of the list."""
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
