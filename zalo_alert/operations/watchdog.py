"""The watchdog: what nobody at a screen may have noticed, looked for by cron or a timer; each thing is told once."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from zalo_alert.approval.request import read_request
from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import InputInvalid, StorageUnusable
from zalo_alert.foundation.clock import Clock, SystemClock, instant
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.models import State
from zalo_alert.notify.base import Event, Message, Told
from zalo_alert.notify.command import is_inside
from zalo_alert.notify.folding import NAME
from zalo_alert.notify.stillness import Stillness
from zalo_alert.operations import tell_events
from zalo_alert.operations.accounts import token_standings
from zalo_alert.operations.next_message import next_message
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.tell import Post, untold
from zalo_alert.operations.tell_late import level_of
from zalo_alert.operations.webhook_alarms import alarms
from zalo_alert.operations.webhook_sight import sight_of
from zalo_alert.pacing.quotas import Kind, Quotas
from zalo_alert.pacing.shared_pace import NAME as RATES
from zalo_alert.preflight.token_health import Grade
from zalo_alert.reporting.status import status_of
from zalo_alert.runs.heartbeat import read_beat
from zalo_alert.runs.home import machine_id
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

SILENT_S = 180.0  # without a beat from another machine: nine of them, and a file server may be slow
NEWS = timedelta(days=1)  # what expired before is no news, to a watchdog that is new
TOKENS_NAMED = 5
_OVER = frozenset({RunState.FINISHED, RunState.REJECTED, RunState.CANCELLED, RunState.CORRECTED})
_MAY_BE_LATE = frozenset({RunState.SENDING, RunState.HALTED, RunState.PAUSED, RunState.WAITING, RunState.APPROVED})
_LOW, _LOWEST = 0.1, 0.02  # of a quota


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that calls for a person.

    Args:
        message: What.
        outcomes: Who was told now; empty where it was told before, or nobody is to be told.
    """

    message: Message
    outcomes: tuple[Told, ...] = ()

    @property
    def is_untold(self) -> bool:
        """Whether it is news that nobody could be told."""
        return bool(self.outcomes) and all(told.trouble for told in self.outcomes)


def watch(settings: Settings, runs: Runs, on_notice: OnNotice, clock: Clock | None = None) -> list[Finding]:
    """Look at everything once, and tell what is news; return all that calls for a person now, news or not.

    Raises:
        StorageUnusable: The workspace's own files can't be used.
    """
    now = (clock or SystemClock()).now()
    messages = [*_look_at_runs(settings, runs, now, on_notice), *_look_at_webhook(settings, runs, now, on_notice)]
    if not settings.direct:  # a sandbox's tokens and quotas are nobody's trouble
        messages += [*_look_at_tokens(settings, now), *_look_at_quotas(settings, now)]
    if not settings.notify.is_on or is_inside():
        return [Finding(message) for message in messages]
    with closing(Post(settings)) as post:
        findings = [Finding(message, tuple(_tell(message, post, settings))) for message in messages]
        for repeats in post.take_repeats(now):
            event = Event(repeats.key.event)
            message = tell_events.repeated(event, repeats.key.run, repeats.times, instant(repeats.told_s), now)
            findings.append(Finding(message, tuple(post.deliver(message))))
    for finding in findings:
        for told in finding.outcomes:
            if told.trouble:
                on_notice(untold(finding.message, told))
    return findings


def _tell(message: Message, post: Post, settings: Settings) -> list[Told]:
    return post.send(message) if settings.notify.wants(message.event) else []


# --- runs ----------------------------------------------------------------------------------------------------------------


def _look_at_runs(settings: Settings, runs: Runs, now: datetime, on_notice: OnNotice) -> Iterator[Message]:
    with closing(Stillness(state_folder(settings) / NAME)) as stillness:
        look = _Look(settings.notify.late_min, now, stillness)
        for name in runs.ids():
            try:
                with closing(Run(runs.folder / name)) as run:
                    yield from look.at(run)
                    if (promise := next_message(run, runs, now)) and promise.is_missing:
                        yield tell_events.next_is_due(run, promise, now)
            except (StorageUnusable, InputInvalid) as exc:
                sentence = _("{run} can't be looked at: {why}", run=name, why=exc.message)
                on_notice(Notice(sentence, "unwatched", Level.WARNING, {"run": name, "why": exc.message}))


class _Look:
    """Looks at one run after the other.

    Args:
        late_min: From how many minutes on something is late.
        now: When.
        stillness: How long other machines have given no sign.
    """

    def __init__(self, late_min: int, now: datetime, stillness: Stillness) -> None:
        self._late_min, self._now, self._stillness = late_min, now, stillness

    def at(self, run: Run) -> Iterator[Message]:
        """Return what calls for a person; nothing where nobody is left."""
        state = run.state
        if state in _OVER or state is RunState.FROZEN:
            return
        if run.facts.expires <= self._now:
            yield from self._expired(run)
            return
        if state is RunState.SUBMITTED:
            yield from self._waiting(run)
        elif state is RunState.SENDING and self._is_silent(run) and run.state is state and run.is_open():
            beat = read_beat(run.folder)
            yield tell_events.silent(run, beat.machine if beat else "", self._now)
        elif state in _MAY_BE_LATE and run.is_open():
            yield from self._late(run)

    def _is_silent(self, run: Run) -> bool:
        """Whether whoever sent a run is gone: by its lock on this machine, by a sign that stands still on another."""
        if run.is_active:
            return False
        beat, home = read_beat(run.folder), run.home
        if beat.is_here if beat else home is None or home.machine in ("", machine_id()):
            return True
        sign = f"{beat.machine} {beat.process} {beat.number}" if beat else str((run.folder / "run.db").stat().st_mtime_ns)
        return self._stillness.measure_s(run.id, sign, self._now.timestamp()) >= SILENT_S

    def _expired(self, run: Run) -> Iterator[Message]:
        if self._now - run.facts.expires > NEWS or run.is_active:
            return
        with closing(run.ledger()) as ledger:
            totals = ledger.totals()
        left = sum(totals[state] for state in (State.PENDING, State.CLAIMED, State.DEFERRED, State.EXPIRED))
        if left:
            yield tell_events.expired(run, left, self._now)

    def _waiting(self, run: Run) -> Iterator[Message]:
        waited = self._now - read_request(run.request).submitted_at
        if level := level_of(waited.total_seconds(), self._late_min):
            yield tell_events.still_waiting(run, waited, level, self._now)

    def _late(self, run: Run) -> Iterator[Message]:
        with closing(run.ledger()) as ledger:
            status = status_of(run, ledger, active=run.is_active, now_s=self._now.timestamp())
        late_s = status.drift.late_s if status.drift else None
        if late_s and (level := level_of(late_s, self._late_min)):
            yield tell_events.late(run, late_s, level, self._now, status.slowed)


# --- the webhook -----------------------------------------------------------------------------------------------------------


def _look_at_webhook(settings: Settings, runs: Runs, now: datetime, on_notice: OnNotice) -> Iterator[Message]:
    sight = sight_of(settings)
    if sight.unreadable:
        sentence = _("the webhook can't be looked at: {why}", why=sight.unreadable)
        on_notice(Notice(sentence, "unwatched", Level.WARNING, {"run": None, "why": sight.unreadable}))
    yield from alarms(sight, settings, _sending(runs), now)


def _sending(runs: Runs) -> Iterator[Run]:
    """Yield the runs that are being sent, each open until the next one is asked for."""
    for name in runs.active():
        with closing(Run(runs.folder / name)) as run:
            yield run


# --- accounts ------------------------------------------------------------------------------------------------------------


def _look_at_tokens(settings: Settings, now: datetime) -> Iterator[Message]:
    """Say which tokens need somebody: the worst by name, of the others how many."""
    bad = [standing for standing in token_standings(settings) if standing.grade is not Grade.OK]
    bad.sort(key=lambda standing: standing.grade is not Grade.FAIL)
    for standing in bad[:TOKENS_NAMED]:
        has_failed = standing.grade is Grade.FAIL
        yield tell_events.token(standing.account.id, standing.said, standing.cure, now, has_failed=has_failed)
    if len(bad) > TOKENS_NAMED:
        yield tell_events.tokens(len(bad) - TOKENS_NAMED, now)


def _look_at_quotas(settings: Settings, now: datetime) -> Iterator[Message]:
    """Say which quotas run out, as far as any process of the workspace has heard; a day's of another day is none."""
    midnight_s = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    path = settings.state_dir / RATES
    if not path.exists():
        return
    with closing(Quotas(path)) as quotas:
        for account in settings.accounts:
            for kind, left in quotas.of(account.oa_id).items():
                is_stale = kind is Kind.TEMPLATE and left.at_s < midnight_s
                if left.total and not is_stale and left.left <= left.total * _LOW:
                    level = 2 if left.left <= left.total * _LOWEST else 1
                    yield tell_events.quota(account.id, kind.value, left.left, left.total, level, now)


def try_out(settings: Settings) -> list[Told]:
    """Send a test message by every way there is; return what became of it.

    Raises:
        SettingsInvalid: A secret can be none.
    """
    with closing(Post(settings)) as post:
        return post.deliver(tell_events.trial(SystemClock().now()))
