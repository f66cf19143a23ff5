"""The follower book: merged by person, switched in whole, and as before when an import fails."""

import stat

import pyarrow.parquet as pq
import pytest

from zalo_alert.book import GENERATIONS_KEPT, Book, Selection
from zalo_alert.errors import InputInvalid
from zalo_alert.testing import FakeClock

A, B, C = "1002893352839501541", "1002893352840501544", "1002893352841501547"


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def table(columns, *rows):
    return "\n".join([columns, *(",".join(row) for row in rows), ""])


def put(book, text, tmp_path, name="list.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return book.import_rows(path, name, rejects=tmp_path / "rejects.csv", clock=FakeClock())


def people(book, tmp_path):
    book.export(tmp_path / "book.parquet")
    return {row["user_id"]: row for row in pq.read_table(tmp_path / "book.parquet").to_pylist()}


def test_the_newest_row_of_a_person_wins_within_and_between_files(book, tmp_path):
    rows = [
        (A, "Bình Định", "2026-01-01"),
        (B, "Gia Lai", "2024-01-01"),
        (C, "Gia Lai", "2026-01-01"),
        (str(int(C) + 1), "xyz", ""),
    ]
    put(book, table("user_id,city,updated_at", *rows), tmp_path)
    found = people(book, tmp_path)
    assert [found[person]["place"] for person in (A, B, C)] == ["old:52", "old:64", "new:52"]
    assert found[str(int(C) + 1)]["place"] == "unknown"


def test_a_selection_by_list_and_by_tag(book, tmp_path):
    put(book, f"user_id,city,tags\n{A},Huế,thu-nghiem\n{B},Huế,\n{C},Huế,khac;thu-nghiem\n", tmp_path)
    now = FakeClock().now()
    assert sum(row.people for row in book.reach(Selection(("thu-nghiem",)), now)) == 1
    only = Book(tmp_path / "only")
    put(only, f"{A}\n{B}\n99999\n", tmp_path)
    assert sum(row.people for row in book.reach(Selection((), only.ids()), now)) == 2


def test_a_list_has_the_same_digest_in_any_order_and_format(tmp_path):
    one, two = Book(tmp_path / "one"), Book(tmp_path / "two")
    put(one, f"{A}\n{B}\n", tmp_path)
    put(two, f"city,user_id\nHuế,{B}\nHuế,{A}\nHuế,{A}\n", tmp_path)
    assert one.digest() == two.digest()
