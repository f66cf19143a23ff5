"""Workspaces with runs that are over, for tests of the archive; and a process that is killed while it archives one of them."""

import os
import shutil
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from tests.wall_runs import begin, finish, freeze_run, make_workspace, settle
from zalo_alert.models import State
from zalo_alert.operations.archive import archive, verify
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.run import Run

PEOPLE = {State.ACCEPTED: 150, State.REJECTED: 30, State.UNKNOWN: 20}
_CHANGES = frozenset({"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.utime", "shutil.rmtree"})


def make_finished(folder: Path, at: datetime, code: str = "DT-1") -> Workspace:
    """Make a workspace with a run that ended at an instant."""
    make_workspace(folder, at)
    add_finished(folder, at, code)
    return Workspace(folder)


def add_finished(folder: Path, at: datetime, code: str) -> None:
    """Add a run that ended at an instant."""
    with closing(freeze_run(folder, at, code)) as run:
        begin(run, at)
        settle(run, at, PEOPLE)
        finish(run, at + timedelta(minutes=5))


def go_live(folder: Path) -> None:
    """Make a workspace what `init --profile live` would have made of it."""
    config = folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("profile: drill", "profile: live"), encoding="utf-8")
    (folder / ".zalo-alert" / "profile").write_text("live\n", encoding="utf-8")


def archive_killed_at(workspace: Path, run: str, moment: int) -> bool:
    """Archive a run in a process of its own that is gone at the n-th change that it makes on the disk.

    Returns:
        Whether it was killed: False when it was done before.
    """
    child = os.fork()
    if child == 0:
        _die_at(moment)
        archive(Workspace(workspace), run)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _die_at(moment: int) -> None:
    left = [moment]

    def hook(event: str, given: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if event in _CHANGES or event == "sqlite3.connect" or writes:
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)

    sys.addaudithook(hook)


def kill_at_every_moment(template: Path, folder: Path) -> int:
    """Kill at every moment in turn: each time what is left must be whole, and the next `archive` must finish it.

    Returns:
        How many moments there are.
    """
    setattr(os, "fsync", lambda handle: None)  # noqa: B010, whoever is killed loses nothing that the system has
    killed, moment = True, 0
    while killed:
        target = folder / str(moment)
        shutil.copytree(template, target)
        killed = archive_killed_at(target, "DT-1", moment)
        runs = Workspace(target).runs
        is_there, is_archived = "DT-1" in runs.ids(), runs.archive.has("DT-1")
        assert is_there or is_archived, moment
        if is_there:
            with closing(Run(runs.folder / "DT-1")) as run:
                assert dict(run.totals())[State.ACCEPTED] == PEOPLE[State.ACCEPTED], moment
            archive(Workspace(target), "DT-1")
        assert runs.ids() == ["DT-2"], moment
        assert not verify(Workspace(target), "DT-1").faults, moment
        if list(runs.folder.iterdir()) != [runs.folder / "DT-2"]:
            archive(Workspace(target), "DT-2")  # whatever was left of the first is gone by then
            assert list(runs.folder.iterdir()) == [], moment
        assert {path.name for path in runs.archive.folder.iterdir()} <= {"DT-1", "DT-2"}, moment
        shutil.rmtree(target)
        moment += 1
    return moment - 1


if __name__ == "__main__":  # a process of its own, with one thread, that can be forked
    print(kill_at_every_moment(Path(sys.argv[1]), Path(sys.argv[2])))
