"""Gives people their places: city, district and ward at once for all who share them; addresses only for those still open.

An address costs a hundred times as much, so what was found is remembered from import to import, and many at once are shared out
to processes (threads would wait for each other). Knows no list and no generation.
"""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from zalo_alert import places
from zalo_alert.book.base import SCHEMA, utc
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.database import Database
from zalo_alert.places import Resolved

MERGER = datetime(2025, 7, 1, tzinfo=VIETNAM)  # records before it mean the 63 provinces
POOL_FROM = 20_000  # addresses: fewer are done sooner than processes start
PER_TASK = 2_000

_MERGER_UTC = pa.scalar(utc(MERGER), pa.timestamp("us"))
_FIELDS = ("city", "district", "ward")
_ANSWER = {"place": "place", "ward_code": "ward", "reason": "reason"}  # our columns and the resolver's

_MEMORY = """
CREATE TABLE IF NOT EXISTS about (resolver TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, place TEXT, ward TEXT, reason TEXT, UNIQUE (place, ward, reason));
CREATE TABLE IF NOT EXISTS found (address INTEGER PRIMARY KEY, answer INTEGER NOT NULL);
"""


class PlaceReader(NamedTuple):
    """How places are read: the function, importable by name since other processes call it, and a mark of its answers.

    `version` changes whenever an answer may; what was remembered under another one is asked again.
    """

    resolve: "Resolve" = places.resolve
    version: str = places.RESOLVER

    @classmethod
    def knowing(cls, aliases: places.Aliases) -> "PlaceReader":
        """Read places with the office's own names for some of them."""
        if not aliases:
            return cls()
        mark = hashlib.sha256(orjson.dumps(aliases)).hexdigest()[:12]
        return cls(partial(places.resolve, aliases=aliases), f"{places.RESOLVER}+{mark}")


class Resolve(Protocol):
    """See `places.resolve`."""

    def __call__(self, city: str, district: str, ward: str, address: str, *, before_merger: bool) -> Resolved:
        """Say where someone lives."""


class AddressQuery(NamedTuple):
    """What is asked about one address."""

    city: str
    district: str
    ward: str
    address: str
    before_merger: bool

    @property
    def key(self) -> int:
        """A number for it: of 57 million, two share one with a chance of one in ten thousand."""
        digest = hashlib.blake2b("\x1f".join(map(str, self)).encode(), digest_size=8)
        return int.from_bytes(digest.digest(), signed=True)


def locate(people: pa.Table, origin: str, resolve: Resolve = places.resolve) -> pa.Table:
    """Turn people as read into rows of the book (but for `conflicts` and dates of fields), by city, district and ward.

    Args:
        people: Of `readers.SCHEMA`.
        origin: What to remember as their origin.
        resolve: Asked once for each distinct value.

    Returns:
        Rows of the book, and `line` and `part`, with which they are merged; who carries no date has none yet.
    """
    people = people.combine_chunks()
    before = _before_merger(people)
    ask = _memoized(cast(Hashable, resolve))
    answers = _answers(people, before, ask)
    rows = people.num_rows
    values = {
        **{name: answers.column(name) for name in _ANSWER},
        "places": _locate_further(people, before, ask),
        "source": pa.repeat(pa.scalar(origin), rows),
        "conflicts": pa.array([[]] * rows, pa.list_(pa.string())),
    }
    for name in people.column_names:
        values.setdefault(name, people.column(name))
    columns = {field.name: values.get(field.name, pa.nulls(rows, field.type)) for field in SCHEMA}
    columns["line"] = people.column("line")
    columns["part"] = pc.utf8_slice_codeunits(people.column("user_id"), -2, 2**31 - 1).cast(pa.uint8())
    return pa.table(columns)


def locate_again(rows: pa.Table, resolve: Resolve) -> pa.Table:
    """Return rows of the book with their places read anew by city, district and ward.

    What an address had settled stays, where the fields alone leave it open.
    """
    rows = rows.combine_chunks()
    answers = _answers(rows, _before_merger(rows), _memoized(cast(Hashable, resolve)))
    settled = pc.invert(pc.or_(pc.equal(answers["place"], places.UNKNOWN), pc.starts_with(answers["place"], "new:")))
    better = pc.or_(settled, pc.equal(rows["place"], places.UNKNOWN))
    for name in _ANSWER:
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pc.if_else(better, answers[name], rows[name]))
    return rows


def _before_merger(people: pa.Table) -> pa.Array:
    return pc.fill_null(pc.less(people.column("updated_at"), _MERGER_UTC), False)


@lru_cache(maxsize=4)
def _memoized(resolve: Hashable) -> Resolve:
    return lru_cache(maxsize=1 << 18)(cast(Resolve, resolve))


def _answers(people: pa.Table, before: pa.Array, resolve: Resolve) -> pa.Table:
    """Ask once for each distinct (city, district, ward, before the merger)."""
    encoded = [column.combine_chunks().dictionary_encode() for column in (*map(people.column, _FIELDS), before)]
    values = [column.dictionary.to_pylist() for column in encoded]
    code = pa.repeat(pa.scalar(0, pa.int64()), people.num_rows)
    for column in encoded:
        code = pc.add(pc.multiply(code, max(1, len(column.dictionary))), column.indices.cast(pa.int64()))
    code = code.dictionary_encode()
    answers = [_ask(number, values, resolve) for number in code.dictionary.to_pylist()]
    return _table(answers).take(code.indices)


def _ask(number: int, values: Sequence[Sequence[Any]], resolve: Resolve) -> Resolved:
    parts = []
    for distinct in reversed(values):
        number, at = divmod(number, max(1, len(distinct)))
        parts.append(distinct[at])
    before, ward, district, city = parts
    return resolve(city, district, ward, "", before_merger=before)


def _table(answers: Sequence[Resolved]) -> pa.Table:
    return pa.table({ours: pa.array([getattr(answer, its) for answer in answers], pa.string()) for ours, its in _ANSWER.items()})


def _locate_further(people: pa.Table, before: pa.Array, resolve: Resolve) -> pa.Array:
    kind, column = SCHEMA.field("places").type, people.column("places")
    if not pc.sum(pc.list_value_length(column)).as_py():
        return pa.array([[]] * people.num_rows, kind)
    located = []
    for further, early in zip(column.to_pylist(), before.to_pylist(), strict=True):
        located.append([_locate_one(place, resolve, before_merger=early) for place in further])
    return pa.array(located, kind)


def _locate_one(place: dict[str, str], resolve: Resolve, *, before_merger: bool) -> dict[str, str]:
    parts = [place[part] for part in ("city", "district", "ward", "address")]
    answer = resolve(*parts, before_merger=before_merger)
    return {"purpose": place["purpose"], "text": ", ".join(filter(None, reversed(parts))), "place": answer.place}


class Addresses:
    """Settles by address what city, district and ward left open; remembers the answers in a file.

    Args:
        path: The file; made when the first address is asked.
        reader: Asked for what is not remembered.
        pool_from: So many unknown addresses are worth processes.
    """

    def __init__(self, path: Path, reader: PlaceReader | None = None, *, pool_from: int = POOL_FROM) -> None:
        self._path, self._pool_from = path, pool_from
        self._resolve, self._version = reader or PlaceReader()
        self._memory: Database | None = None
        self._pool: ProcessPoolExecutor | None = None

    def settle(self, rows: pa.Table, *, wards: bool = False) -> pa.Table:
        """Return rows of the book with the open ones asked again, with their address.

        Args:
            rows: Placed by city, district and ward.
            wards: Whether a ward that nobody knows is a reason to ask, too; where the rest is certain, only the ward may change.
        """
        rows = rows.combine_chunks()
        undecided = pc.or_(pc.equal(rows["place"], places.UNKNOWN), pc.starts_with(rows["place"], "new:"))
        open_ = pc.or_(undecided, pc.equal(rows["ward_code"], "")) if wards else undecided
        asked = pc.and_(open_, pc.not_equal(rows["address"], ""))
        if not pc.any(asked, min_count=0).as_py():
            return rows
        some = rows.filter(asked)
        columns = [*(some[name].to_pylist() for name in (*_FIELDS, "address")), _before_merger(some).to_pylist()]
        questions = list(map(AddressQuery._make, zip(*columns, strict=True)))
        answers = self._answers(dict.fromkeys(questions))
        table = _table([answers[question] for question in questions])
        same = pc.and_(pc.equal(table["place"], some["place"]), pc.not_equal(table["ward_code"], ""))
        better = pc.or_(undecided.filter(asked), same)
        for name in _ANSWER:
            at = rows.schema.get_field_index(name)
            value = pc.if_else(better, table[name], some[name]).combine_chunks()
            rows = rows.set_column(
                at, rows.schema.field(at), pc.replace_with_mask(rows[name].combine_chunks(), asked.combine_chunks(), value)
            )
        return rows

    def close(self) -> None:
        """Close the file and end the processes."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        if self._memory:
            self._memory.close()

    def _answers(self, questions: Iterable[AddressQuery]) -> dict[AddressQuery, Resolved]:
        keys = {question: question.key for question in questions}
        remembered = self._recall(list(keys.values()))
        missing = [question for question, key in keys.items() if key not in remembered]
        fresh = dict(zip(missing, self._resolve_all(missing), strict=True))
        self._remember({keys[question]: answer for question, answer in fresh.items()})
        return {question: fresh[question] if question in fresh else remembered[key] for question, key in keys.items()}

    def _resolve_all(self, questions: Sequence[AddressQuery]) -> Iterable[Resolved]:
        ask = partial(_ask_address, self._resolve)
        if len(questions) < self._pool_from:
            return map(ask, questions)
        if self._pool is None:
            # A fork of a process with threads may hang, and Windows has none.
            self._pool = ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))
        return self._pool.map(ask, questions, chunksize=PER_TASK)

    def _open(self) -> Database:
        if self._memory is None:
            self._memory = Database(self._path, schema=_MEMORY)
            if self._memory.rows("SELECT resolver FROM about") != [(self._version,)]:
                with self._memory.transaction():
                    for table in ("about", "answers", "found"):
                        self._memory.run(f"DELETE FROM {table}")
                    self._memory.run("INSERT INTO about VALUES (?)", (self._version,))
        return self._memory

    def _recall(self, keys: Sequence[int]) -> dict[int, Resolved]:
        rows = self._open().rows(
            "SELECT address, place, ward, reason FROM json_each(?) AS asked JOIN found ON address = asked.value "
            "JOIN answers ON answers.id = answer",
            (orjson.dumps(keys).decode(),),
        )
        return {key: Resolved(*answer) for key, *answer in rows}

    def _remember(self, fresh: dict[int, Resolved]) -> None:
        memory = self._open()
        with memory.transaction():
            memory.run_many("INSERT OR IGNORE INTO answers (place, ward, reason) VALUES (?, ?, ?)", set(fresh.values()))
            ids = {Resolved(*answer): number for number, *answer in memory.rows("SELECT id, place, ward, reason FROM answers")}
            # In the order of the keys the file grows at its leaves, one after the other.
            memory.run_many("INSERT OR IGNORE INTO found VALUES (?, ?)", ((key, ids[fresh[key]]) for key in sorted(fresh)))


def _ask_address(resolve: Callable[..., Resolved], question: AddressQuery) -> Resolved:
    *parts, before_merger = question
    return resolve(*parts, before_merger=before_merger)
