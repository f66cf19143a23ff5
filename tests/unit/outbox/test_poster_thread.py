"""The poster's thread: begun again when it fails, woken by whoever puts, and ended."""

import threading
from contextlib import asynccontextmanager

from tests.outboxes import NOW_MS, FreePace, Zalo, answer, database, put, tallied
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.outbox.poster import Poster
from zalo_alert.outbox.poster_thread import PosterThread
from zalo_alert.outbox.turns import Turns


def opening_of(db, *failures):
    """Return what lends a poster, after it has failed so often."""
    left, pace = list(failures), FreePace()

    @asynccontextmanager
    async def opening():
        if left:
            raise left.pop(0)
        yield Poster(Turns(db, pace), pace, Zalo().sender_of, SystemClock(), print)

    return opening


def lasting(user_id):
    return answer(user_id, expires_ms=4 * NOW_MS)


def test_it_posts_what_is_put_until_it_ends(tmp_path, wait_until):
    with database(tmp_path) as db, database(tmp_path) as theirs:
        with PosterThread(opening_of(db), print) as thread:
            for number in range(3):
                put(theirs, lasting(str(number)))
                thread.wake()
                wait_until(lambda number=number: tallied(theirs) == {("accepted", ""): number + 1})
        put(theirs, lasting("3"))
        thread.wake()
        assert tallied(theirs) == {("accepted", ""): 3}


def test_it_begins_again_when_it_fails_and_tells_once_in_a_row(tmp_path, wait_until, monkeypatch):
    monkeypatch.setattr("zalo_alert.outbox.poster_thread.AGAIN_S", 0.01)
    notes: list[str] = []
    failures = StorageUnusable("the disk is full"), StorageUnusable("the disk is full"), ZeroDivisionError()
    with database(tmp_path) as db, database(tmp_path) as theirs:
        put(theirs, lasting("1"))
        with PosterThread(opening_of(db, *failures), notes.append):
            wait_until(lambda: tallied(theirs) == {("accepted", ""): 1})
    assert notes[0] == "the disk is full"
    assert notes[1].startswith("outbox: a mistake of this tool: ZeroDivisionError at test_poster_thread.py:")
    assert len(notes) == 2


def test_it_ends_while_it_keeps_failing(tmp_path):
    with database(tmp_path) as db, PosterThread(opening_of(db, *[StorageUnusable("no")] * 10), print) as thread:
        thread.wake()
    assert "poster" not in {each.name for each in threading.enumerate()}
