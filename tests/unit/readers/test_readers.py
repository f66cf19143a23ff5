"""Lists of people as they really come, and bytes that are no list at all."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.errors import InputInvalid
from zalo_alert.readers import Person, Reject, rows

A, B = "1002893352839501541", "1002893352840501544"


def read(data):
    return list(rows(io.BufferedReader(io.BytesIO(data if isinstance(data, bytes) else data.encode())), "list"))


def ids(data):
    return [row.user_id if isinstance(row, Person) else row.reason for row in read(data)]


@pytest.mark.parametrize(
    "data",
    [
        f"user_id,city\n{A},Huế\n{B},Huế\n",
        f"\ufeffuser_id;city\n{A};Huế\n{B};Huế\n",  # as Excel writes it
        f"city\tUSER ID\r\nHuế\t{A}\r\nHuế\t{B}\r\n",
        f"Tỉnh,Mã người dùng\nHuế,{A}\nHuế,{B}",
        f"Ti\u0309nh,zalo_id\nHue\u0302\u0301,'{A}\nHuế,{B}\n",
        f'{{"user_id": "{A}", "city": "Huế"}}\n{{"uid": "{B}", "city": "Huế"}}\n',
        f'"user_id","city"\n"{A}","Huế"\n"{B}","Huế"\n',
    ],
)
def test_the_same_people_in_any_dress(data):
    found = read(data)
    assert [row.user_id for row in found] == [A, B]
    assert {row.city for row in found} == {"Huế"}


def test_bare_ids():
    assert ids(f"{A}\n\n {B} \n") == [A, B]
    assert ids(f"{A}\nabc\n{B}\n") == [A, "the id is not 5 to 25 digits", B]


def test_numbers_in_json_keep_their_digits():
    assert ids(f'{{"user_id": {A}}}\n') == [A]


def test_parquet_through_a_pipe():
    sink = io.BytesIO()
    pq.write_table(pa.table({"user_id": [A, B], "tags": [["a"], []]}), sink)
    found = read(sink.getvalue())
    assert [row.user_id for row in found] == [A, B]
    assert found[0].tags == ("a",)


@pytest.mark.parametrize("shortened", ["1.00289E+18", "1,00289E+18", "1.8672975e17"])
def test_an_id_shortened_by_a_spreadsheet_is_refused_with_the_reason(shortened):
    [row] = read(f'user_id;city\n"{shortened}";Huế\n')
    assert isinstance(row, Reject)
    assert "shortened by a spreadsheet" in row.reason


@pytest.mark.parametrize("bad", ["", "12a45", "１００２８９３３５２", "-12345678", "1234", "1" * 26, "12 345 678"])
def test_what_is_no_id_is_rejected(bad):
    [row] = read(f"user_id,city\n{bad},Huế\n")
    assert isinstance(row, Reject)
    assert row.line == 2


@pytest.mark.parametrize(
    ("written", "stored"),
    [("0912345678", "84912345678"), ("+84 912 345 678", "84912345678"), ("84912345678", "84912345678"), ("1900", ""), ("0", "")],
)
def test_phones(written, stored):
    [row] = read(f"user_id,sđt\n{A},{written}\n")
    assert row.phone == stored


def test_days_are_vietnamese_and_nonsense_is_nothing():
    found = read(f"user_id,user_last_interaction_date\n{A},24/11/2026\n{B},99/99/2026\n")
    assert found[0].last_interaction_at.isoformat() == "2026-11-24T00:00:00+07:00"
    assert found[1].last_interaction_at is None


def test_rejects_name_their_line():
    found = read(f"user_id,city\n{A},Huế\n{A},Huế,An\nx,y\n{B},Huế\n")
    assert [(row.line, type(row)) for row in found] == [(2, Person), (3, Reject), (4, Reject), (5, Person)]


def test_a_line_of_five_megabytes_is_a_reject_and_the_rest_is_read():
    found = read(f"user_id,city\n{A},{'x' * 5_000_000}\n{B},Huế\n")
    assert [type(row) for row in found] == [Reject, Person]
    assert "megabyte" in found[0].reason
    assert len(found[0].text) <= 200


def test_a_quote_that_is_never_closed_swallows_no_file():
    lines = "".join(f"{int(A) + n},Huế\n" for n in range(500))
    found = read(f'user_id,city\n{A},"Huế\n{lines}')
    assert any(isinstance(row, Reject) for row in found)


def test_one_damaged_line_is_a_reject():
    found = read(b"user_id,city\n" + A.encode() + b",Hu\xff\n" + B.encode() + b",Hue\n")
    assert sorted(type(row).__name__ for row in found) == ["Person", "Reject"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"user_id,city\n", "nobody under it"),
        (b"name,city\nAn,Hue\n", "no column of ids"),
        (b"user_id,uid\n1,2\n", "two columns"),
        ("user_id\n".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0\0", "not text"),
        (b"PAR1 and then nothing", "damaged Parquet"),
        (b"hello world", "no column of ids"),
    ],
)
def test_what_is_no_list_is_said_in_a_sentence(data, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        read(data)


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    with pytest.raises(InputInvalid, match="can't read nothing"):
        list(rows(tmp_path / "nothing.csv", "nothing.csv"))


@given(st.binary(max_size=2000))
def test_no_bytes_make_it_stumble(data):
    try:
        found = read(data)
    except InputInvalid:
        return
    assert all(isinstance(row, Reject) or row.user_id.isdigit() for row in found)


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=20))
def test_every_row_of_a_csv_is_a_person_or_a_reject(cells):
    import csv

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("user_id", "name", "city"))
    clean = [(a.replace("\0", ""), b.replace("\0", "")) for a, b in cells]
    writer.writerows((str(int(A) + n), a, b) for n, (a, b) in enumerate(clean))
    try:
        data = file.getvalue().encode()
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    found = read(data)
    assert {row.user_id for row in found if isinstance(row, Person)} == {str(int(A) + n) for n in range(len(clean))}
