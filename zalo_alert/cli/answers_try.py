"""`answers try`: a conversation with an OA in the terminal, and why it answers as it does."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from zalo_alert.cli.answers import group
from zalo_alert.cli.answers_try_view import show_answer, show_said
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, AccountOption, JsonOption, WorkspaceOption
from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.outbox.answer import Button

_MOST_LINE = 4000  # characters of a line that are read; Zalo lets nobody write more than 2,000
_ANEW = "/new"


@group.command("try")
def try_(
    account: AccountOption = None,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When it is asked: 2026-11-28T20:30; default: now.", show_default=False)
    ] = "",
    is_apart: Annotated[bool, typer.Option("--apart", help="Each line comes from another person.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Talk with an OA as on a phone, and see which rule answers and why; from a terminal, or a text a line on stdin.

    Nobody is written to, and nothing is kept. A line /1 touches the first button of the last answer, /new is another person.

    Example: zalo-alert answers try --account pctt
    """
    from zalo_alert.operations.answers_try import Trial

    home = Workspace(workspace)
    trial = Trial(home.settings, home.account(account), _instant(at), lambda note: display.say(note, style="yellow"))
    buttons: Sequence[Button] = ()
    with closing(trial):
        for line in _lines():
            if line == _ANEW or is_apart:
                trial.begin_anew()
                buttons = ()
            sent = _sent(line, buttons)
            if line == _ANEW or sent is None:
                continue
            show_said(sent.shown)
            answered = trial.say(sent.text)
            buttons = answered.buttons or buttons  # on a phone those above can still be touched
            show_answer(sent.text, answered)


def _instant(text: str) -> datetime:
    if not text:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(_('"{text}" is no time', text=text[:40]), hint=_("write it like 2026-11-28T20:30")) from exc
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)


def _lines() -> Iterator[str]:
    """Yield what is typed or piped in, without empty lines, until there is no more."""
    if sys.stdin.isatty():
        display.say(_("write as a citizen would; /1 touches a button, /new is another person, Ctrl-D ends"), style="dim")
    while True:
        line = _ask() if sys.stdin.isatty() else sys.stdin.readline(_MOST_LINE)
        if not line:
            return
        if line.strip():
            yield line.strip()


def _ask() -> str:
    """Return a line that somebody types, with its end; "" when they are done."""
    try:
        return f"{display.ask(_('you'))}\n"
    except typer.Abort:
        return ""


class _Sent(NamedTuple):
    """What a person sends, and what they see of it."""

    text: str
    shown: str


def _sent(line: str, buttons: "Sequence[Button]") -> _Sent | None:
    """Return what a line sends: itself, or what the button carries that it touches; None where nothing is sent."""
    number = line.removeprefix("/")
    if number == line or not number.isdecimal() or len(number) > 1:
        return _Sent(line, line)
    if not 1 <= int(number) <= len(buttons):
        display.say(_("no answer had a button {number} last", number=number), style="yellow")
        return None
    button = buttons[int(number) - 1]
    if not button.payload:
        display.say(_("that button opens a page or calls a number: nothing is sent"), style="dim")
        return None
    return _Sent(button.payload, f"[{number}] {button.title}")
