"""Whoever says STOP is not written to any more: from the next second on, also by a run that is being sent."""

import time

from tests.inbound_work import OA, body, text, work


def say(desk, raw):
    """Have the workspace's worker handle one more event."""
    work(desk.folder / ".zalo-alert", raw)


def now_ms():
    return round(time.time() * 1000)


def test_a_stop_counts_for_a_run_that_is_being_sent(desk_of, sandbox, wait_until):
    desk = desk_of(300)
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")  # three seconds for all
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 10)
    later = [person for person, state in desk.states().items() if state == "pending"][-3:]
    stopped, left, back = later
    say(desk, text("dừng", now_ms(), person=stopped))
    say(desk, body("unfollow", now_ms(), person=left))
    say(desk, text("STOP", now_ms(), person=back))
    say(desk, text("MO LAI", now_ms() + 1, person=back))

    assert desk.ended(child).code == 0
    report = desk.run("report", "--json").fact("report")
    assert {cause["reason"]: cause["people"] for cause in report["causes"]} == {"opted-out": 1, "left": 1}
    states = desk.states()
    assert [states[person] for person in later] == ["withheld", "withheld", "accepted"]
    assert sandbox.stats()["people"] == 298


def test_the_next_plan_leaves_them_out(desk_of, sandbox):
    desk = desk_of(300).at(sandbox)
    planned = desk.run("plan", desk.campaign(), "--json").fact("plan")["people"]
    assert desk.run("followers", "export", "book.csv").code == 0
    people = [line.split(",")[0] for line in (desk.folder / "book.csv").read_text(encoding="utf-8").splitlines()[1:]]
    for person in people[:4]:
        say(desk, text("hủy nhận tin", now_ms(), person=person))
    say(desk, body("unfollow", now_ms(), person=people[4]))
    say(desk, text("Đúng", now_ms(), person=people[5]))

    assert desk.run("plan", desk.campaign(), "--json").fact("plan")["people"] == planned - 5
    again = desk.run("followers", "import", "--from-events", "--json")
    assert again.code == 0
    assert again.fact("import-events")["left"] == 0  # the plan had it done
    assert desk.run("followers", "import").code == 2


def test_one_person_is_shown_copied_and_forgotten(desk_of, sandbox):
    desk = desk_of(300).at(sandbox)
    assert desk.run("send", desk.campaign(), "--yes").code == 0
    person = next(iter(desk.states()))
    say(desk, text("dừng", now_ms(), person=person))
    shown = desk.run("people", "show", OA, person, "--json")
    assert shown.code == 0
    facts = shown.fact("person")
    assert (facts["events"], facts["opted_out"], facts["in_book"]) == ({"user_send_text": 1}, True, True)
    assert facts["ended_runs"] == ["DT-1"]
    assert desk.run("people", "export", OA, person, "ho-so.json", "--json").fact("person")["file"] == "ho-so.json"
    assert "dừng" in (desk.folder / "ho-so.json").read_text(encoding="utf-8")

    forgotten = desk.run("people", "forget", OA, "-", "--json", stdin=person).fact("forget")
    assert (forgotten["rows"], forgotten["events"], forgotten["left"], forgotten["opt_out_kept"]) == (1, 1, 0, True)
    assert (forgotten["runs"], forgotten["open_runs"]) == (["DT-1"], [])
    stops = desk.run("people", "stops", "--json").facts
    assert [(stop["person"], stop["kind"], stop["is_stop"]) for stop in stops] == [("", "words", True)]
    assert desk.run("people", "show", OA, "abc").code == 2


def test_a_correction_reaches_who_opted_out_of_more_after_the_alert(desk_of, sandbox):
    desk = desk_of(30).at(sandbox)
    path = desk.campaign()
    with (desk.folder / path).open("a", encoding="utf-8") as file:
        file.write('\ncorrection:\n  text: "DIỄN TẬP. Đính chính: hãy bỏ qua tin {{ code }}, {{ place }}. HẾT TIN DIỄN TẬP."\n')
    assert desk.run("send", path, "--yes").code == 0
    stopped, left = list(desk.states())[:2]
    say(desk, text("STOP", now_ms(), person=stopped))
    say(desk, body("unfollow", now_ms(), person=left))

    assert desk.run("correct", "DT-1", "--yes").code == 0

    states = desk.states("--run", "DT-1@correction")
    assert (states[stopped], states[left]) == ("accepted", "withheld")
