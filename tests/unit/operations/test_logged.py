"""What a go at a run says and does stands in the run's log, once a minute how far it is, and at the end how it ended."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure, ErrorCause, RunSuspended
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.models import State
from zalo_alert.operations.logged import LoggedObserver, logged_go
from zalo_alert.operations.observing import Silent
from zalo_alert.operations.orders import Orders
from zalo_alert.runs.log import RunLog, read_log
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock


@dataclass
class Heard(Silent):
    """An observer that remembers."""

    said: list[str] = field(default_factory=list)
    times: int = 0

    def on_notice(self, notice: Notice) -> None:
        self.said.append(notice.sentence)

    def on_note(self, text: str) -> None:
        self.said.append(text)

    def on_progress(self, progress: Progress) -> None:
        self.times += 1


def at(accepted: int) -> Progress:
    totals = dict.fromkeys(State, 0) | {State.ACCEPTED: accepted, State.PENDING: 66_221 - accepted}
    return Progress(66_221, totals, 1039.2, 8.0, None, 64)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def run(tmp_path):
    (tmp_path / "runs" / "DT-1").mkdir(parents=True)
    facts = SimpleNamespace(accounts=["pctt"], audience=66_221, digest="ab" * 32)
    return cast("Any", SimpleNamespace(folder=tmp_path / "runs" / "DT-1", facts=facts, log=RunLog(tmp_path / "runs" / "DT-1")))


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(
        'profile: drill\naccounts: [{id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967"}]\n', encoding="utf-8"
    )
    return load(tmp_path, {"HTTPS_PROXY": "http://dung:matkhau@proxy:8080"})


def test_how_far_it_is_is_written_once_a_minute_and_passed_on_each_time(run, clock):
    heard = Heard()
    observer = LoggedObserver(heard, RunLog(run.folder), clock)
    for second in range(100):
        observer.on_progress(at(600 * second))
        clock.move(1)

    lines = list(read_log(run.folder))
    assert heard.times == 100
    assert [line.kind for line in lines] == ["progress"]
    assert lines[0].text == "36\u202f000 of 66\u202f221 settled (54.4 %), 1039/s"
    assert lines[0].facts["totals"] == {"accepted": 36_000, "pending": 30_221}


def test_what_is_said_is_written_as_loudly_as_it_was_said_also_while_nobody_reads(run, clock):
    heard = Heard()
    observer = LoggedObserver(heard, RunLog(run.folder), clock)
    observer.on_notice(Notice(_("frozen"), "frozen", Level.STRONG))
    observer.on_notice(Notice("", "quota"))
    with observer.queued() as queued:
        queued.on_note(_("halted"))
        written = [(line.kind, line.level.value, line.text) for line in read_log(run.folder)]

    assert written == [("notice", "strong", "frozen"), ("note", "warning", "halted")]
    assert heard.said == ["frozen", "", "halted"]


def test_a_go_begins_with_what_it_goes_by_without_secrets(run, clock, settings):
    with logged_go(run, settings, Orders(past_canary=True, despite_never="đã hỏi"), clock, Heard()) as going:
        going.end("xong", None)

    start, end = read_log(run.folder)
    assert start.facts["orders"] == {"past_canary": True, "despite_never": "đã hỏi"}
    assert (start.facts["profile"], start.facts["accounts"], start.facts["audience"]) == ("drill", ["pctt"], 66_221)
    assert start.facts["version"] in start.text
    assert b"matkhau" not in (run.folder / "log.jsonl").read_bytes()
    assert (end.kind, end.facts["exit_code"], end.level) == ("end", 0, Level.STRONG)


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        (RunSuspended(_("halted"), hint=_("{resume} continues", resume=Cure.RESUME("DT-1")), cause=ErrorCause.MONEY), 13,
         {"cause": "money", "cure": "⟨resume DT-1⟩ continues"}),
        (KeyboardInterrupt(), 130, {}),
        (ZeroDivisionError("of 0912345678"), 1, {}),
    ],
    ids=["halted", "twice Ctrl-C", "bug"],
)  # fmt: skip
def test_whatever_ends_a_go_is_its_last_line(run, clock, settings, error, code, facts):
    with pytest.raises(type(error)), logged_go(run, settings, Orders(), clock, Heard()):
        raise error

    end = list(read_log(run.folder))[-1]
    assert (end.kind, end.level, end.facts["exit_code"]) == ("end", Level.FAULT, code)
    assert facts.items() <= end.facts.items()
    assert "0912" not in end.text


def test_a_log_that_can_t_be_written_is_told_once_and_the_go_goes_on(run, clock, settings):
    (run.folder / "log.jsonl").mkdir()
    heard = Heard()
    with logged_go(run, settings, Orders(), clock, heard) as going:
        going.observer.on_notice(Notice("one"))
        going.observer.on_note("two")
        going.end("xong", None)

    assert [said.partition(":")[0] for said in heard.said] == [
        f"the log {run.folder / 'log.jsonl'} can't be written",
        "one",
        "two",
    ]
