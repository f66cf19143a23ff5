"""The follower book: merged by person, switched in whole, and as before when an import fails."""

import shutil
import stat

import duckdb
import pyarrow.parquet as pq
import pytest

from zalo_alert.book import Book, Selection, generations
from zalo_alert.book.base import open_duckdb
from zalo_alert.book.generations import Generations
from zalo_alert.campaign.person_names import clean_name
from zalo_alert.errors import InputInvalid, StorageUnusable
from zalo_alert.testing import FakeClock

A, B, C = "1002893352839501541", "1002893352840501544", "1002893352841501547"


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def table(columns, *rows):
    return "\n".join([columns, *(",".join(row) for row in rows), ""])


def put(book, text, tmp_path, name="list.csv", clock=None, **more):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return book.import_rows(path, name, rejects=tmp_path / "rejects.csv", clock=clock or FakeClock(), **more)


def people(book, tmp_path):
    book.export(tmp_path / "book.parquet")
    return {row["user_id"]: row for row in pq.read_table(tmp_path / "book.parquet").to_pylist()}


@pytest.mark.slow
def test_the_newest_row_of_a_person_wins_within_and_between_files(book, tmp_path):
    dated = "user_id,city,updated_at"
    rows = [(A, "Huế", "2026-01-01"), (A, "Hà Nội", "2026-03-01"), (A, "Cà Mau", "2026-02-01"), (B, "Huế", "2026-01-01")]
    put(book, table(dated, *rows), tmp_path)
    assert people(book, tmp_path)[A]["city"] == "Hà Nội"
    later = [(person, "Lào Cai", "2026-02-15") for person in (A, B, C)]
    report = put(book, table(dated, *later), tmp_path)
    assert (report.new, report.replaced, report.total) == (1, 2, 3)
    found = people(book, tmp_path)
    assert (found[A]["city"], found[B]["city"]) == ("Hà Nội", "Lào Cai")


def test_of_two_rows_without_a_date_the_later_line_wins(book, tmp_path):
    put(book, f"user_id,city\n{A},Huế\n{A},Hà Nội\n", tmp_path)
    assert people(book, tmp_path)[A]["city"] == "Hà Nội"


def test_bad_rows_are_set_aside_with_line_and_reason(book, tmp_path):
    report = put(book, f"user_id,city\n{A},Huế\nabc,Huế\n,Huế\n{B},Huế\n", tmp_path)
    assert (report.read, report.imported, report.rejected) == (4, 2, 2)
    aside = tmp_path / "rejects.csv"
    assert aside.read_text(encoding="utf-8").splitlines()[1].startswith("3,the id is not 5 to 25 digits")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_without_bad_rows_no_file_of_them_stays(book, tmp_path):
    put(book, f"user_id\n{A}\n", tmp_path)
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "user_id,city\n", "name\nAn\n", "user_id,city\nabc,Huế\n"])
def test_an_import_that_fails_leaves_the_book_as_it_was(book, tmp_path, text):
    put(book, f"user_id\n{A}\n", tmp_path)
    before = book.generation()
    with pytest.raises(InputInvalid):
        put(book, text, tmp_path)
    assert book.generation() == before
    assert set(people(book, tmp_path)) == {A}
    assert not [path for path in book.folder.iterdir() if path.name.startswith(".draft")]


def test_an_import_that_is_cut_off_leaves_the_book_as_it_was(book, tmp_path, monkeypatch):
    put(book, f"user_id\n{A}\n", tmp_path)
    monkeypatch.setattr(Generations, "add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        put(book, f"user_id\n{B}\n", tmp_path)
    monkeypatch.undo()
    assert set(people(book, tmp_path)) == {A}


def test_an_empty_book_is_said(book):
    with pytest.raises(InputInvalid, match="empty"):
        book.stats()


def folders(book):
    return [path for path in book.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]


@pytest.mark.slow
def test_old_generations_are_pruned_never_the_one_in_force_and_files_are_private(book, tmp_path):
    for number in range(generations.KEPT_AT_MOST + 2):  # all within one second of the clock, so their names have no order
        put(book, f"user_id\n{int(A) + number}\n", tmp_path)
        assert book.stats().people == number + 1
    assert [one.people for one in book.generations()] == list(range(12, 2, -1))
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for folder in folders(book) for path in folder.iterdir())


@pytest.mark.slow
def test_after_a_week_only_the_newest_few_stay_and_that_in_force(book, tmp_path):
    clock = FakeClock()
    for number in range(8):
        put(book, f"user_id\n{int(A) + number}\n", tmp_path, clock=clock)
    oldest = book.generations()[-1].id
    book.rollback(oldest)
    clock.move(8 * 86_400)
    put(book, f"user_id\n{C}\n", tmp_path, clock=clock)
    assert len(book.generations()) == generations.KEPT
    assert book.generations()[0].people == 2  # built on the one rolled back to


def test_rollback_puts_an_earlier_generation_in_force(book, tmp_path):
    first = put(book, f"user_id\n{A}\n", tmp_path).generation
    second = put(book, f"user_id\n{B}\n", tmp_path).generation
    assert book.rollback().id == first
    assert set(people(book, tmp_path)) == {A}
    assert book.rollback(second).people == 2
    assert book.generation() == second
    book.rollback()
    with pytest.raises(InputInvalid, match="no earlier"):
        book.rollback()
    with pytest.raises(InputInvalid, match="no generation"):
        book.rollback("../lock")


def test_a_file_that_was_altered_is_noticed_and_one_that_was_copied_is_not(book, tmp_path):
    put(book, f"user_id\n{A}\n", tmp_path)
    shutil.copytree(book.folder, tmp_path / "copy")
    assert Book(tmp_path / "copy").stats().people == 1
    assert book.verify().people == 1
    [file] = book.folder.glob("*/*.parquet")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    for ask in (book.stats, book.verify, lambda: put(book, f"user_id\n{B}\n", tmp_path)):
        with pytest.raises(StorageUnusable, match="not the file that was imported"):
            ask()


def test_a_book_is_hashed_once_and_not_on_every_command(book, tmp_path, monkeypatch):
    put(book, f"user_id\n{A}\n", tmp_path)
    monkeypatch.setattr(generations, "_sha256", lambda path: pytest.fail("hashed again"))
    assert book.stats().people == 1


def test_places_are_told_by_name_and_by_the_date_of_the_row(book, tmp_path):
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
    assert sum(row.people for row in book.reach(Selection(frozenset({"thu-nghiem"})), now)) == 1
    only = Book(tmp_path / "only")
    put(only, f"{A}\n{B}\n99999\n", tmp_path)
    assert sum(row.people for row in book.reach(Selection(ids=(only.ids(),)), now)) == 2


def test_a_list_has_the_same_digest_in_any_order_and_format(tmp_path):
    one, two = Book(tmp_path / "one"), Book(tmp_path / "two")
    put(one, f"{A}\n{B}\n", tmp_path)
    put(two, f"city,user_id\nHuế,{B}\nHuế,{A}\nHuế,{A}\n", tmp_path)
    assert one.digest() == two.digest()


def test_people_without_a_name_are_counted_whatever_stands_there_unseen(book, tmp_path):
    names = ["An", "", " ", "\u3164", "\u2800\u200b", "\u00a0", "👩\u200d⚕️", "Ʌ", "."]
    now = FakeClock().now().isoformat()
    rows = [(f"{10**15 + n}", name, "Huế", "0912345678" if n % 2 else "", now) for n, name in enumerate(names)]
    put(book, table("user_id,name,city,phone,last_interaction_at", *rows), tmp_path)
    found = book.nameless(Selection(), ["old:46"], FakeClock().now())
    unnamed = [n for n, name in enumerate(names) if not clean_name(name)]
    assert (found.people, found.recent, found.phones) == (len(unnamed), len(unnamed), sum(n % 2 for n in unnamed))
    assert book.nameless(Selection(), ["old:45"], FakeClock().now()).people == 0


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error: Interrupted!")])
def test_ctrl_c_while_a_query_runs_is_ctrl_c(tmp_path, error):
    with pytest.raises(KeyboardInterrupt), open_duckdb(tmp_path):
        raise error


def test_a_bug_beside_a_query_stays_a_bug(tmp_path):
    with pytest.raises(RuntimeError, match="something else"), open_duckdb(tmp_path):
        raise RuntimeError("something else")
