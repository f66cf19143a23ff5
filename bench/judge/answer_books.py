"""Reads what the worker has written of answers, as any SQLite shell could: the outbox, what it counts, cases, the journal."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

LIVE = ("pending", "deferred", "claimed")
_ROWS = "SELECT file, seq, n, user_id, rule, state, reason, message_id, is_private, text FROM outbox"


class Row(NamedTuple):
    """An answer as it stands in the outbox."""

    file: str
    seq: int
    n: int
    person: str
    rule: str
    state: str
    reason: str
    message_id: str
    is_private: int
    text: str


@dataclass
class AnswerBooks:
    """All that stands in the files.

    Attributes:
        texts: Texts in the journal: their persons and bodies, by file and number.
        events: Rows of the journal, of whatever kind.
        answers: Rows of the outbox.
        classes: How many events the worker has counted in which class.
        ended: How many answers it has counted, by rule, state and reason.
        asked: How often it has counted a rule as asked for.
        looked_up: How many numbers it has counted each person to have asked for.
        cases: How many cases each person has.
        entries: How many entries there are of each event.
        to_blank: Questions that are still to be emptied.
    """

    texts: dict[tuple[str, int], tuple[str, bytes]] = field(default_factory=dict)
    events: int = 0
    answers: list[Row] = field(default_factory=list)
    classes: Counter[str] = field(default_factory=Counter)
    ended: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    looked_up: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    entries: Counter[tuple[str, int]] = field(default_factory=Counter)
    to_blank: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left: every event has its class, every answer its end, and every private question is empty."""
        is_counted = self.classes.total() == self.events
        return is_counted and not self.to_blank and not any(row.state in LIVE for row in self.answers)


def read_answers(folder: Path) -> AnswerBooks:
    """Read the books of a worker that may be running.

    Args:
        folder: Has `journal/` and `inbound.db`.

    Raises:
        sqlite3.Error: A file is damaged, or not of the agreed shape.
    """
    books = AnswerBooks()
    with closing(opened(folder / "inbound.db")) as db:
        db.execute("BEGIN")  # all of one moment; the journal is read afterwards, and so is never behind
        books.answers = [Row(*row) for row in db.execute(_ROWS)]
        books.classes.update(dict(db.execute("SELECT class, sum(n) FROM tally GROUP BY class")))
        books.ended.update({(r, s, w): n for r, s, w, n in db.execute("SELECT rule, state, reason, n FROM answer_tally")})
        books.asked.update(dict(db.execute("SELECT rule, sum(n) FROM asked GROUP BY rule")))
        books.looked_up.update(dict(db.execute("SELECT person, count(*) FROM lookup_candidate GROUP BY person")))
        books.cases.update(dict(db.execute("SELECT person, count(*) FROM cases GROUP BY person")))
        entries = "SELECT file, seq, count(*) FROM entry WHERE file <> '' GROUP BY file, seq"
        books.entries.update({(file, seq): n for file, seq, n in db.execute(entries)})
        ((books.to_blank,),) = db.execute("SELECT count(*) FROM to_blank")
    for path in sorted((folder / "journal").glob("*.db")):
        with closing(opened(path)) as journal:
            for seq, name, person, body in journal.execute("SELECT seq, name, person, body FROM event ORDER BY seq"):
                books.events += 1
                if name == "user_send_text":
                    books.texts[path.name, seq] = str(person), bytes(body)
    return books


def claimed(folder: Path) -> set[int]:
    """Return the answers that are on their way by what is on the disk: those of a process that is stopped, or was just killed."""
    try:
        with closing(opened(folder / "inbound.db")) as db:
            return {number for (number,) in db.execute("SELECT id FROM outbox WHERE is_live = 1 AND state = 'claimed'")}
    except sqlite3.Error:  # not there yet
        return set()


def is_half_blanked(folder: Path) -> bool:
    """Whether the journal has lost the words of a question that is still noted as one that has to."""
    place = _first(folder / "inbound.db", "SELECT file, seq FROM to_blank LIMIT 1")
    if place is None:
        return False
    file, seq = place
    return _one(folder / "journal" / file, f"SELECT length(body) FROM event WHERE seq = {int(seq)}") == 0


def opened(path: Path) -> sqlite3.Connection:
    """Open a file to read from it."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10, isolation_level=None)


def _one(path: Path, query: str) -> Any:
    row = _first(path, query)
    return row[0] if row else None


def _first(path: Path, query: str) -> Any:
    try:
        with closing(opened(path)) as db:
            return db.execute(query).fetchone()
    except sqlite3.Error:  # not there yet
        return None
