"""Telling people that something waits for them, by a program of their own: argv, never a shell; its failure stops nothing."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

PATIENCE_S = 10.0


def notify(command: Sequence[str], text: bytes, folder: Path, *, patience_s: float = PATIENCE_S) -> str:
    """Run a program with a text on its stdin; return why that failed, "" where it did not.

    Args:
        command: The program and its arguments.
        text: What it is told.
        folder: Where it runs.
        patience_s: A program that takes longer is ended.
    """
    try:
        ended = subprocess.run(
            command, input=text, cwd=folder, timeout=patience_s, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired:
        return _("{program} took longer than {seconds} s and was ended", program=command[0], seconds=f"{patience_s:g}")
    except (OSError, ValueError) as exc:
        why = reason(exc) if isinstance(exc, OSError) else str(exc)
        return _("{program} can't be run: {why}", program=command[0], why=why)
    return _("{program} ended with {code}", program=command[0], code=ended.returncode) if ended.returncode else ""
