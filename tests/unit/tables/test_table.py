"""Tables built from lists, asked, switched, rolled back."""

import shutil
from datetime import datetime

import pytest

from zalo_alert.errors import InputInvalid, RunBusy, StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.tables.build import BuildRequest, build
from zalo_alert.tables.facts import CheckKind, date_of, fold
from zalo_alert.tables.generations import TableFolder, Tables, names

NOW = datetime(2026, 7, 15, 9, 0, tzinfo=VIETNAM)
SCORES = """sbd,ho_ten,ngay_sinh,mon.Toán,mon.Lý
02001234,Nguyễn Văn An,15/3/2008,8.25,
02001235,Trần Thị Bình,2/4/2008,7,6.5
"""


def quiet(*_step):
    """Tell nobody how far it is."""


def built(folder, file, text, **wanted):
    """Build a table from a text."""
    file.write_text(text, encoding="utf-8")
    return build(folder, BuildRequest(file, "sbd", "ngay_sinh", **wanted), NOW, quiet)


@pytest.fixture
def folder(tmp_path):
    """The folder of one table."""
    return TableFolder(tmp_path / "state", "diem-thi")


def test_a_row_is_found_by_both_facts(folder, tmp_path):
    done = built(folder, tmp_path / "diem.csv", SCORES)

    table = folder.open()
    assert (done.about.rows, done.about.check_kind) == (2, CheckKind.DATE)
    assert table.find("02001234", "2008-03-15") == {"ho_ten": "Nguyễn Văn An", "mon": {"Toán": "8.25"}}
    table.close()


def test_a_wrong_number_and_a_wrong_date_cost_the_same_work(folder, tmp_path):
    rows = "".join(f"{n:08d},x,{n % 28 + 1}/3/2008,5,6\n" for n in range(5000))
    built(folder, tmp_path / "diem.csv", SCORES.splitlines()[0] + "\n" + rows)
    table = folder.open()
    steps = []
    table._db.counting_steps(lambda: steps.append(1))

    def work(key, check):
        steps.clear()
        assert table.find(key, check) is None
        return len(steps)

    assert {work("00000007", f"2008-03-{day:02d}") for day in range(9, 29)} == {
        work(f"{n:08d}", "2008-03-08") for n in range(9000, 9020)
    }
    table.close()


def test_the_file_holds_neither_fact(folder, tmp_path):
    done = built(folder, tmp_path / "diem.csv", SCORES)

    content = folder.file(done.generation).read_bytes()
    assert b"02001234" not in content
    assert b"2008" not in content.replace(b"2026", b"")
    assert (folder.path / f"{done.generation}.key").stat().st_mode & 0o777 == 0o600


def test_another_workspace_hashes_otherwise(tmp_path):
    one, other = (TableFolder(tmp_path / name, "a") for name in ("one", "other"))
    files = [folder.file(built(folder, tmp_path / "diem.csv", SCORES).generation) for folder in (one, other)]

    shutil.copy(files[0].with_suffix(".key"), files[1].with_suffix(".key"))
    table = other.open()
    assert table.find("02001234", "2008-03-15") is None
    table.close()


def test_a_generation_is_taken_back_and_old_ones_go(folder, tmp_path):
    made = [built(folder, tmp_path / "diem.csv", SCORES).generation for _again in range(4)]

    assert folder.ids() == made[:0:-1]
    folder.use(folder.before())
    assert folder.current() == made[2]
    with pytest.raises(InputInvalid, match="no generation"):
        folder.use(made[0])


def test_whoever_has_a_table_open_notices_a_switch(folder, tmp_path):
    built(folder, tmp_path / "diem.csv", SCORES)
    now_s = [0.0]
    tables = Tables(tmp_path / "state", lambda: now_s[0])
    assert tables.get("diem-thi").find("02001236", "2008-04-02") is None

    built(folder, tmp_path / "diem.csv", SCORES.replace("02001235", "02001236"))
    now_s[0] = 1.0
    assert tables.get("diem-thi").find("02001236", "2008-04-02")
    tables.close()


def test_a_changed_byte_is_found(folder, tmp_path):
    file = folder.file(built(folder, tmp_path / "diem.csv", SCORES).generation)
    assert folder.verify() == file.stat().st_size

    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(StorageUnusable, match="not the file that was built"):
        folder.verify()


def test_only_one_changes_a_table(folder):
    with folder.locked(), pytest.raises(RunBusy), TableFolder(folder.path.parents[1], "diem-thi").locked():
        pass


@pytest.mark.parametrize("name", ["", "..", "a/b", "Điểm", "A", "x" * 65, "a b"])
def test_what_can_be_no_folder_is_no_name(tmp_path, name):
    with pytest.raises(InputInvalid, match="can't be the name"):
        TableFolder(tmp_path, name)


def test_a_workspace_without_tables_has_none(tmp_path):
    assert names(tmp_path) == []
    with pytest.raises(InputInvalid, match="there is no table"):
        TableFolder(tmp_path, "a").open()


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("15/3/2008", "2008-03-15"),
        ("15-03-08", "2008-03-15"),
        ("15.3.2008", "2008-03-15"),
        ("15 tháng 3 năm 2008", "2008-03-15"),
        ("ngày 15 thang 3, 2008", "2008-03-15"),
        ("15032008", "2008-03-15"),
        ("2008-03-15", "2008-03-15"),
        ("2008/3/15", "2008-03-15"),
        ("15 3 2008", "2008-03-15"),
        ("15/3/75", "1975-03-15"),
        ("31/2/2008", ""),
        ("3/15/2008", ""),
        ("15/3", ""),
        ("15/3/208", ""),
        ("xin chào", ""),
        ("", ""),
        ("٣/٣/٢٠٠٨", ""),
        ("15/3/0208", ""),
    ],
)
def test_a_date_as_people_type_it(typed, date):
    assert date_of(typed, 2026) == date


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("02 001-234", "02001234"), ("ts.Đ-01", "TSD01"), ("Nguyễn Văn Ơn", "NGUYENVANON"), ("…", ""), ("x" * 9, "XXXXXXXXX")],
)
def test_a_number_is_its_letters_and_digits(typed, folded):
    assert fold(typed) == folded


def test_a_name_that_was_nearly_typed_is_offered(tmp_path):
    (tmp_path / "tables" / "diem-thi-2026").mkdir(parents=True)
    (tmp_path / "tables" / "diem-thi-2026" / "CURRENT").write_text("000001\n", encoding="utf-8")

    with pytest.raises(InputInvalid, match='did you mean "diem-thi-2026"'):
        TableFolder(tmp_path, "diem-thi-206").open()
