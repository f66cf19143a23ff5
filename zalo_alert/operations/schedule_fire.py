"""Doing what is due: the timer wakes us, and what is due is known by the planned instant, never by the hour of waking.

So a timer that fires twice, late, or while the last time is still being sent never sends twice: the planned instant is the
occurrence, and the same occurrence is the same run.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import (
    AttentionNeeded,
    CampaignRefused,
    Cure,
    ErrorCause,
    ExitCode,
    RunBusy,
    SettingsInvalid,
    ZaloAlertError,
)
from zalo_alert.foundation.clock import Clock, SystemClock, words
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, _n, count, span
from zalo_alert.models import Missed, Overlap, Timing
from zalo_alert.operations import tell_events
from zalo_alert.operations.campaign_files import campaign_text
from zalo_alert.operations.tell import tell_now
from zalo_alert.runs.facts import run_id
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.timetable.entry import Entry
from zalo_alert.timetable.occurrences import Fate, Occurrence, Occurrences
from zalo_alert.timetable.times import key_of

GRACE = timedelta(minutes=10)  # a machine that starts, or cron that looks every five minutes, is no missed time
GO_ON = timedelta(hours=12)  # after its planned instant nothing is gone on with: a person decides
MISSED_TOLD = 20  # planned times that are written down one by one, of those that a machine has slept through
_AGAIN = frozenset(
    {
        ErrorCause.NETWORK, ErrorCause.SERVER, ErrorCause.QUOTA, ErrorCause.NIGHT, ErrorCause.WAITING, ErrorCause.INTERRUPTED,
        ErrorCause.RUN_BUSY,
    }
)  # fmt: skip
_AGAIN_CODES = frozenset({ExitCode.RUN_BUSY, ExitCode.SUSPENDED, ExitCode.INTERRUPTED})

OnNotice = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class End:
    """How a go ended.

    Args:
        code: The exit code.
        error: What was wrong; None where nothing was, or a command has told it itself.
    """

    code: int
    error: ZaloAlertError | None = None

    @property
    def fate(self) -> Fate:
        """What that means for the occurrence."""
        if self.code in (ExitCode.EVERYONE_ACCEPTED, ExitCode.NOT_EVERYONE, ExitCode.OUTPUT_CLOSED):
            return Fate.DONE
        may_pass = self.error.cause in _AGAIN if self.error else self.code in _AGAIN_CODES
        return Fate.AGAIN if may_pass else Fate.FAILED


Perform = Callable[[Entry, str], End]  # does an entry's occurrence, by its key


def fire(
    entry: Entry, settings: Settings, runs: Runs, perform: Perform, on_notice: OnNotice, clock: Clock | None = None
) -> list[End]:
    """Do what is due of an entry, and whatever becomes due meanwhile; return how each go ended.

    Raises:
        SettingsInvalid: It was installed for another folder.
        RunBusy: The time before is still being done.
        AttentionNeeded: A time was left out, and that is told.
        WorkspaceRests: It was restored or handed over: nothing is written down, and who wakes it has its times as they are.
    """
    check_awake(settings.state_dir)
    if Path(entry.workspace) != settings.workspace.resolve():
        raise SettingsInvalid(
            _("{name} was installed for {folder}, and not for this workspace: nothing was done", name=entry.name,
              folder=entry.workspace),
            hint=_("here: {install}", install=Cure.SCHEDULE_INSTALL(entry.campaign or "", task=entry.task)),
        )  # fmt: skip
    occurrences = Occurrences(settings.state_dir)
    try:
        return list(_Firing(entry, settings, runs, occurrences, on_notice, clock or SystemClock()).go(perform))
    finally:
        occurrences.close()


class _Firing:
    """One waking."""

    def __init__(
        self, entry: Entry, settings: Settings, runs: Runs, occurrences: Occurrences, on_notice: OnNotice, clock: Clock
    ) -> None:
        self._entry, self._settings, self._runs, self._occurrences = entry, settings, runs, occurrences
        self._on_notice, self._clock = on_notice, clock
        self._left_out: list[str] = []

    def go(self, perform: Perform) -> Iterator[End]:
        """Do what is due."""
        ended_at: datetime | None = None  # of the go before, in this process
        while (planned := self._due(ended_at)) is not None:
            yield (end := self._do(planned, perform))
            ended_at = self._clock.now()
            if end.fate is not Fate.DONE:
                break
        if self._left_out and ended_at is None:
            raise AttentionNeeded(self._left_out[-1])

    def _due(self, ended_at: datetime | None) -> datetime | None:
        """Return the planned instant to be done now; None where there is none. What can't be done any more is written down."""
        now = self._clock.now()
        last = self._occurrences.last(self._entry.name, now)  # by a clock that was ahead, later ones may be known
        since = max(self._entry.since, last.planned_at) if last else self._entry.since
        latest = self._entry.timetable.last_until(now, since)
        if latest is None:
            return self._unfinished(last, now) if ended_at is None else None
        if last and last.fate.is_open and not self._may_overlap(last, latest):
            return None
        self._leave_out_older(since, latest)
        if ended_at and latest <= ended_at and self._timing().overlap is Overlap.SKIP and not self._entry.task:
            why = _("the time before was still being sent at {at}", at=words(latest))
            self._leave_out(latest, Fate.BUSY, why)
            return None
        return latest if self._is_in_time(latest, now) else None

    def _may_overlap(self, last: Occurrence, latest: datetime) -> bool:
        """Say whether a time may begin although the one before is not over; raise where it waits for that."""
        if not self._is_being_done(last):
            why = _("the next time has come, and it was not finished")
            self._close(last, Fate.GIVEN_UP, why)
            return True
        if self._entry.task:
            raise RunBusy(_("{name} is being done by another process", name=self._entry.name))
        if self._timing().overlap is Overlap.OWN_RUN:
            return True
        why = _("the time before, of {before}, is still being sent", before=words(last.planned_at))
        self._leave_out(latest, Fate.BUSY, why)
        raise RunBusy(
            _("{at} of {name} is left out: {why}", at=words(latest), name=self._entry.name, why=why),
            hint=_("{status} shows that run", status=Cure.STATUS(self._run_of(last.planned_at))),
        )

    def _unfinished(self, last: Occurrence | None, now: datetime) -> datetime | None:
        """Return the last time where it is to be gone on with."""
        if last is None or not last.fate.is_open:
            return None
        if self._is_being_done(last):
            raise RunBusy(_("{at} of {name} is being done by another process", at=words(last.planned_at), name=self._entry.name))
        if now <= last.planned_at + (GO_ON if self._is_begun(last) else self._within()):
            return last.planned_at
        self._close(last, Fate.GIVEN_UP, _("it could not be finished until {at}", at=words(now)))
        return None

    def _is_in_time(self, planned: datetime, now: datetime) -> bool:
        if now - planned <= self._within():
            return True
        sentence = _("nothing woke it until {at}, {late} late", at=words(now), late=span(now - planned))
        self._leave_out(planned, Fate.MISSED, sentence)
        return False

    def _within(self) -> timedelta:
        """Return how late it may begin; upkeep that was slept through is done whenever the machine is awake."""
        if self._entry.task:
            return timedelta.max
        timing = self._timing()
        return GRACE if timing.missed is Missed.SKIP else max(GRACE, timing.within)

    def _timing(self) -> Timing:
        """Return what the campaign says of its times; the usual where it can't be read: whoever sends it will say why."""
        try:
            text = campaign_text(self._entry.campaign_file)
            return campaign_file.parse(text, self._entry.campaign, is_frozen=True).timing
        except ZaloAlertError:
            return Timing()

    # --- doing -----------------------------------------------------------------------------------------------------------

    def _do(self, planned: datetime, perform: Perform) -> End:
        """Do one, unless another process has come before us; a task is held meanwhile, as its run holds a campaign."""
        name, task = self._entry.name, self._entry.task
        with self._occurrences.alone(name) if task else nullcontext():
            if not self._occurrences.begin(name, planned, self._clock.now()):
                return End(ExitCode.EVERYONE_ACCEPTED)
            return self._done(planned, perform)

    def _done(self, planned: datetime, perform: Perform) -> End:
        end = End(ExitCode.BUG)
        try:
            end = perform(self._entry, key_of(planned)) if self._entry.task else self._send(planned, perform)
        except ZaloAlertError as exc:
            end = End(exc.exit_code, exc)
        finally:
            self._write_down(planned, end)
        return end

    def _send(self, planned: datetime, perform: Perform) -> End:
        text = campaign_text(self._entry.campaign_file)
        code = campaign_file.parse(text, self._entry.campaign, is_frozen=True).code
        if code != self._entry.code:
            raise CampaignRefused(
                _("{file} is {code} now, and {before} was installed: nothing was sent", file=self._entry.campaign, code=code,
                  before=self._entry.code),
                hint=_("{install} if that is meant", install=Cure.SCHEDULE_INSTALL(self._entry.campaign)),
            )  # fmt: skip
        return perform(self._entry, key_of(planned))

    def _write_down(self, planned: datetime, end: End) -> None:
        if end.code == ExitCode.RUN_BUSY and self._is_held(planned):
            return  # whoever is at it writes down how it ends
        error = end.error
        occurrence = Occurrence(
            planned,
            end.fate,
            None,
            self._clock.now(),
            int(end.code),
            str(error.cause) if error else "",
            error.message if error else "",
        )
        self._occurrences.end(self._entry.name, occurrence)
        if self._is_news(occurrence):
            self._tell(occurrence)

    def _is_news(self, occurrence: Occurrence) -> bool:
        """Whether nobody has been told of an end: a begun run tells its own, whoever stopped one knows."""
        if occurrence.fate is Fate.DONE:
            return bool(self._entry.task) and self._entry.is_telling
        is_told = occurrence.code == ExitCode.HELD or (not self._entry.task and self._is_begun(occurrence))
        return occurrence.fate is Fate.FAILED and not is_told

    def _leave_out_older(self, since: datetime, latest: datetime) -> None:
        """Write down the times before the latest that nobody was awake for; of very many the last ones."""
        if self._entry.task:
            return
        older = list(islice(self._entry.timetable.between(since, latest - timedelta(seconds=1)), 10_000))
        for planned in older[-MISSED_TOLD:]:
            self._write_left_out(planned, Fate.MISSED, _("nothing woke it before the next one"))
        if older:
            sentence = _n("{count} time was missed", "{count} times were missed", len(older), count=count(len(older)))
            self._tell(Occurrence(older[-1], Fate.MISSED, detail=sentence))

    def _leave_out(self, planned: datetime, fate: Fate, why: str) -> None:
        self._write_left_out(planned, fate, why)
        sentence = _("{at} of {name} is left out: {why}", at=words(planned), name=self._entry.name, why=why)
        self._left_out.append(sentence)
        fields = {"name": self._entry.name, "planned_at": planned.isoformat(), "fate": fate.value, "why": why}
        self._on_notice(Notice(sentence, "left-out", Level.WARNING, fields))
        self._tell(Occurrence(planned, fate, detail=why))

    def _write_left_out(self, planned: datetime, fate: Fate, why: str) -> None:
        self._occurrences.end(self._entry.name, Occurrence(planned, fate, ended_at=self._clock.now(), detail=why))

    def _close(self, last: Occurrence, fate: Fate, why: str) -> None:
        closed = replace(last, fate=fate, detail=why, ended_at=self._clock.now())
        self._occurrences.end(self._entry.name, closed)
        self._tell(closed)

    def _tell(self, occurrence: Occurrence) -> None:
        message = tell_events.planned_time(self._entry, occurrence, self._clock.now())
        if trouble := tell_now(message, self._settings):
            self._on_notice(Notice(trouble, "untold", Level.WARNING, {
                "run": None, "event": message.event.value, "channel": None, "why": trouble,
            }))  # fmt: skip

    # --- runs ------------------------------------------------------------------------------------------------------------

    def _run_of(self, planned: datetime) -> str:
        return str(run_id(self._entry.code, key_of(planned)))

    def _is_being_done(self, last: Occurrence) -> bool:
        if not self._entry.task:
            return self._is_held(last.planned_at)
        try:
            with self._occurrences.alone(self._entry.name):
                return False
        except RunBusy:
            return True

    def _is_held(self, planned: datetime) -> bool:
        run = None if self._entry.task else self._runs.find(run_id(self._entry.code, key_of(planned)))
        return run is not None and run.is_active

    def _is_begun(self, occurrence: Occurrence) -> bool:
        if self._entry.task:
            return True
        run = self._runs.find(run_id(self._entry.code, key_of(occurrence.planned_at)))
        return run is not None and run.is_begun
