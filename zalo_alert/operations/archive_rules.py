"""Which runs may be archived: those that are over, and of which nobody is owed anything any more.

A live run rests for a while first: receipts come late, limits on messages count what people had lately, and an alert in force may
still have to be corrected. A drill's reached nobody, and need not wait.
"""

from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import datetime, timedelta

from zalo_alert.errors import ArchiveRefused, Cure
from zalo_alert.foundation.clock import instant, words
from zalo_alert.language import _, joined
from zalo_alert.models import RunId
from zalo_alert.operations.release import release_of
from zalo_alert.runs.lifecycle import OVER, WORDS, RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Profile

REST = timedelta(days=30)  # so long receipts of phones that were off are taken for a run


def why_not(run: Run, runs: Runs, now: datetime, *, is_held: bool = False) -> ArchiveRefused | None:
    """Say why a run must not be archived; None where it may.

    Args:
        run: Which one.
        runs: Those it may be in relation with.
        now: When.
        is_held: The caller holds its lock, so that nobody else sends it.

    Raises:
        StorageUnusable: It, or a run that follows it, can't be read.
    """
    return next(_reasons(run, _state_when_held(run) if is_held else run.standing(), runs, now, ()), None)


def why_not_yet(run: Run, runs: Runs, now: datetime, going: Collection[RunId]) -> ArchiveRefused | None:
    """Say the same of one that would be archived after some others."""
    return next(_reasons(run, run.standing(), runs, now, going), None)


def _state_when_held(run: Run) -> RunState:
    return run.state if run.state in OVER or run.is_open() else RunState.FINISHED


def _reasons(run: Run, state: RunState, runs: Runs, now: datetime, going: Collection[RunId]) -> Iterator[ArchiveRefused]:
    if state not in OVER:
        yield _not_over(run, state)
        return
    if _reached_anybody(run):
        yield from _of_live(run, now)
    if release_of(run).is_unreviewed:
        yield ArchiveRefused(
            _("{run} was sent by one person alone, and nobody has reviewed that yet", run=run.id),
            hint=_("{review} does", review=Cure.REVIEW(run.id)),
        )
    if missing := [name for name in run.facts.parent if name not in going and (runs.folder / name / "run.db").is_file()]:
        yield ArchiveRefused(
            _("{run} follows {runs}, which must be archived first", run=run.id, runs=joined(missing)),
            hint=_("{archive} does; then this one", archive=Cure.ARCHIVE(missing[0])),
        )
    yield from _of_followers(run, runs)


def _not_over(run: Run, state: RunState) -> ArchiveRefused:
    ways = _("{resume} goes on with it, {cancel} ends it for good", resume=Cure.RESUME(run.id), cancel=Cure.CANCEL(run.id))
    if state is RunState.SENDING:
        ways = _("watch it with {status}, or end it with {stop}", status=Cure.STATUS(run.id, watch=True), stop=Cure.STOP(run.id))
    return ArchiveRefused(
        _("{run} is not over: it is {state}", run=run.id, state=WORDS[state]), hint=ways
    )  # fmt: skip


def _reached_anybody(run: Run) -> bool:
    return run.facts.profile == Profile.LIVE and not run.facts.is_rehearsal and run.is_begun


def _of_live(run: Run, now: datetime) -> Iterator[ArchiveRefused]:
    until = max(instant(run.history()[-1].at_s) + REST, run.facts.expires)
    if run.facts.expires > now:
        yield ArchiveRefused(
            _("{run} is in force until {until}: a correction or an all-clear may still be owed", run=run.id,
              until=words(run.facts.expires)),
            hint=_("archive it from {day} on", day=words(until)),
        )  # fmt: skip
    elif until > now:
        yield ArchiveRefused(
            _("{run} has ended a short while ago: receipts still come in, and limits on messages count it", run=run.id),
            hint=_("archive it from {day} on", day=words(until)),
        )


def _of_followers(run: Run, runs: Runs) -> Iterator[ArchiveRefused]:
    for name in runs.ids():
        if not name.startswith(run.facts.code) and "all-clear" not in name:
            continue
        with closing(runs.open(name)) as other:
            if run.id in other.facts.parent and (state := other.standing()) not in OVER:
                yield ArchiveRefused(
                    _("{other} follows {run}, and is not over: it is {state}", other=name, run=run.id, state=WORDS[state]),
                    hint=_("{status} shows it", status=Cure.STATUS(name)),
                )
