"""An after-action report as text: the time line to the second, and what it cost, part by part. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from zalo_alert.language import _, _n, count, decimal, joined, persons, span
from zalo_alert.reporting.after_action import FEW, MANY_MESSAGES, AfterAction, Correction, Lead, Moment, Step
from zalo_alert.reporting.sitrep_text import cause_words, delivered_lines
from zalo_alert.reporting.words import day_time, kind_words, percent, province_words
from zalo_alert.runs.lifecycle import WORDS

STATIONS = {
    "draft": _("draft"), "submitted": _("submitted"), "approved": _("approved"), "first": _("first person"),
    "half": _("half"), "ninety": _("90 %"),
}  # fmt: skip
MOST_PLACES = 20  # of the shortest lead; the table has all
MOST_GAPS = 12  # named
BLANKS = 3  # findings to be filled in by hand
BLANK = "…" * 24


def lines_of(report: AfterAction) -> Iterator[str]:
    """Yield the lines, each a sentence in the reader's language; "" is a blank one."""
    yield title_of(report)
    yield _("As of {at}", at=day_time(report.at, report.at, seconds=True))
    yield from ("", _("1. RUNS"), *_runs(report))
    yield from ("", _("2. TIME LINE"), *(_moment(moment, report) for moment in report.moments))
    yield from ("", _("3. WHERE TIME WENT"), *(step_words(step) for step in report.steps))
    yield from ("", _("4. LEAD TIME"), *_leads(report))
    yield from ("", _("5. REACH AND GAPS"), *_reach(report))
    yield from ("", _("6. ACCURACY"), *accuracy(report))
    yield from ("", _("7. TECHNIQUE"), *technique(report))
    yield from ("", _("8. FINDINGS"), *findings())
    yield from ("", _("9. HOW THIS REPORT CAN BE MADE AGAIN"), *provenance(report))


def title_of(report: AfterAction) -> str:
    """Name the report."""
    runs = joined(record.run for record in report.alerts) or joined(record.run for record in report.records)
    title = _("AFTER-ACTION REPORT: {runs}", runs=runs)
    return _("[DRILL] {name}", name=title) if report.is_drill else title


def _runs(report: AfterAction) -> Iterator[str]:
    for record in report.records:
        yield _("- {run} ({kind}), {area}: {state}", run=record.run, kind=kind_words(record), area=record.area,
                state=WORDS[record.state])  # fmt: skip


def _moment(moment: Moment, report: AfterAction) -> str:
    who = _("({name})", name=moment.who) if moment.who else ""
    what = joined(filter(None, (moment.words, who)), " ")
    told = _("{what}: {why}", what=what, why=moment.why) if moment.why else what
    return joined(filter(None, (day_time(moment.at, report.at, seconds=True), moment.run, told)), "  ")


def step_words(step: Step) -> str:
    """Say how long a step took."""
    took = span(timedelta(seconds=step.took_s))
    line = _("{run}: from {begins} to {ends}: {time}", run=step.run, begins=STATIONS[step.begins], ends=STATIONS[step.ends],
             time=took)  # fmt: skip
    return _("- {line}  ← the longest", line=line) if step.is_worst else _("- {line}", line=line)


def lead_words(lead: Lead) -> str:
    """Say how long before the danger half of a place's people had it."""
    seconds = lead.place.lead_s
    if seconds is None:
        return _("half of its people never had it")
    time = span(timedelta(seconds=abs(seconds)))
    return _("{time} after the danger began", time=time) if seconds < 0 else _("{time} before the danger", time=time)


def _leads(report: AfterAction) -> Iterator[str]:
    if not report.leads:
        yield _("- nobody has said when the danger begins")
        return
    short = [lead for lead in report.leads if lead.is_short]
    yield _(
        "Less than an hour, or too late: {short} of {places} places", short=count(len(short)), places=count(len(report.leads))
    )
    yield from (_lead_line(lead, report) for lead in report.leads[:MOST_PLACES])
    if (more := len(report.leads) - MOST_PLACES) > 0:
        yield _("- {number} more places with more time", number=count(more))


def _lead_line(lead: Lead, report: AfterAction) -> str:
    half_at, place = lead.place.times.half_at, lead.place.label
    words = lead_words(lead)
    half = _("half at {half}, {lead}", half=day_time(half_at, report.at), lead=words) if half_at else words
    line = _("{place} ({run}): {half}", place=place, run=lead.run, half=half)
    return _("- {line}  ← too short", line=line) if lead.is_short else _("- {line}", line=line)


def _reach(report: AfterAction) -> Iterator[str]:
    total = report.total
    yield _("Accepted {accepted} of {targeted} ({share})", accepted=count(total.accepted), targeted=count(total.targeted),
            share=percent(total.share))  # fmt: skip
    yield from delivered_lines(total)
    yield from (_("- {line}", line=province_words(row)) for row in report.provinces)
    if gaps := [row.name for row in report.gaps]:
        yield gaps_words(gaps)


def gaps_words(gaps: list[str]) -> str:
    """Name the provinces of which too few were reached; many are counted."""
    where = _("{number} provinces", number=len(gaps)) if len(gaps) > MOST_GAPS else ", ".join(gaps)
    return _("Less than {share} of the population, as far as anybody knows: {places}", share=percent(FEW), places=where)


def accuracy(report: AfterAction) -> Iterator[str]:
    """Say what was put right, how soon, and who had too much."""
    yield from (_("- {line}", line=line) for each in report.corrections for line in correction_words(each))
    if not report.corrections:
        yield _("- no correction was sent")
    per_100_000 = 100_000 * report.maybe_twice / report.total.accepted if report.total.accepted else 0.0
    yield _("- {people} may have had a message twice ({number} of 100,000)", people=persons(report.maybe_twice),
            number=decimal(per_100_000, 1))  # fmt: skip
    if report.flooded is None:
        yield _("- who had more than {most} messages in 24 hours can't be counted", most=MANY_MESSAGES)
    else:
        yield _("- {people} had more than {most} messages in 24 hours", people=persons(report.flooded), most=MANY_MESSAGES)


def correction_words(each: Correction) -> Iterator[str]:
    """Say how soon an alert was put right, and with how many."""
    if each.first_after_s is None or each.half_after_s is None:
        yield _("{run} corrects {alert}, and has reached nobody", run=each.run, alert=each.follows)
        return
    first, half = (span(timedelta(seconds=seconds)) for seconds in (each.first_after_s, each.half_after_s))
    yield _("{run} corrects {alert}: {first} after its first person, half of the people after {half}", run=each.run,
            alert=each.follows, first=first, half=half)  # fmt: skip
    yield _("{reached} of {wrong} who have the wrong alert, or may have it, were sent the correction ({share})",
            reached=count(each.reached), wrong=count(each.wrong), share=percent(each.share))  # fmt: skip


def technique(report: AfterAction) -> Iterator[str]:
    """Say how each run went: its fastest minute, what made it stand still, and why people were refused."""
    for record in report.records:
        minutes: dict[int, int] = {}
        for at_s, people in record.by_second:
            minutes[at_s // 60] = minutes.get(at_s // 60, 0) + people
        if minutes:
            yield _("- {run}: at most {people} in a minute; {stops}; {restarts}", run=record.run,
                    people=persons(max(minutes.values())), stops=_stops(len(record.interruptions)),
                    restarts=_restarts(record.restarts))  # fmt: skip
        for event in record.interruptions:
            yield _("   {line}", line=joined(filter(None, (event.words, event.detail)), ": "))
    yield from (_("- why: {meaning}: {number}", meaning=cause_words(c), number=count(c.people)) for c in report.causes)


def _stops(number: int) -> str:
    return _n("stood still {count} time", "stood still {count} times", number, count=number)


def _restarts(number: int) -> str:
    return _n("went on {count} time", "went on {count} times", number, count=number)


def findings() -> Iterator[str]:
    """Yield blank lines, for whoever goes through the report with others."""
    for number in range(1, BLANKS + 1):
        yield _("{number}. Finding: {blank}", number=number, blank=BLANK)
        yield _("   Who: {blank}  Due: {blank}", blank=BLANK)


def provenance(report: AfterAction) -> Iterator[str]:
    """Say what the report was made of."""
    yield from (_("- {line}", line=remark) for remark in report.remarks)
    yield _("zalo-alert {version}; audit log up to line {number}: {head}", version=report.log.version, number=report.log.number,
            head=report.log.head)  # fmt: skip
