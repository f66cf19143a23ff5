"""The follower book of one Official Account: immutable generations of Parquet, switched in by one rename.

Readers never wait for an import, and see one generation to its end. The only home of duckdb, which keeps memory flat. Owns what a
follower's row is; whom a campaign reaches is `segment`'s business.
"""

import csv
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from zalo_alert import places, readers, shards
from zalo_alert.clock import VIETNAM, Clock
from zalo_alert.errors import InputInvalid, LedgerUnusable
from zalo_alert.files import appearing, created, created_text, private_folder, sync, sync_folder
from zalo_alert.models import Reach
from zalo_alert.wording import count

STAGED_ROWS = 50_000  # held in memory at once while reading
MEMORY_LIMIT = "1GB"  # beyond it duckdb sorts on the disk
GENERATIONS_KEPT = 3  # a plan made before an import can still be read
RECENT = timedelta(days=7)  # Zalo's window for consultation messages
MERGER = datetime(2025, 7, 1, tzinfo=VIETNAM)  # records before it mean the 63 provinces
EXAMPLES_KEPT = 10

_SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("place", pa.string()),
        ("city", pa.string()),
        ("district", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("name", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("last_interaction_at", pa.timestamp("us")),
        ("updated_at", pa.timestamp("us")),
        ("line", pa.int64()),
    ]
)
# Whoever stands in both keeps the newest row; of two equally new ones the later in the file, and any file beats the book.
_MERGE = """
COPY (
    SELECT * EXCLUDE (line) FROM ({sources})
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY updated_at DESC, line DESC) = 1
    ORDER BY place, user_id
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a book: nobody with one of the tags; only the ids in a Parquet file, when there is one."""

    exclude_tags: frozenset[str] = frozenset()
    ids: Path | None = None


@dataclass(slots=True)
class ImportReport:
    """What an import did: rows read, people taken in, new and replaced ones, rows rejected, people in the book now."""

    read: int = 0
    rejected: int = 0
    imported: int = 0
    new: int = 0
    replaced: int = 0
    total: int = 0
    generation: str = ""
    unplaced: Counter[str] = field(default_factory=Counter)


class Stats(NamedTuple):
    """A book in numbers; `reach` by place, the largest first."""

    generation: str
    people: int
    reach: list[Reach]


class Book:
    """See the module.

    Args:
        folder: Of one OA; made by the first import.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- importing -----------------------------------------------------------------------------------------------------

    def import_rows(
        self,
        source: Path | BinaryIO,
        name: str,
        *,
        rejects: Path,
        clock: Clock,
        on_progress: Callable[[int], object] = lambda done: None,
    ) -> ImportReport:
        """Merge a list of people into a new generation and switch it in.

        Args:
            source: CSV, NDJSON, Parquet or bare ids.
            name: What to call it in messages.
            rejects: Where bad rows go (line, reason, text), mode 0600; removed again when there are none.
            clock: Dates the rows that carry no date, and the generation.
            on_progress: Told the number of rows read so far.

        Raises:
            InputInvalid: Not a list, or not one good row in it; the book is as before.
            LedgerUnusable: It could not be written; the book is as before.
        """
        report = ImportReport()
        with self._draft() as draft:
            self._stage(readers.rows(source, name), draft, rejects, report, clock.now(), on_progress)
            if not report.imported:
                raise InputInvalid(f"{name}: not one of {count(report.read)} rows can be used", hint=f"see why in {rejects}")
            self._merge(draft, report)
            report.generation = f"{clock.now():%Y%m%dT%H%M%S}-{hashlib.sha256(os.urandom(8)).hexdigest()[:6]}"
            self._switch(draft, report.generation)
        return report

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        draft = self.folder / f".draft.{os.getpid()}"
        try:
            private_folder(self.folder)
            with FileLock(self.folder / "lock", mode=0o600):
                draft.mkdir(mode=0o700)
                yield draft
        except OSError as exc:
            raise LedgerUnusable(f"can't write to {self.folder}: {exc.strerror or exc}", hint=_SPACE) from exc
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _stage(
        self,
        rows: Iterator[readers.Row],
        draft: Path,
        rejects: Path,
        report: ImportReport,
        now: datetime,
        on_progress: Callable[[int], object],
    ) -> None:
        """Write good rows to Parquet as they come, bad ones to the rejects file."""
        held: list[tuple[Any, ...]] = []
        with _rejects_file(rejects) as reject, pq.ParquetWriter(draft / "staged.parquet", _SCHEMA) as writer:
            for row in rows:
                report.read += 1
                if isinstance(row, readers.Reject):
                    report.rejected += 1
                    reject(row)
                    continue
                held.append(_stored(row, now, report))
                if len(held) >= STAGED_ROWS:
                    writer.write_table(_table(held))
                    held.clear()
                    on_progress(report.read)
            if held:
                writer.write_table(_table(held))
        report.imported = report.read - report.rejected

    def _merge(self, draft: Path, report: ImportReport) -> None:
        old = self._files() if self._current() else None
        staged = draft / "staged.parquet"
        sources = f"SELECT * FROM read_parquet('{_quoted(staged)}')"
        if old is not None:
            sources += f" UNION ALL BY NAME SELECT *, -1 AS line FROM read_parquet('{_quoted(old)}')"
        (draft / "whole").mkdir(mode=0o700)
        target = draft / "whole" / "00000.parquet"
        with self._duckdb() as db:
            db.execute(_MERGE.format(sources=sources, target=_quoted(target)))
            report.total = _one(db, f"SELECT count(*) FROM read_parquet('{_quoted(target)}')")
            distinct = _one(db, f"SELECT count(DISTINCT user_id) FROM read_parquet('{_quoted(staged)}')")
            before = _one(db, f"SELECT count(*) FROM read_parquet('{_quoted(old)}')") if old is not None else 0
        report.new = report.total - before
        report.replaced = distinct - report.new

    def _switch(self, draft: Path, generation: str) -> None:
        """Put the new generation in its place, then point to it; both by one rename each."""
        sync(draft / "whole" / "00000.parquet")
        (draft / "whole" / "00000.parquet").chmod(0o600)
        sync_folder(draft / "whole")
        (draft / "whole").rename(self.folder / generation)
        sync_folder(self.folder)
        with appearing(self.folder / "CURRENT") as pointer, created(pointer) as file:
            file.write(generation.encode() + b"\n")
        self._prune(keep=generation)

    def _prune(self, keep: str) -> None:
        """Remove old generations; never the one in force, whatever the clock said when it was named."""
        found = [path for path in self.folder.iterdir() if path.is_dir() and path.name != keep and not path.name.startswith(".")]
        found.sort(key=lambda path: path.stat().st_mtime_ns)
        for old in found[: max(0, len(found) + 1 - GENERATIONS_KEPT)]:
            shutil.rmtree(old, ignore_errors=True)

    # --- reading -------------------------------------------------------------------------------------------------------

    def generation(self) -> str:
        """Name the generation in force.

        Raises:
            InputInvalid: Nobody was ever imported.
        """
        current = self._current()
        if not current:
            raise InputInvalid("the follower book is empty", hint="import followers first: `zalo-alert followers import FILE`")
        return current

    def reach(self, selection: Selection, now: datetime) -> list[Reach]:
        """Count the selected people by place key, the largest first."""
        sql = f"""SELECT place, count(*), count(*) FILTER (phone <> ''), count(*) FILTER (last_interaction_at >= ?)
            FROM {self._from()} WHERE {_where(selection)} GROUP BY place ORDER BY 2 DESC, place"""
        with self._duckdb() as db:
            return [Reach(*row) for row in db.execute(sql, [_utc(now - RECENT), *_parameters(selection)]).fetchall()]

    def people(self, selection: Selection, keys: Sequence[str], account: int) -> Iterator[pa.RecordBatch]:
        """Stream the selected people of some places as `shards.SCHEMA`, in the order of the places, then by id."""
        sql = f"""SELECT user_id, CAST(list_position(?, place) - 1 AS SMALLINT) AS place, CAST(? AS TINYINT) AS account,
            phone, name
            FROM {self._from()} WHERE list_contains(?, place) AND {_where(selection)} ORDER BY 2, 1"""
        with self._duckdb() as db:
            relation = db.sql(sql, params=[list(keys), account, list(keys), *_parameters(selection)])
            for batch in relation.to_arrow_reader(shards.ROWS_PER_GROUP):
                yield batch.cast(shards.SCHEMA)

    def stats(self) -> Stats:
        """Count the book by place."""
        reach = self.reach(Selection(), datetime.now(VIETNAM))
        return Stats(self.generation(), sum(row.people for row in reach), reach)

    def ids(self) -> Path:
        """Return the file that holds the ids, for a `Selection`."""
        self.generation()
        return self._files()

    def digest(self) -> str:
        """Tell one set of ids from another, whatever order and columns they came with."""
        digest = hashlib.sha256()
        with self._duckdb() as db:
            result = db.execute(f"SELECT user_id FROM {self._from()} ORDER BY 1")
            while rows := result.fetchmany(10_000):
                digest.update("\n".join(row[0] for row in rows).encode() + b"\n")
        return digest.hexdigest()

    def export(self, target: Path) -> int:
        """Write the whole book to a CSV or Parquet file of mode 0600; return how many people."""
        format_ = "parquet" if target.suffix.lower() == ".parquet" else "csv, HEADER"
        columns = "* REPLACE (array_to_string(tags, ';') AS tags)" if format_ != "parquet" else "*"
        try:
            with appearing(target) as draft, self._duckdb() as db:
                draft.touch(mode=0o600)
                query = f"SELECT {columns} FROM {self._from()} ORDER BY user_id"
                db.execute(f"COPY ({query}) TO '{_quoted(draft)}' (FORMAT {format_})")
                return _one(db, f"SELECT count(*) FROM {self._from()}")
        except OSError as exc:
            raise InputInvalid(f"can't write {target}: {exc.strerror or exc}", hint="check the folder") from exc

    def _current(self) -> str:
        try:
            return (self.folder / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def _files(self) -> Path:
        return self.folder / self._current() / "*.parquet"

    def _from(self) -> str:
        self.generation()
        return f"read_parquet('{_quoted(self._files())}')"

    @contextmanager
    def _duckdb(self) -> Iterator[duckdb.DuckDBPyConnection]:
        scratch = self.folder / ".scratch"
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,  # nothing is ever fetched
            "autoload_known_extensions": False,
        }
        try:
            with closing(duckdb.connect(":memory:", config=config)) as db:
                yield db
        except duckdb.Error as exc:
            raise LedgerUnusable(
                f"the follower book in {self.folder} can't be used: {str(exc).splitlines()[0]}", hint=_SPACE
            ) from exc


_SPACE = "check the disk's free space and permissions; or import the followers again"


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = db.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _where(selection: Selection) -> str:
    conditions = ["true"]
    if selection.exclude_tags:
        conditions.append("NOT list_has_any(tags, ?)")
    if selection.ids is not None:
        conditions.append(f"user_id IN (SELECT user_id FROM read_parquet('{_quoted(selection.ids)}'))")
    return " AND ".join(conditions)


def _parameters(selection: Selection) -> list[Any]:
    return [sorted(selection.exclude_tags)] if selection.exclude_tags else []


def _utc(instant: datetime) -> datetime:
    # Stored without a zone: duckdb needs an extension, fetched from the network, to speak of zones.
    return instant.astimezone(UTC).replace(tzinfo=None)


def _stored(person: readers.Person, now: datetime, report: ImportReport) -> tuple[Any, ...]:
    before_merger = person.updated_at is not None and person.updated_at < MERGER
    place = places.resolve(person.city, person.district, "", "", before_merger=before_merger).place
    if place == places.UNKNOWN and person.city and (len(report.unplaced) < 100_000 or person.city in report.unplaced):
        report.unplaced[person.city] += 1
    return (
        person.user_id, place, person.city, person.district, person.address, person.phone, person.name, list(person.tags),
        person.last_interaction_at and _utc(person.last_interaction_at), _utc(person.updated_at or now), person.line,
    )  # fmt: skip


def _table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA)


@contextmanager
def _rejects_file(path: Path) -> Iterator[Callable[[readers.Reject], None]]:
    """Give back what writes one reject; a file without any is taken away again."""
    count = 0
    try:
        with created_text(path) as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", "text"))

            def write(reject: readers.Reject) -> None:
                nonlocal count
                count += 1
                writer.writerow(reject)

            yield write
    finally:
        if not count:
            path.unlink(missing_ok=True)
