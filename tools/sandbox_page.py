"""Write the table of options in docs/sandbox.md: `make docs`, after changing one. A test says when it is out of date.

What an option means and its default come from `Options`; whether it is on the command line, from the command.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from zalo_alert.sandbox.base import CHOICES, SHARES, Options
from zalo_alert.sandbox.changes import FIXED, KINDS

PAGE = Path(__file__).parent.parent / "docs" / "sandbox.md"
BEGIN, END = "<!-- made by `make docs` from zalo_alert/sandbox/base.py -->\n", "<!-- end of what is made -->\n"
_ARGUMENT = re.compile(r"^    (\w+): (.*)$", re.MULTILINE)


def page(text: str, options: type[Options] = Options) -> str:
    """Return the page with its table as it is to be.

    Raises:
        KeyError: Of an option that nobody has explained.
    """
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "".join(f"{line}\n" for line in _table(options)) + END + rest.partition(END)[2]


def meanings(options: type[Options]) -> Mapping[str, str]:
    """Return what each option is for, as the docstring says it."""
    return dict(_ARGUMENT.findall(inspect.getdoc(options) or ""))


def _table(options: type[Options]) -> Iterator[str]:
    said, flags = meanings(options), _flags()
    yield from (
        "",
        "| option | kind | default | what it does | on the command line | while it runs |",
        "|---|---|---|---|---|---|",
    )
    for field in fields(options):
        flag = f"`{flags[field.name]}`" if field.name in flags else "–"
        changes = "settled at the start" if field.name in FIXED else "may change"
        meaning = said[field.name].rstrip(".")
        yield f"| `{field.name}` | {_kind(field.name, field.type)} | {_default(field.default)} | {meaning} | {flag} | {changes} |"
    yield ""


def _kind(name: str, of: Any) -> str:
    if name in SHARES:
        return "share, 0 to 1"
    if name in CHOICES:
        return ", ".join(_value(word) for word in CHOICES[name])
    return KINDS[of].removeprefix("a ")


def _default(value: Any) -> str:
    assert value is not MISSING, "every option has a default"
    return _value(value)


def _value(value: Any) -> str:
    return f"`{str(value).lower()}`" if value != "" else "empty"


def _flags() -> Mapping[str, str]:
    """Return the command's options by the names of their parameters."""
    from typer.main import get_command

    from zalo_alert.cli.app import app, load_commands

    load_commands()
    command: Any = get_command(app)
    return {parameter.name: parameter.opts[0] for parameter in command.commands["sandbox"].params}


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parent.parent))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
