"""What happened to a run, read back as it was written: by whoever reads it, in their language."""

import re
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from zalo_alert.delivery.dispatcher import StopReason
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.database import Database
from zalo_alert.language import Phrase, Sentence, _
from zalo_alert.operations.commands import spoken
from zalo_alert.runs.history import CURE, EVENTS, History, Hold

AT = datetime(2026, 11, 26, 2, 0, tzinfo=VIETNAM)
TABLE = "CREATE TABLE history (at_s REAL NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);"


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "run.db", schema=TABLE)) as database:
        yield database


def test_sentences_are_read_as_they_were_written(database):
    why = _("the run halted: {reason}", reason=_("out of quota"))
    History(database).note("halted", why, AT, cure=_("raise the quota, then {resume}", resume=Cure.RESUME("DT-1")))

    last, cure = History(database).latest()

    assert isinstance(last.detail, Sentence)
    assert (last.at_s, last.what, last.detail) == (AT.timestamp(), "halted", "the run halted: out of quota")
    assert spoken(cure) == "raise the quota, then `zalo-alert resume DT-1`"


def test_what_an_earlier_version_kept_is_text_and_its_cure_still_has_steps(database):
    rows = [(1.0, "halted", "Zalo said ⟨send X⟩"), (1.0, CURE, "see to it, then ⟨resume DT-1⟩")]
    database.run_many("INSERT INTO history VALUES (?, ?, ?)", rows)

    last, cure = History(database).latest()

    assert not isinstance(last.detail, Phrase)
    assert spoken(_("last: {detail}", detail=last.detail)) == "last: Zalo said ‹send X›"
    assert spoken(_("→ {cure}", cure=cure)) == "→ see to it, then `zalo-alert resume DT-1`"


def test_every_ending_and_every_hold_has_words_for_a_person():
    assert {*StopReason, *(hold for hold in Hold if hold)} <= set(EVENTS)


def test_why_it_happened_is_kept_as_a_word_and_is_no_event(database):
    history = History(database)
    history.note("halted", "no money", AT, cure="top up", cause="money")
    assert history.cause() == "money"
    assert [event.what for event in history.events()] == ["halted", CURE]
    assert (history.latest()[0].what, history.latest()[1]) == ("halted", "top up")

    history.note("started", "", AT)
    assert history.cause() == ""


def test_every_event_stands_on_the_page():
    page = (Path(__file__).parent.parent.parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
    table = page.partition("\n## Events")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(EVENTS)
