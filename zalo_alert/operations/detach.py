"""A run that goes on in the background: in a session of its own, deaf to this terminal, with its output in the run's folder."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import RunSuspended
from zalo_alert.foundation.files import opened_to_append
from zalo_alert.language import _
from zalo_alert.runs.run import Run

OUTPUT = "output.log"  # in the run's folder
PATIENCE_S = 30.0  # until a process has the run in its hands, on a busy machine
LOOK_EVERY_S = 0.05
SHOWN_BYTES = 2000  # of what a process said that ended at once


class Detached(NamedTuple):
    """The process that has a run, and where its output goes."""

    pid: int
    output: Path


def detach(run: Run, command: Sequence[str]) -> Detached:
    """Send a run from a process of its own; return when that has the run in its hands.

    Args:
        run: Which one.
        command: What resumes it, in the words of whatever shell.

    Raises:
        RunSuspended: It ended before that; its own words say why.
    """
    output = run.folder.resolve() / OUTPUT
    with opened_to_append(output) as file:
        before = file.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env=os.environ | {"NO_COLOR": "1"},
        )
    _wait(run, child, output, before)
    return Detached(child.pid, output)


def _wait(run: Run, child: "subprocess.Popen[bytes]", output: Path, before: int) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit_s and not run.is_active:
        if (code := child.poll()) is not None:
            if run.is_open():
                with output.open("rb") as file:
                    file.seek(before)
                    tail = file.read()[-SHOWN_BYTES:].decode(errors="replace").strip()
                raise RunSuspended(
                    _("the process in the background ended at once, with {code}: {output}", code=code, output=tail)
                )
            return  # so quick that everyone is settled already
        time.sleep(LOOK_EVERY_S)
