"""The broadcast of a campaign on the command line: shown in a plan, asked for at Zalo, sent beside the rest, told afterwards."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape

from zalo_alert.cli import wiring
from zalo_alert.cli.display import display
from zalo_alert.errors import Interrupted, RunUnfinished, SettingsInvalid, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, words
from zalo_alert.foundation.formatting import count, persons

if TYPE_CHECKING:
    from zalo_alert.delivery.broadcaster import Announcer, Desk
    from zalo_alert.ledger.broadcasts import Broadcasts, Standing
    from zalo_alert.models import Campaign
    from zalo_alert.planning.broadcast_reach import AccountReach, BroadcastReach
    from zalo_alert.runs.run import Run
    from zalo_alert.settings.model import Account, Settings
    from zalo_alert.zalo.articles import Allowance

ASK_AT_MOST_S = 20.0  # a look beforehand must not hold an alert up

# --- before ----------------------------------------------------------------------------------------------------------------


def show_outreach(made: "BroadcastReach", *, brief: bool) -> None:
    """Show what a broadcast reaches, when, and in which way that is not what the campaign means."""
    if not brief:
        rows = [(row.account, _provinces(made), _known(row), row.more, row.perhaps) for row in made.reached]
        columns = ("account", "provinces of before July 2025", "people of the book there", "of them not meant", "perhaps there")
        display.table("broadcast: one article, beside and before the routes to single people", columns, rows)
    when = "NOT NOW, by night none may: from " if made.is_deferred else "now, "
    calls = f"{count(len(made.reached))} call{'s' * (len(made.reached) > 1)}, one of the month's broadcasts of each OA"
    display.show(
        f"broadcast: {calls}; {when}{words(made.goes_at)}, seen from about {words(made.seen_at)} on, as moderators read it"
    )
    for sentence in made.beyond:
        display.show(f"broadcast: {escape(sentence)}")


def _provinces(made: "BroadcastReach") -> int | str:
    return "all, no filter" if made.aim.cities is None else len(made.aim.cities)


def _known(row: "AccountReach") -> int | str:
    return "not known: its book is empty" if row.people is None else row.people


def outreach_facts(made: "BroadcastReach") -> None:
    """Say the same to a machine."""
    cities = None if made.aim.cities is None else list(made.aim.cities)
    for row in made.reached:
        display.fact(
            "broadcast", account=row.account, calls=1, cities=cities, people=row.people, not_meant=row.more, perhaps=row.perhaps,
            goes_at=made.goes_at.isoformat(), seen_at=made.seen_at.isoformat(), deferred=made.is_deferred, beyond=made.beyond,
            title=made.article.title, description=made.article.description,
        )  # fmt: skip


def say_before_broadcast(campaign: "Campaign", made: "BroadcastReach") -> None:
    """Say whom a broadcast goes to, in the last sentence before an officer agrees to it."""
    where = "everyone who follows" if made.aim.cities is None else f"everyone in {len(made.aim.cities)} former provinces"
    known = "how many is not known" if made.people is None else f"{persons(made.people)} of the book"
    more = f", {persons(made.more)} more than are meant" if made.more else ""
    when = f"from {words(made.goes_at)} on" if made.is_deferred else "now"
    display.say(f"{campaign.status} {campaign.code} is broadcast to {where} ({known}{more}) {when}.", style="bold")


def to_type(made: "BroadcastReach | None") -> tuple[int, str]:
    """Return the number by which an officer agrees to a broadcast alone, and what it counts."""
    from zalo_alert.places import FORMER_PROVINCES

    if made and made.people is not None:
        return made.people, "people"
    cities = made.aim.cities if made and made.aim.cities is not None else FORMER_PROVINCES
    return len(cities), "provinces of before July 2025"


def show_publishing(
    campaign: "Campaign", accounts: "Sequence[Account]", chosen: "Settings", *, patience_s: float = ASK_AT_MOST_S
) -> None:
    """Ask Zalo whether each OA may have articles and what is left of its allowance; tell what speaks against it.

    Nothing is refused: the routes to single people matter more than the check.
    """
    import asyncio

    if campaign.broadcast is None:
        return
    from zalo_alert.settings.model import require_safe_hosts

    try:
        require_safe_hosts(chosen)
        wiring.require_tokens(chosen, accounts)
        wiring.run_loop(asyncio.wait_for(_ask(accounts, chosen), patience_s))
    except SettingsInvalid:
        return  # a plan needs neither token nor network, and whoever sends is told elsewhere
    except (ZaloAlertError, TimeoutError) as exc:
        why = str(exc) or f"no answer within {patience_s:.0f} s"
        display.fact("unchecked", why=why)
        display.say(f"whether the broadcast may go out could not be looked up: {why}", style="yellow")


async def _ask(accounts: "Sequence[Account]", chosen: "Settings") -> None:
    from zalo_alert.zalo import articles
    from zalo_alert.zalo.client import Refused
    from zalo_alert.zalo.oa import facts_of

    async with wiring.client(chosen) as client:
        with closing(wiring.store(chosen)) as kept:
            for account in accounts:
                with closing(wiring.control(chosen, account, wiring.tokens(chosen, account, kept), client)) as control:
                    objections, oa = [], await facts_of(control)
                    left = articles.Allowance(None, None)
                    if not oa.is_verified:
                        objections.append("the OA is not verified")
                    try:
                        await articles.check_right(control)
                        left = await articles.allowance(control)
                    except Refused as exc:
                        objections.append(f"{exc} ({exc.hint})")
                    if left.left == 0:
                        objections.append("its allowance of active messages is used up")
                    _tell_publishing(account.id, oa.said(), left, objections)


def _tell_publishing(account: str, oa: str, left: "Allowance", objections: Sequence[str]) -> None:
    display.fact("publishing", account=account, oa=oa, left=left.left, total=left.total, objections=list(objections))
    allowance = "" if left.left is None else f"; {count(left.left)} of {count(left.total or 0)} active messages left"
    display.say(f"{account}: {oa}{allowance}")
    for objection in objections:
        display.say(f"{account}: the broadcast may be refused: {objection}", style="red")


# --- meanwhile -------------------------------------------------------------------------------------------------------------


@contextmanager
def announcing(run: "Run", campaign: "Campaign", chosen: "Settings", *, retry_unknown: bool) -> "Iterator[Announcer | None]":
    """Open what sends a run's broadcast; None when it has none.

    Raises:
        StorageUnusable: It has one, and what became of it is lost: it may have gone out.
    """
    if campaign.broadcast is None:
        yield None
        return
    ledger = run.broadcasts()
    if ledger is None:
        raise StorageUnusable(
            f"{run.folder} has lost what became of the broadcast", hint="restore the run's folder from a backup"
        )
    with closing(ledger):
        announcer = _announcer(run, campaign, chosen, ledger)
        if retry_unknown:
            announcer.retry_unknown()
        yield announcer


def _announcer(run: "Run", campaign: "Campaign", chosen: "Settings", ledger: "Broadcasts") -> "Announcer":
    from zalo_alert.delivery.broadcaster import Announcer, Desk, order_of
    from zalo_alert.settings.model import require_safe_hosts
    from zalo_alert.zalo import uploads

    require_safe_hosts(chosen)
    clock, broadcast = SystemClock(), campaign.broadcast
    assert broadcast

    @asynccontextmanager
    async def connect(name: str) -> "AsyncIterator[Desk]":
        account = chosen.account(name)
        async with wiring.client(chosen) as client:
            with closing(wiring.store(chosen)) as kept:
                access = wiring.tokens(chosen, account, kept)
                with closing(wiring.control(chosen, account, access, client, campaign.urgency)) as control:

                    async def cover(anew: bool) -> str:
                        if not broadcast.attachment:
                            return broadcast.cover
                        content, now_s = run.attachment(broadcast.attachment), clock.now().timestamp()
                        return await uploads.upload(control, kept, account.oa_id, broadcast.cover, content, now_s, anew=anew)

                    yield Desk(control, cover)

    def told(sentence: str) -> None:
        run.note("broadcast", sentence, clock.now())
        display.fact("note", run=run.id, text=sentence)
        display.say(sentence)

    return Announcer(ledger, order_of(campaign), connect, clock=clock, told=told, stop_requested=run.stop_requested)


# --- afterwards ------------------------------------------------------------------------------------------------------------


def show_broadcast(standings: "Sequence[Standing]") -> None:
    """Show where the broadcast of each OA stands."""
    if standings:
        rows = [(one.account, one.state.value, one.message_id, one.why) for one in standings]
        display.table("broadcast", ("account", "state", "message id", "why"), rows)


def joined(run: "Run", verdict: ZaloAlertError | None, standings: "Sequence[Standing]") -> ZaloAlertError | None:
    """Say in one error how the messages to single people and the broadcast ended; what calls for `resume` goes first."""
    from zalo_alert.delivery.broadcaster import verdict as verdict_of

    other = verdict_of(run.id, standings)
    if verdict is None or other is None:
        return verdict or other
    rank = {Interrupted: 0, RunUnfinished: 2}
    first, second = sorted((verdict, other), key=lambda one: rank.get(type(one), 1))
    return type(first)(f"{first}; {second}", hint=first.hint)


def dry_run_facts(made: "BroadcastReach | None") -> None:
    """Tell what a dry run would have broadcast."""
    if made:
        display.fact("dry-run-broadcast", title=made.article.title, paragraphs=len(made.article.paragraphs))
        where = "everyone" if made.aim.cities is None else f"{len(made.aim.cities)} provinces"
        people = "" if made.people is None else f", {persons(made.people)} of the book"
        display.say(
            f'dry run: the broadcast "{made.article.title}" to {where}{people} was put together, and not sent', style="bold"
        )
