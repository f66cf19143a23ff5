"""Which people of a list a book knows: whoever was only heard through the webhook is in it, or is nobody's follower."""

from collections.abc import Iterator
from pathlib import Path

from zalo_alert.book.base import open_duckdb, quote


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
