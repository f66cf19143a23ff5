"""What whoever takes over a shift is told beside the runs: a workspace at rest, backups, what the clock does in twelve hours."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations import open_matters as matters_of
from zalo_alert.operations.scaffold import create
from zalo_alert.settings.load import load
from zalo_alert.settings.model import BackupRule
from zalo_alert.settings.rest_mark import Rest, RestMark, keep_rest
from zalo_alert.testing import FakeClock
from zalo_alert.timetable.entry import Entries, Entry, Means

FRIDAY = datetime(2026, 11, 27, 22, 0, tzinfo=VIETNAM)
ARTICLE = "---\ntitle: Tin\ndescription: Tin\nauthor: Cục\ncover: https://pctt.example/bia.jpg\n---\nViệc cần làm.\n"


@pytest.fixture
def settings(tmp_path):
    create(tmp_path, FRIDAY)
    return load(tmp_path, {})


def open_at(settings, now=FRIDAY):
    return [(matter.kind, str(matter.text), matter.is_urgent) for matter in matters_of.open_matters(settings, FakeClock(now))]


def test_a_quiet_workspace_has_nothing_open(settings):
    assert open_at(settings) == []


def test_a_workspace_that_sends_nothing_says_so_first_and_how_it_is_woken(settings):
    settings.state_dir.mkdir(exist_ok=True)
    keep_rest(settings.state_dir, RestMark(Rest.ASLEEP, FRIDAY, folder="/srv/pctt"))

    ((kind, text, is_urgent),) = open_at(settings)
    assert kind == "rest"
    assert "is asleep" in text
    assert "wake" in text
    assert is_urgent


def test_a_backup_that_was_never_made_is_said_where_the_office_makes_them(settings):
    office = replace(settings, backup=BackupRule(recipients=("age1x",), folder=Path("/mnt/nas")))
    assert [kind for kind, _text, _urgent in open_at(office)] == ["backup"]


@pytest.mark.parametrize(
    ("at", "more", "said"),
    [
        ("daily 06:00", {"code": "DT-1", "campaign": "c.yaml"}, ["scheduled"]),
        ("mon 07:30", {"code": "DT-1", "campaign": "c.yaml"}, []),
        ("daily 06:00", {"task": "refresh", "words": ("accounts",)}, []),
    ],
    ids=["in this shift", "in a later one", "upkeep"],
)
def test_campaigns_that_the_clock_sends_in_this_shift_are_said(settings, at, more, said):
    Entries(settings.state_dir).keep(Entry("dt-1", str(settings.workspace), at, Means.CRON, FRIDAY, "u", **more))

    found = open_at(settings)
    assert [kind for kind, _text, _urgent in found] == said
    assert all("DT-1 is sent by the clock at 06:00" in text for _kind, text, _urgent in found)


def test_articles_of_this_shift_are_said_and_those_that_are_late_first(settings):
    for name in ("a.md", "b.md", "c.md"):
        (settings.workspace / "articles" / name).write_text(ARTICLE.replace("Tin", name), encoding="utf-8")
    (settings.workspace / "articles" / "lich-2026-11.yaml").write_text(
        "month: 2026-11\nentries:\n  - {article: a.md, at: 2026-11-28 07:30}\n"
        "  - {article: b.md, at: 2026-11-29 18:00}\n  - {article: c.md, at: 2026-11-27 21:30}\n",
        encoding="utf-8",
    )

    late, ahead = open_at(settings)
    assert late[1].startswith("c.md was due at 21:30 and is not on 1 page yet")
    assert late[2]
    assert ahead[1].startswith("a.md appears at 07:30")
    assert not ahead[2]


def test_a_calendar_that_is_not_sound_is_itself_a_matter(settings):
    (settings.workspace / "articles" / "lich-2026-11.yaml").write_text("month: 2026-11\n", encoding="utf-8")
    assert [(kind, is_urgent) for kind, _text, is_urgent in open_at(settings)] == [("article", True)]


def test_the_calendar_of_the_next_month_counts_on_the_last_evening(settings):
    (settings.workspace / "articles" / "a.md").write_text(ARTICLE, encoding="utf-8")
    (settings.workspace / "articles" / "lich-2026-12.yaml").write_text(
        "month: 2026-12\nentries:\n  - {article: a.md, at: 2026-12-01 07:30}\n", encoding="utf-8"
    )
    assert [kind for kind, _text, _urgent in open_at(settings, FRIDAY + timedelta(days=3))] == ["article"]
    assert open_at(settings) == []
