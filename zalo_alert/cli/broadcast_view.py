"""A broadcast on the command line: shown in a plan, named before it is agreed to, told afterwards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.formatting import count, persons

if TYPE_CHECKING:
    from zalo_alert.ledger.broadcasts import BroadcastStatus
    from zalo_alert.models import Campaign
    from zalo_alert.planning.broadcast_reach import AccountReach, BroadcastReach

# --- before ----------------------------------------------------------------------------------------------------------------


def show_broadcast_reach(reach: "BroadcastReach", *, brief: bool) -> None:
    """Show what a broadcast reaches, when, and in which way that is not what the campaign means."""
    if not brief:
        rows = [(row.account, _count_provinces(reach), _count_known(row), row.more, row.perhaps) for row in reach.reached]
        columns = ("account", "provinces of before July 2025", "people of the book there", "of them not meant", "perhaps there")
        display.table("broadcast: one article, beside and before the routes to single people", columns, rows)
    when = "NOT NOW, by night none may: from " if reach.is_deferred else "now, "
    calls = f"{count(len(reach.reached))} call{'s' * (len(reach.reached) > 1)}, one of the month's broadcasts of each OA"
    display.show(
        f"broadcast: {calls}; {when}{words(reach.goes_at)}, seen from about {words(reach.seen_at)} on, as moderators read it"
    )
    for sentence in reach.beyond:
        display.show(f"broadcast: {escape(sentence)}")


def _count_provinces(reach: "BroadcastReach") -> int | str:
    return "all, no filter" if reach.aim.cities is None else len(reach.aim.cities)


def _count_known(row: "AccountReach") -> int | str:
    return "not known: its book is empty" if row.people is None else row.people


def broadcast_reach_facts(reach: "BroadcastReach") -> None:
    """Say the same to a machine."""
    cities = None if reach.aim.cities is None else list(reach.aim.cities)
    for row in reach.reached:
        display.fact(
            "broadcast", account=row.account, calls=1, cities=cities, people=row.people, not_meant=row.more, perhaps=row.perhaps,
            goes_at=reach.goes_at.isoformat(), seen_at=reach.seen_at.isoformat(), deferred=reach.is_deferred, beyond=reach.beyond,
            title=reach.article.title, description=reach.article.description,
        )  # fmt: skip


def say_before_broadcast(campaign: "Campaign", reach: "BroadcastReach") -> None:
    """Say whom a broadcast goes to, in the last sentence before an officer agrees to it."""
    where = "everyone who follows" if reach.aim.cities is None else f"everyone in {len(reach.aim.cities)} former provinces"
    how_many = "how many is not known" if reach.people is None else f"{persons(reach.people)} of the book"
    more = f", {persons(reach.more)} more than are meant" if reach.more else ""
    when = f"from {words(reach.goes_at)} on" if reach.is_deferred else "now"
    display.say(f"{campaign.status} {campaign.code} is broadcast to {where} ({how_many}{more}) {when}.", style="bold")


def count_to_type(reach: "BroadcastReach | None") -> tuple[int, str]:
    """Return the number by which an officer agrees to a broadcast alone, and what it counts."""
    from zalo_alert.places import FORMER_PROVINCES

    if reach and reach.people is not None:
        return reach.people, "people"
    cities = reach.aim.cities if reach and reach.aim.cities is not None else FORMER_PROVINCES
    return len(cities), "provinces of before July 2025"


# --- afterwards ------------------------------------------------------------------------------------------------------------


def show_broadcast(statuses: "Sequence[BroadcastStatus]") -> None:
    """Show where the broadcast of each OA stands."""
    if statuses:
        rows = [(status.account, status.state.value, status.message_id, status.why) for status in statuses]
        display.table("broadcast", ("account", "state", "message id", "why"), rows)


def show_dry_run(reach: "BroadcastReach | None") -> None:
    """Tell what a dry run would have broadcast."""
    if reach:
        display.fact("dry-run-broadcast", title=reach.article.title, paragraphs=len(reach.article.paragraphs))
        where = "everyone" if reach.aim.cities is None else f"{len(reach.aim.cities)} provinces"
        people = "" if reach.people is None else f", {persons(reach.people)} of the book"
        display.say(
            f'dry run: the broadcast "{reach.article.title}" to {where}{people} was put together, and not sent', style="bold"
        )
