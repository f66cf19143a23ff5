"""`report` takes a run or a command: no run is called like one, and a slip of the pen is told as what was meant."""

import pytest


@pytest.fixture
def sent(desk, sandbox):
    desk.at(sandbox)
    assert desk.run("send", desk.campaign(), "--yes").code == 0
    return desk


@pytest.mark.parametrize("words", [(), ("DT-1",), ("run", "DT-1"), ("run",)], ids=" ".join)
def test_a_run_need_not_be_introduced(sent, words):
    result = sent.run("report", *words, "--json")

    assert (result.code, result.fact("report")["run"]) == (0, "DT-1")


@pytest.mark.parametrize(("typed", "meant"), [("runn", "`zalo-alert report run`"), ("DT-2", '"DT-1"')])
def test_what_is_neither_a_run_nor_a_command_is_told_with_what_was_meant(sent, typed, meant):
    result = sent.run("report", typed)

    assert result.code == 2
    assert f'there is no run "{typed}"' in result.said
    assert f"did you mean {meant}?".replace('"', "") in result.said.replace('"', "")
