"""Lists that no table is built from, each fault with its line; and lists that look odd and are sound."""

import csv
import io
import zipfile
from contextlib import closing
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.readers.test_lists import sheet, xlsx
from zalo_alert.errors import InputInvalid, TableRefused
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.readers.base import cell
from zalo_alert.tables.build import BuildRequest, build
from zalo_alert.tables.facts import CheckKind, fold
from zalo_alert.tables.generations import TableFolder

NOW = datetime(2026, 7, 15, 9, 0, tzinfo=VIETNAM)
HEAD = "sbd,ngay_sinh,diem\n"


def quiet(*_step):
    """Tell nobody how far it is."""


@pytest.fixture
def folder(tmp_path):
    """The folder of one table."""
    return TableFolder(tmp_path / "state", "diem")


def build_from(folder, content, name="diem.csv", key="sbd", check="ngay_sinh", **more):
    """Build a table from bytes or a text."""
    file = folder.path.parents[2] / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return build(folder, BuildRequest(file, key, check, **more), NOW, quiet)


def faults(folder, content, **more):
    """Return the line and sentence of each fault that a list is refused for."""
    with pytest.raises(TableRefused) as refused:
        build_from(folder, content, **more)
    assert folder.current() == ""
    assert folder.ids() == []
    return [(problem.line, str(problem.message)) for problem in refused.value.problems]


def find(folder, key, check):
    """Ask the table in force."""
    with closing(folder.open()) as table:
        return table.find(key, check)


@pytest.mark.parametrize(
    ("rows", "line", "sentence"),
    [
        ("02000001,15/3/2008,1\n02000001,16/3/2008,2\n", 3, "the number 0200…01 stands on line 2 already"),
        ("02000001,,1\n", 2, "the second fact is empty"),
        (",15/3/2008,1\n", 2, "the number is empty"),
        ("12000001,15/3/2008,1\n12000002,1/1/2008,\n2000003,1/1/2008,\n", 4, "2000…03 is a digit shorter than the others"),
        ("2.00E+06,15/3/2008,1\n", 2, "was stored as a calculated one"),
        ("=cmd|' /C calc'!A0,15/3/2008,1\n", 2, "is a formula"),
        ("02000001,3/15/2008,1\n", 2, "only with the month first"),
        ("02000001,15/3/2008,1\n02000002,15/3/08,1\n", 3, "has a year of two digits"),
        ("02000001,15/3/2008,1\n02000002,39522,1\n", 3, "Excel's number of a day"),
        ("02000001,15/3/2008,1\n02000002,hôm qua,1\n", 3, "hôm qua is not a date"),
        ("02000001,15/3/2008,1\n02000002,15/3/1008,1\n", 3, "of no living person's life"),
        ("02000001,2008-05-03,1\n02000002,15/3/2008,1\n", 2, "Excel has turned their day and month round"),
        ("02000001,15/3/2008,1,2,3\n", 2, "has 5 columns, the header 3"),
        ('02000001,15/3/2008,"1\n02000002,15/3/2008,1\n', 2, "a quote opened here is not closed"),
        ('02000001,15/3/2008,"a"b"\n', 2, "has a quote in the middle of a value"),
        (f"{'9' * 300},15/3/2008,1\n", 2, "longer than 200 characters"),
    ],
)
def test_a_fault_is_told_with_its_line_and_nothing_is_built(folder, rows, line, sentence):
    found = faults(folder, HEAD + rows)

    assert [at for at, message in found if sentence in message] == [line]


def test_a_pattern_says_what_a_number_looks_like(folder):
    rows = "02000001,15/3/2008,1\n2000002,15/3/2008,1\nX,15/3/2008,1\n"

    assert faults(folder, HEAD + rows, key_pattern=r"\d{8}") == [
        (3, "2000…02 has lost its leading zero: format the column as text and export again"),
        (4, r"X is no number of the pattern \d{8}"),
    ]


def test_of_many_faults_the_first_are_told_and_all_are_counted(folder):
    with pytest.raises(TableRefused, match="30 faults") as refused:
        build_from(folder, HEAD + "".join(f"{n:08d},,1\n" for n in range(30)))

    assert len(refused.value.problems) == 6
    assert "25 more rows" in str(refused.value.problems[-1])


def test_what_is_not_utf8_is_told_with_its_line(folder):
    assert faults(folder, HEAD.encode() + b"02000001,15/3/2008,\xff\n") == [(2, "is not UTF-8 text")]


def test_a_value_of_ten_megabytes_is_told_with_its_line(folder):
    rows = f"02000001,15/3/2008,{'x' * 10_000_000}\n02000002,15/3/2008,1\n"

    assert faults(folder, HEAD + rows) == [(2, "is longer than a megabyte")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "holds no line"),
        ("sbd\n1\n", "has no columns sbd, ngay_sinh"),
        ("a,b\n1,2\n", "its first line reads: a,b"),
        ("sbd,ngay_sinh,SBD\n1,2,3\n", 'two columns "SBD"'),
        (HEAD, "holds a header and no row under it"),
        (HEAD.encode("utf-16"), "is saved as UTF-16"),
        (b"%PDF-1.4", "is a PDF"),
        (b"PAR1" + b"x" * 100, "can't be read"),
        (",".join(["sbd", "ngay_sinh", *(f"c{n}" for n in range(1200))]) + "\n1,1/1/2008\n", "columns"),
    ],
)
def test_what_is_no_list_is_refused(folder, content, sentence):
    with pytest.raises(InputInvalid, match=sentence):
        build_from(folder, content)


def test_two_facts_are_two_columns(folder):
    with pytest.raises(InputInvalid, match="are one column"):
        build_from(folder, HEAD + "02000001,15/3/2008,1\n", check="SBD")


def test_a_file_that_is_not_there_is_named(folder):
    with pytest.raises(InputInvalid, match="can't read"):
        build(folder, BuildRequest(folder.path / "none.csv", "a", "b"), NOW, quiet)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffsbd,ngay_sinh,diem\n02000001,15/3/2008,8.5\n",
        "SBD;Ngày Sinh;diem\r\n02000001;15/3/2008;8.5\r\n",
        "BẢNG ĐIỂM,,\n,,\nsbd,ngay_sinh,diem\n02000001,15/3/2008,8.5\n\n",
        'sbd,ngay_sinh,diem\n="02000001",15/3/2008,"8.5"\n',
        "sbd\tngay_sinh\tdiem\n02 000 001\t15-03-2008\t8.5",
        "sbd,ngay_sinh,diem,,\r02000001,15.3.2008,8.5,,\r",
        "sbd,ngay_sinh,diem\n02000001,2008-03-15 00:00:00,8.5\n",
        "ngay_sinh,diem,sbd\n2008-3-15,8.5,02000001\n",
    ],
    ids=["bom", "excel", "titles", "quoted", "tabs", "old mac", "instant", "other order"],
)
def test_lists_as_offices_export_them(folder, content):
    build_from(folder, content, key="sbd", check="ngày sinh" if "Ngày" in content else "ngay_sinh")

    assert find(folder, "02000001", "2008-03-15") == {"diem": "8.5"}


def test_a_short_row_has_empty_values_and_one_with_a_quote_keeps_its_break(folder):
    build_from(folder, HEAD + '02000001,15/3/2008\n02000002,15/3/2008,"a ""b""\nc"\n')

    assert find(folder, "02000001", "2008-03-15") == {"diem": ""}
    assert find(folder, "02000002", "2008-03-15") == {"diem": 'a "b" c'}


def test_three_hundred_columns(folder):
    names, values = [f"m.c{n}" for n in range(298)], [str(n) for n in range(298)]
    build_from(folder, f"sbd,ngay_sinh,{','.join(names)}\n02000001,15/3/2008,{','.join(values)}\n")

    row = find(folder, "02000001", "2008-03-15")
    assert row is not None
    assert row["m"]["c297"] == "297"


def test_a_second_fact_that_is_no_date(folder):
    done = build_from(folder, "sbd,ho_ten,diem\n02000001,Nguyễn  Văn Ơn,1\n02000002,Trần Đạt,2\n", check="ho_ten")

    assert done.about.check_kind is CheckKind.TEXT
    assert find(folder, "02000001", fold("nguyen van on")) == {"diem": "1"}
    assert find(folder, "02000002", fold("TRẦN ĐẠT")) == {"diem": "2"}


def test_a_packed_list(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("diem.csv", HEAD + "02000001,15/3/2008,8.5\n")
    build_from(folder, (tmp_path / "a.zip").read_bytes(), name="diem.zip")

    assert find(folder, "02000001", "2008-03-15") == {"diem": "8.5"}


def test_parquet(folder, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    days = pa.array([datetime(2008, 3, 15), datetime(2008, 5, 3)], pa.timestamp("us"))  # noqa: DTZ001  as pandas writes them
    table = pa.table({"sbd": ["02000001", "02000002"], "ngay_sinh": days, "mon.Toán": [8.25, None]})
    parquet.write_table(table, tmp_path / "diem.parquet")
    build_from(folder, (tmp_path / "diem.parquet").read_bytes(), name="diem.parquet")

    assert find(folder, "02000001", "2008-03-15") == {"mon": {"Toán": "8.25"}}
    assert find(folder, "02000002", "2008-05-03") == {"mon": {}}


def test_a_build_that_breaks_off_leaves_the_one_in_force(folder):
    build_from(folder, HEAD + "02000001,15/3/2008,8.5\n")
    before = folder.current()

    class Killed(BaseException):
        pass

    def die(step, done, whole):
        if done and "writing" in step:
            raise Killed

    (folder.path.parents[2] / "diem.csv").write_text(HEAD + "02000002,15/3/2008,8.5\n", encoding="utf-8")
    with pytest.raises(Killed):
        build(folder, BuildRequest(folder.path.parents[2] / "diem.csv", "sbd", "ngay_sinh"), NOW, die)

    assert folder.current() == before
    assert find(folder, "02000001", "2008-03-15") == {"diem": "8.5"}


def test_what_a_killed_build_left_is_cleared_by_the_next_one(folder):
    build_from(folder, HEAD + "02000001,15/3/2008,8.5\n")
    (folder.path / ".draft").mkdir()
    (folder.path / ".draft" / "rows").write_text("02000001", encoding="utf-8")
    (folder.path / "000009-x.key").write_bytes(b"k" * 32)

    build_from(folder, HEAD + "02000002,15/3/2008,8.5\n")

    assert not (folder.path / ".draft").exists()
    assert not (folder.path / "000009-x.key").exists()


CELLS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["=cmd|' /C calc'!A0", "'=1+1", '="02"', "1e9", "15/3/2008", '"', "\x1f", "\r\n", "\0", "02000001", "2008-03-15"]
)


def hold_cells(tmp_path_factory, cells):
    """Build a table from cells, and find them again; whatever is refused is refused in words."""
    text = io.StringIO()
    csv.writer(text).writerows([("sbd", "fact", "value"), *cells])
    folder = TableFolder(tmp_path_factory.mktemp("t") / "state", "a")
    folder.path.mkdir(parents=True)
    try:
        done = build_from(folder, text.getvalue(), check="fact", check_kind=CheckKind.TEXT)
    except (TableRefused, InputInvalid) as exc:
        return str(exc)

    kept = [(fold(cell(key)), fold(cell(check))) for key, check, _value in cells if (key + check).strip()]
    assert done.about.rows == len(kept) or "\n" in text.getvalue()
    assert all(find(folder, *facts) is not None for facts in kept if all(facts))
    return "built"


@settings(max_examples=8, deadline=None)
@given(cells=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_whatever_stands_in_cells_is_found_again_or_refused_in_words(tmp_path_factory, cells):
    assert hold_cells(tmp_path_factory, cells)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(cells=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_whatever_stands_in_cells_is_found_again_or_refused_in_words_many_times(tmp_path_factory, cells):
    assert hold_cells(tmp_path_factory, cells)


def test_a_workbook(folder):
    data = xlsx(sheet([["KẾT QUẢ THI"], [], ["SBD", "Ngày sinh", "mon.Toán"], ["02000001", "15/3/2008", 8.25]]))
    build_from(folder, data, name="diem.xlsx", check="ngay sinh")

    assert find(folder, "02000001", "2008-03-15") == {"mon": {"Toán": "8.25"}}


def test_a_workbook_whose_numbers_are_numbers_has_lost_their_zeros(folder):
    data = xlsx(sheet([["sbd", "ngay_sinh"], [12000001, "15/3/2008"], [2000001, "15/3/2008"], [12000003, "16/3/2008"]]))

    found = faults(folder, data, name="diem.xlsx")
    assert [line for line, _message in found] == [3]


def test_a_workbook_whose_dates_are_numbers_of_days_is_refused(folder):
    found = faults(folder, xlsx(sheet([["sbd", "ngay_sinh"], ["02000001", 39522], ["02000002", "16/3/2008"]])), name="diem.xlsx")

    assert [(line, "Excel's number of a day" in message) for line, message in found] == [(2, True)]
