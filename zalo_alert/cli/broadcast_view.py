"""A broadcast on the command line: shown in a plan, named before it is agreed to, told afterwards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, persons

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
            _("account"),
            _("provinces of before July 2025"),
            _("people of the book there"),
            _("of them not meant"),
            _("perhaps there"),
        )
        display.table(_("broadcast: one article, beside and before the routes to single people"), columns, rows)
    display.tell(_describe_going(reach))
    for sentence in reach.beyond:
        display.tell(_("broadcast: {remark}", remark=sentence))


def _describe_going(reach: "BroadcastReach") -> str:
    number, goes_at, seen_at = len(reach.reached), words(reach.goes_at), words(reach.seen_at)
    calls = _n(
        "{calls} call, one of the month's broadcasts of each OA",
        "{calls} calls, one of the month's broadcasts of each OA",
        number,
        calls=count(number),
    )
    if reach.is_deferred:
        return _(
            "broadcast: {calls}; NOT NOW, by night none may: from {goes_at}, seen from about {seen_at} on, as moderators read it",
            calls=calls,
            goes_at=goes_at,
            seen_at=seen_at,
        )
    return _(
        "broadcast: {calls}; now, {goes_at}, seen from about {seen_at} on, as moderators read it",
        calls=calls,
        goes_at=goes_at,
        seen_at=seen_at,
    )


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


def say_before_broadcast(campaign: "Campaign", reach: "BroadcastReach", *, is_rehearsal: bool = False) -> None:
    """Say whom a broadcast goes to, in the last sentence before an officer agrees to it."""
    where = _("everyone who follows") if reach.aim.cities is None else _count_aimed(len(reach.aim.cities))
    whom = _("{where} ({how_many})", where=where, how_many=_count_reached(reach))
    kind = kind_of(campaign.status, is_rehearsal=is_rehearsal)
    if reach.is_deferred:
        sentence = _(
            "{status} {code} is broadcast to {whom} from {goes_at} on.",
            status=kind,
            code=campaign.code,
            whom=whom,
            goes_at=words(reach.goes_at),
        )
    else:
        sentence = _("{status} {code} is broadcast to {whom} now.", status=kind, code=campaign.code, whom=whom)
    display.say(sentence, style="bold")


def _count_aimed(provinces: int) -> str:
    return _n(
        "everyone in {provinces} former province",
        "everyone in {provinces} former provinces",
        provinces,
        provinces=count(provinces),
    )


def _count_reached(reach: "BroadcastReach") -> str:
    how_many = _("how many is not known") if reach.people is None else _("{people} of the book", people=persons(reach.people))
    if not reach.more:
        return how_many
    return _("{how_many}, {people} more than are meant", how_many=how_many, people=persons(reach.more))


def count_to_type(reach: "BroadcastReach | None") -> tuple[int, str]:
    """Return the number by which an officer agrees to a broadcast alone, and the question for it."""
    from zalo_alert.places import FORMER_PROVINCES

    if reach and reach.people is not None:
        return reach.people, _("Type the number of people to send")
    cities = reach.aim.cities if reach and reach.aim.cities is not None else FORMER_PROVINCES
    return len(cities), _("Type the number of provinces of before July 2025 to send")


# --- afterwards ------------------------------------------------------------------------------------------------------------


def show_broadcast(statuses: "Sequence[BroadcastStatus]") -> None:
    """Show where the broadcast of each OA stands."""
    if statuses:
        rows = [(status.account, status.state.value, status.message_id, status.why) for status in statuses]
        display.table(_("broadcast"), (_("account"), _("state"), _("message id"), _("why")), rows)


def show_dry_run(reach: "BroadcastReach | None") -> None:
    """Tell what a dry run would have broadcast."""
    if reach:
        display.fact("dry-run-broadcast", title=reach.article.title, paragraphs=len(reach.article.paragraphs))
        title = reach.article.title
        display.say(
            _(
                'dry run: the broadcast "{title}" to {whom} was put together, and not sent',
                title=title,
                whom=_describe_dry(reach),
            ),
            style="bold",
        )


def _describe_dry(reach: "BroadcastReach") -> str:
    cities = reach.aim.cities
    if cities is None:
        where = _("everyone")
    else:
        where = _n("{provinces} province", "{provinces} provinces", len(cities), provinces=count(len(cities)))
    if reach.people is None:
        return where
    return _("{where}, {people} of the book", where=where, people=persons(reach.people))


def show_broadcasts(statuses: "Sequence[BroadcastStatus]") -> None:
    """Say where the broadcast of each OA stands."""
    from zalo_alert.reporting.report import broadcast_in_words

    for status in statuses:
        display.tell(broadcast_in_words(status))
