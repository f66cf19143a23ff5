"""Where no workspace is named, the nearest folder upwards that holds one is meant."""

import os
import subprocess
import sys

import pytest


def test_a_command_in_a_subfolder_works_on_the_workspace_above_it(desk, sandbox):
    desk.at(sandbox)
    campaign = desk.folder / "campaigns" / "bao.yaml"
    (desk.folder / desk.campaign()).rename(campaign)
    desk.folder = campaign.parent
    result = desk.run("send", "bao.yaml", "--yes", "--json")

    assert result.code == 0, result.err
    assert (desk.folder.parent / ".zalo-alert" / "runs" / "DT-1" / "run.db").is_file()
    assert desk.run("status", "--json").fact("status")["state"] == "finished"


def test_a_folder_that_is_named_is_the_one_that_is_meant(desk):
    below = desk.folder / "campaigns"
    desk.folder = below
    named = desk.run("followers", "stats", "--workspace", ".")
    desk.environ["ZALO_ALERT_WORKSPACE"] = str(below)
    in_environment = desk.run("followers", "stats")

    assert named.code == in_environment.code == 11
    assert "is not a workspace: it has no zalo-alert.yaml" in named.said


def test_of_two_workspaces_above_the_nearer_one_is_meant(desk):
    inner = desk.folder / "campaigns" / "inner"
    assert desk.run("init", str(inner)).code == 0
    desk.folder = inner / "campaigns"
    result = desk.run("followers", "stats")

    assert result.code == 10, "the outer one has a follower book"
    assert "follower book" in result.said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_a_config_above_that_is_somebody_elses_is_not_believed(desk):
    os.chown(desk.folder / "zalo-alert.yaml", 12345, 12345)
    assert desk.run("followers", "stats").code == 0
    root, desk.folder = desk.folder, desk.folder / "campaigns"
    result = desk.run("followers", "stats")

    assert result.code == 11
    assert "zalo-alert.yaml belongs to somebody else" in result.said
    assert f"--workspace {root}" in result.said
    assert desk.run("followers", "stats", "--workspace", "..").code == 0


def test_a_folder_that_is_gone_is_told_in_words(desk):
    (desk.folder / "gone").mkdir()
    begin = "import os, runpy, sys; os.chdir('gone'); os.rmdir('../gone'); sys.argv = ['zalo-alert', 'runs']"
    words = [sys.executable, "-c", f"{begin}; runpy.run_module('zalo_alert', run_name='__main__')"]
    done = subprocess.run(words, cwd=desk.folder, capture_output=True, text=True, check=False)

    assert done.returncode == 11
    assert "Traceback" not in done.stderr
