"""`people`: one person over everything that is kept, and whoever refuses messages."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.cli.people_view import forget_shown, id_given, person_shown
from zalo_alert.foundation.clock import instant, words
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.language import _, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.inbound.stops import Stop

MOST_SHOWN = 100  # in a table; --json lists all
MEANINGS = {
    ("words", True): _("opted out"),
    ("words", False): _("opted in again"),
    ("left", True): _("left the OA"),
    ("left", False): _("follows again"),
}

OaArgument = Annotated[
    str,
    typer.Argument(
        metavar="OA",
        help="Which OA: the id of its account in zalo-alert.yaml, or Zalo's.",
        show_default=False,
        autocompletion=completions.accounts,
    ),
]
PersonArgument = Annotated[
    str,
    typer.Argument(
        metavar="USER",
        help="The person's id; - reads it from stdin, so that it stays out of the shell's history.",
        show_default=False,
    ),
]

group = typer.Typer(no_args_is_help=True, help="One person: what is kept of them, a copy of it, forgetting them; who refuses.")
app.add_typer(group, name="people")


@group.command()
def show(account: OaArgument, person: PersonArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Say what is kept of a person: what came from them, whether the book has them, which runs hold them. Changes nothing.

    Example: zalo-alert people show soytehue 1002893352839501541
    """
    home, user_id = Workspace(workspace), id_given(person)
    with display.status(_("looking through everything that is kept")):
        facts = home.person(user_id, account)
    person_shown(facts)


@group.command()
def export(
    account: OaArgument,
    person: PersonArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .json file, for its owner alone.", show_default=False)],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write all that is kept of a person to a file, for that person; the log says who took it.

    Example: zalo-alert people export soytehue 1002893352839501541 ho-so.json
    """
    home, user_id = Workspace(workspace), id_given(person)
    with display.status(_("looking through everything that is kept")):
        facts = home.export_person(user_id, file, account)
    person_shown(facts, str(file))
    display.say(_("all that is kept of {person} stands in {file}", person=facts.mark, file=file))


@group.command()
def forget(account: OaArgument, person: PersonArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Take a person out of all that is kept, and prove that they are gone; an opt-out of theirs goes on under a mark.

    Runs are left as they were frozen: they write to them no more, and are named.

    Example: zalo-alert people forget soytehue 1002893352839501541
    """
    forget_shown(Workspace(workspace), account, person)


@group.command()
def stops(
    account: Annotated[
        str | None,
        typer.Argument(
            metavar="OA", help="Of which OA, by the id of its account; default: of all.", autocompletion=completions.accounts
        ),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List who has opted out by a message or left an OA, and who took it back; the latest last.

    Example: zalo-alert people stops
    """
    home = Workspace(workspace)
    names = home.settings.names_of_oas()
    said, marks = home.refusals(account), Marks(home.state_folder)
    for stop in said:
        display.fact(
            "refusal", oa=stop.oa, person=_mark(stop, marks), kind=stop.kind.value, is_stop=stop.is_stop,
            said_at=instant(stop.at_ms / 1000),
        )  # fmt: skip
    rows = [
        (
            words(instant(stop.at_ms / 1000)),
            names.get(stop.oa, stop.oa),
            _mark(stop, marks) or _("forgotten since"),
            MEANINGS[stop.kind.value, stop.is_stop],
        )
        for stop in said[-MOST_SHOWN:]
    ]
    if rows:
        display.table("", (_("when"), "OA", _("who"), _("what")), rows)
    now = Counter(stop.kind.value for stop in said if stop.is_stop)
    display.say(_("{refusing} opted out, {left} left", refusing=persons(now["words"]), left=persons(now["left"])))


def _mark(stop: "Stop", marks: Marks) -> str:
    return marks.of(stop.user_id) if stop.user_id else ""
