"""`articles submit`, `articles approve`: in a live workspace two officers agree to what stands on the OAs' pages."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Group
from rich.panel import Panel

from zalo_alert.articles.article import BlockKind
from zalo_alert.cli.articles import AccountsOption, AllOption, AreasOption, FilesArgument, LevelOption, choice_of, group
from zalo_alert.cli.card_view import ask_officer, wrapped
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, JsonOption, KeyOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zalo_alert.operations.article_agreement import ArticleAgreements, Kept
    from zalo_alert.operations.article_calendar import Month
    from zalo_alert.operations.article_sources import ArticleSource
    from zalo_alert.operations.articles import Choice
    from zalo_alert.settings.model import Settings

_NOTHING_SUBMITTED = _("nothing was submitted")
_NOTHING_SIGNED = _("nothing was signed")
YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask; in a drill only.")]


@group.command()
def submit(
    files: FilesArgument,
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    all_: AllOption = False,
    key: KeyOption = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Ask another officer to agree that articles stand on the pages of some OAs, exactly as they are now.

    A calendar in place of articles means all of its month's, each on its own day.

    Example: zalo-alert articles submit articles/phong-tranh-bao.md --level province
    """
    from zalo_alert.operations.article_accounts import choose
    from zalo_alert.operations.article_agreement import ArticleAgreements
    from zalo_alert.operations.article_sources import read_sources

    home = Workspace(workspace)
    agreements = ArticleAgreements(home.settings)
    _check_yes(agreements, yes=yes)
    if month := _month_of(home, files):
        accounts, sources = month.accounts, list(month.sources.values())
        _check_unchosen(choice_of(account, areas, level, is_all=all_))
    else:
        accounts = choose(home.settings, choice_of(account, areas, level, is_all=all_))
        sources = read_sources(files, workspace)
    _show(sources, [str(each.id) for each in accounts])
    _show_calendar(month)
    _show_wording(sources, home.settings)
    if not yes:
        _ask_whether_read(len(accounts), _NOTHING_SUBMITTED)
    kept = agreements.submit(sources, accounts, signer_of(key), month.file if month else None)
    _tell(agreements, kept)
    display.done(
        _("{request} is submitted: nothing is published until another officer has approved it", request=kept.request.name)
    )
    display.tell(_("its six words: {words}", words=kept.words), style="bold")
    display.say(_("the other officer reads and signs it with {approve}", approve=Cure.ARTICLES_APPROVE(kept.request.name)))


@group.command()
def approve(
    request: Annotated[
        str,
        typer.Argument(metavar="REQUEST", help="What submit has named; default: the only one that waits.", show_default=False),
    ] = "",
    key: KeyOption = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Read articles that another officer has submitted, and sign exactly that.

    Example: zalo-alert articles approve phong-tranh-bao-3f9a01c2
    """
    from zalo_alert.operations.article_agreement import ArticleAgreements

    home = Workspace(workspace)
    agreements = ArticleAgreements(home.settings)
    _check_yes(agreements, yes=yes)
    kept = agreements.open(request)
    sources = agreements.sources(kept)
    _show(sources, [account for account, _oa in sorted(kept.request.pages)], kept)
    if kept.request.calendar:
        _show_calendar(_month_of(home, [workspace / kept.request.calendar[1]]))
    _show_wording(sources, home.settings)
    if not yes:
        _ask_whether_read(len(kept.request.pages), _NOTHING_SIGNED)
    officer, agreed = agreements.approve(kept.request.name, signer_of(key))
    _tell(agreements, agreements.open(kept.request.name))
    missing = agreed.needed - len(agreed.approvers)
    if missing > 0:
        display.done(
            _("{name} has approved {request}; {missing} more must", name=officer.name, request=kept.request.name, missing=missing)
        )
        return
    display.done(_("{request} is approved by {name}", request=kept.request.name, name=officer.name))
    if kept.request.calendar:
        display.say(_("{calendar} publishes each on its day", calendar=Cure.ARTICLES_CALENDAR(kept.files, due=True)))
    else:
        display.say(_("{publish} publishes it", publish=Cure.ARTICLES_PUBLISH(kept.files)))


def _month_of(home: Workspace, files: "Sequence[Path]") -> "Month | None":
    """Read the calendar that was named in place of articles; None where articles were."""
    calendars = [file for file in files if file.suffix in {".yaml", ".yml"}]
    if not calendars:
        return None
    if len(files) > 1:
        raise UsageError(_("a calendar is submitted alone: it names its articles"), hint=_("leave the other files out"))
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.article_calendar import read_month

    return read_month(home, calendars[0], SystemClock().now())


def _check_unchosen(choice: "Choice") -> None:
    if any(choice):
        raise UsageError(_("a calendar says itself on whose pages its articles appear"), hint=_("leave the options out"))


def _show_calendar(month: "Month | None") -> None:
    if month and not display.json:
        from zalo_alert.cli.calendar_view import show_month
        from zalo_alert.foundation.clock import SystemClock
        from zalo_alert.operations.article_calendar import rows_of

        show_month(month, rows_of(month, SystemClock().now()))


def _check_yes(agreements: "ArticleAgreements", *, yes: bool) -> None:
    if yes and not agreements.is_drill:
        raise UsageError(
            _("{option} is for drills: in a live workspace a person reads and types", option=Cure.OPTION(yes=True)),
            hint=_("leave it out"),
        )


def _show(sources: "Sequence[ArticleSource]", accounts: "Sequence[str]", kept: "Kept | None" = None) -> None:
    """Show what would stand there, word for word, and on whose pages."""
    if display.json:
        return
    for source in sources:
        article = source.article
        texts = [article.title, article.description, _("cover: {cover}", cover=article.cover)]
        texts += [
            _said(block.content, block.source, block.caption, is_text=block.kind is BlockKind.TEXT) for block in article.body
        ]
        texts.append(
            _(
                "signed {author}; comments {comments}",
                author=article.author,
                comments=_("shown") if article.comment else _("hidden"),
            )
        )
        body = Group(*(wrapped(display.text(text) + "\n") for text in texts))
        display.draw(Panel(body, title=display.drawn(source.name), border_style="yellow", padding=(0, 1)))
    named = (
        joined(accounts[:20])
        if len(accounts) <= 20
        else joined((joined(accounts[:20]), _("and {more} more", more=count(len(accounts) - 20))))
    )
    lines = [
        _n(
            "on the page of {count} OA: {names}",
            "on the pages of {count} OAs: {names}",
            len(accounts),
            count=count(len(accounts)),
            names=named,
        )
    ]
    if kept:
        lines += [_("submitted by {name}", name=kept.request.signed["by"]), _("its six words: {words}", words=kept.words)]
    title = display.drawn(_("ARTICLES · whoever opens these pages reads them"))
    display.draw(
        Panel(Group(*map(display.drawn, lines)), title=title, border_style="bold yellow", box=box.DOUBLE, padding=(0, 1))
    )


def _show_wording(sources: "Sequence[ArticleSource]", settings: "Settings") -> None:
    """Show what is odd about the words: both officers decide whether it may stand."""
    from zalo_alert.cli.wording_view import lines_of, show_findings
    from zalo_alert.operations.article_wording import look_at_article

    for source in sources:
        findings = look_at_article(source, settings)
        show_findings(findings, lines_of(findings))


def _said(content: str, source: str, caption: str, *, is_text: bool) -> str:
    if is_text:
        return content
    return _("[picture {source}] {caption}", source=source, caption=caption)


def _ask_whether_read(pages: int, what: str) -> None:
    typed = ask_officer(_("On how many pages?"), what)
    if "".join(filter(str.isdigit, typed)) != str(pages):
        raise UsageError(
            _('"{typed}" is not {pages}: {what}', typed=typed[:40], pages=count(pages), what=what), hint=_("read it again")
        )


def _tell(agreements: "ArticleAgreements", kept: "Kept") -> None:
    agreed = agreements.agreed(kept)
    display.fact(
        "articles-request", request=kept.request.name, articles=sorted(name for name, _digest in kept.request.articles),
        pages=len(kept.request.pages), digest=kept.request.digest, words=kept.words, by=kept.request.signed["by"],
        approvers=[officer.name for officer in agreed.approvers], missing=max(0, agreed.needed - len(agreed.approvers)),
    )  # fmt: skip
