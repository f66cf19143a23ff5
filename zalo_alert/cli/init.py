"""`init`: a new workspace."""

from pathlib import Path
from typing import Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.language import _


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Made when it is missing.")] = Path(),
    app_per_minute: Annotated[int, typer.Option(min=1, help="What Zalo granted the app.")] = 4000,
    json: JsonOption = False,
) -> None:
    """Make a drill workspace, with its config and example campaigns that take effect now.

    Example: zalo-alert init thuc-hanh
    """
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.scaffold import create

    for path in create(folder, SystemClock().now(), app_per_minute=app_per_minute):
        display.fact("made", file=str(path))
        display.say(_("made {path}", path=path))
