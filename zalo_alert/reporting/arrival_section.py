"""The part of a run's page that tells of messages that arrived: by province, those with the fewest receipts first."""

from collections.abc import Iterator

from zalo_alert.language import _
from zalo_alert.models import State
from zalo_alert.reporting.arrived import Arrived, doubts_of
from zalo_alert.reporting.full_report import FullReport, ProvinceResult
from zalo_alert.reporting.page import Block, Lines, Section, Table
from zalo_alert.reporting.percent import percent_of


def arrival_section(full: FullReport) -> Iterator[Section]:
    """Yield how many of those accepted were delivered and seen; nothing where no receipts are kept or nobody was accepted."""
    accepted, counts = full.report.totals[State.ACCEPTED], full.receipts
    if not counts.is_kept or not accepted:
        return
    rows = sorted((row for row in full.provinces if row.arrived and _accepted(row)), key=_share)
    cells = [(row.name, *_cells(_accepted(row), row.arrived or Arrived())) for row in rows]
    columns = (_("province"), _("accepted"), _("delivered"), _("% of those accepted"), _("seen"), _("% of those accepted"))
    total = (_("all"), *_cells(accepted, Arrived(counts.delivered, counts.seen)))
    blocks: list[Block] = [Table(columns, cells, total, numeric=frozenset({3, 5}))]
    if doubts := list(doubts_of(counts, full.report.run)):
        blocks.append(Lines(doubts, is_list=True))
    yield Section(_("Delivered and seen, the fewest first"), blocks)


def _accepted(row: ProvinceResult) -> int:
    return row.totals.get(State.ACCEPTED, 0)


def _share(row: ProvinceResult) -> tuple[float, int]:
    return (row.arrived or Arrived()).delivered / _accepted(row), -_accepted(row)


def _cells(accepted: int, arrived: Arrived) -> tuple[object, ...]:
    delivered, seen = arrived
    return accepted, delivered, percent_of(delivered, accepted), seen, percent_of(seen, accepted)
