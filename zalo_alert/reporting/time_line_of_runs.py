"""One time line over several runs: who decided what, whom they had reached when, when the danger began. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from zalo_alert.audit.events import words_of
from zalo_alert.audit.line import Line
from zalo_alert.language import _, persons
from zalo_alert.reporting.after_action import Moment
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.decisions import Decision
from zalo_alert.runs.lifecycle import RunState


def moments_of(
    records: Sequence[AlertRecord], decisions: Mapping[str, Sequence[Decision]], notes: Iterable[Line], until: datetime
) -> tuple[Moment, ...]:
    """Return everything in order of time; of what was done nothing later than `until`.

    Args:
        records: The runs.
        decisions: By run.
        notes: Lines of the log that are about no run: above all decisions not to send.
        until: As of when.
    """
    found = [moment for record in records for moment in _of_run(record, decisions.get(record.run, ()))]
    found += [Moment(line.at, line.run, line.event, words_of(line.event), line.who or line.user, line.why_said) for line in notes]
    done = [moment for moment in found if moment.at <= until]
    return tuple(sorted([*done, *_dangers(records)], key=_order))


def _order(moment: Moment) -> tuple[object, ...]:
    """When people were reached is known to the second: within one, sending begins before that, and ends after it."""
    rank = 1 if moment.what in _REACHED else 2 if moment.what in _ENDS else 0
    return moment.at.replace(microsecond=0), rank, moment.at, moment.run, moment.what


_REACHED = {"first", "half", "ninety", "last"}
_ENDS = {f"{run}{state}" for run in ("", "run-") for state in (RunState.FINISHED, RunState.EXPIRED, RunState.CORRECTED)}


def _of_run(record: AlertRecord, decisions: Sequence[Decision]) -> Iterator[Moment]:
    for row in decisions:
        yield Moment(row.at, record.run, row.event, row.words, row.who or row.user, row.why)
    if not any(row.event == "frozen" for row in decisions):
        yield Moment(record.facts.frozen_at, record.run, "frozen", _("frozen"))
    times, accepted = record.times, persons(record.reach.accepted)
    stations = (
        (times.first_at, "first", _("the first person has it")),
        (times.half_at, "half", _("half of {people} have it", people=accepted)),
        (times.ninety_at, "ninety", _("90 % of {people} have it", people=accepted)),
        (times.last_at, "last", _("the last person has it")),
    )
    for at, what, words in stations:
        if at:
            yield Moment(at, record.run, what, words)


def _dangers(records: Sequence[AlertRecord]) -> Iterator[Moment]:
    """Yield when the danger begins, once for each beginning of an alert, with the places that it is of."""
    for record in records:
        beginnings: dict[datetime, list[str]] = {}
        for place in record.places:
            if place.onset and record.began_at and not record.facts.parent:
                beginnings.setdefault(place.onset, []).append(place.label)
        for at, labels in beginnings.items():
            many = _("{number} places", number=len(labels))
            where = many if len(labels) > _MOST_NAMED else ", ".join(labels)
            yield Moment(at, record.run, "onset", _("the danger begins: {places}", places=where))


_MOST_NAMED = 3
