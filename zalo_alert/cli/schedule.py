"""`schedule`: what is done by the clock: given to systemd or cron, listed with what became of it, taken away, and done."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app, load_commands
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError, ZaloAlertError
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.schedule import Schedules
    from zalo_alert.operations.schedule_fire import End, Perform
    from zalo_alert.timetable.entry import Entry

group = typer.Typer(
    no_args_is_help=True, help="What is done by the clock: a campaign's times and upkeep, by systemd's timers or by cron."
)
app.add_typer(group, name="schedule")


class Keeper(StrEnum):
    """What keeps the time."""

    SYSTEMD = "systemd"
    CRON = "cron"


_Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name.", show_default=False, autocompletion=completions.schedules)]


@group.command()
def install(
    campaign: Annotated[
        Path | None,
        typer.Argument(help="Campaign file; none where it is a task.", show_default=False, autocompletion=completions.campaigns),
    ] = None,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="What a task needs beside its own words.", show_default=False)
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIMES",
            help='When, in Vietnam\'s time: "mon 07:30", "daily 06:00", "monthly 1 08:00", "2026-12-05 07:30", "thứ hai 07:30".',
            show_default=False,
        ),
    ] = "",
    task: Annotated[
        str,
        typer.Option(
            "--task", help="Upkeep instead of a campaign.", show_default=False, autocompletion=completions.schedule_tasks
        ),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="What to call it; default: the campaign's code, or the task.", show_default=False)
    ] = "",
    using: Annotated[
        Keeper | None, typer.Option("--using", help="What keeps the time; default: what there is.", show_default=False)
    ] = None,
    user: Annotated[bool, typer.Option("--user", help="As root too, take root's own timers and not the system's.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Say nothing, and tell those of `notify` how it ends, failures or not.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Have a campaign sent, or upkeep done, at its times: each planned time once, whoever wakes it how often and how late.

    Example: zalo-alert schedule install campaigns/dien-tap-tinh.yaml --at "mon 07:30"
    """
    from zalo_alert.cli.schedule_view import show_prepared, tell_installed
    from zalo_alert.operations.schedule import Order

    words = [*([str(campaign)] if task and campaign else []), *(more or ())]
    order = Order(None if task else campaign, task, at, name, tuple(words), using.value if using else "", notify)
    schedules = _schedules(workspace, is_user=user)
    prepared = schedules.prepare(order, display.notice)
    if dry_run:
        show_prepared(prepared)
        display.done(_("this is what would be written; nothing was"))
        return
    installed = schedules.install(prepared)
    tell_installed(installed, prepared)


@group.command(name="list")
def list_(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="One, with its latest times; default: all.", show_default=False,
            autocompletion=completions.schedules,
        ),
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """List what is done by the clock: next and last time, what came of it, and in what it is not as it was installed.

    Example: zalo-alert schedule list
    """
    from zalo_alert.cli.schedule_view import tell_history, tell_list

    schedules = _schedules(workspace)
    if name:
        schedules.entries.open(name)
    standings = [standing for standing in schedules.all() if name in ("", standing.entry.name)]
    tell_list(standings)
    if name:
        tell_history(name, schedules.history(name))


@group.command()
def remove(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name.", show_default=False, autocompletion=completions.schedules)
    ] = "",
    is_all: Annotated[bool, typer.Option("--all", help="All of this workspace.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take something from the machine's timer; what is being sent goes on.

    Example: zalo-alert schedule remove dien-tap-thu-hai
    """
    schedules = _schedules(workspace)
    if bool(name) == is_all:
        raise UsageError(_("name one, or all"), hint=_("add a name, or {all}", all=Cure.OPTION(all=True)))
    names = schedules.entries.names() if is_all else [name]
    for each in names:
        entry = schedules.remove(each, display.notice)
        display.fact("schedule-removed", name=each, unit=entry.unit)
        display.done(_("{name} is removed: nothing happens at its times any more", name=each))
    if not names:
        display.done(_("nothing is scheduled"))


@group.command()
def fire(
    name: _Name,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Do what is due of one; the timer calls this, and a second call for the same time does nothing.

    Example: zalo-alert schedule fire dien-tap-thu-hai
    """
    from zalo_alert.operations.schedule_fire import fire as fire_due

    home = Workspace(workspace)
    schedules = _schedules(workspace)
    entry = schedules.entries.open(name)
    ends = fire_due(entry, home.settings, home.runs, _performing(home), display.notice)
    if not ends:
        display.say(_("nothing of {name} is due", name=name))
    for end in ends[:-1]:
        if end.error:
            display.error(end.error.message, hint=end.error.hint, cause=end.error.cause)
    _end_as(ends)


def _end_as(ends: "list[End]") -> None:
    """End as the last go did."""
    if ends and ends[-1].error:
        raise ends[-1].error
    if ends and ends[-1].code:
        raise typer.Exit(ends[-1].code)


def _performing(home: Workspace) -> "Perform":
    """Return what does an entry's occurrence, as if its command had been typed."""
    from zalo_alert.operations.schedule_fire import End

    def perform(entry: "Entry", key: str) -> "End":
        if entry.task:
            words = [*entry.words, "--workspace", entry.workspace]
            load_commands(words)
            return End(int(app(words, prog_name="zalo-alert", standalone_mode=False) or 0))
        from zalo_alert.cli.send import send

        display.fact("fired", name=entry.name, occurrence=key, code=entry.code)
        try:
            send(entry.campaign_file, occurrence=key, yes=True, workspace=home.folder)
        except ZaloAlertError as exc:
            return End(exc.exit_code, exc)
        return End(0)

    return perform


def _schedules(workspace: Path, *, is_user: bool = False) -> "Schedules":
    from zalo_alert.operations.schedule import Schedules, machine

    return Schedules(Workspace(workspace).settings, machine(is_user=is_user))
