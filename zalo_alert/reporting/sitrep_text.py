"""A situation report as text that can be pasted into Zalo: short lines, no table, every number with what it counts. Pure."""

from collections.abc import Iterator

from zalo_alert.language import _, count, joined, rate
from zalo_alert.models import Reason
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.reach import Reach, total_of
from zalo_alert.reporting.report import MEANINGS, Cause
from zalo_alert.reporting.sitrep import Sending, Sitrep
from zalo_alert.reporting.words import arrived_words, day_time, kind_words, percent, province_words, states_words
from zalo_alert.runs.lifecycle import WORDS

MOST_PROVINCES = 12  # lines: with more, it is no page for a phone; the others are added up
MOST_CAUSES = 6


def lines_of(sitrep: Sitrep) -> Iterator[str]:
    """Yield the lines, each a sentence in the reader's language; "" is a blank one."""
    yield from _heading(sitrep)
    yield from ("", _("I. HAZARD"), *_hazard(sitrep))
    yield from ("", _section_of_alerts(sitrep), *_alerts(sitrep))
    yield from ("", _("III. REACHED"), *totals(sitrep), *_places(sitrep))
    sending = [line for each in sitrep.sendings for line in _sending(each, sitrep)]
    yield from ("", _("IV. BEING SENT"), *(sending or [_("- none")]))
    yield from ("", _("V. PROBLEMS AND DECISIONS WANTED"), *_problems(sitrep))


def _heading(sitrep: Sitrep) -> Iterator[str]:
    heading = sitrep.heading
    number, title = f"{heading.number:02}", sitrep.title.upper()
    name = _("SITUATION REPORT No. {number} – {title}", number=number, title=title) if title else _(
        "SITUATION REPORT No. {number}", number=number
    )  # fmt: skip
    yield _("[DRILL] {name}", name=name) if sitrep.is_drill else name
    yield _(
        "Warnings over Zalo from {since} to {until}", since=day_time(heading.since, heading.at),
        until=day_time(heading.at, heading.at),
    )  # fmt: skip
    if heading.by:
        yield _("Made by {name}", name=heading.by)
    if sitrep.before:
        before = sitrep.before
        yield _(
            "The report before: No. {number}, {at}", number=f"{before.number:02}", at=day_time(before.at, heading.at)
        )  # fmt: skip


def change_words(now: int, before: int | None) -> str:
    """Say by how much a number has changed since the report before, as the office writes it; "" where there is none."""
    if before is None:
        return ""
    if now == before:
        return _("unchanged since the report before")
    by = abs(now - before)
    number = f"{by:02}" if by < 10 else count(by)
    if now > before:
        return _("up {number} since the report before", number=number)
    return _("down {number} since the report before", number=number)


def _with_change(words: str, change: str) -> str:
    return _("{numbers} ({change})", numbers=words, change=change) if change else words


def _hazard(sitrep: Sitrep) -> Iterator[str]:
    for record in sitrep.in_force:
        times = [_("until {at}", at=day_time(record.campaign.expires, sitrep.heading.at))]
        if record.campaign.onset:
            times.insert(0, _("danger from {at}", at=day_time(record.campaign.onset, sitrep.heading.at)))
        level = _("level {level}/5", level=record.level) if record.level else ""
        yield _("- {hazard}: {area}; {times}", hazard=joined(filter(None, (record.hazard, level))), area=record.area,
                times=joined(times))  # fmt: skip
    if not sitrep.in_force:
        yield _("- no alert is in force")


def _section_of_alerts(sitrep: Sitrep) -> str:
    numbers, before = sitrep.numbers, sitrep.before
    alerts = _("II. MESSAGES SENT: {number}", number=f"{numbers.alerts:02}" if numbers.alerts < 10 else count(numbers.alerts))
    return _with_change(alerts, change_words(numbers.alerts, before.numbers.alerts if before else None))


def _alerts(sitrep: Sitrep) -> Iterator[str]:
    for number, record in enumerate(sitrep.records, 1):
        yield _("{number}. {run} ({kind}), {area}: {state}", number=number, run=record.run, kind=kind_words(record),
                area=record.area, state=WORDS[record.state])  # fmt: skip
        yield from (_("   {line}", line=line) for line in (_agreed(record, sitrep), _sent(record, sitrep)) if line)
    if sitrep.apart:
        yield _("Drills of the same time, not counted here: {runs}", runs=joined(sitrep.apart))
    for decision in sitrep.decisions:
        yield _(
            "Decided {at} by {who}: {text}", at=day_time(decision.at, sitrep.heading.at), who=decision.who, text=decision.text
        )


def _agreed(record: AlertRecord, sitrep: Sitrep) -> str:
    at = sitrep.heading.at
    parts = []
    if record.submitted_at:
        parts.append(_("submitted {at} ({name})", at=day_time(record.submitted_at, at), name=record.submitted_by or "–"))
    if record.approved_at:
        parts.append(_("approved {at} ({names})", at=day_time(record.approved_at, at), names=joined(record.approved_by) or "–"))
    if record.release.alone_by:
        parts.append(_("sent alone by {name}", name=record.release.alone_by))
    if record.release.standing:
        parts.append(_("by the standing approval {name}", name=record.release.standing))
    return joined(parts, "; ")


def _sent(record: AlertRecord, sitrep: Sitrep) -> str:
    at, times = sitrep.heading.at, record.times
    parts = []
    if times.first_at and times.half_at and times.ninety_at:
        parts += [
            _("first {at}", at=day_time(times.first_at, at, seconds=True)),
            _("half {at}", at=day_time(times.half_at, at)),
            _("90 % {at}", at=day_time(times.ninety_at, at)),
        ]
    if record.ended_at:
        parts.append(_("end {at}", at=day_time(record.ended_at, at)))
    return joined(parts, "; ")


def totals(sitrep: Sitrep) -> Iterator[str]:
    """Say how many messages there were, how many were accepted, and why the others were not."""
    total, before = sitrep.total, sitrep.before.numbers.reach if sitrep.before else None
    if not total.targeted:
        yield _("- nobody was written to one by one")
        return
    yield _with_change(_("Messages meant for: {number}", number=count(total.targeted)), _change(total.targeted, before, 0))
    accepted = _("Zalo took: {number} ({share})", number=count(total.accepted), share=percent(total.share))
    yield _with_change(accepted, _change(total.accepted, before, 1))
    if others := list(states_words(total)):
        yield _("Not: {numbers}", numbers=joined(others))
    yield from (
        _("- why: {meaning}: {number}", meaning=cause_words(cause), number=count(cause.people))
        for cause in sitrep.causes[:MOST_CAUSES]
    )
    yield from delivered_lines(total)


def delivered_lines(total: Reach) -> Iterator[str]:
    """Say how many messages were delivered and seen, and of how many of the accepted that can be known."""
    if not total.accepted:
        return
    if not (told := arrived_words(total)):
        yield _("Delivered and seen: not kept, no receipts have been taken")
        return
    yield _("By receipts: {numbers}", numbers=told)
    if (without := total.accepted - total.with_receipts) > 0:
        yield _("Of {number} more accepted no receipts are kept", number=count(without))
    yield _("A receipt proves that a message arrived; none proves nothing")


def _places(sitrep: Sitrep) -> Iterator[str]:
    yield from (_("- {line}", line=province_words(row)) for row in sitrep.provinces[:MOST_PROVINCES])
    if rest := sitrep.provinces[MOST_PROVINCES:]:
        reach = total_of(row.reach for row in rest)
        accepted, targeted = count(reach.accepted), count(reach.targeted)
        more = len(rest)
        yield _("- {number} others: accepted {accepted} of {targeted}", number=more, accepted=accepted, targeted=targeted)


def _change(now: int, before: tuple[int, ...] | None, at: int) -> str:
    return change_words(now, before[at] if before else None)


def cause_words(cause: Cause) -> str:
    """Say why, with Zalo's code where there is one."""
    meaning = MEANINGS.get(cause.reason, cause.meaning) if cause.reason is not Reason.NONE else cause.meaning
    return _("{meaning} (code {code})", meaning=meaning, code=cause.code) if cause.code else meaning


def _sending(sending: Sending, sitrep: Sitrep) -> Iterator[str]:
    at = sitrep.heading.at
    yield _("- {run}: {verdict}", run=sending.run, verdict=sending.verdict)
    parts = [_("{share} done", share=percent(sending.done))]
    if sending.rate_per_s:
        parts.append(rate(sending.rate_per_s))
    if sending.expected_at:
        parts.append(_("last person {at}", at=day_time(sending.expected_at, at)))
    if sending.is_after_onset is not None and sending.onset:
        onset = day_time(sending.onset, at)
        after, before = _("after the danger begins ({at})", at=onset), _("before the danger begins ({at})", at=onset)
        parts.append(after if sending.is_after_onset else before)
    yield _("   {line}", line=joined(parts, "; "))


def _problems(sitrep: Sitrep) -> Iterator[str]:
    yield from (_("- {line}", line=problem) for problem in sitrep.problems)
    yield from (_("- wanted: {line}", line=wish) for wish in sitrep.wanted)
    if not sitrep.problems and not sitrep.wanted:
        yield _("- none")
