"""The files by which a door goes, and whether any of them has changed since it last read them."""

from pathlib import Path
from typing import TypeAlias

from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.settings.model import Settings

_Stamp: TypeAlias = tuple[int, int, int] | None


class WatchedFiles:
    """Settings, accounts, secrets and certificate of a workspace.

    Args:
        settings: As they were read.
    """

    def __init__(self, settings: Settings) -> None:
        self._stamps: dict[Path, _Stamp] = {}
        self.watch(settings)

    def watch(self, settings: Settings) -> None:
        """Look at the files that these settings name; those that were looked at before are compared with what they were then.

        They may have changed again while they were being read.
        """
        rule = settings.webhook
        named = (settings.workspace / CONFIG_NAME, settings.secrets_file, settings.accounts_file, rule.certificate, rule.key)
        self._stamps = {path: self._stamps[path] if path in self._stamps else _stamp(path) for path in named if path is not None}

    def changed(self) -> bool:
        """Whether one of them is another than at the last look."""
        stamps = {path: _stamp(path) for path in self._stamps}
        is_changed, self._stamps = stamps != self._stamps, stamps
        return is_changed


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
