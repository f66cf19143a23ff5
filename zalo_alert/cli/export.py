"""`export`: every person's state as a table, and what is carried to loudspeakers, phone network and press."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.default_command import DefaultCommand
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import run_to_read
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _, count, joined, persons
from zalo_alert.models import State
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.fallback import Fallback

PEOPLE = "people"  # the command that is meant where the first word is none: `export everyone.csv`
MOST_NAMED = 5  # places that a sentence names


class FileFirst(DefaultCommand):
    """Takes a first word that is no command for a file's name."""

    unnamed = PEOPLE


group = typer.Typer(
    cls=FileFirst,
    help="Write every person's state, or what is read out when Zalo is down: `export x.csv` is `export people x.csv`.",
)
app.add_typer(group, name="export")


@group.command(PEOPLE)
def export(
    file: Annotated[
        Path, typer.Argument(help="Where to: its ending says the format (.csv, .ndjson, .parquet); - is NDJSON on stdout.")
    ],
    run: Annotated[
        str | None, typer.Option("--run", help="Name of the run; default: as for `report`.", autocompletion=completions.runs)
    ] = None,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only people in this state; may be given again.")] = None,
    marks: Annotated[
        bool, typer.Option("--marks", help="A mark in each person's place, the same in every export of this workspace.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write every person's state to a file; the audit log says who took it.

    Example: zalo-alert export people unknown.csv --state unknown
    """
    from zalo_alert.operations.accounting import export_run

    opened = run_to_read(run, Workspace(workspace))
    if str(file) == "-":
        export_run(opened, sys.stdout.buffer, state or (), as_marks=marks)
        sys.stdout.buffer.flush()
        return
    people = export_run(opened, file, state or (), as_marks=marks)
    display.fact("export", run=opened.id, file=str(file), people=people, marks=marks)
    display.say(_("{people} written to {file}", people=persons(people), file=file))


@group.command()
def fallback(
    alert: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Name of a run, or a campaign file.", show_default=False, autocompletion=completions.runs
        ),
    ],
    to: Annotated[Path | None, typer.Option("--to", help="A folder that is made for it; default: the run's name with -du-phong.",
                                            show_default=False)] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write an alert for the loudspeaker (at most a minute), as SMS, for the press, and as a list of communes to tick off.

    Needs no network: made for the hour when Zalo is down.

    Example: zalo-alert export fallback DT-TW-261124-01 --to du-phong
    """
    from zalo_alert.cli.report_reader import reader_of
    from zalo_alert.operations.fallback import SUFFIX, fallback_of_campaign, fallback_of_run, write_fallback

    reader = reader_of(workspace)
    if Path(alert).suffix in {".yaml", ".yml"}:
        home = Workspace(workspace)
        settings = home.settings if (workspace / CONFIG_NAME).exists() else None
        made = fallback_of_campaign(Path(alert), settings, reader)
    else:
        made = fallback_of_run(Workspace(workspace).run_to_read(alert), reader)
    files = write_fallback(made, to or Path(f"{made.name.replace('@', '-')}{SUFFIX}"))
    display.fact(
        "fallback", run=made.name, folder=str(files[0].parent), files=[file.name for file in files],
        unfinished=made.made.unfinished, places=len(made.made.scripts), communes=len(made.communes),
        longest_s=round(made.made.longest_s, 1),
    )  # fmt: skip
    _tell(made, files)


def _tell(made: "Fallback", files: list[Path]) -> None:
    for file in files:
        display.say(_("written to {file}", file=file))
    display.say(
        _(
            "{places} scripts for loudspeakers, the longest takes {seconds} s; {communes} communes on the list",
            places=count(len(made.made.scripts)),
            seconds=round(made.made.longest_s),
            communes=count(len(made.communes)),
        )
    )
    if made.made.is_too_long:
        display.say(
            _("a script takes more than a minute: its first lines are too long; shorten it before it is read"), style="bold red"
        )
    if unfinished := made.made.unfinished:
        named = joined(unfinished[:MOST_NAMED])
        display.say(
            _("the SMS of these places says not what to do, or is too long: write it yourself ({places})", places=named),
            style="bold red",
        )
