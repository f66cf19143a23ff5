"""Receipts: what phones and Zalo say of messages sent, a file an hour (UTC), without an index and without bodies.

A phone number becomes a mark before it is stored. A receipt that came twice stands twice: folding it twice changes nothing.
The tallies count events by kind, each once, of however many messages it speaks.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound import tallies
from zalo_alert.inbound.event import Receipt, ReceiptKind
from zalo_alert.inbound.rolled import Place, Reading, RolledDatabase, files_of, read_next, read_on

RECEIPTS = "receipts"  # the folder
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS receipt (
    seq INTEGER PRIMARY KEY, part INTEGER NOT NULL, oa TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL,
    msg_id TEXT NOT NULL, tracking_id TEXT NOT NULL, at_ms INTEGER NOT NULL, text_digest BLOB NOT NULL,
    arrived_ms INTEGER NOT NULL
);
"""
    + tallies.SCHEMA
)
_INSERT = (
    "INSERT INTO receipt (part, oa, person, kind, msg_id, tracking_id, at_ms, text_digest, arrived_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_READING = Reading(
    "SELECT seq, part, oa, person, kind, msg_id, tracking_id, at_ms, text_digest, arrived_ms FROM receipt"
    " WHERE seq > ? ORDER BY seq LIMIT ?",
    last="SELECT max(seq) FROM receipt",
)


class StoredReceipt(NamedTuple):
    """A receipt as it is kept; `person` is a mark where it came by phone."""

    place: Place
    part: int
    oa: str
    person: str
    kind: ReceiptKind
    msg_id: str
    tracking_id: str
    at_ms: int
    text_digest: bytes
    arrived_ms: int


class ReceiptLane:
    """The receipts, for writing.

    Args:
        folder: `inbound` of the workspace's state.
        mark: Makes a mark of a phone number, as `Marks.joinable` does.
    """

    def __init__(self, folder: Path, mark: Callable[[str], str]) -> None:
        self._files = RolledDatabase(folder / RECEIPTS, _SCHEMA)
        self._mark = mark

    def append(self, receipts: Sequence[Receipt], arrived_ms: int) -> None:
        """Store receipts that came together, all or none; on the disk when it returns.

        Raises:
            StorageUnusable: The disk is full, a file is damaged: nothing is stored.
        """
        if not receipts:
            return
        with self._files.transaction(file_of(arrived_ms)) as database:
            database.run_many(_INSERT, (self._row(receipt, arrived_ms) for receipt in receipts))
            tallies.count(database, ((arrived_ms, receipt.kind) for receipt in receipts if receipt.part == 0))

    def close(self) -> None:
        """Close the file."""
        self._files.close()

    def _row(self, receipt: Receipt, arrived_ms: int) -> tuple[object, ...]:
        person = self._mark(receipt.person) if receipt.is_by_phone and receipt.person else receipt.person
        return (receipt.part, receipt.oa, person, *receipt[3:8], arrived_ms)


def read_receipts(folder: Path, after: Place | None, limit: int) -> list[StoredReceipt]:
    """Return the receipts after a place, in the order in which they came.

    Args:
        folder: `inbound` of the workspace's state.
        after: The last one known; None is the beginning.
        limit: At most so many.

    Raises:
        StorageUnusable: A file can't be read.
    """
    found = read_on(folder / RECEIPTS, after, limit, _READING)
    return [_stored(file, *row) for file, row in found]


def _stored(file: str, seq: int, part: int, oa: str, person: str, kind: str, *columns: Any) -> StoredReceipt:
    return StoredReceipt(Place(file, seq), part, oa, person, ReceiptKind(kind), *columns)


def file_of(arrived_ms: int) -> str:
    """Name the file of an hour; what arrives in it is in no earlier one."""
    return datetime.fromtimestamp(arrived_ms / 1000, UTC).strftime("%Y-%m-%dT%H.db")


def read_receipt_columns(folder: Path, after: Place | None, limit: int) -> tuple[Place, list[tuple[Any, ...]]] | None:
    """Return the next receipts of one file by column, for millions of them; None when there are no more.

    The columns are OA, person, kind, message id, tracking id, its time in ms, digest of the text, when it came in ms. Beside them
    the place of the last one.

    Raises:
        StorageUnusable: A file can't be read.
    """
    file, rows = read_next(folder / RECEIPTS, after, limit, _READING)
    if not rows:
        return None
    columns = list(zip(*rows, strict=True))
    return Place(file, rows[-1][0]), columns[2:]


def latest_arrival_ms(folder: Path) -> int:
    """Return when the latest receipt came, in milliseconds since 1970; 0 when none has.

    Raises:
        StorageUnusable: A file can't be read.
    """
    return _arrival_ms(files_of(folder / RECEIPTS)[-1:], "DESC")


def first_arrival_ms(folder: Path) -> int:
    """Return when the first receipt came that is kept; see `latest_arrival_ms`."""
    return _arrival_ms(files_of(folder / RECEIPTS)[:1], "ASC")


def _arrival_ms(files: Sequence[Path], order: str) -> int:
    for file in files:
        with closing(Database(file)) as database:
            if rows := database.rows(f"SELECT arrived_ms FROM receipt ORDER BY seq {order} LIMIT 1"):
                return int(rows[0][0])
    return 0
