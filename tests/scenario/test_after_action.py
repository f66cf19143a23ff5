"""The after-action report: an alert with what followed it, found by itself; the same numbers everywhere; and made again alike."""

import csv
import json
import re

import pytest

pytestmark = pytest.mark.long  # whole runs and pages; the figures have unit tests

NUMBERS = ("targeted", "accepted", "rejected", "unknown", "withheld", "expired", "left")
TEXTS = "\ncorrection: {text: 'DIỄN TẬP: tin trước sai.'}\nall_clear: {text: 'DIỄN TẬP: hết.'}\n"


@pytest.fixture
def office(desk, sandbox_with):
    """An office that has sent an alert, corrected it, and written down that nothing more is sent."""
    desk.at(sandbox_with(dead=0.1))
    path = desk.folder / desk.campaign()
    path.write_text(path.read_text(encoding="utf-8") + TEXTS, encoding="utf-8")
    desk.run("send", path.name, "--yes")
    desk.run("audit", "note", "no second alert: the dam holds")
    assert desk.run("correct", "DT-1", "--yes").code == 0
    return desk


def sheet(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("named", ["DT-1", "DT-1@correction"])
def test_the_alert_and_its_correction_are_found_by_either_name(office, named):
    told = office.run("report", "aar", named, "--json").fact("after-action")

    assert [(one["run"], one["kind"]) for one in told["alerts"]] == [("DT-1", "alert"), ("DT-1@correction", "correction")]
    assert told["drill"] is True


def test_text_table_and_json_have_the_same_numbers_and_they_are_the_ledgers(office):
    told = office.run("report", "aar", "DT-1", "--json").fact("after-action")
    text = office.run("report", "aar", "DT-1", "--csv", "a.csv").said
    rows = sheet(office.folder / "a.csv")
    ledger = office.run("report", "DT-1", "--json").fact("report")

    total = told["total"]
    assert total["targeted"] == ledger["audience"] == sum(total[name] for name in NUMBERS[1:])
    assert total["accepted"] == ledger["totals"]["accepted"]
    for name in NUMBERS:
        assert int(rows[0][name]) == total[name] == sum(row["reach"][name] for row in told["provinces"])
        assert sum(int(row[name]) for row in rows if row["row"] == "province") == total[name]
    assert f"Accepted {total['accepted']} of {total['targeted']} (" in text
    steps = [row for row in rows if row["row"] == "step"]
    assert [(row["run"], row["begins"], float(row["took_s"])) for row in steps] == [
        (step["run"], step["begins"], step["took_s"]) for step in told["steps"]
    ]
    assert sum(int(row["people"]) for row in rows if row["row"] == "place") == sum(lead["people"] for lead in told["leads"])


def test_the_time_line_has_decisions_not_to_send_and_what_each_run_came_to(office):
    told = office.run("report", "aar", "DT-1", "--json").fact("after-action")

    line = told["timeline"]
    assert [moment["happened_at"][:19] for moment in line] == sorted(moment["happened_at"][:19] for moment in line)
    (note,) = [moment for moment in line if moment["what"] == "note"]
    assert (note["run"], note["detail"]) == ("", "no second alert: the dam holds")
    for run, state in (("DT-1", "run-corrected"), ("DT-1@correction", "run-finished")):
        own = [moment["what"] for moment in line if moment["run"] == run]
        assert own.index("run-sending") < own.index("first") < own.index("last") < own.index(state)


def test_exactly_one_step_of_each_run_is_the_worst(office):
    told = office.run("report", "aar", "DT-1", "--json").fact("after-action")

    for one in told["alerts"]:
        steps = [step for step in told["steps"] if step["run"] == one["run"]]
        assert [step["took_s"] for step in steps if step["worst"]] == [max(step["took_s"] for step in steps)]


def test_the_correction_is_told_with_its_share_of_the_wrongly_alerted(office):
    told = office.run("report", "aar", "DT-1", "--json").fact("after-action")

    (correction,) = told["corrections"]
    assert (correction["run"], correction["follows"]) == ("DT-1@correction", "DT-1")
    assert correction["wrong"] == told["total"]["accepted"] == correction["reached"]
    assert correction["share"] == 1
    assert correction["first_after_s"] >= 0


def test_who_had_more_than_three_messages_in_a_day_is_counted_over_all_runs(office):
    assert office.run("report", "aar", "DT-1", "--json").fact("after-action")["flooded"] == 0
    for occurrence in ("b", "c"):
        office.run("send", "c.yaml", "--yes", "--occurrence", occurrence)

    told = office.run("report", "aar", "DT-1", "--json").fact("after-action")

    assert told["flooded"] == told["total"]["accepted"]  # the alert, its correction, and two more that they took too


def test_made_again_as_of_the_same_instant_it_is_the_same_to_the_byte(office):
    at = office.run("report", "aar", "DT-1", "--json").fact("after-action")["until"]
    first = office.run("report", "aar", "DT-1", "--as-of", at, "--csv", "1.csv")
    office.run("audit", "note", "later")
    again = office.run("report", "aar", "DT-1", "--as-of", at, "--csv", "2.csv")

    assert first.out == again.out
    assert re.search(r"audit log up to line \d+: [0-9a-f]{64}", first.out)
    assert (office.folder / "1.csv").read_bytes() == (office.folder / "2.csv").read_bytes()


def test_a_log_that_was_cut_off_is_told_and_the_run_tells_the_rest(office):
    path = office.folder / ".zalo-alert" / "audit.log"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))

    result = office.run("report", "aar", "DT-1", "--json")
    told = result.fact("after-action")

    assert result.code == 0
    assert any("audit log does not tell of" in problem for problem in told["problems"])
    assert [moment["what"] for moment in told["timeline"] if moment["run"] == "DT-1@correction"].count("started") == 1


def test_a_run_that_cannot_be_read_is_named_and_the_others_are_told_of(office):
    (office.folder / ".zalo-alert" / "runs" / "DT-1" / "campaign.yaml").write_text("code: DT-9\n", encoding="utf-8")

    result = office.run("report", "aar", "DT-1@correction")

    assert result.code == 0
    assert "DT-1 can't be read" in result.said


def test_where_no_run_can_be_read_there_is_no_report(office):
    (office.folder / ".zalo-alert" / "runs" / "DT-1@correction" / "campaign.yaml").write_text("x", encoding="utf-8")
    (office.folder / ".zalo-alert" / "runs" / "DT-1" / "campaign.yaml").write_text("x", encoding="utf-8")

    result = office.run("report", "aar", "DT-1", "--json")

    assert (result.code, result.out) == (13, "")
    assert json.loads(result.err)["cause"] == "storage"


def test_a_run_that_there_is_not_is_told_with_what_was_meant(office):
    result = office.run("report", "aar", "DT-11")

    assert result.code == 2
    assert "did you mean DT-1?" in result.said
