"""What became of each planned time: one row an occurrence, written down before anything is begun."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.errors import RunBusy, StorageUnusable
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, pack, unpack
from zalo_alert.timetable.entry import FOLDER

NAME = "occurrences.db"
MOST_KEPT = 1_000  # of each schedule
_SCHEMA = """
CREATE TABLE IF NOT EXISTS occurrence (
    name TEXT NOT NULL, planned_s INTEGER NOT NULL, fate TEXT NOT NULL, begun_s REAL, ended_s REAL, code INTEGER,
    cause TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', PRIMARY KEY (name, planned_s)
) WITHOUT ROWID;
"""
_COLUMNS = "planned_s, fate, begun_s, ended_s, code, cause, detail"


class Fate(StrEnum):
    """What became of an occurrence."""

    BEGUN = "begun"  # and not ended yet, or cut off
    DONE = "done"
    FAILED = "failed"  # for good: whoever starts it again is a person
    AGAIN = "again"  # could not be done yet: it is tried again
    MISSED = "missed"  # nobody woke us in time
    BUSY = "busy"  # the one before was still being sent
    GIVEN_UP = "given-up"  # was tried again and again until it was too late

    @property
    def is_open(self) -> bool:
        """Whether it may be gone on with."""
        return self in (Fate.BEGUN, Fate.AGAIN)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One planned time.

    Args:
        planned_at: When it was meant.
        fate: What became of it.
        begun_at: When it was first begun.
        ended_at: When the last go at it ended.
        code: The exit code of that go.
        cause: Why it did not end well, as a machine is told.
        detail: The same in a sentence, English.
    """

    planned_at: datetime
    fate: Fate
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    code: int | None = None
    cause: str = ""
    detail: str = ""


class Occurrences:
    """The times of every schedule of a workspace.

    Args:
        state_dir: Of the workspace.

    Raises:
        StorageUnusable: The file can't be used.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER
        try:
            private_folder(self._folder)
        except OSError as exc:
            raise StorageUnusable(_("can't use {path}: {why}", path=self._folder, why=reason(exc))) from exc
        self._db = Database(self._folder / NAME, schema=_SCHEMA)

    def last(self, name: str, now: datetime) -> Occurrence | None:
        """Return the latest of a schedule; None where there is none.

        What a clock that was ahead has left is disregarded: times that are still to come, and those that it took for missed.
        """
        now_s = _second(now)
        found = self._db.rows(
            f"SELECT {_COLUMNS} FROM occurrence WHERE name = ? AND planned_s <= ? AND NOT (fate = ? AND ended_s > ?) "
            "ORDER BY planned_s DESC LIMIT 1",
            (name, now_s, Fate.MISSED.value, now_s + 1),
        )
        return _occurrence(found[0]) if found else None

    def all(self, name: str, most: int = 20) -> list[Occurrence]:
        """Return the latest of a schedule, the latest first."""
        return [
            _occurrence(row)
            for row in self._db.rows(
                f"SELECT {_COLUMNS} FROM occurrence WHERE name = ? ORDER BY planned_s DESC LIMIT ?",
                (name, most),
            )
        ]

    def begin(self, name: str, planned_at: datetime, now: datetime) -> bool:
        """Write down that one is begun, or gone on with; return False, and change nothing, where it was done or given up."""
        with self._db.transaction():
            return bool(
                self._db.run(
                    "INSERT INTO occurrence (name, planned_s, fate, begun_s) VALUES (?, ?, ?, ?) ON CONFLICT (name, planned_s) "
                    "DO UPDATE SET fate = excluded.fate WHERE fate IN (?, ?, ?)",
                    (
                        name,
                        _second(planned_at),
                        Fate.BEGUN.value,
                        now.timestamp(),
                        Fate.BEGUN.value,
                        Fate.AGAIN.value,
                        Fate.MISSED.value,
                    ),
                )
            )

    def end(self, name: str, occurrence: Occurrence) -> None:
        """Write down what became of one."""
        at = occurrence.ended_at
        with self._db.transaction():
            self._db.run(
                "INSERT INTO occurrence (name, planned_s, fate, ended_s, code, cause, detail) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (name, planned_s) DO UPDATE SET fate = excluded.fate, ended_s = excluded.ended_s, "
                "code = excluded.code, cause = excluded.cause, detail = excluded.detail",
                (
                    name, _second(occurrence.planned_at), occurrence.fate.value, at.timestamp() if at else None,
                    occurrence.code, occurrence.cause, pack(occurrence.detail),
                ),
            )  # fmt: skip
            self._db.run(
                "DELETE FROM occurrence WHERE name = ? AND planned_s <= (SELECT planned_s FROM occurrence WHERE name = ? "
                "ORDER BY planned_s DESC LIMIT 1 OFFSET ?)",
                (name, name, MOST_KEPT),
            )

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Hold what may be done once at a time only: an operating-system lock, which a dead process cannot keep.

        Raises:
            RunBusy: Another process is at it.
        """
        lock = FileLock(self._folder / f"{name}.lock", mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout as exc:
            raise RunBusy(_("{name} is being done by another process", name=name)) from exc
        except OSError as exc:
            raise StorageUnusable(_("can't hold {folder}: {why}", folder=self._folder, why=reason(exc))) from exc
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _occurrence(row: tuple[object, ...]) -> Occurrence:
    planned_s, fate, begun_s, ended_s, code, cause, detail = row
    return Occurrence(
        instant(float(str(planned_s))),
        Fate(str(fate)),
        None if begun_s is None else instant(float(str(begun_s))),
        None if ended_s is None else instant(float(str(ended_s))),
        None if code is None else int(str(code)),
        str(cause),
        unpack(str(detail)),
    )
