"""Which profile a workspace was made for, kept beside all that was written under it: live and drill are different folders.

The config can be edited in a moment, and tokens, books and runs lie below it; so what it says must be what they were made for.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import Cure, SettingsInvalid
from zalo_alert.foundation.files import appearing, create_file, plain_bytes
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.settings.model import Profile

NAME = "profile"
_MAX_BYTES = 64


def keep_profile(state_folder: Path, profile: "Profile") -> None:
    """Write down which profile a workspace is for, once; where nothing can be written, who next writes something says so."""
    path = state_folder / NAME
    if not path.exists():
        with suppress(OSError), appearing(path) as draft, create_file(draft) as file:
            file.write(f"{profile.value}\n".encode())


def kept_profile(state_folder: Path) -> str:
    """Return which profile a workspace was made for; "" where that was never written down, or can't be read."""
    try:
        return plain_bytes(state_folder / NAME, _MAX_BYTES).decode("ascii", errors="replace").strip()
    except OSError:
        return ""


def check_profile(workspace: Path, profile: "Profile") -> None:
    """Refuse a config that makes a live workspace of a drill's folder, or the other way round.

    Raises:
        SettingsInvalid: It does, or what was written down can't be read.
    """
    path = workspace / STATE_DIR / NAME
    try:
        made_for = plain_bytes(path, _MAX_BYTES).decode("ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):  # a workspace of before, or one in which nothing was written yet
        return
    except OSError as exc:
        raise SettingsInvalid(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder")) from exc
    if made_for != profile.value:
        raise _flipped(profile.value, made_for, path)


def _flipped(profile: str, made_for: str, path: Path) -> SettingsInvalid:
    if made_for not in ("live", "drill"):
        return SettingsInvalid(
            _("{path} says neither live nor drill", path=path), hint=_("restore it from a backup: the tool alone writes it")
        )
    return SettingsInvalid(
        _(
            "{config} says {profile}, and this workspace was made for {made_for}: live and drill are different folders, each "
            "with people, tokens and runs of its own",
            config=CONFIG_NAME,
            profile=profile,
            made_for=made_for,
        ),
        hint=_(
            "write `profile: {made_for}` again; the other one is made with {init}",
            made_for=made_for,
            init=Cure.INIT("…", profile=profile),
        ),
    )
