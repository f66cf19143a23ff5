"""From a list to a new generation: read by the block, place, stage in chunks, merge, switch.

A chunk on the disk need not be read again: the same file imported once more goes on behind it. Until the last rename the book
is as it was before.
"""

import csv
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zalo_alert import places, readers
from zalo_alert.book import merging
from zalo_alert.book.base import CURE, SCHEMA, connected, files_of, one
from zalo_alert.book.generations import STAGING, Generations
from zalo_alert.book.locate import Addresses, Reader, placed
from zalo_alert.errors import InputInvalid, StorageUnusable
from zalo_alert.foundation.cells import guarded_rows
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.files import appearing, created_text, private_folder
from zalo_alert.foundation.formatting import count
from zalo_alert.readers import Batch, Position, Reject, Tally, masked, tally

CHUNK_ROWS = 500_000  # a few seconds of work, which is all that a kill can cost
START_BYTES = 1 << 20  # of a file, by which to know it again
READING = 2  # counts up when the same bytes are read otherwise: what was staged before is read again
UNPLACED_NAMED = 1000
TEXT_TOLD = 60  # characters of a bad row

Told: TypeAlias = Callable[[str, int, int | None], object]  # what is under way, how much is done, of how much


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    `new`, `replaced`, `repeated` and `rejected` add up to `read`.

    Args:
        read: Rows in the list, bad ones included.
        rejected: Bad rows.
        imported: Good rows.
        new: People who were not in the book.
        replaced: People who were.
        repeated: Rows of people who stand in the list before.
        conflicts: People in the book now of whom two values met in some field.
        total: People in the book now.
        resumed: Rows taken over from an import of the same file that was cut off.
        generation: The new one.
        unplaced: City fields that nobody can place, the most frequent ones, by rows.
        unplaced_rows: All rows with one.
        tally: What of the good rows was not read, and what else is worth telling.
        land_lines: Phone numbers that were land lines in the days of those with eleven digits, if there are such.
    """

    read: int = 0
    rejected: int = 0
    imported: int = 0
    new: int = 0
    replaced: int = 0
    repeated: int = 0
    conflicts: int = 0
    total: int = 0
    resumed: int = 0
    generation: str = ""
    unplaced: dict[str, int] = field(default_factory=dict)
    unplaced_rows: int = 0
    tally: Tally = field(default_factory=Tally)
    land_lines: int = 0


class Listed(NamedTuple):
    """A list to import.

    Args:
        source: CSV, NDJSON, Parquet or bare ids.
        name: What to call it in messages.
        origin: What its people remember as their source.
        reader: Reads their places.
    """

    source: Path | BinaryIO
    name: str
    origin: str
    reader: Reader = Reader()


class Sizes(NamedTuple):
    """How much is done at once: bytes read, rows kept together, people merged into a file."""

    block_bytes: int = readers.BLOCK_BYTES
    chunk_rows: int = CHUNK_ROWS
    people_per_file: int = merging.PEOPLE_PER_FILE


def import_list(
    generations: Generations,
    listed: Listed,
    *,
    rejects: Path,
    clock: Clock,
    told: Told,
    sizes: Sizes = Sizes(),  # noqa: B008  an immutable tuple
) -> ImportReport:
    """Merge a list of people into a new generation and switch it in; see `Book.import_rows`."""
    with generations.locked():
        staging = Staging(generations.folder / STAGING, listed)
        try:
            report = _staged(generations.folder, staging, listed, rejects, told, sizes)
            _merged(generations, staging, listed, report, clock.now(), told, sizes.people_per_file)
        except InputInvalid:
            staging.remove()
            raise
        except (OSError, pa.ArrowException) as exc:
            staging.remove()  # the ledger of a run may need the room
            raise StorageUnusable(f"can't write to {generations.folder}: {_words(exc)}", hint=CURE) from exc
        except StorageUnusable:
            staging.remove()
            raise
        staging.remove()
    return report


def _words(exc: Exception) -> str:
    if isinstance(exc, OSError) and exc.errno == errno.ENOSPC:
        return "the disk is full"
    return (isinstance(exc, OSError) and exc.strerror) or str(exc)


# --- reading -----------------------------------------------------------------------------------------------------------


def _staged(folder: Path, staging: "Staging", listed: Listed, rejects: Path, told: Told, sizes: Sizes) -> ImportReport:
    done = staging.chunks()
    report = ImportReport(resumed=sum(chunk.read for chunk in done))
    with closing(Addresses(folder / "addresses.db", listed.reader)) as addresses:
        read = _batches(listed, staging, done[-1].end if done else Position(), told, report.resumed, sizes.block_bytes)
        for batches in _grouped(read, sizes.chunk_rows):
            rows = addresses.settle(pa.concat_tables(batch.people for batch in batches))
            rejected = [reject for batch in batches for reject in batch.rejects]
            staging.write(rows, rejected, batches[-1].end, _added_up(batch.tally for batch in batches))
    staging.check_unchanged()
    chunks = staging.chunks()
    report.read = sum(chunk.read for chunk in chunks)
    report.rejected = sum(chunk.rejected for chunk in chunks)
    report.imported = report.read - report.rejected
    report.tally = _added_up(chunk.tally for chunk in chunks)
    staging.collect_rejects(rejects, report.rejected)
    if not report.imported:
        raise InputInvalid(
            f"{listed.name}: not one of {count(report.read)} rows can be used; {rejected_in(rejects, 1)}",
            hint=f"see why in {rejects}",
        )
    _refuse_damaged_ids(report, listed.name)
    return report


def rejected_in(rejects: Path, most: int) -> str:
    """Say of the first bad rows of a file why they are bad and how they begin; talk names nobody, so digits are shortened."""
    with rejects.open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.DictReader(file), most))
    return "; ".join(f'line {row["line"]} {row["reason"]}: "{masked(row["text"][:TEXT_TOLD])}"' for row in rows)


def _added_up(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for part in tallies:
        whole.update(part)
    return whole


def _refuse_damaged_ids(report: ImportReport, name: str) -> None:
    """Refuse a list whose ids lost their last digits, or are phone numbers without their zero: it names nobody, or strangers."""
    for column, rounded, long in report.tally.rounded():
        raise InputInvalid(
            f"{name}: a spreadsheet rounded the ids: {count(rounded.number)} of {count(long)} in {column} end in zeros after the "
            f"15th digit, such as {masked(rounded.example)}",
            hint="what is lost is not in this file: format the column as text, and export again from the source",
        )
    phones = report.tally.get(tally.BARE_PHONE_ID, "user_id")
    if phones.number * 2 > report.imported:
        raise InputInvalid(
            f"{name}: most ids look like phone numbers without their zero, such as {masked(phones.example)}",
            hint="put them into a column phone, and use a route of type phone",
        )


def _batches(listed: Listed, staging: "Staging", start: Position, told: Told, read: int, block_bytes: int) -> Iterator[Batch]:
    origin, resolve, size = listed.origin, listed.reader.resolve, staging.size_bytes

    def then(people: pa.Table) -> pa.Table:
        return placed(people, origin, resolve)

    for batch in readers.batches(listed.source, listed.name, start=start, then=then, block_bytes=block_bytes):
        yield batch
        read += batch.read
        whole = round(read * size / batch.end.offset) if size and not staging.counts_rows else None
        told("reading followers", read, whole)
        staging.check_unchanged()  # at once: of a file that keeps growing there is no end


def _grouped(batches: Iterator[Batch], chunk_rows: int) -> Iterator[list[Batch]]:
    held: list[Batch] = []
    for batch in batches:
        held.append(batch)
        if sum(some.read for some in held) >= chunk_rows:
            yield held
            held = []
    if held:
        yield held


# --- merging -----------------------------------------------------------------------------------------------------------


def _merged(
    generations: Generations, staging: "Staging", listed: Listed, report: ImportReport, now: datetime, told: Told, per_file: int
) -> None:
    pa.default_memory_pool().release_unused()
    current = generations.current()
    parts = generations.manifest(current).parts if current else ()
    old = list(zip(generations.files(current), parts, strict=True)) if current else []
    staged = [chunk.path for chunk in staging.chunks()]
    _count_unplaced(generations.folder, staged, report)
    with generations.draft() as draft:
        files, counts = merging.merge(staged, old, draft, now, lambda done, whole: told("merging", done, whole), per_file)
        made = generations.add(draft, files, listed.origin, now)
    report.new, report.replaced, report.conflicts = counts
    report.repeated = report.imported - report.new - report.replaced
    report.total, report.generation = made.people, made.id


def _count_unplaced(folder: Path, staged: list[Path], report: ImportReport) -> None:
    where = f"FROM {files_of(staged)} WHERE place = '{places.UNKNOWN}' AND city <> ''"
    with connected(folder) as db:
        found = db.execute(f"SELECT city, count(*) {where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {UNPLACED_NAMED}").fetchall()
        whole = db.execute(f"SELECT count(*) {where}").fetchone()
        old = report.tally.get(tally.OLD_PHONE, "phone").number
        begins = " OR ".join(f"starts_with(phone, '{prefix}')" for prefix in readers.phones.LAND_LINES_ONCE)
        may_be = one(db, f"SELECT count(*) FROM {files_of(staged)} WHERE {begins}") if old else 0
    report.unplaced = dict(found)
    report.unplaced_rows = whole[0] if whole else 0
    report.land_lines = max(0, may_be - old)


# --- chunks on the disk ------------------------------------------------------------------------------------------------


class Chunk(NamedTuple):
    """Some rows that need not be read again."""

    path: Path
    read: int
    rejected: int
    end: Position
    tally: Tally


class Staging:
    """The chunks of one list; those of another are cleared.

    Args:
        folder: Of all staging.
        listed: Known again by its path, size, time of change and how it begins; a pipe is never known again.
    """

    def __init__(self, folder: Path, listed: Listed) -> None:
        self._source, self._name = listed.source, listed.name
        self._before = self._stat()
        self.counts_rows = False
        self.size_bytes = self._before.st_size if self._before else 0
        start = self._start()
        self.counts_rows = start.startswith(b"PAR1") or readers.is_packed(start)
        self.folder = folder / _key(listed, self._before, start)
        for other in folder.iterdir() if folder.is_dir() else ():
            if other != self.folder or self._before is None:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def chunks(self) -> list[Chunk]:
        """List what is staged, in order."""
        found: list[Chunk] = []
        while (path := self.folder / f"{len(found):05}.parquet").exists():
            about = orjson.loads(pq.read_schema(path).metadata[b"chunk"])
            found.append(Chunk(path, about["read"], about["rejected"], Position(*about["end"]), Tally(about["tally"])))
        return found

    def write(self, rows: pa.Table, rejects: list[Reject], end: Position, told: Tally) -> None:
        """Stage some rows; they are on the disk when this returns."""
        number = len(list(self.folder.glob("[0-9]*.parquet")))
        if rejects:
            with created_text(self._rejects(number)) as file:
                csv.writer(file).writerows(guarded_rows(rejects))
        about = {"read": rows.num_rows + len(rejects), "rejected": len(rejects), "end": list(end), "tally": told.dumped()}
        ordered = rows.take(pc.sort_indices(rows["part"])).replace_schema_metadata({"chunk": orjson.dumps(about)})
        with appearing(self.folder / f"{number:05}.parquet") as draft:
            pq.write_table(ordered, draft, compression="lz4", row_group_size=max(10_000, len(rows) // 25))

    def collect_rejects(self, target: Path, rejected: int) -> None:
        """Write every reject to one file of mode 0600; an earlier one is removed when there are none."""
        is_device = target.exists() and not target.is_file()  # /dev/null is neither removed nor replaced
        if not rejected and not is_device:
            target.unlink(missing_ok=True)
        elif rejected and is_device:
            with target.open("w", encoding="utf-8", newline="") as file:
                self._copy_rejects(file)
        elif rejected:
            private_folder(target.parent)
            with appearing(target) as draft, created_text(draft) as file:
                self._copy_rejects(file)

    def _copy_rejects(self, file: TextIO) -> None:
        csv.writer(file).writerow(Reject._fields)
        for number in range(len(self.chunks())):
            with suppress(FileNotFoundError), self._rejects(number).open(encoding="utf-8", newline="") as some:
                shutil.copyfileobj(some, file)

    def check_unchanged(self) -> None:
        """Refuse a file that is no longer what it was when reading began.

        Raises:
            InputInvalid: It grew, was written to, or is another one.
        """
        if self._before is not None and _identity(self._stat()) != _identity(self._before):
            raise InputInvalid(f"{self._name} changed while it was read", hint="wait until it is written, then import it again")

    def remove(self) -> None:
        """Clear everything staged."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    def _rejects(self, number: int) -> Path:
        return self.folder / f"{number:05}.rejects.csv"

    def _stat(self) -> os.stat_result | None:
        try:
            found = self._source.stat() if isinstance(self._source, Path) else None
        except OSError as exc:
            raise InputInvalid(f"can't read {self._name}: {exc.strerror or exc}", hint="check the file's name") from exc
        return found if found and Path(self._source).is_file() else None  # type: ignore[arg-type]

    def _start(self) -> bytes:
        if self._before is None or not isinstance(self._source, Path):
            return b""
        try:
            with self._source.open("rb") as file:
                return file.read(START_BYTES)
        except OSError as exc:
            raise InputInvalid(f"can't read {self._name}: {exc.strerror or exc}", hint="check the file's name") from exc


def _identity(stat: os.stat_result | None) -> tuple[int, int, int] | None:
    return stat and (stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _key(listed: Listed, stat: os.stat_result | None, start: bytes) -> str:
    path = str(listed.source.resolve()) if isinstance(listed.source, Path) else ""
    about: list[Any] = [
        path,
        _identity(stat),
        hashlib.sha256(start).hexdigest(),
        listed.origin,
        listed.reader.version,
        SCHEMA.names,
        READING,
    ]
    return hashlib.sha256(orjson.dumps(about)).hexdigest()[:16]
