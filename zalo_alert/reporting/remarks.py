"""What must be said of a report's numbers, on screens and pages alike."""

from collections.abc import Iterator

from zalo_alert.errors import Cure
from zalo_alert.language import _, persons
from zalo_alert.models import State
from zalo_alert.reporting.report import Report


def remarks_of(report: Report) -> Iterator[str]:
    """Say what "accepted" leaves open."""
    if report.maybe_twice:
        people = persons(report.maybe_twice)
        yield _("{people} may have been reached twice: asked again after no clear answer", people=people)
    if report.over_cap:
        people = persons(report.over_cap)
        yield _("{people} had had as many messages as anybody may, and were written to all the same", people=people)
    if report.without_id:
        people = persons(report.without_id)
        yield _("{people} accepted without a message id: no receipt can say whether theirs arrived", people=people)


def describe_unknown(report: Report) -> str:
    """Say of those of whom nobody knows what can be done; "" where there is nobody."""
    if not report.totals[State.UNKNOWN]:
        return ""
    return _(
        "{people} held back as unknown, because some of them have it already: {export} lists them, {resume} sends to them again",
        people=persons(report.totals[State.UNKNOWN]),
        export=Cure.EXPORT("unknown.csv", run=report.run, state="unknown"),
        resume=Cure.RESUME(report.run, retry_unknown=True),
    )
