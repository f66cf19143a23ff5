"""The run that a command is about, by name or as it is meant where no name is given."""

from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.language import joined

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.runs.run import Run


def named_run(name: str | None, workspace: "Workspace") -> "Run":
    """Open a run by name, or the one that is meant where none is given, and say which that is."""
    if name is not None:
        return workspace.run(name)
    run, why = workspace.runs.likely()
    if why:
        display.say(joined((run.id, why)))
    return run


def run_to_read(name: str | None, workspace: "Workspace") -> "Run":
    """Open the same to read what became of it, or an archived run by its name."""
    return named_run(None, workspace) if name is None else workspace.run_to_read(name)
