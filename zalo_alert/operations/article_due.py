"""What of a month is due, done: published, broadcast, hidden again, or given up; each entry once on each page, by one process.

An entry's page is written down as done when Zalo has said so. Whoever dies before that asks the same again, and what was asked of
Zalo before is found by the articles' own store: nothing stands twice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zalo_alert.calendar import store
from zalo_alert.calendar.campaign import LASTS, BroadcastFile
from zalo_alert.calendar.month import Entry, Stands
from zalo_alert.errors import Interrupted, RunBusy, ZaloAlertError
from zalo_alert.inbound.only_one import held
from zalo_alert.language import _
from zalo_alert.models import AccountId, RunId
from zalo_alert.operations.article_calendar import Month, Row, read_month, rows_with, write_campaign
from zalo_alert.operations.articles import GOOD, Ending, Job, Result, Telling, hide_agreed, publish_agreed
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.workspace import SILENT
from zalo_alert.settings.rest_mark import check_awake

if TYPE_CHECKING:
    from zalo_alert.operations.observing import Observer
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.settings.model import Settings

LOCK_PATIENCE_S = 0.5  # with a process that is just ending
_Keep: TypeAlias = Callable[[str, AccountId, datetime], None]
_Act: TypeAlias = Callable[["Settings", Sequence[Job], Telling], list[Result]]
_TO_PUBLISH = {Stands.DUE, Stands.LATE}


class Step(StrEnum):
    """What a calendar does; the words never change."""

    PUBLISH = "publish"
    BROADCAST = "broadcast"
    HIDE = "hide"
    SKIP = "skip"


class Outcome(NamedTuple):
    """What became of one step of one entry on one page.

    Args:
        step: What was to be done.
        entry: Of the calendar.
        account: On whose page, or by whom it is broadcast.
        is_good: Whether it is as the calendar wants it.
        why: Why not; "" where it is.
        hint: What to do about that.
        run: The run of a broadcast; "" otherwise.
    """

    step: Step
    entry: Entry
    account: AccountId
    is_good: bool
    why: str = ""
    hint: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class DueTelling:
    """Who hears how it goes.

    Args:
        on_outcome: Told of each step as it ends.
        articles: Hears how many pages are done.
        observer: Hears how broadcasts go.
    """

    on_outcome: Callable[[Outcome], None] = lambda outcome: None
    articles: Telling = field(default_factory=Telling)
    observer: "Observer" = SILENT


QUIET = DueTelling()


def do_due(workspace: "Workspace", path: Path, now: datetime, telling: DueTelling = QUIET) -> list[Outcome]:
    """Do what of a calendar is due and not done.

    Args:
        workspace: Whose.
        path: The calendar's file.
        now: As of when.
        telling: Who hears how it goes.

    Raises:
        ApprovalMissing: The workspace is live, and no second officer has agreed to just this month.
        CampaignInvalid: The calendar or an article of it has faults; nothing was done.
        RunBusy: Another process does it.
        WorkspaceRests: It was restored or handed over.
    """
    check_awake(workspace.settings.state_dir)
    folder = state_folder(workspace.settings)
    with held(folder / store.LOCK, LOCK_PATIENCE_S, _busy), store.opened(folder) as kept:
        month = read_month(workspace, path, now)
        require_month_agreed(month)
        kept.begin(month.calendar.month, now)
        return _Doing(month, kept, now, telling).do()


def require_month_agreed(month: Month) -> None:
    """Refuse a month that a second officer must agree to first; in a drill nobody need."""
    from zalo_alert.operations.article_agreement import ArticleAgreements

    agreements = ArticleAgreements(month.workspace.settings)
    agreements.require(list(month.sources.values()), month.accounts, month.file)


def _busy() -> RunBusy:
    return RunBusy(
        _("another process does what is due in this workspace's calendar"), hint=_("let it end: what it does is done once")
    )


class _Doing:
    """One go through a month, by the process that holds it."""

    def __init__(self, month: Month, kept: store.CalendarStore, now: datetime, telling: DueTelling) -> None:
        self._month, self._kept, self._now, self._telling = month, kept, now, telling
        self._outcomes: list[Outcome] = []

    def do(self) -> list[Outcome]:
        self._give_up([row for row in self._rows() if row.stands is Stands.MISSED and row.done.skipped_at is None])
        self._publish([row for row in self._rows() if row.stands in _TO_PUBLISH])
        for broadcast in self._month.broadcasts():
            self._broadcast(broadcast)
        self._hide([row for row in self._rows() if row.stands is Stands.DONE and self._is_over(row.entry)])
        return self._outcomes

    def _rows(self) -> list[Row]:
        return list(rows_with(self._month.calendar, self._kept.done(), self._now))

    def _is_over(self, entry: Entry) -> bool:
        return entry.hide_at is not None and entry.hide_at <= self._now

    def _key(self, entry: Entry) -> str:
        return self._month.calendar.key(entry)

    def _tell(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._telling.on_outcome(outcome)

    def _give_up(self, rows: Iterable[Row]) -> None:
        """Say once of what was missed that it is not published any more."""
        for row in rows:
            self._kept.skipped(self._key(row.entry), row.account, self._now)
            why = _("its time is past, and nobody was there to publish it: it is left out")
            self._tell(Outcome(Step.SKIP, row.entry, row.account, is_good=False, why=why))

    # --- on the pages ----------------------------------------------------------------------------------------------------

    def _publish(self, rows: Sequence[Row]) -> None:
        self._go(rows, Step.PUBLISH, self._kept.published, publish_agreed)

    def _hide(self, rows: Sequence[Row]) -> None:
        self._go(rows, Step.HIDE, self._kept.hidden, hide_agreed)

    def _go(self, rows: Sequence[Row], step: Step, keep: _Keep, act: _Act) -> None:
        """Do one thing on all pages that are due for it; what went well is kept before it is told."""
        settings, sources = self._month.workspace.settings, self._month.sources
        jobs = {(sources[row.entry.article].name, row.account): row for row in rows}
        if not jobs:
            return

        def on_result(result: Result) -> None:
            row = jobs[result.job.name, result.job.account.id]
            if result.ending in GOOD:
                keep(self._key(row.entry), row.account, self._now)
            self._tell(_outcome(step, row, result))

        source_of = sources.get if step is Step.PUBLISH else lambda _article: None  # to hide needs no text
        todo = [Job(name, settings.account(account), source_of(row.entry.article)) for (name, account), row in jobs.items()]
        act(settings, todo, self._hearing(on_result))

    def _hearing(self, on_result: Callable[[Result], None]) -> Telling:
        articles = self._telling.articles
        return Telling(on_result, articles.on_step, articles.on_notice)

    # --- to people -------------------------------------------------------------------------------------------------------

    def _broadcast(self, broadcast: BroadcastFile) -> None:
        """Send a broadcast whose article stands on every page that it is sent from; go on with one that was begun."""
        entry, workspace = broadcast.entry, self._month.workspace
        done = self._kept.done()
        if not all(done.of(self._key(entry), account).published_at for account in broadcast.accounts):
            return
        run = workspace.runs.find(RunId(broadcast.code))
        if (run and not run.is_open()) or self._now >= entry.at + LASTS:
            return
        try:
            self._send(broadcast)
        except Interrupted:
            raise
        except ZaloAlertError as exc:
            self._tell_broadcast(broadcast, exc)
        else:
            self._tell_broadcast(broadcast, None)

    def _send(self, broadcast: BroadcastFile) -> None:
        workspace, observer = self._month.workspace, self._telling.observer
        run = workspace.runs.find(RunId(broadcast.code)) or workspace.freeze(
            self._campaign_file(broadcast), lambda draft: None, observer
        )
        for account in broadcast.accounts:
            self._kept.sent_by(self._key(broadcast.entry), account, run.id)
        if verdict := workspace.send(run, observer=observer).verdict:
            raise verdict

    def _campaign_file(self, broadcast: BroadcastFile) -> Path:
        from zalo_alert.errors import CampaignRefused
        from zalo_alert.foundation.files import contents

        path = write_campaign(self._month, broadcast)
        if contents(path, 1 << 20) != broadcast.text:
            raise CampaignRefused(
                _("{path} is not what the calendar says now", path=path),
                hint=_("remove it, and it is written anew; or send it by hand"),
            )
        return path

    def _tell_broadcast(self, broadcast: BroadcastFile, exc: ZaloAlertError | None) -> None:
        for account in broadcast.accounts:
            why, hint = (exc.message, exc.hint) if exc else ("", "")
            self._tell(Outcome(Step.BROADCAST, broadcast.entry, account, exc is None, why, hint, broadcast.code))


def _outcome(step: Step, row: Row, result: Result) -> Outcome:
    why = "" if result.ending in GOOD else result.why or _("left")
    hint = _("look at the OA's page") if result.ending is Ending.UNKNOWN else ""
    return Outcome(step, row.entry, row.account, result.ending in GOOD, why, hint)
