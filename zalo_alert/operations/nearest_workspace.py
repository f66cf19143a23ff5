"""Which folder is meant where none is named: the nearest one upwards that holds a workspace, as git looks for its own."""

import os
from pathlib import Path

from zalo_alert.errors import Cure, SettingsInvalid
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _


def nearest_workspace(folder: Path) -> Path:
    """Return the nearest folder upwards that holds a workspace, as seen from a folder: `../..`.

    Where none does, it is the folder itself.

    Raises:
        SettingsInvalid: The nearest config lies further up and is somebody else's: it could lead this user's tokens elsewhere.
    """
    try:
        here = folder.resolve()
    except OSError:  # the current folder is gone
        return folder
    for steps, above in enumerate((here, *here.parents)):
        config = above / CONFIG_NAME
        if os.path.isfile(config):  # noqa: PTH113  where nobody may look, pathlib raises
            if steps and not _is_trusted(config):
                meant = Cure.OPTION(workspace=str(above))
                raise SettingsInvalid(
                    _("{file} belongs to somebody else", file=config),
                    hint=_("{workspace} says that it is meant", workspace=meant),
                )
            return folder.joinpath(*[".."] * steps)
    return folder


def _is_trusted(config: Path) -> bool:
    # Who may write into a folder above ours is not always us: /tmp is everybody's. Windows gives every file the owner 0.
    return not hasattr(os, "getuid") or config.stat().st_uid in (os.getuid(), 0)
