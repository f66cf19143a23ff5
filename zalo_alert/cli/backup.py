"""`backup`: the workspace in one encrypted file, which is checked, listed, and brought back by `restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.backup_secrets import key_from, lock_from
from zalo_alert.cli.default_command import DefaultCommand
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from zalo_alert.operations.backup import BackedUp
    from zalo_alert.operations.restore import Verified
    from zalo_alert.settings.model import Settings


class MakeFirst(DefaultCommand):
    """`backup FOLDER` is `backup make FOLDER`."""

    unnamed = "make"


group = typer.Typer(
    cls=MakeFirst,
    no_args_is_help=False,
    help="The workspace in one encrypted file: made, checked, listed; `restore` brings it back.",
)
app.add_typer(group, name="backup")

IdentityOption = Annotated[
    list[Path] | None,
    typer.Option("--identity", metavar="FILE", help="The private key that opens it; may be repeated.", show_default=False),
]
PassphraseOption = Annotated[
    bool, typer.Option("--passphrase", help="A passphrase: asked for, or read from ZALO_ALERT_BACKUP_PASSPHRASE.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.", show_default=False)]


@group.command()
def make(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE|FOLDER", help="A new file, or a folder; default: backup.folder in zalo-alert.yaml.",
                       show_default=False),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="KEY", help="Whose private key opens it: age1… or ssh-ed25519 …; may be repeated.",
                     show_default=False),
    ] = None,
    recipients: Annotated[
        Path | None, typer.Option("--recipients", metavar="FILE", help="A file of such keys, one a line.", show_default=False)
    ] = None,
    passphrase: PassphraseOption = False,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Put the secrets file and the webhook's private key in, too.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=1, help="Then remove earlier ones of this workspace from the folder, but for so many.",
                     show_default=False),
    ] = None,
    hand_over: Annotated[
        str,
        typer.Option("--hand-over", metavar="WHY", help="Seal this workspace with it: nothing is sent from here any more.",
                     show_default=False),
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Back the workspace up into one encrypted file, also while it sends.

    Example: zalo-alert backup make /mnt/nas/zalo --to age1qz9m4v0xlm53c0xk0rk2xm6wqgm4yl7r8pqyfa7tjzfy0xl2m3vsm9dq0w
    """
    from zalo_alert.operations.backup import BackupOrder, back_up
    from zalo_alert.operations.workspace import Workspace

    settings = Workspace(workspace).settings
    where = target or settings.backup.folder
    if where is None:
        raise UsageError(
            _("no file and no folder is named"), hint=_("name one: {backup}; or set backup.folder", backup=Cure.BACKUP("FOLDER"))
        )
    lock = lock_from(to or (), recipients, settings, asks=passphrase)
    order = BackupOrder(where, lock, with_secrets, settings.backup.keep if keep is None else keep, hand_over)
    with display.status(_("backing up")):
        made = back_up(order, settings, display.notice)
    _tell_made(made, settings)


def _tell_made(made: "BackedUp", settings: "Settings") -> None:
    display.fact(
        "backup", file=str(made.path), sha256=made.digest, size_bytes=made.size_bytes, made_at=made.made_at,
        counts=dict(made.manifest.counts()), secrets=made.has_secrets, handed_over=made.is_handed_over,
        removed=[str(path) for path in made.removed],
    )  # fmt: skip
    display.done(_("backed up into {file}: {contents}", file=made.path, contents=_contents(dict(made.manifest.counts()))))
    display.say(_what_of_secrets(has_secrets=made.has_secrets, has_any=settings.secrets_file is not None))
    if made.removed:
        removed = len(made.removed)
        display.say(
            _n("{count} earlier backup was removed", "{count} earlier backups were removed", removed, count=count(removed))
        )
    if made.is_handed_over:
        display.say(
            _("nothing is sent from here any more: {folder} is sealed", folder=settings.workspace.resolve()), style="bold"
        )
        display.say(_("elsewhere: {restore}, then {wake}", restore=Cure.RESTORE("FILE FOLDER"), wake=Cure.WAKE('"why"')))


def _contents(counts: dict[str, int]) -> str:
    return joined(
        [
            _n("{count} run", "{count} runs", counts["runs"], count=count(counts["runs"])),
            _n("{count} follower book", "{count} follower books", counts["books"], count=count(counts["books"])),
            _n("{count} file in all", "{count} files in all", counts["files"], count=count(counts["files"])),
        ]
    )


def _what_of_secrets(*, has_secrets: bool, has_any: bool) -> str:
    if has_secrets:
        return _("the secrets file is inside: whoever opens the backup can speak for the OAs")
    if has_any:
        return _("inside are the tokens of the OAs, but not the secrets file: keep that one apart, or add {option}",
                 option=Cure.OPTION(with_secrets=True))  # fmt: skip
    return _("inside are the tokens of the OAs; secrets that stand in the environment are not")


# --- read back -----------------------------------------------------------------------------------------------------------


@group.command()
def verify(
    file: FileArgument, identity: IdentityOption = None, passphrase: PassphraseOption = False, json: JsonOption = False
) -> None:
    """Read a backup to its end and hold each file in it against its digest; nothing is written.

    Example: zalo-alert backup verify /mnt/nas/zalo/zalo-alert-pctt-20261127-020000.age --identity backup.key
    """
    from zalo_alert.operations.restore import verify

    key = key_from(file, identity or (), asks=passphrase)
    with display.status(_("reading the backup")):
        verified = verify(file, key)
    show_verified(verified)


def show_verified(verified: "Verified") -> None:
    """Show what is in a backup."""
    head, counts = verified.head, dict(verified.manifest.counts())
    display.fact(
        "backup-verified", file=str(verified.path), sha256=verified.digest, size_bytes=verified.size_bytes, made_at=head.made_at,
        workspace=head.workspace, folder=head.folder, profile=head.profile, counts=counts, secrets=head.has_secrets,
        handed_over=head.is_handed_over, notes=list(verified.manifest.notes),
    )  # fmt: skip
    display.done(_("{file} is whole: {contents}", file=verified.path, contents=_contents(counts)))
    display.say(_("made of {folder} at {at}", folder=head.folder, at=words(head.made_at)))
    if head.is_handed_over:
        display.say(_("that workspace was handed over with it: its open runs go on where it is restored"))
    for note in verified.manifest.notes:
        display.say(note, style="yellow")


@group.command("list")
def list_(folder: Annotated[Path, typer.Argument(help="With backups.", show_default=False)], json: JsonOption = False) -> None:
    """List the backups in a folder by their names, the latest last; their contents are not read.

    Example: zalo-alert backup list /mnt/nas/zalo
    """
    from zalo_alert.operations.restore import shelf_of

    found = shelf_of(folder)
    for one in found:
        display.fact("backup-file", file=str(one.path), workspace=one.workspace, made_at=one.made_at, size_bytes=one.size_bytes)
    if not found:
        display.say(_("there is no backup in {folder}", folder=folder))
        return
    rows = [[one.path.name, one.workspace, words(one.made_at), one.size_bytes] for one in found]
    display.table("", (_("file"), _("workspace"), _("made at"), _("bytes")), rows, whole=1)


@group.command("key")
def make_key(
    file: Annotated[Path, typer.Argument(help="A new file for the private key.", show_default=False)], json: JsonOption = False
) -> None:
    """Make a key for backups: the private half goes into a file that is kept elsewhere, the public one is printed.

    Example: zalo-alert backup key backup.key
    """
    from zalo_alert.operations.backup_keys import make_key

    public = make_key(file)
    display.fact("backup-key", file=str(file), public=public)
    display.tell(public)
    display.say(
        _("only {file} opens what is backed up to this key: keep it away from this machine, and a copy on paper", file=file)
    )
