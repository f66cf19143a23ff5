"""Write the tables of docs/json.md from zalo_alert/cli/output.toml: `make json`, after changing a type of line."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from zalo_alert.cli.output_schema import read_shapes, read_types
from zalo_alert.models import State

PAGE = Path(__file__).parent.parent / "docs" / "json.md"
MARK = "<!-- from here on made by `make json` -->\n"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def page(text: str) -> str:
    """Return the page with its tables as they are to be."""
    return text.partition(MARK)[0] + MARK + "".join(f"{line}\n" for line in _tables())


def _tables() -> Iterator[str]:
    yield from ("", "## Types of lines", "")
    for name, entry in read_types().items():
        yield from (f"### `{name}`", "", f"{entry['about']} From `{'`, `'.join(entry['by'].split(', '))}`.", "")
        yield from _table(entry["fields"])
    yield from ("## Objects within lines", "", "### `totals`", "")
    yield from (f"People by state, each of them, zeros too: `{'`, `'.join(state.value for state in State)}`.", "")
    for name, fields in read_shapes().items():
        yield from (f"### `@{name}`", "")
        yield from _table(fields)


def _table(fields: Mapping[str, str]) -> Iterator[str]:
    yield from ("| field | kind | what it tells |", "|---|---|---|")
    for name, text in fields.items():
        kind, _, meaning = text.partition(": ")
        words = " or ".join(f"`{word}`" for word in kind.split("|"))
        yield f"| `{name}` | {words} | {meaning} |"
    yield ""


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parent.parent))
    main()
