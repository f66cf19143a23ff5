"""Draws a month of articles, and tells of what was due."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.cli.run_view import ShellObserver
from zalo_alert.errors import PartlyDone
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.article_calendar import Entry, Month, Row, Stands
from zalo_alert.operations.article_due import DueTelling, Outcome, Step
from zalo_alert.operations.articles import Telling

if TYPE_CHECKING:
    from datetime import datetime

MOST_NAMED = 3  # accounts of one entry

STANDS = {
    Stands.PLANNED: _("planned"), Stands.DUE: _("due"), Stands.LATE: _("late"), Stands.DONE: _("done"),
    Stands.HIDDEN: _("hidden again"), Stands.MISSED: _("missed"),
}  # fmt: skip
_STYLES = {Stands.DUE: "bold", Stands.LATE: "yellow", Stands.MISSED: "red", Stands.DONE: "green"}


def show_month(month: Month, rows: Sequence[Row]) -> None:
    """Show a month, an entry a line."""
    for row in rows:
        display.fact(
            "calendar-entry", article=row.entry.article, title=row.entry.title, planned_at=row.entry.at.isoformat(),
            account=row.account, broadcast=row.entry.is_broadcast, hide_at=_iso(row.entry.hide_at), stands=row.stands.value,
            published_at=_iso(row.done.published_at), hidden_at=_iso(row.done.hidden_at), run=row.done.run,
        )  # fmt: skip
    columns = (_("when"), _("article"), _("on the pages of"), _("broadcast"), _("stands"))
    entries = list(dict.fromkeys(row.entry for row in rows))
    display.table("", columns, [_line(entry, [row for row in rows if row.entry is entry]) for entry in entries], whole=1)
    totals = Counter(row.stands for row in rows)
    parts = [_("{stands}: {count}", stands=STANDS[stands], count=count(totals[stands])) for stands in Stands if totals[stands]]
    display.done(_("{month}: {parts}", month=month.calendar.month, parts=joined(parts)))


def _iso(at: "datetime | None") -> str | None:
    return at.isoformat() if at else None


def _line(entry: Entry, rows: Sequence[Row]) -> tuple[str, ...]:
    runs = list(dict.fromkeys(row.done.run for row in rows if row.done.run))
    broadcast = joined(runs) if runs else _("yes") if entry.is_broadcast else ""
    return f"{entry.at:%d/%m %H:%M}", entry.article, _accounts([row.account for row in rows]), broadcast, _standing(rows)


def _accounts(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return joined(names)
    more = len(names) - MOST_NAMED + 1
    return joined([*names[: MOST_NAMED - 1], _n("{count} more", "{count} more", more, count=count(more))])


def _standing(rows: Sequence[Row]) -> str:
    totals = Counter(row.stands for row in rows)
    if len(totals) == 1:
        return STANDS[rows[0].stands]
    return joined(_("{stands}: {count}", stands=STANDS[each], count=count(totals[each])) for each in Stands if totals[each])


class DueView:
    """Tells of each step of a calendar as it ends, and of all at the end.

    Args:
        on_step: Shows how far it is.
    """

    def __init__(self, on_step: StepReporter) -> None:
        articles = Telling(on_step=on_step, on_notice=display.notice)
        self.telling = DueTelling(self._on_outcome, articles, ShellObserver())

    def _on_outcome(self, outcome: Outcome) -> None:
        display.fact(
            "calendar-step", step=outcome.step.value, article=outcome.entry.article, planned_at=outcome.entry.at.isoformat(),
            account=outcome.account, ok=outcome.is_good, why=outcome.why, run=outcome.run,
        )  # fmt: skip
        if outcome.is_good:
            display.say(_DONE[outcome.step](outcome))
            return
        told = _("{article} on {account}: {why}", article=outcome.entry.article, account=outcome.account, why=outcome.why)
        display.say(joined(filter(None, (told, outcome.hint)), "; "), style="yellow")

    def conclude(self, outcomes: Sequence[Outcome]) -> None:
        """Say what came of all of them.

        Raises:
            PartlyDone: Some are not as the calendar wants them.
        """
        bad = [outcome for outcome in outcomes if not outcome.is_good]
        if not outcomes:
            display.done(_("nothing is due"))
        if bad:
            sentence = _n(
                "{count} step of the calendar is not done", "{count} steps of the calendar are not done", len(bad),
                count=count(len(bad)),
            )  # fmt: skip
            raise PartlyDone(sentence, hint=_("each is named above; what can still be done is tried again next time"))


def _published(outcome: Outcome) -> str:
    return _(
        "{article} is published on {account}, planned for {at}",
        article=outcome.entry.article, account=outcome.account, at=words(outcome.entry.at),
    )  # fmt: skip


def _hidden(outcome: Outcome) -> str:
    return _("{article} is hidden again on {account}", article=outcome.entry.article, account=outcome.account)


def _sent(outcome: Outcome) -> str:
    return _(
        "{article} is broadcast by {account}, as {run}", article=outcome.entry.article, account=outcome.account, run=outcome.run
    )


_DONE = {Step.PUBLISH: _published, Step.HIDE: _hidden, Step.BROADCAST: _sent, Step.SKIP: _hidden}
