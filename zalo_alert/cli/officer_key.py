"""The key that an officer signs with, as the command line names it."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zalo_alert.cli.display import display
from zalo_alert.errors import Interrupted
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer

DEFAULT = Path("~/.ssh/id_ed25519")


def signer_of(key: Path | None) -> "Signer":
    """Open the key that was named, or the officer's usual one."""
    from zalo_alert.operations.officer_key import open_signer

    return open_signer((key or DEFAULT).expanduser(), _ask_passphrase)


def _ask_passphrase() -> str:
    try:
        return str(typer.prompt(display.text(_("Passphrase of the key")), hide_input=True, err=True))
    except typer.Abort as exc:
        raise Interrupted(_("nothing was signed")) from exc
