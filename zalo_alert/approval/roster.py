"""The list of officers on the disk: a chain of signed changes, from which everything else follows.

`officers.jsonl` holds a change a line, with who signed it, each bound to the line before by its digest; `allowed_signers` is what
ssh-keygen reads. Whoever edits either by hand is found out when it is next read. Both are replaced as a whole, the chain first:
a process that is killed between the two leaves an older `allowed_signers`, which is told from an edited one and written anew.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from zalo_alert.approval import allowed_signers
from zalo_alert.approval.change_rules import applied, require_allowed, signer_of
from zalo_alert.approval.changes import Change, read_change
from zalo_alert.approval.envelope import parse_signature
from zalo_alert.approval.officers import Officer, Role, Roster
from zalo_alert.errors import Cure, InputInvalid, RosterInvalid, RunBusy, SignatureRefused, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import appearing, contents, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, _n

__all__ = ["Applied", "Officer", "Role", "Roster", "RosterFiles", "read_roster", "rosters_folder"]

CHAIN = "officers.jsonl"
MAX_BYTES = 8 << 20  # some 8,000 changes: more than a ministry makes in ten years
PATIENCE_S = 10.0  # a change takes milliseconds
MAX_AGE = timedelta(days=7)  # how long a change may be on its way to an admin elsewhere
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that is in force.

    Args:
        change: What changed.
        signers: Who signed it.
        roster: The list since then.
    """

    change: Change
    signers: tuple[Officer, ...]
    roster: Roster


def rosters_folder(state_folder: Path) -> Path:
    """Return the folder of the list of officers."""
    return state_folder / "officers"


def read_roster(state_folder: Path) -> Roster:
    """Read the list of officers, and check every signed change of it; an empty one where nobody has founded it.

    Raises:
        RosterInvalid: It is not what the officers signed: edited by hand, damaged, or a part of it is missing.
    """
    return RosterFiles(rosters_folder(state_folder)).read()


class RosterFiles:
    """The files of a list of officers.

    Args:
        folder: Where they lie; made by the first change.
        patience_s: How long to wait for another process that changes them.
    """

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S) -> None:
        self.folder, self._patience_s, self._is_held = folder, patience_s, False
        self._chain, self._derived = folder / CHAIN, folder / allowed_signers.NAME

    def read(self) -> Roster:
        """Return the list; see `read_roster`."""
        history = self.history()
        return history[-1].roster if history else Roster()

    def history(self) -> Sequence[Applied]:
        """Return every change, the first one first; see `read_roster` for what it raises."""
        try:
            return self._history()
        except RosterInvalid as exc:
            if self._is_held or not self.folder.is_dir():
                raise
            return self._history_again(exc)

    def _history_again(self, edited: RosterInvalid) -> Sequence[Applied]:
        """Read once more while nobody writes: another process may have replaced one file, and not yet the other."""
        try:
            with self.locked():
                return self._history()
        except (RunBusy, StorageUnusable):
            raise edited from None

    def _history(self) -> Sequence[Applied]:
        derived = self._bytes(self._derived)  # before the chain, which is never the older one
        history = self._changes()
        self._check_derived(derived, [Roster(), *(each.roster for each in history)])
        return history

    def append(self, change: Change, signatures: Sequence[str], now: datetime) -> Applied:
        """Put a signed change into force; it is on the disk when this returns.

        Args:
            change: What changes.
            signatures: Of its text, as many as it needs.
            now: When; who signed must be an admin then.

        Raises:
            InputInvalid: The change does not fit the list.
            SignatureRefused: A signature is missing, or of somebody who may not make this change.
            RosterInvalid: The list was edited by hand.
            RunBusy: Another process changes it.
            StorageUnusable: It can't be written.
        """
        with self.locked():
            roster = self.read()
            line = _line_of(change, signatures)
            result = _judged(roster, change, signatures, digest_of(line), change.at)
            _require_now(roster, result, now)
            self._write(line, result.roster)
        return result

    def repair(self) -> None:
        """Write `allowed_signers` anew where a process was killed before it could."""
        with self.locked():
            roster = self.read()
            if not roster.is_empty and self._bytes(self._derived) != allowed_signers.allowed_signers(roster):
                self._replace(self._derived, allowed_signers.allowed_signers(roster))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing the files; `append` and `repair` do so themselves.

        Raises:
            RunBusy: Another process changes them.
            StorageUnusable: The folder can't be written to.
        """
        try:
            private_folder(self.folder)
            lock = FileLock(self.folder / "lock", mode=0o600, thread_local=False)
            lock.acquire(timeout=self._patience_s)
        except Timeout as exc:
            raise RunBusy(_("another process is changing the list of officers"), hint=_("try again in a moment")) from exc
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            lock.release()

    def _write(self, line: bytes, roster: Roster) -> None:
        self._replace(self._chain, self._bytes(self._chain) + line)
        self._replace(self._derived, allowed_signers.allowed_signers(roster))

    def _replace(self, path: Path, content: bytes) -> None:
        try:
            with appearing(path) as draft:
                draft.write_bytes(content)
        except OSError as exc:
            raise _unwritable(path, exc) from exc

    def _bytes(self, path: Path) -> bytes:
        try:
            return contents(path, MAX_BYTES)
        except FileNotFoundError:
            return b""
        except OSError as exc:
            raise RosterInvalid(
                _("can't read the list of officers, {path}: {why}", path=path, why=reason(exc)), hint=_restore(self.folder)
            ) from exc

    def _changes(self) -> list[Applied]:
        history: list[Applied] = []
        roster = Roster()
        for number, line in enumerate(self._bytes(self._chain).splitlines(keepends=True), 1):
            try:
                change, signatures = _parsed(line)
                history.append(_judged(roster, change, signatures, digest_of(line), change.at))
            except (ZaloAlertError, ValueError, TypeError, KeyError) as exc:
                raise self._edited(_("{path}:{number}", path=self._chain, number=number), exc) from exc
            roster = history[-1].roster
        return history

    def _check_derived(self, derived: bytes, rosters: Sequence[Roster]) -> None:
        """Make sure that `allowed_signers` is what the chain makes of it, or made of it before its last change."""
        was_never_written = not derived and len(rosters) <= 2
        if not was_never_written and derived not in map(allowed_signers.allowed_signers, rosters[-2:]):
            raise self._edited(str(self._derived), None)

    def _edited(self, where: str, exc: Exception | None) -> RosterInvalid:
        why = exc.message if isinstance(exc, ZaloAlertError) else _("it is not what the officers signed")
        return RosterInvalid(_("the list of officers is damaged or was edited by hand, {where}: {why}", where=where, why=why),
                             hint=_restore(self.folder))  # fmt: skip


def _restore(folder: Path) -> str:
    return _(
        "restore {folder} from a backup; without one, move it away for whoever looks into it, and found the list anew",
        folder=folder,
    )


def _unwritable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't write the list of officers, {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk, and try again")
    )


def _line_of(change: Change, signatures: Sequence[str]) -> bytes:
    value = {"change": orjson.Fragment(change.text), "signatures": list(signatures)}
    return orjson.dumps(value) + b"\n"


def _parsed(line: bytes) -> tuple[Change, list[str]]:
    value = orjson.loads(line)
    change = read_change(orjson.dumps(value["change"], option=orjson.OPT_SORT_KEYS))
    signatures = [text for text in value["signatures"] if isinstance(text, str)]
    if _line_of(change, signatures) != line:
        raise ValueError("not as it was written")
    return change, signatures


def _require_now(roster: Roster, result: Applied, now: datetime) -> None:
    """Make sure that a change is no old one, and that who signed it may do so today."""
    if not -CLOCKS_APART <= now - result.change.at <= MAX_AGE:
        raise InputInvalid(
            _(
                "this change of the list of officers was written at {at}, and it is {now}",
                at=words(result.change.at),
                now=words(now),
            ),
            hint=_("make the change anew: {list}", list=Cure.OFFICERS()),
        )
    for signer in result.signers:
        if not roster.is_empty and not signer.is_active(now):
            raise SignatureRefused(_("the key of {name} ended at {at}", name=signer.name, at=words(signer.ends_at)))


def _judged(roster: Roster, change: Change, signatures: Sequence[str], head: str, at: datetime) -> Applied:
    """Return what a change makes of the list, once it is sure that it may."""
    require_allowed(roster, change)
    signers = tuple(signer_of(roster, change, parse_signature(text), at) for text in signatures)
    missing = change.needed - len({signer.key for signer in signers})
    if missing > 0 or len(signers) != change.needed:
        raise SignatureRefused(
            _n("{missing} signature is missing", "{missing} signatures are missing", max(missing, 1), missing=max(missing, 1))
        )
    return Applied(change, signers, applied(roster, change, head))
