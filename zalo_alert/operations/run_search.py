"""Finding runs of a workspace: those that are open, young, in a state or of a kind. What is left out is left early."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from zalo_alert.errors import ArchiveInvalid, StorageUnusable, UsageError, ZaloAlertError
from zalo_alert.models import RunId, Status
from zalo_alert.reporting.status import Standing, standing_of
from zalo_alert.runs.archived import ArchivedRun
from zalo_alert.runs.lifecycle import OVER, RunState

if TYPE_CHECKING:
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs


@dataclass(frozen=True, slots=True)
class Search:
    """What runs are looked for.

    Args:
        is_open: Only those that are not over.
        since: Only those frozen since then.
        states: Only those in one of these; none is any.
        statuses: Only those of one of these, CAP's words; none is any.
        archived: The archived ones too.
    """

    is_open: bool = False
    since: datetime | None = None
    states: frozenset[RunState] = frozenset()
    statuses: frozenset[Status] = frozenset()
    archived: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.is_open or self.since or self.states or self.statuses)

    def wants(self, run: "Run") -> bool:
        """Whether a run may be one of them, as far as its facts say."""
        facts = run.facts
        return not (
            (self.since and facts.frozen_at < self.since)
            or (self.statuses and facts.status not in self.statuses)
            or (self.is_open and isinstance(run, ArchivedRun))
        )

    def takes(self, state: RunState) -> bool:
        """Whether one that stands so is one of them."""
        return not ((self.is_open and state in OVER) or (self.states and state not in self.states))


@dataclass(slots=True)
class Found:
    """What a search came to: how many runs there are, and why some could not be read."""

    looked_at: int = 0
    damaged: list[ZaloAlertError] = field(default_factory=list)


def find_runs(runs: "Runs", search: Search, on_run: "Callable[[Run, Standing], object]") -> Found:
    """Find runs, the latest last; `on_run` is called with each while it is open.

    Whoever can't be read is told, whatever is looked for: it may be what was meant.
    """
    found = Found()
    for name in runs.ids_to_read() if search.archived else runs.ids():
        found.looked_at += 1
        try:
            _look_at(runs, name, search, on_run)
        except (StorageUnusable, ArchiveInvalid) as exc:  # the others are listed all the same: every hint sends people here
            found.damaged.append(exc)
    return found


def _look_at(runs: "Runs", name: RunId, search: Search, on_run: "Callable[[Run, Standing], object]") -> None:
    with closing(runs.open_to_read(name)) as run:
        if search.wants(run) and search.takes((standing := standing_of(run)).state):
            on_run(run, standing)


def archived_at(run: "Run") -> datetime | None:
    """Return when a run was archived; None of one that is not."""
    return run.manifest.archived_at if isinstance(run, ArchivedRun) else None


def day_typed(text: str, now: datetime) -> datetime | None:
    """Read a day as an officer says it (`yesterday`, `hôm qua`, `26/11`, `monday`): its beginning; None of what is none."""
    from zalo_alert.library.typed_instant import Side, read_instant

    if not text.strip() or (text[-1:] in "smhd" and text[:-1].isdecimal()):  # a stretch of time: 9h is no hour of today
        return None
    try:
        return read_instant(f"0h {text}", now, Side.BEHIND)
    except UsageError:
        return None
