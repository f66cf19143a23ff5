"""A run sent from a process of its own: `--detach`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.foundation.notices import Notice
    from zalo_alert.operations.orders import Orders
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.runs.run import Run


def go_on_in_background(workspace: "Workspace", run: "Run", orders: "Orders", opening: "Notice | None" = None) -> None:
    """Send a run from a process of its own, and say how to watch it."""
    from zalo_alert.operations.detach import detach

    command = [sys.executable, "-m", "zalo_alert", *_words(workspace, run, orders), *(["--json"] if display.json else [])]
    detached = detach(run, command, json=display.json)
    if opening:
        display.notice(opening)
    display.fact("detached", run=run.id, pid=detached.pid, output=str(detached.output))
    display.say(
        _(
            "{run} goes on in the background as process {pid}; its output goes to {output}",
            run=run.id,
            pid=detached.pid,
            output=detached.output,
        ),
        style="bold",
    )
    display.say(_("{status} shows it, {stop} stops it", status=Cure.STATUS(run.id, watch=True), stop=Cure.STOP(run.id)))


def _words(workspace: "Workspace", run: "Run", orders: "Orders") -> list[str]:
    given = {
        "--moved": orders.moved,
        "--despite-never": orders.despite_never,
        "--despite-hours": orders.despite_hours,
        "--despite-clock": orders.despite_clock,
    }
    flags = {
        "--retry-unknown": orders.retry_unknown,
        "--past-canary": orders.past_canary,
        "--strict": orders.is_strict,
        "--wait": orders.start is Start.WAIT,
        "--early": orders.start is Start.EARLY,
    }
    words = ["resume", run.id, "--workspace", str(workspace.folder.resolve())]
    words += [flag for flag, is_set in flags.items() if is_set]
    if display.given.verbose:
        words.append("--verbose")
    if display.given.log_file:
        given["--log-file"] = str(Path(display.given.log_file).resolve())
    return words + [word for option, value in given.items() if value for word in (option, value)]
