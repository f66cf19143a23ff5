"""The situation report: the same numbers as text, table and JSON; what has changed since the one before it."""

import csv
import json
from datetime import datetime, timedelta

import pytest

pytestmark = pytest.mark.long  # whole runs and pages; the figures have unit tests

NUMBERS = ("targeted", "accepted", "rejected", "unknown", "withheld", "expired", "left")


@pytest.fixture
def office(desk, sandbox_with):
    """An office that has sent an alert, of which some did not arrive."""
    desk.at(sandbox_with(dead=0.1))
    desk.run("send", desk.campaign(), "--yes")
    return desk


def sheet(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_text_table_and_json_have_the_same_numbers_and_they_are_the_ledgers(office):
    told = office.run("report", "sitrep", "--json").fact("sitrep")
    text = office.run("report", "sitrep", "--csv", "s.csv")
    rows = sheet(office.folder / "s.csv")
    ledger = office.run("report", "--json").fact("report")

    total = told["total"]
    assert total["targeted"] == ledger["audience"] == sum(total[name] for name in NUMBERS[1:])
    assert total["accepted"] == ledger["totals"]["accepted"]
    assert total["rejected"] == ledger["totals"]["rejected"] > 0
    for name in NUMBERS:
        assert int(rows[0][name]) == total[name]
        assert sum(int(row[name]) for row in rows if row["row"] == "province") == total[name]
        assert sum(row["reach"][name] for row in told["provinces"]) == total[name]
    assert sum(told["provinces"][0]["reasons"].values()) == told["provinces"][0]["reach"]["rejected"]
    assert f"Messages meant for: {total['targeted']}" in text.said
    assert f"Zalo took: {total['accepted']} " in text.said
    assert f"rejected {total['rejected']}" in text.said


def test_the_report_says_whether_it_is_a_drill_and_who_made_it(office):
    said = office.run("report", "sitrep", "--event", "bão số 7", "--by", "An", "--problem", "no power", "--wanted", "quota").out

    assert said.startswith("[DRILL] SITUATION REPORT No. 01 – BÃO SỐ 7\n")
    assert "Made by An\n" in said
    assert "- no power\n- wanted: quota\n" in said


def earlier(office, **changes):
    """Have the last report made an hour ago, with other numbers."""
    path = office.folder / ".zalo-alert" / "sitreps.json"
    (kept,) = json.loads(path.read_text(encoding="utf-8"))
    kept["at"] = (datetime.fromisoformat(kept["at"]) - timedelta(hours=1)).isoformat()
    kept["numbers"]["reach"] |= changes
    path.write_text(json.dumps([kept]), encoding="utf-8")


def test_each_number_is_told_with_what_has_changed_since_the_report_before(office):
    first = office.run("report", "sitrep", "--event", "bão", "--json").fact("sitrep")
    earlier(office, accepted=first["total"]["accepted"] - 1, targeted=first["total"]["targeted"] + 12)

    text = office.run("report", "sitrep", "--event", "bão").said
    again = office.run("report", "sitrep", "--event", "bão", "--json").fact("sitrep")

    assert "SITUATION REPORT No. 02" in text
    assert "(up 01 since the report before)" in text
    assert "(down 12 since the report before)" in text
    assert "II. MESSAGES SENT: 01 (unchanged since the report before)" in text
    assert (again["number"], again["before"]["number"], again["since"]) == (2, 1, first["since"])


def test_made_again_at_once_it_is_the_same_report_and_another_event_has_its_own(office):
    assert office.run("report", "sitrep", "--json").fact("sitrep")["before"] is None
    assert office.run("report", "sitrep", "--json").fact("sitrep")["number"] == 1

    earlier(office)

    assert office.run("report", "sitrep", "--event", "lũ", "--json").fact("sitrep")["number"] == 1
    assert office.run("report", "sitrep", "--json").fact("sitrep")["number"] == 2


def test_a_report_of_an_earlier_time_is_not_kept_and_tells_of_nothing_later(office):
    made = office.run("report", "sitrep", "--as-of", "1h", "--json").fact("sitrep")

    assert made["alerts"] == []
    assert not (office.folder / ".zalo-alert" / "sitreps.json").exists()


@pytest.mark.parametrize(("since", "code"), [("soon", 2), ("2099-01-01", 2), ("90m", 0), ("2026-01-01", 0)])
def test_a_beginning_is_read_or_refused_with_a_sentence(office, since, code):
    result = office.run("report", "sitrep", "--since", since)

    assert result.code == code
    assert ("error:" in result.err) == bool(code)


def test_a_damaged_run_is_named_and_the_others_are_told_of(office):
    office.run("send", office.campaign(), "--yes", "--occurrence", "b")
    (office.folder / ".zalo-alert" / "runs" / "DT-1@b" / "run.db").write_bytes(b"nothing")

    result = office.run("report", "sitrep")

    assert result.code == 0
    assert "DT-1@b can't be read" in result.said
    assert "1. DT-1 (" in result.said


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b'[{"number": 1}]', b"\xff"])
def test_numbers_that_cannot_be_read_keep_no_report_back_and_are_left_alone(office, content):
    path = office.folder / ".zalo-alert" / "sitreps.json"
    path.write_bytes(content)

    result = office.run("report", "sitrep")

    assert (result.code, path.read_bytes()) == (0, content)
    assert "holds no numbers of reports" in result.said


def test_decisions_in_the_log_are_told(office):
    office.run("audit", "note", "no alert: the dam holds")

    assert "no alert: the dam holds" in office.run("report", "sitrep").said


def test_an_office_that_has_sent_nothing_says_so(desk):
    result = desk.run("report", "sitrep")
    told = desk.run("report", "sitrep", "--json").fact("sitrep")

    assert (result.code, "no alert is in force" in result.said) == (0, True)
    assert told["total"]["targeted"] == sum(told["total"].values()) == 0
