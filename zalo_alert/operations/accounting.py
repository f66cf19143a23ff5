"""What became of a run, counted from its ledger: for a reader, or person by person into a file."""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from zalo_alert.audit.telling import Taken, export_told
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.models import State
from zalo_alert.operations.release import release_of
from zalo_alert.reporting import report
from zalo_alert.reporting.report import Report
from zalo_alert.runs.run import Run


def report_of(run: Run) -> Report:
    """Account for everyone in a run."""
    with closing(run.ledger()) as ledger:
        return report.make(run, frozen_campaign(run), ledger, release_of(run))


def export_run(run: Run, target: Path | BinaryIO, states: Sequence[State] = (), *, as_marks: bool = False) -> int:
    """Write every person's state, of some states or of all, and tell the log who took it; return how many people.

    Args:
        run: Whose people.
        target: A file whose ending says the format (.csv, .ndjson, .parquet), or an open one, which gets NDJSON.
        states: Only people in these.
        as_marks: With a mark in each person's place, which the key of this workspace makes: always the same of the same person.

    Raises:
        StorageUnusable: The log can't be told; what was written is there.
        SettingsInvalid: The key can't be used.
    """
    from zalo_alert.reporting import export  # pyarrow takes 90 ms to load, which a report does without

    with closing(run.ledger()) as ledger:
        tables = export.tables(run, frozen_campaign(run), ledger, states)
        if as_marks:
            tables = export.marked(tables, Marks(run.folder.parent.parent).joinable)
        if isinstance(target, Path):
            taken = Taken(export.write(tables, target, are_marked=as_marks), str(target), digest_of_file(target))
        else:
            digesting = _Digesting(target)
            taken = Taken(export.write_stream(tables, cast("IO[bytes]", digesting)), "-", digesting.digest)
    export_told(
        run.folder.parent.parent, taken, run=run.id, facts={"states": [state.value for state in states], "marks": as_marks}
    )
    return taken.people


class _Digesting:
    """Passes on what is written, and makes the digest of it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target, self._sum = target, hashlib.sha256()

    def write(self, data: Any) -> int:
        """Pass it on."""
        self._sum.update(data)
        return self._target.write(data)

    @property
    def digest(self) -> str:
        """Of everything so far."""
        return self._sum.hexdigest()
