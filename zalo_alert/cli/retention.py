"""`retention`: what has been kept long enough, shown; with `--yes` archived or removed."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, PartlyDone
from zalo_alert.language import _, count, decimal
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.retention import Done, Due

NAMED = 3  # in a table; --json lists all


@app.command()
def retention(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this word it is only shown.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show what has been kept long enough: runs to archive, archives and submissions to remove; with --yes do it.

    How long things are kept stands in zalo-alert.yaml, `retention`. Runs in the archive can still be reported.

    Example: zalo-alert retention
    """
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.retention import WORDS, Retention

    upkeep = Retention(Workspace(workspace), SystemClock())
    if not yes:
        _show(upkeep.due())
        return
    with display.status(_("looking what has been kept long enough")):
        done = upkeep.apply(lambda part: display.say(WORDS[part]))
    _show_done(done)


def _show(due: "list[Due]") -> None:
    from zalo_alert.operations.retention import WORDS

    for one in due:
        display.fact("retention-due", part=one.part.value, names=list(one.names), size_bytes=one.size_bytes, more=one.more)
    if not due:
        display.done(_("nothing has been kept long enough"))
        return
    rows = [
        (WORDS[one.part], count(len(one.names) + one.more), _("{size} MB", size=decimal(one.size_bytes / 1e6)), _named(one))
        for one in due
    ]
    display.table("", (_("what"), _("how many"), _("size"), _("the oldest")), rows)
    display.say(_("nothing was changed; {retention} does it", retention=Cure.RETENTION(yes=True)))


def _named(due: "Due") -> str:
    shown = " ".join(due.names[:NAMED])
    return f"{shown} …" if len(due.names) > NAMED or due.more else shown


def _show_done(done: "list[Done]") -> None:
    from zalo_alert.operations.retention import WORDS

    for one in done:
        display.fact("retention-done", part=one.part.value, names=list(one.names), problems=list(one.problems))
        display.say(_("{what}: {number}", what=WORDS[one.part], number=count(len(one.names))))
        for problem in one.problems:
            display.say(problem, style="yellow")
    if any(one.problems for one in done):
        raise PartlyDone(_("some of it could not be done"), hint=_("see the lines above; the next call tries again"))
    if not done:
        display.done(_("nothing has been kept long enough"))
