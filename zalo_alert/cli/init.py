"""`init`: a new workspace."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.errors import Cure
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import Language, _, joined
from zalo_alert.language.catalogue import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence


class Profile(StrEnum):
    """What a workspace is for; the settings' own would load what reads them."""

    LIVE = "live"
    DRILL = "drill"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Made when it is missing.")] = Path(),
    profile: Annotated[
        Profile, typer.Option(help="For drills on this machine, or live, which speaks to Zalo; it can't be changed afterwards.")
    ] = Profile.DRILL,
    app_per_minute: Annotated[int, typer.Option(min=1, help="What Zalo granted the app.")] = 4000,
    examples: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="NAMES",
            help="Rule files to begin with, into inbound/: police-qa, ward-qa, hospital-qa, scores; also later.",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Make a workspace, for drills or live, with its config and example campaigns that take effect now.

    The workspace speaks Vietnamese, or with --lang en English; `language:` in zalo-alert.yaml changes it.

    Example: zalo-alert init thuc-hanh --with police-qa,scores
    """
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.answer_examples import read_examples, write_examples
    from zalo_alert.operations.scaffold import create

    names = [name.strip() for name in examples.split(",") if name.strip()]
    read_examples(names)  # before anything is made: a name may be wrong
    is_new = not names or not (folder / CONFIG_NAME).exists()
    if is_new:
        now = SystemClock().now()
        _show_made(create(folder, now, app_per_minute=app_per_minute, language=_language(), profile=profile.value))
    if names:
        _show_made(write_examples(folder, names))
        _say_who_answers()
    if is_new and profile is Profile.LIVE:
        _say_what_comes_next(folder / CONFIG_NAME)


def _show_made(paths: "Sequence[Path]") -> None:
    for path in paths:
        display.fact("made", file=str(path))
        display.say(_("made {path}", path=path))


def _say_who_answers() -> None:
    display.say(
        _(
            "which accounts answer by a file is said by its `accounts:` and by `tags:` in {config}; {validate} says what is "
            "still missing",
            config=CONFIG_NAME,
            validate=Cure.ANSWERS_VALIDATE(),
        )
    )


def _say_what_comes_next(config: Path) -> None:
    display.say(_("what comes next, before anything real can be sent:"), style="bold")
    for number, step in enumerate(
        (
            _("write your accounts into {config}: Zalo's numbers of the OA and of the app", config=config),
            _(
                "have two administrators enter the officers who submit and approve: {add}",
                add=Cure.OFFICERS_ADD("NAME", role="admin"),
            ),
            _("have an administrator of each OA consent: {login}", login=Cure.LOGIN("pctt")),
            _("fetch the followers: {sync}", sync=Cure.SYNC()),
            _("look whether all is ready: {doctor}", doctor=Cure.DOCTOR()),
        ),
        1,
    ):
        display.say(joined((f"{number}.", step), " "))


def _language() -> Language:
    """Return what was asked for; an office speaks Vietnamese, whatever the locale of its machine."""
    asked = os.environ.get(VARIABLE)
    return Language(asked) if asked in tuple(Language) else Language.VI
