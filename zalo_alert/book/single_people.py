"""What is asked of a book about single people: which of a list it knows, and what it holds of one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zalo_alert.book.base import GROUPS, IDENTITY, open_duckdb, quote


def known_people(folder: Path, rows: str, people: Path) -> Iterator[tuple[str, str]]:
    """Yield those rows of a list whose person a book knows.

    Args:
        folder: Of the book.
        rows: Of the book, as a source in SQL.
        people: CSV without a header: an id, and something about that person.
    """
    columns = "{'user_id': 'VARCHAR', 'what': 'VARCHAR'}"
    listed = f"read_csv('{quote(people)}', header = false, auto_detect = false, delim = ',', columns = {columns})"
    with open_duckdb(folder) as db:
        result = db.execute(f"SELECT user_id, what FROM {listed} SEMI JOIN (SELECT user_id FROM {rows}) USING (user_id)")
        while found := result.fetchmany(10_000):
            yield from found


def row_of(folder: Path, rows: str, user_id: str) -> dict[str, Any]:
    """Return what a book holds of a person, by column; {} when it does not know them."""
    dates = ", ".join(f"{group}_at" for group in GROUPS)  # for merging alone
    with open_duckdb(folder) as db:
        result = db.execute(f"SELECT * EXCLUDE ({dates}) FROM {rows} WHERE {IDENTITY} = ?", [user_id])
        names = [column[0] for column in result.description or ()]
        row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}
