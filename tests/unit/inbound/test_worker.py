"""The worker: each event has its effects once, in one class, whatever order it comes in and whatever goes wrong."""

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.inbound_work import NOW_MS, OA, PERSON, body, keep, rows, stops, tally, text, work, worker_of
from zalo_alert.inbound.effects import LATE_MS, Effect
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import StoredEvent, read_journal
from zalo_alert.inbound.stops import StopKind
from zalo_alert.inbound.worker import Aside, Worker

CLASSES = [
    (text("Nước lên rồi"), EventClass.FILED),
    (text("STOP"), EventClass.OPTED_OUT),
    (text("MO LAI"), EventClass.OPTED_IN),
    (body("follow"), EventClass.FOLLOWED),
    (body("unfollow"), EventClass.UNFOLLOWED),
    (body("user_submit_info", info={"name": "An"}), EventClass.COUNTED),
    (body("user_withdraw"), EventClass.FILED),
    (body("anonymous_send_text", message={"text": "xin chào", "msg_id": "a1", "conversation_id": "c"}), EventClass.FILED),
    (body("anonymous_send_text", message={"text": "STOP", "msg_id": "a2", "conversation_id": "c"}), EventClass.FILED),
    (body("user_reacted_message", message={"msg_id": "r", "react_icon": "/-heart"}), EventClass.COUNTED),
    (text("Xin chào", NOW_MS - LATE_MS - 10_000), EventClass.LATE),
    (text("dừng", NOW_MS - LATE_MS - 10_000), EventClass.OPTED_OUT),
    (body("user_sings_a_song"), EventClass.UNKNOWN_EVENT),
    (body("user_send_text", message={"text": "This is testing message", "msg_id": "This is message id"}), EventClass.TEST),
    (text("Xin chào", oa="1"), EventClass.STRANGER),
    (b'{"app_id": "360846524940903967", "event_name": 7', EventClass.UNREADABLE),
    (body("user_send_text", message=["no", "message"]), EventClass.FILED),
    (body("user_send_text", message={"text": {"no": "text"}, "msg_id": "x"}), EventClass.FILED),
    (body("user_submit_info", info="none"), EventClass.COUNTED),
]


@pytest.mark.parametrize(("raw", "kind"), CLASSES, ids=[f"{number}-{kind}" for number, (_, kind) in enumerate(CLASSES)])
def test_every_event_is_in_one_class(tmp_path: Path, raw: bytes, kind: EventClass) -> None:
    assert work(tmp_path, raw) == {kind: 1}


def test_the_classes_add_up_to_the_journal(tmp_path: Path) -> None:
    classes = work(tmp_path, *(raw for raw, _ in CLASSES))

    assert sum(classes.values()) == len(CLASSES) == len(read_journal(folder_of(tmp_path), None, 1000))


def test_an_album_of_one_message_is_filed_once_and_joined(tmp_path: Path) -> None:
    pictures = [
        body(
            "user_send_image",
            message={"msg_id": "album", "attachments": [{"type": "image", "payload": {"url": f"https://z/{n}"}}]},
        )
        for n in range(3)
    ]

    assert work(tmp_path, *pictures) == {EventClass.FILED: 1, EventClass.JOINED: 2}


@pytest.mark.parametrize("seed", range(6))
def test_the_latest_event_counts_whichever_came_last(tmp_path: Path, seed: int) -> None:
    events = [
        body("follow", NOW_MS - 5000), body("unfollow", NOW_MS - 3000), body("follow", NOW_MS - 2000),
        text("STOP", NOW_MS - 4000), text("MO LAI", NOW_MS - 2500), text("dừng", NOW_MS - 1000),
        body("user_submit_info", NOW_MS - 2000, info={"name": "Cũ"}),
        body("user_submit_info", NOW_MS - 1000, info={"name": "Mới"}),
    ]  # fmt: skip
    random.Random(seed).shuffle(events)

    work(tmp_path, *events[:4])
    work(tmp_path, *events[4:])

    assert rows(tmp_path, "SELECT followed, at_ms, first_ms, last_in_ms FROM person") == [
        (1, NOW_MS - 2000, NOW_MS - 5000, NOW_MS - 1000)
    ]
    assert rows(tmp_path, "SELECT name FROM info") == [("Mới",)]
    assert stops(tmp_path).get((PERSON, StopKind.WORDS)) is True
    assert not stops(tmp_path).get((PERSON, StopKind.LEFT))


def test_an_event_of_the_far_future_does_not_hold_for_ever(tmp_path: Path) -> None:
    work(tmp_path, text("STOP", NOW_MS + 10**11), text("MO LAI", NOW_MS + 2000), arrived_ms=NOW_MS)

    assert stops(tmp_path) == {(PERSON, StopKind.WORDS): False}


def test_whoever_floods_is_not_filed_and_may_still_opt_out(tmp_path: Path) -> None:
    other = "246845883529197923"

    classes = work(tmp_path, *(text(f"xin chào {n}") for n in range(40)), text("STOP"), text("xin chào", person=other))

    assert classes == {EventClass.FILED: 31, EventClass.FLOODED: 10, EventClass.OPTED_OUT: 1}
    assert work(tmp_path, *(text(f"lại {n}") for n in range(25)), arrived_ms=NOW_MS + 60_900) == {
        EventClass.FILED: 31 + 20, EventClass.FLOODED: 10 + 5, EventClass.OPTED_OUT: 1,
    }  # fmt: skip


def test_the_bodies_of_a_torrent_are_not_kept(tmp_path: Path) -> None:
    work(tmp_path, *(text(f"xin chào {n}") for n in range(230)), text("dừng"))

    kept = [event.body for event in read_journal(folder_of(tmp_path), None, 1000)]
    assert [bool(raw) for raw in kept] == [True] * 200 + [False] * 30 + [True]
    assert stops(tmp_path) == {(PERSON, StopKind.WORDS): True}


def test_an_event_that_fails_is_set_aside_and_stops_nobody(tmp_path: Path) -> None:
    keep(tmp_path, text("một"), text("hai"), body("follow"), text("ba"))
    asides: list[Aside] = []

    with closing(worker_of(tmp_path, asides)) as worker:
        tried = fail_at(worker, b"hai")
        while worker.step():
            pass

    assert tally(tmp_path) == {EventClass.FILED: 2, EventClass.FOLLOWED: 1, EventClass.SET_ASIDE: 1}
    assert [(aside.name, aside.oa) for aside in asides] == [("user_send_text", OA)]
    assert "hai" not in asides[0].why
    assert "test_worker.py" in asides[0].why
    assert tried.count(b"hai") == 4  # with the others, then three times alone


def test_what_was_set_aside_is_handled_by_a_replay_and_counted_anew(tmp_path: Path) -> None:
    keep(tmp_path, text("một"), text("dừng"), body("follow"))
    with closing(worker_of(tmp_path)) as worker:
        fail_at(worker, "dừng".encode())
        while worker.step():
            pass
    events = read_journal(folder_of(tmp_path), None, 10)

    with closing(worker_of(tmp_path)) as worker:
        first, second = worker.again(events), worker.again(events)

    assert first == second == {EventClass.FILED: 1, EventClass.OPTED_OUT: 1, EventClass.FOLLOWED: 1}
    assert tally(tmp_path) == {EventClass.FILED: 1, EventClass.OPTED_OUT: 1, EventClass.FOLLOWED: 1}
    assert stops(tmp_path) == {(PERSON, StopKind.WORDS): True}


def test_a_replay_changes_nothing(tmp_path: Path) -> None:
    classes = work(tmp_path, *(raw for raw, _ in CLASSES))
    before = rows(tmp_path, "SELECT * FROM person"), stops(tmp_path), rows(tmp_path, "SELECT * FROM info")

    with closing(worker_of(tmp_path)) as worker:
        worker.again(read_journal(folder_of(tmp_path), None, 1000))

    assert (rows(tmp_path, "SELECT * FROM person"), stops(tmp_path), rows(tmp_path, "SELECT * FROM info")) == before
    assert tally(tmp_path) == classes


def fail_at(worker: Worker, words: bytes) -> list[bytes]:
    """Have a worker fail at an event of these words; return what it is given."""
    handle, tried = worker.handle, list[bytes]()

    def handle_or_fail(event: StoredEvent, **more: bool) -> Effect:
        tried.append(orjson.loads(event.body).get("message", {}).get("text", "").encode())
        if words in event.body:
            raise ValueError(event.body.decode())
        return handle(event, **more)

    worker.handle = handle_or_fail
    return tried


_KILLED = """
import os, sys
from pathlib import Path
from zalo_alert.inbound.worker import Worker
state, at = Path(sys.argv[1]), int(sys.argv[2])
worker = Worker(state, lambda oa: True)
handle, handled = worker.handle, 0
def handle_or_die(event, **more):
    global handled
    handled += 1
    if handled == at:
        os._exit(9)  # as kill -9: nothing is flushed, nothing is rolled back in order
    return handle(event, **more)
worker.handle = handle_or_die
while worker.step(limit=7):
    pass
"""


def test_a_worker_killed_anywhere_leaves_each_event_with_its_effects_once(tmp_path: Path) -> None:
    people = [f"2468458835291{n:05}" for n in range(20)]
    keep(tmp_path, *(text("xin chào", person=person) for person in people), *(text("STOP", person=person) for person in people))

    deaths = 0
    for at in (1, 3, 8, 15, 10):
        deaths += subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), str(at)], check=False).returncode == 9
    work(tmp_path)

    assert deaths == 5
    assert tally(tmp_path) == {EventClass.FILED: 20, EventClass.OPTED_OUT: 20}
    assert sorted(stops(tmp_path)) == [(person, StopKind.WORDS) for person in people]
    assert rows(tmp_path, "SELECT sum(n) FROM seen") == [(40,)]


def test_an_opt_out_counts_though_our_clock_was_set_back_by_a_day(tmp_path):
    day_ms = 86_400_000
    work(tmp_path, text("MO LAI", NOW_MS), arrived_ms=NOW_MS + 1)

    work(tmp_path, text("STOP", NOW_MS + 10_000), arrived_ms=NOW_MS + 10_001 - day_ms)
    assert stops(tmp_path) == {(PERSON, StopKind.WORDS): True}

    work(tmp_path, text("MO LAI", NOW_MS + 20_000), arrived_ms=NOW_MS + 20_001 - day_ms)
    assert stops(tmp_path) == {(PERSON, StopKind.WORDS): False}
