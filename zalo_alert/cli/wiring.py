"""Chooses concrete classes: the only file that knows which ledger, post and channel a command gets."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert import settings as settings_file

if TYPE_CHECKING:
    from zalo_alert.book import Book
    from zalo_alert.settings import Settings

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="ZALO_ALERT_WORKSPACE",
        help="Folder with zalo-alert.yaml.",
        file_okay=False,
        show_default="the current folder",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, for scripts.")]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="Which OA, by its id in zalo-alert.yaml; default: the only one.")
]


def settings(workspace: Path) -> "Settings":
    """Read the workspace's settings."""
    return settings_file.load(workspace, os.environ)


def book(account: str | None, workspace: Path) -> "Book":
    """Open the follower book of one OA."""
    from zalo_alert.book import Book  # duckdb takes 60 ms to import; `--help` should not pay for it

    chosen = settings(workspace)
    return Book(chosen.state_dir / "book" / chosen.account(account).oa_id)
