"""Frozen slices of a run's audience: Parquet, in the order of sending, each with a digest.

Person number n stands in row n of the shards put end to end. A home of pyarrow. Knows neither campaign nor ledger.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.errors import RESTORE_RUN, ArchiveInvalid, Cure, StorageUnusable
from zalo_alert.foundation.files import create_file
from zalo_alert.language import _
from zalo_alert.models import Digest, Recipient

ROWS_PER_SHARD = 1_000_000
ROWS_PER_GROUP = 32_768  # what is in memory at once, and what a resume reads before its first message
GROUPS_KEPT = 4  # people deferred together stand together, so a few groups serve most second attempts

SCHEMA = pa.schema(
    [("user_id", pa.string()), ("place", pa.int16()), ("account", pa.int8()), ("phone", pa.string()), ("name", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Shard:
    """One file: whom it holds and how to know it again."""

    file: str
    first: int
    people: int
    digest: Digest


def write(batches: Iterable[pa.RecordBatch], folder: Path) -> list[Shard]:
    """Write an audience as shards `00000.parquet` …, every file on the disk when it returns.

    Args:
        batches: Of `SCHEMA`, in the order of sending.
        folder: Exists and is empty.
    """
    shards: list[Shard] = []
    for number, slices in enumerate(_slice(batches, ROWS_PER_SHARD)):
        path = folder / f"{number:05}.parquet"
        first = shards[-1].first + shards[-1].people if shards else 0
        people = 0
        with create_file(path) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
            for group in _slice(slices, ROWS_PER_GROUP):  # the reader counts on full groups
                table = pa.Table.from_batches(list(group), SCHEMA)
                writer.write_table(table, row_group_size=ROWS_PER_GROUP)
                people += table.num_rows
        shards.append(Shard(path.name, first, people, digest_of(path)))
    return shards


def digest_of(path: Path) -> Digest:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())


def count_places(path: Path) -> Mapping[int, int]:
    """Count the people of a file by the number of their place.

    Raises:
        StorageUnusable: It can't be read.
    """
    import pyarrow.compute as pc

    try:
        counted = pc.value_counts(pq.read_table(path, columns=["place"])["place"])
    except (OSError, pa.ArrowException) as exc:
        raise StorageUnusable(_("can't read {path}: {why}", path=path, why=exc), hint=RESTORE_RUN) from exc
    return {row["values"]: row["counts"] for row in counted.to_pylist()}


def number_of(folder: Path, user_id: str) -> int | None:
    """Return somebody's number in the shards of a folder; None when they stand in none."""
    import pyarrow.compute as pc  # takes 60 ms, which a resumed run should not wait for

    first = 0
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["user_id"], batch_size=ROWS_PER_GROUP):
                at: int = pc.index(batch.column(0), user_id).as_py()
                if at >= 0:
                    return first + at
                first += batch.num_rows
    return None


def holds(path: Path, first_byte: int, size_bytes: int, user_id: str) -> bool:
    """Whether somebody stands in a shard that lies inside another file.

    Raises:
        ArchiveInvalid: What lies there is no shard.
    """
    import pyarrow.compute as pc

    try:
        with pa.memory_map(str(path)) as file:
            file.seek(first_byte)
            shard = pq.ParquetFile(pa.BufferReader(file.read_buffer(size_bytes)))
            batches = shard.iter_batches(columns=["user_id"], batch_size=ROWS_PER_GROUP)
            return any(pc.index(batch.column(0), user_id).as_py() >= 0 for batch in batches)
    except (OSError, pa.ArrowException) as exc:
        raise ArchiveInvalid(_("{path} is damaged: {why}", path=path, why=exc)) from exc


class ShardReader:
    """Reads people back by number: cheaply in order, and any few of them out of order.

    Args:
        folder: Where the files are.
        shards: In order of `first`.
    """

    def __init__(self, folder: Path, shards: Sequence[Shard]) -> None:
        self._folder = folder
        self._shards = shards
        self._firsts = [shard.first for shard in shards]
        self._files: dict[int, pq.ParquetFile] = {}
        self._groups: dict[tuple[int, int], pa.Table] = {}  # the latest last

    def window(self, first: int, people: int) -> list[Recipient]:
        """Return the people `first` … `first + people - 1`.

        Raises:
            StorageUnusable: A file is missing, or is not the one that was frozen.
        """
        people_read: list[Recipient] = []
        while len(people_read) < people:
            number = first + len(people_read)
            group, offset = self._group_of(number)
            rows = group.slice(offset, people - len(people_read))
            people_read += _recipients(range(number, number + rows.num_rows), rows)
        return people_read

    def people(self, numbers: Sequence[int]) -> list[Recipient]:
        """Return some people, in the order asked for."""
        slices = [group.slice(offset, 1) for group, offset in map(self._group_of, numbers)]
        return _recipients(numbers, pa.concat_tables(slices)) if slices else []

    def groups(self) -> Iterator[tuple[int, pa.Table]]:
        """Yield everyone as tables of `SCHEMA`, a group at a time, each with the number of its first person.

        Raises:
            StorageUnusable: As `window`.
        """
        return ((first, self.group_at(first)) for first in self.group_starts())

    def group_starts(self) -> Iterator[int]:
        """Yield the number of each group's first person."""
        for shard in self._shards:
            yield from range(shard.first, shard.first + shard.people, ROWS_PER_GROUP)

    def group_at(self, first: int) -> pa.Table:
        """Return the group that begins with a person, as a table of `SCHEMA`."""
        return self._group_of(first)[0]

    def close(self) -> None:
        """Close every file."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _group_of(self, number: int) -> tuple[pa.Table, int]:
        at = bisect_right(self._firsts, number) - 1
        group, offset = divmod(number - self._shards[at].first, ROWS_PER_GROUP)
        key = (at, group)
        table = self._groups.pop(key, None)
        if table is None:
            table = self._read(at, group)
            while len(self._groups) >= GROUPS_KEPT:
                del self._groups[next(iter(self._groups))]
        self._groups[key] = table
        return table, offset

    def _read(self, at: int, group: int) -> pa.Table:
        try:
            return self._file(at).read_row_group(group)
        except (OSError, pa.ArrowException) as exc:
            raise StorageUnusable(
                _("can't read {path}: {why}", path=self._folder / self._shards[at].file, why=exc), hint=_RESTORE
            ) from exc

    def _file(self, at: int) -> pq.ParquetFile:
        if at not in self._files:
            path = self._folder / self._shards[at].file
            if not path.is_file():
                raise StorageUnusable(_("{path} is missing, and with it a part of the audience", path=path), hint=_RESTORE)
            if digest_of(path) != self._shards[at].digest:
                raise StorageUnusable(_("{path} is not the file that was frozen", path=path), hint=_RESTORE)
            self._files[at] = pq.ParquetFile(path)
        return self._files[at]


def _recipients(numbers: Iterable[int], rows: pa.Table) -> list[Recipient]:
    # A window at a time: a whole group of tuples at once would hold up the senders, and have the garbage collector walk it.
    columns = [rows.column(name).to_pylist() for name in ("user_id", "place", "account", "phone", "name")]
    return list(map(Recipient._make, zip(numbers, *columns, strict=True)))


_RESTORE = _("{restore}, then {resume}", restore=RESTORE_RUN, resume=Cure.RESUME())


def _slice(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[Iterator[pa.RecordBatch]]:
    """Cut a stream of batches into streams of exactly `rows` rows, the last one shorter; each must be used up in turn."""
    source = iter(batches)
    held: list[pa.RecordBatch] = []

    def slice_of() -> Iterator[pa.RecordBatch]:
        left = rows
        while left and (batch := held.pop() if held else next(source, None)) is not None:
            yield batch.slice(0, left)
            if batch.num_rows > left:
                held.append(batch.slice(left))
            left -= min(left, batch.num_rows)

    while held or (batch := next(source, None)) is not None:
        if not held:
            held.append(batch)
        yield slice_of()
