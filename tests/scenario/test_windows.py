"""The first campaign through the command line, on a Python that shows itself to our code as Windows would.

`make windows` tries all scenarios so.
"""

import re

import pytest

pytestmark = [pytest.mark.long, pytest.mark.slow]

_REFUSED = re.compile(r'[<>:"|?*\x00-\x1f]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)


@pytest.fixture
def windows(desk):
    return desk.as_windows()


def test_the_first_campaign_is_sent_and_reported(windows, sandbox):
    windows.at(sandbox)
    sent = windows.run("send", windows.campaign(), "--yes")
    assert sent.code == 0, sent.err
    assert "finished" in sent.said
    assert windows.run("report").code == 0
    assert list(windows.states().values()) == ["accepted"] * sandbox.stats()["people"]
    names = [path.relative_to(windows.folder) for path in windows.folder.rglob("*")]
    assert names
    assert not [name for name in names if any(_REFUSED.search(part) for part in name.parts)]


@pytest.mark.long
def test_a_run_in_the_background_is_stopped_and_goes_on(desk_of, sandbox, wait_until):
    windows = desk_of(3000).as_windows().at(sandbox)
    windows.configure("app_per_minute: 6000000", "app_per_minute: 6000")
    assert windows.run("send", windows.campaign(), "--yes", "--detach").code == 0
    wait_until(lambda: sandbox.stats()["accepted"] > 10)
    assert windows.run("stop").code == 0
    wait_until(lambda: windows.run("status", "--json").fact("status")["state"] == "stopped")
    windows.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    assert windows.run("resume").code == 0
    assert (sandbox.stats()["people"], sandbox.stats()["twice"]) == (3000, 0)
    assert windows.run("log").code == 0


def test_a_path_of_300_signs_is_a_sentence_and_a_code(windows):
    deep = "/".join(["thu-muc-rat-dai-cua-van-phong"] * 11)
    made = windows.run("init", deep)
    assert made.code == 11
    assert "Windows takes 259" in made.said
    assert not (windows.folder / deep.partition("/")[0]).exists()


def test_a_name_that_windows_keeps_for_itself_is_a_sentence_and_a_code(windows):
    result = windows.run("followers", "export", "con.csv")
    assert result.code in (10, 13)
    assert "Windows takes no such name" in result.said


def test_what_is_piped_in_by_a_code_page_ends_in_no_traceback(windows):
    result = windows.run("answers", "try", "--oa", "pctt", stdin="bão \x81\x8f".encode() + b"\x81\x8f\n")
    assert result.code != 1
