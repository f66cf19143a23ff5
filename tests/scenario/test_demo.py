"""The whole story, small: what a newcomer sees first must never break unseen."""

import json

import pytest

pytestmark = pytest.mark.english


@pytest.mark.slow
@pytest.mark.kill
@pytest.mark.long
def test_the_demo_tells_its_story_to_the_end(empty_desk):
    result = empty_desk.run("demo", "--people", "6000")
    assert result.code == 0, result.err
    assert "the report and the sandbox agree, person by person" in result.said


@pytest.mark.long
@pytest.mark.kill
def test_the_demo_of_what_comes_back_adds_up_under_a_kill(empty_desk):
    child = empty_desk.start("demo", "--inbound", "--people", "1500", "--json")
    out, err = child.communicate(timeout=240)  # a dozen commands, on a machine that has other things to do
    assert child.returncode == 0, err.decode()
    (agreement,) = [fact for fact in map(json.loads, out.splitlines()) if fact["type"] == "inbound-agreement"]
    assert agreement["delivered"][0] == agreement["delivered"][1] > 1000
    assert agreement["seen"][0] == agreement["seen"][1] > 200
    assert agreement["events"] == agreement["happened"]
    assert (agreement["adds_up"], agreement["waiting"], agreement["problems"]) == (True, 0, [])
    assert agreement["heard"] <= agreement["stored"] + agreement["repeated"] + agreement["receipts"]
