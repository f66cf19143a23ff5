"""A crontab as text: blocks of ours between two marks, every other line as it was."""

import re
import shlex
from collections.abc import Sequence

from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.language import _

MOST_CHARACTERS = 900  # of a line: cron's own bound is 998
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f]")


def block_of(unit: str, about: str, minutes: str, command: Sequence[str]) -> str:
    """Write the lines that have cron start a command.

    Args:
        unit: The block's name.
        about: What it is for, in a line.
        minutes: The first field; the others are stars.
        command: The program and its arguments.

    Raises:
        UsageError: cron can't be given such a line.
    """
    line = f"{minutes} * * * * {shlex.join(command)}".replace("%", "\\%")  # to cron a bare % is the end of the line
    if _UNSPEAKABLE.search(line) or len(line) > MOST_CHARACTERS:
        raise UsageError(
            _("cron can't be given a command with such a path: {path}", path="".join(c for c in line if c.isprintable())[:200]),
            hint=_("give the folder a shorter or plainer name"),
        )
    return f"{_begin(unit)}\n# {_UNSPEAKABLE.sub(' ', about)}\n{line}\n{_end(unit)}\n"


def _begin(unit: str) -> str:
    return f"# BEGIN {unit}: written by `zalo-alert schedule`, which takes it away again"


def _end(unit: str) -> str:
    return f"# END {unit}"


def find_block(crontab: str, unit: str) -> str:
    """Return a block of ours as it stands there; "" where there is none.

    Raises:
        InputInvalid: Its end is missing.
    """
    begin, end = _bounds(crontab, unit)
    return "\n".join([*crontab.splitlines()[begin:end], ""]) if end else ""


def _bounds(crontab: str, unit: str) -> tuple[int, int]:
    lines = crontab.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(f"# BEGIN {unit}:")), None)
    if begin is None:
        return 0, 0
    for number in range(begin + 1, len(lines)):
        if lines[number].rstrip() == _end(unit):
            return begin, number + 1
        if lines[number].startswith("# BEGIN "):
            break
    raise InputInvalid(
        _('the line "{end}" is missing in the crontab', end=_end(unit)),
        hint=_("put it back with crontab -e, or delete what stands from the line BEGIN on"),
    )


def with_block(crontab: str, unit: str, block: str) -> str:
    """Return a crontab with a block of ours, in the place of the one of its name; "" for the block takes that away."""
    lines = crontab.splitlines(keepends=True)
    begin, end = _bounds(crontab, unit)
    if end:
        return "".join([*lines[:begin], block, *lines[end:]])
    if lines and block and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines, block])
