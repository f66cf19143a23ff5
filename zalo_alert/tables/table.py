"""One generation of a table, asked by two facts at once.

A row is found by a keyed hash of both facts together, so a wrong number and a wrong date are one and the same to it: neither
what it answers nor what it does tells them apart. The file holds neither fact; the key of the hash lies beside it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from zalo_alert.errors import Cure, StorageUnusable
from zalo_alert.foundation.fixed_database import FixedDatabase
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.tables.facts import CheckKind

SEPARATOR = "\x1f"  # between the values of a row, and between what is hashed; no value holds it
KEY_BYTES = 32
SCHEMA = """
CREATE TABLE about (value TEXT NOT NULL);
CREATE TABLE row (id INTEGER PRIMARY KEY, mark BLOB NOT NULL, payload TEXT NOT NULL);
"""
FIND = "SELECT payload FROM row WHERE id = ? AND mark = ?"


class About(NamedTuple):
    """What a generation says of itself: the columns of the two facts, all other columns, how many rows, from which file, when."""

    key: str
    check: str
    check_kind: CheckKind
    columns: tuple[str, ...]
    rows: int
    source: str
    made_at: str

    def encode(self) -> str:
        """Write it as JSON."""
        return orjson.dumps(self._asdict()).decode()


class Address(NamedTuple):
    """Where a row stands, by both its facts."""

    id: int
    mark: bytes


def address_of(secret: bytes, key: str, check: str) -> Address:
    """Return the place of a row.

    Args:
        secret: The generation's own.
        key: The first fact, folded.
        check: The second, folded.
    """
    digest = hashlib.sha256(secret.hex().encode() + f"{SEPARATOR}{key}{SEPARATOR}{check}".encode()).digest()
    return Address(int.from_bytes(digest[:8]) >> 1, digest[8:16])


class Table:
    """One generation, open. See the module.

    Args:
        file: The database; its key lies beside it, as `.key`.

    Raises:
        StorageUnusable: One of the two is missing or damaged.
    """

    def __init__(self, file: Path) -> None:
        self.generation = file.stem
        self._prefix = hashlib.sha256(_read_key(file.with_suffix(".key")).hex().encode())
        self._db = FixedDatabase(file)
        self.about = _read_about(self._db)
        self._shape = _Shape(self.about.columns)

    def find(self, key: str, check: str) -> Mapping[str, Any] | None:
        """Return the row that has both facts, by column; None when none has, whichever of the two is wrong.

        Args:
            key: The first fact, folded (`facts.fold`).
            check: The second, folded (`facts.fold_check`).

        Returns:
            Texts. Columns `mon.Toán` and `mon.Lý` are a mapping under `mon`, without those that are empty.
        """
        state = self._prefix.copy()
        state.update(f"{SEPARATOR}{key}{SEPARATOR}{check}".encode())
        digest = state.digest()
        found = self._db.row(FIND, (int.from_bytes(digest[:8]) >> 1, digest[8:16]))
        return None if found is None else self._shape.row(found[0].split(SEPARATOR))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class _Shape:
    """How the values of a row become columns and groups of columns; worked out once, for a look-up takes microseconds."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._plain = [(at, column) for at, column in enumerate(columns) if "." not in column]
        groups: dict[str, list[tuple[int, str]]] = {}
        for at, column in enumerate(columns):
            group, dot, name = column.partition(".")
            if dot:
                groups.setdefault(group, []).append((at, name))
        self._groups = list(groups.items())

    def row(self, values: list[str]) -> dict[str, Any]:
        """Return a row by column; groups are without those of their columns that are empty."""
        row: dict[str, Any] = {column: values[at] for at, column in self._plain}
        for group, parts in self._groups:
            row[group] = {name: value for at, name in parts if (value := values[at])}
        return row


def _read_key(path: Path) -> bytes:
    try:
        key_bytes = path.read_bytes()
    except OSError as exc:
        raise StorageUnusable(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_BUILD) from exc
    if len(key_bytes) != KEY_BYTES:
        raise StorageUnusable(_("{path} is damaged", path=path), hint=_BUILD)
    return key_bytes


def _read_about(db: FixedDatabase) -> About:
    found = db.row("SELECT value FROM about")
    try:
        read = orjson.loads(found[0]) if found else {}
        return About(**{**read, "check_kind": CheckKind(read["check_kind"]), "columns": tuple(read["columns"])})
    except (ValueError, KeyError, TypeError) as exc:
        raise StorageUnusable(_("{path} can't be read: {why}", path=db.path, why=exc), hint=_BUILD) from exc


_BUILD = _("{rollback} to the one before; or {build} again", rollback=Cure.TABLES_ROLLBACK(), build=Cure.TABLES_BUILD())
