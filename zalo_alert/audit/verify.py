"""Whether the log is what was written: each line intact, bound to the one before it, in its place, and none missing.

The log alone can't show that its end was cut off, or that it was written anew from some line on. What shows it are heads of the
log that others hold: each request that officers sign has one in it. Such a head is an anchor.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import START, Line, decode, digest_of_line, is_intact
from zalo_alert.audit.reading import raw_lines
from zalo_alert.language import _

MOST_FAULTS = 100  # then it is clear that this is not the log that was written


class Anchor(NamedTuple):
    """A head of the log that stands elsewhere: the digest of the line of some number, and where it stands."""

    number: int
    head: str
    source: str


class FaultKind(StrEnum):
    """What is wrong with a line, in a word for scripts."""

    EDITED = "edited"
    MISSING = "missing"
    MOVED = "moved"
    INSERTED = "inserted"
    UNREADABLE = "unreadable"
    REWRITTEN = "rewritten"
    CUT_OFF = "cut-off"
    SIGNATURE = "signature"  # for whoever knows officers; nothing here does


class Fault(NamedTuple):
    """What is wrong, with which line (the first of several), as a sentence."""

    line: int
    kind: FaultKind
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check.

    Args:
        lines: Number of the last line; 0 for an empty log.
        head: Its digest.
        faults: What is wrong, `MOST_FAULTS` at most; empty when the log is what was written.
        torn: How often a line was cut short by a power cut, a crash or a full disk; no fault.
        ends_torn: Whether one stands at the very end, where no line says so yet.
        vouched: The last line that a head elsewhere vouches for; who removes lines after it is not found out.
    """

    lines: int
    head: str
    faults: tuple[Fault, ...]
    torn: int
    ends_torn: bool
    vouched: int


def verify(path: Path, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Check a log from its first line to its last, against itself and against heads that stand elsewhere.

    Raises:
        StorageUnusable: It can't be read.
    """
    check = _Check(anchors)
    for raw in raw_lines(path):
        check.read(raw)
        if check.has_enough:
            return check.verdict()
    check.end()
    return check.verdict()


class _Torn:
    """What stands between two whole lines and is none."""

    def __init__(self) -> None:
        self.lines, self.size, self._sum = 0, 0, hashlib.sha256()

    def add(self, raw: bytes) -> None:
        self.lines += raw.endswith(b"\n")
        self.size += len(raw)
        self._sum.update(raw)

    def is_told_by(self, line: Line) -> bool:
        told = {"lines": self.lines, "bytes": self.size, "sha256": self._sum.hexdigest()}
        return line.event == AuditEvent.TORN and line.facts == told


class _Gaps:
    """Which lines have not been seen; one that comes later was moved."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def add(self, first: int, last: int) -> None:
        self.ranges.append((first, last))

    def take(self, number: int) -> bool:
        """Strike a line off; whether it was missing."""
        for place, (first, last) in enumerate(self.ranges):
            if first <= number <= last:
                parts = ((first, number - 1), (number + 1, last))
                self.ranges[place : place + 1] = [part for part in parts if part[0] <= part[1]]
                return True
        return False

    def faults(self) -> list[Fault]:
        return [Fault(first, FaultKind.MISSING, _say_missing(first, last)) for first, last in self.ranges]


def _say_missing(first: int, last: int) -> str:
    if first == last:
        return _("line {line} is missing", line=first)
    return _("lines {first} to {last} are missing", first=first, last=last)


class _Check:
    """One reading of the log. `_last` is the highest number seen so far, `_head` that line's digest.

    `_head` is None where the line itself is at fault or missing: its neighbour is not blamed as well.
    """

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.number, []).append(anchor)
        self._faults: list[Fault] = []
        self._gaps, self._torn = _Gaps(), _Torn()
        self._place, self._last = 0, 0
        self._head: str | None = START
        self._final, self._torn_count, self._vouched = START, 0, 0

    @property
    def has_enough(self) -> bool:
        """Whether so much is wrong that nothing further is worth telling."""
        return len(self._faults) + len(self._gaps.ranges) >= MOST_FAULTS

    def read(self, raw: bytes) -> None:
        """Take the next line, or a piece of one."""
        line = decode(raw)
        self._place += raw.endswith(b"\n") or line is not None
        if line is None:
            self._torn.add(raw)
            return
        self._judge_torn(line)
        self._judge(line, raw if raw.endswith(b"\n") else raw + b"\n")

    def _judge(self, line: Line, raw: bytes) -> None:
        if not is_intact(raw):
            self._last, self._head = self._last + 1, None
            self._blame(self._last, FaultKind.EDITED, _("line {line} was changed after it was written", line=self._last))
        elif line.number <= self._last:
            self._judge_displaced(line)
        else:
            self._judge_place(line)
            self._last, self._head = line.number, digest_of_line(raw)
            self._final = self._head
            self._judge_anchors(line.number, self._head)

    def _judge_torn(self, line: Line) -> None:
        torn, self._torn = self._torn, _Torn()
        if not torn.size:
            return
        if torn.is_told_by(line):
            self._torn_count += 1
        else:
            number = self._last + 1
            self._blame(
                number, FaultKind.UNREADABLE, _("line {line} can't be read, and the next one does not say why", line=number)
            )
            self._head = None
        self._last += torn.lines

    def _judge_displaced(self, line: Line) -> None:
        fields = {"line": line.number, "place": self._place}
        if self._gaps.take(line.number):
            self._blame(
                line.number, FaultKind.MOVED, _("line {line} stands in another place, as line {place} of the file", **fields)
            )
        else:
            words = _("line {place} of the file was put in: it calls itself line {line}, which is there already", **fields)
            self._blame(self._place, FaultKind.INSERTED, words)

    def _judge_place(self, line: Line) -> None:
        """Look whether a line comes right after the one before, and is bound to it."""
        if line.number > self._last + 1:
            self._gaps.add(self._last + 1, line.number - 1)
        elif self._head not in (None, line.prev):
            fields = {"line": self._last, "next": line.number}
            words = _("line {line} was changed or replaced: line {next} was written after another one", **fields)
            self._blame(max(self._last, 1), FaultKind.EDITED, words)

    def _judge_anchors(self, number: int, head: str) -> None:
        for anchor in self._anchors.pop(number, ()):
            if anchor.head == head:
                self._vouched = number
            else:
                fields = {"line": number, "source": anchor.source}
                words = _("line {line} is not the one that {source} was signed over: the log was written anew", **fields)
                self._blame(number, FaultKind.REWRITTEN, words)

    def end(self) -> None:
        """Look what is missing, once all has been read."""
        for anchor in sorted(anchor for anchors in self._anchors.values() for anchor in anchors):
            if anchor.number > self._last:
                fields = {"source": anchor.source, "line": anchor.number, "last": self._last}
                words = _("the end is missing: {source} was signed over line {line}, and the log ends with line {last}", **fields)
                self._blame(self._last + 1, FaultKind.CUT_OFF, words)

    def _blame(self, line: int, kind: FaultKind, message: str) -> None:
        self._faults.append(Fault(line, kind, message))

    def verdict(self) -> Verdict:
        """Return what has come of it so far."""
        faults = sorted([*self._faults, *self._gaps.faults()])[:MOST_FAULTS]
        return Verdict(self._last, self._final, tuple(faults), self._torn_count, bool(self._torn.size), self._vouched)
