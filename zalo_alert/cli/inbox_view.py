"""How cases are shown: what waits since when, until when an answer is possible, and what was said, each sign of it harmless."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zalo_alert.cases.case import Case, CaseKind, CaseState, Entry, Who
from zalo_alert.cli.citizen_text import visible
from zalo_alert.cli.display import display
from zalo_alert.cli.time_cell import time_cell
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, _n, count, joined
from zalo_alert.models import State

if TYPE_CHECKING:
    from zalo_alert.operations.inbox import Dossier

KINDS: Mapping[CaseKind, str] = {CaseKind.TALK: _("talk"), CaseKind.DATA_REQUEST: _("data request")}
STATES: Mapping[CaseState, str] = {
    CaseState.OPEN: _("waits"),
    CaseState.ANSWERED: _("answered"),
    CaseState.CLOSED: _("closed"),
}
ON_ITS_WAY: Mapping[State, str] = {
    State.PENDING: _("not sent yet"),
    State.DEFERRED: _("put off, to be tried again"),
    State.CLAIMED: _("on its way"),
    State.ACCEPTED: _("Zalo took it"),
    State.REJECTED: _("Zalo refused it: it reaches nobody"),
    State.UNKNOWN: _("no clear answer: perhaps sent"),
    State.EXPIRED: _("too late: not sent"),
    State.WITHHELD: _("withheld: not sent"),
}
_SPEAKERS: Mapping[Who, str] = {Who.CITIZEN: _("citizen"), Who.TOOL: _("automatic")}


def show_list(cases: Sequence[Case], oas: Mapping[str, str], now: datetime) -> None:
    """Show cases, one a line."""
    now_ms = int(now.timestamp() * 1000)
    for case in cases:
        display.fact("case", **_fields(case, oas, now_ms), person=None)
    if not cases:
        display.done(_("no case waits"))
        return
    columns = (_("case"), _("kind"), "OA", _("state"), _("held by"), _("since"), _("due"), _("free until"))
    display.table("", columns, [_row(case, oas, now) for case in cases], whole=1)
    overdue = sum(case.is_overdue(now_ms) for case in cases)
    if overdue:
        display.say(_n("{count} is overdue", "{count} are overdue", overdue, count=count(overdue)), style="yellow")


def _row(case: Case, oas: Mapping[str, str], now: datetime) -> tuple[Any, ...]:
    oa = oas.get(case.asker.oa, case.asker.oa)
    kind, state = KINDS[case.kind], STATES[case.state]
    due = _next_due(case)
    return (case.no, kind, oa, state, case.officer or "–", _cell(case.opened_ms, now), _cell(due, now), _free_cell(case, now))


def _free_cell(case: Case, now: datetime) -> str:
    """Say until when an answer is free, that it costs money, or nothing where none reaches its person."""
    now_ms = now.timestamp() * 1000
    if case.state is CaseState.CLOSED or now_ms >= case.possible_until_ms:
        return "–"
    return _cell(case.free_until_ms, now) if now_ms < case.free_until_ms else _("costs money")


def _next_due(case: Case) -> int:
    return case.due_ms if case.due_ms and not case.answered_ms else case.done_due_ms


def _cell(at_ms: int, now: datetime) -> str:
    return time_cell(instant(at_ms / 1000), now) if at_ms else "–"


def show_dossier(dossier: "Dossier", oas: Mapping[str, str], now: datetime) -> None:
    """Show a case with all that was said in it."""
    case, now_ms = dossier.case, int(now.timestamp() * 1000)
    display.fact("case", **_fields(case, oas, now_ms), person=dossier.person)
    oa = oas.get(case.asker.oa, case.asker.oa)
    display.tell(joined((case.no, KINDS[case.kind], oa, dossier.person or "–", STATES[case.state]), " · "), style="bold")
    display.tell(joined(_clocks(case, now), " · "))
    if case.is_overdue(now_ms):
        display.say(_("overdue"), style="yellow")
    for entry in dossier.entries:
        _show_entry(entry, case, dossier.states.get(entry.n), now)


def _clocks(case: Case, now: datetime) -> Iterator[str]:
    yield _("held by {officer}", officer=case.officer) if case.officer else _("nobody holds it")
    yield _("version {version}", version=case.version)
    if case.due_ms:
        yield _("to be answered by {time}", time=_cell(case.due_ms, now))
    if case.done_due_ms:
        yield _("to be done by {time}", time=_cell(case.done_due_ms, now))
    now_ms = now.timestamp() * 1000
    if now_ms < case.free_until_ms:
        yield _("an answer is free until {time}", time=_cell(case.free_until_ms, now))
    if now_ms < case.possible_until_ms:
        yield _("possible until {time}", time=_cell(case.possible_until_ms, now))
    else:
        yield _("no answer reaches them any more")


def _show_entry(entry: Entry, case: Case, state: State | None, now: datetime) -> None:
    at = instant(entry.at_ms / 1000)
    display.fact(
        "case-entry", case=case.no, n=entry.n, said_at=at, who=entry.who.value, officer=entry.officer, what=entry.what,
        text=entry.text, state=state.value if state else None,
    )  # fmt: skip
    if display.json:  # what citizens wrote goes into no log of ours
        return
    speaker = visible(entry.officer) if entry.who is Who.OFFICER else display.text(_SPEAKERS[entry.who])
    told = display.text(ON_ITS_WAY[state]) if state else ""
    what = "" if entry.what == "text" else f"[{entry.what}]"
    head = "  ".join(filter(None, (time_cell(at, now), speaker, what, told)))
    lines = entry.text.splitlines() or [""]
    display.data([f"\n{head}\n", *(f"  │ {visible(line)}\n" for line in lines if line or len(lines) > 1)])


def step_fields(case: Case) -> dict[str, object]:
    """Return what scripts are told of a case after an officer's step."""
    return {"case": case.no, "officer": case.officer, "state": case.state.value, "version": case.version}


def _fields(case: Case, oas: Mapping[str, str], now_ms: int) -> dict[str, object]:
    def at(ms: int) -> datetime | None:
        return instant(ms / 1000) if ms else None

    return {
        "case": case.no, "kind": case.kind.value, "account": oas.get(case.asker.oa, case.asker.oa), "state": case.state.value,
        "officer": case.officer, "opened_at": at(case.opened_ms), "heard_at": at(case.heard_ms),
        "answered_at": at(case.answered_ms), "closed_at": at(case.closed_ms), "due_at": at(case.due_ms),
        "done_due_at": at(case.done_due_ms), "free_until": at(case.free_until_ms), "possible_until": at(case.possible_until_ms),
        "overdue": case.is_overdue(now_ms), "version": case.version,
    }  # fmt: skip
