"""Nobody is sent more than three messages in a day: the fourth exercise is withheld, and what is a matter of life is not."""

import csv
import json

import pytest

pytestmark = pytest.mark.long

PEOPLE = 1000


def send(desk, number):
    path = desk.campaign(f"c{number}.yaml", code=f"DT-{number}", severity="Minor")
    return desk.run("send", path, "--yes", "--json")


@pytest.fixture
def tired(desk, sandbox):
    """A desk whose people have had three messages today."""
    desk.at(sandbox)
    for number in (1, 2, 3):
        assert send(desk, number).code == 0
    return desk


def test_the_fourth_exercise_of_a_day_is_withheld_from_the_same_people(tired, sandbox):
    plan = tired.run("plan", tired.campaign("c4.yaml", code="DT-4", severity="Minor"), "--json").fact("plan")
    assert (plan["people"], plan["withheld"], plan["over_cap"]) == (0, PEOPLE, 0)
    assert plan["warnings"] == [
        "withheld from 1000 people, who have had 3 messages or more in 24 hours",
        "nobody is left to write to",
    ]

    assert send(tired, 4).code == 0
    report = tired.run("report", "DT-4", "--json").fact("report")
    assert report["totals"] == {**dict.fromkeys(report["totals"], 0), "withheld": PEOPLE}
    assert [(cause["state"], cause["reason"], cause["people"], cause["why"]) for cause in report["causes"]] == [
        ("withheld", "day-cap", PEOPLE, "had had 3 messages or more in 24 hours")
    ]
    assert sum(place["totals"]["withheld"] for place in report["places"]) == PEOPLE
    assert set(tired.states("--run", "DT-4").values()) == {"withheld"}
    assert tired.run("status", "DT-4", "--json").fact("status")["totals"]["withheld"] == PEOPLE
    assert sandbox.stats()["accepted"] == 3 * PEOPLE


def test_only_those_who_have_had_enough_are_withheld(tired, sandbox):
    """Whoever has joined since is written to, and both are in the audience."""
    new = [f"100000000000000{number:04}" for number in range(6000, 6040)]
    (tired.folder / "new.csv").write_text("\n".join(["user_id,city,last_interaction_at", *(f"{n},Huế,2026-11-25" for n in new)]))
    assert tired.run("followers", "import", "new.csv").code == 0

    result = send(tired, 4)
    assert result.code == 0
    assert result.fact("plan")["people"] == 40
    states = tired.states("--run", "DT-4")
    assert {who for who, state in states.items() if state == "accepted"} == set(new)
    assert sorted(states.values()) == ["accepted"] * 40 + ["withheld"] * PEOPLE
    assert tired.run("export", "-", "--run", "DT-4", "--state", "withheld").out.count("day-cap") == PEOPLE
    assert sandbox.stats()["accepted"] == 3 * PEOPLE + 40


def test_an_immediate_campaign_passes_and_says_so(tired, sandbox):
    path = tired.campaign("c4.yaml", code="DT-4", severity="Minor", urgency="Immediate")
    plan = tired.run("plan", path, "--json").fact("plan")
    assert (plan["people"], plan["withheld"], plan["over_cap"]) == (PEOPLE, 0, PEOPLE)
    assert plan["warnings"][0] == (
        "1000 people have had as many messages as anybody may, 3 in 24 hours or 8 in 7 days; this one goes to them all the same: "
        "Immediate"
    )

    assert tired.run("send", path, "--yes", "--json").code == 0
    assert tired.run("report", "DT-4", "--json").fact("report")["over_cap"] == PEOPLE
    assert sandbox.stats()["accepted"] == 4 * PEOPLE


def test_a_run_that_was_stopped_before_anybody_withholds_the_same_people_when_resumed(tired, wait_until):
    new = [f"100000000000000{number:04}" for number in range(6000, 6040)]
    (tired.folder / "new.csv").write_text("\n".join(["user_id,city,last_interaction_at", *(f"{n},Huế,2026-11-25" for n in new)]))
    assert tired.run("followers", "import", "new.csv").code == 0
    child = tired.start("send", tired.campaign("c4.yaml", code="DT-4", severity="Minor"), "--yes")
    wait_until((tired.folder / ".zalo-alert/runs/DT-4/run.db").exists)
    child.kill()
    tired.ended(child)

    assert tired.run("resume", "DT-4").code == 0
    states = tired.states("--run", "DT-4")
    assert len(states) == PEOPLE + 40
    assert sum(state == "withheld" for state in states.values()) == PEOPLE
    assert not {who for who, state in states.items() if state == "withheld"} & set(new)


def test_that_some_are_withheld_is_told_and_calls_for_nobody_unless_strict(tired):
    result = send(tired, 4)
    end = json.loads(result.err.splitlines()[-1])
    assert (result.code, end["cause"]) == (0, None)
    assert end["message"] == "finished: 0 of 1000 accepted (0.0 %); 1000 people withheld"
    again = tired.run("resume", "DT-4", "--strict", "--json")
    assert again.code == 3
    assert json.loads(again.err.splitlines()[-1])["cause"] == "run-unfinished"


def test_a_dry_run_counts_the_withheld(tired):
    dry = tired.run("send", tired.campaign("c4.yaml", code="DT-4", severity="Minor"), "--dry-run", "--json").fact("dry-run")
    assert dry["totals"]["withheld"] == PEOPLE


def test_the_cap_is_a_setting(tired):
    tired.configure("limits: {", "limits: {per_person_day: 0, per_person_week: 4, ")
    assert send(tired, 4).code == 0
    assert send(tired, 5).code == 0
    assert tired.run("report", "DT-5", "--json").fact("report")["causes"][0]["reason"] == "week-cap"


def test_an_export_names_the_withheld_in_every_format(tired):
    assert send(tired, 4).code == 0
    assert tired.run("export", "withheld.csv", "--run", "DT-4", "--state", "withheld").code == 0
    with (tired.folder / "withheld.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PEOPLE
    assert {(row["reason"], row["route"], row["attempts"]) for row in rows} == {("day-cap", "", "0")}
    assert json.loads(tired.run("export", "-", "--run", "DT-4").out.splitlines()[0])["reason"] == "day-cap"
