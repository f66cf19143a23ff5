"""Shows what is wrong with the wording of a campaign: where, why, and what to write instead; errors first."""

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from zalo_alert.cli.display import display, plain
from zalo_alert.foundation.files import plain_bytes
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from zalo_alert.operations.wording import Finding

MOST_SHOWN = 60  # of one file: nobody reads further, and --json has all of them
MOST_SIGNS = 60  # of a line that is shown
_OPENS = re.compile(
    r"\s*[\w-]{1,40}:\s*[|>]?[0-9+-]{0,2}\s*(?:#.*)?"
)  # a text begins below it: of a whole text, it shows nothing


def show_findings(findings: "Sequence[Finding]", lines: Sequence[str] = ()) -> None:
    """Show findings one by one.

    Args:
        findings: Errors first.
        lines: Of their file, where what is written there is to be shown.
    """
    for finding in findings:
        display.fact("finding", **finding_fields(finding))
    for finding in findings[:MOST_SHOWN]:
        _say(finding, lines)
    if (more := len(findings) - MOST_SHOWN) > 0:
        display.say(_n("and {more} more finding", "and {more} more findings", more, more=count(more)), style="yellow")


def lines_of(findings: "Sequence[Finding]") -> list[str]:
    """Return the lines of the file that findings stand in, as far as it can be read; nothing where it is gone."""
    with suppress(OSError):
        for finding in findings[:1]:
            return plain_bytes(Path(finding.problem.file), MAX_SIZE_BYTES).decode("utf-8-sig", errors="replace").splitlines()
    return []


def say_sum(file: str, findings: "Sequence[Finding]") -> None:
    """Say in a line how many findings a file has; nothing where it has none, or errors alone, which end the command anyway."""
    errors, warnings = count_findings(findings)
    display.fact("wording", file=file, error_count=errors, warning_count=warnings)
    if warnings:
        display.say(joined((_("{file}: in the wording", file=file), _sum_of(errors, warnings)), " "), style=_style(errors))


def count_findings(findings: "Sequence[Finding]") -> tuple[int, int]:
    """Return how many errors and how many warnings there are."""
    errors = sum(finding.severity == "error" for finding in findings)
    return errors, len(findings) - errors


def say_count(findings: "Sequence[Finding]", file: str) -> None:
    """Say how many findings a campaign has, and what shows them: in a drill, which is not held back by them."""
    from zalo_alert.errors import Cure

    errors, warnings = count_findings(findings)
    display.fact("wording", file=file, error_count=errors, warning_count=warnings)
    if findings:
        shows = _("{validate} shows them", validate=Cure.VALIDATE(file))
        display.say(
            joined((_("in the wording"), joined((_sum_of(errors, warnings), shows), ": ")), " "),
            style="bold red" if errors else "",
        )


def _sum_of(errors: int, warnings: int) -> str:
    parts = []
    if errors:
        parts.append(_n("{count} error", "{count} errors", errors, count=count(errors)))
    if warnings:
        parts.append(_n("{count} warning", "{count} warnings", warnings, count=count(warnings)))
    return joined(parts)


def _style(errors: int) -> str:
    return "bold red" if errors else "yellow"


def finding_fields(finding: "Finding") -> dict[str, Any]:
    """Return a finding for a machine."""
    problem = finding.problem
    return {
        "code": finding.code, "severity": finding.severity.value,
        "file": problem.file, "line": problem.line, "column": problem.column, "field": problem.field, "message": problem.message,
        "fix": finding.fix, "part": finding.part, "route": finding.route, "place": finding.place, "places": finding.places,
    }  # fmt: skip


def _say(finding: "Finding", lines: Sequence[str]) -> None:
    """Draw one finding; the log of the command has it in a line."""
    problem, is_error = finding.problem, finding.severity == "error"
    display.keep("said", joined((f"{problem.place}  [{finding.code}]", problem.message, finding.fix), "  "))
    if display.json or (display.quiet and not is_error):
        return
    style = "bold red" if is_error else "yellow"
    word = _("error") if is_error else _("warning")
    head = joined((word, problem.place, f"[{finding.code}]", problem.field), "  ")
    below = [display.drawn(problem.message), *_read_by(finding), *_written(problem.line, problem.column, lines)]
    below.append(display.drawn(joined(("→", finding.fix), " "), style="dim"))
    display.draw(Group(display.drawn(head, style=style), Padding(Group(*below), (0, 0, 0, 2), expand=False)))


def _read_by(finding: "Finding") -> list[Text]:
    """Say who reads it, where that is not everybody."""
    if not finding.place:
        return []
    if finding.places > 1:
        who = _n("read in {place} and {more} more place", "read in {place} and {more} more places", finding.places - 1,
                 place=finding.place, more=count(finding.places - 1))  # fmt: skip
    else:
        who = _("read in {place}", place=finding.place)
    return [display.drawn(joined(filter(None, (who, finding.route)), " · "), style="dim")]


def _written(line: int, column: int, lines: Sequence[str]) -> list[Text]:
    """Return the line of the file, with a mark under where it is wrong; nothing of what stands in no line, or is a whole text."""
    if not 0 < line <= len(lines) or _OPENS.fullmatch(lines[line - 1]):
        return []
    written, at = lines[line - 1].expandtabs(1), column - 1
    begin = max(0, at - MOST_SIGNS // 2)
    shown = plain(written[begin : begin + MOST_SIGNS])
    if not shown.strip():
        return []
    blank = Text(shown[: at - begin]).cell_len
    margin = f"{line} │ "
    return [Text(f"{margin}{shown}", no_wrap=True, overflow="crop"), Text(f"{' ' * (len(margin) + blank)}^", style="bold")]
