"""DuckDB for the building of tables: in bounded memory, with nothing fetched, errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import InputInvalid, StorageUnusable
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.book.engine import duckdb

MEMORY_LIMIT = "600MB"  # beyond it DuckDB sorts on the disk


@contextmanager
def opened_engine(folder: Path, name: str) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open DuckDB; what it can't hold in memory spills to a folder of its own.

    Args:
        folder: May be written to.
        name: What is read, for messages.

    Raises:
        StorageUnusable: The disk refused.
        InputInvalid: What is read is damaged.
    """
    from zalo_alert.book.base import open_duckdb
    from zalo_alert.book.engine import duckdb

    try:
        with open_duckdb(folder, MEMORY_LIMIT) as db:
            db.execute("SET preserve_insertion_order = true")  # rows are numbered as they stand
            yield db
    except StorageUnusable as exc:
        cause = exc.__cause__
        if isinstance(cause, duckdb.OutOfMemoryException) or not isinstance(cause, duckdb.Error) or "No space" in str(cause):
            raise StorageUnusable(
                _("the disk or memory is full: the table was not built"), hint=_("free some space, then try again")
            ) from cause
        raise InputInvalid(
            _("{name} can't be read: {why}", name=name, why=str(cause).splitlines()[0][:300]), hint=_("export it again")
        ) from cause
