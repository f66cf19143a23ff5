"""Everyone in a run with their state, as CSV, NDJSON or Parquet: streamed, one row a person, in the order of sending.

A home of pyarrow. The file appears whole, by one rename, with mode 0600, because it names people.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.foundation import cells
from zalo_alert.foundation.clock import iso_text
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.ledger.base import Fate, Ledger, Outcomes
from zalo_alert.models import SAME_AS, Campaign, Reason, State
from zalo_alert.receipts.counts import receipt_lines
from zalo_alert.runs.run import Run

COLUMNS = (
    "user_id", "state", "place", "account", "route", "attempts", "code", "reason", "at", "message_id", "unclear", "delivered_at",
    "seen_at",
)  # fmt: skip
_INSTANTS = {"at", "delivered_at", "seen_at"}
_NUMBERS = {"attempts": pa.int32(), "code": pa.int64(), "unclear": pa.int32()}  # a code is what a server wrote: of any size
_SCHEMA = pa.schema([(name, _NUMBERS.get(name, pa.string())) for name in COLUMNS])
_MARKED = pa.schema(
    [field.with_name("person") if field.name == "user_id" else field for field in _SCHEMA if field.name != "message_id"]
)


def tables(run: Run, campaign: Campaign, ledger: Ledger, states: Sequence[State] = ()) -> Iterator[pa.Table]:
    """Yield everyone, of some states or of all, as tables of `COLUMNS`, a group of the shards at a time."""
    audience, keys = run.audience(), pa.array(place.key for place in run.places())
    accounts, routes = pa.array(run.facts.accounts), [route.type.value for route in campaign.routes]
    try:
        for first, people in audience.groups():
            outcomes = _complete(ledger.outcomes(first, first + len(people)), first, len(people), ledger)
            times = _receipts(receipt_lines(run, first, first + len(people)), first, len(people))
            table = _table(people, keys.take(people["place"]), accounts.take(people["account"]), outcomes, routes, times)
            table = _name_owners(table, people["phone"]) if _has_shared(outcomes) else table
            yield table.filter(pc.is_in(table["state"], pa.array(map(str, states)))) if states else table
    finally:
        audience.close()


def _receipts(lines: str, first: int, people: int) -> tuple[pa.Array, pa.Array]:
    """Write when messages were delivered and seen; "" for never, as far as receipts say.

    Args:
        lines: As `receipt_lines` has them.
        first: Number of the first person.
        people: How many there are.
    """
    if not lines:
        return (pa.array([""] * people, pa.string()),) * 2
    names = ("number", "delivered_s", "seen_s")
    types = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.int64()))
    kept = pacsv.read_csv(
        pa.BufferReader(lines.encode()), pacsv.ReadOptions(column_names=names), convert_options=types
    ).combine_chunks()
    rows = pc.index_in(_counted_up(people), pc.subtract(kept["number"].combine_chunks(), first))
    return _instants(kept["delivered_s"].take(rows).combine_chunks()), _instants(kept["seen_s"].take(rows).combine_chunks())


@lru_cache(2)  # groups have one size, but for the last
def _counted_up(people: int) -> pa.Array:
    return pa.array(range(people), pa.int64())


def _has_shared(outcomes: Outcomes) -> bool:
    return any(fate.reason is Reason.SAME_PHONE for fate in outcomes.fates)


def _name_owners(table: pa.Table, phones: pa.ChunkedArray) -> pa.Table:
    """Say behind the reason whose number it is, where it is another person's: `same-phone:` and their id."""
    is_shared = pc.equal(table["reason"], Reason.SAME_PHONE.value)
    whose = pc.binary_join_element_wise(table["reason"], pc.utf8_slice_codeunits(phones, len(SAME_AS)), ":")
    return table.set_column(COLUMNS.index("reason"), "reason", pc.if_else(is_shared, whose, table["reason"]))


def _complete(outcomes: Outcomes, first: int, people: int, ledger: Ledger) -> Outcomes:
    """Add those who have no row: below the mark they are claimed for the first time and not settled, above it untouched."""
    if len(outcomes.numbers) == people:
        return outcomes
    fates = [*outcomes.fates, _fate_without_row(State.CLAIMED), _fate_without_row(ledger.untouched_state())]
    claimed = min(people, max(0, ledger.next_number - first))
    kinds = [len(fates) - 2] * claimed + [len(fates) - 1] * (people - claimed)
    at_s, message_ids = [0] * people, [""] * people
    for number, kind, at, message_id in zip(*outcomes[:4], strict=True):
        kinds[number - first], at_s[number - first], message_ids[number - first] = kind, at, message_id
    return Outcomes(range(first, first + people), kinds, at_s, message_ids, fates)


def _fate_without_row(state: State) -> Fate:
    return Fate(state, -1, 0, 0, Reason.NONE, 0)


def _table(
    people: pa.Table,
    places: pa.ChunkedArray,
    accounts: pa.ChunkedArray,
    outcomes: Outcomes,
    routes: list[str],
    receipts: tuple[pa.Array, pa.Array],
) -> pa.Table:
    kinds = pa.array(outcomes.kinds, pa.int32())

    def of(value: Callable[[Fate], Any]) -> pa.Array:
        return pa.array([value(fate) for fate in outcomes.fates]).take(kinds)

    columns = [
        people["user_id"],
        of(lambda fate: fate.state.value),
        places,
        accounts,
        of(lambda fate: routes[fate.route] if fate.route >= 0 else ""),
        of(lambda fate: fate.attempts),
        of(lambda fate: fate.code),
        of(lambda fate: "" if fate.state is State.ACCEPTED else fate.reason.value),
        _instants(outcomes.at_s),
        pa.array(outcomes.message_ids, pa.string()),
        of(lambda fate: fate.unclear),
        *receipts,
    ]
    return pa.table(columns, COLUMNS).cast(_SCHEMA)


def _instants(at_s: Sequence[int] | pa.Array) -> pa.Array:
    """Write instants in words, "" for none; thousands of people share a second, so each second is written once."""
    seconds = pa.array(at_s, pa.int64()).fill_null(0).dictionary_encode()
    words = [iso_text(second) if second else "" for second in seconds.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(seconds.indices)


def marked(pieces: Iterator[pa.Table], mark: Callable[[str], str]) -> Iterator[pa.Table]:
    """Put a mark in each person's place, as column `person`; nothing is left by which Zalo would know them.

    Args:
        pieces: Tables of `COLUMNS`.
        mark: Makes a mark of an id.
    """
    for table in pieces:
        people = pa.array([mark(person) if person else "" for person in table["user_id"].to_pylist()], pa.string())
        reasons = pa.array([_with_mark(reason, mark) for reason in table["reason"].to_pylist()], pa.string())
        table = table.set_column(COLUMNS.index("reason"), "reason", reasons).set_column(0, "person", people)
        yield table.drop_columns(["message_id"])


def _with_mark(reason: str, mark: Callable[[str], str]) -> str:
    word, colon, person = reason.partition(":")  # whose number it is, where it is another person's
    return f"{word}:{mark(person)}" if colon else reason


def write(pieces: Iterator[pa.Table], target: Path, *, are_marked: bool = False) -> int:
    """Write tables to a file whose name says the format; return how many people.

    Args:
        pieces: Tables of `COLUMNS`.
        target: The file.
        are_marked: They are what `marked` made of such.

    Raises:
        UsageError: The name ends in none of .csv, .ndjson, .jsonl and .parquet.
        InputInvalid: It can't be written.
    """
    writer = {".csv": _csv, ".ndjson": _ndjson, ".jsonl": _ndjson, ".parquet": _parquet}.get(target.suffix.lower())
    if writer is None:
        raise UsageError(_('"{name}": which format?', name=target.name), hint=_("end the name in .csv, .ndjson or .parquet"))
    try:
        with appearing(target) as draft, create_file(draft) as file:
            return writer(pieces, file, _MARKED if are_marked else _SCHEMA)
    except OSError as exc:
        raise InputInvalid(
            _("can't write {path}: {why}", path=target, why=reason(exc)),
            hint=_("check the folder and the disk's free space"),
        ) from exc


def write_stream(pieces: Iterator[pa.Table], file: IO[bytes]) -> int:
    """Write tables as NDJSON to an open stream; return how many people."""
    return _ndjson(pieces, file, _SCHEMA)


def _csv(pieces: Iterator[pa.Table], file: IO[bytes], schema: pa.Schema) -> int:
    file.write(",".join(schema.names).encode() + b"\n")
    return _count(pieces, lambda table: file.write(_csv_of(table)))


def _csv_of(table: pa.Table) -> bytes:
    iso_text, table = pa.BufferOutputStream(), _guarded(table)
    try:
        pacsv.write_csv(table, iso_text, pacsv.WriteOptions(include_header=False, quoting_style="none"))
        return iso_text.getvalue().to_pybytes()  # type: ignore[no-any-return]
    except pa.ArrowInvalid:  # something needs quotes, such as a message id with a comma; pyarrow would quote every text then
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
        return text.getvalue().encode()


def _guarded(table: pa.Table) -> pa.Table:
    """Let no text run as a formula where the file is opened; a server chooses its message ids."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and pc.any(_is_formula(field.name, table[at]), min_count=0).as_py():
            table = table.set_column(at, field, pc.replace_substring_regex(table[at], f"({cells.FORMULA})", r"'\1"))
    return table


def _is_formula(name: str, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Say which texts a spreadsheet would run; an instant is one only where no calendar holds it."""
    return pc.starts_with(texts, "@") if name in _INSTANTS else pc.match_substring_regex(texts, cells.FORMULA)


def _ndjson(pieces: Iterator[pa.Table], file: IO[bytes], schema: pa.Schema) -> int:
    return _count(pieces, lambda table: _write(b"".join(map(_line, table.to_pylist())), file))


def _write(data: bytes, file: IO[bytes]) -> None:
    # An unbuffered stdout (PYTHONUNBUFFERED) writes a part, and says so, when whoever reads goes away; the next write fails then.
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _parquet(pieces: Iterator[pa.Table], file: IO[bytes], schema: pa.Schema) -> int:
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        return _count(pieces, writer.write_table)


def _count(pieces: Iterator[pa.Table], put: Callable[[pa.Table], object]) -> int:
    people = 0
    for table in pieces:
        put(table)
        people += len(table)
    return people
