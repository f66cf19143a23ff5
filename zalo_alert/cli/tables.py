"""`tables`: what people look up by two facts; built from lists, checked, switched, asked."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zalo_alert.cli.answers_waiting import remembered_words, tell_remembered
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.language import _, count, decimal, joined
from zalo_alert.operations.workspace import Workspace
from zalo_alert.tables.facts import CheckKind

group = typer.Typer(
    no_args_is_help=True, help="What people look up by two facts, such as scores: built from lists, checked, switched, asked."
)
app.add_typer(group, name="tables")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The table's name, such as diem-thi-2026.", show_default=False)]


@group.callback()
def root() -> None:
    """What people look up by two facts, such as scores: built from lists, checked, switched, asked."""


@group.command(name="list")
def list_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One table by its name; default: all.", show_default=False)] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List the tables with their generations, the newest first.

    Example: zalo-alert tables list
    """
    rows = []
    for table in Workspace(workspace).tables.all(name):
        for generation in table.generations:
            about = generation.about
            display.fact(
                "table", table=table.name, generation=generation.id, made_at=about.made_at, rows=about.rows, source=about.source,
                size_bytes=generation.size_bytes, in_force=generation.is_current, key=about.key, check=about.check,
                check_type=about.check_kind.value,
            )  # fmt: skip
            mark = "→" if generation.is_current else ""
            rows.append(
                (
                    mark,
                    table.name,
                    generation.id,
                    about.rows,
                    joined((about.key, about.check), " + "),
                    _size(generation.size_bytes),
                )
            )
    display.table("", ("", _("table"), _("generation"), _("rows"), _("asked by"), _("size")), rows)
    if not rows:
        display.say(_("there is no table yet"), style="dim")
    remembered = {} if name else Workspace(workspace).tables.remembered()
    tell_remembered(remembered)
    for line in remembered_words(remembered):
        display.say(line)


def _size(size_bytes: int) -> str:
    return _("{size} MB", size=decimal(size_bytes / 1e6))


@group.command()
def build(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The list: CSV, an Excel workbook or Parquet.", show_default=False)
    ],
    key: Annotated[str, typer.Option("--key", metavar="COLUMN", help="The column of the numbers, such as sbd.")],
    check: Annotated[
        str, typer.Option("--check", metavar="COLUMN", help="The column of the second fact, such as ngay_sinh: never empty.")
    ],
    check_type: Annotated[
        CheckKind | None,
        typer.Option("--check-type", help="What the second fact is; default: as the values look.", show_default=False),
    ] = None,
    key_pattern: Annotated[
        str,
        typer.Option(
            "--key-pattern", metavar="PATTERN", help="A regular expression that each whole number matches, such as \\d{8}."
        ),
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Build a table from a list, and put it in force at once; a list with faults is refused with its lines, and nothing changes.

    Example: zalo-alert tables build diem-thi-2026 diem.csv --key sbd --check ngay_sinh
    """
    from zalo_alert.cli.run_view import ShellObserver

    with ShellObserver().showing_steps() as observer:
        built = Workspace(workspace).tables.build(
            name, file, key, check, observer.on_step, check_kind=check_type, key_pattern=key_pattern
        )
    about = built.about
    display.fact(
        "table-built", table=name, generation=built.generation, rows=about.rows, columns=list(about.columns), key=about.key,
        check=about.check, check_type=about.check_kind.value, size_bytes=built.size_bytes, removed=list(built.removed),
    )  # fmt: skip
    display.done(
        _(
            "{rows} rows are in force as generation {generation} of the table {name}: {size}, asked by {key} and {check}",
            rows=count(about.rows),
            generation=built.generation,
            name=name,
            size=_size(built.size_bytes),
            key=about.key,
            check=about.check,
        )
    )
    if built.removed:
        display.say(_("removed old generations: {generations}", generations=joined(built.removed)))


@group.command()
def check(
    name: NameArgument,
    generation: Annotated[
        str, typer.Argument(metavar="GENERATION", help="Which; default: the one in force.", show_default=False)
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Compare every byte of a table with what was built.

    Example: zalo-alert tables check diem-thi-2026
    """
    size_bytes = Workspace(workspace).tables.check(name, generation)
    display.fact("table-checked", table=name, generation=generation, size_bytes=size_bytes)
    display.done(_("the table {name} is as it was built ({size} read)", name=name, size=_size(size_bytes)))


@group.command()
def use(
    name: NameArgument,
    generation: Annotated[str, typer.Argument(metavar="GENERATION", help="Which, as tables list names it.", show_default=False)],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Put a generation of a table in force; whoever asks from then on asks that one.

    Example: zalo-alert tables use diem-thi-2026 000001-20260715T090000
    """
    _tell_used(name, Workspace(workspace).tables.use(name, generation))


@group.command()
def rollback(name: NameArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Put the generation before the one in force in force again; the later one stays, and can be used again.

    Example: zalo-alert tables rollback diem-thi-2026
    """
    _tell_used(name, Workspace(workspace).tables.rollback(name))


def _tell_used(name: str, generation: str) -> None:
    display.fact("table-used", table=name, generation=generation)
    display.done(_("in force: generation {generation} of the table {name}", generation=generation, name=name))


@group.command()
def ask(
    name: NameArgument,
    key: Annotated[str, typer.Argument(metavar="NUMBER", help="The number.", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="SECOND-FACT", help="The second fact, such as 15/3/2008.", show_default=False)],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Ask a table as a citizen would; a wrong number and a wrong second fact are told alike.

    Example: zalo-alert tables ask diem-thi-2026 02001234 15/3/2008
    """
    row = Workspace(workspace).tables.ask(name, key, second)
    display.fact("table-asked", table=name, found=row is not None, data=row or {})
    if row is None:
        display.done(_("no row has both facts"))
        return
    display.table("", (_("column"), _("value")), list(_flat(row)))


def _flat(row: Any) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    for column, value in row.items():
        parts += [(f"{column}.{inner}", text) for inner, text in value.items()] if isinstance(value, dict) else [(column, value)]
    return parts
