"""What an earlier version has written still opens: a workspace, a book, and a run that was stopped half way."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.runs.run import Run

KEPT = Path(__file__).parent.parent / "data" / "workspace-0.1"  # as version 0.1.0 left it, `.zalo-alert` named `state`
AUDIENCE, ACCEPTED = 120, 45


@pytest.fixture
def kept_desk(empty_desk, sandbox) -> Iterator:
    shutil.copytree(KEPT, empty_desk.folder, dirs_exist_ok=True)
    (empty_desk.folder / "state").rename(empty_desk.folder / ".zalo-alert")
    return empty_desk.at(sandbox)


def test_a_book_of_before_opens_and_is_planned_from(kept_desk):
    assert kept_desk.run("followers", "stats", "--json").fact("book")["people"] == AUDIENCE
    assert kept_desk.run("plan", "c.yaml", "--json").fact("plan")["people"] == AUDIENCE


def test_a_run_of_before_goes_on_with_the_text_that_it_began_with(kept_desk):
    def is_marked(name: str) -> bool:
        with closing(Run(kept_desk.folder / ".zalo-alert" / "runs" / name)) as run:
            return frozen_campaign(run).is_marked

    assert kept_desk.run("send", kept_desk.campaign(code="DT-2"), "--yes").code == 0
    assert (is_marked("DT-1"), is_marked("DT-2")) == (False, True)


def test_a_run_of_before_is_known_and_goes_on_to_its_end(kept_desk, sandbox):
    assert kept_desk.run("status", "DT-1", "--json").fact("status")["totals"]["accepted"] == ACCEPTED
    assert "--moved" in kept_desk.run("resume", "DT-1", "--early").said  # it has lived elsewhere
    done = kept_desk.run("resume", "DT-1", "--early", "--moved", "the other is gone")

    assert done.code == 0, done.said
    assert sandbox.stats()["accepted"] == AUDIENCE - ACCEPTED
    assert set(kept_desk.states().values()) == {"accepted"}
    assert kept_desk.run("report", "DT-1").code == 0
