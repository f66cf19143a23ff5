"""What a follower's row is, and how duckdb is opened: in flat memory, with nothing fetched from anywhere.

Owns the columns of the book. Knows neither imports nor generations.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.book.engine import duckdb
from zalo_alert.errors import StorageUnusable
from zalo_alert.language import _

MEMORY_LIMIT = "600MB"  # beyond it duckdb sorts on the disk; the whole process stays under a gigabyte
CURE = _("check the disk's free space and permissions; or import the followers again")

_WORDS = pa.list_(pa.string())
_INSTANT = pa.timestamp("us")  # of UTC, without a zone: duckdb speaks of zones through an extension alone

# What moves together when two rows of a person meet; the date of each stands beside it where it is older than the row's own.
GROUPS = {
    "user_id_by_app": ("user_id_by_app",),
    "name": ("name",),
    "phone": ("phone",),
    "place": ("place", "ward_code", "reason", "city", "district", "ward", "address"),
    "places": ("places",),
    "tags": ("tags",),
    "opted_out": ("opted_out",),
    "is_follower": ("is_follower",),
}
SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("user_id_by_app", pa.string()),
        ("place", pa.string()),
        ("ward_code", pa.string()),
        ("reason", pa.string()),
        ("city", pa.string()),
        ("district", pa.string()),
        ("ward", pa.string()),
        ("address", pa.string()),
        ("places", pa.list_(pa.struct([(part, pa.string()) for part in ("purpose", "text", "place")]))),
        ("phone", pa.string()),
        ("name", pa.string()),
        ("tags", _WORDS),
        ("opted_out", _WORDS),
        ("last_interaction_at", _INSTANT),
        ("is_follower", pa.bool_()),
        ("updated_at", _INSTANT),
        ("source", pa.string()),
        ("conflicts", _WORDS),
        *((f"{group}_at", _INSTANT) for group in GROUPS),
    ]
)
WHO = (
    "hash(CASE WHEN user_id < '1' THEN ltrim(user_id, '0') ELSE user_id END, {source}::INTEGER)"  # of an OA's people, in 8 bytes
)
IDENTITY = "ltrim(user_id, '0')"  # books of long ago hold ids with zeros before them: the same person
PARTS = 100  # by the last two digits of the id: what is merged on its own


@contextmanager
def open_duckdb(folder: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open duckdb for a book; what it can't hold in memory spills to a folder of this process inside the book's.

    Raises:
        StorageUnusable: The block could not read or write what it wanted.
        KeyboardInterrupt: A person interrupted a query.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(folder / f".scratch.{os.getpid()}"),
        "preserve_insertion_order": False,
        "enable_external_file_cache": False,  # a book is read once a command: what it would keep is memory for nothing
        "autoinstall_known_extensions": False,  # nothing is ever fetched
        "autoload_known_extensions": False,
    }
    try:
        with closing(duckdb.connect(":memory:", config=config)) as db:
            db.execute("SET enable_progress_bar = false")  # a bar would stand among the data on stdout
            yield db
    except (duckdb.InterruptException, RuntimeError) as exc:  # Ctrl-C while a query runs comes as one or the other
        if "interrupt" in str(exc).casefold():
            raise KeyboardInterrupt from exc
        raise
    except duckdb.Error as exc:
        raise StorageUnusable(
            _("the follower book in {folder} can't be used: {why}", folder=folder, why=_short(exc)), hint=CURE
        ) from exc


def _short(exc: duckdb.Error) -> str:
    return str(exc).splitlines()[0]


def fetch_number(db: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> int:
    """Return the single number that a query gives."""
    row = db.execute(sql, parameters).fetchone()
    return int(row[0] or 0) if row else 0


def quote(path: Path) -> str:
    """Write a path inside a SQL string."""
    return str(path).replace("'", "''")


def files_of(paths: list[Path]) -> str:
    """Write Parquet files as a SQL source."""
    names = ", ".join(f"'{quote(path)}'" for path in paths)
    return f"read_parquet([{names}])"


def write_ids(ids: Iterable[str], target: Path) -> Path:
    """Write ids as a file that a `Selection` takes; return where."""
    pq.write_table(pa.table({"user_id": pa.array(ids, pa.string())}), target)
    return target


def utc(instant: datetime) -> datetime:
    """Return an instant as it is stored."""
    return instant.astimezone(UTC).replace(tzinfo=None)
