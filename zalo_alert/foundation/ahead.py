"""What tables have of people, read for many of them at once when a transaction begins: a statement a table, not one a person.

What was read holds inside that transaction alone, in which nobody else writes, and until somebody says that it has changed. Of
whoever was not expected, or has changed, the database itself is asked: memory and database can't disagree.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from zalo_alert.foundation.database import Database

Who: TypeAlias = tuple[str, str]  # an OA and a person, by Zalo's ids
Rows: TypeAlias = list[tuple[Any, ...]]
FEWEST = 4  # people for whom it is worth the while
_MAKE = "CREATE TEMP TABLE IF NOT EXISTS ahead (of_oa TEXT NOT NULL, of_person TEXT NOT NULL)"
# Of each connection, what was read by which statement; empty but inside `read_ahead`.
_KNOWN: "WeakKeyDictionary[Database, dict[str, dict[Who, Rows]]]" = WeakKeyDictionary()


class Theirs:
    """What one table has of people, or a part of it; however many there are of one table and connection, they know the same.

    Args:
        db: The connection.
        columns: That are read.
        table: With `oa` and a person's id.
        person: The column of that id.
        where: Which of its rows alone; "" for all.
    """

    def __init__(self, db: Database, columns: str, table: str, person: str, where: str = "") -> None:
        self._db, also = db, f" AND {where}" if where else ""
        self._ask = f"SELECT {columns} FROM {table} WHERE oa = ? AND {person} = ?{also}"
        ask_all = f"SELECT of_oa, of_person, {columns} FROM ahead CROSS JOIN {table} ON oa = of_oa AND {person} = of_person{also}"
        self._known = _KNOWN.setdefault(db, {}).setdefault(ask_all, {})

    def rows(self, oa: str, person: str) -> Rows:
        """Return the rows of somebody, in no order."""
        known = self._known.get((oa, person))
        return self._db.rows(self._ask, (oa, person)) if known is None else known

    def changed(self, oa: str, person: str) -> None:
        """Take in that rows of somebody are written."""
        self._known.pop((oa, person), None)

    def all_changed(self) -> None:
        """Take in that rows of anybody may be written."""
        self._known.clear()


@contextmanager
def read_ahead(db: Database, people: Collection[Who]) -> Iterator[None]:
    """Read what every `Theirs` of a connection may be asked of some people, and know it while the block lasts.

    Args:
        db: The connection, inside a transaction.
        people: Each once.
    """
    tables = _KNOWN.get(db, {})
    try:
        if len(people) >= FEWEST:
            _read(db, people, tables)
        yield
    finally:
        for known in tables.values():
            known.clear()


def _read(db: Database, people: Collection[Who], tables: dict[str, dict[Who, Rows]]) -> None:
    db.run(_MAKE)
    db.run("DELETE FROM ahead")
    db.run_many("INSERT INTO ahead VALUES (?, ?)", people)
    for ask_all, known in tables.items():
        known.update((who, []) for who in people)
        for oa, person, *row in db.rows(ask_all):
            known[oa, person].append(tuple(row))
    db.run("DELETE FROM ahead")
