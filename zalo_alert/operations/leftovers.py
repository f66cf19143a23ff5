"""What killed processes have left behind in a workspace's state: half-written drafts, places to work in, unpacked archives."""

import time
from contextlib import suppress
from pathlib import Path

from zalo_alert.foundation import machine
from zalo_alert.preflight.doctor import pid_of_draft

IN_USE_S = 3600.0  # a younger scratch folder may belong to a command that is running


def leftovers(folder: Path) -> list[Path]:
    """Return what nobody uses any more, as far as this machine can tell: another may share the folder.

    Args:
        folder: The workspace's state.
    """
    found = []
    for depth in ("", "*/", "*/*/", "*/*/*/"):
        for path in folder.glob(f"{depth}.*"):
            process = pid_of_draft(path.name)
            if (path.name.startswith(".scratch-") and is_old(path)) or (process is not None and not machine.is_alive(process)):
                found.append(path)
    return sorted(found)


def is_old(path: Path, age_s: float = IN_USE_S) -> bool:
    """Whether nothing was put there or taken away for so long."""
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > age_s
    return False
