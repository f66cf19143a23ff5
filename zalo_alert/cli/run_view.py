"""How a run looks while it goes: a live panel on a terminal, a line every ten seconds elsewhere, JSON for machines."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from zalo_alert.cli import outlet
from zalo_alert.cli.broadcast_view import show_broadcast
from zalo_alert.cli.display import display, spoken
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import VIETNAM, in_vietnam, instant, words
from zalo_alert.foundation.notices import Notice
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, count, decimal, persons, rate, span
from zalo_alert.ledger import broadcasts
from zalo_alert.models import State
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.workspace import Workspace
from zalo_alert.pacing.slowness import Cause, Slowed
from zalo_alert.reporting.report import Report, broadcast_as_json, broadcast_in_words
from zalo_alert.reporting.status import RunStatus
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Drift

LINE_EVERY_S = 10.0
ON_TIME = timedelta(minutes=1)  # finer than this no plan is

COLOURS = {
    State.ACCEPTED: "green",
    State.REJECTED: "red",
    State.UNKNOWN: "magenta",
    State.EXPIRED: "red",
    State.DEFERRED: "yellow",
}
EXPLAINED = {
    State.PENDING: _("not tried yet"),
    State.CLAIMED: _("on its way"),
    State.ACCEPTED: _("Zalo took the message"),
    State.REJECTED: _("no route reaches them"),
    State.DEFERRED: _("put off, to be tried again"),
    State.UNKNOWN: _("asked, and no clear answer: perhaps reached"),
    State.WITHHELD: _("not to be written to any more"),
    State.EXPIRED: _("too late to send"),
}


class ShellObserver:
    """See `operations.observing.Observer`; a context manager for as long as a run goes, so that the terminal is given back.

    Args:
        name: Of the run to show.
        status: The campaign's: CAP's Actual, Exercise or Test.
    """

    def __init__(self, name: str = "", status: str = "") -> None:
        self._name, self._status = name, status
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
        elif progress.audience and time.monotonic() - self._line_at_s >= LINE_EVERY_S:
            self._line_at_s = time.monotonic()
            self._line(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._note = spoken(text)
        display.fact("note", run=self._name, message=text)
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
        display.say(f"{self._name}: {_describe_done(progress)} {_describe_rate(progress)}{_describe_causes(progress.slowed)}")

    def _panel(self, progress: Progress) -> RenderableType:
        done = progress.audience - progress.open
        table = Table.grid(padding=(0, 2))
        for state, people in progress.totals.items():
            if people:
                table.add_row(
                    Text(state.value, style=COLOURS.get(state, "")), Text(count(people), justify="right"), EXPLAINED[state]
                )
        return Group(
            Text(f"{self._name} · {self._status}", style="bold"),
            Columns([ProgressBar(total=max(1, progress.audience), completed=done, width=60)]),
            Text(f"{_describe_done(progress)} {_describe_rate(progress)}"),
            *(Text(why_slow(cause, datetime.now(VIETNAM)), style="yellow") for cause in progress.slowed),
            table,
            Text(self._note or spoken(_("Ctrl-C stops cleanly; {resume} continues", resume=Cure.RESUME())), style="dim"),
        )


def go_on(workspace: Workspace, run: Run, orders: Orders, *, detached: bool = False) -> None:
    """Send a run, here or in the background; show it, and raise the error that fits how it ended."""
    if detached:
        from zalo_alert.cli.detach import go_on_in_background

        go_on_in_background(workspace, run, orders)
        return
    outlet.endure()
    with ShellObserver(run.id, run.facts.status) as observer:
        result = workspace.send(run, orders, observer)
    if result.verdict or not display.quiet:
        show_totals(run, result.report)
        show_broadcast(result.report.broadcast)
    if result.verdict:
        raise result.verdict


_WHY_SLOW: Mapping[Cause, str] = {
    Cause.UNREACHABLE: _("the server cannot be reached"),
    Cause.MINUTE: _("Zalo says that the minute is full"),
    Cause.LOWERED: _("goes slower for some minutes after Zalo's refusals for rate"),
    Cause.REFUSED: _("the server refuses calls for rate (HTTP 429)"),
    Cause.QUOTA: _("a route has no quota left"),
    Cause.NIGHT: _("Zalo takes no such messages at night"),
    Cause.URGENT: _("a more urgent run goes first"),
    Cause.FILES: _("too few file descriptors for more connections at once: raise `ulimit -n`"),
}


def why_slow(slowed: Slowed, now: datetime) -> str:
    """Say one thing that slows a run, in words."""
    if slowed.cause is Cause.SILENT:
        return _("no answer for {most} s", most=max(0, round((now - slowed.since).total_seconds())))
    until = (
        _(", waits until {until}", until=f"{in_vietnam(slowed.until):%H:%M:%S}") if slowed.until and slowed.until > now else ""
    )
    return f"{_WHY_SLOW[slowed.cause]}{until}"


def _describe_causes(slowed: Sequence[Slowed]) -> str:
    now = datetime.now(VIETNAM)
    return "".join(f" · {why_slow(cause, now)}" for cause in slowed)


def _describe_done(progress: Progress) -> str:
    done = progress.audience - progress.open
    return _(
        "{done} of {audience} settled ({done2} %)",
        done=count(done),
        audience=count(progress.audience),
        done2=decimal(100 * done / max(1, progress.audience), 1),
    )


def _describe_rate(progress: Progress) -> str:
    left = (
        _(", last person at {finished_at}", finished_at=f"{in_vietnam(progress.finished_at):%H:%M:%S}")
        if progress.finished_at and progress.open
        else ""
    )
    return f" {rate(progress.rate_per_s)}{left}" if progress.rate_per_s else ""


def totals_fields(totals: Mapping[State, int]) -> dict[str, int]:
    """Return every state with its people, zeros too."""
    return {state.value: totals.get(state, 0) for state in State}


def show_totals(run: Run, report: Report) -> None:
    """Show where everyone of a run stands: one table, one JSON line."""
    display.fact("report", **report.as_json())
    _show_states(_("run {id} ({status})", id=run.id, status=report.status), report.totals, report.audience)


def _show_states(title: str, totals: Mapping[State, int], audience: int) -> None:
    if not audience:
        display.show(_("{title}: nobody is written to one by one", title=title).removeprefix(": "))
        return
    rows = [(state.value, people, EXPLAINED[state]) for state, people in totals.items() if people]
    display.table(title, ("state", "people", "meaning"), rows, total=("audience", audience, ""))


def show_report(report: Report) -> None:
    """Show a whole report."""
    _show_states(_("run {run} ({status})", run=report.run, status=report.status), report.totals, report.audience)
    if report.first_at and report.half_at and report.last_at:
        display.show(
            _(
                "first accepted {first_at} · half by {half_at} · last {last_at}",
                first_at=words(report.first_at),
                half_at=words(report.half_at),
                last_at=words(report.last_at),
            )
        )
    if report.maybe_twice:
        display.show(
            _(
                "{maybe_twice} may have been reached twice: asked again after no clear answer",
                maybe_twice=persons(report.maybe_twice),
            )
        )
    if report.without_id:
        display.show(
            _(
                "{without_id} accepted without a message id: no receipt can say whether theirs arrived",
                without_id=persons(report.without_id),
            )
        )
    by_label: dict[str, Counter[State]] = {}
    for row in report.places:
        by_label.setdefault(row.place.label, Counter()).update(row.states)
    states = [state for state in State if report.totals[state]]
    by_place = [(label, totals.total(), *(totals[state] for state in states)) for label, totals in by_label.items()]
    if by_place:
        display.table(_("by place"), ("place", "people", *states), by_place)
    if report.causes:
        columns = ("state", "people", "route", "code", "why")
        display.table(
            _("why not accepted"), columns, [(c.state, c.people, c.route, c.code or "", c.meaning) for c in report.causes]
        )
    if report.totals[State.UNKNOWN]:
        display.show(
            _(
                "{totals} held back as unknown, because some of them have it already: {export} lists them, {resume} "
                "sends to them again",
                totals=persons(report.totals[State.UNKNOWN]),
                export=Cure.EXPORT("unknown.csv", state="unknown"),
                resume=Cure.RESUME(report.run, retry_unknown=True),
            )
        )
    _show_broadcasts(report.broadcast)
    if any(broadcast.state is State.UNKNOWN for broadcast in report.broadcast):
        display.show(
            _(
                "see whether the OA's page has it; if not, {resume} broadcasts it again",
                resume=Cure.RESUME(report.run, retry_unknown=True),
            )
        )


def _describe_state(status: RunStatus) -> str:
    match status.state:
        case "sending":
            return _("being sent now")
        case "stopped":
            return _(
                "stopped by hand: {resume} continues, {cancel} ends it for good",
                resume=Cure.RESUME(status.run),
                cancel=Cure.CANCEL(status.run),
            )
        case "open":
            return _("open: {resume} continues", resume=Cure.RESUME(status.run))
        case "cancelled":
            return _("cancelled for good")
    return status.state


def show_cure(run: Run) -> None:
    """Say of a run that stands still why, and what can be done about it."""
    last, cure = run.latest()
    if cure and not run.is_active:
        display.show(escape(spoken(_("last: {detail}", detail=last.detail))))
        display.show(escape(spoken(f"→ {cure}")))


def show_status(status: RunStatus) -> None:
    """Show a run's totals, how far it is from its plan, whether it is being sent, and the last thing that happened to it."""
    totals, whole = status.totals, status.drift
    display.fact(
        "status", run=status.run, state=status.state, audience=status.audience, totals=totals_fields(totals),
        last=status.last.what, detail=status.last.detail, cure=status.cure,
        **_drift_fields(whole), slowed=[cause.as_json() for cause in status.slowed],
        places=[{"place": p.key, "name": p.label, **_drift_fields(d)} for p, d in zip(status.places, status.drifts, strict=True)]
        if whole else [],
        broadcast=[broadcast_as_json(broadcast) for broadcast in status.broadcasts],
    )  # fmt: skip
    last = status.last.detail or status.last.what
    display.show(
        escape(
            spoken(
                _(
                    "{run} ({status}): {describe_state}; last: {last}",
                    run=status.run,
                    status=status.status,
                    describe_state=_describe_state(status),
                    last=last,
                )
            )
        )
    )
    if status.cure and status.state != "sending":
        display.show(escape(spoken(f"→ {status.cure}")))
    for cause in status.slowed:
        display.show(Text(why_slow(cause, datetime.now(VIETNAM)), style="yellow"))
    _show_states("", totals, status.audience)
    if whole:
        _show_drift(status, whole)
    _show_broadcasts(status.broadcasts)
    if totals[State.CLAIMED] and not status.is_active:
        display.show(_("whoever sent it was cut off: those still claimed become unknown when the run is resumed"))


def _show_broadcasts(statuses: Sequence[broadcasts.BroadcastStatus]) -> None:
    if statuses:
        for status in statuses:
            display.show(escape(spoken(broadcast_in_words(status))))


def _drift_fields(drift: Drift | None) -> dict[str, object]:
    if drift is None:
        return {"planned_finishes_at": None, "finishes_at": None, "late_s": None, "done": None}
    expected_at_s, late_s = drift.expected_at_s, drift.late_s
    return {
        "planned_finishes_at": _instant(drift.planned_at_s).isoformat(timespec="seconds"),
        "finishes_at": None if expected_at_s is None else _instant(expected_at_s).isoformat(timespec="seconds"),
        "late_s": None if late_s is None else round(late_s),
        "done": drift.is_done,
    }


def _show_drift(status: RunStatus, whole: Drift) -> None:
    display.show(
        (_("last person: ") if status.is_active or whole.is_done else _("last person, if resumed now: ")) + _describe_drift(whole)
    )
    latest: dict[str, Drift] = {}
    for place, drift in zip(status.places, status.drifts, strict=True):
        latest[place.label] = max(latest.get(place.label, drift), drift)
    rows = [(label, *_drift_cells(drift)) for label, drift in latest.items()]
    display.table(_("last person by place"), ("place", "planned", "expected", "drift"), rows)


def _describe_drift(drift: Drift) -> str:
    planned, expected, late = _drift_cells(drift)
    return _(
        "planned {planned}, {part}{part2}{late}",
        planned=planned,
        part=expected if drift.is_done else _("expected {expected}", expected=expected),
        part2=": " * bool(late),
        late=late,
    )


def _drift_cells(drift: Drift) -> tuple[str, str, str]:
    planned = f"{_instant(drift.planned_at_s):%H:%M}"
    if drift.expected_at_s is None or drift.late_s is None:
        return planned, _("not known: nobody is being reached"), ""
    expected = f"{'done ' * drift.is_done}{_instant(drift.expected_at_s):%H:%M}"
    late = timedelta(seconds=abs(drift.late_s))
    if late < ON_TIME:
        return planned, expected, _("on time")
    return planned, expected, f"{span(late)} {'late' if drift.late_s > 0 else 'early'}"


def _instant(at_s: float) -> datetime:
    return instant(at_s)
