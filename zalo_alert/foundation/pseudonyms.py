"""People in talk: an id or phone number becomes a mark that only this workspace can make again.

A mark tells two people apart and finds the same person in two messages; without the workspace's key nobody can go from a mark to
a person, not even by trying every number there is.
"""

import hmac
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.files import create_file, draft_name, private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

KEY_NAME = "privacy.key"
_BYTES = 32
_SHOWN = 10  # hex digits: among 57 million people, two of a list rarely look alike
_JOINED = 32  # hex digits: of all people there are, no two look alike


class Marks:
    """Makes marks with a workspace's key; makes the key when there is none yet.

    Args:
        state_dir: Of the workspace.

    Raises:
        SettingsInvalid: The key can't be read or written, or is damaged.
    """

    def __init__(self, state_dir: Path) -> None:
        self._key = _key(state_dir / KEY_NAME)
        self._keyed = hmac.new(self._key, digestmod=sha256)

    def of(self, person: str) -> str:
        """Return the mark of an id or a phone number."""
        return f"…{hmac.new(self._key, person.encode(), sha256).hexdigest()[:_SHOWN]}"

    def joinable(self, person: str) -> str:
        """Return a mark by which two lists of people are joined: never the same for two of them."""
        mark = self._keyed.copy()  # half the time of a new one: a million people are joined
        mark.update(person.encode())
        return mark.hexdigest()[:_JOINED]

    def whole(self, person: str) -> str:
        """Return a mark long enough to be kept for good."""
        return hmac.new(self._key, person.encode(), sha256).hexdigest()


def _make(path: Path) -> None:
    draft = path.with_name(draft_name(path.name))
    try:
        with create_file(draft) as file:
            file.write(os.urandom(_BYTES))
        with suppress(FileExistsError):  # another process was faster: its key is the key
            path.hardlink_to(draft)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _key(path: Path) -> bytes:
    try:
        if not path.exists():
            private_folder(path.parent)
            _make(path)
        key_bytes = path.read_bytes()
    except OSError as exc:
        raise SettingsInvalid(
            _("can't use {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    if len(key_bytes) != _BYTES:
        raise SettingsInvalid(
            _("{path} is damaged", path=path), hint=_("restore it from a backup: marks made with it can't be made otherwise")
        )
    return key_bytes
