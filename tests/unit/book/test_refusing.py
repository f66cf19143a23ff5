"""Whoever opted out, in whatever words an office writes it, is not written to about that topic; also in books of long ago."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zalo_alert.book import Book, Selection
from zalo_alert.book.generations import Generations
from zalo_alert.readers import words
from zalo_alert.testing import FakeClock

A = 1002893352839501541
CLOCK = FakeClock()
EVERY = [
    "TRUE",
    "true",
    "1",
    "x",
    "X",
    "yes",
    "có",
    "Có",
    "all",
    "tất cả",
    "TẤT CẢ",
    "từ chối",
    "Không nhận",
    "✓",
    "STOP",
    "co\u0301",
]
DRILLS = [
    "drill",
    "Drill",
    "DRILL",
    " drill ",
    "diễn tập",
    "Diễn tập",
    "dien tap",
    "Tin diễn tập",
    "drill;information",
    "diễn tập và thông tin",
]
NONE = ["", "0", "no", "không", "FALSE", "N/A", "-", "warning", "cảnh báo", "thông tin", "bao"]


def book_of(folder, values):
    rows = "".join(f'{A + n},Huế,"{value}"\n' for n, value in enumerate(values))
    path = folder / "list.csv"
    path.write_text("user_id,city,opted_out\n" + rows, encoding="utf-8")
    book = Book(folder / "book")
    return book, book.import_rows(path, path.name, rejects=folder / "rejects.csv", clock=CLOCK)


def left(book, topic):
    return sum(row.people for row in book.reach(Selection(topic=topic), CLOCK.now()))


def stored_as_before(book, values):
    """Write the words as an import before this reading of them did: as they are."""
    generation = book.generation()
    generations = Generations(book.folder)
    path = generations.files(generation)[0]
    table = pq.read_table(path)
    order = sorted(range(len(values)), key=lambda n: table["user_id"].to_pylist().index(str(A + n)))
    plain = pa.array([[values[n]] if values[n] else [] for n in order], pa.list_(pa.string()))
    table = table.set_column(table.schema.get_field_index("opted_out"), "opted_out", plain)
    with generations.locked(), generations.draft() as draft:
        pq.write_table(table, draft / "00000.parquet")
        generations.add(draft, [("00000.parquet", len(values), 0, 99)], "before", CLOCK.now())


@pytest.mark.parametrize("imported_before", [False, True])
def test_whoever_refuses_drills_in_any_words_is_left_out_of_a_drill(tmp_path, imported_before):
    values = [value for value in [*EVERY, *DRILLS, *NONE] if not imported_before or (";" not in value and " và " not in value)]
    book, _ = book_of(tmp_path, values)
    if imported_before:
        stored_as_before(book, [value.strip() for value in values])
    assert left(book, "drill") == len([value for value in values if value in NONE])
    assert left(book, "") == len(values)


def test_yes_refuses_every_topic_and_a_topic_itself_alone(tmp_path):
    book, _ = book_of(tmp_path, ["có", "diễn tập", "Cảnh báo", "thông tin;DIỄN TẬP", "không"])
    assert [left(book, topic) for topic in words.TOPICS] == [2, 3, 3]


def test_words_that_are_no_topic_are_counted_at_import_and_kept(tmp_path):
    book, report = book_of(tmp_path, ["bao", "bão số 7", "drill", "x"])
    assert report.tally.get("unread", "opted_out") == (2, "bao")
    assert left(book, "drill") == 2


@pytest.mark.parametrize(("value", "stored"), [(True, words.TOPICS), (False, ()), (1, words.TOPICS), (0, ()), (None, ()),
                                               (["drill"], ("drill",)), ("", ())])  # fmt: skip
def test_values_of_json(value, stored):
    from zalo_alert.readers.base import refused_of

    assert refused_of(value) == stored
