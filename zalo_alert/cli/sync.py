"""`followers sync`: the OA's own list of followers, into the follower book."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.display import display
from zalo_alert.cli.followers import group
from zalo_alert.cli.options import HERE, AccountOption, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, PartlyDone
from zalo_alert.language import _, _n, count, decimal, joined, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.sync import SyncResult
    from zalo_alert.sync.result import Cut, Judgement

NAMED = 20  # pieces told to a person; `--json` tells all


@group.command()
def sync(
    details: Annotated[
        bool,
        typer.Option("--details", help="Ask also what people have told of themselves, where no place is known: a call each."),
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, help="With --details: how many people at most; the others next time.")
    ] = 100_000,
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Fetch the OA's own list of followers into the book; whoever sends goes first, and nobody is removed.

    Stopped and started again, it goes on where it was. Zalo shows 10,000 people of a tag and a day: what was more is told.

    Example: zalo-alert followers sync --details --most 20000
    """
    from zalo_alert.cli.run_view import ShellObserver

    with ShellObserver().showing_steps() as observer:
        result = Workspace(workspace).sync(account, observer, most_details=most if details else 0)
    _show(result)
    if result.failed:
        raise PartlyDone(
            _n("{failed} answer was of no use", "{failed} answers were of no use", result.failed, failed=count(result.failed)),
            hint=_("sync again later; what was found is in the book"),
        )


def _show(result: "SyncResult") -> None:
    account, asked, judgement, report = result
    followers, people = asked.followers, judgement.people
    share = min(1.0, people / followers) if followers else None
    beside = report.total - people if report else 0
    display.fact(
        "sync", account=account.id, followers=followers, listed=people, share=share, resumed=asked.resumed,
        new=report.new if report else 0, known=report.replaced if report else 0, total=report.total if report else None,
        generation=report.generation if report else None, not_listed=beside, missing=judgement.missing, short=judgement.short,
        whole=judgement.is_whole, details=asked.details, failed_details=asked.failed_details,
        cut=[cut._asdict() for cut in judgement.cut],
        failed=[{"piece": piece, "why": why} for piece, why in judgement.failed],
    )  # fmt: skip
    display.done(joined((account.id, _describe_listed(people, followers)), ": "))
    if report is None:
        display.say(_("Zalo lists nobody: the book is as before"), style="yellow")
        return
    display.done(
        _(
            "{new} new, {known} known; the book holds {people} (generation {generation})",
            new=count(report.new),
            known=count(report.replaced),
            people=persons(report.total),
            generation=report.generation,
        )
    )
    if asked.resumed:
        display.say(
            _("{number} of them were found before this sync was cut off, and not asked for again", number=count(asked.resumed))
        )
    if asked.details:
        display.say(_("the details of {people} were asked for", people=persons(asked.details)))
    _show_gaps(judgement, beside)


def _describe_listed(people: int, followers: int | None) -> str:
    if followers is None:
        return _("{listed} followers listed", listed=count(people))
    if not followers:
        return _("{listed} of {followers} followers listed", listed=count(people), followers=count(followers))
    percent = decimal(100 * min(1.0, people / followers))
    return _(
        "{listed} of {followers} followers listed ({percent} %)",
        listed=count(people),
        followers=count(followers),
        percent=percent,
    )


def _show_gaps(judgement: "Judgement", beside: int) -> None:
    """Say who may be missing from the list, and what that means for people of the book."""
    for cut in judgement.cut[:NAMED]:
        display.say(joined((cut.piece, _describe_cut(cut)), ": "), style="yellow")
    if len(judgement.cut) > NAMED:
        display.say(
            _(
                "and {more} more such pieces; {json} names all of them",
                more=count(len(judgement.cut) - NAMED),
                json=Cure.OPTION(json=True),
            ),
            style="yellow",
        )
    for piece, why in judgement.failed[:NAMED]:
        display.say(joined((piece, why), ": "), style="red")
    if not judgement.are_days_heeded:
        display.say(_("Zalo took no notice of the days asked for, so only tags could cut the list"), style="yellow")
    if judgement.missing:
        display.say(_("Zalo counts {people} more than it shows", people=persons(judgement.missing)), style="yellow")
    if judgement.short:
        display.say(
            _("some pieces gave {people} fewer than they said: people move on while one counts", people=persons(judgement.short))
        )
    if beside > 0:
        display.say(_describe_beside(persons(beside), is_whole=judgement.is_whole))


def _describe_cut(cut: "Cut") -> str:
    if cut.total is None:
        return _("{known} of nobody knows how many are known; Zalo shows no more of it", known=count(cut.known))
    return _("{known} of {all} are known; Zalo shows no more of it", known=count(cut.known), all=count(cut.total))


def _describe_beside(people: str, *, is_whole: bool) -> str:
    if is_whole:
        return _(
            "in the book and not in the list: {people}; they may have left, which a message that Zalo refuses will tell. "
            "Nobody was removed",
            people=people,
        )
    return _(
        "in the book and not in the list: {people}; that proves nothing, for the list is not whole. Nobody was removed",
        people=people,
    )
