"""How a run looks while it goes: a live panel on a terminal, a line every ten seconds elsewhere, JSON for machines."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from zalo_alert.cli.display import display
from zalo_alert.delivery.progress import Progress
from zalo_alert.foundation.clock import VIETNAM, in_vietnam, instant, words
from zalo_alert.foundation.formatting import count, persons, rate, span
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.base import Ledger
from zalo_alert.models import State
from zalo_alert.pacing.slowness import Cause, Slowed, read_slowed
from zalo_alert.reporting import report
from zalo_alert.reporting.report import Report
from zalo_alert.runs import schedule
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Drift, RunPosition, SettledAt

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
    State.PENDING: "not tried yet",
    State.CLAIMED: "on its way",
    State.ACCEPTED: "Zalo took the message",
    State.REJECTED: "no route reaches them",
    State.DEFERRED: "put off, to be tried again",
    State.UNKNOWN: "asked, and no clear answer: perhaps reached",
    State.WITHHELD: "not to be written to any more",
    State.EXPIRED: "too late to send",
}


class RunObserver:
    """See `progress.Observer`; a context manager, so that the terminal is given back.

    Args:
        run: Whose name to show.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._live = Live(console=display.err, refresh_per_second=4, transient=True) if display.live else None
        self._said_s = 0.0
        self._note = ""

    def __enter__(self) -> "RunObserver":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        if self._live:
            self._live.update(self._panel(progress))
        elif progress.audience and time.monotonic() - self._said_s >= LINE_EVERY_S:
            self._said_s = time.monotonic()
            self._line(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self._note = text
        display.fact("note", run=self._run.id, text=text)
        display.say(text, style="yellow")

    def _line(self, progress: Progress) -> None:
        totals = {state.value: people for state, people in progress.totals.items() if people}
        finished_at = progress.finished_at.isoformat() if progress.finished_at else None
        display.fact(
            "progress",
            run=self._run.id,
            audience=progress.audience,
            rate_per_s=round(progress.rate_per_s, 1),
            finished_at=finished_at,
            slowed=[one.as_json() for one in progress.slowed],
            **totals,
        )
        display.say(f"{self._run.id}: {_done(progress)} {_rate(progress)}{_slowly(progress.slowed)}")

    def _panel(self, progress: Progress) -> RenderableType:
        done = progress.audience - progress.open
        table = Table.grid(padding=(0, 2))
        for state, people in progress.totals.items():
            if people:
                table.add_row(
                    Text(state.value, style=COLOURS.get(state, "")), Text(count(people), justify="right"), EXPLAINED[state]
                )
        return Group(
            Text(f"{self._run.id} · {self._run.facts.status}", style="bold"),
            Columns([ProgressBar(total=max(1, progress.audience), completed=done, width=60)]),
            Text(f"{_done(progress)} {_rate(progress)}"),
            *(Text(why_slow(one, datetime.now(VIETNAM)), style="yellow") for one in progress.slowed),
            table,
            Text(self._note or "Ctrl-C stops cleanly; `zalo-alert resume` continues", style="dim"),
        )


_WHY_SLOW: Mapping[Cause, str] = {
    Cause.UNREACHABLE: "the server cannot be reached",
    Cause.MINUTE: "Zalo says that the minute is full",
    Cause.LOWERED: "goes slower for some minutes after Zalo's refusals for rate",
    Cause.REFUSED: "the server refuses calls for rate (HTTP 429)",
    Cause.QUOTA: "a route has no quota left",
    Cause.NIGHT: "Zalo takes no such messages at night",
    Cause.URGENT: "a more urgent run goes first",
    Cause.FILES: "too few file descriptors for more connections at once: raise `ulimit -n`",
}


def why_slow(slowed: Slowed, now: datetime) -> str:
    """Say one thing that slows a run, in words."""
    if slowed.cause is Cause.SILENT:
        return f"no answer for {max(0, round((now - slowed.since).total_seconds()))} s"
    until = f", waits until {in_vietnam(slowed.until):%H:%M:%S}" if slowed.until and slowed.until > now else ""
    return f"{_WHY_SLOW[slowed.cause]}{until}"


def _slowly(slowed: Sequence[Slowed]) -> str:
    now = datetime.now(VIETNAM)
    return "".join(f" · {why_slow(one, now)}" for one in slowed)


def _done(progress: Progress) -> str:
    done = progress.audience - progress.open
    return f"{count(done)} of {count(progress.audience)} settled ({100 * done / max(1, progress.audience):.1f} %)"


def _rate(progress: Progress) -> str:
    left = f", last person at {in_vietnam(progress.finished_at):%H:%M:%S}" if progress.finished_at and progress.open else ""
    return f" {rate(progress.rate_per_s)}{left}" if progress.rate_per_s else ""


def show_totals(run: Run, made: Report) -> None:
    """Show where everyone of a run stands: one table, one JSON line."""
    display.fact("report", **made.as_json())
    _show_states(f"run {run.id} ({made.status})", made.totals, made.audience)


def _show_states(title: str, totals: Mapping[State, int], audience: int) -> None:
    if not audience:
        display.show(f"{title}: nobody is written to one by one".removeprefix(": "))
        return
    rows = [(state.value, people, EXPLAINED[state]) for state, people in totals.items() if people]
    display.table(title, ("state", "people", "meaning"), rows, total=("audience", audience, ""))


def show_report(made: Report) -> None:
    """Show a whole report."""
    _show_states(f"run {made.run} ({made.status})", made.totals, made.audience)
    if made.first_at and made.half_at and made.last_at:
        display.show(f"first accepted {words(made.first_at)} · half by {words(made.half_at)} · last {words(made.last_at)}")
    if made.maybe_twice:
        display.show(f"{persons(made.maybe_twice)} may have been reached twice: asked again after no clear answer")
    if made.without_id:
        display.show(f"{persons(made.without_id)} accepted without a message id: no receipt can say whether theirs arrived")
    by_label: dict[str, Counter[State]] = {}
    for found in made.places:
        by_label.setdefault(found.place.label, Counter()).update(found.states)
    states = [state for state in State if made.totals[state]]
    by_place = [(label, totals.total(), *(totals[state] for state in states)) for label, totals in by_label.items()]
    if by_place:
        display.table("by place", ("place", "people", *states), by_place)
    if made.causes:
        columns = ("state", "people", "route", "code", "why")
        display.table("why not accepted", columns, [(c.state, c.people, c.route, c.code or "", c.meaning) for c in made.causes])
    if made.totals[State.UNKNOWN]:
        display.show(
            f"{persons(made.totals[State.UNKNOWN])} held back as unknown, because some of them have it already: "
            f"`zalo-alert export unknown.csv --state unknown` lists them, "
            f"`zalo-alert resume {made.run} --retry-unknown` sends to them again"
        )
    _show_broadcasts(made.broadcast)
    if any(one.state is State.UNKNOWN for one in made.broadcast):
        display.show(
            f"see whether the OA's page has it; if not, `zalo-alert resume {made.run} --retry-unknown` broadcasts it again"
        )


_SAID = {
    "sending": "being sent now",
    "stopped": "stopped by hand: `zalo-alert resume {run}` continues, `zalo-alert cancel {run}` ends it for good",
    "open": "open: `zalo-alert resume {run}` continues",
    "cancelled": "cancelled for good",
    "finished": "finished",
}


def show_cure(run: Run) -> None:
    """Say of a run that stands still why, and what can be done about it."""
    last, cure = run.latest()
    if cure and not run.is_active:
        display.show(escape(f"last: {last.detail}"))
        display.show(escape(f"→ {cure}"))


def made_report(run: Run) -> Report:
    """Count a run."""
    from zalo_alert.delivery import session

    ledger = run.ledger()
    try:
        return report.make(run, session.frozen_campaign(run), ledger)
    finally:
        ledger.close()


def show_status(run: Run, ledger: Ledger, *, active: bool) -> None:
    """Show a run's totals, how far it is from its plan, whether it is being sent, and the last thing that happened to it."""
    totals = ledger.totals()
    standings = report.standings(run)
    people = totals[State.PENDING] + totals[State.CLAIMED] + totals[State.DEFERRED]
    now = run.standing()
    asked = run.facts.audience - totals[State.PENDING]
    whole, by_place = _drift(run, ledger.settled_at_s, asked, people, active=active) if run.facts.audience else (None, [])
    last, cure = run.latest()
    slowed = read_slowed(run.folder) if now == "sending" else ()
    display.fact(
        "status", run=run.id, state=now, audience=run.facts.audience, last=last.what, detail=last.detail, cure=cure,
        totals={state.value: people for state, people in totals.items()}, **(_drift_fields(whole) if whole else {}),
        slowed=[why.as_json() for why in slowed],
        places=[{"key": p.key, "label": p.label, **_drift_fields(d)} for p, d in zip(run.places(), by_place, strict=True)],
        broadcast=[report.standing_as_json(one) for one in standings],
    )  # fmt: skip
    display.show(escape(f"{run.id} ({run.facts.status}): {_SAID[now].format(run=run.id)}; last: {last.detail or last.what}"))
    if cure and now != "sending":
        display.show(escape(f"→ {cure}"))
    for why in slowed:
        display.show(Text(why_slow(why, datetime.now(VIETNAM)), style="yellow"))
    _show_states("", totals, run.facts.audience)
    if whole:
        _show_drift(run, whole, by_place, active=active)
    _show_broadcasts(standings)
    if totals[State.CLAIMED] and not active:
        display.show("whoever sent it was cut off: those still claimed become unknown when the run is resumed")


def _show_broadcasts(standings: Sequence[broadcasts.Standing]) -> None:
    if standings:
        from zalo_alert.delivery import broadcaster

        for one in standings:
            display.show(escape(broadcaster.said(one)))


def _drift(run: Run, settled_at: SettledAt, asked: int, open_: int, *, active: bool) -> tuple[Drift, list[Drift]]:
    """Compare a run with its plan: at the rate of the last minute, or at the planned one when nobody sends."""
    now_s, places = time.time(), run.schedule()
    if active:
        started_s = max((event.at_s for event in run.history() if event.what == "started"), default=now_s)
        rate_per_s = schedule.measure_rate(asked, settled_at, now_s, started_s)
    else:
        rate_per_s = schedule.measure_planned_rate(places)
    return schedule.measure_drift(places, RunPosition(asked, open_, now_s, rate_per_s, settled_at))


def _drift_fields(found: Drift) -> dict[str, object]:
    expected_at_s, late_s = found.expected_at_s, found.late_s
    return {
        "planned_finish_at": _instant(found.planned_at_s).isoformat(timespec="seconds"),
        "expected_finish_at": None if expected_at_s is None else _instant(expected_at_s).isoformat(timespec="seconds"),
        "late_s": None if late_s is None else round(late_s),
        "done": found.is_done,
    }


def _show_drift(run: Run, whole: Drift, by_place: Sequence[Drift], *, active: bool) -> None:
    display.show(("last person: " if active or whole.is_done else "last person, if resumed now: ") + _drift_words(whole))
    latest: dict[str, Drift] = {}
    for place, found in zip(run.places(), by_place, strict=True):
        latest[place.label] = max(latest.get(place.label, found), found)
    rows = [(label, *_drift_cells(found)) for label, found in latest.items()]
    display.table("last person by place", ("place", "planned", "expected", "drift"), rows)


def _drift_words(found: Drift) -> str:
    planned, expected, late = _drift_cells(found)
    return f"planned {planned}, {expected if found.is_done else f'expected {expected}'}{': ' * bool(late)}{late}"


def _drift_cells(found: Drift) -> tuple[str, str, str]:
    planned = f"{_instant(found.planned_at_s):%H:%M}"
    if found.expected_at_s is None or found.late_s is None:
        return planned, "not known: nobody is being reached", ""
    expected = f"{'done ' * found.is_done}{_instant(found.expected_at_s):%H:%M}"
    late = timedelta(seconds=abs(found.late_s))
    if late < ON_TIME:
        return planned, expected, "on time"
    return planned, expected, f"{span(late)} {'late' if found.late_s > 0 else 'early'}"


def _instant(at_s: float) -> datetime:
    return instant(at_s)
