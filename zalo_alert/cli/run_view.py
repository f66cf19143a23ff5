"""How a run looks while it goes: a live panel on a terminal, a line every ten seconds elsewhere, JSON for machines."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from zalo_alert.cli import outlet
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.broadcast_view import show_broadcast
from zalo_alert.cli.display import display
from zalo_alert.cli.report_view import show_totals
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure, Interrupted
from zalo_alert.foundation.clock import VIETNAM, in_vietnam
from zalo_alert.foundation.notices import Notice
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, count, decimal, joined, rate
from zalo_alert.models import State
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.workspace import Workspace
from zalo_alert.reporting.slow_words import short_moment, why_slow
from zalo_alert.reporting.state_words import EXPLAINED
from zalo_alert.runs.run import Run

LINE_EVERY_S = 10.0
BAR = 60  # columns

COLOURS = {
    State.ACCEPTED: "green",
    State.REJECTED: "red",
    State.UNKNOWN: "magenta",
    State.EXPIRED: "red",
    State.DEFERRED: "yellow",
}


class ShellObserver:
    """See `operations.observing.Observer`; a context manager for as long as a run goes, so that the terminal is given back.

    Args:
        name: Of the run to show.
        status: The campaign's: CAP's Actual, Exercise or Test.
        is_rehearsal: Whether nobody is reached although the workspace is live.
    """

    def __init__(self, name: str = "", status: str = "", *, is_rehearsal: bool = False) -> None:
        self._name, self._kind = name, kind_of(status, is_rehearsal=is_rehearsal)
        self._live: Live | None = None
        self._line_at_s = 0.0
        self._note = ""
        self._report_step: StepReporter = lambda step, done, whole: None

    def __enter__(self) -> "ShellObserver":
        if display.live:
            self._live = Live(console=display.err, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    @contextmanager
    def showing_steps(self) -> Iterator["ShellObserver"]:
        """Show how far each of some long steps is, for as long as the block lasts."""
        with display.steps() as self._report_step:
            yield self

    def on_notice(self, notice: Notice) -> None:
        """See `Observer`."""
        display.notice(notice)

    def on_step(self, step: str, done: int, whole: int | None) -> None:
        """See `Observer`."""
        self._report_step(step, done, whole)

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        if self._live:
            self._live.update(self._panel(progress))
        if progress.audience and time.monotonic() - self._line_at_s >= LINE_EVERY_S:
            self._line_at_s = time.monotonic()
            self._line(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._note = text
        display.fact("note", run=self._name, message=text)
        if not display.err.is_terminal and self._name:
            text = joined((f"{datetime.now(VIETNAM):%H:%M:%S %d/%m}", joined((self._name, text), ": ")), " ")
        display.say(text, style="yellow")

    def _line(self, progress: Progress) -> None:
        finishes_at = in_vietnam(progress.finished_at).isoformat(timespec="seconds") if progress.finished_at else None
        display.fact(
            "progress",
            run=self._name,
            audience=progress.audience,
            rate_per_s=round(progress.rate_per_s, 1),
            finishes_at=finishes_at,
            slowed=[cause.as_json() for cause in progress.slowed],
            totals=totals_fields(progress.totals),
        )
        now = datetime.now(VIETNAM)
        causes = (why_slow(cause, now) for cause in progress.slowed)
        told = joined((joined((self._name, _describe_pace(progress, now)), ": "), *causes), " · ")
        if self._live:  # the panel shows it
            display.keep("progress", told)
        else:
            display.say(joined((f"{now:%H:%M:%S %d/%m}", told), " "))

    def _panel(self, progress: Progress) -> RenderableType:
        now, done = datetime.now(VIETNAM), progress.audience - progress.open
        bar = ProgressBar(
            total=max(1, progress.audience), completed=done, width=min(BAR, display.err.width), complete_style="green"
        )
        return Group(
            _line(joined((self._name, self._kind), " · "), "bold"),
            Columns([bar]),  # which ends the line that a bar leaves open
            _line(_describe_pace(progress, now)),
            *(_line(why_slow(cause, now), "yellow") for cause in progress.slowed),
            _draw_states(progress.totals),
            *([_line(self._note, "yellow")] if self._note else []),
            _line(_("Ctrl-C stops cleanly; {resume} continues", resume=Cure.RESUME()), "dim"),
        )


class OpeningObserver(ShellObserver):
    """Keeps back that a run is continued: that is so only once the run is held."""

    continued: Notice | None = None

    def on_notice(self, notice: Notice) -> None:
        """See `Observer`."""
        if notice.kind == "continue":
            self.continued = notice
        else:
            super().on_notice(notice)


def _line(phrase: str, style: str = "") -> Text:
    """Make a line of a panel: broken between words where it is too long, never cut."""
    return display.drawn(phrase, style=style)


def _draw_states(totals: Mapping[State, int]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for state, people in totals.items():
        if people:
            number = Text(display.text(count(people)), justify="right", no_wrap=True)
            table.add_row(Text(state.value, style=COLOURS.get(state, ""), no_wrap=True), number, _line(EXPLAINED[state]))
    return table


def go_on(workspace: Workspace, run: Run, orders: Orders, *, detached: bool = False, opening: Notice | None = None) -> None:
    """Send a run, here or in the background; show it, and raise the error that fits how it ended."""
    from zalo_alert.operations.run_search import archived_at

    if detached and archived_at(run) is None:
        from zalo_alert.cli.detach import go_on_in_background

        go_on_in_background(workspace, run, orders, opening)
        return
    from zalo_alert.cli.sending_view import SendingObserver, go_on_elsewhere

    outlet.endure()
    with SendingObserver(workspace, run) as observer:
        result = workspace.send(run, orders, observer, opening)
    if observer.hands_over and isinstance(result.verdict, Interrupted):
        go_on_elsewhere(workspace, run, orders)
        return
    if result.verdict or not display.quiet:
        show_totals(run, result)
        show_broadcast(result.report.broadcast)
    if result.verdict:
        raise result.verdict
    display.conclude(result.ending)
    report, export = Cure.REPORT(run.id), Cure.EXPORT("states.csv", run=run.id)
    display.say(_("{report} says how each place stands, {export} writes down every person", report=report, export=export))


def _describe_done(progress: Progress) -> str:
    done = progress.audience - progress.open
    percent = decimal(100 * done / max(1, progress.audience), 1)
    return _("{done} of {audience} settled ({percent} %)", done=count(done), audience=count(progress.audience), percent=percent)


def _describe_pace(progress: Progress, now: datetime) -> str:
    done = _describe_done(progress)
    if not progress.rate_per_s:
        return done
    return joined((done, _describe_rate(progress, now)), "  ")


def _describe_rate(progress: Progress, now: datetime) -> str:
    per_s = rate(progress.rate_per_s)
    if not progress.finished_at or not progress.open:
        return per_s
    at = short_moment(progress.finished_at, now, seconds=True)
    return _("{rate}, last person at {finished_at}", rate=per_s, finished_at=at)


def totals_fields(totals: Mapping[State, int]) -> dict[str, int]:
    """Return every state with its people, zeros too."""
    return {state.value: totals.get(state, 0) for state in State}


def show_states(title: str, totals: Mapping[State, int], audience: int) -> None:
    """Show how many people are in each state."""
    if not audience:
        display.tell(joined(filter(None, (title, _("nobody is written to one by one"))), ": "))
        return
    rows = [(state.value, people, EXPLAINED[state]) for state, people in totals.items() if people]
    display.table(title, (_("state"), _("people"), _("meaning")), rows, total=(_("audience"), audience, ""))
