"""A run that somebody else may have gone on with since it was copied: whoever was left is nobody's to write to unasked."""

import math
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from zalo_alert.language import _
from zalo_alert.ledger.base import Places, Window, lost_entry
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State
from zalo_alert.runs.run import Run

AT_ONCE = 50_000  # people in one transaction
_WHY = _("the other machine may have sent it since the backup")


def doubt_the_rest(run: Run, since: datetime, at: datetime) -> int:
    """Call everybody unknown who was not settled when a run was copied; return how many that are. The caller holds `locked`.

    Done again, it completes what a crash may have left undone. Receipts settle them as if all had been claimed by then.

    Args:
        run: Restored from a backup of which nobody has said that nothing was sent afterwards.
        since: When the backup was made.
        at: The time.
    """
    at_s = int(at.timestamp())
    with closing(run.ledger()) as ledger, closing(run.audience()) as audience:

        def places(numbers: Sequence[int]) -> list[int]:
            return [person.place for person in audience.people(numbers)]

        people = ledger.recover(at_s=at_s, places=places)
        people += _doubt_deferred(ledger, at_s) + _doubt_fresh(ledger, places, int(since.timestamp()), at_s)
    _doubt_broadcasts(run, at_s)
    return people


def _doubt_deferred(ledger: SqliteLedger, at_s: int) -> int:
    people = 0
    while entries := ledger.due(before_s=math.inf, limit=AT_ONCE):
        ledger.record(again=[entry.number for entry in entries])
        ledger.record(settled=[entry._replace(state=State.UNKNOWN, reason=Reason.RESTORED, at_s=at_s) for entry in entries])
        people += len(entries)
    return people


def _doubt_fresh(ledger: SqliteLedger, places: Places, since_s: int, at_s: int) -> int:
    people = 0
    while ledger.untouched_state() is State.PENDING and ledger.next_number < ledger.claimable:
        window = Window(ledger.next_number, min(AT_ONCE, ledger.claimable - ledger.next_number), since_s)
        numbers = range(window.first, window.first + window.people)
        ledger.record(window=window)
        own = zip(numbers, places(numbers), strict=True)
        ledger.record(settled=[lost_entry(number, place, at_s)._replace(reason=Reason.RESTORED) for number, place in own])
        people += window.people
    return people


def _doubt_broadcasts(run: Run, at_s: int) -> None:
    broadcast = run.broadcasts()
    if broadcast is None:
        return
    with closing(broadcast):
        for status in broadcast.all():
            if status.is_open:
                broadcast.put(status._replace(state=State.UNKNOWN, why=_WHY, at_s=at_s, due_at_s=None))
