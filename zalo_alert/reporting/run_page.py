"""The page of one run: what its full report says, put into sections that a person reads from the top."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, count, decimal, joined, moment, persons, rate, span
from zalo_alert.models import State
from zalo_alert.pictures.bars import STATE_WORDS
from zalo_alert.reporting.arrival_section import arrival_section
from zalo_alert.reporting.arrived import WHAT_IT_PROVES, arrived_in_short
from zalo_alert.reporting.full_report import Course, FullReport, ReadText
from zalo_alert.reporting.page import Block, Facts, Lines, Message, Page, Reader, Section, Table
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.place_sections import place_section, province_section
from zalo_alert.reporting.remarks import describe_unknown, remarks_of
from zalo_alert.reporting.report import broadcast_in_words
from zalo_alert.reporting.run_pictures import curve_of
from zalo_alert.reporting.state_words import EXPLAINED
from zalo_alert.runs.facts import Kind

MOST_DECISIONS = 300  # a run that was resumed hundreds of times has more; the log has them all

_KINDS = {"Actual": _("ACTUAL ALERT"), "Exercise": _("EXERCISE"), "Test": _("TEST")}
_FOLLOWS = {Kind.CORRECTION: _("correction"), Kind.ALL_CLEAR: _("all-clear")}
_READY = {"correction": _("Correction, if the alert is wrong"), "all_clear": _("All-clear, when the danger is over")}
_ROUTES = {"broadcast": _("article for everyone")}


def run_page(full: FullReport, reader: Reader) -> Page:
    """Make the page of a run.

    Args:
        full: What there is to say.
        reader: Whose language the pictures are in.
    """
    report = full.report
    kind, look = kind_and_look(report.status, is_rehearsal=report.is_rehearsal, profile=full.alert.profile)
    running = (
        joined((report.run, full.alert.headline), " · "),
        _("digest {digest}", digest=report.digest[:16]),
        _("made at {at} by zalo-alert {version}", at=words(full.made_at), version=full.version),
    )
    sections = (_short, _decisions, _texts, lambda f: _course(f, reader), lambda f: province_section(f, reader), place_section,
                arrival_section, _refused, _broadcast, _use, _lessons, _about)  # fmt: skip
    return Page(
        _("Report of the run {run}", run=report.run), kind, look, full.verdict.sentence, full.verdict.is_bad, running,
        tuple(section for make in sections for section in make(full)),
    )  # fmt: skip


def kind_and_look(status: str, *, is_rehearsal: bool, profile: str) -> tuple[str, str]:
    """Say what kind of alert it was, so that nobody mistakes it, and which class of the style sheet shows it."""
    kind = _KINDS.get(status, status)
    if is_rehearsal:
        return _("REHEARSAL: it went to this machine, and none of these people was reached"), "rehearsal"
    if profile == "drill":
        return joined((kind, _("in the drill workspace: nobody was reached")), " – "), "drill"
    return kind, status.lower() if status in _KINDS else "test"


# --- in short --------------------------------------------------------------------------------------------------------------


def _short(full: FullReport) -> Iterator[Section]:
    blocks: list[Block] = []
    if full.is_open:
        blocks.append(Lines([_still_open(full)], kind="red"))
    blocks += [Facts(_alert_facts(full)), _totals(full), Lines([*_receipts(full), *remarks_of(full.report)])]
    if full.lessons:
        blocks.append(Lines(full.lessons[:3], is_list=True))
    yield Section(_("In short"), blocks)


def _still_open(full: FullReport) -> str:
    return _(
        "The run is not over: {people} may still be written to. All figures are those of {at}.",
        people=persons(sum(full.report.totals[state] for state in (State.PENDING, State.CLAIMED, State.DEFERRED))),
        at=words(full.made_at),
    )


def _alert_facts(full: FullReport) -> list[tuple[str, object]]:
    alert, report = full.alert, full.report
    risk = _("{event}, risk level {level}", event=alert.event, level=alert.risk_level)
    rows: list[tuple[str, object]] = [
        (_("run"), report.run),
        (_("headline"), alert.headline),
        (_("hazard"), risk if alert.risk_level else alert.event),
        (_("urgency, severity, certainty"), joined((alert.urgency, alert.severity, alert.certainty))),
        (_("follows"), joined((_FOLLOWS.get(Kind(alert.kind), alert.kind), *alert.follows), " ") if alert.follows else None),
        (_("Official Accounts"), joined(alert.accounts)),
        (_("takes effect"), words(alert.effective)),
        (_("danger begins"), words(alert.onset) if alert.onset else None),
        (_("the alert expires"), words(alert.expires)),
        (_("digest of all that was sent"), report.digest),
    ]
    return [(name, value) for name, value in rows if value]


def _totals(full: FullReport) -> Table:
    report = full.report
    rows = [
        (STATE_WORDS[state.value], people, _percent(people, report.audience), EXPLAINED[state])
        for state, people in report.totals.items()
        if people
    ]
    columns = (_("state"), _("people"), "%", _("meaning"))
    return Table(columns, rows, (_("audience"), report.audience, "", ""), frozenset({2}))


def _percent(people: int, whole: int) -> str:
    return percent_of(people, whole) if whole else ""


def _receipts(full: FullReport) -> Iterator[str]:
    yield _("Accepted means that Zalo took the message. Whether it arrived, only a receipt says.")
    yield arrived_in_short(full.receipts, full.report.totals[State.ACCEPTED])
    if full.receipts.is_kept:
        yield WHAT_IT_PROVES


# --- who decided what ------------------------------------------------------------------------------------------------------


def _decisions(full: FullReport) -> Iterator[Section]:
    rows = [
        (words_to_the_second(row.at), row.words, row.who or row.user, row.why, joined(row.keys, " "))
        for row in full.decisions.rows[-MOST_DECISIONS:]
    ]
    columns = (_("at what time"), _("what was done"), _("who did it"), _("why"), _("signed with the key"))
    blocks: list[Block] = [Lines(full.decisions.remarks, kind="red")] if full.decisions.remarks else []
    blocks.append(Table(columns, rows, numeric=frozenset({0}), small=True))
    if (more := len(full.decisions.rows) - len(rows)) > 0:
        blocks.append(Lines([_("{more} earlier lines are in the audit log", more=count(more))]))
    yield Section(_("Who decided what, and when"), blocks)


def words_to_the_second(at: datetime) -> str:
    """Write an instant with its day and second, in Vietnam's time: `14:00:07 18/9/2026`."""
    local = in_vietnam(at)
    return f"{local:%H:%M:%S} {local.day}/{local.month}/{local.year}"


# --- the text --------------------------------------------------------------------------------------------------------------


def _texts(full: FullReport) -> Iterator[Section]:
    blocks: list[Block] = [Message(_text_title(text), text.headline, text.text, tuple(text.data.items())) for text in full.texts]
    blocks += [
        Message(joined((_READY.get(text.kind, text.kind), text.place), " · "), text.headline, text.text) for text in full.ready
    ]
    yield Section(_("The text, as people read it"), blocks)


def _text_title(text: ReadText) -> str:
    route = " ".join(filter(None, (text.route, text.template_id)))
    parts: list[str] = [text.place, _ROUTES.get(text.route, route)]
    if text.people is not None:
        share = decimal(100 * (text.share or 0.0), 1)
        parts.append(_("{people} accepted ({percent} %)", people=count(text.people), percent=share))
    return joined(parts, " · ")


# --- the plan and what happened --------------------------------------------------------------------------------------------


def _course(full: FullReport, reader: Reader) -> Iterator[Section]:
    course = full.course
    columns = ("", _("the plan"), _("what happened"))
    table = Table(columns, list(_compared(course)), numeric=frozenset({1, 2}))
    yield Section(_("The plan, and what happened"), [table, Facts(list(_course_facts(course))), curve_of(full, reader)])


def _compared(course: Course) -> Iterator[tuple[object, ...]]:
    yield _("first person asked"), _at(course.planned_at), _at(course.began_at)
    yield _("last person asked"), _at(course.planned_end), _at(course.ended_at)
    planned_per_s = rate(course.planned_per_s) if course.planned_per_s else None
    yield _("people answered a second"), planned_per_s, rate(course.per_s) if course.per_s is not None else None


def _at(at: datetime | None) -> str | None:
    return words(at) if at else None


def _course_facts(course: Course) -> Iterator[tuple[str, object]]:
    if course.late_s is not None:
        time = span(timedelta(seconds=abs(course.late_s)))
        late = _("{time} late", time=time) if course.late_s > 0 else _("{time} early", time=time)
        yield _("beside the plan"), late if abs(course.late_s) >= 60 else _("on time")
    if course.began_at:
        yield _("was sent for"), span(timedelta(seconds=course.sending_s))
        yield _("stood in between for"), span(timedelta(seconds=course.standing_s))
    yield _("most in a minute"), course.most_per_min
    yield _("who went first"), _first_people(course)


def _first_people(course: Course) -> str:
    parts = [_("{people} of the staff", people=count(course.staff))] if course.staff else []
    if course.canary:
        parts.append(_("{people} of the area", people=count(course.canary)))
    if not parts:
        return _("nobody: everyone at once")
    if course.pauses:
        parts.append(_("it paused after them ({times} ×)", times=count(course.pauses)))
    return joined(parts)


# --- why not ---------------------------------------------------------------------------------------------------------------


def _refused(full: FullReport) -> Iterator[Section]:
    causes = full.report.causes
    rows = [
        (STATE_WORDS[cause.state.value], cause.people, cause.route, cause.code or "", cause.meaning, cure)
        for cause, cure in zip(causes, full.cures, strict=True)
    ]
    columns = (_("state"), _("people"), _("route"), _("code"), _("why"), _("what to do"))
    blocks: list[Block] = [Table(columns, rows, numeric=frozenset({3}))]
    if unknown := describe_unknown(full.report):
        blocks.insert(0, Lines([unknown], kind="red"))
    yield Section(_("Who was not reached, and why"), blocks)


def _broadcast(full: FullReport) -> Iterator[Section]:
    if full.report.broadcast:
        yield Section(_("The broadcast"), [Lines([broadcast_in_words(each) for each in full.report.broadcast], is_list=True)])


# --- cost, lessons, sources ------------------------------------------------------------------------------------------------


def _use(full: FullReport) -> Iterator[Section]:
    rows = [(route.number + 1, route.type, route.template_id, route.accepted) for route in full.routes]
    columns = (_("route"), _("kind of route"), _("template"), _("accepted messages"))
    blocks: list[Block] = [
        Table(columns, rows),
        Lines([_("Zalo bills accepted messages by its own price list, which this workspace does not know.")]),
    ]
    if full.quotas:
        quotas = [(q.account, q.kind, q.left, q.total, words(q.heard_at)) for q in full.quotas]
        names = (_("account"), _("quota of"), _("messages left"), _("of how many"), _("as Zalo told at"))
        blocks.append(Table(names, quotas, numeric=frozenset({3, 4})))
    else:
        blocks.append(Lines([_("What is left of the quotas is not known: Zalo has told nothing of them.")]))
    yield Section(_("Cost and quota"), blocks)


def _lessons(full: FullReport) -> Iterator[Section]:
    sentences: Sequence[str] = full.lessons or (_("Nothing in the figures stands out."),)
    yield Section(_("What to do better"), [Lines(sentences, is_list=bool(full.lessons))])


def _about(full: FullReport) -> Iterator[Section]:
    at = moment(in_vietnam(full.made_at), in_vietnam(full.alert.frozen_at).date(), seconds=True)
    yield Section(
        _("About these figures"),
        [
            Lines(
                [
                    _("Counted at {at} from the ledger of the run, in which everyone has one state; nobody was asked.", at=at),
                    _("Times of places are minutes; half and 90 % are of those accepted there, known once the run is over."),
                    _(
                        "Population is an estimate of {year}: Resolution 202/2025/QH15 for merged provinces, for the others the "
                        "registered population published with it. A person may follow several Official Accounts.",
                        year="2025",
                    ),
                ]
            )
        ],
    )
