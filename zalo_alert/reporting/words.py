"""Words that several reports share: instants with their day, shares, what a run is, how its people stand. Pure."""

from collections.abc import Iterator
from datetime import datetime

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, count, decimal, joined
from zalo_alert.language.formats import Moment
from zalo_alert.models import MsgType
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.reach import ProvinceReach, Reach
from zalo_alert.runs.facts import Kind

_KINDS = {Kind.CORRECTION: _("correction"), Kind.ALL_CLEAR: _("all-clear")}
_TYPES = {MsgType.ALERT: _("alert"), MsgType.UPDATE: _("update"), MsgType.CANCEL: _("withdrawal")}
_STATUS = {"Actual": _("Actual"), "Exercise": _("Exercise"), "Test": _("Test")}


def day_time(at: datetime, reader: datetime, *, seconds: bool = False) -> str:
    """Write an instant with its day, also where that is the reader's: a report is read on another one.

    Args:
        at: The instant.
        reader: When it is told; the year is written where it is another.
        seconds: Whether to write them.
    """
    return Moment(in_vietnam(at), in_vietnam(reader).year, seconds=seconds)


def percent(share: float | None) -> str:
    """Write a share of one: `95.0 %`; a dash where there is none, and more places where it is small."""
    if share is None:
        return "–"
    places = 1 if share >= 0.001 or not share else 3
    return _("{number} %", number=decimal(100 * share, places))


def kind_words(record: AlertRecord) -> str:
    """Say what a run is: whether it is real, what kind of message, of which level."""
    level = _("level {level}/5", level=record.level) if record.level else ""
    kind = _KINDS.get(record.kind) or _TYPES[record.campaign.msg_type]
    return joined(filter(None, (_STATUS.get(record.facts.status, ""), kind, level)))


def states_words(reach: Reach) -> Iterator[str]:
    """Say how people stand who were not accepted, each state that somebody is in."""
    if reach.rejected:
        yield _("rejected {number}", number=count(reach.rejected))
    if reach.unknown:
        yield _("unknown {number}", number=count(reach.unknown))
    if reach.withheld:
        yield _("withheld {number}", number=count(reach.withheld))
    if reach.expired:
        yield _("expired {number}", number=count(reach.expired))
    if reach.left:
        yield _("not asked yet {number}", number=count(reach.left))


def arrived_words(reach: Reach) -> str:
    """Say how many messages were delivered and seen, of those accepted in runs of which receipts are kept; "" where in none."""
    whole = reach.with_receipts
    if not whole:
        return ""
    return _(
        "delivered {delivered} ({share} of {accepted} accepted), seen {seen} ({seen_share})", delivered=count(reach.delivered),
        share=percent(reach.delivered / whole), accepted=count(whole), seen=count(reach.seen),
        seen_share=percent(reach.seen / whole),
    )  # fmt: skip


def province_words(row: ProvinceReach) -> str:
    """Say in a line how many of a province had it: of those it was meant for, and of everyone who lives there."""
    parts = [
        _("accepted {accepted} of {targeted} ({share})", accepted=count(row.reach.accepted), targeted=count(row.reach.targeted),
          share=percent(row.reach.share)),
        *states_words(row.reach),
        *filter(None, [arrived_words(row.reach)]),
    ]  # fmt: skip
    if row.population_share is not None:
        parts.append(_("at least {share} of the population (estimate)", share=percent(row.population_share)))
    return _("{place}: {numbers}", place=row.name or _("place unknown"), numbers=joined(parts))
