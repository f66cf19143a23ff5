"""A slower disk, and a power cut: `disk.c` before the door's own calls, where there is a compiler to make it."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("disk.c")


def can_make() -> bool:
    """Tell whether there is a compiler."""
    return shutil.which("cc") is not None


def environment(folder: Path, sync_ms: int = 0, shadow: Path | None = None) -> Mapping[str, str]:
    """Make the disk, and return what a process needs in its environment to have it.

    Args:
        folder: Takes the compiled file.
        sync_ms: Added to each sync.
        shadow: Takes of each database the state at its last sync.

    Raises:
        subprocess.CalledProcessError: The compiler fails.
    """
    made = folder / "disk.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE), "-ldl"], check=True)
    if shadow:
        shadow.mkdir(exist_ok=True)
    return {"LD_PRELOAD": str(made), "DISK_SYNC_MS": str(sync_ms), **({"DISK_SHADOW": str(shadow)} if shadow else {})}


def cut_power(folder: Path, shadow: Path) -> None:
    """Leave of the databases in a folder what was synced; nobody may have them open.

    A database that was never synced is gone, its log with it; the memory that processes share of a log is gone always.
    """
    for path in [path for path in sorted(folder.rglob("*.db*")) if shadow not in path.parents]:
        kept = shadow / str(path.resolve()).replace("/", "%")
        if not path.name.endswith("-shm") and kept.exists():
            shutil.copyfile(kept, path)
        else:
            path.unlink()
