"""A broadcast on the command line: shown in a plan, named before it is agreed to, told afterwards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, count, persons

if TYPE_CHECKING:
    from zalo_alert.ledger.broadcasts import BroadcastStatus
    from zalo_alert.models import Campaign
    from zalo_alert.planning.broadcast_reach import AccountReach, BroadcastReach

# --- before ----------------------------------------------------------------------------------------------------------------


def show_broadcast_reach(reach: "BroadcastReach", *, brief: bool) -> None:
    """Show what a broadcast reaches, when, and in which way that is not what the campaign means."""
    if not brief:
        rows = [(row.account, _count_provinces(reach), _count_known(row), row.more, row.perhaps) for row in reach.reached]
        columns = (
            "account",
            _("provinces of before July 2025"),
            _("people of the book there"),
            _("of them not meant"),
            _("perhaps there"),
        )
        display.table(_("broadcast: one article, beside and before the routes to single people"), columns, rows)
    when = _("NOT NOW, by night none may: from ") if reach.is_deferred else "now, "
    calls = _(
        "{reached} call{value}, one of the month's broadcasts of each OA",
        reached=count(len(reach.reached)),
        value="s" * (len(reach.reached) > 1),
    )
    display.show(
        _(
            "broadcast: {calls}; {when}{goes_at}, seen from about {seen_at} on, as moderators read it",
            calls=calls,
            when=when,
            goes_at=words(reach.goes_at),
            seen_at=words(reach.seen_at),
        )
    )
    for sentence in reach.beyond:
        display.show(_("broadcast: {escape}", escape=escape(sentence)))


def _count_provinces(reach: "BroadcastReach") -> int | str:
    return _("all, no filter") if reach.aim.cities is None else len(reach.aim.cities)


def _count_known(row: "AccountReach") -> int | str:
    return _("not known: its book is empty") if row.people is None else row.people


def broadcast_reach_facts(reach: "BroadcastReach") -> None:
    """Say the same to a machine."""
    cities = None if reach.aim.cities is None else list(reach.aim.cities)
    for row in reach.reached:
        display.fact(
            "plan-broadcast", account=row.account, calls=1, cities=cities, people=row.people, not_meant=row.more,
            perhaps=row.perhaps, goes_at=reach.goes_at, seen_at=reach.seen_at, deferred=reach.is_deferred, beyond=reach.beyond,
            title=reach.article.title, description=reach.article.description,
        )  # fmt: skip


def say_before_broadcast(campaign: "Campaign", reach: "BroadcastReach") -> None:
    """Say whom a broadcast goes to, in the last sentence before an officer agrees to it."""
    where = (
        _("everyone who follows")
        if reach.aim.cities is None
        else _("everyone in {cities} former provinces", cities=len(reach.aim.cities))
    )
    how_many = _("how many is not known") if reach.people is None else _("{people} of the book", people=persons(reach.people))
    more = _(", {more} more than are meant", more=persons(reach.more)) if reach.more else ""
    when = _("from {goes_at} on", goes_at=words(reach.goes_at)) if reach.is_deferred else "now"
    display.say(
        _(
            "{status} {code} is broadcast to {where} ({how_many}{more}) {when}.",
            status=campaign.status,
            code=campaign.code,
            where=where,
            how_many=how_many,
            more=more,
            when=when,
        ),
        style="bold",
    )


def count_to_type(reach: "BroadcastReach | None") -> tuple[int, str]:
    """Return the number by which an officer agrees to a broadcast alone, and what it counts."""
    from zalo_alert.places import FORMER_PROVINCES

    if reach and reach.people is not None:
        return reach.people, "people"
    cities = reach.aim.cities if reach and reach.aim.cities is not None else FORMER_PROVINCES
    return len(cities), _("provinces of before July 2025")


# --- afterwards ------------------------------------------------------------------------------------------------------------


def show_broadcast(statuses: "Sequence[BroadcastStatus]") -> None:
    """Show where the broadcast of each OA stands."""
    if statuses:
        rows = [(status.account, status.state.value, status.message_id, status.why) for status in statuses]
        display.table("broadcast", ("account", "state", _("message id"), "why"), rows)


def show_dry_run(reach: "BroadcastReach | None") -> None:
    """Tell what a dry run would have broadcast."""
    if reach:
        display.fact("dry-run-broadcast", title=reach.article.title, paragraphs=len(reach.article.paragraphs))
        where = "everyone" if reach.aim.cities is None else _("{cities} provinces", cities=len(reach.aim.cities))
        people = "" if reach.people is None else _(", {people} of the book", people=persons(reach.people))
        display.say(
            _(
                'dry run: the broadcast "{title}" to {where}{people} was put together, and not sent',
                title=reach.article.title,
                where=where,
                people=people,
            ),
            style="bold",
        )
