"""`places`: codes, former names, regions; what merged into what."""

from collections.abc import Sequence
from typing import Annotated

import typer

from zalo_alert import places
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.wiring import JsonOption
from zalo_alert.places.areas import Found

group = typer.Typer(
    no_args_is_help=True, help="Provinces of today and of before July 2025, regions, coasts: the codes that campaigns use."
)
app.add_typer(group, name="places")


@group.command(name="list")
def list_(json: JsonOption = False) -> None:
    """List the 34 provinces, their 63 predecessors with Zalo's numbers, and the regions.

    Example: zalo-alert places list
    """
    _show(places.listed())


@group.command()
def search(
    text: Annotated[str, typer.Argument(help="A name, with or without accents, or a part of one.")], json: JsonOption = False
) -> None:
    """Find codes by name.

    Example: zalo-alert places search "binh dinh"
    """
    _show(places.search(text))


@group.command()
def show(selector: Annotated[str, typer.Argument(help="A selector, as in audience.areas.")], json: JsonOption = False) -> None:
    """Say which former provinces a selector covers.

    Example: zalo-alert places show region:tay-nguyen
    """
    mask = places.area(selector).mask
    _show([row for row in places.listed() if row.key.startswith("old:") and places.mask_of(row.key) & mask])


def _show(rows: Sequence[Found]) -> None:
    for row in rows:
        display.fact("place", key=row.key, name=row.name, about=row.about)
    display.table("", ("code", "name", "what it is"), rows)
