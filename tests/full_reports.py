"""Full reports of a run, made up for what draws and judges them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.sights import totals_of
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Reason, State
from zalo_alert.receipts.counts import ReceiptCounts
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.decisions import Decision, Decisions
from zalo_alert.reporting.full_report import (
    AlertFacts,
    Course,
    CurveMark,
    FullReport,
    PlaceResult,
    ProvinceResult,
    ReadText,
    ReadyText,
    RouteUse,
)
from zalo_alert.reporting.report import Cause, PlaceCount, Report
from zalo_alert.reporting.verdict import Verdict, Word
from zalo_alert.runs.facts import RunPlace
from zalo_alert.runs.history import Event

NOW = datetime(2026, 11, 26, 22, 0, tzinfo=VIETNAM)
BEGAN = NOW - timedelta(hours=2)


def minutes(number: float) -> datetime:
    """Return an instant so many minutes after the run began."""
    return BEGAN + timedelta(minutes=number)


def place_of(label: str, key: str, onset: datetime | None = None, half: float | None = 20, **people: int) -> PlaceResult:
    """Make a place whose people stand as `people` says; half of them had it so many minutes after the run began."""
    totals = totals_of(**people)
    times = (minutes(1), minutes(half), minutes(half + 10), minutes(half + 12)) if half is not None else (None,) * 4
    return PlaceResult(label, (key,), sum(totals.values()), totals, onset, minutes(60), *times)


def province_of(
    key: str, name: str, followers: int | None = 1_000, population: int | None = 10_000, **people: int
) -> ProvinceResult:
    """Make a province whose people stand as `people` says."""
    totals = totals_of(**people)
    return ProvinceResult(key, name, sum(totals.values()), totals, followers, population)


def receipts_of(delivered: int, seen: int, **changes: Any) -> ReceiptCounts:
    """Make what receipts say: half of what was delivered was in the third minute, the rest and what was seen in the fifth."""
    third, fifth = (int(minutes(number).timestamp()) // 60 * 60 for number in (2, 4))
    half = delivered // 2
    counts = ReceiptCounts(
        is_kept=True, delivered=delivered, seen=seen, by_place={0: (delivered, seen)},
        by_minute=((third, half, 0), (fifth, delivered - half, seen)),
        folded_until_ms=int(minutes(60).timestamp() * 1000), unattributed=0,
        settled_by_receipt=0, settled_by_echo=0, two_candidates=0,
    )  # fmt: skip
    return counts._replace(**changes)


def with_receipts(full: FullReport, counts: ReceiptCounts) -> FullReport:
    """Let all receipts be of a report's first place and of its first province."""
    arrived, report = Arrived(counts.delivered, counts.seen), full.report
    first, *others = report.places
    report = replace(report, receipts=counts, places=(replace(first, arrived=arrived), *others))
    places = tuple(replace(place, arrived=Arrived() if at else arrived) for at, place in enumerate(full.places))
    provinces = tuple(replace(row, arrived=Arrived() if at else arrived) for at, row in enumerate(full.provinces))
    return replace(full, report=report, places=places, provinces=provinces)


def report_of(**people: int) -> Report:
    """Make the account of a finished run of two places, in the first of which everybody is."""
    totals = totals_of(**people)
    causes = (Cause(State.REJECTED, "cs", -213, Reason.DEAD, "the person does not follow the OA", totals[State.REJECTED]),)
    counts = (PlaceCount(RunPlace("new:44", "Quảng Trị", None, sum(totals.values())), totals),)
    history = (Event(BEGAN.timestamp(), "started", ""), Event(minutes(50).timestamp(), "finished", ""))
    return Report(
        "DT-1", "DT-1", "Exercise", "a" * 64, sum(totals.values()), totals, counts, causes if totals[State.REJECTED] else (), 0,
        minutes(1), minutes(20), minutes(50), history,
    )  # fmt: skip


COURSE = Course(
    planned_per_s=100.0, planned_at=BEGAN, planned_end=minutes(60), began_at=BEGAN, ended_at=minutes(50), sending_s=3_000,
    standing_s=0.0, per_s=110.0, most_per_min=6_000, staff=3, canary=1_000, pauses=0,
)  # fmt: skip
ALERT = AlertFacts(
    "DIỄN TẬP bão", "bão", 4, "Expected", "Extreme", "Likely", BEGAN, NOW + timedelta(hours=3), NOW + timedelta(hours=9),
    BEGAN - timedelta(minutes=5), "", (), ("pctt",), "live",
)  # fmt: skip


def full_of(report: Report | None = None, **changes: Any) -> FullReport:
    """Make a full report in which nothing stands out, and change it."""
    report = report or report_of(accepted=960, rejected=40)
    people = {state.value: number for state, number in report.totals.items()}
    full = FullReport(
        made_at=NOW, version="0.1.0", is_open=False, verdict=Verdict(Word.DONE, "done", is_bad=False), report=report,
        alert=ALERT, decisions=Decisions((Decision(BEGAN, "run-sending", "sending began", user="root"),)),
        texts=(ReadText("Quảng Trị", "cs", "DIỄN TẬP bão", "DIỄN TẬP Quảng Trị.", "", {}, people["accepted"], 1.0),),
        ready=(ReadyText("correction", "Quảng Trị", "Đính chính", "Tin gửi nhầm."),), course=COURSE,
        marks=(CurveMark(BEGAN, "started", "sending began"),),
        by_minute=((int(BEGAN.timestamp()) // 60 * 60, people["accepted"]),) if people["accepted"] else (),
        places=(place_of("Quảng Trị", "new:44", None, 20, **people),),
        provinces=(province_of("new:44", "Quảng Trị", 2_000, 2_500, **people),),
        cures=("",) * len(report.causes), routes=(RouteUse(0, "cs", "", people["accepted"], report.audience),), quotas=(),
        followers_unknown="",
    )  # fmt: skip
    return replace(full, **changes)
