"""Where things lie in a workspace. Knows nothing of what they hold, and costs nothing to load: `stop` waits for no settings."""

from pathlib import Path

CONFIG_NAME = "zalo-alert.yaml"
STATE_DIR = ".zalo-alert"  # everything the tool writes, mode 0700


def runs_of(workspace: Path) -> Path:
    """Return the folder of a workspace's runs."""
    return workspace / STATE_DIR / "runs"
