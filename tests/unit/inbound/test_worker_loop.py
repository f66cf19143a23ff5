"""The worker's loop: events first, what goes wrong beside them is told and keeps nothing waiting, and it says where it stands."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.inbound_work import NOW_MS, keep, tally, text, worker_of
from zalo_alert.errors import RunBusy, StorageUnusable
from zalo_alert.inbound.effects import Effect
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.worker import Worker
from zalo_alert.inbound.worker_lock import worker_held
from zalo_alert.inbound.worker_loop import AGAIN_S, FULL, PAUSE_S, SHARE_S, Beside, WorkerLoop
from zalo_alert.inbound.worker_sight import class_totals, cursor_of, seen_names, set_aside, worker_sight
from zalo_alert.testing import FakeClock


def loop_of(worker: Worker, state: Path, notes: list[str], *beside: Beside, clock: FakeClock | None = None) -> WorkerLoop:
    return WorkerLoop(worker, state, clock or FakeClock(), beside, notes.append)


def test_it_handles_what_is_there_and_pauses_when_nothing_is(tmp_path: Path) -> None:
    keep(tmp_path, text("một"), text("hai"))
    with closing(worker_of(tmp_path)) as worker:
        loop = loop_of(worker, tmp_path, [])

        assert [loop.turn(), loop.turn()] == [SHARE_S, PAUSE_S]

    assert tally(tmp_path) == {EventClass.FILED: 2}


def test_many_events_at_once_are_worth_a_commit_of_their_own(tmp_path: Path) -> None:
    keep(tmp_path, *(text(str(number)) for number in range(FULL)))
    with closing(worker_of(tmp_path)) as worker:
        loop = loop_of(worker, tmp_path, [])

        assert [loop.turn(), loop.turn()] == [0, PAUSE_S]


def test_what_fails_beside_the_events_is_told_once_and_tried_again(tmp_path: Path) -> None:
    clock, notes, tried = FakeClock(), list[str](), list[int]()

    def fail() -> object:
        tried.append(len(tried))
        raise ValueError("what somebody wrote")

    keep(tmp_path, text("một"))
    with closing(worker_of(tmp_path)) as worker:
        loop = loop_of(worker, tmp_path, notes, Beside("folding", 5, fail), clock=clock)
        for _ in range(4):
            loop.turn()
            clock.move(2)

    assert tally(tmp_path) == {EventClass.FILED: 1}
    assert len(tried) == 2
    assert len(notes) == 1
    assert "folding" in notes[0]
    assert "somebody" not in notes[0]


def test_what_has_more_to_do_goes_on_at_once_while_no_event_waits(tmp_path: Path) -> None:
    left = [3]

    def fold() -> object:
        left[0] -= 1
        return left[0] > 0

    with closing(worker_of(tmp_path)) as worker:
        loop = loop_of(worker, tmp_path, [], Beside("folding", 60, fold))

        assert [loop.turn() for _ in range(4)] == [0, 0, PAUSE_S, PAUSE_S]


def test_a_disk_that_fails_is_told_and_waited_for(tmp_path: Path) -> None:
    notes: list[str] = []
    keep(tmp_path, text("một"))
    with closing(worker_of(tmp_path)) as worker:
        handle = worker.handle

        def full(*event: object, **more: object) -> Effect:
            raise StorageUnusable("the disk is full")

        worker.handle = full
        loop = loop_of(worker, tmp_path, notes)
        assert [loop.turn(), loop.turn()] == [AGAIN_S, AGAIN_S]
        assert notes == ["the disk is full"]

        worker.handle = handle
        loop.turn()

    assert tally(tmp_path) == {EventClass.FILED: 1}


def test_it_says_where_it_stands(tmp_path: Path) -> None:
    assert (worker_sight(tmp_path), cursor_of(tmp_path)) == (None, None)
    keep(tmp_path, text("một"), text("dừng"), arrived_ms=NOW_MS)
    stopped = threading.Event()
    stopped.set()
    with closing(worker_of(tmp_path)) as worker:
        loop = loop_of(worker, tmp_path, [])
        loop.turn()
        loop.run(stopped)

    sight, cursor = worker_sight(tmp_path), cursor_of(tmp_path)
    assert sight
    assert (sight.handled, sight.trouble) == (2, "")
    assert cursor
    assert cursor.seq == 2
    assert class_totals(tmp_path) == {EventClass.FILED: 1, EventClass.OPTED_OUT: 1}
    assert class_totals(tmp_path, NOW_MS + 60_000) == {}
    assert [list(names) for names in seen_names(tmp_path).values()] == [["user_send_text"]]
    assert set_aside(tmp_path) == []


def test_one_worker_a_workspace(tmp_path: Path) -> None:
    with worker_held(tmp_path), pytest.raises(RunBusy), worker_held(tmp_path, patience_s=0):
        pass
    with worker_held(tmp_path, patience_s=0):
        pass
