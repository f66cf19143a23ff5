"""Changes to a book other than imports: a person taken out of every generation, and places read anew.

An import adds; this takes away, or reads again what is there. Either way a reader sees a whole generation, before or after.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.book.base import IDENTITY, fetch_number, files_of, open_duckdb, quote
from zalo_alert.book.generations import Generation, Generations
from zalo_alert.book.locate import Addresses, PlaceReader, locate_again
from zalo_alert.book.merging import ROWS_PER_GROUP
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _

BATCH_ROWS = 250_000  # read anew at once


class Forgotten(NamedTuple):
    """What forgetting somebody did: generations that held them, rows taken out, rows found afterwards (none, or it failed)."""

    generations: tuple[str, ...]
    rows: int
    left: int


def forget(generations: Generations, user_id: str) -> Forgotten:
    """Take a person out of every generation, and look for them afterwards; see `Book.forget`."""
    with generations.locked():
        touched, rows = [], 0
        for generation in generations.all():
            if removed := _forget_in(generations, generation, user_id):
                touched.append(generation.id)
                rows += removed
        generations.clear_staging()
        left = sum(_count_rows(generations, generation, user_id) for generation in generations.all())
        return Forgotten(tuple(touched), rows, left)


def _count_rows(generations: Generations, generation: Generation, user_id: str) -> int:
    files = [generations.folder / generation.id / part.file for part in generation.parts]
    with open_duckdb(generations.folder) as db:
        return fetch_number(db, f"SELECT count(*) FROM {files_of(files)} WHERE {IDENTITY} = ?", [user_id])


def _forget_in(generations: Generations, generation: Generation, user_id: str) -> int:
    """Write the file that holds a person again without them; return how many rows they had."""
    removed, folder = 0, generations.folder / generation.id
    for part in generation.parts:
        if not part.first <= int(user_id[-2:]) <= part.last:
            continue
        with open_duckdb(generations.folder) as db:
            rows = fetch_number(db, f"SELECT count(*) FROM {files_of([folder / part.file])} WHERE {IDENTITY} = ?", [user_id])
            if not rows:
                continue
            fresh = folder / _next_name(part.file)
            query = f"SELECT * FROM {files_of([folder / part.file])} WHERE {IDENTITY} <> '{user_id}' ORDER BY place, user_id"
            db.execute(f"COPY ({query}) TO '{quote(fresh)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})")
        generations.replace_part(generation, part, fresh.name, part.people - rows)
        removed += rows
    return removed


def _next_name(file: str) -> str:
    stem, _, times = file.removesuffix(".parquet").partition("-")
    return f"{stem}-{int(times or 0) + 1}.parquet"


def place_anew(generations: Generations, reader: PlaceReader, clock: Clock, on_step: StepReporter, *, wards: bool) -> Generation:
    """Read every place of the generation in force again, into a new one; see `Book.place_anew`."""
    with generations.locked(), generations.draft() as draft:
        current = generations.manifest(generations.current())
        files = generations.files(current.id)
        addresses = Addresses(generations.folder / "addresses.db", reader)
        done = 0
        try:
            for path, part in zip(files, current.parts, strict=True):
                _write(
                    draft / part.file,
                    (addresses.settle(locate_again(rows, reader.resolve), wards=wards) for rows in _batches(path)),
                )
                done += part.people
                on_step(_("reading places"), done, current.people)
        finally:
            addresses.close()
        parts = [(part.file, part.people, part.first, part.last) for part in current.parts]
        return generations.add(draft, parts, current.source, clock.now())


def _batches(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            yield pa.Table.from_batches([batch])


def _write(target: Path, tables: Iterable[pa.Table]) -> None:
    writer: pq.ParquetWriter | None = None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=ROWS_PER_GROUP)
    finally:
        if writer:
            writer.close()
