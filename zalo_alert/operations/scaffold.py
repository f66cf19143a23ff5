"""A new workspace: its folder, its config, the example campaigns, dated as of now, and an example article."""

import os
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from zalo_alert.campaign import parse
from zalo_alert.errors import SettingsInvalid, StorageUnusable
from zalo_alert.foundation import layout
from zalo_alert.foundation.files import create_open_file, open_folder, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import Language, _
from zalo_alert.settings import load
from zalo_alert.settings.model import DEFAULT_APP_PER_MINUTE, Profile
from zalo_alert.settings.profile_mark import keep_profile


def examples() -> dict[str, bytes]:
    """Return the campaigns that ship with the tool, by file name."""
    packaged = files("zalo_alert") / "campaigns"
    folder = packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "campaigns"  # an editable installation
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".yaml")}


def article_examples() -> dict[str, bytes]:
    """Return the article that ships with the tool, and its picture, by file name."""
    return {item.name: item.read_bytes() for item in (files("zalo_alert.articles") / "example").iterdir()}


def _add(target: Path, content: bytes) -> list[Path]:
    """Write a file where nothing stands; return it, or nothing."""
    if os.path.lexists(target):
        return []
    with create_open_file(target) as file:
        file.write(content)
    return [target]


def create(
    folder: Path,
    now: datetime,
    *,
    app_per_minute: int = DEFAULT_APP_PER_MINUTE,
    language: Language = Language.VI,
    profile: str = Profile.DRILL,
) -> list[Path]:
    """Make a workspace, for drills or for real; return the files made.

    Args:
        folder: Made when it is missing.
        now: When its example campaigns take effect.
        app_per_minute: What Zalo granted the app.
        language: What people read in this workspace where nothing else is asked for.
        profile: Which of the two, live or drill; it stays so.

    Raises:
        SettingsInvalid: There is one already, or it can't be written.
    """
    config, made_for = folder / layout.CONFIG_NAME, Profile(profile)
    load.check_depth(folder)
    paths = []
    try:
        open_folder(folder / "campaigns")
        with create_open_file(config) as file:
            file.write(load.example(language, app_per_minute, made_for).encode())
        paths.append(config)
        private_folder(folder / layout.STATE_DIR)
        keep_profile(folder / layout.STATE_DIR, made_for)
        for name, text in sorted(examples().items()):
            paths += _add(folder / "campaigns" / name, parse.redate(text, now))
        open_folder(folder / "articles")
        for name, content in sorted(article_examples().items()):
            paths += _add(folder / "articles" / name, content)
    except FileExistsError as exc:
        raise SettingsInvalid(_("{path} exists already", path=config), hint=_("nothing was changed")) from exc
    except OSError as exc:
        why = reason(exc)
        raise SettingsInvalid(_("can't make a workspace in {folder}: {why}", folder=folder, why=why)) from exc
    return paths


def invent_followers(file: Path, people: int) -> None:
    """Write a list of invented followers, with cities as messy as real ones.

    Raises:
        StorageUnusable: The file can't be written.
    """
    from zalo_alert.sandbox.synthetic import write_followers  # the tables of places take a while to load

    try:
        write_followers(file, people)
    except OSError as exc:
        raise StorageUnusable(_("can't write {path}: {why}", path=file, why=reason(exc)), hint=_("check the folder")) from exc
