"""`articles`: what stands on the pages of a workspace's OAs: published, changed, hidden, and how often it was read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, WordingRefused
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.articles import Choice

group = typer.Typer(
    no_args_is_help=True, help="Articles on the pages of the OAs: published, changed, hidden, and how often they were read."
)
app.add_typer(group, name="articles")

FilesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Articles, in Markdown.", show_default=False, autocompletion=completions.articles),
]
NamesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME...", help="Articles, as their files are called, without .md.", show_default=False,
        autocompletion=completions.article_names,
    ),
]  # fmt: skip
AccountsOption = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="ID", help="On this OA's page; may be repeated.", autocompletion=completions.accounts),
]
AreasOption = Annotated[
    list[str] | None,
    typer.Option(
        "--areas", metavar="SELECTOR", autocompletion=completions.places,
        help="On the pages of the OAs whose areas lie wholly within this place, such as new:44; may be repeated.",
    ),
]  # fmt: skip
LevelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--level", metavar="LEVEL", autocompletion=completions.levels,
        help="On the pages of the OAs of this level, such as province; may be repeated.",
    ),
]  # fmt: skip
AllOption = Annotated[bool, typer.Option("--all", help="On the pages of all OAs of the workspace.")]
OnlineOption = Annotated[
    bool, typer.Option("--online", help="Ask Zalo how often each was opened, and whether it still stands there.")
]


@group.callback()
def root() -> None:
    """Articles on the pages of the OAs: published, changed, hidden, and how often they were read."""


def choice_of(accounts: list[str] | None, areas: list[str] | None, levels: list[str] | None, *, is_all: bool = False) -> "Choice":
    """Return which OAs somebody has named."""
    from zalo_alert.operations.articles import Choice

    return Choice(tuple(accounts or ()), tuple(levels or ()), tuple(areas or ()), is_all)


@group.command()
def publish(
    files: FilesArgument,
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    all_: AllOption = False,
    retry_unknown: Annotated[
        bool,
        typer.Option("--retry-unknown", help="Make again what may stand there already, because no answer came; look first."),
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Have articles stand on the pages of some OAs, each once; given again, it goes on with what is missing.

    Example: zalo-alert articles publish articles/phong-tranh-bao.md
    """
    from zalo_alert.cli.articles_view import ArticlesView
    from zalo_alert.operations.articles import Doing
    from zalo_alert.operations.articles import publish as act

    with display.steps() as on_step:
        view = ArticlesView(Doing.PUBLISH, on_step)
        choice = choice_of(account, areas, level, is_all=all_)
        results = act(Workspace(workspace), files, choice, view.telling, retry_unknown=retry_unknown)
    view.conclude(results)


@group.command()
def update(
    files: FilesArgument,
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Change articles wherever they stand to what their files say now; what is hidden stays hidden.

    Example: zalo-alert articles update articles/phong-tranh-bao.md
    """
    from zalo_alert.cli.articles_view import ArticlesView
    from zalo_alert.operations.articles import Doing
    from zalo_alert.operations.articles import update as act

    with display.steps() as on_step:
        view = ArticlesView(Doing.UPDATE, on_step)
        results = act(Workspace(workspace), files, choice_of(account, areas, level), view.telling)
    view.conclude(results)


@group.command()
def hide(
    names: NamesArgument,
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Hide articles wherever they stand; publish shows them again.

    Example: zalo-alert articles hide phong-tranh-bao
    """
    from zalo_alert.cli.articles_view import ArticlesView
    from zalo_alert.operations.articles import Doing
    from zalo_alert.operations.articles import hide as act

    with display.steps() as on_step:
        view = ArticlesView(Doing.HIDE, on_step)
        results = act(Workspace(workspace), names, choice_of(account, areas, level), view.telling)
    view.conclude(results)


@group.command(name="list")
def list_(
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    online: OnlineOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List the articles that were published: on how many pages each is shown or hidden, and how often it was read.

    Example: zalo-alert articles list --online
    """
    from zalo_alert.cli.articles_view import show_rows
    from zalo_alert.operations.articles import Telling, listing

    with display.steps() as on_step:
        telling = Telling(on_step=on_step, on_notice=display.notice)
        rows = listing(Workspace(workspace), choice_of(account, areas, level), telling, online=online)
    show_rows(rows, with_accounts=bool(account or areas or level))


@group.command()
def validate(files: FilesArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Check articles and their pictures; lists every fault with its line, and changes nothing.

    Example: zalo-alert articles validate articles/phong-tranh-bao.md
    """
    from zalo_alert.cli.articles_view import show_sound
    from zalo_alert.cli.validate import settings_of
    from zalo_alert.cli.wording_view import lines_of, show_findings
    from zalo_alert.operations.article_wording import look_at_article, refusal
    from zalo_alert.operations.articles import read_sources

    settings = settings_of(workspace)
    refused: list[WordingRefused] = []
    for source in read_sources(files, workspace):
        findings = look_at_article(source, settings)
        why = refusal(findings, str(source.path))
        show_sound(source, is_clean=why is None)
        show_findings(findings, lines_of(findings))
        refused += [why] if why else []
    for each in refused[:1]:
        raise each
    display.say(_("{publish} publishes them", publish=Cure.ARTICLES_PUBLISH(" ".join(map(str, files)))))
