"""`log`: what was said and done in a run, read like a logbook, also while it goes on."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.log_view import Logbook
from zalo_alert.cli.named_run import named_run
from zalo_alert.cli.options import HERE, JsonOption, RunArgument, WorkspaceOption, instant_since
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level
from zalo_alert.language import _, _n, count

if TYPE_CHECKING:
    from zalo_alert.operations.run_log import Entry, LogReader

LOOK_EVERY_S = 0.5  # for what has come, with --follow
LOUDNESS = tuple(Level)  # from the quietest to the loudest


@app.command()
def log(
    run: RunArgument = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with whatever comes, until Ctrl-C.")] = False,
    since: Annotated[
        str, typer.Option("--since", help="Only what is younger: 90m, 12h, 7d, or a day such as 2026-11-26.", show_default=False)
    ] = "",
    level: Annotated[Level, typer.Option("--level", help="Only what was said so loudly, or louder.")] = Level.PLAIN,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Read a file that --log-file wrote, instead of a run's log.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Read what was said and done in a run, and who decided it, the newest line last.

    Example: zalo-alert log DT-TW-261124-01 --since 12h
    """
    name, reader = _open(run, file, workspace, since)
    book = Logbook(name)
    with reader:
        told = _show(reader.read(to_the_end=not follow), level, book)
        if reader.trouble:
            display.say(reader.trouble, style="yellow")
        if follow:
            _follow(reader, level, book)
        _say_end(name, told, reader.skipped)


def _open(run: str | None, file: Path | None, workspace: Path, since: str) -> "tuple[str, LogReader]":
    """Find out which log is meant; return the run's name, "" for a file, and what reads it."""
    from zalo_alert.operations.run_log import read_file
    from zalo_alert.operations.workspace import Workspace

    begin = instant_since(since, SystemClock().now()) if since else None
    if file is not None:
        if run is not None:
            raise UsageError(
                _("a run and a file are two logs"), hint=_("leave {option} out, or the run", option=Cure.OPTION(file=True))
            )
        if not file.exists():
            raise UsageError(_("there is no {file}", file=file), hint=_("check the name"))
        return "", read_file(file, begin)
    home = Workspace(workspace)
    run = run or named_run(None, home).id
    return run, home.log(run, begin)


def _show(entries: "Iterable[Entry]", level: Level, book: Logbook) -> int:
    shown = 0
    for entry in entries:
        if LOUDNESS.index(entry.level) >= LOUDNESS.index(level):
            book.show(entry)
            shown += 1
    return shown


def _follow(reader: "LogReader", level: Level, book: Logbook) -> None:
    while True:
        _show(reader.read_on(), level, book)
        time.sleep(LOOK_EVERY_S)


def _say_end(name: str, told: int, skipped: int) -> None:
    display.fact("log-end", told=told, skipped=skipped)
    if skipped:
        display.say(
            _n("{count} line could not be read, and was left out", "{count} lines could not be read, and were left out",
               skipped, count=count(skipped)),
            style="yellow",
        )  # fmt: skip
    if not told:
        display.say(_("the log of {run} tells nothing of it", run=name) if name else _("the log tells nothing of it"))
