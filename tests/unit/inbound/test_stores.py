import stat

import pytest

from tests.webhook_events import APP, OA, PERSON, receipt, said
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.journal import Arrival, Journal, read_journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane, read_receipts
from zalo_alert.inbound.refused import Refused
from zalo_alert.inbound.signature import is_right, mac_of

NOON_MS = 1_795_780_800_000  # 2026-11-27 12:00 UTC
DAY_MS = 86_400_000


def arrival(number=1, at_ms=NOON_MS, text="nước lên"):
    body = said(message={"msg_id": f"m{number}", "text": text})
    return Arrival(read_event(body, "ab"), body, at_ms, 0)


def test_an_event_is_stored_once(tmp_path):
    journal = Journal(tmp_path)
    journal.append([arrival(1), arrival(2), arrival(1)])
    journal.append([arrival(2)])
    stored = read_journal(tmp_path, None, 10)
    assert [event.place.seq for event in stored] == [1, 2]
    assert (stored[0].oa, stored[0].person, stored[0].body) == (OA, PERSON, arrival(1).body)


def test_a_repeat_after_midnight_is_one(tmp_path):
    journal = Journal(tmp_path)
    journal.append([arrival(1)])
    journal.append([arrival(1, NOON_MS + DAY_MS), arrival(2, NOON_MS + DAY_MS)])
    assert [(event.place.file, event.place.seq) for event in read_journal(tmp_path, None, 10)] == [
        ("2026-11-27.db", 1),
        ("2026-11-28.db", 1),
    ]


def test_a_clock_that_jumps_back_writes_to_no_older_file(tmp_path):
    journal = Journal(tmp_path)
    journal.append([arrival(1)])
    read = read_journal(tmp_path, None, 10)
    journal.append([arrival(2, NOON_MS - DAY_MS)])
    assert len(read_journal(tmp_path, read[-1].place, 10)) == 1


def test_other_content_of_the_same_message_is_stored_and_joined(tmp_path):
    Journal(tmp_path).append([arrival(1), arrival(1, text="cứu")])
    assert [event.is_joined for event in read_journal(tmp_path, None, 10)] == [False, True]


def test_reading_goes_on_where_it_stood(tmp_path):
    journal = Journal(tmp_path)
    journal.append([arrival(number) for number in range(5)])
    journal.append([arrival(number, NOON_MS + DAY_MS) for number in range(5, 9)])
    place, seen = None, []
    while some := read_journal(tmp_path, place, 2):
        place = some[-1].place
        seen += [event.body for event in some]
    assert seen == [arrival(number).body for number in range(9)]


def test_receipts_are_kept_by_the_hour_and_a_phone_number_is_not(tmp_path):
    lane = ReceiptLane(tmp_path, lambda person: f"mark of {person[:2]}")
    by_phone = receipt("user_received_message", {"msg_id": "m", "tracking_id": "t"})
    lane.append(receipts_of(receipt("user_seen_message", {"msg_ids": ["a", "b"]})), NOON_MS)
    lane.append(receipts_of(by_phone), NOON_MS + 3_600_000)
    stored = read_receipts(tmp_path, None, 10)
    assert [(one.place.file, one.part, one.person, one.msg_id) for one in stored] == [
        ("2026-11-27T12.db", 0, PERSON, "a"),
        ("2026-11-27T12.db", 1, PERSON, "b"),
        ("2026-11-27T13.db", 0, "mark of 24", "m"),
    ]


@pytest.mark.skipif("os.name != 'posix'", reason="file modes")
def test_files_are_their_owners_alone(tmp_path):
    Journal(tmp_path / "inbound").append([arrival()])
    Parked(tmp_path / "inbound")
    paths = list((tmp_path / "inbound").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}


def test_a_ring_keeps_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr("zalo_alert.inbound.parked.MOST_ROWS", 3)
    parked = Parked(tmp_path)
    parked.append([ParkedEvent(APP, OA, "wrong", "mac=ab", 0, number, b"{}") for number in range(5)])
    assert [event.arrived_ms for event in parked.read(0, 10)] == [2, 3, 4]
    parked.let_in(parked.read(0, 1))
    parked.expire(4)
    assert parked.counts() == (1, 1, 2, 1, 5)


def test_refusals_are_counted(tmp_path):
    refused = Refused(tmp_path)
    for _ in range(3):
        refused.note(APP, "192.0.2.1", "signature", NOON_MS)
    refused.flush()
    refused.note(APP, "192.0.2.1", "signature", NOON_MS)
    refused.flush()
    assert [(row.app_id, row.source, row.n) for row in refused.since(0)] == [(APP, "192.0.2.1", 4)]


def test_which_secret_signed():
    secrets = [Secret("now"), Secret("next")]
    mac = mac_of(APP, b"{}", b"17", secrets[1])
    assert is_right(f"mac={mac.upper()}", APP, b"{}", b"17", secrets) == 1
    assert is_right(f"mac={mac}", APP, b"{} ", b"17", secrets) is None
    assert is_right("", APP, b"{}", b"17", []) is None
