"""The runs of a workspace: a folder each, which appears whole, by one rename, or not at all."""

import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count as numbers
from pathlib import Path

from zalo_alert.errors import Cure, StorageUnusable, UsageError
from zalo_alert.foundation import machine
from zalo_alert.foundation.files import draft_name, private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, count
from zalo_alert.models import RunId
from zalo_alert.runs.archive import Archive
from zalo_alert.runs.lock import is_held
from zalo_alert.runs.run import Run

MOST_NAMED = 5  # runs in one sentence; `runs` has all of them
ARCHIVE = "archive"  # beside the runs
ASIDE = "set-aside"  # beside the runs: those that were submitted and never sent, and whose code was given again


class Runs:
    """The runs of a workspace.

    Args:
        folder: Made when the first run is added.

    Attributes:
        archive: The archived ones, of which no method speaks that does not say so.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = Archive(folder.parent / ARCHIVE)

    def ids(self) -> list[RunId]:
        """Name the runs, the latest last."""
        return [name for _at_s, name in sorted(self._by_time())]

    def _by_time(self) -> list[tuple[float, RunId]]:
        return [(at_s, RunId(name)) for name in self._folders() if (at_s := _frozen_s(self.folder / name)) is not None]

    def _folders(self) -> list[str]:
        """Name what stands in the folder of the runs, but for what is being made.

        Raises:
            StorageUnusable: It can't be read.
        """
        try:
            return [path.name for path in self.folder.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise _unreadable(self.folder, exc) from exc

    def find(self, name: RunId) -> Run | None:
        """Open a run, if there is one of this name.

        Raises:
            StorageUnusable: There is, and it can't be read.
        """
        folder = self.folder / name
        with _explained(folder):
            return Run(folder) if (folder / "run.db").is_file() else None

    def open(self, name: str) -> Run:
        """Open a run by name, to go on with it.

        Raises:
            RunArchived: It is archived.
            UsageError: There is no such run.
        """
        if _is_name(name) and (run := self.find(RunId(name))):
            return run
        if self.archive.has(name):
            raise self.archive.refusal(RunId(name))
        maybe = did_you_mean(nearest(name, self.ids_to_read(), likeness=0.5))
        raise UsageError(_('there is no run "{name}"', name=name), hint=maybe or _("{runs} lists them", runs=Cure.RUNS()))

    def open_to_read(self, name: str) -> Run:
        """Open a run by name, or an archived one, to read what became of it.

        Raises:
            UsageError: There is no such run.
        """
        return (self.find_to_read(RunId(name)) if _is_name(name) else None) or self.open(name)

    def find_to_read(self, name: RunId) -> Run | None:
        """Open a run or an archived one, if there is one of this name; looked for in this order, which is how runs move."""
        return self.find(name) or (self.archive.open(name) if self.archive.has(name) else None)

    def ids_to_read(self) -> list[RunId]:
        """Name the runs and the archived ones, the latest last."""
        live = list(self._by_time())  # first: what is archived meanwhile is then in either
        return [name for _at_s, name in sorted({name: (at_s, name) for at_s, name in (*self.archive.by_time(), *live)}.values())]

    def likely(self) -> tuple[Run, str]:
        """Open the run that is meant where none is named, and say why it is: it is being sent, or open, or the newest.

        Raises:
            UsageError: There is none yet, or several are being sent.
        """
        names = self.ids()
        if not names:
            raise UsageError(
                _("there is no run yet in {workspace}", workspace=self.folder.parent.parent.resolve()),
                hint=_("{send} makes one", send=Cure.SEND("campaigns/….yaml")),
            )
        if len(names) == 1:
            return Run(self.folder / names[0]), ""
        if active := self.active():
            if len(active) > 1:
                raise UsageError(_("several runs are being sent: {runs}", runs=", ".join(active)), hint=_("name one of them"))
            return Run(self.folder / active[0]), _("the one being sent")
        if open_ := self.unfinished():
            return Run(self.folder / open_[-1]), _("the one that is open") if len(open_) == 1 else _("the newest that is open")
        return Run(self.folder / names[-1]), _("the newest")

    def check_one_is_open(self) -> None:
        """Refuse to guess which of several open runs is meant: sending the wrong one is worse than a question.

        Raises:
            UsageError: Several are open, and none is being sent.
        """
        if len(unfinished := self.unfinished()) > 1 and not self.active():
            named, more = ", ".join(unfinished[-MOST_NAMED:]), len(unfinished) - MOST_NAMED
            if more > 0:
                named = _("{names} and {more} earlier ones", names=named, more=count(more))
            raise UsageError(_("several runs are open: {runs}", runs=named), hint=_("name the one to go on with"))

    def active(self) -> list[RunId]:
        """Name the runs that are being sent at this moment, the latest last."""
        return [name for name in self.ids() if is_held(self.folder / name)]

    def unfinished(self) -> list[RunId]:
        """Name the runs that are open, the latest last; one that can't be read is left to whoever names it."""
        names = []
        for name in self.ids():
            with suppress(StorageUnusable), closing(Run(self.folder / name)) as run:
                if run.is_open():
                    names.append(name)
        return names

    def written_since(self, at_s: float) -> list[tuple[RunId, float]]:
        """Name the runs whose ledger was written to since an instant, each with when it last was: seconds since 1970.

        A look at the files alone: whatever happened in a run since then was written then or later.
        """
        written = [(name, _written_s(self.folder / name)) for name in self.ids()]
        return [(name, written_s) for name, written_s in written if written_s >= at_s]

    def written_since_to_read(self, at_s: float) -> list[tuple[RunId, float]]:
        """Name the same, and the archived ones."""
        live = self.written_since(at_s)  # first: what is archived meanwhile is then in either
        archived = self.archive.written_since(at_s)
        names = {name for name, _written_s in live}
        return [*(each for each in archived if each[0] not in names), *live]

    def forget(self, user_id: str) -> list[RunId]:
        """Have nobody of this id written to by any run that exists; name the runs in whose frozen audience they stand.

        Of an archived run nobody is ever written to again: it is named, and stays as it is.
        """
        names = []
        for name, number in self._holding(user_id):
            with closing(Run(self.folder / name)) as run:
                run.forget(number)
            names.append(name)
        return [*names, *self.archive.holding(user_id)]

    def holding(self, user_id: str) -> list[RunId]:
        """Name the runs in whose frozen audience somebody stands, the archived ones last."""
        return [*(name for name, _ in self._holding(user_id)), *self.archive.holding(user_id)]

    def _holding(self, user_id: str) -> Iterator[tuple[RunId, int]]:
        from zalo_alert.runs import shards

        for name in self.ids():
            with _explained(self.folder / name):
                number = shards.number_of(self.folder / name / "shards", user_id)
            if number is not None:
                yield name, number

    def check_free(self, name: RunId) -> None:
        """Refuse a name that an archived run has.

        Raises:
            RunArchived: It has.
        """
        if self.archive.has(name):
            raise self.archive.refusal(name)

    def add(self, name: RunId, fill: Callable[[Path], None]) -> Run:
        """Let a new run be filled into an empty folder, which appears under its name only when it is whole.

        Args:
            name: Not taken yet.
            fill: Writes every file of the run.

        Raises:
            RunArchived: The name is that of an archived run.
            StorageUnusable: It could not be written; nothing is left of it.
        """
        self.check_free(name)
        draft = self.folder / draft_name(name)
        try:
            private_folder(self.folder)
            draft.mkdir(mode=0o700)  # fails where anything stands, a link too
            (draft / "shards").mkdir(mode=0o700)
            fill(draft)
            self._appear(draft, self.folder / name)
        except OSError as exc:
            raise StorageUnusable(
                _("can't write the run to {folder}: {why}", folder=self.folder, why=reason(exc)),
                hint=_("check the disk's free space and permissions"),
            ) from exc
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return Run(self.folder / name)

    def set_aside(self, name: RunId) -> Path:
        """Take a run that nobody has been written to out of the list, so that its code is free; return where it lies now.

        The caller holds its lock. It is kept: what was submitted and refused is a part of what happened.
        """
        try:
            private_folder(self.folder.parent / ASIDE)
            target = next(path for n in numbers(1) if not (path := self.folder.parent / ASIDE / f"{name}~{n}").exists())
            machine.rename(self.folder / name, target)
        except OSError as exc:
            raise StorageUnusable(
                _("can't put the earlier run {name} aside: {why}", name=name, why=reason(exc)), hint=_("check the folder")
            ) from exc
        sync_folder(self.folder)
        return target

    def _appear(self, draft: Path, final: Path) -> None:
        try:
            machine.rename(draft, final)
        except OSError:
            if not (final / "run.db").is_file():
                raise
            return  # another process froze the same run a moment ago: theirs is the run
        sync_folder(self.folder)


def _is_name(name: str) -> bool:
    """Whether a word may name a run, and leads nowhere out of the folder."""
    return Path(name).name == name and not name.startswith(".")


def _frozen_s(folder: Path) -> float | None:
    """Return when a run was frozen; None of what is none. One that can't be looked into counts: whoever names it is told."""
    try:
        (folder / "run.db").stat()
        return (folder / "campaign.yaml").stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return 0.0 if (folder / "run.db").is_file() else None
    except PermissionError:
        return 0.0
    except OSError:
        return None


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise _unreadable(folder, exc) from exc


def _unreadable(folder: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't read {path}: {why}", path=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
    )


def _written_s(folder: Path) -> float:
    """Return when a run's database was last written to: its file, or the log of what is not folded into it yet.

    One that can't be looked into counts as written just now: whoever opens it is told why it can't be read.
    """
    times = []
    for name in ("run.db", "run.db-wal"):
        try:
            times.append((folder / name).stat().st_mtime)
        except FileNotFoundError:  # the log is there while somebody has it open
            continue
        except OSError:
            return math.inf
    return max(times, default=0.0)
