"""`places`: codes, former names, regions; what merged into what."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.markup import escape

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, AccountOption, JsonOption, WorkspaceOption
from zalo_alert.errors import InputInvalid, SettingsInvalid
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, count, joined, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.models import Area, Reach
    from zalo_alert.places import Resolver
    from zalo_alert.places.areas import AreaRow

group = typer.Typer(
    no_args_is_help=True, help="Provinces of today and of before July 2025, regions, coasts: the codes that campaigns use."
)
app.add_typer(group, name="places")


@group.command(name="list")
def list_(json: JsonOption = False) -> None:
    """List the 34 provinces, their 63 predecessors with Zalo's numbers, and the regions.

    Example: zalo-alert places list
    """
    from zalo_alert import places  # the tables take 30 ms to load

    _show(places.list_areas())


@group.command()
def search(
    text: Annotated[str, typer.Argument(help="A name, with or without accents, or a part of one.")], json: JsonOption = False
) -> None:
    """Find codes by name.

    Example: zalo-alert places search "binh dinh"
    """
    from zalo_alert import places  # the tables take 30 ms to load

    _show(places.search(text))


@group.command()
def show(
    selector: Annotated[str, typer.Argument(help="A selector, as in audience.areas.", autocompletion=completions.places)],
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Tell what a place was and is: what merged into it, its wards, Zalo's numbers, and who is known to live there.

    Example: zalo-alert places show "Gia Lai"
    """
    from zalo_alert import places  # the tables take 30 ms to load

    reach = _count_reach(account, workspace)
    for name in places.keys_named(selector) or [selector]:
        area = places.area(name)
        story = places.describe(area)
        people = _count_people(area, reach)
        display.fact("story", place=name, **story._asdict(), certain=people.get("certain"), perhaps=people.get("perhaps"))
        display.show(f"[bold]{escape(story.name)}[/] ({escape(name)})")
        for line in story.lines:
            display.show(f"  {escape(display.text(line, display.out))}")
        if people:
            numbers = {name: count(number) for name, number in people.items()}
            display.show(joined(("  ", _("{certain} followers certainly there, {perhaps} perhaps", **numbers)), ""))
    if reach is None:
        display.say(_("(in a workspace with a follower book, this also counts the people there)"), style="dim")
    else:
        unknown = sum(row.people for row in reach if not places.mask_of(row.place))
        display.show(_("of {people} in the book nobody knows where in the country they live", people=persons(unknown)))


def _count_reach(account: str | None, workspace: Path) -> "list[Reach] | None":
    """Count the book's people by place, where there is a book."""
    try:
        return Workspace(workspace).book(account).stats().reach
    except (SettingsInvalid, InputInvalid):
        return None


def _count_people(area: "Area", reach: "Sequence[Reach] | None") -> dict[str, int]:
    from zalo_alert import places

    if reach is None:
        return {}
    certain = sum(row.people for row in reach if places.covers(area, row.place))
    perhaps = sum(row.people for row in reach if not places.covers(area, row.place) and places.touches(area, row.place))
    return {"certain": certain, "perhaps": perhaps}


@group.command()
def resolve(
    file: Annotated[str, typer.Argument(help="Texts, one a line, or CSV with --columns; - reads stdin.", show_default=False)],
    columns: Annotated[
        str | None, typer.Option("--columns", help="Columns of a CSV file with a header, as city,district,ward,address.")
    ] = None,
    aliases: Annotated[Path | None, typer.Option("--aliases", help="The office's own names: CSV of text,place.")] = None,
    before_merger: Annotated[
        bool, typer.Option("--before-merger", help="The texts are older than July 2025: a name means the former province.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Read places out of what people write, as CSV: text, old code, new code, ward, reason; empty where nothing is certain.

    Example: zalo-alert places resolve addresses.txt
    """
    from zalo_alert import places  # the tables take 30 ms to load
    from zalo_alert.places.aliases import read
    from zalo_alert.places.batch import answers

    resolver = places.Resolver(dict(read(aliases)) if aliases else None)
    names = columns.split(",") if columns else None
    with open_input(file) as source:
        if display.json:
            _tell_resolved(source, file, resolver, names, before_merger=before_merger)
        else:
            display.data(answers(source, file, resolver, names, before_merger=before_merger))


def _tell_resolved(
    source: BinaryIO, file: str, resolver: "Resolver", columns: "Sequence[str] | None", *, before_merger: bool
) -> None:
    from zalo_alert.places.batch import codes, resolved

    for written, answer in resolved(source, file, resolver, columns, before_merger=before_merger):
        old_code, new_code = codes(answer)
        display.fact(
            "resolved",
            text=written,
            place=answer.place,
            old_code=old_code,
            new_code=new_code,
            ward=answer.ward,
            reason=answer.reason,
        )


@contextmanager
def open_input(file: str) -> Iterator[BinaryIO]:
    """Open a file, or stdin for `-`."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as source:
            yield source
    except OSError as exc:
        raise InputInvalid(_("can't read {file}: {why}", file=file, why=reason(exc)), hint=_("check the file's name")) from exc


def _show(rows: "Sequence[AreaRow]") -> None:
    for row in rows:
        display.fact("place", place=row.key, name=row.name, about=row.about)
    display.table("", (_("code"), _("name"), _("what it is")), rows)
