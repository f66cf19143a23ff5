"""The pages of reports that tell of several runs: what their texts say, as tables, with pictures, to read and to print. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, count, joined
from zalo_alert.pictures import Lane, Mark, Shade, map_of_vietnam, rate_curve, time_line
from zalo_alert.reporting import after_action_text, monthly_text, sitrep_text
from zalo_alert.reporting.after_action import AfterAction, Lead
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.monthly import Monthly, Part
from zalo_alert.reporting.page import Block, Facts, Lines, Page, Picture, Reader, Section, Table
from zalo_alert.reporting.reach import STATES_OF_REACH, ProvinceReach, Reach, total_of
from zalo_alert.reporting.report import Cause
from zalo_alert.reporting.sitrep import Sitrep
from zalo_alert.reporting.words import day_time, kind_words, percent
from zalo_alert.runs.lifecycle import WORDS

_MARKS = {"halted": "halt", "failed": "halt", "stopped": "stop", "held": "stop", "paused": "pause", "waiting": "pause"}
MOST_ROWS = 500  # of a table on a page; the CSV file has all


def sitrep_page(report: Sitrep, reader: Reader) -> Page:
    """Make the page of a situation report: its text alone, as it must stay one page."""
    name, *lines = sitrep_text.lines_of(report)
    heading, *parts = _parts(lines)
    hazard, alerts, reached, *others = [(title, rest) for title, *rest in parts]
    before, after = (_facts(some) for some in ([hazard, alerts, (reached[0], list(sitrep_text.totals(report)))], others))
    most = sitrep_text.MOST_PROVINCES
    told = Section(_("Warnings over Zalo"), [before, _province_table(report.total, report.provinces, most), after])
    running, look = _running(name, report.heading.at), _look(drill=report.is_drill)
    return Page(name, *look, joined(heading, " · "), False, running, [told])


def _facts(parts: Sequence[tuple[str, Sequence[str]]]) -> Facts:
    return Facts([(title, joined(lines, "\n")) for title, lines in parts])


def _parts(lines: Sequence[str]) -> list[list[str]]:
    """Part a text at its blank lines."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if line:
            parts[-1].append(line)
        else:
            parts.append([])
    return parts


def after_action_page(report: AfterAction, reader: Reader) -> Page:
    """Make the page of an after-action report."""
    text, at = after_action_text, report.at
    sections = [
        Section(_("Runs"), [_runs(report.records), *_lanes(report, reader)]),
        Section(_("Time line"), [_moments(report)]),
        Section(_("Where time went"), [Lines([text.step_words(step) for step in report.steps])]),
        Section(_("Lead time"), [_leads(report)]),
        Section(_("Reach and gaps"), list(_provinces(report.total, report.provinces))),
        *_map(report.provinces, reader),
        Section(_("Accuracy"), [Lines(list(text.accuracy(report)))]),
        Section(_("Technique"), [*_curves(report.records, reader), Lines(list(text.technique(report)))]),
        Section(_("Findings"), [Lines(list(text.findings()))]),
        Section(_("How this report can be made again"), [Lines(list(text.provenance(report)))]),
    ]
    title = text.title_of(report)
    lead = _("As of {at}", at=day_time(at, at, seconds=True))
    return Page(title, *_look(drill=report.is_drill), lead, False, _running(title, at), tuple(sections))


def monthly_page(report: Monthly, reader: Reader) -> Page:
    """Make the page of a month."""
    title, at = _("Report of the month {month}", month=f"{report.begins_at:%m/%Y}"), report.at
    sections = [
        *_part(_("Real alerts"), report.real, reader),
        *_part(_("Drills and tests"), report.drills, reader),
        Section(_("Official Accounts and followers"), [Lines([monthly_text.oa_words(oa, report) for oa in report.oas])]),
        Section(_("Officers"), [Lines([monthly_text.practice_words(each) for each in report.practice])]),
    ]
    if report.unread:
        sections.append(Section(_("What can't be read"), [Lines(report.unread, kind="red")]))
    lead = _("Warnings over Zalo") if report.is_over else _("The month is not over: as of {at}", at=day_time(at, at))
    return Page(title, *_look(drill=not report.real.records), lead, False, _running(title, at), tuple(sections))


def _part(title: str, part: Part, reader: Reader) -> Iterator[Section]:
    if not part.records:
        yield Section(title, [Lines([_("none")])])
        return
    levels = [
        (level or "–", alerts, reach.targeted, reach.accepted, percent(reach.share))
        for level, (alerts, reach) in part.levels.items()
    ]
    columns = (_("level"), _("alerts"), _("meant for"), _("accepted"), "%")
    yield Section(title, [Table(columns, levels, numeric=frozenset({4})), *_provinces(part.total, part.provinces),
                          _causes(part.causes), _runs(part.records)])  # fmt: skip
    yield from _map(part.provinces, reader)


# --- blocks ----------------------------------------------------------------------------------------------------------------


def _look(*, drill: bool) -> tuple[str, str]:
    return (_("DRILL"), "exercise") if drill else (_("REAL"), "actual")


def _running(title: str, at: datetime) -> tuple[str, str, str]:
    return title, "", _("made at {at}", at=day_time(at, at))


def _runs(records: Sequence[AlertRecord]) -> Table:
    columns = (_("run"), _("kind"), _("where"), _("state"), _("submitted, approved"), _("begun"), _("half"), _("90 %"),
               _("meant for"), _("accepted"))  # fmt: skip
    return Table(columns, [_run(record) for record in records[:MOST_ROWS]], small=True, numeric=frozenset({5, 6, 7}))


def _run(record: AlertRecord) -> Sequence[object]:
    people = joined(filter(None, (record.submitted_by, *record.approved_by, record.release.alone_by, record.release.standing)))
    times = record.times
    return (
        record.run, kind_words(record), record.area, WORDS[record.state], people or None, _short(record.began_at),
        _short(times.half_at), _short(times.ninety_at), record.reach.targeted, record.reach.accepted,
    )  # fmt: skip


def _short(at: datetime | None) -> object:
    """Write an instant for a narrow column."""
    return f"{in_vietnam(at):%H:%M %d/%m}" if at else None


def _moments(report: AfterAction) -> Table:
    columns = (_("when"), _("run"), _("what"), _("who"), _("why"))
    rows = [
        (day_time(moment.at, report.at, seconds=True), moment.run or None, moment.words, moment.who or None, moment.why or None)
        for moment in report.moments[:MOST_ROWS]
    ]
    return Table(columns, rows, numeric=frozenset({0}), small=True)


def _leads(report: AfterAction) -> Block:
    if not report.leads:
        return Lines([_("Nobody has said when the danger begins.")])
    columns = (_("place"), _("run"), _("people"), _("danger"), _("half"), _("lead time"))
    return Table(columns, [_lead(lead) for lead in report.leads[:MOST_ROWS]], numeric=frozenset({3, 4}))


def _lead(lead: Lead) -> Sequence[object]:
    place, words = lead.place, after_action_text.lead_words(lead)
    told = joined((words, _("too short")), " – ") if lead.is_short else words
    onset, half = _short(place.onset), _short(place.times.half_at)
    return place.label, lead.run, place.people, onset, half, told


def _provinces(total: Reach, provinces: Sequence[ProvinceReach]) -> Iterator[Block]:
    yield _province_table(total, provinces, len(provinces))
    yield Lines([_("The population is an estimate; the share of it is the least that it can be."),
                 _("Over several alerts the numbers are messages: one person may get each of them."),
                 *sitrep_text.delivered_lines(total)])  # fmt: skip


def _province_table(total: Reach, provinces: Sequence[ProvinceReach], most: int) -> Table:
    """Make the table of the provinces; those beyond `most` are one row."""
    columns = (_("province"), *_REACH, _("% of those meant"), _("% of the population, at least (estimate)"))
    rows = [_province(row.name or _("place unknown"), row.reach, row.population_share) for row in provinces[:most]]
    if rest := provinces[most:]:
        rows.append(_province(_("{number} others", number=len(rest)), total_of(row.reach for row in rest), None))
    last = len(columns) - 1
    return Table(columns, rows, _province(_("all"), total, None), numeric=frozenset({last - 1, last}), small=True)


def _province(name: str, reach: Reach, population_share: float | None) -> Sequence[object]:
    arrived = (reach.delivered, reach.seen) if reach.with_receipts else (None, None)
    states = (getattr(reach, name) for name in STATES_OF_REACH)
    return name, *states, *arrived, percent(reach.share), percent(population_share)


_REACH = (_("meant for"), _("accepted"), _("rejected"), _("unknown"), _("withheld"), _("expired"), _("not asked yet"),
          _("delivered"), _("seen"))  # fmt: skip


def _causes(causes: Sequence[Cause]) -> Table:
    return Table((_("why not accepted"), _("people")), [(sitrep_text.cause_words(cause), cause.people) for cause in causes])


def _map(provinces: Sequence[ProvinceReach], reader: Reader) -> Iterator[Section]:
    shades = {row.key: Shade(row.reach.share, _shade_words(row)) for row in provinces if row.population and row.reach.targeted}
    if shades:
        caption = _("Share of the people meant who were accepted; grey: nobody of it was meant.")
        yield Section(_("Map"), [_picture(lambda compact: map_of_vietnam(shades, compact=compact, language=reader.language),
                                          caption, "map")])  # fmt: skip


def _shade_words(row: ProvinceReach) -> str:
    return _("{place}: {accepted} of {people} accepted", place=row.name, accepted=count(row.reach.accepted),
             people=count(row.reach.targeted))  # fmt: skip


def _picture(draw: Callable[[bool], str], caption: str = "", kind: str = "") -> Picture:
    return Picture(draw(False), draw(True), caption, kind)


def _lanes(report: AfterAction, reader: Reader) -> Iterator[Block]:
    lanes = [_lane(record, report.at) for record in report.records if record.began_at]
    onsets = sorted({place.onset for record in report.alerts for place in record.places if place.onset})
    marks = [Mark(onset.timestamp(), _("danger"), "onset") for onset in onsets[:1]]
    if lanes:
        yield _picture(lambda compact: time_line(lanes, marks, compact=compact, language=reader.language))


def _lane(record: AlertRecord, now: datetime) -> Lane:
    begins, times = record.began_at or record.facts.frozen_at, record.times
    marks = [Mark(event.at_s, event.words, _MARKS.get(event.what, event.what)) for event in record.interruptions]
    if times.half_at:
        marks.append(Mark(times.half_at.timestamp(), _("half"), "half"))
    ends = times.last_at or record.ended_at or now
    return Lane(record.run, begins.timestamp(), max(begins, ends).timestamp(), tuple(marks))


def _curves(records: Sequence[AlertRecord], reader: Reader) -> Iterator[Block]:
    for record in records:
        minutes: dict[int, int] = {}
        for at_s, people in record.by_second:
            minutes[at_s // 60 * 60] = minutes.get(at_s // 60 * 60, 0) + people
        marks = [Mark(event.at_s, event.words, _MARKS.get(event.what, event.what)) for event in record.interruptions]
        if minutes:
            yield _curve(sorted(minutes.items()), marks, record.run, reader)


def _curve(minutes: Sequence[tuple[int, int]], marks: Sequence[Mark], run: str, reader: Reader) -> Picture:
    caption = _("{run}: people accepted a minute", run=run)
    return _picture(lambda compact: rate_curve(minutes, marks, compact=compact, language=reader.language), caption)
