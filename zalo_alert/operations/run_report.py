"""The full report of a run, and its files: what is the run's own, with the follower books and quotas of its workspace."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, instant
from zalo_alert.foundation.layout import rates_of
from zalo_alert.language import joined
from zalo_alert.operations.release import release_of
from zalo_alert.operations.state import book_of
from zalo_alert.pacing.quotas import Quotas
from zalo_alert.reporting.full_report import FullReport, QuotaUse
from zalo_alert.reporting.gather import Surroundings, gather
from zalo_alert.runs.run import Run

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.reporting.page import Reader


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a full report is written to; None for none of that kind."""

    html: Path | None = None
    pdf: Path | None = None
    csv: Path | None = None

    @property
    def is_none(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.html or self.pdf or self.csv)


def full_report_of(run: Run, workspace: "Workspace", now: datetime | None = None) -> FullReport:
    """Gather all that is told of a run.

    What is not the run's own hides nothing of it: a book or settings that can't be read are told as unknown.

    Raises:
        StorageUnusable: The run's files can't be used, or its states don't add up.
    """
    followers, why = _followers(run, workspace)
    around = Surroundings(release_of(run), followers, why, tuple(_quotas(run, workspace)))
    return gather(run, around, now or SystemClock().now())


def _followers(run: Run, workspace: "Workspace") -> tuple[dict[str, int] | None, str]:
    """Count the followers of the run's OAs as their books are now, by place; None and why where that can't be done."""
    people: Counter[str] = Counter()
    whys = []
    for name in run.facts.accounts:
        try:
            people.update(book_of(workspace.account(name), workspace.settings).people_by_place())
        except ZaloAlertError as exc:
            whys.append(joined((name, exc.message), ": "))
    return (None, joined(whys, "; ")) if whys else (dict(people), "")


def _quotas(run: Run, workspace: "Workspace") -> Iterator[QuotaUse]:
    """Read what Zalo told last of the quotas of the run's OAs; nobody is asked."""
    rates, facts = rates_of(workspace.folder), run.facts
    if not rates.exists():
        return
    with closing(Quotas(rates)) as quotas:
        for name, oa_id in zip(facts.accounts, facts.oa_ids, strict=False):  # a run of before has no ids of OAs
            for kind, left in quotas.of(oa_id).items():
                yield QuotaUse(name, kind.value, left.left, left.total, instant(left.at_s))


def write_report(full: FullReport, files: "ReportFiles", reader: "Reader") -> list[Path]:
    """Write a full report to files; each is there only when it is whole, and for nobody else to read.

    Returns:
        Which were written.

    Raises:
        InputInvalid: One can't be written, or no PDF can be made here; those before it are there.
    """
    from zalo_alert.reporting.page import draw_page
    from zalo_alert.reporting.printing import pdf_of
    from zalo_alert.reporting.report_csv import csv_of
    from zalo_alert.reporting.run_page import run_page
    from zalo_alert.reporting.sheet import write_whole

    page = draw_page(run_page(full, reader), reader) if files.html or files.pdf else b""
    written = []
    for target in filter(None, (files.html, files.csv, files.pdf)):
        write_whole(page if target is files.html else csv_of(full) if target is files.csv else pdf_of(page), target)
        written.append(target)
    return written
