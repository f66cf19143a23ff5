"""`restore` and `wake`: a workspace out of its backup, asleep at first; and the word by which it sends."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.backup import FileArgument, IdentityOption, PassphraseOption
from zalo_alert.cli.backup_secrets import key_from
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, JsonOption, KeyOption, WorkspaceOption
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, persons

if TYPE_CHECKING:
    from zalo_alert.operations.restore import Restored
    from zalo_alert.operations.wake import Woken
    from zalo_alert.operations.workspace import Workspace


@app.command()
def restore(
    file: FileArgument,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Where the workspace is to be: a new folder, or an empty one.", show_default=False),
    ],
    identity: IdentityOption = None,
    passphrase: PassphraseOption = False,
    take_over: Annotated[
        str, typer.Option("--take-over", metavar="WHY", help="Then wake it for this reason, as `wake` does.", show_default=False)
    ] = "",
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a workspace back out of its backup, into a new folder; it reports and plans, and sends nothing until `wake`.

    Example: zalo-alert restore zalo-alert-pctt-20261127-020000.age ~/pctt --identity backup.key
    """
    from zalo_alert.operations.restore import restore
    from zalo_alert.operations.workspace import Workspace

    opening = key_from(file, identity or (), asks=passphrase)
    with display.status(_("restoring")):
        restored = restore(file, folder, opening, display.notice)
    _tell_restored(restored, is_woken=bool(take_over))
    if take_over:
        _wake(Workspace(restored.folder), take_over, key)


def _tell_restored(restored: "Restored", *, is_woken: bool) -> None:
    head = restored.backup.head
    display.fact(
        "restored", folder=str(restored.folder), file=str(restored.backup.path), sha256=restored.backup.digest,
        made_at=head.made_at, source=head.folder, handed_over=head.is_handed_over,
        secrets_file=str(restored.secrets_file or ""), counts=dict(restored.backup.manifest.counts()),
    )  # fmt: skip
    display.done(
        _("restored into {folder}, as {source} was at {at}", folder=restored.folder, source=head.folder, at=words(head.made_at))
    )
    if restored.secrets_file:
        display.say(_("put the secrets into {file}: they were not in the backup", file=restored.secrets_file), style="yellow")
    if is_woken:
        return
    display.say(_("it is asleep: it sends, answers and renews nothing"), style="bold")
    if head.is_handed_over:
        display.say(_("{source} was sealed with this backup; {wake} goes on here", source=head.folder, wake=Cure.WAKE('"why"')))
        return
    display.say(
        _(
            "make sure that {source} never sends again, then {wake}; whoever is left in an open run is unknown then",
            source=head.folder,
            wake=Cure.WAKE('"why"'),
        )
    )


@app.command()
def wake(
    why: Annotated[
        str,
        typer.Argument(
            metavar="WHY", help="Why, and how you know that the other workspace never sends again.", show_default=False
        ),
    ],
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Let a restored workspace send; of a backup without a hand-over, whoever was left in an open run is unknown from then on.

    Example: zalo-alert wake "old server burnt, its disk destroyed, said by the data centre at 03:10"
    """
    from zalo_alert.operations.workspace import Workspace

    _wake(Workspace(workspace), why, key)


def _wake(workspace: "Workspace", why: str, key: Path | None) -> None:
    from zalo_alert.operations.wake import mark_to_wake, wake

    settings = workspace.settings
    mark_to_wake(settings)
    signer = None if settings.direct else signer_of(key)
    _tell_woken(wake(settings, workspace.runs, why, signer, display.notice))


def _tell_woken(woken: "Woken") -> None:
    display.fact(
        "woken", exact=woken.is_exact, by=woken.by, source=woken.mark.folder, backed_up_at=woken.mark.backed_up_at,
        runs=[{"run": run, "people": people} for run, people in woken.held], answers=woken.answers, unread=len(woken.unread),
    )  # fmt: skip
    display.done(_("this workspace is awake now, and sends again"))
    if woken.is_exact:
        display.say(_("open runs go on where they stand: {runs} lists them", runs=Cure.RUNS()))
        return
    for run, people in woken.held:
        display.say(
            _(
                "{run}: {people} are unknown, perhaps written to by the other machine; only {resume} writes to them",
                run=run,
                people=persons(people),
                resume=Cure.RESUME(run, retry_unknown=True),
            ),
            style="yellow",
        )
    if woken.answers:
        display.say(
            _n("{count} answer that waited is over", "{count} answers that waited are over", woken.answers,
               count=count(woken.answers)),
            style="yellow",
        )  # fmt: skip
