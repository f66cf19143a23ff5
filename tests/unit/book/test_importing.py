"""An import that is cut off goes on, one whose file changes is refused, and one that can't write leaves the book as it was."""

import csv
import errno
import os

import pyarrow.parquet as pq
import pytest

from zalo_alert import places, readers
from zalo_alert.book import Book
from zalo_alert.book.generations import Generations
from zalo_alert.book.importing import ImportSource, Sizes, describe_rejects, import_list
from zalo_alert.book.locate import Addresses, PlaceReader, locate
from zalo_alert.errors import InputInvalid, RunBusy, StorageUnusable
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.places import Resolved
from zalo_alert.places.combine import Why
from zalo_alert.testing import FakeClock

A = 1002893352839501541


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.csv"
    lines = [f"{A + n},Huế" for n in range(1000)]
    lines[10] = lines[700] = "x,Huế"
    path.write_text("\n".join(["user_id,city", *lines]), encoding="utf-8")
    return path


SIZES = Sizes(block_bytes=4000, chunk_rows=300)  # so that a small list comes in many pieces


def put(book, path, on_step=lambda what, done, whole: None, sizes=SIZES):
    listed, rejects = ImportSource(path, path.name, path.name), path.with_name("rejects.csv")
    return import_list(Generations(book.folder), listed, rejects=rejects, clock=FakeClock(), on_step=on_step, sizes=sizes)


class Cut(Exception):
    """The power fails."""


def cut_after(rows):
    def told(what, done, whole):
        if done >= rows:
            raise Cut

    return told


def test_an_import_that_was_cut_off_goes_on_where_it_was(book, file):
    with pytest.raises(Cut):
        put(book, file, on_step=cut_after(700))
    assert list(book.folder.glob(".staging/*/*.parquet"))
    report = put(book, file)
    assert 300 <= report.resumed < 1000
    assert (report.read, report.imported, report.rejected, report.total) == (1000, 998, 2, 998)
    rejects = file.with_name("rejects.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in rejects] == ["line", "12", "702"]
    assert sorted(path.name for path in book.folder.iterdir() if path.name.startswith(".")) == []


def test_a_bad_row_s_reason_is_kept_in_both_languages_over_a_cut(book, file):
    with pytest.raises(Cut):
        put(book, file, on_step=cut_after(700))
    report = put(book, file)
    with file.with_name("rejects.csv").open(encoding="utf-8", newline="") as rejects:
        rows = list(csv.DictReader(rejects))
    assert {row["reason"] for row in rows} == {"the id is not 5 to 25 digits"}
    assert {row["reason_vi"] for row in rows} == {"có ID không phải 5 đến 25 chữ số"}
    told = describe_rejects(report.first_rejects, 1)
    assert told == 'line 12 the id is not 5 to 25 digits: "x,Huế"'
    assert said_in(told, catalogue_of(Language.VI)) == 'dòng 12 có ID không phải 5 đến 25 chữ số: "x,Huế"'


def test_another_file_or_a_changed_one_begins_again_and_clears_what_was_staged(book, file):
    with pytest.raises(Cut):
        put(book, file, on_step=cut_after(700))
    file.write_text(file.read_text(encoding="utf-8") + f"\n{A + 5000},Huế\n", encoding="utf-8")
    report = put(book, file)
    assert (report.resumed, report.total) == (0, 999)
    assert not (book.folder / ".staging").exists()


def test_a_file_that_grows_while_it_is_read_is_refused(book, file):
    def told(what, done, whole):
        with file.open("a", encoding="utf-8") as more:
            more.write(f"{A + 9000},Huế\n")

    with pytest.raises(InputInvalid, match="changed while it was read"):
        put(book, file, on_step=told)
    assert book.generations() == []
    assert not (book.folder / ".staging").exists()


def test_a_kill_between_the_last_two_steps_leaves_the_book_as_it_was(book, file, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Generations, "switch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            put(book, file)
    with pytest.raises(InputInvalid, match="empty"):
        book.stats()
    assert put(book, file).total == 998


def test_what_a_killed_process_left_is_cleared_by_the_next(book, file):
    (book.folder / ".draft").mkdir(parents=True)
    (book.folder / ".draft" / "00000.parquet").write_bytes(b"half")
    (book.folder / ".staging" / "another").mkdir(parents=True)
    old = book.folder / ".scratch.1"
    old.mkdir()
    os.utime(old, (0, 0))
    put(book, file)
    assert [path.name for path in book.folder.iterdir() if path.name.startswith(".")] == []


def test_a_full_disk_is_said_and_nothing_stays(book, file, monkeypatch):
    put(book, file)
    before = book.generation()

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    file.write_text(f"user_id\n{A}\n", encoding="utf-8")
    with pytest.raises(StorageUnusable, match="the disk is full"):
        put(book, file)
    assert book.generation() == before
    assert [path.name for path in book.folder.iterdir() if path.name.startswith(".")] == []


def test_two_imports_never_write_to_one_book(book, file):
    def told(what, done, whole):
        with pytest.raises(RunBusy):
            put(book, file)

    assert put(book, file, on_step=told).total == 998


@pytest.mark.slow
def test_people_are_shared_out_to_files_and_meet_their_rows_there(book, file):
    put(book, file)
    report = put(book, file, sizes=SIZES._replace(people_per_file=400))
    assert (report.new, report.replaced, report.total) == (0, 998, 998)
    assert len(book.generations()[0].parts) == 5
    assert put(book, file).total == 998
    assert len(book.generations()[0].parts) == 1


# --- places ------------------------------------------------------------------------------------------------------------

ASKED: list[tuple[str, str, str, bool]] = []


def from_address(city, district, ward, address, *, before_merger):
    ASKED.append((city, district, address, before_merger))
    if address:
        return Resolved("old:52", "21550", Why.WARD) if "Quy Nhơn" in address else Resolved("unknown", "", Why.UNKNOWN)
    return places.resolve(city, district, ward, address, before_merger=before_merger)


def table(*rows):
    people = [
        readers.Person(n, str(A + n), "", "", "", city, district, "", address, (), (), (), None, None, None)
        for n, (city, district, address) in enumerate(rows)
    ]
    return readers.quick.table_of(people)


def test_a_place_is_asked_once_for_all_who_share_it_and_an_address_only_when_it_is_open(tmp_path):
    ASKED.clear()
    rows = table(*[("Huế", "", "1 Lê Lợi")] * 5, *[("Gia Lai", "", "Quy Nhơn")] * 3, ("", "", ""), ("Gia Lai", "x", "Pleiku"))
    found = locate(rows, "list", from_address)
    assert len(ASKED) == 4
    for _ in range(2):  # the second time from memory
        addresses = Addresses(tmp_path / "addresses.db", PlaceReader(from_address))
        settled = addresses.settle(found)
        addresses.close()
        assert settled["place"].to_pylist() == [*["old:46"] * 5, *["old:52"] * 3, "unknown", "unknown"]
        assert settled["ward_code"].to_pylist()[5:8] == ["21550"] * 3
    assert [asked[2] for asked in ASKED[4:]] == ["Quy Nhơn", "Pleiku"]
    forgetful = Addresses(tmp_path / "addresses.db", PlaceReader(from_address, "another"))
    forgetful.settle(found)
    forgetful.close()
    assert len(ASKED) == 8


@pytest.mark.slow
def test_many_addresses_are_shared_out_to_processes(tmp_path):
    found = locate(table(*[("Gia Lai", "", f"{n} Lê Lợi") for n in range(50)]), "list")
    addresses = Addresses(tmp_path / "addresses.db", pool_from=10)
    settled = addresses.settle(found)
    addresses.close()
    assert settled["place"].to_pylist() == ["new:52"] * 50


def test_wards_are_read_out_of_addresses_when_they_are_asked_for_and_nothing_certain_changes(tmp_path):
    rows = table(("Huế", "", "Phường Thuận An"), ("Huế", "", "Phường Bến Nghé, Quận 1, TP HCM"), ("Huế", "", ""), ("", "", "Huế"))
    found = locate(rows, "list")
    addresses = Addresses(tmp_path / "addresses.db")
    plain, read = addresses.settle(found), addresses.settle(found, wards=True)
    addresses.close()
    assert plain["ward_code"].to_pylist() == ["", "", "", ""]
    assert read["ward_code"].to_pylist() == ["19900", "", "", ""]
    assert read["place"].to_pylist() == plain["place"].to_pylist() == ["old:46"] * 4
