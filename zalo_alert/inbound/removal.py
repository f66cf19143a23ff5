"""Removes what is old enough; whoever handles events calls it once an hour.

Whole files go. None goes before it was handled, and the newest two never do: a copy of an event is known by them. A call removes
two of each kind at most: a clock that is wrong by years costs a few files before somebody looks at it, and not all there is.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.journal import JOURNAL
from zalo_alert.inbound.parked import PARKED, Parked
from zalo_alert.inbound.receipt_lane import RECEIPTS
from zalo_alert.inbound.refused import REFUSED, Refused
from zalo_alert.inbound.retention import Retention
from zalo_alert.inbound.rolled import Place, files_of, side_files
from zalo_alert.language import _

AT_ONCE = 2
NEWEST = 2
_DAY_S, _HOUR_S = 86_400, 3600


class Removed(NamedTuple):
    """What was removed: files by their path below the folder, and rows."""

    files: tuple[str, ...]
    parked: int
    refused: int


def remove_old(folder: Path, kept: Retention, now_ms: int, *, handled: Place | None, folded: Place | None) -> Removed:
    """Remove what is old enough.

    Args:
        folder: `inbound` of the workspace's state; it may be missing.
        kept: For how long.
        now_ms: The time.
        handled: The last event of the journal that was handled; None keeps all of it.
        folded: The last receipt that was folded; None keeps all of them.

    Raises:
        StorageUnusable: A file can't be removed or used.
    """
    journals = _old(folder / JOURNAL, "%Y-%m-%d", _DAY_S, now_ms // 1000 - kept.journal_s, handled)
    receipts = _old(folder / RECEIPTS, "%Y-%m-%dT%H", _HOUR_S, now_ms // 1000 - kept.receipts_s, folded)
    for path in (*journals, *receipts):
        _remove(path)
    return Removed(
        tuple(path.relative_to(folder).as_posix() for path in (*journals, *receipts)),
        _expired(folder, now_ms - kept.parked_s * 1000),
        _forgotten(folder, now_ms - kept.refused_s * 1000),
    )


def _old(folder: Path, pattern: str, length_s: int, before_s: int, done: Place | None) -> list[Path]:
    """Return the files that were complete before a time, as far as a cursor is past them."""
    ended = _end(pattern, length_s)
    past = [path for path in files_of(folder)[:-NEWEST] if done is not None and path.name < done.file]
    return [path for path in past if ended(path) <= before_s][:AT_ONCE]


def _end(pattern: str, length_s: int) -> Callable[[Path], float]:
    return lambda path: datetime.strptime(path.stem, pattern).replace(tzinfo=UTC).timestamp() + length_s


def _remove(path: Path) -> None:
    try:
        for file in (path, *side_files(path)):
            file.unlink(missing_ok=True)
    except OSError as exc:
        raise StorageUnusable(_("can't remove {path}: {why}", path=path, why=reason(exc))) from exc


def _expired(folder: Path, before_ms: int) -> int:
    if not (folder / PARKED).exists():
        return 0
    parked = Parked(folder)
    try:
        return parked.expire(before_ms)
    finally:
        parked.close()


def _forgotten(folder: Path, before_ms: int) -> int:
    if not (folder / REFUSED).exists():
        return 0
    refused = Refused(folder)
    try:
        return refused.forget(before_ms // 60_000)
    finally:
        refused.close()
