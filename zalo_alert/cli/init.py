"""`init`: a new workspace."""

import os
from pathlib import Path
from typing import Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.language import Language, _
from zalo_alert.language.catalogue import VARIABLE


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Made when it is missing.")] = Path(),
    app_per_minute: Annotated[int, typer.Option(min=1, help="What Zalo granted the app.")] = 4000,
    json: JsonOption = False,
) -> None:
    """Make a drill workspace, with its config and example campaigns that take effect now.

    The workspace speaks Vietnamese, or with --lang en English; `language:` in zalo-alert.yaml changes it.

    Example: zalo-alert init thuc-hanh
    """
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.scaffold import create

    for path in create(folder, SystemClock().now(), app_per_minute=app_per_minute, language=_language()):
        display.fact("made", file=str(path))
        display.say(_("made {path}", path=path))


def _language() -> Language:
    """Return what was asked for; an office speaks Vietnamese, whatever the locale of its machine."""
    asked = os.environ.get(VARIABLE)
    return Language(asked) if asked in tuple(Language) else Language.VI
