"""What to do better the next time: rules over what a run's report says, the gravest first. Pure; knows no run and no ledger.

Each rule says what was, with its number, and what would help; one that has nothing to say says nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from zalo_alert.errors import Cure
from zalo_alert.language import _, _n, count, decimal, joined, persons, rate, span
from zalo_alert.models import RouteType, State
from zalo_alert.reporting.arrival_lessons import few_receipts, how_soon, not_taken
from zalo_alert.reporting.full_report import LOW_SHARE, FullReport, PlaceResult
from zalo_alert.reporting.percent import percent_of
from zalo_alert.settings.model import Profile

LATE_S = 300.0  # less than that nobody plans by
LONG_APPROVAL = timedelta(minutes=15)
LONG_START = timedelta(minutes=5)
LONG_STANDING_S = 60.0
MANY_UNKNOWN = 0.001
MANY_REFUSED = 0.05
SLOWER = 0.9  # of the planned rate
MOST_NAMED = 5  # places in one sentence

Rule = Callable[[FullReport], Iterator[str]]


def lessons_of(full: FullReport) -> tuple[str, ...]:
    """Say what to do better; nothing where nothing stands out."""
    return tuple(sentence for rule in _RULES for sentence in rule(full))


def _expired(full: FullReport) -> Iterator[str]:
    if people := full.report.totals[State.EXPIRED]:
        yield _(
            "{people} were not written to before the alert expired: begin earlier, ask Zalo for a higher rate, or make it "
            "expire later",
            people=persons(people),
        )


def _after_the_danger(full: FullReport) -> Iterator[str]:
    late = [] if full.is_open else [place for place in full.places if _came_late(place, full.made_at)]
    if late:
        yield _n(
            "in {places}, half of those reached had it only after the danger had begun, or nobody had it: name it first under "
            "{order}, or begin earlier",
            "in {places}, half of those reached had it only after the danger had begun, or nobody had it: name them first under "
            "{order}, or begin earlier",
            len(late),
            places=_named([place.label for place in late]),
            order="order:",
        )


def _came_late(place: PlaceResult, now: datetime) -> bool:
    if not place.onset or not place.people or place.onset > now:
        return False
    return place.half_at is None or place.half_at >= place.onset


def _late(full: FullReport) -> Iterator[str]:
    course, late_s = full.course, full.course.late_s
    if late_s is None or late_s < LATE_S:
        return
    whys = [*_why_late(full)]
    late = span(timedelta(seconds=late_s))
    if not whys:
        yield _("the last person was reached {late} after the plan", late=late)
        return
    yield _("the last person was reached {late} after the plan: {why}", late=late, why=joined(whys, "; "))
    if course.planned_per_s and course.per_s is not None and course.per_s < SLOWER * course.planned_per_s:
        yield _(
            "the plan counted on {planned}, and it was {rate}: set {setting} to what Zalo grants, so that the next plan is true",
            planned=rate(course.planned_per_s),
            rate=rate(course.per_s),
            setting="limits.app_per_minute",
        )


def _why_late(full: FullReport) -> Iterator[str]:
    course = full.course
    if course.began_at and course.planned_at and course.began_at - course.planned_at > LONG_START:
        yield _("it began {time} after it was planned to", time=span(course.began_at - course.planned_at))
    if course.standing_s >= LONG_STANDING_S:
        yield _("it stood still for {time}", time=span(timedelta(seconds=course.standing_s)))
    if course.per_s is not None and course.per_s < SLOWER * course.planned_per_s:
        yield _("{rate} instead of {planned}", rate=rate(course.per_s), planned=rate(course.planned_per_s))


def _halts(full: FullReport) -> Iterator[str]:
    halts = [event for event in full.report.history if event.what in ("halted", "failed", "paused")]
    if not halts:
        return
    whys = joined(dict.fromkeys(event.detail or event.words for event in halts), "; ")
    yield _n("it halted once: {whys}", "it halted {times} times: {whys}", len(halts), times=count(len(halts)), whys=whys)


def _unknown(full: FullReport) -> Iterator[str]:
    people, audience = full.report.totals[State.UNKNOWN], full.report.audience
    if audience and people > MANY_UNKNOWN * audience:
        yield _(
            "of {people} ({percent} %) nobody knows whether they were reached: see what stood between this machine and Zalo "
            "at the time, and decide before the next alert whether they are asked again ({setting})",
            people=persons(people),
            percent=percent_of(people, audience),
            setting="limits.on_unknown",
        )


def _refused(full: FullReport) -> Iterator[str]:
    people, audience = full.report.totals[State.REJECTED], full.report.audience
    causes = [cause for cause in full.report.causes if cause.state is State.REJECTED]
    if audience and causes and people > MANY_REFUSED * audience:
        yield _(
            "{percent} % were refused, most of them because: {why}; a list that is synchronised before the alert has fewer of "
            "them ({sync})",
            percent=percent_of(people, audience),
            why=causes[0].meaning,
            sync=Cure.SYNC(),
        )


def _idle_routes(full: FullReport) -> Iterator[str]:
    """Name the routes that were tried in vain; one that nobody needed says nothing."""
    last = max((route.number for route in full.routes if route.accepted), default=-1)
    for route in full.routes:
        if not route.accepted and (route.tried or route.number < last):
            yield _(
                "route {number} ({route}) reached nobody: see whether it has a quota and whether people meet its conditions, "
                "or take it out",
                number=route.number + 1,
                route=" ".join(filter(None, (route.type, route.template_id))),
            )


def _spent_quotas(full: FullReport) -> Iterator[str]:
    for quota in full.quotas:
        if not quota.left:
            yield _(
                "the quota of {kind} messages of {account} was spent: have it raised before the next alert",
                kind=quota.kind,
                account=quota.account,
            )


def _approval(full: FullReport) -> Iterator[str]:
    submitted, approved = full.decisions.first("run-submitted", "submit"), full.decisions.first("run-approved")
    if submitted and approved and approved - submitted > LONG_APPROVAL:
        yield _(
            "it waited {time} for approval: keep a second approver within reach, or agree to a standing approval",
            time=span(approved - submitted),
        )
    began = full.course.began_at
    if approved and began and began > full.alert.effective and began - approved > LONG_START:
        yield _("{time} passed between the approval and the first message", time=span(began - approved))


def _unreviewed(full: FullReport) -> Iterator[str]:
    if full.report.release.is_unreviewed:
        yield _("one person let it out alone, and nobody has reviewed that: {review}", review=Cure.REVIEW(full.report.run))


def _no_correction(full: FullReport) -> Iterator[str]:
    if not full.alert.kind and not any(text.kind == "correction" for text in full.ready):
        yield _("no correction stood ready: write one into the campaign before it is sent")


def _low_places(full: FullReport) -> Iterator[str]:
    if full.is_open:
        return
    low = [row.name for row in full.provinces if row.share is not None and row.share < LOW_SHARE]
    if low:
        yield _(
            "less than {percent} % of those meant were reached in {places}: find out why, and use other ways there",
            percent=decimal(100 * LOW_SHARE, 0),
            places=_named(low),
        )


def _few_followers(full: FullReport) -> Iterator[str]:
    few = [row.name for row in full.provinces if row.of_population is not None and row.of_population < LOW_SHARE]
    if few and not full.is_open and full.alert.profile == Profile.LIVE:  # the people of a drill are invented
        yield _(
            "less than {percent} % of all who live there were reached in {places} (estimate): loudspeakers, SMS and "
            "neighbours must reach the others",
            percent=decimal(100 * LOW_SHARE, 0),
            places=_named(few),
        )


def _without_receipts(full: FullReport) -> Iterator[str]:
    if any(route.type == RouteType.CS for route in full.routes) and full.report.without_id:
        yield _(
            "of {people} Zalo named no message: no receipt can ever say whether theirs arrived",
            people=persons(full.report.without_id),
        )


def _few_receipts(full: FullReport) -> Iterator[str]:
    accepted = full.report.totals[State.ACCEPTED]
    if full.is_open or not full.receipts.is_kept:
        return
    if few := few_receipts(full.places, full.receipts.delivered, accepted):
        yield _n(
            "in {places}, less than half as many of the messages have a receipt as elsewhere ({percent} % in all): perhaps "
            "phones were off or without a network there; have the place asked by other ways. It does not say that nobody was "
            "reached",
            "in {places}, less than half as many of the messages have a receipt as elsewhere ({percent} % in all): perhaps "
            "phones were off or without a network there; have the places asked by other ways. It does not say that nobody was "
            "reached",
            len(few),
            places=_named([place.label for place in few]),
            percent=percent_of(full.receipts.delivered, accepted),
        )


def _named(labels: Sequence[str]) -> str:
    """Name some places, and count the others."""
    names = joined(labels[:MOST_NAMED])
    more = len(labels) - MOST_NAMED
    return (
        _n("{names} and {more} more place", "{names} and {more} more places", more, names=names, more=count(more))
        if more > 0
        else names
    )


_RULES: tuple[Rule, ...] = (
    _expired, _after_the_danger, _unknown, _late, _halts, _refused, _low_places, _few_followers, _idle_routes, _spent_quotas,
    _approval, _unreviewed, _no_correction, _few_receipts, not_taken, _without_receipts, how_soon,
)  # fmt: skip
