"""The parts of a run's page that go place by place: provinces with map and bars, and when each place was reached."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, count, decimal, joined, moment, span
from zalo_alert.models import State
from zalo_alert.reporting.full_report import FullReport, PlaceResult, ProvinceResult
from zalo_alert.reporting.page import Block, Lines, Reader, Section, Table
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.run_pictures import bars_picture, map_picture

MOST_PLACES = 200  # rows; a campaign for wards may have thousands, and the CSV has them all
_OPEN = (State.PENDING, State.CLAIMED, State.DEFERRED)


def province_section(full: FullReport, reader: Reader) -> Iterator[Section]:
    """Yield the provinces, the worst reached first; nothing where nobody is written to one by one."""
    rows = full.provinces
    if not rows:
        return
    blocks: list[Block] = [map_picture(full, reader), _province_table(rows), bars_picture(rows, reader)]
    if full.followers_unknown:
        blocks.append(Lines([_("The followers could not be counted: {why}", why=full.followers_unknown)]))
    yield Section(_("By province, the worst reached first"), blocks)


def _province_table(rows: Sequence[ProvinceResult]) -> Table:
    columns = (
        _("province"), _("people meant"), _("accepted"), "%", _("refused"), _("unknown"), _("other states"),
        _("followers now"), "%", _("population (estimate)"), "%",
    )  # fmt: skip
    cells = [
        (
            row.name, row.people, _of(row, State.ACCEPTED), _share(row.share), _of(row, State.REJECTED), _of(row, State.UNKNOWN),
            _others(row), row.followers, _share(row.of_followers), row.population, _share(row.of_population),
        )
        for row in rows
    ]  # fmt: skip
    return Table(columns, cells, _sum(rows), frozenset(range(1, 11)), small=True)


def _of(row: ProvinceResult, state: State) -> int:
    return row.totals.get(state, 0)


def _others(row: ProvinceResult) -> int:
    return row.people - sum(_of(row, state) for state in (State.ACCEPTED, State.REJECTED, State.UNKNOWN))


def _share(share: float | None) -> str | None:
    return None if share is None else decimal(100 * share, 1)


def _sum(rows: Sequence[ProvinceResult]) -> tuple[object, ...]:
    people, accepted = sum(row.people for row in rows), sum(_of(row, State.ACCEPTED) for row in rows)
    known = all(row.followers is not None for row in rows)
    return (
        _("all"), people, accepted, percent_of(accepted, people), sum(_of(row, State.REJECTED) for row in rows),
        sum(_of(row, State.UNKNOWN) for row in rows), sum(map(_others, rows)),
        sum(row.followers or 0 for row in rows) if known else None, "", sum(row.population or 0 for row in rows), "",
    )  # fmt: skip


def place_section(full: FullReport) -> Iterator[Section]:
    """Yield when each place was reached, against the danger; the latest first."""
    if not full.places:
        return
    day = in_vietnam(full.course.began_at or full.alert.frozen_at).date()
    ordered = sorted(full.places, key=_lateness)
    rows = [_place_row(place, day) for place in ordered[:MOST_PLACES]]
    columns = (
        _("place"),
        _("people"),
        _("first accepted"),
        _("half of them"),
        "90 %",
        _("last accepted"),
        _("planned"),
        _("danger begins"),
        _("half before the danger"),
    )
    blocks: list[Block] = [
        Table(columns, rows, numeric=frozenset(range(1, 9)), small=True),
        Lines([_("Times without a day are of {day}.", day=f"{day.day}/{day.month}/{day.year}")]),
    ]
    if (more := len(ordered) - len(rows)) > 0:
        blocks.append(Lines([_("{more} more places are in the CSV file", more=count(more))]))
    yield Section(_("When each place was reached, the latest first"), blocks)


def _lateness(place: PlaceResult) -> tuple[bool, float, str]:
    if not place.people:
        return True, 0.0, place.label
    if place.half_at is None:
        return False, float("-inf"), place.label
    lead_s = place.lead_s
    return False, -place.half_at.timestamp() if lead_s is None else lead_s - 1e12, place.label


def _place_row(place: PlaceResult, day: date) -> tuple[object, ...]:
    instants = (place.first_at, place.half_at, place.ninety_at, place.last_at, place.planned_at, place.onset)
    return place.label, place.people, *(_at(at, day) for at in instants), _lead(place.lead_s)


def _at(at: datetime | None, day: date) -> str | None:
    return moment(in_vietnam(at), day) if at else None


def _lead(lead_s: float | None) -> str | None:
    if lead_s is None:
        return None
    time = span(timedelta(seconds=abs(lead_s)))
    return time if lead_s > 0 else joined((_("after it"), time), ": ")
