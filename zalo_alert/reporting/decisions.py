"""Who decided what about a run, when, and with which key: read off the log of the workspace and the run's own signatures.

The log is read as it is: what of it is damaged or missing is told beside what it says, and hides nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from zalo_alert.approval.envelope import Namespace, parse_signature
from zalo_alert.approval.roster import Roster, read_roster
from zalo_alert.audit.events import AuditEvent, words_of
from zalo_alert.audit.line import BEGINNING, Line, decode, is_intact
from zalo_alert.audit.log import NAME
from zalo_alert.audit.reading import raw_lines
from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import instant, iso_text
from zalo_alert.language import _, _n, count, joined
from zalo_alert.runs.history import Event
from zalo_alert.runs.run import Agreement, Run

_SAME = timedelta(milliseconds=10)  # what is told twice bears the same instant, in the log to the thousandth of a second
_SIGNATURES = "signatures"  # the fact of a line that holds them, as `operations.statement` writes it

# What the history of a run calls that of which the log must tell too.
_TOLD_TOO: Mapping[str, AuditEvent] = {
    "started": AuditEvent.RUN_SENDING,
    "submitted": AuditEvent.RUN_SUBMITTED,
    "rejected": AuditEvent.RUN_REJECTED,
    "break-glass": AuditEvent.RUN_APPROVED,
}
# What a signature of each purpose brings about; where nothing tells of that, it is told as the first of them.
_SIGNED: Mapping[str, tuple[AuditEvent, ...]] = {
    Namespace.SUBMIT: (AuditEvent.SUBMIT, AuditEvent.RUN_SUBMITTED),
    Namespace.APPROVE: (AuditEvent.APPROVE, AuditEvent.RUN_APPROVED),
    Namespace.BREAK_GLASS: (AuditEvent.BREAK_GLASS, AuditEvent.RUN_APPROVED),
    Namespace.STANDING: (AuditEvent.STANDING_USE, AuditEvent.RUN_APPROVED, AuditEvent.RUN_SUBMITTED),
    Namespace.AUDIT: (AuditEvent.REJECT, AuditEvent.RUN_REJECTED),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that somebody decided, or that happened to the run.

    Args:
        at: When.
        event: A word of `AuditEvent`, or of the run's own history.
        words: What a person reads of it.
        who: The officer who signed; "" where nobody did.
        user: Under which account of the operating system; "" where only the run itself tells of it.
        why: What was typed or what was wrong; may be "".
        keys: Fingerprints of the keys that signed it.
    """

    at: datetime
    event: str
    words: str
    who: str = ""
    user: str = ""
    why: str = ""
    keys: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with names that do not change."""
        at = iso_text(self.at.timestamp())
        fields = {"what": self.event, "who": self.who, "user": self.user, "why": self.why, "keys": list(self.keys)}
        return {"decided_at": at, **fields}


@dataclass(frozen=True, slots=True)
class Decisions:
    """All of them, the earliest first, and what must be said of the log that they were read from."""

    rows: tuple[Decision, ...]
    remarks: tuple[str, ...] = ()

    def first(self, *events: str) -> datetime | None:
        """Return when one of some events was first told of."""
        return next((row.at for row in self.rows if row.event in events), None)


def decisions_of(run: Run, history: Sequence[Event]) -> Decisions:
    """Read who decided what about a run; a log or a list of officers that can't be read is a remark, and no error."""
    state_folder, remarks = run.folder.parent.parent, list[str]()
    lines, damaged = _lines(state_folder / NAME, run.id, remarks)
    if damaged:
        remarks.append(_damage(damaged))
    remarks += _missing(lines, history)
    rows = [_decision(line) for line in lines]
    rows += list(_from_history(rows, history))  # compared with the log alone, not with each other
    roster = _roster(state_folder, remarks) if run.agreements() else Roster()
    rows = _with_keys(rows, run.agreements(), roster)
    rows += [
        Decision(run.facts.frozen_at, "override", _("went round a rule ({name})", name=name), why=why)
        for name, why in run.facts.overrides.items()
    ]
    return Decisions(tuple(sorted(rows, key=lambda row: row.at)), tuple(remarks))


def _lines(path: Path, run: str, remarks: list[str]) -> tuple[list[Line], int]:
    """Read the lines about a run, and count those of the log that are no whole lines."""
    own: list[Line] = []
    damaged, mark = 0, run.encode()
    try:
        for raw in raw_lines(path):
            is_whole = raw.startswith(BEGINNING) and raw.endswith(b'"}\n')
            line = decode(raw) if mark in raw else None
            is_own = line is not None and line.run == run
            damaged += not is_whole or (is_own and not is_intact(raw))
            own += [line] if line and is_own else []
    except ZaloAlertError as exc:
        remarks.append(exc.message)
    return own, damaged


def _damage(damaged: int) -> str:
    return _n(
        "{lines} line of the audit log is cut short or was changed, so it may not tell everything: {verify} says which",
        "{lines} lines of the audit log are cut short or were changed, so it may not tell everything: {verify} says which",
        damaged,
        lines=count(damaged),
        verify=Cure.VERIFY(),
    )


def _missing(lines: Sequence[Line], history: Sequence[Event]) -> Iterator[str]:
    """Say of what happened according to the run itself, and the log does not tell."""
    missing = [
        event.words
        for event in history
        if (told := _TOLD_TOO.get(event.what)) and not any(line.event == told and _is_same(line.at, event) for line in lines)
    ]
    if missing:
        yield _(
            "the audit log does not tell of {events}, which the run itself does: {verify} says whether it was cut off",
            events=joined(dict.fromkeys(missing)),
            verify=Cure.VERIFY(),
        )


def _is_same(at: datetime, event: Event) -> bool:
    return abs(at - instant(event.at_s)) < _SAME


def _decision(line: Line) -> Decision:
    signatures = line.facts.get(_SIGNATURES)
    keys = tuple(filter(None, map(_fingerprint, signatures if isinstance(signatures, list) else ())))
    return Decision(line.at, line.event, words_of(line.event), line.who, line.user, line.why_said, keys)


def _from_history(rows: Sequence[Decision], history: Sequence[Event]) -> Iterable[Decision]:
    """Return what only the run's own history tells of."""
    for event in history:
        if event.what != "cure" and not any(_is_same(row.at, event) for row in rows):
            yield Decision(instant(event.at_s), event.what, event.words, why=event.detail)


def _roster(state_folder: Path, remarks: list[str]) -> Roster:
    try:
        return read_roster(state_folder)
    except ZaloAlertError as exc:
        remarks.append(exc.message)
        return Roster()


def _with_keys(rows: Sequence[Decision], agreements: Sequence[Agreement], roster: Roster) -> list[Decision]:
    """Put the key of each signature beside what tells of it; one that nothing tells of is a row of its own."""
    told = list(rows)
    for agreement in agreements:
        events, at = _SIGNED.get(agreement.purpose, ()), instant(agreement.at_s)
        key = _fingerprint(agreement.text) if events else ""
        if not key:
            continue
        beside = [(abs(row.at - at), i) for i, row in enumerate(told) if row.event in events and abs(row.at - at) < _SAME]
        if not beside:
            told.append(_signed(agreement, key, roster))
            continue
        i = min(beside)[1]
        if key not in told[i].keys:
            told[i] = replace(told[i], keys=(*told[i].keys, key))
    return told


def _signed(agreement: Agreement, key: str, roster: Roster) -> Decision:
    event = _SIGNED[agreement.purpose][0]
    who = next((officer.name for officer in roster.officers if officer.key.fingerprint == key), "")
    return Decision(instant(agreement.at_s), event, words_of(event), who, keys=(key,))


def _fingerprint(text: object) -> str:
    """Return whose key a signature names; "" where it is none. Whether it counts, `audit verify` and the gate of sending say."""
    try:
        return parse_signature(str(text)).key.fingerprint
    except ZaloAlertError:
        return ""
