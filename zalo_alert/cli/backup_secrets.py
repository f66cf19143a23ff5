"""What a backup is encrypted with, and what opens it, as the command line and the settings name it; never in an argument."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, Interrupted, UsageError
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.operations.backup_keys import Key, Lock
    from zalo_alert.settings.model import Settings

VARIABLE = "ZALO_ALERT_BACKUP_PASSPHRASE"


def lock_from(to: Sequence[str], file: Path | None, settings: "Settings", *, asks: bool) -> "Lock":
    """Return what a backup is encrypted with: what the command says, or else the settings.

    Raises:
        UsageError: Nothing is named, or a passphrase beside recipients.
        InputInvalid: A recipient is none, or the passphrase too short.
    """
    from zalo_alert.operations.backup_keys import Lock, lock_of, passphrase_of, recipient_of, recipients_in

    if asks and (to or file):
        raise UsageError(
            _("a backup is for recipients or for a passphrase, and not for both"), hint=_("leave one of the two out")
        )
    if asks:
        return Lock(passphrase=passphrase_of(settings.secret(VARIABLE).reveal() or _ask_twice()))
    named = list(to) if to or file else list(settings.backup.recipients)
    if not named and file is None:
        raise UsageError(
            _("nobody is named who can open the backup"),
            hint=_(
                "name a key: {backup}; or set backup.recipients; {key} makes one",
                backup=Cure.BACKUP("FOLDER", to="age1…"),
                key=Cure.BACKUP_KEY("FILE"),
            ),
        )
    return lock_of([*map(recipient_of, named), *(recipients_in(file) if file else ())])


def key_from(backup: Path, identities: Sequence[Path], *, asks: bool) -> "Key":
    """Return what opens a backup; a passphrase is asked for where it needs one and none was spoken of.

    Raises:
        UsageError: Nothing is named.
        InputInvalid: A key is none, or the backup can't be read.
    """
    from zalo_alert.operations.backup_keys import Key, identities_in, passphrase_of
    from zalo_alert.operations.restore import needs_passphrase

    if needs_passphrase(backup) and not identities:
        text = os.environ.get(VARIABLE, "") or _ask(_("Passphrase of the backup"))
        return Key(passphrase=passphrase_of(text))
    if not identities:
        raise UsageError(
            _("{file} is opened by a private key", file=backup),
            hint=_("name its file with {option}", option=Cure.OPTION(identity="FILE")),
        )
    return Key(tuple(key for path in identities for key in identities_in(path)))


def _ask_twice() -> str:
    first = _ask(_("Passphrase of the backup"))
    if _ask(_("Once more")) != first:
        raise UsageError(_("the two passphrases differ: nothing was backed up"), hint=_("try again"))
    return first


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(_("nobody is here to type a passphrase"), hint=_("set {variable} in the environment", variable=VARIABLE))
    try:
        return str(typer.prompt(display.text(question), hide_input=True, err=True, default="", show_default=False))
    except typer.Abort as exc:
        raise Interrupted(_("interrupted")) from exc
