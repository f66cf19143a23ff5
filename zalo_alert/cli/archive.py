"""`archive`: runs that are over, put away in little room, listed and checked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.default_command import DefaultCommand
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, duration_s
from zalo_alert.errors import ArchiveInvalid, Cure, PartlyDone, UsageError, ZaloAlertError
from zalo_alert.language import _, _n, count, decimal, joined, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.archive import Archived, Candidate

RUNS = "run"  # the command that is meant where the first word is none: `archive DT-1`


class RunFirst(DefaultCommand):
    """Takes a first word that is no command for a run's name; no run is called like a command: codes are in capitals."""

    unnamed = RUNS


group = typer.Typer(
    cls=RunFirst, help="Put runs away that are over, list and check those that were: `archive DT-1` is `archive run DT-1`."
)
app.add_typer(group, name="archive")


@group.command(RUNS)
def archive(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN...", help="Runs that are over.", show_default=False, autocompletion=completions.runs),
    ] = None,
    older_than: Annotated[
        str,
        typer.Option("--older-than", metavar="TIME", help="All runs that ended so long ago, such as 90d.", show_default=False),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be archived, and change nothing.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Put runs away: each into an archive that is read back and checked before the run's folder goes.

    It can be reported and exported as before, and is not sent, stopped or corrected any more.

    Example: zalo-alert archive run DT-TW-261124-01
    """
    from zalo_alert.operations.archive import candidate_of, candidates

    home = Workspace(workspace)
    if bool(names) == bool(older_than):
        raise UsageError(
            _("say which runs: some by name, or all that are old enough"),
            hint=_("{archive}, or {old}", archive=Cure.ARCHIVE("RUN"), old=Cure.ARCHIVE(older_than="90d")),
        )
    with display.status(_("looking at the runs")):
        if names:
            found = [candidate_of(home, name) for name in dict.fromkeys(names)] if dry_run else []
        else:
            found = candidates(home, timedelta(seconds=duration_s(older_than)))
    if dry_run:
        _tell_what_would_go(found)
    elif names:
        _archive(home, list(dict.fromkeys(names)))
    else:
        _tell_kept(found)
        _archive(home, [each.run for each in found if not each.why_not])


def _archive(home: Workspace, names: Sequence[str]) -> None:
    """Archive some runs, one after the other; a refused one keeps no other from it.

    Raises:
        PartlyDone: Some were refused.
    """
    from zalo_alert.operations.archive import archive as put_away

    refused: list[ZaloAlertError] = []
    for name in names:
        try:
            with display.status(_("archiving {run}", run=name)):
                made = put_away(home, name)
            _tell_archived(made)
        except ZaloAlertError as exc:
            if len(names) == 1:
                raise
            refused.append(exc)
            display.say(joined(filter(None, (exc.message, exc.hint)), ": "), style="yellow")
    if not names:
        display.say(_("there is no run to archive"))
    if refused:
        raise PartlyDone(
            _("{failed} of {all} runs could not be archived", failed=count(len(refused)), all=count(len(names))),
            hint=_("why stands above, run by run"),
        )


def _fields(made: "Archived") -> dict[str, object]:
    return {
        "run": made.run, "archived_at": made.at, "folder": str(made.folder), "size_before": made.size_before,
        "size_bytes": made.size_bytes, "audience": made.audience, "accepted": made.accepted, "removed": made.is_removed,
    }  # fmt: skip


def _tell_archived(made: "Archived") -> None:
    display.fact("archived", **_fields(made))
    display.done(
        _("{run} is archived and checked: {people}, {before} before and {now} now", run=made.run, people=persons(made.audience),
          before=_size(made.size_before), now=_size(made.size_bytes))
    )  # fmt: skip


def _size(size_bytes: int) -> str:
    return _("{size} MB", size=decimal(size_bytes / 1e6))


def _tell_what_would_go(found: "Sequence[Candidate]") -> None:
    for each in found:
        display.fact("archivable", run=each.run, size_bytes=each.size_bytes, archivable=not each.why_not, why=each.why_not)
    going = [each for each in found if not each.why_not]
    if going:
        display.table("", (_("run"), _("size")), [(each.run, _size(each.size_bytes)) for each in going], whole=1)
    _say_kept(found)
    if not found:
        display.say(_("there is no run to archive"))
    else:
        display.say(
            _n("{count} run would be archived, {size}", "{count} runs would be archived, {size}", len(going),
               count=count(len(going)), size=_size(sum(each.size_bytes for each in going)))
        )  # fmt: skip


def _tell_kept(found: "Sequence[Candidate]") -> None:
    for each in found:
        if each.why_not:
            display.fact("archivable", run=each.run, size_bytes=each.size_bytes, archivable=False, why=each.why_not)
    _say_kept(found)


def _say_kept(found: "Sequence[Candidate]") -> None:
    for each in found:
        if each.why_not:
            display.say(_("stays: {why}", why=each.why_not), style="yellow")


@group.command(name="list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the archived runs, the earliest first.

    Example: zalo-alert archive list
    """
    from zalo_alert.operations.archive import all_archived, archived_of

    home = Workspace(workspace)
    rows, damaged = [], []
    for name in all_archived(home):
        try:
            made = archived_of(home.runs, name)
        except ArchiveInvalid as exc:
            damaged.append(exc)
            continue
        display.fact("archived", **_fields(made))
        size = _("figures only") if made.is_removed else _size(made.size_bytes)
        rows.append((made.run, f"{made.at:%d/%m/%Y}", made.audience, made.accepted, size))
    if rows:
        display.table("", (_("run"), _("archived"), _("audience"), _("accepted"), _("size")), rows, whole=1)
    elif not damaged:
        display.say(_("no run is archived yet"))
    for one in damaged[:-1]:
        display.say(one.message, style="red")
    if damaged:
        raise damaged[-1]


@group.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN...", help="Archived runs; default: all.", show_default=False, autocompletion=completions.archived_runs
        ),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Find out whether archived runs are what was archived, down to the last bit: against the log, their seal and their sums.

    Example: zalo-alert archive verify
    """
    from zalo_alert.operations.archive import verify as check

    home = Workspace(workspace)
    faulty, checked = 0, 0
    for name in names or home.runs.archive.ids():
        with display.status(_("checking {run}", run=name)):
            verified = check(home, name)
        checked += 1
        faulty += bool(verified.faults)
        for fault in verified.faults:
            display.fact("archive-fault", run=verified.run, message=fault)
            display.tell(fault, style="red")
        display.fact("archive-verified", run=verified.run, sound=not verified.faults, removed=verified.is_removed)
        if not verified.faults:
            removed = _("{run}: its figures are as they were archived; its people were removed", run=verified.run)
            display.done(removed if verified.is_removed else _("{run} is as it was archived", run=verified.run))
    if faulty:
        raise ArchiveInvalid(
            _("{faulty} of {all} archived runs are not what was archived", faulty=count(faulty), all=count(checked)),
            hint=_("restore the archived run's folder from a backup"),
        )
    if not checked:
        display.say(_("no run is archived yet"))
