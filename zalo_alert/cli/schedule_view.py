"""How what is done by the clock looks: what was written, the list, and the latest times of one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.cli.time_cell import time_cell
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, joined, moment
from zalo_alert.operations.schedule import Fate, Means, Standing, key_of

if TYPE_CHECKING:
    from zalo_alert.operations.schedule import Prepared
    from zalo_alert.timetable.entry import Entry
    from zalo_alert.timetable.occurrences import Occurrence

_FATES: Mapping[Fate, str] = {
    Fate.BEGUN: _("under way"),
    Fate.DONE: _("done"),
    Fate.FAILED: _("failed"),
    Fate.AGAIN: _("tried again"),
    Fate.MISSED: _("missed"),
    Fate.BUSY: _("left out"),
    Fate.GIVEN_UP: _("given up"),
}
_MEANS: Mapping[Means, str] = {
    Means.SYSTEM: _("systemd, the system's"),
    Means.USER: _("systemd, this account's"),
    Means.CRON: _("cron"),
}
_BAD = frozenset({Fate.FAILED, Fate.MISSED, Fate.BUSY, Fate.GIVEN_UP})


def show_prepared(prepared: "Prepared") -> None:
    """Show the text of everything that would be written, and when it fires next."""
    _tell_entry(prepared.entry, prepared, is_written=False)
    for name, text in prepared.texts.items():
        display.tell(name, style="bold")
        if not display.json:
            display.data([text, "\n"])
    _say_next(prepared)


def tell_installed(entry: "Entry", prepared: "Prepared") -> None:
    """Say what was written, and when it fires next."""
    _tell_entry(entry, prepared, is_written=True)
    for name in prepared.texts:
        place = _("crontab: {name}", name=name) if entry.means is Means.CRON else joined((entry.folder, name), "/")
        display.say(_("written: {file}", file=place))
    display.done(
        _("{name} is done {when}, Vietnam's time", name=entry.name, when=entry.timetable.in_words)
        if prepared.is_new
        else _("{name} is written anew: {when}, Vietnam's time", name=entry.name, when=entry.timetable.in_words)
    )
    _say_next(prepared)
    if prepared.standing:
        display.say(_("the standing approval {name} lets it out", name=prepared.standing))
    display.say(
        _("{list} shows what became of it, {remove} ends it", list=Cure.SCHEDULE(), remove=Cure.SCHEDULE_REMOVE(entry.name))
    )


def _say_next(prepared: "Prepared") -> None:
    if prepared.next_at is None:
        display.say(_("there is no next time"))
        return
    key = key_of(prepared.next_at)
    now = SystemClock().now()
    if prepared.entry.task:
        display.say(_("next: {at}", at=moment(prepared.next_at, now.date())))
    else:
        display.say(_("next: {at}, as the occurrence {key}", at=moment(prepared.next_at, now.date()), key=key))


def _tell_entry(entry: "Entry", prepared: "Prepared", *, is_written: bool) -> None:
    display.fact(
        "schedule-installed", name=entry.name, what="task" if entry.task else "campaign", code=entry.code or None,
        task=entry.task or None, times=entry.at, means=entry.means.value, unit=entry.unit, folder=entry.folder or None,
        next_at=prepared.next_at, standing=prepared.standing or None, written=is_written, texts=dict(prepared.texts),
    )  # fmt: skip


def tell_list(standings: "Sequence[Standing]") -> None:
    """Show everything that is done by the clock."""
    if not standings:
        display.say(
            _("nothing is scheduled; {install} begins", install=Cure.SCHEDULE_INSTALL("campaigns/….yaml", at='"mon 07:30"'))
        )
        return
    now = SystemClock().now()
    rows = []
    for standing in standings:
        entry, last = standing.entry, standing.last
        display.fact(
            "schedule", name=entry.name, what="task" if entry.task else "campaign", code=entry.code or None,
            task=entry.task or None, campaign=entry.campaign or None, times=entry.at, means=entry.means.value, unit=entry.unit,
            next_at=standing.next_at, last=_as_json(last) if last else None, drift=list(standing.drift),
        )  # fmt: skip
        rows.append((entry.name, entry.timetable.in_words, _cell(standing.next_at, now), _last(last, now), _MEANS[entry.means]))
    display.table("", (_("name"), _("when"), _("next"), _("last"), _("by")), rows, whole=1)
    for standing in standings:
        _tell_troubles(standing)


def _tell_troubles(standing: Standing) -> None:
    entry, last = standing.entry, standing.last
    for why in standing.drift:
        display.tell(_("{name}: {why}", name=entry.name, why=why), style="yellow")
    if standing.drift:
        display.say(_("as it was: {install}", install=_again(entry)))
    if last and last.fate in _BAD and last.detail:
        display.tell(_("{name}: {why}", name=entry.name, why=last.detail), style="yellow")


def _again(entry: "Entry") -> str:
    at = f'"{entry.at}"'
    if entry.task:
        return str(Cure.SCHEDULE_INSTALL(task=entry.task, at=at))
    return str(Cure.SCHEDULE_INSTALL(entry.campaign, at=at, name=entry.name))


def tell_history(name: str, history: "Iterable[Occurrence]") -> None:
    """Show the latest times of one."""
    now, rows = SystemClock().now(), []
    for each in history:
        display.fact("occurrence", name=name, **_as_json(each))
        rows.append((key_of(each.planned_at), _FATES[each.fate], _cell(each.ended_at, now), each.code, each.detail))
    if rows:
        display.table("", (_("occurrence"), _("what became of it"), _("ended"), _("code"), _("why")), rows, whole=1)
    else:
        display.say(_("none of its times has come yet"))


def _as_json(occurrence: "Occurrence") -> dict[str, object]:
    return {
        "occurrence": key_of(occurrence.planned_at), "planned_at": occurrence.planned_at, "fate": occurrence.fate.value,
        "begun_at": occurrence.begun_at, "ended_at": occurrence.ended_at, "code": occurrence.code,
        "cause": occurrence.cause or None, "why": occurrence.detail,
    }  # fmt: skip


def _cell(at: datetime | None, now: datetime) -> str:
    return time_cell(at, now) if at else "–"


def _last(last: "Occurrence | None", now: datetime) -> str:
    if last is None:
        return "–"
    fate = _FATES[last.fate]
    said = _("{fate} ({code})", fate=fate, code=last.code) if last.code else fate
    return joined((time_cell(last.planned_at, now), said), " ")
