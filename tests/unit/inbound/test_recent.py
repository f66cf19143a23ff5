"""What is read of the latest events for whoever looks after a webhook."""

from contextlib import closing
from datetime import datetime, timedelta

import pytest
import trustme

from tests.webhook_events import OA, PERSON, receipt, said
from zalo_alert.errors import SettingsInvalid
from zalo_alert.inbound.certificate import ends_at
from zalo_alert.inbound.event import EventClass, read_event, receipts_of
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.recent import furthest_ahead_ms, last_seen_ms, self_answered, strangers
from zalo_alert.models import Rank
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Outbox

NOON_MS, HOUR_MS = 1_795_780_800_000, 3_600_000


def keep_words(state_dir, event_ms, arrived_ms, number=1):
    body = said(message={"msg_id": f"m{number}", "text": "a"}, timestamp=str(event_ms))
    journal = Journal(folder_of(state_dir))
    journal.append([Arrival(read_event(body, "ab"), body, arrived_ms, 0)])
    journal.close()


def keep_receipt(state_dir, name, at_ms, **message):
    lane = ReceiptLane(folder_of(state_dir), str)
    lane.append(receipts_of(receipt(name, {"msg_id": "m"} | message, timestamp=str(at_ms))), at_ms)
    lane.close()


def test_where_there_was_never_a_webhook_nothing_came(tmp_path):
    found = (last_seen_ms(tmp_path), strangers(tmp_path, 0), furthest_ahead_ms(tmp_path), self_answered(tmp_path))

    assert found == ({}, {}, 0, [])
    assert list(tmp_path.iterdir()) == []


def test_kinds_of_events_are_known_from_both_lanes(tmp_path):
    store = open_store(tmp_path)
    store.run("INSERT INTO seen VALUES (?, 'follow', ?, 3)", (OA, NOON_MS))
    store.close()
    keep_receipt(tmp_path, "user_received_message", NOON_MS)
    keep_receipt(tmp_path, "user_received_message", NOON_MS + HOUR_MS)
    keep_receipt(tmp_path, "oa_send_image", NOON_MS + 5)

    assert last_seen_ms(tmp_path) == {
        (OA, "follow"): NOON_MS,
        (OA, "user_received_message"): NOON_MS + HOUR_MS,
        (OA, "oa_send_text"): NOON_MS + 5,
    }


def test_strangers_are_counted_since_a_time(tmp_path):
    store = open_store(tmp_path)
    rows = [
        (NOON_MS // 60_000, "5", EventClass.STRANGER, 2),
        (NOON_MS // 60_000, OA, EventClass.FILED, 7),
        (1, "6", "stranger", 1),
    ]
    store.run_many("INSERT INTO tally VALUES (?, ?, ?, ?)", rows)
    store.close()

    assert strangers(tmp_path, NOON_MS) == {"5": 2}


def test_how_far_events_are_ahead_of_the_clock(tmp_path):
    keep_words(tmp_path, NOON_MS + 400_000, NOON_MS)
    keep_words(tmp_path, NOON_MS, NOON_MS, 2)

    assert furthest_ahead_ms(tmp_path) == 400_000


@pytest.mark.parametrize(("after_ms", "answered"), [(800, [OA]), (5_000, [OA]), (5_001, []), (-1, [])])
def test_an_echo_at_once_after_a_persons_words_is_nobodys_of_ours(tmp_path, after_ms, answered):
    keep_words(tmp_path, NOON_MS, NOON_MS)
    keep_receipt(tmp_path, "oa_send_text", NOON_MS + after_ms, text="Xin chào")

    assert self_answered(tmp_path) == answered


@pytest.mark.parametrize(
    ("state", "message_id", "answered"),
    [("accepted", "m", []), ("accepted", "another", [OA]), ("unknown", "", []), ("claimed", "", []), ("expired", "", [OA])],
)
def test_an_echo_of_an_answer_of_ours_is_ours(tmp_path, state, message_id, answered):
    keep_words(tmp_path, NOON_MS, NOON_MS)
    keep_receipt(tmp_path, "oa_send_text", NOON_MS + 800, text="Xin chào")
    answer = Answer("x.db", 1, 0, OA, PERSON, Rank.RULE, "a/b", "", "Xin chào", (), NOON_MS, NOON_MS + HOUR_MS)
    with closing(open_store(tmp_path)) as store:
        Outbox(store).put(answer)
        store.run("UPDATE outbox SET state = ?, message_id = ?", (state, message_id))

    assert self_answered(tmp_path) == answered


def test_a_receipt_at_once_after_a_persons_words_is_no_answer(tmp_path):
    keep_words(tmp_path, NOON_MS, NOON_MS)
    keep_receipt(tmp_path, "user_seen_message", NOON_MS + 10)

    assert self_answered(tmp_path) == []


def test_when_a_certificate_ends(tmp_path):
    path, ends = tmp_path / "chain.pem", datetime.fromisoformat("2027-01-02T03:04:05+00:00")
    trustme.CA().issue_cert("a.vn", not_after=ends).private_key_and_cert_chain_pem.write_to_path(str(path))

    assert abs(ends_at(path) - ends) < timedelta(seconds=1)


@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_what_is_no_certificate_is_said(tmp_path, content):
    if content is not None:
        (tmp_path / "chain.pem").write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"chain\.pem"):
        ends_at(tmp_path / "chain.pem")
