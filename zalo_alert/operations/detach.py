"""A run that goes on in the background: in a session of its own, deaf to this terminal, with its output in the run's folder."""

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from zalo_alert.errors import ErrorCause, RunSuspended
from zalo_alert.foundation import machine
from zalo_alert.foundation.files import opened_to_append
from zalo_alert.language import _
from zalo_alert.runs.run import Run

OUTPUT = "output.log"  # in the run's folder
OUTPUT_JSON = "output.jsonl"  # the same of a process that speaks JSON Lines, the exit line the last of them
PATIENCE_S = 60.0  # until a process has checked the run and begun, on a busy machine
LOOK_EVERY_S = 0.05
SHOWN_BYTES = 2000  # of what a process said that ended at once


class Detached(NamedTuple):
    """The process that has a run, and where its output goes."""

    pid: int
    output: Path


def detach(run: Run, command: Sequence[str], *, json: bool = False) -> Detached:
    """Send a run from a process of its own; return when that has begun, with every check behind it.

    Args:
        run: Which one.
        command: What resumes it, in the words of whatever shell.
        json: Whether it writes JSON Lines, stdout's and the exit line in one file.

    Raises:
        RunSuspended: It ended before that; its own words say why.
    """
    output = run.folder.resolve() / (OUTPUT_JSON if json else OUTPUT)
    begun = _times_begun(run)
    with opened_to_append(output) as file:
        before = file.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=os.environ | {"NO_COLOR": "1"},
            **machine.own_session(),
        )
    _wait(run, child, begun, output, before)
    return Detached(child.pid, output)


def _wait(run: Run, child: "subprocess.Popen[bytes]", begun: int, output: Path, before: int) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit_s and _times_begun(run) == begun:  # the lock is taken earlier: for the checks
        if (code := child.poll()) is not None:
            if run.is_open():
                said, cause = _last_words(output, before)
                raise RunSuspended(
                    _("the process in the background ended at once, with {code}: {output}", code=code, output=said), cause=cause
                )
            return  # so quick that everyone is settled already
        time.sleep(LOOK_EVERY_S)


def _times_begun(run: Run) -> int:
    return sum(event.what == "started" for event in run.history())


def _last_words(output: Path, before: int) -> tuple[str, ErrorCause]:
    """Return what a process said at its end, and why it ended, as far as a machine was told."""
    with output.open("rb") as file:
        file.seek(before)
        said = file.read()
    if output.name == OUTPUT_JSON:
        with suppress(ValueError, KeyError, IndexError):
            end = orjson.loads(said.splitlines()[-1])
            return end["message"], ErrorCause(end["cause"])
    return said[-SHOWN_BYTES:].decode(errors="replace").strip(), ErrorCause.OTHER
