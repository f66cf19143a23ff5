"""`followers`: the follower book."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from zalo_alert import places
from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.wording import count, persons

group = typer.Typer(no_args_is_help=True, help="The follower book: who follows the OA, and where they live.")
app.add_typer(group, name="followers")


@group.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="CSV, NDJSON, Parquet or bare ids; - reads stdin.", show_default=False)],
    rejects: Annotated[Path | None, typer.Option("--rejects", help="Where bad rows go; default: FILE.rejects.csv.")] = None,
    account: wiring.AccountOption = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Merge a list of followers into the book; bad rows are set aside, the newest row of a person wins.

    Example: zalo-alert followers import followers.csv
    """
    from zalo_alert.clock import SystemClock

    book = wiring.book(account, workspace)
    aside = rejects or Path("stdin.rejects.csv" if file == "-" else f"{file}.rejects.csv")
    source = sys.stdin.buffer if file == "-" else Path(file)
    with display.progress("reading followers") as done:
        report = book.import_rows(source, "stdin" if file == "-" else file, rejects=aside, clock=SystemClock(), on_progress=done)
    display.fact(
        "import", file=file, read=report.read, imported=report.imported, new=report.new, replaced=report.replaced,
        rejected=report.rejected, rejects=str(aside) if report.rejected else None, total=report.total,
        generation=report.generation,
    )  # fmt: skip
    display.show(
        f"{count(report.read)} rows read: {count(report.new)} new, {count(report.replaced)} known, "
        f"{count(report.rejected)} rejected; "
        f"the book holds {persons(report.total)} (generation {report.generation})"
    )
    if report.rejected:
        display.say(f"rejected rows, with line and reason: {aside}", style="yellow")
    if report.unplaced:
        named = ", ".join(f'"{city[:30]}" ×{people}' for city, people in report.unplaced.most_common(5))
        display.say(f"{persons(report.unplaced.total())} name a city that nobody can place, such as {named}", style="yellow")


@group.command()
def stats(
    account: wiring.AccountOption = None, workspace: wiring.WorkspaceOption = wiring.HERE, json: wiring.JsonOption = False
) -> None:
    """Count the book by place.

    Example: zalo-alert followers stats
    """
    found = wiring.book(account, workspace).stats()
    for row in found.reach:
        display.fact(
            "place", key=row.place, name=places.name_of(row.place), people=row.people, phones=row.phones, recent=row.recent
        )
    display.fact("book", generation=found.generation, people=found.people)
    rows = [(places.name_of(row.place), row.place, row.people, row.phones, row.recent) for row in found.reach]
    display.table("", ("place", "key", "people", "with phone", "active 7 days"), rows, total=("all", "", found.people, "", ""))


@group.command()
def example(
    file: Annotated[Path, typer.Argument(help="CSV file to write.", show_default=False)],
    people: Annotated[int, typer.Option("--people", min=1, help="How many.")] = 1000,
    json: wiring.JsonOption = False,
) -> None:
    """Write a list of invented followers, with cities as messy as real ones, to try things on.

    Example: zalo-alert followers example followers.csv --people 200000
    """
    from zalo_alert.synthetic import write_followers

    with display.status("inventing followers"):
        write_followers(file, people)
    display.fact("example", file=str(file), people=people)
    display.say(f"{persons(people)} invented in {file}")


@group.command()
def export(
    file: Annotated[Path, typer.Argument(help="A .csv or .parquet file.", show_default=False)],
    account: wiring.AccountOption = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Write the whole book to a file.

    Example: zalo-alert followers export book.parquet
    """
    people = wiring.book(account, workspace).export(file)
    display.fact("export", file=str(file), people=people)
    display.say(f"{persons(people)} written to {file}")
