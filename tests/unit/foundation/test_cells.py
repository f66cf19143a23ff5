"""No text of a follower or a server runs as a formula in a file that a spreadsheet opens, and each comes back as it was."""

import csv
import gc
import io

import pyarrow as pa
import pytest

from zalo_alert import places
from zalo_alert.book import Book
from zalo_alert.book.stats import Unresolved
from zalo_alert.foundation.cells import guard, unguard
from zalo_alert.places import aliases, batch
from zalo_alert.reporting import export
from zalo_alert.testing import FakeClock

A = 1002893352839501541
FORMULAS = ["=1+1", "+84", "-1", "@SUM(A1)", '=HYPERLINK("http://x","An")', "'=1+1", "''-x", "'An", "An", "=", "-"]
RUNS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("text", [*FORMULAS, "\t=1", "\r=1", "", "a=b", "Huế"])
def test_a_cell_never_runs_and_is_read_as_it_was(text):
    assert not guard(text).startswith(RUNS)
    assert unguard(guard(text)) == text


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_an_exported_book_runs_nowhere_and_imports_as_itself(tmp_path):
    lines = [("user_id", "name", "city", "address", "tags", "places")]
    lines += [(str(A + n), guard(text), guard(text), guard(text), guard(text), "work: Huế") for n, text in enumerate(FORMULAS)]
    source = tmp_path / "list.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    first, second = Book(tmp_path / "first"), Book(tmp_path / "second")
    first.import_rows(source, "=list.csv", rejects=tmp_path / "r.csv", clock=FakeClock(), origin="=list.csv")
    first.export(tmp_path / "a.csv")
    rows = read(tmp_path / "a.csv")
    assert not [value for row in rows for value in row.values() if value.startswith(RUNS)]
    assert [unguard(row["name"]) for row in rows] == FORMULAS
    second.import_rows(tmp_path / "a.csv", "a", rejects=tmp_path / "r.csv", clock=FakeClock())
    second.export(tmp_path / "b.csv")
    assert [row["name"] for row in read(tmp_path / "b.csv")] == [row["name"] for row in rows]


def test_bad_rows_run_nowhere(tmp_path):
    source = tmp_path / "list.csv"
    source.write_text(f"user_id,city\n=cmd|' /C calc'!A0,Huế\n{A},Huế\n", encoding="utf-8")
    Book(tmp_path / "book").import_rows(source, "list", rejects=tmp_path / "r.csv", clock=FakeClock())
    [row] = read(tmp_path / "r.csv")
    assert row["text"].startswith("'=cmd")


def test_an_alias_file_runs_nowhere_and_keeps_its_names(tmp_path):
    path = tmp_path / "aliases.csv"
    values = [Unresolved(text, 1, "unknown") for text in ("=1+1", "-Vùng 4", "ĐN")]
    assert aliases.add_unresolved(path, values) == 3
    assert [row["text"] for row in read(path)] == ["'=1+1", "'-Vùng 4", "ĐN"]
    assert aliases.add_unresolved(path, values) == 0
    path.write_text(path.read_text(encoding="utf-8").replace("Vùng 4,", "Vùng 4,old:56"), encoding="utf-8")
    assert aliases.read(path) == ((places.alias_key("-Vùng 4"), "old:56"),)


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_an_alias_file_may_be_saved_by_any_excel(tmp_path, delimiter):
    path = tmp_path / "aliases.csv"
    lines = ["text,place,people", '"Vùng 4",old:56,12', "ĐN,,3"]
    path.write_text("\ufeff" + "\r\n".join(line.replace(",", delimiter) for line in lines), encoding="utf-8")
    assert [key for _, key in aliases.read(path)] == ["old:56"]
    assert aliases.add_unresolved(path, [Unresolved("ĐN", 3, ""), Unresolved("QN", 1, "")]) == 1


def test_answers_about_places_run_nowhere():
    said = "".join(batch.answers(io.BytesIO("=1+1\nHuế\n".encode()), "stdin", places.Resolver(), None))
    gc.unfreeze()  # what a command of its own leaves as it is
    assert [line.split(",")[0] for line in said.splitlines()[1:]] == ["'=1+1", "Huế"]


def test_a_message_id_that_a_server_chose_runs_nowhere(tmp_path):
    schema = pa.schema(
        [(name, pa.int32() if name in ("attempts", "code", "unclear") else pa.string()) for name in export.COLUMNS]
    )
    row = {field.name: 0 if field.type == pa.int32() else "x" for field in schema} | {"message_id": "=1+1", "code": -213}
    plain = row | {"message_id": "ok"}
    target = tmp_path / "run.csv"
    assert export.write(iter([pa.Table.from_pylist([row, plain], schema)]), target) == 2
    assert [found["message_id"] for found in read(target)] == ["'=1+1", "ok"]
    assert read(target)[0]["code"] == "-213"
