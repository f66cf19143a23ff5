"""Reads what the door has written, as any SQLite shell could: the journal, the receipts, and what is parked."""

import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A row of the journal: its file, the copies that came after the first, and the bytes."""

    file: str
    oa: str
    repeats: int
    body: bytes


@dataclass
class Books:
    """All that stands in the files.

    Attributes:
        messages: Rows of the journal by the judge's mark; what bears none, under an empty one.
        receipts: How often each message id stands in the receipts, by OA, place in its event, and id.
        parked: Marks of what waits for another secret.
        arrivals: Events that are stored, copies of one counted each: rows and repeats of the journal, and receipts' first parts.
        rows: The same without repeats.
        classes: How many events of the journal the worker has counted in which class.
    """

    messages: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    receipts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    parked: Counter[str] = field(default_factory=Counter)
    arrivals: int = 0
    rows: int = 0
    classes: Counter[str] = field(default_factory=Counter)

    @property
    def events(self) -> int:
        """Return how many rows the journal has."""
        return sum(map(len, self.messages.values()))


def read(folder: Path) -> Books:
    """Read the books of a door that may be running.

    Args:
        folder: Has `journal/`, `receipts/`, and perhaps `parked.db`.

    Raises:
        sqlite3.Error: A file is damaged, or not of the agreed shape.
    """
    books = Books()
    for path in sorted((folder / "journal").glob("*.db")):
        for oa, repeats, body in _rows(path, "SELECT oa, repeats, body FROM event ORDER BY seq"):
            books.messages[mark_in(body)].append(Row(path.name, str(oa), repeats, bytes(body)))
            books.arrivals += 1 + repeats
            books.rows += 1
    for path in sorted((folder / "receipts").glob("*.db")):
        for part, oa, message in _rows(path, "SELECT part, oa, msg_id FROM receipt ORDER BY seq"):
            books.receipts[str(oa), part, str(message)] += 1
            books.arrivals += part == 0
            books.rows += part == 0
    if (parked := folder / "parked.db").exists():
        books.parked.update(mark_in(body) for (body,) in _rows(parked, "SELECT body FROM parked"))
    if (worked := folder / "inbound.db").exists():
        books.classes.update(dict(_rows(worked, "SELECT class, sum(n) FROM tally GROUP BY class")))
    return books


def _rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(query).fetchall()


def mark_in(body: bytes | str) -> str:
    """Find the mark of an event in its body; an empty one in what the judge has not written."""
    try:
        event = json.loads(body)
        return str(event["message"]["msg_id"] if "message" in event else event["follower"]["id"][1:])
    except (ValueError, KeyError, TypeError):
        return ""
