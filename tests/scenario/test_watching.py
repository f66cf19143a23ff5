"""The panel from a terminal of its own: watched from elsewhere, stopped by a key, handed over to the background by another."""

import pytest
from terminals import Screen

pytestmark = pytest.mark.long  # whole processes, one after another

pytest.importorskip("termios")

PEOPLE = 1000  # of the desk's book
SLOW = "app_per_minute: 12000"


@pytest.fixture
def slow_desk(desk, sandbox):
    desk.at(sandbox).configure("app_per_minute: 6000000", SLOW)
    return desk


def test_d_hands_a_run_over_to_the_background_and_everybody_is_reached_once(slow_desk, sandbox, wait_until):
    screen = Screen(slow_desk, "send", slow_desk.campaign(), "--yes")
    wait_until(lambda: "d goes on in the background" in screen.text)
    screen.type("d")

    assert screen.end() == 0
    assert "status DT-1 --watch" in screen.text
    wait_until(lambda: slow_desk.run("status", "--json").fact("status")["state"] == "finished")
    stats = sandbox.stats()
    assert (stats["people"], stats["accepted"]) == (PEOPLE, PEOPLE)


def test_p_stops_a_run_cleanly(slow_desk, wait_until):
    screen = Screen(slow_desk, "send", slow_desk.campaign(), "--yes")
    wait_until(lambda: "p stops cleanly" in screen.text)
    screen.type("p")

    assert screen.end() == 130
    status = slow_desk.run("status", "--json").fact("status")
    assert (status["state"], status["verdict"], status["totals"]["unknown"]) == ("stopped", "stands", 0)


def test_a_run_that_another_process_sends_is_watched_and_left(slow_desk, sandbox, wait_until):
    sender = slow_desk.start("send", slow_desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 5)
    screen = Screen(slow_desk, "status", "--watch")
    wait_until(lambda: "d or q leaves" in screen.text)
    screen.type("q")

    assert screen.end() == 0
    assert "granted" in screen.text
    assert sender.wait(60) == 0


def test_a_watch_into_a_pipe_is_lines_with_time_and_run(slow_desk, sandbox, wait_until):
    sender = slow_desk.start("send", slow_desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 5)
    told = slow_desk.run("status", "--watch").out.splitlines()

    assert sender.wait(60) == 0
    assert told[0][2] == ":"
    assert " DT-1: " in told[0]
    assert any(line.startswith("done: ") for line in told)
