"""Everyone's state in a file: the same in every format, and everyone in it once."""

import csv
import io
from contextlib import closing

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.receipts_kept import keep_receipts
from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.cli.report_view import show_report
from zalo_alert.errors import UsageError
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Reason, State
from zalo_alert.operations.scaffold import create, examples
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.receipts.kept import NAME as RECEIPTS
from zalo_alert.reporting import export, report
from zalo_alert.reporting.completion import shortfalls_of
from zalo_alert.reporting.status import Standing
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox import synthetic
from zalo_alert.settings import load
from zalo_alert.testing import FakeClock

CLOCK = FakeClock()
NOW = CLOCK.now()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    create(folder, NOW)
    synthetic.write_followers(folder / "f.csv", 200)
    book = Book(folder / "book")
    book.import_rows(folder / "f.csv", "f.csv", rejects=folder / "r.csv", clock=CLOCK)
    text, chosen = campaign_file.redate(examples()["dien-tap-bao.yaml"], NOW), load.load(folder, {})
    sources = [plan.Source(chosen.accounts[0], book, Selection())]
    made = make_plan(campaign_file.parse(text, "c.yaml"), sources, chosen, NOW)
    found = freeze(FreezeRequest(made, text, sources, chosen), Runs(folder / "runs"), NOW)
    ledger = found.ledger()
    ledger.record(window=Window(0, 50))
    ledger.record(settled=[settled(n, found) for n in range(0, 50, 2)])
    ledger.close()
    return found


def settled(number, run):
    place, at_s = run.audience().window(number, 1)[0].place, int(NOW.timestamp()) + number
    if number % 4:
        return Entry(number, State.REJECTED, place, 1, 2, -213, Reason.DEAD, 1, at_s, 0, "")
    return Entry(number, State.ACCEPTED, place, 0, 1, 0, Reason.NONE, 0, at_s, 0, f'm,"{number}')


def tables(run, *states):
    return export.tables(run, campaign_file.parse(run.campaign_path.read_bytes(), "c.yaml"), run.ledger(), states)


def written(run, path):
    assert export.write(tables(run), path) == run.facts.audience
    return rows_of(path)


def rows_of(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".ndjson":
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return [row | {name: int(row[name]) for name in ("attempts", "code", "unclear")} for row in rows]


def test_every_format_says_the_same_of_everyone_in_the_order_of_sending(run, tmp_path):
    rows = written(run, tmp_path / "a.csv")
    assert rows == written(run, tmp_path / "a.ndjson") == written(run, tmp_path / "a.parquet")
    assert [row["user_id"] for row in rows] == [p.user_id for p in run.audience().window(0, run.facts.audience)]


def test_each_person_s_row_is_the_ledger_s_or_says_that_there_is_none(run, tmp_path):
    rows = written(run, tmp_path / "a.csv")
    key = run.places()[run.audience().window(0, 1)[0].place].key
    assert [row["state"] for row in rows[:4]] == ["accepted", "claimed", "rejected", "claimed"]
    assert {row["state"] for row in rows[50:]} == {"pending"}
    assert (rows[0]["place"], rows[0]["account"], rows[0]["message_id"]) == (key, "pctt", 'm,"0')
    assert rows[2]["at"] == "2026-09-18T14:00:02+07:00"
    assert (rows[2]["attempts"], rows[2]["code"], rows[2]["reason"], rows[2]["unclear"]) == (2, -213, "dead", 1)
    assert rows[60]["at"] == rows[60]["route"] == rows[1]["at"] == ""


def test_only_some_states_are_written_when_they_are_named(run):
    assert {state for table in tables(run, State.REJECTED, State.CLAIMED) for state in table["state"].to_pylist()} == {
        "rejected", "claimed",
    }  # fmt: skip
    assert sum(map(len, tables(run, State.REJECTED))) == 12


@pytest.mark.parametrize("code", [4_000_000_000, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize(("at_s", "said"), [(10**15, "@1000000000000000"), (-(10**12), "@-1000000000000")])
def test_a_code_and_an_instant_of_any_size_come_out_in_every_format(run, tmp_path, code, at_s, said):
    ledger = MemoryLedger(run.facts.audience)
    ledger.record(window=Window(0, 1))
    ledger.record(settled=[settled(1, run)._replace(number=0, code=code, at_s=at_s)])
    campaign = campaign_file.parse(run.campaign_path.read_bytes(), "c.yaml")

    for name in ("a.csv", "a.ndjson", "a.parquet"):
        export.write(export.tables(run, campaign, ledger), tmp_path / name)

    row = pq.read_table(tmp_path / "a.parquet").to_pylist()[0]
    assert (row["code"], row["at"]) == (code, said)
    assert orjson.loads((tmp_path / "a.ndjson").read_bytes().splitlines()[0]) == row
    guarded = f"'{said}"  # a spreadsheet would take what begins with @ for a formula
    assert f",{code},dead,{guarded}," in (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1]


def test_a_report_holds_an_instant_of_any_year(run):
    ledger = MemoryLedger(run.facts.audience)
    ledger.record(window=Window(0, 2))
    ledger.record(settled=[settled(0, run)._replace(number=n, at_s=at_s) for n, at_s in enumerate((-(10**12), 10**15))])

    made = report.make(run, campaign_file.parse(run.campaign_path.read_bytes(), "c.yaml"), ledger)

    assert made.first_at
    assert made.last_at
    assert [made.first_at.year, made.last_at.year] == [1, 9999]
    assert orjson.dumps(made.as_json())


def test_a_report_tells_of_acceptances_without_a_message_id(run, capsys):
    ledger = MemoryLedger(run.facts.audience)
    ledger.record(window=Window(0, 3))
    ledger.record(settled=[settled(0, run)._replace(number=n, state=State.ACCEPTED, message_id="m" * (n == 0)) for n in range(3)])

    made = report.make(run, campaign_file.parse(run.campaign_path.read_bytes(), "c.yaml"), ledger)
    show_report(made, shortfalls_of(made, 5.0), Standing(RunState.FINISHED, made.history[-1], "", None), None)

    assert made.as_json()["accepted_without_id"] == 2
    assert "2 people accepted without a message id" in capsys.readouterr().out


def test_an_unknown_format_is_refused(run, tmp_path):
    with pytest.raises(UsageError, match="which format"):
        export.write(tables(run), tmp_path / "a.xls")


@pytest.mark.parametrize("name", ["all.csv", "all.ndjson", "all.parquet"])
def test_marks_stand_in_the_place_of_ids_and_join_two_exports(run, tmp_path, name):
    mark = Marks(tmp_path).joinable
    people = export.write(export.marked(tables(run), mark), tmp_path / name, are_marked=True)

    rows, plain = rows_of(tmp_path / name), [row for table in tables(run) for row in table.to_pylist()]
    assert people == len(rows) == len(plain)
    assert [row["person"] for row in rows] == [mark(row["user_id"]) for row in plain]
    assert {len(row["person"]) for row in rows} == {32}
    assert not {"user_id", "message_id"} & set(rows[0])
    assert [row["state"] for row in rows] == [row["state"] for row in plain]


def test_whose_number_it_is_is_a_mark_too(run, tmp_path):
    table = next(iter(tables(run))).slice(0, 1)
    shared = table.set_column(export.COLUMNS.index("reason"), "reason", pa.array(["same-phone:1002893352839501541"]))
    marks = Marks(tmp_path)

    (marked,) = export.marked(iter([shared]), marks.joinable)
    assert marked["reason"].to_pylist() == [f"same-phone:{marks.joinable('1002893352839501541')}"]


def test_when_messages_were_delivered_and_seen_stands_beside_everyone(run, tmp_path):
    at_s = int(NOW.timestamp())
    keep_receipts(run, {0: (at_s + 5, at_s + 60), 4: (at_s + 7, None)})
    try:
        rows = {name: written(run, tmp_path / name) for name in ("a.csv", "a.ndjson", "a.parquet")}
        marked = export.marked(tables(run), Marks(tmp_path).joinable)
        under_marks = [row for table in marked for row in table.to_pylist()]
    finally:
        (run.folder / RECEIPTS).unlink()

    assert rows["a.csv"] == rows["a.ndjson"] == rows["a.parquet"]
    times = [(row["delivered_at"], row["seen_at"]) for row in rows["a.csv"]]
    assert times == [(row["delivered_at"], row["seen_at"]) for row in under_marks]
    assert (times[0], times[4]) == (
        ("2026-09-18T14:00:05+07:00", "2026-09-18T14:01:00+07:00"), ("2026-09-18T14:00:07+07:00", ""),
    )  # fmt: skip
    assert {times[number] for number in range(len(times)) if number not in (0, 4)} == {("", "")}


def test_a_report_counts_receipts_in_all_by_place_and_by_minute(run):
    at_s = int(NOW.timestamp()) // 60 * 60
    keep_receipts(run, {0: (at_s + 5, at_s + 61), 4: (at_s + 7, None)})
    try:
        with closing(run.ledger()) as ledger:
            made = report.make(run, campaign_file.parse(run.campaign_path.read_bytes(), "c.yaml"), ledger)
    finally:
        (run.folder / RECEIPTS).unlink()

    assert made.arrived == (2, 1)
    assert list(made.receipts.by_minute) == [(at_s, 2, 0), (at_s + 60, 0, 1)]
    assert sum(place.arrived.delivered for place in made.places if place.arrived) == 2
    told = made.as_json()
    assert (told["receipts"]["delivered"], told["receipts"]["seen"], told["receipts"]["kept"]) == (2, 1, True)
    assert sum(place["seen"] for place in told["places"]) == 1
