"""What became of a run, counted from its ledger: for a reader, or person by person into a file."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.models import State
from zalo_alert.operations.release import release_of
from zalo_alert.reporting import report
from zalo_alert.reporting.report import Report
from zalo_alert.runs.run import Run


def report_of(run: Run) -> Report:
    """Account for everyone in a run."""
    with closing(run.ledger()) as ledger:
        return report.make(run, frozen_campaign(run), ledger, release_of(run))


def export_run(run: Run, target: Path | BinaryIO, states: Sequence[State] = ()) -> int:
    """Write every person's state, of some states or of all; return how many people.

    Args:
        run: Whose people.
        target: A file whose ending says the format (.csv, .ndjson, .parquet), or an open one, which gets NDJSON.
        states: Only people in these.
    """
    from zalo_alert.reporting import export  # pyarrow takes 90 ms to load, which a report does without

    with closing(run.ledger()) as ledger:
        tables = export.tables(run, frozen_campaign(run), ledger, states)
        return export.write(tables, target) if isinstance(target, Path) else export.write_stream(tables, target)
