"""`followers sync`: the OA's own list of followers, into the follower book."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.display import display
from zalo_alert.cli.followers import group
from zalo_alert.errors import PartlyDone
from zalo_alert.foundation.formatting import count, persons

if TYPE_CHECKING:
    from zalo_alert.book import Book, ImportReport
    from zalo_alert.foundation.steps import StepReporter
    from zalo_alert.settings.load import Account, Settings
    from zalo_alert.sync.result import Judgement
    from zalo_alert.sync.store import CrawlStore
    from zalo_alert.zalo.client import ApiClient

ORIGIN = "Zalo"  # what people remember as their source
NAMED = 20  # pieces told to a person; `--json` tells all


class _Asked(NamedTuple):
    """What was asked for: followers by the OA's own word, people found before, details now there, and how many failed."""

    followers: int | None
    resumed: int
    details: int
    failed_details: int


@group.command()
def sync(
    details: Annotated[
        bool,
        typer.Option("--details", help="Ask also what people have told of themselves, where no place is known: a call each."),
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, help="With --details: how many people at most; the others next time.")
    ] = 100_000,
    account: wiring.AccountOption = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Fetch the OA's own list of followers into the book; whoever sends goes first, and nobody is removed.

    Stopped and started again, it goes on where it was. Zalo shows 10,000 people of a tag and a day: what was more is told.

    Example: zalo-alert followers sync --details --most 20000
    """
    from zalo_alert.settings.load import require_safe_hosts
    from zalo_alert.sync.result import judge_list
    from zalo_alert.sync.store import CrawlStore

    chosen = wiring.settings(workspace)
    require_safe_hosts(chosen)
    found = chosen.account(account)
    wiring.require_tokens(chosen, [found])
    book = wiring.book_of(found, chosen)
    with closing(CrawlStore(wiring.state_dir(chosen), found.oa_id)) as store, store.locked():
        with display.steps() as told:
            asked = wiring.run_loop(_ask(chosen, found, store, book, most if details else 0, told))
            judgement = judge_list(store)
            report = _imported(chosen, store, book, told) if judgement.people else None
        store.end()
    _show(found, asked, judgement, report)
    failed = len(judgement.failed) + asked.failed_details
    if failed:
        raise PartlyDone(f"{count(failed)} answers were of no use", hint="sync again later; what was found is in the book")


async def _ask(
    chosen: "Settings", account: "Account", store: "CrawlStore", book: "Book", most: int, told: "StepReporter"
) -> _Asked:
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.sync.crawler import walk
    from zalo_alert.zalo.oa import ask_own_facts

    clock = SystemClock()
    async with wiring.client(chosen) as client:
        with closing(wiring.store(chosen)) as kept:
            access = wiring.tokens(chosen, account, kept)
            with closing(wiring.control(chosen, account, access, client)) as control:
                facts = await ask_own_facts(control, account)
                resumed = await walk(control, store, clock, told, facts.followers)
                failed = await _details(control, store, book, most, told) if most else 0
                return _Asked(facts.followers, resumed, store.count_detailed(), failed)


async def _details(control: "ApiClient", store: "CrawlStore", book: "Book", most: int, told: "StepReporter") -> int:
    """Ask for the details of those whose place nobody knows; return of how many people the asking failed."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.sync.crawler import DETAIL_AGAIN_S, details

    clock = SystemClock()
    if not store.about().get("are_details_wanted"):
        with tempfile.TemporaryDirectory(dir=store.list.parent, prefix=".scratch-") as folder:
            store.want(book.unplaced(store.write_ids(Path(folder) / "ids")), clock.now().timestamp() - DETAIL_AGAIN_S)
        store.note(are_details_wanted=True)
    return await details(control, store, clock, most, told)


def _imported(chosen: "Settings", store: "CrawlStore", book: "Book", told: "StepReporter") -> "ImportReport":
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.sync.result import write_list

    if not store.list.exists():
        write_list(store)
    return book.import_rows(
        store.list, "Zalo's list", rejects=store.list.with_suffix(".rejects.csv"), clock=SystemClock(), origin=ORIGIN,
        aliases=wiring.aliases(chosen.workspace), on_step=told,
    )  # fmt: skip


def _show(account: "Account", asked: _Asked, judgement: "Judgement", report: "ImportReport | None") -> None:
    followers, people = asked.followers, judgement.people
    share = min(1.0, people / followers) if followers else None
    beside = report.total - people if report else 0
    display.fact(
        "sync", account=account.id, followers=followers, listed=people, share=share, resumed=asked.resumed,
        new=report.new if report else 0, known=report.replaced if report else 0, total=report.total if report else None,
        generation=report.generation if report else None, not_listed=beside, missing=judgement.missing, short=judgement.short,
        whole=judgement.is_whole, details=asked.details, failed_details=asked.failed_details,
        cut=[one._asdict() for one in judgement.cut],
        failed=[{"piece": piece, "why": why} for piece, why in judgement.failed],
    )  # fmt: skip
    of = "" if followers is None else f" of {count(followers)}"
    percent = "" if share is None else f" ({100 * share:.1f} %)"
    display.show(f"{account.id}: {count(people)}{of} followers listed{percent}")
    if report is None:
        display.say("Zalo lists nobody: the book is as before", style="yellow")
        return
    display.show(
        f"{count(report.new)} new, {count(report.replaced)} known; "
        f"the book holds {persons(report.total)} (generation {report.generation})"
    )
    if asked.resumed:
        display.say(f"{count(asked.resumed)} of them were found before this sync was cut off, and not asked for again")
    if asked.details:
        display.say(f"the details of {persons(asked.details)} were asked for")
    _show_gaps(judgement, beside)


def _show_gaps(judgement: "Judgement", beside: int) -> None:
    """Say who may be missing from the list, and what that means for people of the book."""
    for cut in judgement.cut[:NAMED]:
        of = "nobody knows how many" if cut.total is None else count(cut.total)
        display.say(f"{cut.piece}: {count(cut.known)} of {of} are known; Zalo shows no more of it", style="yellow")
    if len(judgement.cut) > NAMED:
        display.say(f"and {count(len(judgement.cut) - NAMED)} more such pieces; --json names all of them", style="yellow")
    for piece, why in judgement.failed[:NAMED]:
        display.say(f"{piece}: {why}", style="red")
    if not judgement.are_days_heeded:
        display.say("Zalo took no notice of the days asked for, so only tags could cut the list", style="yellow")
    if judgement.missing:
        display.say(f"Zalo counts {persons(judgement.missing)} more than it shows", style="yellow")
    if judgement.short:
        display.say(f"some pieces gave {persons(judgement.short)} fewer than they said: people move on while one counts")
    if beside > 0:
        proof = (
            "they may have left, which a message that Zalo refuses will tell"
            if judgement.is_whole
            else "that proves nothing, for the list is not whole"
        )
        display.say(f"in the book and not in the list: {persons(beside)}; {proof}. Nobody was removed")
