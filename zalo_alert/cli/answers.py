"""`answers`: the rules by which OAs answer by themselves, checked, tried and counted."""

from pathlib import Path
from typing import Annotated

import typer

from zalo_alert.cli.answers_corpus_view import show_result, show_tried
from zalo_alert.cli.app import app
from zalo_alert.cli.options import HERE, AccountOption, JsonOption, WorkspaceOption
from zalo_alert.errors import AttentionNeeded
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

group = typer.Typer(no_args_is_help=True, help="The rules by which OAs answer by themselves: checked, tried, counted.")
app.add_typer(group, name="answers")


@group.callback()
def root() -> None:
    """The rules by which OAs answer by themselves: checked, tried, counted."""


@group.command(name="test")
def try_corpus(
    corpus: Annotated[
        Path, typer.Argument(help="Texts and the rules that should answer them: CSV of text,rule.", show_default=False)
    ],
    account: AccountOption = None,
    shows_all: Annotated[bool, typer.Option("--all", help="List the texts that came out right, too.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Try the rules with a corpus: texts as people type them, each with the rule that should answer it.

    Ends with 3 where less is right, or more is answered wrongly, than the file demands.

    Example: zalo-alert answers test inbound/cau-hoi.csv
    """
    from zalo_alert.operations import answers_corpus

    result = answers_corpus.try_corpus(Workspace(workspace).settings, corpus, account)
    show_tried([one for one in result.tried if shows_all or not one.is_right])
    show_result(result)
    if not result.is_enough:
        raise AttentionNeeded(
            _("the rules do less well than {file} demands", file=corpus),
            hint=_("add phrases as people type them, or not: phrases where another rule is meant"),
        )
