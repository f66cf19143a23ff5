import pytest

from tests.webhook_events import APP, OA, receipt, said
from zalo_alert.errors import SettingsInvalid
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.journal import Arrival, Journal, read_journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane, read_receipts
from zalo_alert.inbound.refused import Refused
from zalo_alert.inbound.removal import remove_old
from zalo_alert.inbound.retention import Retention, load_retention

NOON_MS = 1_795_780_800_000  # 2026-11-27 12:00 UTC
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
KEPT = Retention(2 * 86_400, 3600, 3600, 3600)


@pytest.fixture
def folder(tmp_path):
    journal, lane = Journal(tmp_path), ReceiptLane(tmp_path, str)
    for day in range(5):
        body = said(message={"msg_id": f"m{day}"})
        journal.append([Arrival(read_event(body, "ab"), body, NOON_MS + day * DAY_MS, 0)])
        lane.append(receipts_of(receipt("user_received_message", {"msg_id": f"m{day}"})), NOON_MS + day * HOUR_MS)
    journal.close()
    lane.close()
    return tmp_path


def ends(folder):
    return read_journal(folder, None, 100)[-1].place, read_receipts(folder, None, 100)[-1].place


def test_old_files_go_a_few_at_a_time(folder):
    handled, folded = ends(folder)
    now_ms = NOON_MS + 4 * DAY_MS
    first = remove_old(folder, KEPT, now_ms, handled=handled, folded=folded)
    assert first.files == (
        "journal/2026-11-27.db", "journal/2026-11-28.db", "receipts/2026-11-27T12.db", "receipts/2026-11-27T13.db",
    )  # fmt: skip
    second = remove_old(folder, KEPT, now_ms, handled=handled, folded=folded)
    assert second.files == ("receipts/2026-11-27T14.db",)
    assert len(read_journal(folder, None, 100)) == 3
    assert len(read_receipts(folder, None, 100)) == 2


def test_nothing_goes_before_it_is_handled(folder):
    (handled, *_others), (folded, *_more) = (
        [event.place for event in read_journal(folder, None, 9)],
        [one.place for one in read_receipts(folder, None, 9)],
    )
    assert remove_old(folder, KEPT, NOON_MS + 99 * DAY_MS, handled=handled, folded=folded).files == ()
    assert remove_old(folder, KEPT, NOON_MS + 99 * DAY_MS, handled=None, folded=None).files == ()


def test_a_cursor_in_a_removed_file_goes_on_with_the_next(folder):
    handled, folded = ends(folder)
    first = read_journal(folder, None, 1)[0].place
    remove_old(folder, KEPT, NOON_MS + 4 * DAY_MS, handled=handled, folded=folded)
    assert [event.place.file for event in read_journal(folder, first, 100)] == [f"2026-11-{day}.db" for day in (29, 30)] + [
        "2026-12-01.db"
    ]


def test_parked_events_and_refusals_expire(tmp_path):
    parked, refused = Parked(tmp_path), Refused(tmp_path)
    parked.append([ParkedEvent(APP, OA, "wrong", "mac=ab", 0, at_ms, b"{}") for at_ms in (NOON_MS, NOON_MS + HOUR_MS)])
    for at_ms in (NOON_MS, NOON_MS + HOUR_MS):
        refused.note(APP, "192.0.2.1", "signature", at_ms)
    refused.flush()
    gone = remove_old(tmp_path, KEPT, NOON_MS + HOUR_MS + 60_000, handled=None, folded=None)
    assert (gone.parked, gone.refused) == (1, 1)
    assert (parked.counts().waiting, len(refused.since(0))) == (1, 1)


def test_a_folder_that_is_not_there_yet(tmp_path):
    assert remove_old(tmp_path / "inbound", KEPT, NOON_MS, handled=None, folded=None) == ((), 0, 0)


def test_how_long_things_are_kept(tmp_path):
    assert load_retention(tmp_path) == Retention(30 * 86_400, 7 * 86_400, 48 * 3600, 30 * 86_400)
    (tmp_path / "inbound").mkdir()
    (tmp_path / "inbound/retention.yaml").write_text("journal: 90d\nparked: 12h\n", encoding="utf-8")
    assert load_retention(tmp_path) == Retention(90 * 86_400, 7 * 86_400, 12 * 3600, 30 * 86_400)


@pytest.mark.parametrize("text", ["journal: 30\n", "journal: 0d\n", "jurnal: 30d\n", "- x\n", "journal: [30d]\n", "journal:\n"])
def test_a_faulty_retention_names_its_place(tmp_path, text):
    (tmp_path / "inbound").mkdir()
    (tmp_path / "inbound/retention.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as caught:
        load_retention(tmp_path)
    assert caught.value.problems[0].line == 1
