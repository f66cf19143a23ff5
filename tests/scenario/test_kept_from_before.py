"""What an earlier version has written still opens: a workspace, a book, and a run that was stopped half way."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.digests import digest_of
from zalo_alert.runs import contents
from zalo_alert.runs.run import Run

pytestmark = pytest.mark.long

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


def test_a_run_of_before_goes_on_although_more_is_asked_of_campaigns_since(desk, sandbox):
    path = desk.at(sandbox).folder / desk.campaign(routes='[{type: template, template_id: "311203", data: {ma_tin: "A"}}]')
    sandbox.change(stop_after=100)
    assert desk.run("send", path.name, "--yes").code == 13
    _freeze_as_before(desk.folder, path, 'correction: {text: "tin trước sai"}\n')  # without a route, and without drill words
    sandbox.change(stop_after=0)

    assert desk.run("validate", path.name).code == 10
    done = desk.run("send", path.name)

    assert done.code == 0, done.said
    assert sandbox.stats()["accepted"] == 1000


def _freeze_as_before(folder: Path, path: Path, more: str) -> None:
    """Let a run have been frozen from a text with some lines more."""
    run = folder / ".zalo-alert" / "runs" / "DT-1"
    text = path.read_bytes() + more.encode()
    for file in (path, run / "campaign.yaml"):
        file.write_bytes(text)
    with closing(sqlite3.connect(run / "run.db")) as db, db:
        facts = dict(db.execute("SELECT name, value FROM fact"))
        facts["campaign_digest"] = orjson.dumps(digest_of(text)).decode()
        facts["parts"] = "[]"
        db.executemany("UPDATE fact SET value = ? WHERE name = ?", [(value, name) for name, value in facts.items()])
    with closing(Run(run)) as opened:
        digest = contents.earlier_digest(opened)
    with closing(sqlite3.connect(run / "run.db")) as db, db:
        db.execute("UPDATE fact SET value = ? WHERE name = 'digest'", (orjson.dumps(digest).decode(),))
