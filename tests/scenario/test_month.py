"""The report of a month: every run, drills apart, the same numbers everywhere; followers won; officers who have practised."""

import csv
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import office
import pytest

from zalo_alert.foundation.clock import SystemClock

pytestmark = pytest.mark.long  # whole runs and pages; the figures have unit tests

NUMBERS = ("targeted", "accepted", "rejected", "unknown", "withheld", "expired", "left")


@pytest.fixture
def sent(desk, sandbox_with):
    desk.at(sandbox_with(dead=0.1))
    for occurrence in ("a", "b"):
        desk.run("send", desk.campaign(), "--yes", "--occurrence", occurrence)
    return desk


def sheet(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_text_table_and_json_have_the_same_numbers_and_they_are_the_ledgers(sent):
    result = sent.run("report", "month", "--json")
    told, runs = result.fact("month"), [fact for fact in result.facts if fact["type"] == "month-run"]
    text = sent.run("report", "month", "--csv", "m.csv").said
    rows = [row for row in sheet(sent.folder / "m.csv") if row["part"] == "drill"]
    ledgers = [sent.run("report", run, "--json").fact("report") for run in ("DT-1@a", "DT-1@b")]

    total = told["drills"]["total"]
    assert total["targeted"] == sum(ledger["audience"] for ledger in ledgers) == sum(total[name] for name in NUMBERS[1:])
    assert total["accepted"] == sum(ledger["totals"]["accepted"] for ledger in ledgers) > 0
    for name in NUMBERS:
        sums = {
            kind: sum(int(row[name]) for row in rows if row["row"] == kind) for kind in ("total", "level", "province", "alert")
        }
        assert set(sums.values()) == {total[name]}
        assert sum(row["reach"][name] for row in told["drills"]["provinces"]) == total[name]
        assert sum(run["reach"][name] for run in runs) == total[name]
    assert f"accepted {total['accepted']} of {total['targeted']} (" in text
    assert told["real"]["total"] == dict.fromkeys((*NUMBERS, "delivered", "seen", "with_receipts"), 0)


def test_a_month_without_runs_is_told_and_one_that_has_not_begun_is_refused(sent):
    empty = sent.run("report", "month", "2026-01", "--json")

    assert (empty.code, empty.fact("month")["drills"]["runs"], empty.fact("month")["over"]) == (0, 0, True)
    assert sent.run("report", "month", "2026-01").said.count("- none") == 2
    assert sent.run("report", "month", "2999-01").code == 2


@pytest.mark.parametrize("month", ["2026", "11/2026", "2026-13", "9999-12", "tháng 11", "x" * 5000])
def test_what_is_no_month_is_refused_with_a_sentence(sent, month):
    result = sent.run("report", "month", month)

    assert (result.code, "error:" in result.err) == (2, True)


def test_a_damaged_run_is_named_and_the_others_are_counted(sent):
    (sent.folder / ".zalo-alert" / "runs" / "DT-1@a" / "run.db").write_bytes(b"nothing")

    told = sent.run("report", "month", "--json").fact("month")

    assert (told["drills"]["runs"], len(told["unread"])) == (1, 1)
    assert "DT-1@a" in told["unread"][0]


def test_followers_are_compared_with_the_last_count_before_the_month(sent):
    book = next((sent.folder / ".zalo-alert" / "book").iterdir())
    (generation,) = [path.parent for path in book.glob("*/manifest.json")]
    now = SystemClock().now()
    earlier = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    earlier |= {"id": "earlier", "number": 0, "people": 900, "made_at": (now.replace(day=1) - timedelta(days=2)).isoformat()}
    (book / "earlier").mkdir()
    (book / "earlier" / "manifest.json").write_text(json.dumps(earlier), encoding="utf-8")

    (oa,) = sent.run("report", "month", "--json").fact("month")["oas"]

    assert (oa["before"], oa["after"], oa["change"]) == (900, 1000, 100)
    assert datetime.fromisoformat(oa["begins_at"]) < now.replace(day=1)


def test_officers_who_have_practised_are_told_from_those_who_have_not(live_desk, officers):
    path = live_desk.campaign(routes="[{type: template, template_id: '311203', data: {ma_tin: '{{ code }}'}}]")
    office.agree(live_desk, officers, path, "DT-1", 1000)

    practice = {each["officer"]: each for each in live_desk.run("report", "month", "--json").fact("month")["practice"]}

    assert (practice["Dung"]["submitted"], practice["Dung"]["approved"]) == (1, 0)
    assert (practice["Cuc"]["submitted"], practice["Cuc"]["approved"]) == (0, 1)
    assert [name for name, each in practice.items() if not each["practised"]] == ["An", "Binh"]
    assert "- An: neither submitted nor approved anything this month" in live_desk.run("report", "month").said


def test_a_run_belongs_to_the_month_in_which_it_was_begun(sent):
    month_ago = SystemClock().now().replace(day=1) - timedelta(days=3)
    with closing(sqlite3.connect(sent.folder / ".zalo-alert" / "runs" / "DT-1@a" / "run.db")) as db, db:
        db.execute("UPDATE history SET at_s = ? WHERE what = 'started'", (month_ago.timestamp(),))

    now, before = (sent.run("report", "month", *words, "--json") for words in ((), (f"{month_ago:%Y-%m}",)))

    assert [fact["run"] for fact in now.facts if fact["type"] == "month-run"] == ["DT-1@b"]
    assert [fact["run"] for fact in before.facts if fact["type"] == "month-run"] == ["DT-1@a"]
