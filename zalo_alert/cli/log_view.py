"""How the log of a run looks: a line for each day, then what was said and done, with times; whole lines in a pipe."""

from datetime import date
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from zalo_alert.cli.display import display, plain
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.notices import Level
from zalo_alert.language import joined
from zalo_alert.language.formats import Day

if TYPE_CHECKING:
    from zalo_alert.operations.run_log import Entry

STYLES = {Level.STRONG: "bold", Level.WARNING: "yellow", Level.FAULT: "red", Level.ALARM: "bold red"}


class Logbook:
    """Shows one line after another, and the day where it is another than before.

    Args:
        run: Its name; "" for a file.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._day: date | None = None

    def show(self, entry: "Entry") -> None:
        """Show one line."""
        if display.json:
            self._tell_machine(entry)
        elif display.out.is_terminal:
            self._draw(entry)
        else:
            at = in_vietnam(entry.at).strftime("%Y-%m-%d %H:%M:%S")
            text = display.text(joined(filter(None, (_said(entry), _cure(entry))), "  "), display.out)
            display.data([f"{at}  {plain(' '.join(text.splitlines()))}\n"])

    def _tell_machine(self, entry: "Entry") -> None:
        display.fact(
            "log", happened_at=in_vietnam(entry.at).isoformat(timespec="milliseconds"), run=self._run, source=entry.source.value,
            kind=entry.kind, level=entry.level.value, who=entry.who, process=entry.process, detail=entry.text, cure=entry.cure,
            facts=dict(entry.facts),
        )  # fmt: skip

    def _draw(self, entry: "Entry") -> None:
        at = in_vietnam(entry.at)
        if at.date() != self._day:
            self._day = at.date()
            display.tell(joined(filter(None, (self._run, Day(self._day))), " · "), style="bold")
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(Text(f"{at:%H:%M:%S}", style="dim"), _text(_said(entry), STYLES.get(entry.level, "")))
        if cure := _cure(entry):
            row.add_row("", _text(cure))
        display.show(row)


def _said(entry: "Entry") -> str:
    return joined(filter(None, (entry.who, entry.text)), " · ")


def _cure(entry: "Entry") -> str:
    return joined(("→", entry.cure), " ") if entry.cure else ""


def _text(phrase: str, style: str = "") -> Text:
    return display.drawn(" ".join(display.text(phrase).splitlines()), style=style)
