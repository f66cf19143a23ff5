"""What a go at a run says and does, written into its log as it happens, whoever else hears of it."""

import os
import platform
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from zalo_alert.audit.log import os_user
from zalo_alert.delivery import progress
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import ExitCode, Interrupted, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, count, decimal, joined, rate
from zalo_alert.operations.observing import Observer, QueuedObserver
from zalo_alert.operations.orders import USUAL, Orders
from zalo_alert.runs.log import RunLog
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings

PROGRESS_EVERY_S = 60.0


class LoggedProgress:
    """See `progress.Observer`: writes what happens to a run into its log, how far it is once a minute, and passes all of it on.

    Args:
        observer: The one to pass it on to.
        log: Of the run.
        clock: Time.
    """

    def __init__(self, observer: progress.Observer, log: RunLog, clock: Clock) -> None:
        self._observer, self._log, self._clock = observer, log, clock
        self._progress_at_s = clock.monotonic_s()

    def on_progress(self, progress: Progress) -> None:
        """See `progress.Observer`."""
        if (now_s := self._clock.monotonic_s()) - self._progress_at_s >= PROGRESS_EVERY_S:
            self._progress_at_s = now_s
            self._write_progress(progress)
        self._observer.on_progress(progress)

    def on_note(self, text: str) -> None:
        """See `progress.Observer`."""
        self._log.write("note", self._clock.now(), text, level=Level.WARNING)
        self._observer.on_note(text)

    def _write_progress(self, progress: Progress) -> None:
        self._log.write(
            "progress", self._clock.now(), _describe(progress), audience=progress.audience, totals=_people(progress.totals),
            rate_per_s=round(progress.rate_per_s, 1), finishes_at=progress.finished_at, concurrency=progress.concurrency,
            slowed=[slowed.cause.value for slowed in progress.slowed],
        )  # fmt: skip


class LoggedObserver(LoggedProgress):
    """See `observing.Observer`: the same, for all that an operation says."""

    def __init__(self, observer: Observer, log: RunLog, clock: Clock) -> None:
        super().__init__(observer, log, clock)
        self._whole = observer

    def on_notice(self, notice: Notice) -> None:
        """See `Observer`."""
        if notice.sentence:
            self._log.write("notice", self._clock.now(), notice.sentence, level=notice.level)
        self._whole.on_notice(notice)

    def on_step(self, step: str, done: int, whole: int | None) -> None:
        """See `Observer`."""
        self._whole.on_step(step, done, whole)

    @contextmanager
    def queued(self) -> Iterator[LoggedProgress]:
        """Pass on in a thread of its own for as long as the block lasts, so that no terminal holds up the run, nor its log."""
        with QueuedObserver(self._observer) as queued:
            yield LoggedProgress(queued, self._log, self._clock)


class Going:
    """One go at a run, as its log has it.

    Args:
        run: Which one.
        observer: Tells whoever watches, and the log.
        log: Of the run.
        clock: Time.
    """

    def __init__(self, run: Run, observer: LoggedObserver, log: RunLog, clock: Clock) -> None:
        self.observer = observer
        self._run, self._log, self._clock = run, log, clock

    def end(self, ending: str, error: ZaloAlertError | None) -> None:
        """Write down how it ended: in a sentence, unless an event has said it, and with the error that it ends with, if any."""
        code = error.exit_code if error else ExitCode.EVERYONE_ACCEPTED
        level = Level.STRONG if error is None or isinstance(error, Interrupted) else Level.FAULT
        cause = {"cause": error.cause.value} if error else {}
        if ending == self._run.log.last_detail:
            self._write(code, _("ended with {code}", code=int(code)), level, **cause)
        else:
            self._write(code, _ended(code, ending), level, **cause, **({"cure": error.hint} if error else {}))

    def end_by(self, exc: BaseException) -> None:
        """Write down what it ended by, where that is no error of ours: a second Ctrl-C, or a bug."""
        if isinstance(exc, KeyboardInterrupt):
            self._write(ExitCode.INTERRUPTED, _ended(ExitCode.INTERRUPTED, _("stopped at once by hand")), Level.FAULT)
            return
        frames = traceback.extract_tb(exc.__traceback__)
        where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119  words, no file
        bug = _("this is a bug: {exception}", exception=type(exc).__name__)
        self._write(ExitCode.BUG, _ended(ExitCode.BUG, bug), Level.FAULT, where=where)

    def _write(self, code: ExitCode, text: str, level: Level, **facts: Any) -> None:
        self._log.write("end", self._clock.now(), text, level=level, exit_code=int(code), **facts)


def _ended(code: ExitCode, why: str) -> str:
    return _("ended with {code}: {why}", code=int(code), why=why)


@contextmanager
def logged_go(run: Run, settings: Settings, orders: Orders, clock: Clock, observer: Observer) -> Iterator[Going]:
    """Write into a run's log how a go at it begins, whatever is said meanwhile, and what it ends by where that is an error.

    Args:
        run: Which one.
        settings: In force.
        orders: Of this go.
        clock: Time.
        observer: Hears all that is said, and once that the log can't be written.
    """
    log = RunLog(run.folder, lambda trouble: observer.on_notice(Notice(trouble, "", Level.WARNING)))
    going = Going(run, LoggedObserver(observer, log, clock), log, clock)
    begins = _("process {process} takes up the run: zalo-alert {version}", process=os.getpid(), version=_version())
    log.write("start", clock.now(), begins, **_in_force(run, settings, orders))
    try:
        yield going
    except ZaloAlertError as exc:
        going.end(exc.message, exc)
        raise
    except BaseException as exc:
        going.end_by(exc)
        raise


# --- what is said of it --------------------------------------------------------------------------------------------------


def _describe(progress: Progress) -> str:
    done = progress.audience - progress.open
    percent = decimal(100 * done / max(1, progress.audience), 1)
    settled = _(
        "{done} of {audience} settled ({percent} %)", done=count(done), audience=count(progress.audience), percent=percent
    )
    return joined((settled, rate(progress.rate_per_s))) if progress.rate_per_s else settled


def _people(totals: Mapping[Any, int]) -> dict[str, int]:
    return {str(state): people for state, people in totals.items() if people}


def _in_force(run: Run, settings: Settings, orders: Orders) -> dict[str, Any]:
    """Return what this go goes by: versions, settings, and orders that are not the usual."""
    facts = run.facts
    given = {each.name: getattr(orders, each.name) for each in fields(Orders)}
    usual = {each.name: getattr(USUAL, each.name) for each in fields(Orders)}
    return {
        "version": _version(), "python": platform.python_version(), "system": platform.platform(terse=True), "user": os_user(),
        "profile": settings.profile.value, "hosts": settings.destinations(), "proxy": settings.proxy,
        "language": settings.language or "", "accounts": list(facts.accounts), "audience": facts.audience,
        "digest": facts.digest, "app_per_minute": settings.app_per_minute, "oa_per_minute": settings.oa_per_minute,
        "orders": {name: value for name, value in given.items() if value != usual[name] and name != "moved_signature"},
    }  # fmt: skip


@cache
def _version() -> str:
    try:
        return version("zalo-alert")
    except PackageNotFoundError:  # run from its source
        return ""
