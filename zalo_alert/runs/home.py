"""Where a run lives, so that a copy of its folder is known for one."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation import machine

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class Home(NamedTuple):
    """Where a run lives: a copy of its folder is at another place, or in another file, or on another machine.

    `file` is the file system's own number of `run.db`: a copy gets another one; a reboot, a remount and a container's restart
    leave it alone.
    """

    machine: str
    folder: str
    file: str


def home_of(folder: Path, final: Path) -> Home:
    """Say where a run is.

    Args:
        folder: Where its files are now.
        final: Where they will be.
    """
    return Home(machine_id(), str(final.parent.resolve() / final.name), str((folder / "run.db").stat().st_ino))


def machine_id() -> str:
    """Return what tells this machine from others; "" where nothing does. Source: systemd, machine-id(5)."""
    for path in _MACHINE_IDS:
        with suppress(OSError):
            return path.read_text(encoding="ascii", errors="replace").strip()
    return machine.machine_guid()


def place_of_folder(folder: Path) -> dict[str, str]:
    """Return the machine and the folder, for what holds in one workspace alone."""
    return {"machine": machine_id(), "folder": str(folder.resolve())}
