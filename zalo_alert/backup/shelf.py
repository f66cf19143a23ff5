"""The folder that backups lie in: how they are called, which there are, and which are old enough to go."""

import re
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.clock import VIETNAM, in_vietnam

_NAME = re.compile(r"zalo-alert-(?P<workspace>[a-z0-9-]{1,40})-(?P<at>[0-9]{8}-[0-9]{6})(?:-[0-9]{1,3})?\.age")
_DRAFT = re.compile(rf"\.{_NAME.pattern}\.[0-9]+\.[0-9a-f]{{16}}")
_STALE_S = 86_400.0  # of what a backup that was killed has left: no backup takes a day


class Shelved(NamedTuple):
    """A backup in a folder: its file, of which workspace by its name, when it was made by its name, and its size."""

    path: Path
    workspace: str
    made_at: datetime
    size_bytes: int


def name_for(workspace: Path) -> str:
    """Return what stands for a workspace in the names of its backups."""
    word = re.sub("[^a-z0-9]+", "-", workspace.resolve().name.lower()).strip("-")[:40].strip("-")
    return word or "workspace"


def free_path(folder: Path, workspace: Path, at: datetime) -> Path:
    """Return the path of a new backup, which nothing has yet."""
    stem = f"zalo-alert-{name_for(workspace)}-{in_vietnam(at):%Y%m%d-%H%M%S}"
    names = (f"{stem}.age", *(f"{stem}-{number}.age" for number in range(2, 100)))
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[-1])


def shelved(folder: Path, workspace: str = "") -> list[Shelved]:
    """List the backups in a folder that this tool made, the earliest first: all, or those of one workspace.

    Raises:
        OSError: It can't be read.
    """
    found = []
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and path.is_file() and not path.is_symlink() and (not workspace or match["workspace"] == workspace):
            with suppress(ValueError, OSError):  # 31 February; gone meanwhile
                made_at = datetime.strptime(match["at"], "%Y%m%d-%H%M%S").replace(tzinfo=VIETNAM)
                found.append(Shelved(path, match["workspace"], made_at, path.stat().st_size))
    return sorted(found, key=lambda one: (one.made_at, one.path.name))


def prune(folder: Path, workspace: str, keep: int) -> list[Path]:
    """Remove the earlier backups of a workspace, and what killed ones have left; return which went.

    Raises:
        OSError: One can't be removed.
    """
    import shutil

    gone = [one.path for one in shelved(folder, workspace)[:-keep]]
    for path in gone:
        path.unlink(missing_ok=True)
    for path in folder.glob(".zalo-alert-*"):
        if _DRAFT.fullmatch(path.name) and time.time() - path.stat().st_mtime > _STALE_S:
            shutil.rmtree(path, ignore_errors=True)
    return gone
