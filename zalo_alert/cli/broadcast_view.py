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


# --- afterwards ------------------------------------------------------------------------------------------------------------


def show_broadcast(standings: "Sequence[BroadcastStatus]") -> None:
    """Show where the broadcast of each OA stands."""
    if standings:
        rows = [(one.account, one.state.value, one.message_id, one.why) for one in standings]
        display.table("broadcast", ("account", "state", "message id", "why"), rows)


def dry_run_facts(made: "BroadcastReach | None") -> None:
    """Tell what a dry run would have broadcast."""
    if made:
        display.fact("dry-run-broadcast", title=made.article.title, paragraphs=len(made.article.paragraphs))
        where = "everyone" if made.aim.cities is None else f"{len(made.aim.cities)} provinces"
        people = "" if made.people is None else f", {persons(made.people)} of the book"
        display.say(
            f'dry run: the broadcast "{made.article.title}" to {where}{people} was put together, and not sent', style="bold"
        )
