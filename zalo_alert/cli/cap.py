"""`cap`: alerts as other systems exchange them, in CAP 1.2: checked, read as a draft campaign, and written out of a run."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.cap_view import say_sum, show_findings, show_remarks
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.cap.read import Read
    from zalo_alert.operations.cap_export import Exported

group = typer.Typer(no_args_is_help=True, help="Alerts as other systems exchange them (CAP 1.2): check, import, export.")
app.add_typer(group, name="cap")

LenientOption = Annotated[
    bool,
    typer.Option("--lenient-time", help="Take times that end in Z for UTC, and those without an offset for Vietnam's."),
]
STDOUT = "-"


@group.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="CAP files; - reads stdin.", show_default=False)],
    strict: Annotated[bool, typer.Option("--strict", help="End with 10 for warnings, too.")] = False,
    lenient_time: LenientOption = False,
    json: JsonOption = False,
) -> None:
    """Check CAP files: every error and warning with its place and line, and what to do; changes nothing, opens no address.

    Example: zalo-alert cap check tin.xml --strict
    """
    from zalo_alert.operations.cap import read_file

    wrong: list[str] = []
    unread: list[UsageError] = []
    for file in files:
        try:
            read = read_file(file, sys.stdin.buffer, is_lenient_time=lenient_time)
        except UsageError as exc:
            unread.append(exc)
            continue
        _show_read(file, read)
        if not read.is_sound or (strict and read.findings):
            wrong.append(file)
    if unread:
        raise unread[0]
    if wrong:
        files_ = joined(wrong[:5])
        raise InputInvalid(
            _n("{files} is not clean", "{count} files are not clean: {files}", len(wrong), count=count(len(wrong)), files=files_),
            hint=_("an alert with errors must not be passed on as it is: ask the sender"),
        )


def _show_read(file: str, read: "Read") -> None:
    show_findings(file, read.findings)
    errors = sum(finding.is_error for finding in read.findings)
    alert = read.alert
    display.fact(
        "cap-alert", file=file, identifier=alert.identifier if alert else None, sender=alert.sender if alert else None,
        sent=alert.sent if alert else None, status=alert.status if alert else None, msg_type=alert.msg_type if alert else None,
        infos=len(alert.infos) if alert else 0, error_count=errors, warning_count=len(read.findings) - errors,
    )  # fmt: skip
    say_sum(file, read)


@group.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="A CAP file; - reads stdin.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", help="The campaign file.", show_default="campaigns/cap-CODE.yaml")] = None,
    lenient_time: LenientOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write a draft campaign out of a sound CAP alert, for an officer to read; it is never more than a draft.

    What could not be carried over stands in the file, too. A real alert's draft is not sound before somebody has read it.

    Example: zalo-alert cap import tin.xml --out campaigns/tu-tinh-ban.yaml
    """
    from zalo_alert.operations.cap import import_alert, read_file

    read = read_file(file, sys.stdin.buffer, is_lenient_time=lenient_time)
    show_findings(file, read.findings)
    written = import_alert(read, out, workspace, os.environ)
    imported = written.imported
    show_remarks(file, imported.remarks)
    display.fact(
        "cap-imported", file=str(written.path), source=file, code=imported.code, status=imported.status,
        remarks=len(imported.remarks),
    )  # fmt: skip
    display.done(_("draft written to {path}: nobody has read it yet", path=written.path))
    display.say(_("read it beside the alert, then {validate}", validate=Cure.VALIDATE(str(written.path))))


@group.command()
def export(
    alert: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Name of a run, or a campaign file.", show_default=False, autocompletion=completions.runs
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="The file, which is replaced; - is stdout.", show_default="RUN.cap.xml")
    ] = None,
    follows: Annotated[
        list[str] | None,
        typer.Option("--follows", metavar="RUN", help="Which run is meant where several have the code that it refers to.",
                     autocompletion=completions.runs),
    ] = None,
    feed: Annotated[
        Path | None,
        typer.Option("--feed", metavar="FOLDER", help="Instead of one run, all public alerts that hold, and their Atom feed.",
                     show_default=False, file_okay=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write a run, its correction or its all-clear as a CAP alert, which names all earlier messages that still hold.

    What nobody has agreed to is written as a draft. Exported again, a run is the same alert.

    Example: zalo-alert cap export DT-TW-261124-01 --out bao.cap.xml

    Example: zalo-alert cap export --feed /var/www/cap
    """
    from zalo_alert.operations.cap_export import put

    if bool(alert) == bool(feed):
        raise UsageError(
            _("name one run, or a folder with {option}", option=Cure.OPTION(feed="FOLDER")),
            hint=_("{runs} lists the runs", runs=Cure.RUNS()),
        )
    if feed:
        _feed(feed, workspace)
        return

    exported = _export(alert, workspace, follows or [])
    target = out or Path(exported.file_name)
    if str(target) == STDOUT:
        display.data([exported.data.decode()])
        show_findings(exported.name, exported.findings, as_facts=False)
        return
    put(exported.data, target)
    show_findings(str(target), exported.findings)
    made = exported.alert
    display.fact(
        "cap-exported", run=exported.name, file=str(target), identifier=made.identifier, sender=made.sender, sent=made.sent,
        status=made.status, msg_type=made.msg_type, references=len(made.references), infos=len(made.infos),
    )  # fmt: skip
    display.done(_("{run} written to {file} ({type}, {status})", run=exported.name, file=target, type=made.msg_type,
                   status=made.status))  # fmt: skip
    if made.status == "Draft":
        why = _("it is a draft: nobody has agreed to it, or it went to no real people; export it again once it is sent")
        display.say(why, style="bold yellow")


def _feed(folder: Path, workspace: Path) -> None:
    from zalo_alert.operations.cap_feed import write_feed

    home = Workspace(workspace)
    fed = write_feed(folder, home.runs, home.settings, SystemClock().now())
    display.notices(fed.troubles)
    for exported in fed.alerts:
        show_findings(exported.file_name, exported.findings)
    display.fact("cap-feed", file=str(fed.path), runs=[exported.name for exported in fed.alerts])
    alerts = _n("{count} alert holds", "{count} alerts hold", len(fed.alerts), count=count(len(fed.alerts)))
    display.done(joined((_("feed written to {path}", path=fed.path), alerts), ": "))


def _export(alert: str, workspace: Path, follows: list[str]) -> "Exported":
    from zalo_alert.operations.cap_export import export_campaign, export_run

    home = Workspace(workspace)
    if Path(alert).suffix in {".yaml", ".yml"}:
        is_workspace = (workspace / CONFIG_NAME).exists()
        runs, settings = (home.runs, home.settings) if is_workspace else (None, None)
        return export_campaign(Path(alert), runs, settings, follows)
    return export_run(home.run_to_read(alert), home.runs, home.settings, follows)
