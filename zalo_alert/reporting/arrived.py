"""What is known of messages that arrived: numbers of some people, and the sentences that every screen and page says of them.

A receipt proves that a message arrived; that none has come proves nothing. So nothing here says that somebody was not reached.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import instant, iso_text, words
from zalo_alert.language import _, _n, count, joined, persons
from zalo_alert.receipts.counts import ReceiptCounts
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.slow_words import short_moment

NOT_KEPT = ReceiptCounts(
    is_kept=False, delivered=0, seen=0, by_place={}, by_minute=(), folded_until_ms=0, unattributed=0, settled_by_receipt=0,
    settled_by_echo=0, two_candidates=0,
)  # fmt: skip


class Arrived(NamedTuple):
    """Of some people, how many messages were delivered, and how many of these seen."""

    delivered: int = 0
    seen: int = 0

    def as_json(self) -> dict[str, int]:
        """Return it as plain values, with names that do not change."""
        return self._asdict()


UNKNOWN_JSON: dict[str, None] = {"delivered": None, "seen": None}  # where no receipts are kept


def arrived_json(arrived: Arrived | None) -> dict[str, Any]:
    """Return it as plain values; null where nobody knows."""
    return UNKNOWN_JSON if arrived is None else arrived.as_json()


def arrived_of(counts: ReceiptCounts, numbers: Iterable[int]) -> Arrived | None:
    """Sum up the places of these numbers; None where no receipts are kept."""
    if not counts.is_kept:
        return None
    own = [counts.by_place.get(number, (0, 0)) for number in numbers]
    return Arrived(sum(delivered for delivered, _ in own), sum(seen for _, seen in own))


def together(parts: Iterable[Arrived | None]) -> Arrived | None:
    """Add up; None where nobody knows of any."""
    known = [part for part in parts if part is not None]
    return Arrived(sum(part.delivered for part in known), sum(part.seen for part in known)) if known else None


def folded_until(counts: ReceiptCounts) -> datetime | None:
    """Return up to when receipts are counted; None for never."""
    return instant(counts.folded_until_ms // 1000) if counts.folded_until_ms else None


def receipts_json(counts: ReceiptCounts) -> dict[str, Any]:
    """Return the whole as plain values, with names that do not change."""
    return {
        "kept": counts.is_kept,
        "delivered": counts.delivered if counts.is_kept else None,
        "seen": counts.seen if counts.is_kept else None,
        "until": iso_text(counts.folded_until_ms // 1000) if counts.folded_until_ms else None,
        "unattributed": counts.unattributed,
        "settled_by_receipt": counts.settled_by_receipt,
        "settled_by_echo": counts.settled_by_echo,
        "two_candidates": counts.two_candidates,
    }


def arrived_in_short(counts: ReceiptCounts, accepted: int, now: datetime | None = None) -> str:
    """Say in one line how many were delivered and seen of those accepted, and as of when.

    Args:
        counts: Of the run.
        accepted: How many people Zalo took a message for.
        now: When it is told, so that today's day is not written; None writes every day.
    """
    until = folded_until(counts)
    at = (short_moment(until, now, seconds=True) if now else words(until)) if until else ""
    if not counts.is_kept:
        if at:
            return _("delivered and seen: not known, of the receipts taken until {at} none is of this run", at=at)
        return _("delivered and seen: not kept, no receipts have been taken")
    told = [
        _("delivered {delivered} of {accepted} accepted ({percent} %)", delivered=count(counts.delivered),
          accepted=count(accepted), percent=percent_of(counts.delivered, accepted)),
        _("seen {seen} ({percent} %)", seen=count(counts.seen), percent=percent_of(counts.seen, accepted)),
    ]  # fmt: skip
    if at or not counts.delivered:
        told.append(_("receipts until {at}", at=at) if at else _("no receipt yet"))
    return joined(told, " · ")


NONE_PROVES_NOTHING = _("that none came proves nothing")
WHAT_IT_PROVES = _(
    "A receipt proves that a message arrived; none proves nothing: only phones send them, when they are on and have a network, "
    "and not for every message."
)


def doubts_of(counts: ReceiptCounts, run: str) -> Iterator[str]:
    """Say what receipts settled, and what they leave open."""
    if settled := counts.settled_by_receipt + counts.settled_by_echo:
        yield _(
            "{people} were unknown and are accepted now: {receipts} by a receipt, {echoes} by the echo of the message",
            people=persons(settled),
            receipts=count(counts.settled_by_receipt),
            echoes=count(counts.settled_by_echo),
        )
    if counts.two_candidates:
        yield _n(
            "{people} stays unknown although something arrived: it may have been another message to the same person. {export} "
            "lists whom that may be; have them asked by other ways, or {resume} sends to them again",
            "{people} stay unknown although something arrived: it may have been another message to the same person. {export} "
            "lists whom that may be; have them asked by other ways, or {resume} sends to them again",
            counts.two_candidates,
            people=persons(counts.two_candidates),
            export=Cure.EXPORT("unknown.csv", run=run, state="unknown"),
            resume=Cure.RESUME(run, retry_unknown=True),
        )
    if counts.unattributed:
        yield _n(
            "{receipts} receipt to its accounts belongs to no message known here: of another program, or of a run that is gone",
            "{receipts} receipts to its accounts belong to no message known here: of another program, or of a run that is gone",
            counts.unattributed,
            receipts=count(counts.unattributed),
        )
