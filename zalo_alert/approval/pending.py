"""A change of the list of officers that waits for signatures: one at a time, beside the list.

Two admins found the list one after the other, perhaps on two machines; a change may also be signed by an admin elsewhere. What
they sign is `request.json`, byte for byte; the signatures gather here until there are enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.approval.change_rules import require_allowed, signer_of
from zalo_alert.approval.changes import Action, Change, read_change
from zalo_alert.approval.envelope import parse_signature
from zalo_alert.approval.officers import Officer, Roster
from zalo_alert.approval.roster import Applied, RosterFiles
from zalo_alert.errors import Cure, InputInvalid, SignatureRefused, StorageUnusable
from zalo_alert.foundation.files import appearing, contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

MAX_BYTES = 64 << 10
_PENDING, REQUEST = "pending.json", "request.json"


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that is not in force yet.

    Args:
        change: What would change; the founding of a list may still lack its second admin.
        signatures: Those that it has, each of the change's text.
    """

    change: Change
    signatures: tuple[str, ...] = ()

    @property
    def lacks_founder(self) -> bool:
        """Whether it is half a founding: nobody can sign that yet."""
        return self.change.action is Action.FOUND and len(self.change.officers) < self.change.needed

    def signers(self, roster: Roster) -> tuple[Officer, ...]:
        """Return who has signed it.

        Args:
            roster: The list as it stands.
        """
        return tuple(signer_of(roster, self.change, parse_signature(text), self.change.at) for text in self.signatures)


class PendingChanges:
    """Where a change waits.

    Args:
        files: The list that it would change.
    """

    def __init__(self, files: RosterFiles) -> None:
        self._files = files
        self._path, self.request = files.folder / _PENDING, files.folder / REQUEST

    def read(self) -> Pending | None:
        """Return what waits; None where nothing does, or where the list has changed since it was written.

        Raises:
            RosterInvalid: The list was edited by hand.
            StorageUnusable: What waits can't be read.
        """
        roster = self._files.read()
        try:
            pending = _parsed(orjson.loads(contents(self._path, MAX_BYTES)))
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise _unusable(self._path, exc) from exc
        except (InputInvalid, ValueError, TypeError, KeyError):
            return None  # damaged: it is in force nowhere, and made anew in a minute
        return pending if pending.change.previous == roster.head else None

    def require(self) -> Pending:
        """Return what waits and can be signed; `InputInvalid` where there is no such thing. See `read`."""
        pending = self.read()
        if pending is None:
            raise InputInvalid(
                _("no change of the list of officers waits for a signature"),
                hint=_("{list} shows who is there", list=Cure.OFFICERS()),
            )
        if pending.lacks_founder:
            raise InputInvalid(
                _("the second admin is not named yet, so there is nothing to sign"),
                hint=_("{add} names them", add=Cure.OFFICERS_ADD(role="admin")),
            )
        return pending

    def put(self, change: Change) -> Pending:
        """Have a change wait; its text is then in `request`.

        Raises:
            InputInvalid: It does not fit the list.
        """
        with self._files.locked():
            pending = Pending(change)
            if not pending.lacks_founder:
                require_allowed(self._files.read(), change)
            self._write(pending)
        return pending

    def sign(self, signature: str, now: datetime) -> Pending | Applied:
        """Add a signature to what waits, and put the change into force when it has enough.

        Raises:
            InputInvalid: Nothing waits.
            SignatureRefused: It is none of this change, or of somebody who may not make it.
        """
        with self._files.locked():
            pending = self._signed(signature)
            self._write(pending)
        if len(pending.signatures) < pending.change.needed:
            return pending
        result = self._files.append(pending.change, pending.signatures, now)
        self.discard()
        return result

    def _signed(self, signature: str) -> Pending:
        pending, roster = self.require(), self._files.read()
        signer = signer_of(roster, pending.change, parse_signature(signature), pending.change.at)
        if signer.key in {other.key for other in pending.signers(roster)}:
            raise SignatureRefused(_("{name} has signed this change already", name=signer.name))
        return replace(pending, signatures=(*pending.signatures, signature))

    def discard(self) -> None:
        """Forget what waits."""
        for path in (self._path, self.request):
            path.unlink(missing_ok=True)

    def _write(self, pending: Pending) -> None:
        value = {"change": orjson.Fragment(pending.change.text), "signatures": list(pending.signatures)}
        with self._writing(self._path) as draft:
            draft.write_bytes(orjson.dumps(value))
        with self._writing(self.request) as draft:
            draft.write_bytes(pending.change.text)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[Path]:
        try:
            with appearing(path) as draft:
                yield draft
        except OSError as exc:
            raise _unusable(path, exc) from exc


def _parsed(value: Mapping[str, Any]) -> Pending:
    signatures: Sequence[Any] = value["signatures"]
    if not all(isinstance(text, str) for text in signatures):
        raise TypeError("not a text")
    return Pending(read_change(orjson.dumps(value["change"], option=orjson.OPT_SORT_KEYS)), tuple(signatures))


def _unusable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't write the list of officers, {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk, and try again")
    )
