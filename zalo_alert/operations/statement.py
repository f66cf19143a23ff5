"""What an officer signs for the log: a line's own facts and the head of the log before it, so that each such signature holds it.

The statement is made anew from the line, so that whoever changes the line loses the signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zalo_alert.approval.agreement import officer_of
from zalo_alert.approval.envelope import Namespace, parse_signature, verify
from zalo_alert.approval.request import canonical
from zalo_alert.approval.roster import Officer, Roster
from zalo_alert.approval.signer import Signer
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import Line
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import Cure, SignatureRefused
from zalo_alert.foundation.clock import words
from zalo_alert.language import _

SIGNATURES = "signatures"  # the fact of a line that holds them


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said and signed.

    Args:
        event: Which event it becomes in the log.
        at: When it was written, by the clock of the machine with the log.
        who: Who says so: names of officers.
        run: Which run it is about; "" for none.
        why: What was typed.
        facts: What else belongs to it, with the head of the log and its number of lines.
    """

    event: str
    at: datetime
    who: str
    run: str
    why: str
    facts: Mapping[str, Any]

    @property
    def text(self) -> bytes:
        """What is signed, byte for byte."""
        at = self.at.isoformat(timespec="milliseconds")
        said = {"event": self.event, "at": at, "who": self.who, "run": self.run, "why": self.why, "facts": self.facts}
        return canonical({"format": 1, "type": "statement", **said})

    def append(self, log: AuditLog, signatures: Sequence[str]) -> None:
        """Add it to the log, with those who signed it."""
        facts = {**self.facts, SIGNATURES: list(signatures)}
        log.append(self.event, self.at, who=self.who, run=self.run, why=self.why, facts=facts)


def make_statement(
    log: AuditLog, event: AuditEvent, at: datetime, who: str, run: str, why: str, facts: Mapping[str, Any] | None = None
) -> Statement:
    """Write a statement over the log as it is now."""
    end = log.end()
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as the log keeps it
    return Statement(event, at, who, run, why, {**(facts or {}), "log_head": end.head, "log_lines": end.number})


def statement_of(line: Line) -> Statement:
    """Make the statement anew that a line of the log was signed as."""
    facts = {name: value for name, value in line.facts.items() if name != SIGNATURES}
    return Statement(line.event, line.at, line.who, line.run, line.why, facts)


def sign(statement: Statement, signer: Signer) -> str:
    """Return an officer's signature of a statement."""
    return signer.sign(statement.text, Namespace.AUDIT)


def active_officer(signer: Signer, roster: Roster, at: datetime) -> Officer:
    """Return whose key that is.

    Raises:
        SignatureRefused: It is nobody's on the list, or counts no more.
    """
    if roster.is_empty:
        raise SignatureRefused(
            _("this workspace has no list of officers yet, so there is nobody whose signature counts"),
            hint=_("{add} begins it: two admins found it together", add=Cure.OFFICERS_ADD()),
        )
    officer = officer_of(signer.key, roster)
    _check_active(officer, at)
    return officer


def signer_of(statement: Statement, signature: str, roster: Roster) -> Officer:
    """Return who has signed a statement.

    Raises:
        SignatureRefused: It is not of this statement, or of nobody whose key counted then.
    """
    signed = parse_signature(signature)
    verify(signed, statement.text, Namespace.AUDIT)
    officer = officer_of(signed.key, roster)
    _check_active(officer, statement.at)
    return officer


def signers_of(line: Line, roster: Roster) -> list[Officer]:
    """Return who has signed a line of the log; nobody where no signature was asked for.

    Raises:
        SignatureRefused: A signature is not of this line, or of nobody whose key counted then.
    """
    statement, signatures = statement_of(line), line.facts.get(SIGNATURES, [])
    if not isinstance(signatures, list):
        raise SignatureRefused(_("there is no signature: the text is empty"))
    officers = [signer_of(statement, str(signature), roster) for signature in signatures]
    if officers and [officer.name for officer in officers] != line.who.split(SEPARATOR):
        raise SignatureRefused(_("it was signed by others than it names"))
    return officers


SEPARATOR = ", "  # between the names of those who sign together; no name holds a comma


def _check_active(officer: Officer, at: datetime) -> None:
    if not officer.is_active(at):
        raise SignatureRefused(
            _("the key of {name} does not count: it was good until {until}", name=officer.name, until=words(officer.ends_at)),
            hint=_("an admin adds a new key; meanwhile another officer signs"),
        )
