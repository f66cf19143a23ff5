"""Shows what is wrong with a CAP file, and what of it could not be carried into a campaign."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from zalo_alert.cap.draft import Remark
    from zalo_alert.cap.finding import Finding
    from zalo_alert.cap.read import Read


def show_findings(file: str, findings: "Sequence[Finding]", *, as_facts: bool = True) -> None:
    """Show findings one by one, in the order of the file."""
    for one in findings:
        severity = "error" if one.is_error else "warning"
        if as_facts:
            display.fact(
                "cap-finding", file=file, line=one.line, code=one.code, severity=severity, place=one.place, message=one.message,
                fix=one.fix,
            )  # fmt: skip
        where = f"{file}:{one.line}" if one.line else file
        display.say(
            joined((where, f"[{one.code}]", one.place, one.message), "  "), style="bold red" if one.is_error else "yellow"
        )
        if one.fix:
            display.say(joined(("    ", one.fix), ""))


def say_sum(file: str, read: "Read") -> None:
    """Say in a line how a file stands."""
    errors = sum(finding.is_error for finding in read.findings)
    warnings = len(read.findings) - errors
    alert = read.alert
    if not read.findings and alert:
        display.done(_("{file}: {type} {identifier} is clean", file=file, type=alert.msg_type, identifier=alert.identifier))
        return
    parts = [
        _n("{count} error", "{count} errors", errors, count=count(errors)),
        _n("{count} warning", "{count} warnings", warnings, count=count(warnings)),
    ]
    display.say(joined((file, joined(parts)), ": "), style="bold red" if errors else "yellow")


def show_remarks(file: str, remarks: "Sequence[Remark]") -> None:
    """Show what could not be carried over, or was guessed."""
    for remark in remarks:
        display.fact("cap-remark", file=file, place=remark.place, message=remark.why)
        display.say(joined((remark.place, remark.why), "  "), style="yellow")
