"""Rows of a person become one, field by field; and the order of imports changes nothing."""

import csv
import io
from itertools import pairwise

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.book import Book
from zalo_alert.testing import FakeClock

pytestmark = pytest.mark.slow  # together they take ten seconds, for each makes books of its own

A, B = "1002893352839501541", "1002893352840501544"
COLUMNS = ("user_id", "name", "phone", "city", "address", "tags", "opted_out", "is_follower", "updated_at")


def put(book, rows, columns=COLUMNS, name="list.csv"):
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    file = io.BufferedReader(io.BytesIO(text.getvalue().encode()))
    return book.import_rows(file, name, rejects=book.folder.parent / "rejects.csv", clock=FakeClock())


def people(book):
    target = book.folder.parent / "all.parquet"
    book.export(target)
    return {row["user_id"]: row for row in pq.read_table(target).to_pylist()}


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def test_of_each_field_the_newest_value_that_says_something_holds(book):
    rows = [
        (A, "An", "0912345678", "", "", "", "", "", "2026-03-01"),
        (A, "", "0987654321", "Huế", "", "a;b", "", "no", "2026-01-01"),
        (A, "Bình", "", "Hà Nội", "1 Lê Lợi", "", "bao", "", "2026-02-01"),
    ]
    report = put(book, rows)
    found = people(book)[A]
    assert (found["name"], found["phone"], found["city"], found["address"]) == ("An", "84912345678", "Hà Nội", "1 Lê Lợi")
    assert (found["tags"], found["opted_out"], found["is_follower"]) == (["a", "b"], ["bao"], False)
    assert found["conflicts"] == ["city", "name", "phone"]
    assert found["updated_at"].isoformat() == "2026-02-28T17:00:00"
    assert (report.total, report.conflicts) == (1, 1)


def test_the_fields_of_a_place_move_together(book):
    put(book, [(A, "", "", "Huế", "1 Lê Lợi", "", "", "", "2026-01-01"), (A, "", "", "Hà Nội", "", "", "", "", "2026-02-01")])
    found = people(book)[A]
    assert (found["city"], found["place"], found["address"]) == ("Hà Nội", "old:01", "")
    assert found["conflicts"] == ["city"]


def test_a_value_older_than_its_row_gives_way_to_a_newer_one_of_a_later_import(book):
    put(book, [(A, "", "0912345678", "", "", "", "", "", "2026-01-01")], name="one.csv")
    put(book, [(A, "An", "", "", "", "", "", "", "2026-03-01")], name="two.csv")
    put(book, [(A, "Bình", "0987654321", "", "", "", "", "", "2026-02-01")], name="three.csv")
    found = people(book)[A]
    assert (found["name"], found["phone"], found["source"]) == ("An", "84987654321", "two.csv")
    assert found["conflicts"] == ["name", "phone"]


def test_of_equally_new_values_the_later_line_and_the_later_import_hold(book):
    put(book, [(A, name, "", "", "", "", "", "", "2026-01-01") for name in ("a", "b", "c", "d", "e")])
    assert people(book)[A]["name"] == "e"
    put(book, [(A, "f", "", "", "", "", "", "", "2026-01-01")])
    assert people(book)[A]["name"] == "f"


def test_a_person_on_a_thousand_lines_among_others(book):
    rows = [(A, f"n{n}", "", "", "", f"t{n}" if n == 500 else "", "", "", "2026-01-01") for n in range(1000)]
    report = put(book, [*rows, (B, "", "", "", "", "", "", "", "")])
    assert (report.total, report.read) == (2, 1001)
    found = people(book)[A]
    assert (found["name"], found["tags"]) == ("n999", ["t500"])


cells = st.sampled_from(["", "a", "b"])
dated = st.tuples(
    st.sampled_from([A, B]), cells, st.sampled_from(["", "0912345678", "0987654321"]), st.sampled_from(["", "Huế", "Hà Nội"]),
    cells, cells, cells, st.sampled_from(["", "yes", "no"]),
)  # fmt: skip


@pytest.mark.long
@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(dated, min_size=1, max_size=8), st.data())
def test_the_order_and_number_of_imports_change_nothing_but_the_source(tmp_path_factory, rows, data):
    rows = [(*row, f"2026-01-{day:02}") for day, row in enumerate(rows, start=1)]
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(rows) - 1)), max_size=2)))
    at_once, by_parts = (Book(tmp_path_factory.mktemp("book") / "book") for _ in range(2))
    put(at_once, rows)
    for first, last in pairwise([0, *cuts, len(rows)]):
        if first < last:
            put(by_parts, shuffled[first:last])
    assert without_place_conflicts(by_parts) == without_place_conflicts(at_once)


def without_place_conflicts(book):
    # The fields of a place move together, so a city may be gone before another one meets it.
    found = people(book)
    for person in found.values():
        person["conflicts"] = [field for field in person["conflicts"] if field not in ("city", "address")]
    return found


def test_an_exported_book_imports_as_itself(book, tmp_path):
    columns = (*COLUMNS, "city_work", "dia_chi_que_quan", "district", "ward", "last_interaction_at", "user_id_by_app")
    values = (A, "Nguyễn, An", "0912345678", "Huế", 'số "1"', "a;b", "bao;lu", "yes", "2026-01-01 10:00:00")
    put(book, [(*values, "Hà Nội", "1 Lê Lợi, Cà Mau", "x", "y", "24/11/2026", "123456")], columns)
    book.export(tmp_path / "all.csv")
    again = Book(tmp_path / "again")
    again.import_rows(tmp_path / "all.csv", "list.csv", rejects=tmp_path / "r.csv", clock=FakeClock())
    found = people(book)[A]
    assert [tuple(place.values()) for place in found["places"]] == [
        ("work", "Hà Nội", "old:01"),
        ("family", "1 Lê Lợi, Cà Mau", "new:96"),
    ]
    assert people(again)[A] == found | {"source": "list.csv"}
