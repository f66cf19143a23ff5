"""A run's full report as one CSV file: a row for the whole, one for each province, each place and each reason; docs/report.md.

Columns never change their meaning; new ones come at the end.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from zalo_alert.foundation.cells import guard_rows
from zalo_alert.models import State
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.full_report import FullReport, PlaceResult, ProvinceResult, iso
from zalo_alert.reporting.place_results import POPULATION_YEAR

STATES = tuple(state.value for state in State)
COLUMNS = (
    "run", "made_at", "level", "key", "name", "people", *STATES, "followers", "population", "population_year", "onset",
    "planned_at", "first_at", "half_at", "ninety_at", "last_at", "delivered", "seen",
)  # fmt: skip


_NO_REACH = ("", "", "")  # neither followers nor population


def csv_of(full: FullReport) -> bytes:
    """Return the whole file in UTF-8, with the mark at its beginning by which spreadsheets know that."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    head = (full.report.run, iso(full.made_at))
    writer.writerows(guard_rows([*head, *row] for row in _rows(full)))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _rows(full: FullReport) -> Iterator[Sequence[object]]:
    report = full.report
    times = ("", iso(full.course.planned_end), iso(report.first_at), iso(report.half_at), "", iso(report.last_at))
    head = ("run", report.run, report.code, report.audience)
    yield *head, *_people(report.totals), *_NO_REACH, *_blank(times), *_arrived(report.arrived)
    yield from map(_province, full.provinces)
    yield from map(_place, full.places)
    for cause in report.causes:
        key = ":".join((cause.route, str(cause.code), cause.reason.value))
        people = {state: cause.people if state is cause.state else 0 for state in State}
        yield "reason", key, str(cause.meaning), cause.people, *_people(people), *[""] * 11


def _people(totals: Mapping[State, int]) -> list[int]:
    return [totals.get(state, 0) for state in State]


def _province(row: ProvinceResult) -> Sequence[object]:
    year = POPULATION_YEAR if row.population else None
    reach = _blank((row.followers, row.population, year))
    return "province", row.key, row.name, row.people, *_people(row.totals), *reach, *[""] * 6, *_arrived(row.arrived)


def _place(row: PlaceResult) -> Sequence[object]:
    times = (row.onset, row.planned_at, row.first_at, row.half_at, row.ninety_at, row.last_at)
    keys = " ".join(row.keys)
    head = ("place", keys, row.label, row.people)
    return *head, *_people(row.totals), *_NO_REACH, *_blank([iso(at) for at in times]), *_arrived(row.arrived)


def _arrived(arrived: Arrived | None) -> Sequence[object]:
    return ("", "") if arrived is None else arrived


def _blank(values: Sequence[object]) -> list[object]:
    return ["" if value is None else value for value in values]
