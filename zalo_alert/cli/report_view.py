"""What is told of a run afterwards: on the screen, as JSON lines, and of the files that hold it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.cli.run_view import show_cure, show_report
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, joined, rate, said_in, span
from zalo_alert.operations.commands import spoken
from zalo_alert.reporting.full_report import FullReport

if TYPE_CHECKING:
    from zalo_alert.operations.run_report import ReportFiles
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.reporting.completion import Shortfalls
    from zalo_alert.runs.run import Run


def show_full_report(full: FullReport, run: "Run") -> None:
    """Show it to a person: the verdict, everyone, the plan against what happened, and what to do better."""
    display.tell(full.verdict.sentence, style="bold red" if full.verdict.is_bad else "bold")
    show_report(full.report)
    if sentence := _describe_course(full):
        display.tell(sentence)
    for remark in full.decisions.remarks:
        display.tell(remark, style="yellow")
    if full.lessons:
        display.tell(_("what to do better:"))
    for lesson in full.lessons:
        display.tell(joined(("-", lesson), " "))
    show_cure(run)


def _describe_course(full: FullReport) -> str:
    course = full.course
    if not course.began_at or course.per_s is None or not course.planned_per_s:
        return ""
    return _(
        "begun {at}, sent for {time} at {rate}, where the plan counted on {planned}",
        at=words(course.began_at),
        time=span(timedelta(seconds=course.sending_s)),
        rate=rate(course.per_s),
        planned=rate(course.planned_per_s),
    )


def tell_full_report(full: FullReport, shortfalls: "Shortfalls") -> None:
    """Tell it to a machine; the line `report` is the last one, and has all that adds up to the audience."""
    run = full.report.run
    for decision in full.decisions.rows:
        display.fact("report-decision", run=run, **decision.as_json())
    for remark in full.decisions.remarks:
        display.fact("report-remark", run=run, message=remark)
    display.fact("report-course", run=run, **full.course.as_json())
    for text in full.texts:
        display.fact("report-text", run=run, **text.as_json())
    for place in full.places:
        display.fact("report-place", run=run, **place.as_json())
    for province in full.provinces:
        display.fact("report-province", run=run, **province.as_json())
    for route in full.routes:
        display.fact("report-route", run=run, **route.as_json())
    for lesson in full.lessons:
        display.fact("report-lesson", run=run, message=lesson)
    display.fact("report", **full.report.as_json(), shortfalls=shortfalls.as_json())


def write_files(full: FullReport, files: "ReportFiles", workspace: "Workspace") -> None:
    """Write the files that were asked for, in the language of whoever reads them, and say where they are."""
    from zalo_alert.language.catalogue import catalogue_of, choose
    from zalo_alert.operations.run_report import write_report
    from zalo_alert.reporting.page import Reader

    language = choose(None, config=workspace.folder / "zalo-alert.yaml")  # also where a machine is told the rest
    reader = Reader(language, lambda phrase: spoken(said_in(phrase, catalogue_of(language))))
    for file in write_report(full, files, reader):
        display.fact("report-file", run=full.report.run, file=str(file))
        display.done(_("written: {file}", file=file))
