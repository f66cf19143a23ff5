"""Text files that the config names, with an error in words where one can't be read."""

from pathlib import Path

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _


def read_text(path: Path, what: str, most_bytes: int, encoding: str = "utf-8") -> str:
    """Read a text file.

    Args:
        path: Where it lies.
        what: What to call it in messages, with its article: "the accounts file".
        most_bytes: A larger one is not read.
        encoding: Of its text.

    Raises:
        SettingsInvalid: It can't be read, or is no text.
    """
    try:
        return contents(path, most_bytes).decode(encoding)
    except OSError as exc:
        raise SettingsInvalid(_("can't read {what} {path}: {why}", what=what, path=path, why=reason(exc))) from exc
    except UnicodeDecodeError as exc:
        raise SettingsInvalid(_("{what} {path} is not UTF-8 text", what=what, path=path), hint=_("save it as UTF-8")) from exc
