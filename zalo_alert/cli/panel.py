"""One screen of one run, whoever sends it: the verdict first, then how far it is, what threatens it, and what is wrong.

Pure drawing of a `RunSight`: lines that a terminal of any width breaks between words, and none that it cuts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import instant
from zalo_alert.language import _, _n, count, joined, persons, rate, span
from zalo_alert.models import State
from zalo_alert.reporting.arrived import NONE_PROVES_NOTHING, arrived_in_short, doubts_of
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.release import release_in_words
from zalo_alert.reporting.report import Cause, broadcast_in_words
from zalo_alert.reporting.sight import PlaceSight, RunSight
from zalo_alert.reporting.slow_words import short_moment, why_slow
from zalo_alert.reporting.state_words import EXPLAINED
from zalo_alert.reporting.status import way_on
from zalo_alert.reporting.verdict import ON_TIME_S, Verdict, Word, drift_in_words, verdict_of
from zalo_alert.runs.lifecycle import OVER, RunState

BAR = 60  # columns
MOST_PLACES, MOST_CAUSES, MOST_NAMED = 6, 4, 3  # that have a line of their own; of the others it is said how many they are

COLOURS = {
    State.ACCEPTED: "green",
    State.REJECTED: "yellow",
    State.UNKNOWN: "bold red",
    State.EXPIRED: "red",
    State.DEFERRED: "yellow",
}
_STYLES = {Word.ON_TIME: "bold green", Word.EARLY: "bold green", Word.DONE: "bold green", Word.DONE_LATE: "bold green"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the screen, and its style."""

    phrase: str
    style: str = ""


def draw(sight: RunSight, *, notes: Sequence[str] = (), foot: str = "", most_places: int = MOST_PLACES) -> RenderableType:
    """Draw a run.

    Args:
        sight: The run.
        notes: What happened to it lately, the latest last.
        foot: Which keys do what.
        most_places: How many of the worst have a line of their own.
    """
    parts: list[RenderableType] = [_text(line) for line in head(sight)]
    if sight.status.audience:
        parts += [_draw_bar(sight), *map(_text, body(sight)), _draw_states(sight), *map(_text, troubles(sight))]
        parts += _draw_places(sight, most_places)
    parts += [_text(Line(broadcast_in_words(broadcast))) for broadcast in sight.status.broadcasts]
    parts += [_text(Line(note, "yellow")) for note in notes]
    return Group(*parts, *([_text(Line(foot, "dim"))] if foot else []))


def head(sight: RunSight) -> Iterator[Line]:
    """Say how it goes, and what it is; of one that stands still, how it goes on."""
    verdict, status = verdict_of(sight), sight.status
    yield Line(
        joined((_mark(verdict), verdict.sentence), " "), "bold red" if verdict.is_bad else _STYLES.get(verdict.word, "bold")
    )
    kind = kind_of(status.status, is_rehearsal=status.is_rehearsal)
    yield Line(joined(filter(None, (status.run, kind, sight.headline)), " · "))
    if sentence := release_in_words(status.run, status.release):
        yield Line(sentence, "bold red" if status.release.is_unreviewed else "")
    if status.state is not RunState.SENDING and (cure := way_on(status)):
        yield Line(joined(("→", cure), " "))


def _mark(verdict: Verdict) -> str:
    """Say without a colour what the colour says."""
    if verdict.is_bad:
        return "!"
    return "✓" if verdict.word in _STYLES else "·"


def body(sight: RunSight) -> Iterator[Line]:
    """Say how far it is, how fast, until when; what it waits for; what threatens it."""
    yield Line(joined(_describe_pace(sight), " · "))
    yield from (Line(told) for told in describe_arrived(sight))
    yield Line(joined(_describe_limits(sight), " · "))
    yield from (Line(threat, "bold red") for threat in _describe_threats(sight))
    said = 1 if verdict_of(sight).word is Word.LATE else 0  # the verdict says the first itself
    yield from (Line(why_slow(cause, sight.at), "yellow") for cause in sight.status.slowed[said:])
    if sight.due_at and sight.due_at > sight.at and sight.status.state not in OVER:
        people, at = persons(sight.status.totals[State.DEFERRED]), short_moment(sight.due_at, sight.at, seconds=True)
        yield Line(_("{people} put off, the first until {at}", people=people, at=at), "yellow")


def describe_arrived(sight: RunSight) -> Iterator[str]:
    """Say how many messages were delivered and seen; that nobody keeps that only of a run that nobody sends any more."""
    accepted = sight.status.totals[State.ACCEPTED]
    if accepted and (sight.receipts.is_kept or sight.status.state is not RunState.SENDING):
        told = arrived_in_short(sight.receipts, accepted, sight.at)
        yield joined((told, NONE_PROVES_NOTHING), "; ") if sight.receipts.is_kept else told
    yield from doubts_of(sight.receipts, sight.status.run)


def describe_done(sight: RunSight) -> str:
    """Say how many are done of those planned, with per cent."""
    done, audience = sight.settled, sight.status.audience
    percent = percent_of(done, audience)
    return _("{done} of {audience} settled ({percent} %)", done=count(done), audience=count(audience), percent=percent)


def _describe_pace(sight: RunSight) -> Iterator[str]:
    yield describe_done(sight)
    if sight.status.state is not RunState.SENDING:
        return
    if sight.granted_per_s:
        yield _("{rate} of {granted} granted", rate=rate(sight.rate_per_s), granted=rate(sight.granted_per_s))
    else:
        yield rate(sight.rate_per_s)
    drift = sight.status.drift
    if drift and drift.expected_at_s and not drift.is_done:
        left = timedelta(seconds=max(0.0, drift.expected_at_s - sight.at.timestamp()))
        yield _("{time} left", time=span(left))


def _describe_limits(sight: RunSight) -> Iterator[str]:
    if sight.onset:
        yield _countdown(_("onset"), sight.onset, sight.at)
    yield _countdown(_("expires"), sight.expires, sight.at)


def _countdown(what: str, at: datetime, now: datetime) -> str:
    moment = short_moment(at, now)
    if at <= now:
        return _("{what} {time} ago ({at})", what=what, time=span(now - at), at=moment)
    return _("{what} in {time} ({at})", what=what, time=span(at - now), at=moment)


def _describe_threats(sight: RunSight) -> Iterator[str]:
    if sight.status.state in OVER:
        return
    late = [place for place in sight.places if place.onset and _is_reached_after(place, place.onset)]
    if late:
        yield _("the last person is reached after the onset in {places}", places=_name(late))
    unsent = [place for place in sight.places if _is_reached_after(place, sight.expires)]
    if unsent:
        yield _("not everyone is reached before it expires in {places}", places=_name(unsent))


def _is_reached_after(place: PlaceSight, at: datetime) -> bool:
    drift = place.drift
    return bool(drift and not drift.is_done and drift.expected_at_s and drift.expected_at_s > at.timestamp())


def _name(places: Sequence[PlaceSight]) -> str:
    named, more = joined(place.label for place in places[:MOST_NAMED]), len(places) - MOST_NAMED
    if more <= 0:
        return named
    return _n("{named} and {more} more place", "{named} and {more} more places", more, named=named, more=count(more))


def troubles(sight: RunSight) -> Iterator[Line]:
    """Say why people were refused, and what to do about those of whom nobody knows."""
    status, refused = sight.status, [cause for cause in sight.causes if cause.state is not State.UNKNOWN]
    if refused:
        yield Line(_("why not accepted:"))
        yield from (Line(_describe_cause(cause)) for cause in refused[:MOST_CAUSES])
        if more := sum(cause.people for cause in refused[MOST_CAUSES:]):
            yield Line(_("  {people} for other reasons: {report}", people=persons(more), report=Cure.REPORT(status.run)))
    if unknown := status.totals[State.UNKNOWN]:
        export = Cure.EXPORT("unknown.csv", state="unknown", run=status.run)
        again = Cure.RESUME(status.run, retry_unknown=True)
        yield Line(_("{people} unknown: perhaps reached, and not asked again by itself", people=persons(unknown)), "bold red")
        yield Line(_("  {export} lists them, {resume} sends to them again", export=export, resume=again), "red")
    if status.totals[State.CLAIMED] and not status.is_active:
        yield Line(_("whoever sent it was cut off: those still claimed become unknown when the run is resumed"), "bold red")


def _describe_cause(cause: Cause) -> str:
    words = {"people": count(cause.people), "route": cause.route, "meaning": cause.meaning, "code": cause.code}
    if cause.code:
        return _("  {people} × {route} {code}: {meaning}", **words)
    return _("  {people} × {route}: {meaning}", **words)


def _text(line: Line) -> Text:
    return display.drawn(line.phrase, style=line.style)


def _draw_bar(sight: RunSight) -> RenderableType:
    width = min(BAR, display.err.width)
    bar = ProgressBar(
        total=max(1, sight.status.audience), completed=sight.settled, width=width, complete_style="green", finished_style="green"
    )
    return Columns([bar])  # which ends the line that a bar leaves open


def _draw_states(sight: RunSight) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for state, people in sight.status.totals.items():
        if people:
            number = Text(display.text(count(people)), justify="right", no_wrap=True)
            meaning = display.drawn(EXPLAINED[state])
            table.add_row(Text(state.value, style=COLOURS.get(state, ""), no_wrap=True), number, meaning)
    return table


def worst_places(sight: RunSight) -> list[PlaceSight]:
    """Return the places that are late or threatened, the worst first."""
    expires = sight.expires
    bad = [
        place
        for place in sight.places
        if place.drift and (_late_s(place) >= ON_TIME_S or _is_reached_after(place, place.onset or expires))
    ]
    return sorted(bad, key=lambda place: (place.drift is not None and place.drift.is_done, -_late_s(place)))


def _late_s(place: PlaceSight) -> float:
    if place.drift is None:
        return 0.0
    return float("inf") if place.drift.late_s is None else place.drift.late_s


def _draw_places(sight: RunSight, most: int) -> list[RenderableType]:
    worst = worst_places(sight)
    shown, hidden = worst[:most], worst[most:]
    parts: list[RenderableType] = [_draw_worst(sight, shown)] if shown else []
    rest = []
    if hidden:
        rest.append(_n("{count} more place late", "{count} more places late", len(hidden), count=count(len(hidden))))
    if good := len([place for place in sight.places if place.drift]) - len(worst):
        rest.append(_n("{count} place on time", "{count} places on time", good, count=count(good)))
    return [*parts, *([_text(Line(joined(rest)))] if rest else [])]


def _draw_worst(sight: RunSight, places: Sequence[PlaceSight]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for place in places:
        said = [place.label, _describe_share(place), *_describe_delivered(place), _describe_place(place, sight)]
        table.add_row(*map(display.drawn, said))
    return table


def _describe_share(place: PlaceSight) -> str:
    done = place.people - sum(place.totals.get(state, 0) for state in (State.PENDING, State.CLAIMED, State.DEFERRED))
    return _("{percent} % of {people}", percent=percent_of(done, place.people), people=count(place.people))


def _describe_delivered(place: PlaceSight) -> Iterator[str]:
    accepted = place.totals.get(State.ACCEPTED, 0)
    if place.arrived is not None:
        yield _("delivered {percent} %", percent=percent_of(place.arrived.delivered, accepted)) if accepted else ""


def _describe_place(place: PlaceSight, sight: RunSight) -> str:
    drift = place.drift
    if drift is None or drift.expected_at_s is None:
        return _("nobody is being reached")
    at = short_moment(instant(drift.expected_at_s), sight.at)
    said = _("done {at}", at=at) if drift.is_done else at
    return joined(filter(None, (said, drift_in_words(drift))), ", ")
