"""The key that an officer signs with, as the command line names it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, Interrupted, UsageError
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer

DEFAULT = Path("~/.ssh/id_ed25519")
MIN_PASSPHRASE = 8  # characters: more than ssh-keygen asks of anybody, and what an approval deserves


def signer_of(key: Path | None) -> "Signer":
    """Open the key that was named, or the officer's usual one."""
    from zalo_alert.operations.officer_key import open_signer

    return open_signer((key or DEFAULT).expanduser(), _ask_passphrase)


def _ask_passphrase() -> str:
    return _ask(_("Passphrase of the key"), _("nothing was signed"))


def new_passphrase() -> str:
    """Have an officer choose a passphrase, typed twice.

    Raises:
        UsageError: Nobody is here, it is too short, or the second was another.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            _("nobody is here to choose a passphrase"),
            hint=_("{option} makes a key without one", option=Cure.OPTION(no_passphrase=True)),
        )
    first = _ask(_("New passphrase, {least} characters or more", least=MIN_PASSPHRASE), _("no key was made"))
    if len(first) < MIN_PASSPHRASE:
        raise UsageError(_("the passphrase is shorter than {least} characters: no key was made", least=MIN_PASSPHRASE))
    if _ask(_("Once more"), _("no key was made")) != first:
        raise UsageError(_("the two passphrases differ: no key was made"), hint=_("try again"))
    return first


def _ask(question: str, otherwise: str) -> str:
    try:
        return str(typer.prompt(display.text(question), hide_input=True, err=True, default="", show_default=False))
    except typer.Abort as exc:
        raise Interrupted(otherwise) from exc
