"""What receipts say of a run, for whoever reports it: how many messages were delivered and seen, and when.

A person who has seen a message counts as delivered, too. Absence proves nothing: phones alone send receipts, and not for every
message.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zalo_alert.foundation.layout import inbound_beside
from zalo_alert.receipts.kept import read_between, read_kept, read_lines
from zalo_alert.receipts.published import read_published
from zalo_alert.runs.run import Run


class ReceiptCounts(NamedTuple):
    """What is known of a run's receipts.

    Args:
        is_kept: Whether any receipt of this run was folded; where not, the numbers are 0 and say nothing.
        delivered: People whose message reached a phone.
        seen: Those of them who have seen it.
        by_place: Delivered and seen, by the number of the place.
        by_minute: Seconds since 1970 at its start, delivered and seen in it; in order of time.
        folded_until_ms: When the latest receipt came that was folded, whosever it was; milliseconds since 1970, 0 for none.
        unattributed: Receipts of the run's OAs that belong to no run, as far as is known.
        settled_by_receipt: People of whom nobody knew whether Zalo took their message, until a receipt proved it.
        settled_by_echo: The same by an echo.
        two_candidates: People who stay unknown because a receipt may be theirs or somebody else's.
    """

    is_kept: bool
    delivered: int
    seen: int
    by_place: Mapping[int, tuple[int, int]]
    by_minute: Sequence[tuple[int, int, int]]
    folded_until_ms: int
    unattributed: int
    settled_by_receipt: int
    settled_by_echo: int
    two_candidates: int


def receipt_counts(run: Run) -> ReceiptCounts:
    """Say what receipts say of a run; as quick for tens of millions as for ten.

    Raises:
        StorageUnusable: What is kept can't be read.
    """
    published, kept = read_published(inbound_beside(run.folder)), read_kept(run.folder)
    unattributed = published.unattributed(frozenset(run.facts.oa_ids) or None)
    if kept is None:
        return ReceiptCounts(False, 0, 0, {}, (), published.folded_until_ms, unattributed, 0, 0, 0)
    delivered, seen = (sum(counts[at] for counts in kept.by_place.values()) for at in (0, 1))
    return ReceiptCounts(
        True, delivered, seen, kept.by_place, kept.by_minute, published.folded_until_ms, unattributed,
        kept.settled_by_receipt, kept.settled_by_echo, kept.contested,
    )  # fmt: skip


def receipts_between(run: Run, first: int, end: int) -> Mapping[int, tuple[int, int | None]]:
    """Say when the messages of the people `first` … `end - 1` were delivered, and seen if they were; seconds since 1970.

    Raises:
        StorageUnusable: What is kept can't be read.
    """
    return read_between(run.folder, first, end)


def receipt_lines(run: Run, first: int, end: int) -> str:
    """Say the same as lines of text, `number,delivered_s,seen_s`, in any order and with 0 for not seen, for exports of millions.

    Raises:
        StorageUnusable: What is kept can't be read.
    """
    return read_lines(run.folder, first, end)
