from tests.webhook_events import APP, OA, receipt, said
from zalo_alert.inbound.backlog import last_receipt_ms, oldest_waiting_ms, parked_groups
from zalo_alert.inbound.door_lock import door_held, is_door_held
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.journal import Arrival, Journal, read_journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane

NOON_MS, DAY_MS = 1_795_780_800_000, 86_400_000


def keep(folder, *at_ms):
    journal = Journal(folder)
    for number, ms in enumerate(at_ms):
        body = said(message={"msg_id": f"m{number}", "text": "a"})
        journal.append([Arrival(read_event(body, "ab"), body, ms, 0)])
    journal.close()


def test_where_there_was_never_a_webhook_nothing_waits(tmp_path):
    folder = tmp_path / "inbound"

    assert (list(parked_groups(folder)), oldest_waiting_ms(folder, None), last_receipt_ms(folder)) == ([], None, None)
    assert not folder.exists()


def test_the_oldest_event_after_the_cursor_waits(tmp_path):
    keep(tmp_path, NOON_MS, NOON_MS + 5, NOON_MS + DAY_MS)
    first, second, third = (event.place for event in read_journal(tmp_path, None, 9))

    waiting = [oldest_waiting_ms(tmp_path, cursor) for cursor in (None, first, second, third)]
    assert waiting == [NOON_MS, NOON_MS + 5, NOON_MS + DAY_MS, None]


def test_parked_events_are_counted_by_app_and_oa(tmp_path):
    events = [ParkedEvent(APP, oa, "no secret", "mac=ab", 0, NOON_MS + number, b"{}") for number, oa in enumerate((OA, OA, "5"))]
    parked = Parked(tmp_path)
    parked.append(events)
    parked.close()

    assert parked_groups(tmp_path) == [(APP, OA, 2, NOON_MS + 1), (APP, "5", 1, NOON_MS + 2)]


def test_the_last_receipt_is_that_of_the_newest_file(tmp_path):
    lane, receipts = ReceiptLane(tmp_path, str), receipts_of(receipt("user_received_message", {"msg_id": "m"}))
    for at_ms in (NOON_MS, NOON_MS + DAY_MS):
        lane.append(receipts, at_ms)
    lane.close()

    assert last_receipt_ms(tmp_path) == NOON_MS + DAY_MS


def test_whether_a_door_is_there_is_seen_without_keeping_one_out(tmp_path):
    seen = [is_door_held(tmp_path)]
    with door_held(tmp_path):
        seen.append(is_door_held(tmp_path))
    seen.append(is_door_held(tmp_path))
    with door_held(tmp_path):
        seen.append(is_door_held(tmp_path))

    assert seen == [False, True, False, True]
