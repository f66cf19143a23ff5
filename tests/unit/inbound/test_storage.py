"""How groups of events are stored: each lane by itself, and nothing is lost with what nobody foresaw."""

import pytest

from tests.webhook_events import receipt, said
from zalo_alert.errors import StorageUnusable
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.journal import JOURNAL, Arrival, read_journal
from zalo_alert.inbound.receipt_lane import RECEIPTS, read_receipts
from zalo_alert.inbound.storage import FileStorage, Group


def arrival(number, **changes):
    body = said(message={"msg_id": f"m{number}"})
    return Arrival(read_event(body, "")._replace(**changes), body, 1_787_209_817_300, 0)


@pytest.fixture
def storage(tmp_path):
    opened = FileStorage(tmp_path / "inbound", str)
    yield opened
    opened.close()


def test_an_event_that_no_column_takes_is_kept_by_its_bytes_and_takes_no_other_with_it(storage, tmp_path):
    group = Group()
    group.arrivals = [arrival(1), arrival(2, person="\ud800"), arrival(3, event_ms=2**63), arrival(4)]
    storage.store(group)

    kept = read_journal(tmp_path / "inbound", None, 10)
    assert [event.body for event in kept] == [said(message={"msg_id": f"m{number}"}) for number in (1, 2, 3, 4)]
    assert [event.name for event in kept] == ["user_send_text", "", "", "user_send_text"]
    assert group.arrivals == []


def test_a_group_that_has_failed_keeps_what_is_not_stored_yet(storage, tmp_path):
    group = Group()
    group.arrivals = [arrival(1)]
    (tmp_path / "inbound" / "journal").write_text("in the way", encoding="ascii")
    with pytest.raises(StorageUnusable):
        storage.store(group)
    (tmp_path / "inbound" / "journal").unlink()
    storage.store(group)

    assert len(read_journal(tmp_path / "inbound", None, 10)) == 1


@pytest.mark.parametrize("failing", [JOURNAL, RECEIPTS])
def test_a_lane_that_fails_takes_no_other_with_it_and_nothing_is_stored_twice(storage, tmp_path, failing):
    group = Group()
    group.arrivals, group.receipts, group.arrived_ms = (
        [arrival(1)],
        receipts_of(receipt("user_seen_message", {"msg_ids": ["a"]})),
        1,
    )
    (tmp_path / "inbound" / failing).write_text("in the way", encoding="ascii")
    with pytest.raises(StorageUnusable):
        storage.store(group)
    (tmp_path / "inbound" / failing).unlink()
    storage.store(group)

    assert len(read_journal(tmp_path / "inbound", None, 10)) == 1
    assert len(read_receipts(tmp_path / "inbound", None, 10)) == 1


def test_a_probe_writes_and_leaves_nothing(storage, tmp_path):
    before = sorted(path.name for path in (tmp_path / "inbound").iterdir())
    storage.probe()

    assert sorted(path.name for path in (tmp_path / "inbound").iterdir()) == before
