"""`handover`: what is open when one shift ends and the next begins, signed by both officers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.cli.time_cell import time_cell
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.handover import Begun, Shift


@app.command()
def handover(
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="Sign with this key; twice for both officers, who goes first.", show_default=False),
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="Who takes over elsewhere, by name: what you sign goes into a file.", show_default=False)
    ] = "",
    request: Annotated[
        Path | None,
        typer.Option("--request", help="Sign on a machine without the workspace: the file that the first one signed.",
                     show_default=False),
    ] = None,
    signature: Annotated[
        str,
        typer.Option("--signature", metavar="FILE", help="Take the second officer's signature: its file, or - for stdin.",
                     show_default=False),
    ] = "",
    text: Annotated[str, typer.Option("--note", help="What else there is to say.", show_default=False)] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """List what is open, waits for approval or is a drill under way; both officers sign that they know it.

    Example: zalo-alert handover
    """
    keys = key or []
    if request is not None:
        _sign_elsewhere(request, keys)
        return
    home = Workspace(workspace)
    if signature:
        _take(home, signature)
        return
    from zalo_alert.operations.handover import look_round

    shift = look_round(home.runs, home.settings)
    _show(shift)
    if to:
        _begin(home, shift, _only(keys), to, text)
    elif keys:
        _sign_here(home, shift, keys, text)


def _show(shift: "Shift") -> None:
    from zalo_alert.cli.status_view import show_next_message

    for run in shift.runs:
        if run.is_running_drill:
            display.say(_("A DRILL IS BEING SENT AT THIS MOMENT: {run}", run=run.run), style="bold red")
    for run in shift.runs:
        display.fact(
            "open-run", run=run.run, state=run.state.value, status=run.status, drill=run.is_drill, people=run.people,
            deadline=run.deadline, expires=run.expires,
        )  # fmt: skip
    if shift.runs:
        columns = (_("run"), _("status"), _("state"), _("people"), _("send before"), _("expires"))
        display.table("", columns, [_row(shift, number) for number in range(len(shift.runs))], whole=1)
    else:
        display.tell(_("no run is open"))
    for promise in shift.promises:
        show_next_message(promise, shift.at)
    for name in shift.unreviewed:
        display.fact("unreviewed", run=name)
        review = Cure.REVIEW(name)
        display.say(
            _("{run} was sent by one officer alone, and nobody has reviewed it: {review}", run=name, review=review), style="red"
        )
    for matter in shift.matters:
        display.fact("open-matter", kind=matter.kind, why=matter.text, urgent=matter.is_urgent)
        display.say(matter.text, style="red" if matter.is_urgent else "yellow")
    for trouble in shift.unread:
        display.say(trouble, style="yellow")


def _row(shift: "Shift", number: int) -> tuple[object, ...]:
    from zalo_alert.operations.handover import words_of_state

    run = shift.runs[number]
    before = time_cell(run.deadline, shift.at) if run.deadline else ""
    return run.run, kind_of(run.status), words_of_state(run.state), run.people, before, time_cell(run.expires, shift.at)


def _only(keys: list[Path]) -> Path | None:
    if len(keys) > 1:
        raise UsageError(
            _("{option} is for an officer elsewhere, who signs there", option=Cure.OPTION(to=True)),
            hint=_("give your own key alone"),
        )
    return keys[0] if keys else None


def _sign_here(home: Workspace, shift: "Shift", keys: list[Path], text: str) -> None:
    from zalo_alert.operations.handover import hand_over

    _tell_signed(hand_over(home.runs, shift, [signer_of(path) for path in keys], text))


def _tell_signed(names: str) -> None:
    display.fact("handed-over", who=names)
    display.done(_("the shift is handed over, signed by {names}", names=names))


def _begin(home: Workspace, shift: "Shift", key: Path | None, to: str, text: str) -> None:
    from zalo_alert.operations.handover import begin

    file = begin(home.runs, shift, signer_of(key), to, text)
    display.fact("handover-begun", file=str(file), to=to)
    display.done(_("signed; send {file} to {name}", file=file, name=to))
    display.say(_("there {sign} signs it; here {take} takes the signature", sign=Cure.HANDOVER(request="handover.json"),
                  take=Cure.HANDOVER(signature="-")))  # fmt: skip


def _sign_elsewhere(file: Path, keys: list[Path]) -> None:
    from zalo_alert.operations.handover import read_begun, sign_begun

    begun = read_begun(file)
    _show_begun(begun)
    text = sign_begun(begun, signer_of(_only(keys)))
    display.fact("handover-signature", who=begun.statement.who, signature=text)
    if not display.json:
        display.data([text if text.endswith("\n") else f"{text}\n"])
    display.say(_("send these lines back; there {take} takes them", take=Cure.HANDOVER(signature="-")), style="bold")


def _show_begun(begun: "Begun") -> None:
    from zalo_alert.operations.handover import words_of_state

    display.say(_("a handover between {names}", names=begun.statement.who), style="bold")
    for run in begun.runs:
        display.say(joined((run["run"], kind_of(str(run.get("status", ""))), words_of_state(run["state"])), "  "))
    for name in begun.unreviewed:
        display.say(_("{run} was sent by one officer alone, and nobody has reviewed it", run=name), style="red")
    if not begun.runs:
        display.say(_("no run is open"))
    for text in begun.matters:
        display.say(text, style="yellow")
    if begun.statement.why:
        display.say(begun.statement.why)


def _take(home: Workspace, file: str) -> None:
    from zalo_alert.operations.handover import finish
    from zalo_alert.operations.sign_request import read_signature_file

    _tell_signed(finish(home.runs, read_signature_file(file)))
