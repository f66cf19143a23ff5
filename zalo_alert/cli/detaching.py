"""A run that goes on in the background: in a session of its own, deaf to this terminal, with its output in the run's folder."""

import os
import subprocess
import sys
import time
from pathlib import Path

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.cli.display import display
from zalo_alert.cli.running import Orders
from zalo_alert.errors import RunSuspended
from zalo_alert.foundation.files import opened_to_append
from zalo_alert.runs.run import Run

OUTPUT = "output.log"  # in the run's folder
PATIENCE_S = 30.0  # until a process has the run in its hands, on a busy machine
LOOK_EVERY_S = 0.05
SHOWN_BYTES = 2000  # of what a process said that ended at once


def detached(run: Run, workspace: Path, orders: Orders) -> None:
    """Send a run from a process of its own; return when that has the run in its hands.

    Raises:
        RunSuspended: It ended before that; its own words say why.
    """
    output = run.folder.resolve() / OUTPUT
    with opened_to_append(output) as file:
        before = file.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", "zalo_alert", *_words(run, workspace, orders)],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, env=os.environ | {"NO_COLOR": "1"},
        )  # fmt: skip
    _wait(run, child, output, before)
    display.fact("detached", run=run.id, pid=child.pid, output=str(output))
    display.say(f"{run.id} goes on in the background as process {child.pid}; its output goes to {output}", style="bold")
    display.say(f"`zalo-alert status {run.id} --watch` shows it, `zalo-alert stop {run.id}` stops it")


def _words(run: Run, workspace: Path, orders: Orders) -> list[str]:
    given = {"--moved": orders.moved, "--despite-never": orders.despite_never}
    flags = {
        "--retry-unknown": orders.retry_unknown,
        "--past-canary": orders.past_canary,
        "--wait": orders.start is Start.WAIT,
        "--early": orders.start is Start.EARLY,
    }
    words = ["resume", run.id, "--workspace", str(workspace.resolve())]
    words += [flag for flag, is_set in flags.items() if is_set]
    return words + [word for option, value in given.items() if value for word in (option, value)]


def _wait(run: Run, child: "subprocess.Popen[bytes]", output: Path, before: int) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit_s and not run.is_active:
        if (code := child.poll()) is not None:
            if run.is_open():
                with output.open("rb") as file:
                    file.seek(before)
                    said = file.read()[-SHOWN_BYTES:].decode(errors="replace").strip()
                raise RunSuspended(f"the process in the background ended at once, with {code}: {said}")
            return  # so quick that everyone is settled already
        time.sleep(LOOK_EVERY_S)
