"""`resume` and `stop`: control of a run that exists."""

from typing import Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.wording import persons

RunArgument = Annotated[
    str | None, typer.Argument(help="Name of the run; may be left out when there is only one.", show_default=False)
]


@app.command()
def resume(
    run: RunArgument = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    retry_unknown: Annotated[
        bool, typer.Option("--retry-unknown", help="Send again to people of whom nobody knows whether they were reached.")
    ] = False,
    past_canary: Annotated[
        bool, typer.Option("--past-canary", help="Go on although the first people's answers speak against it.")
    ] = False,
    json: wiring.JsonOption = False,
) -> None:
    """Continue a run where it stopped; nobody who was settled is written to again.

    Example: zalo-alert resume DT-TW-261124-01
    """
    from zalo_alert.cli.running import dispatch

    found = wiring.runs(workspace).open(run)
    display.say(f"resuming {found.id}: frozen {persons(found.facts.audience)}, digest {found.facts.digest[:12]}")
    dispatch(found, wiring.settings(workspace), retry_unknown=retry_unknown, past_canary=past_canary)


@app.command()
def stop(run: RunArgument = None, workspace: wiring.WorkspaceOption = wiring.HERE, json: wiring.JsonOption = False) -> None:
    """Ask the process that sends a run to settle what is on its way and end.

    Example: zalo-alert stop DT-TW-261124-01
    """
    found = wiring.runs(workspace).open(run)
    if not found.is_active:
        display.fact("stop", run=found.id, active=False)
        display.say(f"{found.id} is not being sent now")
        return
    found.request_stop()
    display.fact("stop", run=found.id, active=True)
    display.say(f"asked the sender of {found.id} to stop; `zalo-alert status {found.id}` shows when it has")
