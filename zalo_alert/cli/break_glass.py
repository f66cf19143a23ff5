"""`break-glass`: one person lets a grave alert out alone, because nobody has answered."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, JsonOption, KeyOption, WorkspaceOption
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.operations.break_glass import LetOut


@app.command(name="break-glass")
def break_glass(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False, autocompletion=completions.runs)],
    reason: Annotated[
        str, typer.Option("--reason", help="Why nobody else can be waited for, 10 to 500 characters; everybody reads it.")
    ] = "",
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Let a grave alert out alone, where no other officer has answered in time; everybody is told, and it must be reviewed.

    Example: zalo-alert break-glass DT-TW-261124-01 --reason "dam opened, nobody answers the phone"
    """
    from zalo_alert.cli.card_view import ask_whether_read, show_card
    from zalo_alert.operations.break_glass import check_reason
    from zalo_alert.operations.card import card_of_request
    from zalo_alert.operations.workspace import Workspace

    check_reason(reason)
    home = Workspace(workspace)
    opened = home.open_break_glass(home.run(run))
    signer, card = signer_of(key), card_of_request(opened.request)
    show_card(card, in_full=True, title=_("BREAK-GLASS · YOU ALONE LET THIS OUT"))
    display.say(
        _("No other officer has read it. Everybody is told that you did this, and another must review it."), style="bold red"
    )
    ask_whether_read(card, _("nothing was signed"))
    _tell(opened.by(opened.sign(signer), reason), reason)


def _tell(let_out: "LetOut", reason: str) -> None:
    run = let_out.run
    display.fact("break-glass", run=run.id, by=let_out.by.name, reason=reason, state=run.state, notified=not let_out.trouble)
    display.done(_("{name} alone has let {run} out", name=let_out.by.name, run=run.id))
    if let_out.trouble:
        display.say(let_out.trouble, style="yellow")
    display.say(
        _(
            "{send} sends it; the first message must leave before {deadline}",
            send=Cure.SEND(run.id),
            deadline=words(let_out.deadline),
        ),
        style="bold",
    )
    display.say(_("another officer reviews it afterwards: {review}", review=Cure.REVIEW(run.id)))
