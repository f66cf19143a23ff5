"""Reading by the block and reading row by row say the same of every list, whatever its bytes and wherever the blocks end."""

import csv
import io
import unicodedata

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.errors import InputInvalid
from zalo_alert.readers import Person, Position, Reject, Tally, batches, quick, rows

A = 1002893352839501541
HEADERS = ["user_id", "name", "phone", "city", "district", "ward", "address", "tags", "updated_at", "tinh_lam_viec", "unheard of"]


def opened(data):
    return io.BufferedReader(io.BytesIO(data))


def told(read):
    """All that was read, in order of lines, and what is odd about it; or the complaint."""
    try:
        found = list(read)
    except InputInvalid as exc:
        return str(exc)
    bare = [row._replace(remarks=()) if isinstance(row, Person) else row for row in found]
    return sorted(bare, key=lambda row: (row.line, isinstance(row, Reject), row))


def remarked(tally):
    return {(kind, column): count for kind, column, count, _ in tally.dumped() if kind in ("unread", "short", "old phone")}


def by_block(data, size, start=Position(), tally=None):  # noqa: B008  an immutable tuple
    for batch in batches(opened(data), "list", block_bytes=size, start=start):
        assert batch.read == batch.people.num_rows + len(batch.rejects)
        if tally is not None:
            tally.update(batch.tally)
        yield from batch.rejects
        yield from quick.rows_of(batch.people)


def one_by_one(data, tally):
    for row in rows(opened(data), "list"):
        if isinstance(row, Person):
            tally.note(row.remarks)
        yield row


def assert_agreed(data, size):
    quickly, carefully = Tally(), Tally()
    assert told(by_block(data, size, tally=quickly)) == told(one_by_one(data, carefully))
    assert remarked(quickly) == remarked(carefully)


ids = st.one_of(
    st.integers(10**4, 10**19).map(str),
    st.sampled_from(
        [
            "",
            " ",
            "'1002893352839501541",
            "''12345",
            "1.00289E+18",
            "1,00289E+18",
            "12a",
            " 12345\t",
            "１２３４５",
            "0",
            "84912345678",
            "0912345678",
            "00012345",
            '="12345"',
            "\u200b12345",
            "84123456789",
            "16234567860000000",
        ]
    ),
)
texts = st.one_of(
    st.sampled_from(
        [
            "",
            "Huế",
            "'=1+1",
            "''-x",
            '="Huế"',
            "=Huế",
            "'Huế",
            unicodedata.normalize("NFD", "Thừa Thiên Huế"),
            " Hà Nội\u00a0",
            "TP. HCM, Việt Nam",
            "xã;thôn",
            "\u212b",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
phones = st.sampled_from(
    ["", "0912345678", "+84 912 345 678", "84912345678", "(091) 234-5678", "1900", "+84912345678", "84", "912345678",
     "912345678.0", "0912345678/0987654321", "01623456786", "0123456789", "0912-345-678", "0912.345.67.0",
     '="0912345678"', "'+84912345678"]
)  # fmt: skip
instants = st.one_of(
    st.datetimes().map(lambda t: t.isoformat()[:19]),
    st.sampled_from(
        [
            "",
            "24/11/2026",
            "24/11/2026 07:30",
            "24/11/2026 07:30:05",
            "24-11-2026 07:30:05",
            "31/02/2026 07:30:05",
            "1763967933000",
            "46350.58",
            "24/11/2026 2:05 CH",
            "31/2/2026",
            "2026-02-31",
            "2026-11-24T10:00:00+00:00",
            "0001-01-01",
            "x",
        ]
    ),
)
people = st.tuples(ids, texts, phones, texts, texts, texts, texts, texts, instants, texts, texts)
odd_lines = st.sampled_from(
    [b"", b"  ", b",,,", b'"', b'a"b,"c', b'"a"b', b"\xff\xfe", b"x\0y", b"1,2", b'12345,"a\nb",,,,,,,,,', b"\r", b"a\rb",
     b"," * 10, b"," * 11, b'12345, "a",,,,,,,,,', b"12345,An", b"12345,\"An", b"\xef\xbb\xbf12345,An,,,,,,,,,",
     ",".join(HEADERS).encode(), b"# x"]
)  # fmt: skip
sizes = st.sampled_from([1, 64, 300, 5000, 1 << 20])


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.lists(people, max_size=12),
    st.lists(st.tuples(st.integers(0, 12), odd_lines), max_size=3),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
    st.booleans(),
    sizes,
)
def test_tables(found, odd, delimiter, end, quoting, bom, ended, size):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(HEADERS)
    writer.writerows(found)
    data = file.getvalue().encode("utf-8-sig" if bom else "utf-8")
    lines = data.split(end.encode())
    for at, line in odd:
        lines.insert(1 + at, line.replace(b",", delimiter.encode()))
    data = end.encode().join(lines)
    assert_agreed(data if ended else data.rstrip(b"\r\n"), size)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.one_of(ids.map(str.encode), odd_lines, texts.map(str.encode)), min_size=1, max_size=12), sizes)
def test_bare_ids(lines, size):
    assert_agreed(b"\n".join([str(A).encode(), *lines]), size)


values = st.one_of(
    texts, st.none(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False), st.booleans(), st.lists(texts, max_size=2)
)
further = st.lists(
    st.one_of(texts, st.fixed_dictionaries({"purpose": st.sampled_from(["work", "quê", ""]), "city": texts})), max_size=2
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "user_id": st.one_of(ids, st.integers(0, 2**63), values), "city": values, "tỉnh": values,
        "phone": st.one_of(phones, values),
        "tags": values, "opted_out": values, "is_follower": values, "updated_at": st.one_of(instants, values), "places": further,
        "user_id_by_app": st.one_of(ids, values), "address_family": texts, "x": values,
    },
)  # fmt: skip


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.one_of(objects.map(orjson.dumps), odd_lines, st.sampled_from([b"[]", b"{", b"1"])), max_size=10), sizes)
def test_json_lines(lines, size):
    assert_agreed(b"\n".join([b'{"user_id": "%d"}' % A, *lines]), size)


@pytest.mark.slow
@settings(deadline=None)
@given(st.binary(max_size=500), sizes)
def test_any_bytes(data, size):
    assert_agreed(data, size)
    assert_agreed(b"user_id,city,name\n" + data, size)


@settings(deadline=None)
@given(
    st.lists(people, min_size=1, max_size=20),
    st.lists(odd_lines.filter(lambda line: b"\0" not in line), max_size=2),
    sizes,
    st.data(),
)
@pytest.mark.slow
def test_reading_goes_on_from_any_place_where_it_paused(found, odd, size, data):
    file = io.StringIO()
    csv.writer(file).writerows([HEADERS, *found])
    text = file.getvalue().encode() + b"\n".join(odd)
    ends = [batch.end for batch in batches(opened(text), "list", block_bytes=size)]
    whole = told(by_block(text, size))
    start = data.draw(st.sampled_from(ends))
    assert told(by_block(text, size, start)) == [row for row in whole if row.line >= start.line]


@pytest.mark.slow
@pytest.mark.parametrize("line", ["x" * 120_000, "x" * 140_000, "x" * 2_000_000, "x" * 9_000_000, '"' + "x,y\n" * 60 + '"'])
def test_what_is_far_too_long(line):
    data = f"user_id,city\n{A},Huế\n{A + 1},{line}\n{A + 2},Huế\n".encode()
    for size in (1000, 1 << 20, 8 << 20):
        assert_agreed(data, size)


@pytest.mark.slow
def test_an_odd_line_in_a_long_list_costs_no_row():
    lines = [f"{A + n},Huế" for n in range(30_000)]
    lines[20_000] = f'{A},"Huế\nthành phố"'
    lines[25_000] = "too,many,columns"
    lines[27_000] = f"{A},\udcff"
    data = "\n".join(["user_id,city", *lines]).encode(errors="surrogateescape")
    found = list(by_block(data, 1 << 20))
    assert sum(isinstance(row, Person) for row in found) == 29_998
    assert sorted(row.line for row in found if isinstance(row, Reject)) == [25_003, 27_003]
    assert_agreed(data, 1 << 20)


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=2)
    return sink.getvalue()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.int64(), pa.uint64(), pa.decimal128(38, 0)])
def test_ids_in_parquet_may_be_texts_or_whole_numbers(kind):
    numbers = pa.array([A, A + 1, A + 2], pa.int64())
    data = parquet(user_id=numbers.cast(kind), city=pa.array(["Huế", None, "Hà Nội"]).dictionary_encode())
    found = list(by_block(data, 1000))
    assert [(row.user_id, row.city) for row in found] == [(str(A), "Huế"), (str(A + 1), ""), (str(A + 2), "Hà Nội")]
    assert [row.user_id for row in by_block(data, 1000, Position(1, 2))] == [str(A + 1), str(A + 2)]
    assert_agreed(data, 1000)


def test_ids_in_parquet_that_lost_digits_are_refused_as_a_whole():
    with pytest.raises(InputInvalid, match=r"floating point .* lost digits"):
        list(by_block(parquet(uid=pa.array([1.0e18, 2.0e18])), 1000))


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [({"user_id": [True]}, "bool, which is not a valid id"), ({"user_id": [str(A)], "city": [{"a": 1}]}, "city is a text")],
)
def test_columns_in_parquet_that_cannot_be_what_they_say(columns, complaint):
    with pytest.raises(InputInvalid, match=complaint):
        list(by_block(parquet(**columns), 1000))


def test_days_instants_and_lists_in_parquet():
    from datetime import UTC, date, datetime

    data = parquet(
        user_id=[str(A)],
        updated_at=pa.array(["2026-01-01 10:00:00"]).cast(pa.timestamp("ns")),
        last_interaction_at=pa.array([datetime(2026, 1, 1, 10, tzinfo=UTC)], pa.timestamp("ms", "UTC")),
        tags=[["a", " b "]],
        phone=pa.array([84912345678.0]),
        places=[[{"purpose": "work", "city": "Huế"}]],
    )
    [row] = by_block(data, 1000)
    assert row.updated_at == datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert row.last_interaction_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert (row.tags, row.phone) == (("a", "b"), "84912345678")
    assert [(place.purpose, place.city) for place in row.places] == [("work", "Huế")]
    [day] = by_block(parquet(user_id=[str(A)], updated_at=[date(2026, 1, 1)]), 1000)
    assert day.updated_at == datetime(2025, 12, 31, 17, tzinfo=UTC)
