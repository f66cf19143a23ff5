"""A conversation with an OA as a phone shows it: the person's words on the right, the OA's on the left, and why below."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.align import Align
from rich.panel import Panel
from rich.text import Text

from zalo_alert.cli.display import display, plain
from zalo_alert.cli.match_words import because
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.operations.answers_try import Answered

_WIDEST = 64  # columns of a bubble: a phone's is narrower, and a terminal may be very wide
_SHARE = 0.75  # of the screen that a bubble takes at most
_RUNGS: Mapping[str, str] = {
    "taken-over": _("0 an officer speaks with this person, and rules are silent; /new is another person"),
    "step": _("1 an answer to what was asked"),
    "older": _("1 older than what was taken as an answer"),
    "reserved": _("2 a reserved word"),
    "button": _("2 a button"),
    "sos": _("3 a call for help"),
    "lookup": _("3 a look-up"),
    "nothing": _("no answer: this person was told a moment ago that no rule has one"),
}


def show_said(text: str) -> None:
    """Show what the person sends, unless it stands there already because they typed it."""
    if sys.stdin.isatty():
        return
    if display.out.is_terminal:
        display.show(Align.right(_bubble(Text(plain(text)), "cyan")))
    else:
        display.tell(f"> {plain(text)}")


def show_answer(text: str, answered: "Answered") -> None:
    """Show what comes back, and why."""
    match = answered.match
    display.fact(
        "answered", text=text, step=answered.rung, rule=answered.rule, answer=answered.text,
        buttons=[button.title for button in answered.buttons], kind=match.kind if match else None,
        rules=list(match.ids) if match else [], words=match.why.words if match else "",
    )  # fmt: skip
    if answered.text:
        _show_text(answered)
    display.tell(joined(("  ", _why(answered)), ""), style="dim")


def _show_text(answered: "Answered") -> None:
    buttons = [f"[{number}] {plain(button.title)}" for number, button in enumerate(answered.buttons, 1)]
    if display.out.is_terminal:
        body = Text(plain(answered.text))
        for button in buttons:
            body.append(f"\n{button}", style="bold")
        display.show(_bubble(body, "green"))
        return
    for line in (*plain(answered.text).splitlines(), *buttons):
        display.tell(f"< {line}")


def _bubble(body: Text, style: str) -> Panel:
    widest = min(_WIDEST, int(display.out.width * _SHARE))
    longest = max(line.cell_len for line in body.split("\n", allow_blank=True))
    return Panel(body, border_style=style, width=min(widest, longest + 4))


def _why(answered: "Answered") -> str:
    """Say which step decided, by what, and what is counted."""
    reason = _RUNGS.get(answered.rung, "")
    if answered.match is not None and answered.rung != "nothing":
        reason = because(answered.match)
    return joined(filter(None, (reason, answered.rule)), " → ")
