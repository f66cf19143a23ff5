"""Cells of CSV files that people open in a spreadsheet: none of them may run there.

What begins like a formula gets an apostrophe before it, as a spreadsheet's own user would type it; `readers` takes it away again.
Source: OWASP, "CSV Injection".
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA = r"^'*[=+\-@\t\r]"  # with the apostrophes of a text that only looks guarded, so that reading gives back what was written
_FORMULA = re.compile(FORMULA)


def guard(value: Any) -> Any:
    """Return a cell as it may be written; only texts need care."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def guard_rows(rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
    """Return rows as they may be written."""
    return ([guard(value) for value in row] for row in rows)


def unguard(value: str) -> str:
    """Return a cell as it was before it was guarded."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
