"""Where things lie in a workspace. Knows nothing of what they hold, and costs nothing to load: `stop` waits for no settings."""

from pathlib import Path

CONFIG_NAME = "zalo-alert.yaml"
STATE_DIR = ".zalo-alert"  # everything the tool writes, mode 0700
INBOUND = "inbound"  # in it: what came back from Zalo
RATES = "rates.db"  # in it: what each app and OA has left, shared by every process of the workspace


def rates_of(workspace: Path) -> Path:
    """Return the file of what is left of rates and quotas."""
    return workspace / STATE_DIR / RATES


def runs_of(workspace: Path) -> Path:
    """Return the folder of a workspace's runs."""
    return workspace / STATE_DIR / "runs"


def archive_of(workspace: Path) -> Path:
    """Return the folder of a workspace's archived runs."""
    return workspace / STATE_DIR / "archive"


def inbound_beside(run_folder: Path) -> Path:
    """Return the folder of what came back, in the workspace of a run's folder."""
    return run_folder.parent.parent / INBOUND
