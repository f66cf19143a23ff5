"""What of the audit log a report looks at: its last line before an instant, by number and digest, and lines about no run."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zalo_alert.audit.line import START, Line, decode, digest_of_line
from zalo_alert.audit.reading import raw_lines
from zalo_alert.errors import ZaloAlertError


@dataclass(frozen=True, slots=True)
class LogPart:
    """A part of the log.

    Args:
        number: Of its last line; 0 for an empty one.
        head: That line's digest.
        apart: Lines of some events that are about no run, in order.
        trouble: Why it can't be read to its end; "" where it can.
    """

    number: int
    head: str
    apart: tuple[Line, ...]
    trouble: str = ""


def read_log_part(path: Path, since: datetime, until: datetime, events: frozenset[str]) -> LogPart:
    """Read the log up to an instant.

    Args:
        path: Of the log.
        since: Lines about no run are of this time or later.
        until: Nothing later counts: the log may have grown since.
        events: Of which such lines are told.
    """
    number, head, apart, trouble = 0, START, list[Line](), ""
    try:
        for raw in raw_lines(path):
            line = decode(raw)
            if line is None or line.at > until:
                continue
            number, head = line.number, digest_of_line(raw)
            if not line.run and line.event in events and line.at >= since:
                apart.append(line)
    except ZaloAlertError as exc:
        trouble = exc.message
    return LogPart(number, head, tuple(apart), trouble)
