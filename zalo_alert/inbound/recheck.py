"""Verifies parked events again, once a secret is mended, and lets those in that are right.

An event enters the journal before it leaves the ring: after a kill in between it is let in again, which its key makes harmless.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from zalo_alert.inbound.event import Event, Lane, Receipt, Unreadable, read_whole, receipts_in
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.inbound.signature import is_right, mac_in
from zalo_alert.inbound.switchboard import Switchboard

AT_ONCE = 500


class Rechecked(NamedTuple):
    """How many were let in, and how many wait on, since no secret of ours fits them."""

    let_in: int
    waiting: int


class _Right(NamedTuple):
    """A parked event whose signature fits a secret now, with what is stored of it."""

    parked: ParkedEvent
    event: Event
    receipts: Sequence[Receipt]


def recheck(folder: Path, switchboard: Switchboard, mark: Callable[[str], str], now_ms: int) -> Rechecked:
    """Let in whatever is right now; the door may go on meanwhile.

    Args:
        folder: `inbound` of the workspace's state.
        switchboard: With the secrets as they are now.
        mark: Makes a mark of a phone number, as `Marks.joinable` does.
        now_ms: The time.

    Raises:
        StorageUnusable: A file can't be used; what was let in until then is.
    """
    parked, journal, lane = Parked(folder), Journal(folder), ReceiptLane(folder, mark)
    let_in, after = 0, 0
    try:
        while some := parked.read(after, AT_ONCE):
            after = some[-1].seq
            right = [found for event in some if (found := _checked(event, switchboard, now_ms))]
            _store(right, journal, lane, now_ms)
            parked.let_in([one.parked for one in right])
            let_in += len(right)
        _keep_uses(folder, switchboard)
        return Rechecked(let_in, parked.counts().waiting)
    finally:
        for store in (parked, journal, lane):
            store.close()


def _checked(parked: ParkedEvent, switchboard: Switchboard, now_ms: int) -> _Right | None:
    try:
        event, whole = read_whole(parked.body, mac_in(parked.header))
        receipts = receipts_in(event, whole) if event.lane is Lane.RECEIPT else []
    except Unreadable as exc:
        event, receipts = exc.event, []
    line = switchboard.find(event.oa, event.app_id)
    which = is_right(parked.header, event.app_id, parked.body, event.stamp, line.secrets) if line else None
    if line is None or which is None:
        return None
    switchboard.note_right(line, which, now_ms)
    return _Right(parked, event, receipts)


def _store(right: Sequence[_Right], journal: Journal, lane: ReceiptLane, now_ms: int) -> None:
    journal.append([_arrival(one) for one in right if one.event.lane is Lane.MESSAGE])
    lane.append([receipt for one in right for receipt in one.receipts], now_ms)


def _arrival(right: _Right) -> Arrival:
    return Arrival(right.event, right.parked.body, right.parked.arrived_ms, right.parked.tries)


def _keep_uses(folder: Path, switchboard: Switchboard) -> None:
    uses = SecretUses(folder)
    try:
        uses.keep(switchboard.take_uses())
    finally:
        uses.close()
