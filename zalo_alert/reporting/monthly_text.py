"""The report of a month as text. Pure."""

from collections.abc import Iterator

from zalo_alert.language import _, _n, count, joined
from zalo_alert.reporting.alert_record import AlertRecord
from zalo_alert.reporting.monthly import Monthly, OaMonth, Part, Practice
from zalo_alert.reporting.sitrep_text import cause_words, delivered_lines
from zalo_alert.reporting.words import day_time, kind_words, percent, province_words, states_words
from zalo_alert.runs.lifecycle import WORDS

MOST_RUNS = 100  # lines; the table has all
MOST_CAUSES = 10


def lines_of(report: Monthly) -> Iterator[str]:
    """Yield the lines, each a sentence in the reader's language; "" is a blank one."""
    yield _("REPORT OF THE MONTH {month}: warnings over Zalo", month=f"{report.begins_at:%m/%Y}")
    if not report.is_over:
        yield _("The month is not over: as of {at}", at=day_time(report.at, report.at))
    yield from ("", _("1. REAL"), *_part(report.real, report))
    yield from ("", _("2. DRILLS AND TESTS"), *_part(report.drills, report))
    yield from ("", _("3. OFFICIAL ACCOUNTS AND FOLLOWERS"), *(oa_words(oa, report) for oa in report.oas))
    yield from ("", _("4. OFFICERS"), *_practice(report))
    if report.unread:
        yield from ("", _("5. WHAT CAN'T BE READ"), *(_("- {line}", line=line) for line in report.unread))


def _part(part: Part, report: Monthly) -> Iterator[str]:
    if not part.records:
        yield _("- none")
        return
    total, number = part.total, len(part.counted)
    alerts = _n("{count} alert", "{count} alerts", number, count=count(number))
    yield _("{alerts}; with corrections, all-clears and what never began, runs: {runs}", alerts=alerts,
            runs=count(len(part.records)))  # fmt: skip
    accepted = _("accepted {accepted} of {targeted} ({share})", accepted=count(total.accepted), targeted=count(total.targeted),
                 share=percent(total.share))  # fmt: skip
    yield joined((accepted, *states_words(total)))
    yield from delivered_lines(total)
    yield from (level_words(level, number, reach.accepted, reach.targeted) for level, (number, reach) in part.levels.items())
    yield from (_("- {line}", line=province_words(row)) for row in part.provinces)
    causes = part.causes[:MOST_CAUSES]
    yield from (_("- why: {meaning}: {number}", meaning=cause_words(cause), number=count(cause.people)) for cause in causes)
    yield from (run_words(record, report) for record in part.records[:MOST_RUNS])
    if (more := len(part.records) - MOST_RUNS) > 0:
        yield _("- {number} more runs are in the table", number=count(more))


def level_words(level: int, alerts: int, accepted: int, targeted: int) -> str:
    """Say how many alerts of a level there were, and whom they reached."""
    name = _("level {level}/5", level=level) if level else _("without a level")
    number = _n("{count} alert", "{count} alerts", alerts, count=count(alerts))
    return _("- {level}: {alerts}, accepted {accepted} of {targeted}", level=name, alerts=number, accepted=count(accepted),
             targeted=count(targeted))  # fmt: skip


def run_words(record: AlertRecord, report: Monthly) -> str:
    """Say of a run when it was, what it was and whom it reached."""
    at = day_time(record.began_at or record.facts.frozen_at, report.at)
    return _("- {at}  {run} ({kind}), {area}: {state}, accepted {accepted} of {targeted}", at=at, run=record.run,
             kind=kind_words(record), area=record.area, state=WORDS[record.state], accepted=count(record.reach.accepted),
             targeted=count(record.reach.targeted))  # fmt: skip


def oa_words(oa: OaMonth, report: Monthly) -> str:
    """Say how many followers an OA has won or lost, and between which counts."""
    if oa.begins_at is None or oa.ends_at is None:
        return _("- {account}: not counted in this month", account=oa.account)
    if oa.begins_at == oa.ends_at:
        return _("- {account}: {number} on {at}; counted once", account=oa.account, number=count(oa.after),
                 at=day_time(oa.ends_at, report.at))  # fmt: skip
    change = _("won {number}", number=count(oa.change)) if oa.change >= 0 else _("lost {number}", number=count(-oa.change))
    return _("- {account}: {before} on {begins}, {after} on {ends}: {change}", account=oa.account, before=count(oa.before),
             begins=day_time(oa.begins_at, report.at), after=count(oa.after), ends=day_time(oa.ends_at, report.at),
             change=change)  # fmt: skip


def _practice(report: Monthly) -> Iterator[str]:
    if not report.practice:
        yield _("- there is no list of officers")
    yield from (practice_words(each) for each in report.practice)


def practice_words(each: Practice) -> str:
    """Say what an officer did, or that they did nothing."""
    if each.is_out_of_practice:
        return _("- {name}: neither submitted nor approved anything this month, not even in a drill", name=each.officer)
    return _("- {name}: in drills submitted {submitted}, approved {approved}; for real submitted {submitted_real}, approved "
             "{approved_real}", name=each.officer, submitted=each.submitted, approved=each.approved,
             submitted_real=each.submitted_real, approved_real=each.approved_real)  # fmt: skip
