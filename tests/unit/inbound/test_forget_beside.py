"""Somebody is forgotten while events of theirs are being handled: nothing brings them back."""

from contextlib import closing

from tests.inbound_work import OA, PERSON, keep, rows, text, work, worker_of
from zalo_alert.inbound import worker as module
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.traces import PersonTraces, Traces


def test_a_worker_that_had_read_the_events_already_brings_nobody_back(tmp_path, monkeypatch):
    work(tmp_path, text("xin chào"))
    keep(tmp_path, text("chào lần nữa"), text("tin của người khác", person="77"))

    def read_then_forget(*args):
        events = read_journal(*args)
        monkeypatch.setattr(module, "read_journal", read_journal)
        PersonTraces(tmp_path, OA, PERSON).take_out()
        return events

    monkeypatch.setattr(module, "read_journal", read_then_forget)
    with closing(worker_of(tmp_path)) as worker:
        while worker.step():
            pass

    assert PersonTraces(tmp_path, OA, PERSON).find() == Traces()
    assert rows(tmp_path, "SELECT user_id FROM person") == [("77",)]
    assert rows(tmp_path, "SELECT sum(n) FROM tally") == [(3,)]


def test_a_replay_of_events_read_before_brings_nobody_back(tmp_path):
    work(tmp_path, text("xin chào"))
    with closing(worker_of(tmp_path)) as worker:
        events = read_journal(tmp_path / "inbound", None, 10)
        PersonTraces(tmp_path, OA, PERSON).take_out()
        worker.again(events)

    assert PersonTraces(tmp_path, OA, PERSON).find() == Traces()
