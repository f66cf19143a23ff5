"""`officers page`: the page for an approver who has a phone only."""

from pathlib import Path
from typing import Annotated

import typer

from zalo_alert.cli.display import display
from zalo_alert.cli.officers import group
from zalo_alert.cli.options import JsonOption
from zalo_alert.errors import Cure
from zalo_alert.language import _


@group.command()
def page(
    out: Annotated[Path, typer.Option("--out", help="File to be written; one that is there is not touched.")] = Path(
        "approver.html"
    ),
    json: JsonOption = False,
) -> None:
    """Write a page with which somebody who has only a phone approves: in its browser, without a network, with a key of their own.

    The page is the same for everyone and holds no key yet: each approver makes one in it, and saves the page anew.

    Example: zalo-alert officers page --out approver.html
    """
    from zalo_alert.operations.officers_page import write_approver_page

    path = out.expanduser()
    write_approver_page(path)
    display.fact("made", file=str(path))
    display.done(_("made {path}", path=path))
    display.say(_("send it to the approver, who opens it in Chrome, Edge, Firefox or Safari and follows what it says"))
    step = Cure.OFFICERS_ADD("NAME", public="'ssh-ed25519 …'")
    display.say(_("the public line that it then shows goes to an admin, who says {add}", add=step), style="bold")
