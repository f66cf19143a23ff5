"""A new workspace: its folder, its config, and the example campaigns, dated as of now."""

import os
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from zalo_alert import campaign, settings
from zalo_alert.errors import SettingsInvalid


def examples() -> dict[str, bytes]:
    """Return the campaigns that ship with the tool, by file name."""
    packaged = files("zalo_alert") / "campaigns"
    folder = packaged if packaged.is_dir() else Path(__file__).parent.parent / "campaigns"  # an editable installation
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".yaml")}


def create(folder: Path, now: datetime, *, app_per_minute: int = settings.DEFAULT_APP_PER_MINUTE) -> list[Path]:
    """Make a drill workspace; return the files made.

    Raises:
        SettingsInvalid: There is one already, or it can't be written.
    """
    config = folder / settings.CONFIG_NAME
    made = []
    try:
        (folder / "campaigns").mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(config, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "w", encoding="utf-8") as file:
            file.write(
                settings.EXAMPLE.replace(
                    f"app_per_minute: {settings.DEFAULT_APP_PER_MINUTE}", f"app_per_minute: {app_per_minute}"
                )
            )
        made.append(config)
        for name, text in sorted(examples().items()):
            target = folder / "campaigns" / name
            if not target.exists():
                target.write_bytes(campaign.redated(text, now))
                made.append(target)
    except FileExistsError as exc:
        raise SettingsInvalid(f"{config} exists already", hint="nothing was changed") from exc
    except OSError as exc:
        raise SettingsInvalid(f"can't make a workspace in {folder}: {exc.strerror or exc}") from exc
    return made
