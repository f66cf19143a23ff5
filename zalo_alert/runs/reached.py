"""The people whom runs have reached, taken by number from their shards and written as the shards of what follows.

By columns, a shard's worth at a time, so that millions are taken in seconds and in flat memory. A home of pyarrow. Knows no
campaign: which route is tried first for whom is told by number.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zalo_alert.ledger.base import MOST_NUMBER, MOST_ROUTE, ROUTE_BITS, pack_reached
from zalo_alert.runs.shards import ROWS_PER_SHARD, SCHEMA, Shard, ShardReader, write

NEVER_S = (1 << 32) - 1  # when somebody is reached who has not been yet: after everyone who has
BY_PLACE = MOST_ROUTE  # stands for the route of those who have not been: their place tells which is tried first


@dataclass(frozen=True, slots=True)
class ReachedRun:
    """One run whose people are taken.

    Args:
        audience: Its shards.
        people: Whom to take, as `Ledger.reached` packs them.
        first_routes: By the route that reached them, which of the new routes is tried first.
        places_first: The same by number of place, for `BY_PLACE`.
        accounts: By number of account in that run, the number in the new one.
    """

    audience: ShardReader
    people: "array[int]"
    first_routes: Sequence[int]
    places_first: Sequence[int]
    accounts: Sequence[int]


class Group(NamedTuple):
    """People of one place of one run who are written to by the same route first; a place of the new run."""

    run: int
    place: int
    first_route: int


@dataclass(slots=True)
class GroupCount:
    """How many of a group there are, and the numbers of its first and last person in the new run."""

    people: int
    first_number: int
    last_number: int


@dataclass(slots=True)
class _Groups:
    """Numbers the groups in the order in which they first come up, and counts them."""

    counts: dict[Group, GroupCount] = field(default_factory=dict)
    done: int = 0

    def number(self, run: int, places: pa.Array, routes: pa.Array) -> pa.Array:
        """Return the number of the group that each of some people belongs to."""
        keys = pc.add(pc.multiply(places.cast(pa.int32()), MOST_ROUTE + 1), routes.cast(pa.int32()))
        encoded = keys.dictionary_encode()
        groups = [Group(run, *divmod(key, MOST_ROUTE + 1)) for key in encoded.dictionary.to_pylist()]
        for group, count in zip(groups, self._count(encoded.indices, len(groups)), strict=True):
            known = self.counts.setdefault(group, GroupCount(0, count.first_number, 0))
            known.people, known.last_number = known.people + count.people, count.last_number
        self.done += len(places)
        at = {group: number for number, group in enumerate(self.counts)}
        return pa.array([at[group] for group in groups], pa.int16()).take(encoded.indices)

    def _count(self, indices: pa.Array, groups: int) -> list[GroupCount]:
        table = pa.table({"group": indices, "number": pa.array(range(len(indices)), pa.int32())})
        rows = table.group_by("group").aggregate([("number", "count"), ("number", "min"), ("number", "max")])
        by_group = {row["group"]: row for row in rows.to_pylist()}
        return [
            GroupCount(row["number_count"], self.done + row["number_min"], self.done + row["number_max"])
            for row in (by_group[group] for group in range(groups))
        ]


def everyone(audience: int, reached: "array[int]") -> "array[int]":
    """Return those reached, and after them everybody else of an audience."""
    is_reached = bytearray(audience)
    for person in reached:
        is_reached[person >> ROUTE_BITS & MOST_NUMBER] = 1
    rest = (pack_reached(NEVER_S, number, BY_PLACE) for number in range(audience) if not is_reached[number])
    return reached + array("q", rest)


def write_reached(runs: Sequence[ReachedRun], folder: Path) -> tuple[list[Shard], dict[Group, GroupCount]]:
    """Write the people of some runs as shards, of each run those reached first before the others, everybody once.

    Args:
        runs: Whose people; somebody of several belongs to the first.
        folder: Exists and is empty.

    Returns:
        The shards, and the groups in the order of the numbers that the shards give them.

    Raises:
        StorageUnusable: A shard is missing, or is not the one that was frozen.
    """
    groups = _Groups()
    return write(_ahead(_batches(runs, groups)), folder), groups.counts


def _ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Take the next batch in a thread while the one before is being written: neither holds Python's lock for long."""
    with ThreadPoolExecutor(1) as taker:
        coming = taker.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = taker.submit(next, batches, None)
            yield batch


def _batches(runs: Sequence[ReachedRun], groups: _Groups) -> Iterator[pa.RecordBatch]:
    seen: list[pa.Array] = []
    for number, run in enumerate(runs):
        accounts = pa.array(run.accounts, pa.int8())
        for people, routes in _tables(run):
            owned = people.set_column(2, "account", accounts.take(people["account"].combine_chunks()))
            is_last = number == len(runs) - 1
            kept, routes = _once(owned, routes, seen, remember=not is_last) if len(runs) > 1 else (owned, routes)
            if kept.num_rows:
                place = groups.number(number, kept["place"].combine_chunks(), routes)
                yield from kept.set_column(1, "place", place).cast(SCHEMA).combine_chunks().to_batches()


def _once(people: pa.Table, routes: pa.Array, seen: list[pa.Array], *, remember: bool) -> tuple[pa.Table, pa.Array]:
    """Leave out whom an earlier run has already, by their id at the OA."""
    account = people["account"].combine_chunks().cast(pa.string())
    keys = pc.binary_join_element_wise(people["user_id"].combine_chunks(), account, "@")
    if seen:
        is_new = pc.invert(pc.is_in(keys, pa.concat_arrays(seen)))
        people, routes, keys = people.filter(is_new), routes.filter(is_new), keys.filter(is_new)
    if remember:
        seen.append(keys)
    return people, routes


def _tables(run: ReachedRun) -> Iterator[tuple[pa.Table, pa.Array]]:
    """Yield the people of a run in order, a shard's worth at a time, each with the route that is tried first."""
    packed = pa.Array.from_buffers(pa.int64(), len(run.people), [None, pa.py_buffer(run.people)])
    packed = packed.take(pc.array_sort_indices(packed))
    by_route = pa.array([*run.first_routes, *[0] * (MOST_ROUTE + 1 - len(run.first_routes))], pa.int8())
    by_place = pa.array(run.places_first, pa.int8())
    starts = list(run.audience.group_starts())
    for offset in range(0, len(packed), ROWS_PER_SHARD):
        some = packed.slice(offset, ROWS_PER_SHARD)
        numbers = pc.bit_wise_and(pc.shift_right(some, ROUTE_BITS), MOST_NUMBER)
        reached_by = pc.bit_wise_and(some, MOST_ROUTE)
        people = _take(run.audience, starts, numbers)
        of_place = by_place.take(people["place"].combine_chunks())
        yield people, pc.if_else(pc.equal(reached_by, BY_PLACE), of_place, by_route.take(reached_by))


def _take(audience: ShardReader, starts: Sequence[int], numbers: pa.Array) -> pa.Table:
    """Return some people in the order asked for; read in the order of the shards, each group once."""
    order = pc.array_sort_indices(numbers)
    ascending = numbers.take(order)
    parts, at = [], 0
    while at < len(ascending):
        start = starts[bisect_left(starts, ascending[at].as_py() + 1) - 1]
        table = audience.group_at(start)
        end = bisect_left(range(len(ascending)), start + table.num_rows, lo=at, key=lambda i: ascending[i].as_py())
        parts.append(table.take(pc.subtract(ascending.slice(at, end - at), start)))
        at = end
    people = pa.concat_tables(parts).combine_chunks()
    return people.take(pc.array_sort_indices(order))
