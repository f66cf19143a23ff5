"""Keeps no longer what has been kept long enough: runs go into the archive, what may go is removed, freed pages are written over.

Says first what it would do. One call removes little at a time and nothing by a clock that is off, so that a machine that wakes up
in another year does not empty its workspace. Each part stands for itself: what fails is told, and the others go on.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.reading import lines
from zalo_alert.book.generations import Generations
from zalo_alert.errors import Cure, InputInvalid, RunBusy, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import Clock, words
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound import only_one
from zalo_alert.inbound.door_lock import is_door_held
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.language import _
from zalo_alert.models import RunId, Status
from zalo_alert.operations import archive
from zalo_alert.operations.audit import log_of
from zalo_alert.operations.leftovers import is_old, leftovers
from zalo_alert.operations.webhook_removal import Remover
from zalo_alert.runs.store import ASIDE
from zalo_alert.settings.model import Profile

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

AT_ONCE = 100  # runs into the archive, archives and submissions removed, in one call
LOCK = "retention.lock"
GAP = timedelta(days=45)  # after so long without a line in the log, a clock is taken for wrong
MOST_WHILE_OPEN = 64_000_000  # bytes of a database that is written anew while events come in: a second or two
DAY_S = 86_400.0
WORTH_IT = 0.1  # of a database: so much of it must be free


class Part(StrEnum):
    """What is kept for a time; the words never change, for scripts."""

    RUNS = "runs"
    ARCHIVES = "archives"
    SET_ASIDE = "set-aside"
    BOOKS = "books"
    EVENTS = "events"
    PAGES = "pages"
    LEFTOVERS = "leftovers"


WORDS: Mapping[Part, str] = {
    Part.RUNS: _("runs into the archive"),
    Part.ARCHIVES: _("runs removed from the archive, for good"),
    Part.SET_ASIDE: _("submissions that made way for others, removed"),
    Part.BOOKS: _("old generations of follower books, removed"),
    Part.EVENTS: _("files of what came back, removed"),
    Part.PAGES: _("what was deleted, written over"),
    Part.LEFTOVERS: _("what killed processes have left behind, removed"),
}


_TOLD_HERE = {Part.SET_ASIDE, Part.BOOKS, Part.EVENTS}  # the archive tells the log itself of each run


class Due(NamedTuple):
    """What is due of one part.

    Args:
        part: Which.
        names: Of what is due, those that this call would take; the earliest first.
        size_bytes: How much they take of the disk.
        more: How many are left to the calls after it.
    """

    part: Part
    names: tuple[str, ...]
    size_bytes: int
    more: int = 0


class Done(NamedTuple):
    """What became of one part: what was done, and what could not be, as sentences."""

    part: Part
    names: tuple[str, ...]
    problems: tuple[str, ...]


class Retention:
    """See the module.

    Args:
        workspace: Whose.
        clock: Time.
    """

    def __init__(self, workspace: "Workspace", clock: Clock) -> None:
        self._workspace, self._settings, self._runs, self._clock = workspace, workspace.settings, workspace.runs, clock
        self._rule, self._log = self._settings.retention, log_of(self._runs)

    def due(self) -> list[Due]:
        """Say what is due; changes nothing."""
        return [
            due
            for look in (self._runs_due, self._archives, self._set_aside, self._books, self._pages, self._leftovers)
            if (due := look()).names
        ]

    def apply(self, on_step: Callable[[Part], None] = lambda _part: None) -> list[Done]:
        """Do what is due.

        Args:
            on_step: Hears of each part before it is begun.

        Raises:
            InputInvalid: The clock seems to be wrong; nothing was done.
            RunBusy: Another process is at it.
            StorageUnusable: The log of the workspace can't be written; nothing was done.
        """
        self._check_clock()
        with only_one.held(self._settings.state_dir / LOCK, 0.0, _busy):
            return list(self._done(on_step))

    def _check_clock(self) -> None:
        """Remove nothing by a clock that stands before what has happened, or long after it."""
        now, last = self._clock.now(), deque(lines(self._log.path), maxlen=1)
        if not last or timedelta(minutes=-5) < now - last[0].at < GAP:
            return
        raise InputInvalid(
            _(
                "by this machine's clock it is {now}, and the last line of the log is of {last}: nothing was removed",
                now=words(now), last=words(last[0].at),
            ),
            hint=_("if the clock is right, {note} says so to the log, and then try again", note=Cure.NOTE('"…"')),
        )  # fmt: skip

    # --- what is due -----------------------------------------------------------------------------------------------------

    def _runs_due(self) -> Due:
        soonest = timedelta(days=min(self._rule.archive_days, self._rule.drill_days))
        found = [one for one in archive.candidates(self._workspace, soonest, self._clock.now()) if not one.why_not]
        return _some(Part.RUNS, [(one.run, one.size_bytes) for one in found if self._is_old(one.run)])

    def _is_old(self, name: RunId) -> bool:
        with closing(self._runs.open(name)) as run:
            is_drill = run.facts.status != Status.ACTUAL or run.facts.profile == Profile.DRILL
            days = self._rule.drill_days if is_drill else self._rule.archive_days
            return archive.ended_at(run) <= self._before(days)

    def _archives(self) -> Due:
        if (days := self._rule.remove_archive_days) is None:
            return Due(Part.ARCHIVES, (), 0)
        before_s, kept = self._before(days).timestamp(), self._runs.archive
        held = [one for name in kept.ids() if not (one := archive.archived_of(self._runs, name)).is_removed]
        old = [one for one in held if kept.manifest(one.run).written_s <= before_s]
        return _some(Part.ARCHIVES, [(one.run, one.size_bytes) for one in old])

    def _set_aside(self) -> Due:
        folder, before_s = self._runs.folder.parent / ASIDE, self._before(self._rule.set_aside_days).timestamp()
        old = sorted((at_s, path.name) for path in _within(folder) if (at_s := _written_s(path)) < before_s)
        return _some(Part.SET_ASIDE, [(name, _size_bytes(folder / name)) for _at_s, name in old])

    def _books(self) -> Due:
        now, names, size_bytes = self._clock.now(), [], 0
        for folder in _within(self._settings.state_dir / "book"):
            for generation in Generations(folder).old(now):
                names.append(f"{folder.name}/{generation.id}")
                size_bytes += generation.size_bytes
        return Due(Part.BOOKS, tuple(names), size_bytes)

    def _pages(self) -> Due:
        if (db := find_store(self._settings.state_dir)) is None:
            return Due(Part.PAGES, (), 0)
        with closing(db):
            free_bytes, size_bytes = db.free_bytes(), db.path.stat().st_size
        is_worth_it = free_bytes >= WORTH_IT * size_bytes and free_bytes > 0
        return Due(Part.PAGES, (db.path.name,) if is_worth_it else (), free_bytes)

    def _leftovers(self) -> Due:
        """Find what is a day old: of a process on another machine, which may share the folder, nobody here knows."""
        folder = self._settings.state_dir
        old = [path for path in leftovers(folder) if is_old(path, DAY_S)]
        return _some(Part.LEFTOVERS, [(path.relative_to(folder).as_posix(), _size_bytes(path)) for path in old])

    def _before(self, days: int) -> datetime:
        return self._clock.now() - timedelta(days=days)

    # --- doing it --------------------------------------------------------------------------------------------------------

    def _done(self, on_step: Callable[[Part], None]) -> Iterator[Done]:
        steps: Sequence[tuple[Callable[[], Due], Callable[[str], object]]] = (
            (self._runs_due, lambda name: archive.archive(self._workspace, name, self._clock.now())),
            (self._archives, lambda name: archive.remove_archive(self._workspace, name, self._clock.now())),
            (self._set_aside, self._remove_submission),
            (self._books, self._prune),
            (self._pages, self._write_anew),
            (self._leftovers, self._remove_leftover),
        )
        for look, act in steps:
            if (due := look()).names:
                on_step(due.part)
                yield self._tell(_each(due, act))
        yield from self._remove_events(on_step)

    def _remove_submission(self, name: str) -> None:
        with _translated(path := self._runs.folder.parent / ASIDE / name):
            shutil.rmtree(path)

    def _remove_leftover(self, name: str) -> None:
        with _translated(path := self._settings.state_dir / name):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)

    def _prune(self, name: str) -> None:
        book = Generations(self._settings.state_dir / "book" / name.split("/")[0])
        with book.locked():
            book.prune(self._clock.now())

    def _write_anew(self, _name: str) -> None:
        """Write what was deleted over: words of people are no longer on the disk, and the room is free."""
        if (db := find_store(self._settings.state_dir)) is None:
            return
        with closing(db):
            if db.path.stat().st_size > MOST_WHILE_OPEN and is_door_held(folder_of(self._settings.state_dir)):
                raise RunBusy(
                    _("events come in, and they would wait too long while {path} is written anew", path=db.path),
                    hint=_("stop the webhook for a minute in a quiet hour, and try again; what comes meanwhile Zalo sends again"),
                )
            db.vacuum()

    def _remove_events(self, on_step: Callable[[Part], None]) -> Iterator[Done]:
        if not folder_of(self._settings.state_dir).is_dir():
            return
        on_step(Part.EVENTS)
        try:
            names = Remover(self._settings, self._clock).remove().files
        except ZaloAlertError as exc:
            yield Done(Part.EVENTS, (), (exc.message,))
            return
        if names:
            yield self._tell(Done(Part.EVENTS, names, ()))

    def _tell(self, done: Done) -> Done:
        """Have the log say what is gone: whoever misses it finds when, and by which rule."""
        if done.names and done.part in _TOLD_HERE:
            facts = {"part": done.part.value, "names": list(done.names)}
            self._log.append(AuditEvent.REMOVED, self._clock.now(), facts=facts)
        return done


def _some(part: Part, found: Sequence[tuple[str, int]]) -> Due:
    taken = found[:AT_ONCE]
    return Due(part, tuple(name for name, _size in taken), sum(size for _name, size in taken), len(found) - len(taken))


def _each(due: Due, act: Callable[[str], object]) -> Done:
    names, problems = [], []
    for name in due.names:
        try:
            act(name)
            names.append(name)
        except ZaloAlertError as exc:
            problems.append(exc.message)
    return Done(due.part, tuple(names), tuple(problems))


def _busy() -> RunBusy:
    return RunBusy(_("another process is at the upkeep of this workspace"), hint=_("wait until it has ended"))


def _within(folder: Path) -> list[Path]:
    with _translated(folder):
        return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _written_s(folder: Path) -> float:
    with _translated(folder):
        return max((path.stat().st_mtime for path in folder.iterdir()), default=folder.stat().st_mtime)


def _size_bytes(path: Path) -> int:
    with _translated(path):
        return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
