"""The log of a run for whoever reads it: what was said and done, and among it who decided what, from the audit log."""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zalo_alert.audit.events import AuditEvent, words_of
from zalo_alert.audit.line import Line
from zalo_alert.audit.reading import lines
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.log_line import LogLine
from zalo_alert.foundation.log_reading import LogTail
from zalo_alert.foundation.notices import Level
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.operations.audit import log_of
from zalo_alert.runs.log import NAME

if TYPE_CHECKING:
    from zalo_alert.runs.store import Runs

_REMEMBERED = 256  # lines back: how far two processes may be out of step
_BY_BOTH = ("run-", AuditEvent.OVERRIDE)  # what the run's own log tells too, at the same instant
_LOUD = frozenset({AuditEvent.REFUSED, AuditEvent.OVERRIDE, AuditEvent.BREAK_GLASS, AuditEvent.MOVED})


class Source(StrEnum):
    """Which log has a line."""

    RUN = "run"
    AUDIT = "audit"
    FILE = "file"


class Entry(NamedTuple):
    """One thing that was said or done.

    Args:
        at: When.
        source: Which log has it.
        kind: Of what, in a word.
        level: How loudly.
        text: A sentence.
        cure: What can be done about it; may be empty.
        who: The officer who signed for it; "" where nobody did.
        process: Of which process; 0 where nobody knows.
        facts: What else belongs to it.
    """

    at: datetime
    source: Source
    kind: str
    level: Level
    text: str
    cure: str
    who: str
    process: int
    facts: Mapping[str, Any]


class LogReader:
    """Reads a log, then whatever comes; a context manager.

    Args:
        path: Of the log.
        source: Which kind of log that is.
        audit: The workspace's audit log, and which run of it; None where there is none.
        since: Nothing that is older.
        on_exit: Called when nobody reads it any more.
    """

    def __init__(
        self,
        path: Path,
        source: Source,
        audit: tuple[Path, str] | None = None,
        since: datetime | None = None,
        on_exit: Callable[[], object] = lambda: None,
    ) -> None:
        self.trouble = ""  # why the audit log can't be read, as a sentence
        self._tail, self._source, self._audit, self._since, self._on_exit = LogTail(path), source, audit, since, on_exit

    def __enter__(self) -> "LogReader":
        return self

    def __exit__(self, *error: object) -> None:
        self._tail.close()
        self._on_exit()

    @property
    def skipped(self) -> int:
        """How many lines could not be read so far."""
        return self._tail.skipped

    def read(self, *, to_the_end: bool) -> Iterator[Entry]:
        """Read all that there is, the earliest first.

        Args:
            to_the_end: Nothing more is expected: a last line that is not whole is read as far as it goes, or skipped.

        Raises:
            StorageUnusable: The log can't be opened.
        """
        own = (entry for entry in self._own(to_the_end=to_the_end) if self._is_wanted(entry.at))
        yield from _each_once(heapq.merge(own, self._of_audit(), key=lambda entry: entry.at))

    def read_on(self) -> Iterator[Entry]:
        """Read what has come since; see `read`. The audit log is not looked at again: what moves a run stands in its own."""
        for line in self._tail.read():
            yield _entry(line, self._source)

    def _own(self, *, to_the_end: bool) -> Iterator[Entry]:
        for line in self._tail.read():
            yield _entry(line, self._source)
        if to_the_end:
            for line in self._tail.finish():
                yield _entry(line, self._source)

    def _of_audit(self) -> Iterator[Entry]:
        if self._audit is None:
            return
        path, run = self._audit
        try:
            for line in lines(path, since=self._since, run=run):
                yield _audit_entry(line)
        except StorageUnusable as exc:
            self.trouble = exc.message

    def _is_wanted(self, at: datetime) -> bool:
        return self._since is None or at >= self._since


def read_run(runs: "Runs", name: str, since: datetime | None = None) -> LogReader:
    """Read the log of a run, also of one whose database is damaged.

    Raises:
        UsageError: There is no such run.
        StorageUnusable: Nobody can say whether there is.
    """
    folder = runs.folder / name
    if runs.archive.has(name) and not folder.exists():
        archived = runs.archive.open(RunId(name))
        return LogReader(archived.folder / NAME, Source.RUN, (log_of(runs).path, name), since, on_exit=archived.close)
    if name not in runs.ids() and not (folder.parent == runs.folder and (folder / NAME).is_file()):
        with closing(runs.open(name)):  # which says that there is none, and what it may be called
            pass
    return LogReader(folder / NAME, Source.RUN, (log_of(runs).path, name), since)


def read_file(path: Path, since: datetime | None = None) -> LogReader:
    """Read a log that a command has written to a file of its own."""
    return LogReader(path, Source.FILE, None, since)


def _each_once(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Leave out what the audit log tells of a run that its own log has told already."""
    told: deque[int] = deque(maxlen=_REMEMBERED)
    for entry in entries:
        instant_ms = int(entry.at.timestamp() * 1000)
        if entry.source is not Source.AUDIT:
            told.append(instant_ms)
        elif entry.kind.startswith(_BY_BOTH) and instant_ms in told:
            continue
        yield entry


def _entry(line: LogLine, source: Source) -> Entry:
    facts = dict(line.facts)
    cure, who = facts.pop("cure", ""), facts.pop("who", "")
    return Entry(
        line.at, source, line.kind, line.level, line.text, cure if isinstance(cure, str) else "",
        who if isinstance(who, str) else "", line.process, facts,
    )  # fmt: skip


def _audit_entry(line: Line) -> Entry:
    words = words_of(line.event)
    text = _("{what}: {why}", what=words, why=line.why_said) if line.why else words
    level = Level.WARNING if line.event in _LOUD else Level.PLAIN
    who = line.who or _("user {user}", user=line.user)
    return Entry(line.at, Source.AUDIT, line.event, level, text, "", who, 0, line.facts)
