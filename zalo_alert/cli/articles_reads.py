"""`articles reads`: how often each article was opened, beside followers and broadcasts, and by province."""

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.articles import AccountsOption, AreasOption, LevelOption, choice_of, group
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import instant, iso_text, words
from zalo_alert.language import _, count, decimal
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.article_reads import Period, Reads, Sum

_MONTH = re.compile("20[0-9]{2}-(0[1-9]|1[0-2])")


@group.command()
def reads(
    month: Annotated[
        str, typer.Option("--month", metavar="YYYY-MM", help="Articles published in this month.", show_default=False)
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="YYYY-MM-DD", help="Articles published from this day on.", show_default=False)
    ] = "",
    account: AccountsOption = None,
    areas: AreasOption = None,
    level: LevelOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Tell what is known from before, and ask nobody.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Ask Zalo how often each article was opened, keep that, and show it beside followers and broadcasts, and by province.

    Example: zalo-alert articles reads --month 2026-12
    """
    from zalo_alert.operations.article_reads import Telling
    from zalo_alert.operations.article_reads import reads as read_all

    period = _period(month, since)
    with display.steps() as on_step:
        telling = Telling(on_step=on_step, on_notice=display.notice)
        found = read_all(Workspace(workspace), choice_of(account, areas, level), period, telling, offline=offline)
    _show(found)


def _period(month: str, since: str) -> "Period":
    from zalo_alert.operations.article_reads import Period

    if month and since:
        raise UsageError(_("a month, or all since a day?"), hint=_("leave one of the two out"))
    if month and not _MONTH.fullmatch(month):
        raise UsageError(_('"{text}" is no month', text=month[:20]), hint=_("write it like {example}", example="2026-12"))
    if month:
        return Period.of_month(month)
    try:
        return Period.since(date.fromisoformat(since)) if since else Period()
    except ValueError as exc:
        raise UsageError(
            _('"{text}" is no day', text=since[:20]), hint=_("write it like {example}", example="2026-12-31")
        ) from exc


def _show(found: "Reads") -> None:
    from zalo_alert.operations.article_reads import sum_of

    rows = []
    for name, (title, pages) in found.articles.items():
        whole = sum_of(pages)
        display.fact("article-reads", article=name, title=title, **_fields(whole))
        for page in pages:
            standing = page.standing
            display.fact(
                "page-reads", article=name, account=standing.account, province=page.province, status=standing.status,
                views=standing.views, followers=page.followers, broadcasts=page.broadcasts, reached=page.reached,
                published_at=iso_text(standing.asked_s), looked_at=_iso(standing.looked_s),
            )  # fmt: skip
        rows.append((name, *_cells(whole)))
    if not rows:
        display.say(_("no article was published then"), style="dim")
        return
    display.table("", (_("article"), *_columns()), rows, whole=1)
    _show_provinces(found)
    _say_when([sum_of(pages) for _title, pages in found.articles.values()])


def _show_provinces(found: "Reads") -> None:
    provinces = found.by_province()
    for province, whole in provinces.items():
        display.fact("province-reads", province=province, **_fields(whole))
    if len(provinces) > 1:
        rows = [(province or _("several provinces"), *_cells(whole)) for province, whole in provinces.items()]
        display.table("", (_("province"), *_columns()), rows, whole=1)


def _columns() -> tuple[str, ...]:
    return (_("pages"), _("shown"), _("read"), _("for each follower"), _("broadcasts"), _("people there"))


def _cells(whole: "Sum") -> tuple[object, ...]:
    per = whole.views_per_follower
    return (
        whole.pages, whole.shown, _or_nothing(whole.views), "" if per is None else decimal(per, 2), whole.broadcasts or "",
        _or_nothing(whole.reached),
    )  # fmt: skip


def _or_nothing(number: int | None) -> str:
    return "" if number is None else count(number)


def _fields(whole: "Sum") -> dict[str, object]:
    return {
        "pages": whole.pages, "shown": whole.shown, "views": whole.views, "followers": whole.followers,
        "views_per_follower": whole.views_per_follower, "broadcasts": whole.broadcasts, "reached": whole.reached,
        "looked_at": _iso(whole.looked_s),
    }  # fmt: skip


def _iso(at_s: float | None) -> str | None:
    return None if at_s is None else iso_text(at_s)


def _say_when(sums: "list[Sum]") -> None:
    looked = [whole.looked_s for whole in sums if whole.looked_s is not None]
    if looked:
        display.say(_("counted by Zalo; looked at {at}", at=words(instant(min(looked)))), style="dim")
    else:
        display.say(_("nobody has asked Zalo yet: {reads} does", reads=Cure.ARTICLES_READS()), style="dim")
