import random

import pytest

from tests.webhook_events import OA, receipt, said
from zalo_alert.inbound.event import EventClass, ReceiptKind, Unreadable, read_event, receipts_of
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.sums import sums_of, words_kept
from zalo_alert.inbound.worker import Worker

NOON_MS = 1_795_780_800_000  # 2026-11-27 12:00 UTC
HOUR_MS = 3_600_000

BODIES = (
    said(), said(message={"text": "cứu", "msg_id": "96d3cdf3af150460909"}), said(event_name="follow", message=None),
    said(event_name="of the future"), said(recipient={"id": "1"}), said(event_name=None), said(timestamp="1"),
    said(message={"text": "This is testing message", "msg_id": "This is message id"}),
)  # fmt: skip


def arrival(body, mac, at_ms):
    try:
        event = read_event(body, mac)
    except Unreadable as exc:
        event = exc.event
    return Arrival(event, body, at_ms, 0)


def some_arrivals(rng, at_ms):
    bodies = [rng.choice(BODIES).replace(b"96d3", b"%04d" % rng.randrange(30)) for _ in range(rng.randrange(1, 20))]
    return [arrival(body.replace(b"1787209817225", b"%d" % at_ms), f"{rng.randrange(9)}", at_ms) for body in bodies]


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_add_up_whatever_comes_and_whoever_is_killed(tmp_path, seed):
    rng, folder, at_ms = random.Random(seed), folder_of(tmp_path), NOON_MS - 2 * HOUR_MS
    journal, lane = Journal(folder), ReceiptLane(folder, str)
    worker = Worker(tmp_path, lambda oa: oa == OA)
    acknowledged = receipts = 0
    for _ in range(15):
        at_ms += rng.randrange(HOUR_MS)
        arrivals = some_arrivals(rng, at_ms)
        journal.append(arrivals)
        acknowledged += len(arrivals)
        seen = [
            receipt("user_seen_message", {"msg_ids": [str(n) for n in range(rng.randrange(4))]}) for _ in range(rng.randrange(3))
        ]
        lane.append([one for body in seen for one in receipts_of(body)], at_ms)
        receipts += len(seen)
        if rng.random() < 0.4:
            worker.step(rng.randrange(1, 30))
        if rng.random() < 0.2:
            journal, worker = Journal(folder), Worker(tmp_path, lambda oa: oa == OA)
        sums, today = sums_of(tmp_path, 0), sums_of(tmp_path, NOON_MS)
        assert sums.adds_up
        assert today.adds_up
        assert sums.stored + sums.repeated == acknowledged
        assert sums.receipts.get(ReceiptKind.SEEN, 0) == receipts
    while worker.step():
        pass
    sums = sums_of(tmp_path, 0)
    assert (sums.waiting, sums.oldest_waiting_ms, sum(sums.classes.values())) == (0, None, sums.stored)
    assert sums.acknowledged == acknowledged + receipts
    assert {EventClass.FILED, EventClass.JOINED, EventClass.STRANGER, EventClass.TEST} <= set(sums.classes)


def test_nothing_yet(tmp_path):
    assert sums_of(tmp_path, 0) == (0, 0, {}, {}, 0, None)
    assert words_kept(tmp_path) == 0


def test_words_are_counted(tmp_path):
    Journal(folder_of(tmp_path)).append([arrival(body, "ab", NOON_MS) for body in BODIES[:3]])
    assert words_kept(tmp_path) == 2
    sums = sums_of(tmp_path, 0)
    assert (sums.waiting, sums.oldest_waiting_ms) == (3, NOON_MS)
