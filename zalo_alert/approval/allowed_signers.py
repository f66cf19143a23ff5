"""The officers in ssh-keygen's own form, so that anybody can check a signature with `ssh-keygen -Y verify` and without us.

Derived from the list of officers and never read for who may do what: it must only be what the list makes of it.
Valid times end in Z, which OpenSSH 9.1 and newer understands: without it they would mean another hour on another machine.

Source: ssh-keygen(1), ALLOWED SIGNERS.
"""

from datetime import UTC, datetime

from zalo_alert.approval.officers import MAY_SIGN, Officer, Roster

NAME = "allowed_signers"
_HEAD = "# head: "


def allowed_signers(roster: Roster) -> bytes:
    """Return the file's content: a line for each key, those that ended too, for signatures of their time."""
    lines = ["# Made by zalo-alert from officers.jsonl; not to be edited.", f"{_HEAD}{roster.head}"]
    return "\n".join((*lines, *map(_line, roster.officers), "")).encode()


def _line(officer: Officer) -> str:
    namespaces = ",".join(namespace.value for namespace in MAY_SIGN[officer.role])
    valid = f'valid-after="{_stamp(officer.since)}",valid-before="{_stamp(officer.ends_at)}"'
    comment = f"{officer.role} {'; '.join(officer.areas)}"
    return f'"{officer.name}" namespaces="{namespaces}",{valid} {officer.key.text} {comment}'


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
