"""From a list to a new generation: read by the block, place, stage in chunks, merge, switch.

A chunk on the disk need not be read again: the same file imported once more goes on behind it. Until the last rename the book
is as it was before.
"""

import csv
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zalo_alert import places, readers
from zalo_alert.book import merging
from zalo_alert.book.base import CURE, SCHEMA, fetch_number, files_of, open_duckdb
from zalo_alert.book.generations import STAGING, Generations
from zalo_alert.book.locate import Addresses, PlaceReader, locate
from zalo_alert.errors import InputInvalid, StorageUnusable
from zalo_alert.foundation.cells import guard_rows
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.files import appearing, created_text, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import Language, _, catalogue_of, count, joined, pack, said_in, unpack
from zalo_alert.readers import Batch, Position, Reject, Tally, masked, tally

CHUNK_ROWS = 500_000  # a few seconds of work, which is all that a kill can cost
START_BYTES = 1 << 20  # of a file, by which to know it again
READING = 3  # counts up when the same bytes are read otherwise: what was staged before is read again
UNPLACED_NAMED = 1000
TEXT_TOLD = 60  # characters of a bad row
REJECTS_KEPT = 10  # of which something may be told
REJECT_COLUMNS = (*Reject._fields, "reason_vi")  # whoever corrects the rows may read no English


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
        first_rejects: The first bad rows.
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
    first_rejects: tuple[Reject, ...] = ()


class ImportSource(NamedTuple):
    """A list to import.

    Args:
        file: CSV, NDJSON, Parquet or bare ids.
        name: What to call it in messages.
        origin: What its people remember as their source.
        reader: Reads their places.
        events: Up to which of the webhook's events the book has heard with it; "" for a list that is none of these.
    """

    file: Path | BinaryIO
    name: str
    origin: str
    reader: PlaceReader = PlaceReader()
    events: str = ""


class Sizes(NamedTuple):
    """How much is done at once: bytes read, rows kept together, people merged into a file."""

    block_bytes: int = readers.BLOCK_BYTES
    chunk_rows: int = CHUNK_ROWS
    people_per_file: int = merging.PEOPLE_PER_FILE


def import_list(
    generations: Generations,
    source: ImportSource,
    *,
    rejects: Path,
    clock: Clock,
    on_step: StepReporter,
    sizes: Sizes = Sizes(),  # noqa: B008  an immutable tuple
) -> ImportReport:
    """Merge a list of people into a new generation and switch it in; see `Book.import_rows`."""
    with generations.locked():
        staging = Staging(generations.folder / STAGING, source)
        try:
            report = _stage(generations.folder, staging, source, rejects, on_step, sizes)
            _merge(generations, staging, source, report, clock.now(), on_step, sizes.people_per_file)
        except InputInvalid:
            staging.remove()
            raise
        except (OSError, pa.ArrowException) as exc:
            staging.remove()  # the ledger of a run may need the room
            raise StorageUnusable(
                _("can't write to {folder}: {why}", folder=generations.folder, why=_explain(exc)), hint=CURE
            ) from exc
        except StorageUnusable:
            staging.remove()
            raise
        staging.remove()
    return report


def _explain(exc: Exception) -> str:
    if isinstance(exc, OSError) and exc.errno == errno.ENOSPC:
        return _("the disk is full")
    return reason(exc) if isinstance(exc, OSError) else str(exc)


# --- reading -----------------------------------------------------------------------------------------------------------


def _stage(
    folder: Path, staging: "Staging", source: ImportSource, rejects: Path, on_step: StepReporter, sizes: Sizes
) -> ImportReport:
    done = staging.chunks()
    report = ImportReport(resumed=sum(chunk.read for chunk in done))
    with closing(Addresses(folder / "addresses.db", source.reader)) as addresses:
        start = done[-1].end if done else Position()
        read = _batches(source, staging, start, on_step, report.resumed, sizes.block_bytes)
        for batches in _group(read, sizes.chunk_rows):
            rows = addresses.settle(pa.concat_tables(batch.people for batch in batches))
            rejected = [reject for batch in batches for reject in batch.rejects]
            staging.write(rows, rejected, batches[-1].end, _add_up(batch.tally for batch in batches))
    staging.check_unchanged()
    chunks = staging.chunks()
    report.read = sum(chunk.read for chunk in chunks)
    report.rejected = sum(chunk.rejected for chunk in chunks)
    report.imported = report.read - report.rejected
    report.tally = _add_up(chunk.tally for chunk in chunks)
    report.first_rejects = staging.collect_rejects(rejects, report.rejected)
    if not report.imported:
        raise InputInvalid(
            _(
                "{name}: not one of {rows} rows can be used; {first}",
                name=source.name,
                rows=count(report.read),
                first=describe_rejects(report.first_rejects, 1),
            ),
            hint=_("see why in {rejects}", rejects=rejects),
        )
    _refuse_damaged_ids(report, source.name)
    return report


def describe_rejects(rejects: Sequence[Reject], most: int) -> str:
    """Say of the first bad rows why they are bad and how they begin; talk names nobody, so digits are shortened."""
    sentences = (
        _('line {line} {why}: "{text}"', line=reject.line, why=reject.reason, text=masked(reject.text[:TEXT_TOLD]))
        for reject in rejects[:most]
    )
    return joined(sentences, "; ")


def _add_up(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for part in tallies:
        whole.update(part)
    return whole


def _refuse_damaged_ids(report: ImportReport, name: str) -> None:
    """Refuse a list whose ids lost their last digits, or are phone numbers without their zero: it names nobody, or strangers."""
    for column, rounded, long in report.tally.rounded():
        raise InputInvalid(
            _(
                "{name}: a spreadsheet rounded the ids: {rounded} of {ids} in {column} end in zeros after the 15th "
                "digit, such as {example}",
                name=name,
                rounded=count(rounded.number),
                ids=count(long),
                column=column,
                example=masked(rounded.example),
            ),
            hint=_("what is lost is not in this file: format the column as text, and export again from the source"),
        )
    phones = report.tally.get(tally.BARE_PHONE_ID, "user_id")
    if phones.number * 2 > report.imported:
        raise InputInvalid(
            _(
                "{name}: most ids look like phone numbers without their zero, such as {example}",
                name=name,
                example=masked(phones.example),
            ),
            hint=_("put them into a column phone, and use a route of type phone"),
        )


def _batches(
    source: ImportSource, staging: "Staging", start: Position, on_step: StepReporter, read: int, block_bytes: int
) -> Iterator[Batch]:
    origin, resolve, size = source.origin, source.reader.resolve, staging.size_bytes

    def then(people: pa.Table) -> pa.Table:
        return locate(people, origin, resolve)

    for batch in readers.batches(source.file, source.name, start=start, then=then, block_bytes=block_bytes):
        yield batch
        read += batch.read
        whole = round(read * size / batch.end.offset) if size and not staging.counts_rows else None
        on_step(_("reading followers"), read, whole)
        staging.check_unchanged()  # at once: of a file that keeps growing there is no end


def _group(batches: Iterator[Batch], chunk_rows: int) -> Iterator[list[Batch]]:
    held: list[Batch] = []
    for batch in batches:
        held.append(batch)
        if sum(some.read for some in held) >= chunk_rows:
            yield held
            held = []
    if held:
        yield held


# --- merging -----------------------------------------------------------------------------------------------------------


def _merge(
    generations: Generations,
    staging: "Staging",
    source: ImportSource,
    report: ImportReport,
    now: datetime,
    on_step: StepReporter,
    people_per_file: int,
) -> None:
    pa.default_memory_pool().release_unused()
    current = generations.current()
    parts = generations.manifest(current).parts if current else ()
    old = list(zip(generations.files(current), parts, strict=True)) if current else []
    staged = [chunk.path for chunk in staging.chunks()]
    _count_unplaced(generations.folder, staged, report)
    with generations.draft() as draft:
        on_part = partial(on_step, _("merging"))
        files, counts = merging.merge(staged, old, draft, now, on_part, people_per_file)
        generation = generations.add(draft, files, source.origin, now, source.events)
    report.new, report.replaced, report.conflicts = counts
    report.repeated = report.imported - report.new - report.replaced
    report.total, report.generation = generation.people, generation.id


def _count_unplaced(folder: Path, staged: list[Path], report: ImportReport) -> None:
    where = f"FROM {files_of(staged)} WHERE place = '{places.UNKNOWN}' AND city <> ''"
    with open_duckdb(folder) as db:
        unplaced = db.execute(f"SELECT city, count(*) {where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {UNPLACED_NAMED}").fetchall()
        whole = db.execute(f"SELECT count(*) {where}").fetchone()
        old = report.tally.get(tally.OLD_PHONE, "phone").number
        begins = " OR ".join(f"starts_with(phone, '{prefix}')" for prefix in readers.phones.LAND_LINES_ONCE)
        may_be = fetch_number(db, f"SELECT count(*) FROM {files_of(staged)} WHERE {begins}") if old else 0
    report.unplaced = dict(unplaced)
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
        source: Known again by its path, size, time of change and how it begins; a pipe is never known again.
    """

    def __init__(self, folder: Path, source: ImportSource) -> None:
        self._source, self._name = source.file, source.name
        self._before = self._stat()
        self.counts_rows = False
        self.size_bytes = self._before.st_size if self._before else 0
        start = self._start()
        self.counts_rows = start.startswith(b"PAR1") or readers.is_packed(start)
        self.folder = folder / _key(source, self._before, start)
        for other in folder.iterdir() if folder.is_dir() else ():
            if other != self.folder or self._before is None:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def chunks(self) -> list[Chunk]:
        """List what is staged, in order."""
        chunks: list[Chunk] = []
        while (path := self.folder / f"{len(chunks):05}.parquet").exists():
            about = orjson.loads(pq.read_schema(path).metadata[b"chunk"])
            chunks.append(Chunk(path, about["read"], about["rejected"], Position(*about["end"]), Tally(about["tally"])))
        return chunks

    def write(self, rows: pa.Table, rejects: list[Reject], end: Position, remarks: Tally) -> None:
        """Stage some rows; they are on the disk when this returns."""
        number = len(list(self.folder.glob("[0-9]*.parquet")))
        if rejects:
            with created_text(self._rejects(number)) as file:
                csv.writer(file).writerows((line, _packed(why), text) for line, why, text in rejects)
        about = {"read": rows.num_rows + len(rejects), "rejected": len(rejects), "end": list(end), "tally": remarks.dumped()}
        ordered = rows.take(pc.sort_indices(rows["part"])).replace_schema_metadata({"chunk": orjson.dumps(about)})
        with appearing(self.folder / f"{number:05}.parquet") as draft:
            pq.write_table(ordered, draft, compression="lz4", row_group_size=max(10_000, len(rows) // 25))

    def collect_rejects(self, target: Path, rejected: int) -> tuple[Reject, ...]:
        """Write every reject to one file of mode 0600, an earlier one is removed when there are none; return the first few."""
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
        return tuple(islice(self._staged_rejects(), REJECTS_KEPT))

    def _copy_rejects(self, file: TextIO) -> None:
        writer = csv.writer(file)
        writer.writerow(REJECT_COLUMNS)
        writer.writerows(guard_rows((*reject, _in_vietnamese(reject.reason)) for reject in self._staged_rejects()))

    def _staged_rejects(self) -> Iterator[Reject]:
        for number in range(len(self.chunks())):
            with suppress(FileNotFoundError), self._rejects(number).open(encoding="utf-8", newline="") as file:
                yield from (Reject(int(line), _unpacked(why), text) for line, why, text in csv.reader(file))

    def check_unchanged(self) -> None:
        """Refuse a file that is no longer what it was when reading began.

        Raises:
            InputInvalid: It grew, was written to, or is another one.
        """
        if self._before is not None and _identity(self._stat()) != _identity(self._before):
            raise InputInvalid(
                _("{name} changed while it was read", name=self._name), hint=_("wait until it is written, then import it again")
            )

    def remove(self) -> None:
        """Clear everything staged."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    def _rejects(self, number: int) -> Path:
        return self.folder / f"{number:05}.rejects.csv"

    def _stat(self) -> os.stat_result | None:
        try:
            stat = self._source.stat() if isinstance(self._source, Path) else None
        except OSError as exc:
            raise InputInvalid(
                _("can't read {name}: {why}", name=self._name, why=reason(exc)), hint=_("check the file's name")
            ) from exc
        return stat if stat and Path(self._source).is_file() else None  # type: ignore[arg-type]

    def _start(self) -> bytes:
        if self._before is None or not isinstance(self._source, Path):
            return b""
        try:
            with self._source.open("rb") as file:
                return file.read(START_BYTES)
        except OSError as exc:
            raise InputInvalid(
                _("can't read {name}: {why}", name=self._name, why=reason(exc)), hint=_("check the file's name")
            ) from exc


# A damaged list has a million bad rows, and few reasons.
_packed, _unpacked = lru_cache(maxsize=1000)(pack), lru_cache(maxsize=1000)(unpack)


@lru_cache(maxsize=1000)
def _in_vietnamese(why: str) -> str:
    return said_in(why, catalogue_of(Language.VI))


def _identity(stat: os.stat_result | None) -> tuple[int, int, int] | None:
    return stat and (stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _key(source: ImportSource, stat: os.stat_result | None, start: bytes) -> str:
    path = str(source.file.resolve()) if isinstance(source.file, Path) else ""
    about: list[Any] = [
        path,
        _identity(stat),
        hashlib.sha256(start).hexdigest(),
        source.origin,
        source.reader.version,
        SCHEMA.names,
        READING,
    ]
    return hashlib.sha256(orjson.dumps(about)).hexdigest()[:16]
