"""What is done beside its caller is done in order, and what goes wrong is told there."""

import threading
from functools import partial

import pytest

from zalo_alert.inbound.second_thread import SecondThread


def test_things_are_done_one_after_another_in_one_other_thread():
    thread, done = SecondThread("beside"), list[tuple[int, str]]()

    def note(at):
        done.append((at, threading.current_thread().name))

    futures = [thread.submit(partial(note, at)) for at in range(3)]
    thread.close()
    for future in futures:
        future.result(timeout=30)
    assert done == [(at, "beside") for at in range(3)]


def test_what_goes_wrong_is_raised_where_it_is_asked_for_and_ends_nothing():
    thread, done = SecondThread("beside"), list[str]()
    with pytest.raises(IndexError):
        thread.submit(lambda: done.remove(done[0])).result(timeout=30)
    thread.submit(lambda: done.append("the next")).result(timeout=30)
    assert done == ["the next"]
    thread.close()
