"""Which runs a workspace has, whatever else stands where they stand."""

import os
from pathlib import Path

import pytest

from zalo_alert.errors import StorageUnusable, UsageError
from zalo_alert.models import RunId
from zalo_alert.runs.store import Runs


@pytest.fixture
def folder(tmp_path):
    """Two runs, of which the second was frozen first, and what is none."""
    for name, at_s in (("DT-1", 2000), ("DT-2", 1000)):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.db").touch()
        (tmp_path / "runs" / name / "campaign.yaml").touch()
        os.utime(tmp_path / "runs" / name / "campaign.yaml", (at_s, at_s))
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "note.txt").touch()
    (tmp_path / "runs" / ".draft").mkdir()
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "run.db").touch()
    return tmp_path / "runs"


def test_runs_are_named_the_latest_last(folder):
    assert Runs(folder).ids() == ["DT-2", "DT-1"]


def test_a_run_that_has_lost_its_campaign_is_named_all_the_same(folder):
    (folder / "DT-1" / "campaign.yaml").unlink()

    assert Runs(folder).ids() == ["DT-1", "DT-2"]


@pytest.mark.parametrize("name", ["../beside", "..", ".", "", ".draft", "note.txt", "empty", "DT-3"])
def test_nothing_else_is_opened_as_a_run(folder, name):
    with pytest.raises(UsageError, match="there is no run"):
        Runs(folder).open(name)


def test_where_the_runs_can_not_be_listed_it_is_said(tmp_path):
    (tmp_path / "runs").touch()

    with pytest.raises(StorageUnusable, match=r"can't read .*runs"):
        Runs(tmp_path / "runs").ids()
    assert Runs(tmp_path / "nothing").ids() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_run_without_rights_is_named_and_says_so_when_opened(folder):
    (folder / "DT-1").chmod(0)
    try:
        assert "DT-1" in Runs(folder).ids()
        with pytest.raises(StorageUnusable, match="Permission denied"):
            Runs(folder).open("DT-1")
        assert (RunId("DT-1"), float("inf")) in Runs(folder).written_since(0)
    finally:
        (folder / "DT-1").chmod(0o700)


def test_of_many_open_runs_the_latest_are_named(folder):
    class Open(Runs):
        """Runs that are all open."""

        def unfinished(self):
            return [f"DT-{number}" for number in range(1, 2001)]

    with pytest.raises(UsageError, match=r"DT-1996, DT-1997, DT-1998, DT-1999, DT-2000 and 1995 earlier ones"):
        Open(Path(folder)).check_one_is_open()
