"""The office's own names of places: a CSV file of text, place and, for whoever completes it, how many people wrote it.

Owns the file; what a name means to a text is the resolver's business.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from zalo_alert import places
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation import cells
from zalo_alert.foundation.files import appearing, created_text
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, joined

NAME = "aliases.csv"  # in the workspace
COLUMNS = ("text", "place", "people")
MAX_BYTES = 10 << 20
FAULTS_TOLD = 5


def read(path: Path) -> places.Aliases:
    """Read an alias file; a row whose place is empty is one that nobody has completed yet.

    Raises:
        InputInvalid: It can't be read, or rows of it are not aliases; they are named.
    """
    aliases, faults = {}, []
    for number, row in enumerate(_rows(path), start=1):
        if not row or (number == 1 and row[0] == COLUMNS[0]):
            continue
        key = row[1].strip() if len(row) > 1 else ""
        if key in places.keys() and key != places.UNKNOWN:  # noqa: SIM118  a function, not a mapping's
            aliases[places.alias_key(row[0])] = key
        elif key:
            faults.append(_('line {number}: "{key}" is not a valid place', number=number, key=key[:40]))
    if faults:
        raise InputInvalid(
            joined((path, joined(faults[:FAULTS_TOLD], "; ")), ": "),
            hint=_("write old:52, new:52 or foreign; leave it empty when you don't know"),
        )
    return tuple(sorted(aliases.items()))


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputInvalid(_("{path} is larger than {most} MB: it is not an alias file", path=path, most=MAX_BYTES >> 20))
        text = path.read_text(encoding="utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        return [[cells.unguard(value) for value in row] for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise InputInvalid(
            _("can't read the alias file {path}: {why}", path=path, why=_why(exc)),
            hint=_("check the file's name") if isinstance(exc, OSError) else _("save it as CSV, UTF-8"),
        ) from exc


def _why(exc: Exception) -> str:
    if isinstance(exc, OSError):
        return reason(exc)
    return _("it is not UTF-8 text") if isinstance(exc, UnicodeDecodeError) else str(exc)


def _delimiter(text: str) -> str:
    """Tell what stands between the columns: a Vietnamese Excel saves a semicolon."""
    first = text.split("\n", 1)[0]
    return next((mark for mark in ";\t" if first.replace('"', "").startswith(f"{COLUMNS[0]}{mark}")), ",")


def add_unresolved(path: Path, values: Iterable[tuple[str, int, str]]) -> int:
    """Add values to an alias file, to be completed; what stands there already stays as it is. Return how many were new.

    Args:
        path: The file; made when it is missing.
        values: Each as people wrote it, how many did, and why it can't be placed.

    Raises:
        InputInvalid: It can't be read or written.
    """
    rows = _rows(path) if path.exists() else [list(COLUMNS)]
    keys = {places.alias_key(row[0]) for row in rows if row}
    fresh = [[text, "", str(people)] for text, people, _ in values if places.alias_key(text) not in keys]
    try:
        with appearing(path) as draft, created_text(draft) as file:
            csv.writer(file, lineterminator="\n").writerows(cells.guard_rows([*rows, *fresh]))
    except OSError as exc:
        raise InputInvalid(_("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder")) from exc
    return len(fresh)
