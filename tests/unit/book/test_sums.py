"""What an import says of a list: its sums close, what was not read is counted with an example; rounded ids are refused."""

import csv
import gzip

import pytest

from zalo_alert.book import Book
from zalo_alert.book.generations import Generations
from zalo_alert.book.importing import ImportSource, Sizes, import_list
from zalo_alert.cli import import_view
from zalo_alert.cli.display import Display
from zalo_alert.errors import InputInvalid
from zalo_alert.readers import masked, tally
from zalo_alert.testing import FakeClock

A = 1002893352839501541


def put(tmp_path, text, name="list.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Book(tmp_path / "book").import_rows(path, name, rejects=tmp_path / "out" / "rejects.csv", clock=FakeClock())


def assert_closed(report):
    assert report.new + report.replaced + report.repeated + report.rejected == report.read


def exported(tmp_path):
    Book(tmp_path / "book").export(tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_new_known_repeated_and_rejected_rows_add_up_to_the_rows_read(tmp_path):
    put(tmp_path, f"user_id\n{A}\n")
    lines = [str(A), str(A + 1), str(A + 1), f"0{A + 1}", "x", str(A + 2), "0912345678"]
    report = put(tmp_path, "\n".join(["user_id", *lines]))
    assert (report.read, report.new, report.replaced, report.repeated, report.rejected) == (7, 2, 1, 2, 2)
    assert_closed(report)
    assert report.total == 3


def test_rows_that_a_quote_swallowed_are_among_the_rows_read(tmp_path):
    lines = [f"{A + n},Huế,x" for n in range(1000)]
    lines[8] = f'{A + 8},Huế,"x'
    lines[990] = f'{A + 990},Huế,"x'
    report = put(tmp_path, "\n".join(["user_id,city,address", *lines]))
    assert (report.read, report.new, report.rejected) == (1000, 998, 2)
    with (tmp_path / "out" / "rejects.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["line"], row["text"]) for row in csv.DictReader(file)] == [("10", lines[8]), ("992", lines[990])]


@pytest.mark.slow
def test_bad_rows_may_go_to_a_device_which_stays_one(tmp_path):
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    path = tmp_path / "list.csv"
    for text in (f"user_id\nx\n{A}\n", f"user_id\n{A}\n"):
        path.write_text(text, encoding="utf-8")
        Book(tmp_path / "book").import_rows(path, "list", rejects=device, clock=FakeClock())
        assert device.is_symlink()
        assert device.is_char_device()


def test_when_no_row_can_be_used_the_first_is_shown_with_its_reason(tmp_path):
    with pytest.raises(InputInvalid, match=r"not one of 2 rows can be used; line 1 is a phone number.* \"8491…78\"") as refused:
        put(tmp_path, "84912345678\n0912345678\n")
    assert "column phone" in str(refused.value)
    assert (tmp_path / "out" / "rejects.csv").exists()


def test_what_was_not_read_is_counted_by_column_with_an_example(tmp_path):
    report = put(
        tmp_path,
        "user_id,phone,last_interaction_at,is_follower,user_id_by_app,opted_out,Ghi chú\n"
        f"{A},8.49E+10,11/26/2026,có lẽ,abc,bão,x\n{A + 1},0500123456,soon,yes,123456,drill,\n{A + 2},,,,,,\n",
    )
    found = {column: (one.number, one.example) for column, one in report.tally.of(tally.UNREAD).items()}
    assert found == {
        "phone": (2, "8.49E+10"), "last_interaction_at": (2, "11/26/2026"), "is_follower": (1, "có lẽ"),
        "user_id_by_app": (1, "abc"), "opted_out": (1, "bão"),
    }  # fmt: skip
    assert_closed(report)


@pytest.mark.slow
def test_a_number_that_cannot_exist_never_takes_the_place_of_a_good_one(tmp_path):
    put(tmp_path, f"user_id,phone,updated_at\n{A},0912345678,2026-11-01\n")
    for phone in ("0123456789", "0439000095", "912 345", "x"):
        report = put(tmp_path, f"user_id,phone,updated_at\n{A},{phone},2026-11-20\n")
        assert report.conflicts == 0
    assert exported(tmp_path)[0]["phone"] == "84912345678"


@pytest.mark.slow
def test_a_list_of_before_2018_is_known_by_its_numbers(tmp_path):
    old = f"user_id,phone\n{A},01623456786\n{A + 1},0838221234\n{A + 2},0383841234\n{A + 3},0912345678\n"
    report = put(tmp_path, old)
    assert report.tally.get(tally.OLD_PHONE, "phone").number == 1
    assert report.land_lines == 2
    report = put(tmp_path, old.replace("01623456786", "0323456786"))
    assert report.land_lines == 0


# --- ids that a spreadsheet rounded -----------------------------------------------------------------------------------------

ROUNDED = [1002893352839500000, 1002893352840500000, 1002893352841500000]


@pytest.mark.parametrize("header", ["", "user_id\n"])
@pytest.mark.parametrize(
    "ids",
    [ROUNDED, ROUNDED[:1], [ROUNDED[0]] * 8, [*ROUNDED, A], [100289335283950 * 100, 100289335283951 * 100]],
    ids=["three", "one", "all the same", "most", "of 17 digits"],
)
def test_ids_that_a_spreadsheet_rounded_are_refused_and_the_book_is_as_before(tmp_path, header, ids):
    with pytest.raises(InputInvalid, match="a spreadsheet rounded the ids") as refused:
        put(tmp_path, header + "".join(f"{one}\n" for one in ids))
    assert "such as 1002…00" in str(refused.value)
    assert Book(tmp_path / "book").is_empty


def test_so_are_the_ids_of_an_app(tmp_path):
    with pytest.raises(InputInvalid, match="user_id_by_app"):
        put(tmp_path, f"user_id,user_id_by_app\n{A},{ROUNDED[0]}\n{A + 1},{ROUNDED[1]}\n")


@pytest.mark.slow
@pytest.mark.parametrize("ids", [[A, A + 1, ROUNDED[0]], [1002893352839510], [100000, 200000], [A, ROUNDED[0]]])
def test_an_id_that_ends_in_zeros_by_chance_is_an_id(tmp_path, ids):
    assert put(tmp_path, "user_id\n" + "".join(f"{one}\n" for one in ids)).total == len(ids)


def test_phone_numbers_without_their_zero_are_no_ids(tmp_path):
    with pytest.raises(InputInvalid, match="phone numbers without their zero"):
        put(tmp_path, f"912345678\n987654321\n{A}\n")


def test_what_is_counted_survives_a_cut(tmp_path):
    class Cut(Exception):
        pass

    def told(what, done, whole):
        if done >= 600:
            raise Cut

    path = tmp_path / "list.ndjson"
    path.write_text("".join(f'{{"user_id": "{ROUNDED[0] + n * 10**6}", "phone": "x"}}\n' for n in range(1500)), encoding="utf-8")
    book, sizes = Book(tmp_path / "book"), Sizes(block_bytes=4000, chunk_rows=100)
    listed, generations = ImportSource(path, path.name, path.name), Generations(book.folder)
    with pytest.raises(Cut):
        import_list(generations, listed, rejects=tmp_path / "r.csv", clock=FakeClock(), on_step=told, sizes=sizes)
    with pytest.raises(InputInvalid, match="1500 of 1500"):
        book.import_rows(path, path.name, rejects=tmp_path / "r.csv", clock=FakeClock())


def test_a_packed_list_is_imported_and_known_again(tmp_path):
    report = put(tmp_path, gzip.compress(f"user_id,city\n{A},Huế\n".encode()), "list.csv.gz")
    assert (report.read, report.total) == (1, 1)


# --- how it is said ---------------------------------------------------------------------------------------------------------


def test_everything_is_told_and_nobody_is_named(tmp_path, capsys, monkeypatch):
    report = put(
        tmp_path,
        f"STT;Mã Zalo;SĐT;Tương tác cuối;Tỉnh\n1;{A};0500123456;11/26/2026;Huế\n2;{A + 1};01623456786;;Huế\n"
        f"3;{A + 2};0383841234\n4;{ROUNDED[0]};;;\n4;{A};;;\n5;0912345678;;;\n",
    )
    monkeypatch.setattr(import_view, "display", Display(json=False))
    import_view.show_import(report, "list.csv", tmp_path / "rejects.csv")
    said = "".join(capsys.readouterr())
    for words in (
        "6 rows read: 4 new, 0 known, 1 repeated, 1 rejected",
        'ids come from the column "Mã Zalo"; not understood and left out: STT',
        'phone: 1 value could not be read and counts as empty: "0500…56"', "the month seems to stand first",
        "1 row without the last columns", "1 phone number of 11 digits", "may have been a land line", "may have been rounded",
    ):  # fmt: skip
        assert words in said
    assert not any(digits in said for digits in ("0500123456", "01623456786", str(A), str(ROUNDED[0])))


def test_ids_and_numbers_are_shown_by_their_ends():
    assert masked(f"{A},An,0912345678, số 12") == "1002…41,An,0912…78, số 12"
