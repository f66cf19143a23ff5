"""Secrets: where they may stand, and who may read them. A `Secret` never shows itself in a repr, a log or a traceback."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _

_SECRET = re.compile("[ -~]*")
KEYRING_SERVICE = "zalo-alert"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account needs to speak to Zalo; any of the three may be empty."""

    app_secret: Secret
    refresh_token: Secret
    access_token: Secret


def variable(account_id: str, name: str) -> str:
    """Name the environment variable of one of an account's `Credentials`."""
    return f"ZALO_ALERT_{account_id}_{name}".upper().replace("-", "_")


def read_secret(name: str, environ: Mapping[str, str], *, keyring: bool) -> Secret:
    """Read one secret by its variable's name, from the environment or else from the keyring; empty when it is nowhere.

    Raises:
        SettingsInvalid: It can be none, or the keyring can't be read.
    """
    text = environ.get(name, "").strip() or (_from_keyring(name) if keyring else "")
    if not _SECRET.fullmatch(text):  # it goes into a header
        raise SettingsInvalid(
            _("{name} holds a line break, another such sign or a letter beyond ASCII, which no secret of Zalo's does", name=name),
            hint=_("copy it anew"),
        )
    return Secret(text)


def _from_keyring(name: str) -> str:
    try:
        import keyring  # an extra: few machines have a keyring that is unlocked at 2 a.m. without anyone there
        from keyring.errors import KeyringError
    except ImportError as exc:
        raise SettingsInvalid(
            _("{config} asks for the keyring, and the keyring package is not installed", config=CONFIG_NAME),
            hint=_("pip install 'zalo-alert[keyring]', or set keyring: false"),
        ) from exc
    try:
        return (keyring.get_password(KEYRING_SERVICE, name) or "").strip()
    except KeyringError as exc:
        raise SettingsInvalid(_("the keyring can't be read: {why}", why=exc), hint=_("unlock it, or set keyring: false")) from exc


def parse_secrets(path: Path, text: str) -> dict[str, str]:
    """Read the lines of a secrets file, which nobody but its owner may read.

    Raises:
        SettingsInvalid: Others can read it.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsInvalid(_("{path} holds secrets and others can read it", path=path), hint=_("chmod 600 {path}", path=path))
    lines = (line.strip().removeprefix("export ").strip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#") and "=" in line)
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}
