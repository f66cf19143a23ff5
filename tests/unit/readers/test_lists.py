"""Lists as offices and spreadsheets leave them: where a table begins, what a quote swallows, what is no id, and packed files."""

import gzip
import io
import sys
import tempfile
import zipfile
from typing import Any, BinaryIO, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zalo_alert.errors import InputInvalid
from zalo_alert.readers import Person, Reject, Row, Tally, batches, columnar, opening, quick, rows, workbook

A = 1002893352839501541


def opened(data):
    return io.BufferedReader(io.BytesIO(data if isinstance(data, bytes) else data.encode()))


def read(data):
    """Read both ways, which must agree; return what is told of each line."""
    found = {row.line: row for row in rows(opened(data), "list")}
    by_block: list[Row] = []
    for batch in batches(opened(data), "list"):
        by_block += [*batch.rejects, *quick.rows_of(batch.people)]
    assert {row.line: row._replace(remarks=()) if isinstance(row, Person) else row for row in found.values()} == {
        row.line: row for row in by_block
    }
    return {line: row.user_id if isinstance(row, Person) else row.reason for line, row in found.items()}


def rejected(data):
    return [row for row in rows(opened(data), "list") if isinstance(row, Reject)]


def people(data):
    return [row for row in rows(opened(data), "list") if isinstance(row, Person)]


def tally_of(data):
    whole = Tally()
    for batch in batches(opened(data), "list"):
        whole.update(batch.tally)
    return whole


def ids(*numbers):
    return {line: str(A + n) for line, n in numbers}


# --- open quotes ---------------------------------------------------------------------------------------------------------


OPEN = "a quote opened here is not closed"


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        (["{0},Huế,thôn 1", '{1},Huế,"thôn 2', "{2},Huế,thôn 3", "{3},Huế,thôn 4"], [3]),  # never closed
        (['{0},Huế,"thôn 1', "{1},Huế,thôn 2", '{2},Huế,thôn 3"'], [2]),  # closed by chance
        (['{0},Huế,"thôn 1', "{1},Huế,thôn 2", '{2},Huế,"thôn 3"', "{3},Huế,x"], [2]),  # met by another row's own
        (['{0},Huế,"thôn 1', "{1},Huế", '{2},Huế,"thôn 3"'], [2]),  # the row behind it lacks a column
    ],
)
def test_an_open_quote_costs_its_own_row_alone(body, lost):
    data = "user_id,city,address\n" + "\n".join(body).format(*range(A, A + 9)) + "\n"
    found = read(data)
    assert found == {line: OPEN if line in lost else str(A + line - 2) for line in range(2, len(body) + 2)}


def test_of_a_thousand_rows_an_open_quote_takes_one():
    lines = [f"{A + n},Huế,thôn {n}" for n in range(1000)]
    lines[8] = f'{A + 8},"Huế,thôn 8'
    lines[498] = f'{A + 498},Huế,"thôn 498"'
    found = read("user_id,city,address\n" + "\n".join(lines))
    assert len(found) == 1000
    assert [line for line, text in found.items() if not text.isdigit()] == [10]


def test_lines_that_a_quote_swallows_at_the_end_are_rows_that_were_rejected():
    found = read(f'user_id,city,address\n{A},Huế,x\n{A + 1},Huế,"thôn\nxã\ntỉnh\n')
    assert found[3] == OPEN
    assert found[4] == found[5] == "stands behind a quote that line 3 opens and nothing closes"
    assert [row.text for row in rejected(f'user_id,city\n{A},"Huế\n')] == [f'{A},"Huế']


def test_an_address_of_several_lines_is_one_row_even_when_a_line_of_it_begins_with_a_number():
    [row] = people(f'user_id,city,address\n{A},Huế,"thôn 1\n84912345678, xã Phú Vang\n12345"\n')
    assert row.address == "thôn 1\n84912345678, xã Phú Vang\n12345"


def test_a_space_before_a_quote_belongs_to_no_name():
    found = people('user_id,name\n1000005, "An"\n1000006, "Nguyễn Văn\nB"\n')
    assert [row.name for row in found] == ["An", "Nguyễn Văn\nB"]


# --- where the table begins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    [
        "", "sep=;\n", '"sep=;"\r\n', "DANH SÁCH NGƯỜI QUAN TÂM\n",
        "Sở Nông nghiệp và Môi trường\n\nNgày 26/11/2026, lần 2\n;;\n",
        "\ufeffDANH SÁCH;;\n", "Thông tin;;Nơi ở\n", "".join(f"dòng {n}\n" for n in range(9)), 'Danh sách "khẩn";;\n',
    ],
)  # fmt: skip
def test_the_header_is_looked_for_in_the_first_ten_rows(above):
    data = f"{above}user_id;Họ tên;Tỉnh\n{A};An;Huế\n"
    [row] = people(data)
    assert (row.user_id, row.name, row.city, row.line) == (str(A), "An", "Huế", data.count("\n"))
    read(data)


def test_further_down_it_is_not_looked_for():
    with pytest.raises(InputInvalid, match="no column of ids"):
        people("x\n" * 11 + f"user_id,city\n{A},Huế\n")


def test_two_rows_of_header_name_the_columns_together():
    [row] = people(f"user_id,Họ tên,Địa chỉ,,\n,,Tỉnh,Huyện,Xã\n{A},An,Huế,Phú Vang,Thuận An\n")
    assert (row.name, row.city, row.district, row.ward, row.address) == ("An", "Huế", "Phú Vang", "Thuận An", "")


@pytest.mark.parametrize(
    "names", ['user_id;"Tên (họ, đệm, tên)";Tỉnh', 'user_id;"Tên\n(họ\tđệm)";Tỉnh', '"Ghi, chú, a, b";user_id;Tỉnh']
)
def test_a_delimiter_within_quotes_parts_nothing(names):
    at = 1 if names.startswith('"') else 0
    values = ["x", "Huế"]
    values.insert(at, str(A))
    [row] = people(names + "\n" + ";".join(values) + "\n")
    assert (row.user_id, row.city) == (str(A), "Huế")


def test_lists_put_together_are_read_with_their_marks_and_headers():
    assert read(f"\ufeff{A}\n\ufeff{A + 1}\n") == ids((1, 0), (2, 1))
    assert read(f"\ufeffuser_id,city,x\n{A},Huế,1\n\ufeffuser_id,city,x\n{A + 1},Huế,1\n") == ids((2, 0), (4, 1))


def test_lines_that_end_in_cr_alone():
    assert read(f"user_id,city\r{A},Huế\r{A + 1},Huế\r") == ids((2, 0), (3, 1))
    assert read(f"{A}\r{A + 1}") == ids((1, 0), (2, 1))


def test_columns_that_mean_nothing_are_told_with_the_one_that_holds_ids():
    told = tally_of(f"STT,Zalo UID,Ghi chú,Tỉnh\n1,{A},x,Huế\n")
    assert told.get("ids from", "user_id").example == "Zalo UID"
    assert list(told.of("means nothing")) == ["STT", "Ghi chú"]


# --- missing and further cells ---------------------------------------------------------------------------------------------


def test_excel_leaves_out_its_last_delimiters():
    data = "user_id,city,tags,name\n" + "".join(f"{A + n},Huế{',,' if n < 16 else ''}\n" for n in range(32))
    data = data.replace(",,\n", ",,An\n")
    assert len(people(data)) == 32
    assert tally_of(data).get("short").number == 16
    read(data)


def test_trailing_delimiters_are_no_columns_and_values_behind_the_last_are_a_fault():
    assert read(f"user_id,city\n{A},Huế,,,\n{A + 1},Huế, ,x\n") == {2: str(A), 3: "has 4 columns, the header 2"}


def test_an_equals_sign_keeps_digits_in_a_spreadsheet():
    rows_ = people(f'user_id,phone,name\n="{A}",="0912345678",="An"\n"=""{A + 1}""","=""0912345678""",=An\n')
    assert [(row.user_id, row.phone, row.name) for row in rows_] == [
        (str(A), "84912345678", "An"), (str(A + 1), "84912345678", "=An"),
    ]  # fmt: skip


# --- ids -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", ["\u200b", "\u200c", "\u200d", "\u2060", "\u180e", "\ufeff", "\u202c", "\u00a0", "\u200e"])
def test_what_no_eye_sees_is_no_part_of_an_id(unseen):
    assert read(f"user_id,city\n{unseen}{A},Huế\n{A + 1}{unseen},Huế\n") == ids((2, 0), (3, 1))
    assert read(f"{unseen}{A}\n{A + 1}{unseen}\n") == ids((1, 0), (2, 1))


def test_what_an_eye_takes_for_digits_is_named():
    [reason] = read("user_id,city\n１２３４５６,Huế\n").values()
    assert "other than the digits 0 to 9" in reason
    assert r"\uff11" in reason


def test_leading_zeros_make_no_other_person():
    assert set(read(f"user_id\n0{A}\n000{A}\n{A}\n").values()) == {str(A)}
    assert [row.user_id for row in people(f'{{"user_id": "00{A}"}}\n')] == [str(A)]


@pytest.mark.parametrize("given", ["0912345678", "84912345678", "+84 912 345 678", "01623456786", "0912 345 678", "+84912345678"])
@pytest.mark.parametrize("header", ["", "user_id\n"])
def test_a_phone_number_is_no_id_and_the_way_is_shown(given, header):
    [row] = rejected(f"{header}{given}\n")
    assert "phone number" in row.reason
    assert "column phone" in row.reason
    assert "type phone" in row.reason
    assert row.text == given
    read(f"{header}{given}\n")


def test_ids_without_a_header_that_a_spreadsheet_shortened_are_called_so():
    for given in ("1.00289E+18", "1,00289E+18"):
        [row] = rejected(f"{given}\n")
        assert "shortened by a spreadsheet" in row.reason


def test_remarks_between_ids_are_skipped():
    assert read(f"# người nhắc việc\n{A}\n  # hết\n{A + 1}\n") == ids((2, 0), (4, 1))


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (f"id,zalo_uid,city\n10000,{A},Huế\n10001,{A + 1},Huế\n", "zalo_uid"),
        (f"user_id,id,city\n{A},1,Huế\n{A + 1},2,Huế\n", "user_id"),
        (f"id,city\n{A},Huế\n{A + 1},Huế\n", "id"),
        ("id,city\n8291563,Huế\n1172443,Huế\n", "id"),
    ],
)
def test_the_column_id_counts_only_where_no_better_one_is(data, taken):
    assert tally_of(data).get("ids from", "user_id").example == taken
    assert all(text.isdigit() and text not in ("10000", "10001") for text in read(data).values())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (f"id,mã khách,city\n10000,{A},Huế\n10001,{A + 7},Huế\n", 'column "mã khách" what looks like Zalo ids'),
        ("id,city\n10000,Huế\n10001,Huế\n10002,Huế\n", "row numbers"),
        ("id,city\n1,Huế\n2,Huế\n", "row numbers"),
        ("user_id,city\n" + "".join(f"{10_000 + n},Huế\n" for n in range(30)), "row numbers"),
    ],
)
def test_row_numbers_are_nobody(data, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        people(data)


def test_in_json_too_an_id_beside_a_user_id_is_a_row_number():
    for line in (f'{{"id": 10001, "user_id": "{A}"}}\n', f'{{"user_id": "{A}", "id": 10001}}\n'):
        assert list(read(line).values()) == [str(A)]


# --- bytes -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 500])
def test_one_nul_costs_its_row_wherever_it_stands(before):
    lines = [f"{A + n},Huế" for n in range(before + 3)]
    lines[before + 1] = f"{A + before + 1},Hu\0"
    found = read("user_id,city\n" + "\n".join(lines))
    assert [line for line, text in found.items() if not text.isdigit()] == [before + 3]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (f"user_id\n{A}\n".encode("utf-16-le"), "UTF-16"),
        (f"user_id\n{A}\n".encode("utf-16-be"), "UTF-16"),
        (b"<html><body><table><tr><td>user_id", "web page"),
        (b"\xef\xbb\xbf  <!DOCTYPE html>", "web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas">', "XML file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old or locked Excel workbook"),
        (b"%PDF-1.7\n", "PDF"),
        (b"BZh91AY&SY", "bzip2"),
        (b'{\n  "data": []\n}', "JSON object over many lines"),
        (b"[1, 2", "not valid"),
        (b"[]", "empty JSON array"),
        (b"PK\x03\x04rest of a workbook", "damaged or locked zip"),
        (b"\x1f\x8b\x08compressed", "damaged gzip"),
        (gzip.compress(b"user_id\n12345\n", mtime=0)[:-9], "damaged gzip"),
    ],
)
def test_other_files_are_called_what_they_are(data, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        people(data)


def test_no_sentence_of_python_reaches_the_officer():
    data = f'user_id,city\n{A},a"b\n{A},"a"b\n{A},a\rb\n{A},{"x" * 140_000}\n{A},"x\n'
    told = list(read(data).values())
    assert [text for text in told if not text.isdigit()] == [
        "has a quote in the middle of a value: write it twice",
        "holds a carriage return (CR) in its middle",
        "holds a value longer than 131,072 characters",
        OPEN,
    ]


# --- packed --------------------------------------------------------------------------------------------------------------------


def zipped(**files):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # Dated 1980, always: what a test is called after must not change with the time.
            archive.writestr(zipfile.ZipInfo(name.replace("__", ".")), data, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


CSV = f"user_id,city\n{A},Huế\n"


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(CSV.encode(), mtime=0),
        zipped(ds__csv=CSV),
        zipped(ds__csv=CSV, readme__md="x"),
        orjson.dumps([{"user_id": A, "city": "Huế"}]),
        b"\xef\xbb\xbf \n" + orjson.dumps([{"user_id": str(A), "tỉnh": "Huế"}], option=orjson.OPT_INDENT_2),
    ],
)
def test_packed_lists_and_arrays_are_read(data):
    [row] = people(data)
    assert (row.user_id, row.city) == (str(A), "Huế")
    read(data)


def test_an_array_of_bare_ids_and_things_that_are_none():
    assert list(read(orjson.dumps([A, str(A + 1), None])).values()) == [str(A), str(A + 1), "has no id"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (zipped(a__csv=CSV, b__csv=CSV), "holds: a.csv, b.csv"),
        (zipped(a__doc="x"), "holds: none"),
        (zipped(), "holds: none"),
        (zipped(a__csv=gzip.compress(CSV.encode(), mtime=0)), "another packed file"),
        (gzip.compress(zipped(a__csv=CSV), mtime=0), "another packed file"),
    ],
)
def test_a_packed_file_holds_one_list(data, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        people(data)


@pytest.mark.parametrize("packed", [gzip.compress, lambda data: zipped(a__csv=data)])
def test_a_bomb_is_left_before_it_has_gone_off(packed, monkeypatch):
    monkeypatch.setattr(opening, "SMALL_BYTES", 1 << 20)
    data = packed(b"0" * (3 << 20))
    written = []
    real = tempfile.TemporaryFile

    class Kept:
        def __init__(self):
            self.file = real()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, piece):
            written.append(len(piece))
            return self.file.write(piece)

    monkeypatch.setattr(tempfile, "TemporaryFile", Kept)
    with pytest.raises(InputInvalid, match="unpacks to more than 1 MB"):
        people(data)
    assert sum(written) <= 1 << 20


@pytest.mark.parametrize("packed", [lambda text: text.replace(b"\n", b"\r"), gzip.compress, lambda text: zipped(a__csv=text)])
def test_reading_goes_on_inside_a_packed_or_translated_list(packed):
    data = packed(b"user_id,city\n" + b"".join(b"%d,Hue\n" % (A + n) for n in range(200)))
    ends = [batch.end for batch in batches(opened(data), "list", block_bytes=500)]
    assert len(ends) > 2
    for end in ends[:-1]:
        rest = [row.line for batch in batches(opened(data), "list", start=end) for row in quick.rows_of(batch.people)]
        assert rest == list(range(end.line, 202))


def test_a_packed_list_may_come_through_a_pipe(tmp_path):
    import subprocess

    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(CSV.encode(), mtime=0))
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as child:
        found = list(rows(cast(BinaryIO, child.stdout), "stdin"))
    assert [row.user_id for row in found if isinstance(row, Person)] == [str(A)]


# --- workbooks ---------------------------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sheet(table):
    body = ""
    for number, row in enumerate(table, 1):
        cells = ""
        for at, value in enumerate(row):
            ref = f"{chr(65 + at)}{number}"
            if isinstance(value, int | float):
                cells += f'<c r="{ref}"><v>{value}</v></c>'
            elif value:
                cells += f'<c r="{ref}" t="inlineStr"><is><t>{value}</t></is></c>'
        body += f'<row r="{number}">{cells}</row>' if cells else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def xlsx(*sheets):
    numbers = range(1, len(sheets) + 1)
    named = "".join(f'<sheet name="Tờ {n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    linked = "".join(f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_LINKS}"><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">{linked}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": text for n, text in zip(numbers, sheets, strict=True)},
    }
    return zipped(**files)


HEADER = ["user_id", "Tỉnh", "SĐT", "Tương tác cuối"]


def test_a_workbook_is_read_with_its_own_row_numbers():
    data = xlsx(sheet([["", "DANH SÁCH"], [], HEADER, [str(A), "Huế", 912345678, 46352.5], [], [A + 1, "Huế", "x", ""]]))
    found: dict[int, Any] = {row.line: row for row in rows(opened(data), "list")}
    assert (found[4].user_id, found[4].phone, found[4].city) == (str(A), "84912345678", "Huế")
    assert found[4].last_interaction_at.isoformat() == "2026-11-26T12:00:00+07:00"
    assert "shortened by a spreadsheet" in found[6].reason  # a cell of numbers keeps 15 digits
    read(data)


def test_a_workbook_whose_first_rows_are_empty_and_whose_list_is_on_the_second_sheet():
    data = xlsx(sheet([["Hướng dẫn"]]), sheet([[], [], ["", *HEADER], ["", str(A), "Huế"]]))
    assert read(data) == {4: str(A)}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (xlsx(sheet([HEADER, [str(A)]]), sheet([HEADER, [str(A)]])), "people in 2 sheets: Tờ 1, Tờ 2"),
        (xlsx(sheet([])), "empty workbook"),
        (xlsx(f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
              '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'), "spread over 1.048.576 rows"),
        (xlsx("<worksheet><sheetData><row"), "damaged workbook"),
        (xlsx("no xml at all"), "damaged workbook|empty workbook"),
    ],
)  # fmt: skip
def test_workbooks_that_hold_no_one_list(data, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        people(data)


def test_a_workbook_is_a_bomb_by_what_it_unpacks_to(monkeypatch):
    monkeypatch.setattr(workbook, "SMALL_BYTES", 1 << 20)
    with pytest.raises(InputInvalid, match=r"sheet1.xml unpacks to more than 1 MB"):
        people(xlsx(f"<!-- {' ' * (2 << 20)} -->"))


def test_without_the_extra_a_workbook_is_refused_with_both_ways_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputInvalid) as refused:
        people(xlsx(sheet([HEADER, [str(A)]])))
    assert "zalo-alert[xlsx]" in refused.value.hint
    assert "CSV" in refused.value.hint
    assert workbook.KEPT_DIGITS == 15


# --- Parquet -----------------------------------------------------------------------------------------------------------


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd", dictionary_pagesize_limit=8 << 20)
    return sink.getvalue()


def raw(*values):
    """Bytes that claim to be text."""
    plain = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(plain), plain.buffers())


@pytest.mark.parametrize("column", ["city", "user_id", "name"])
def test_bytes_that_are_no_utf8_in_parquet_cost_their_row(column):
    columns = {"user_id": pa.array([str(A), str(A + 1), str(A + 2)]), "city": pa.array(["Huế"] * 3)}
    data = parquet(**columns | {column: raw(str(A).encode(), b"\xff\xfe\x80", str(A + 2).encode())})
    found = read(data)
    assert found == {1: str(A), 2: "is not UTF-8 text", 3: str(A + 2)}


def test_bytes_that_are_utf8_are_text_and_nested_ones_that_are_none_are_a_sentence():
    assert read(parquet(user_id=pa.array([str(A)]), city=pa.array([b"Hu\xe1\xba\xbf"], pa.binary()))) == {1: str(A)}
    bad = pa.ListArray.from_arrays([0, 1], raw(b"\xff"))
    with pytest.raises(InputInvalid, match="damaged"):
        people(parquet(user_id=pa.array([str(A)]), tags=bad))


def test_a_parquet_bomb_is_refused_by_what_it_says_of_itself():
    with pytest.raises(InputInvalid, match=r"unpacks from [0-9]+ bytes to 6 MB"):
        people(parquet(user_id=[str(A), str(A + 1)], name=["a" * (3 << 20), "b" * (3 << 20)]))


def test_one_long_value_that_many_rows_share_is_never_unpacked_for_each():
    names = pa.DictionaryArray.from_arrays(pa.array([0] * 4999 + [1], pa.int32()), ["a" * (2 << 20), "An"])
    found = read(parquet(user_id=[str(A + n) for n in range(5000)], name=names))
    assert set(found.values()) == {"is longer than a megabyte", str(A + 4999)}
    assert columnar.ROWS_PER_BATCH > 5000  # they stood in one batch


def test_instants_of_far_years_in_parquet_are_counted_as_unread():
    data = parquet(user_id=[str(A), str(A + 1)], updated_at=pa.array([-(10**17), 1_795_676_733_000_000], pa.timestamp("us")))
    assert [row.updated_at is None for row in people(data)] == [True, False]
    assert tally_of(data).get("unread", "updated_at").number == 1
