"""How a run came to be sent without an approval of its own, read off what the run and the log keep."""

import orjson

from zalo_alert.approval.envelope import Namespace
from zalo_alert.operations.audit import is_reviewed
from zalo_alert.reporting.release import ALONE, USED, Release
from zalo_alert.runs.run import Run

__all__ = ["Release", "release_of"]


def release_of(run: Run) -> Release:
    """Find out how a run came to be sent."""
    agreements = run.agreements()
    standing = next((orjson.loads(each.text)["name"] for each in reversed(agreements) if each.purpose == USED), "")
    if not any(each.purpose == Namespace.BREAK_GLASS for each in agreements):
        return Release(standing=standing)
    notes = [orjson.loads(each.text) for each in agreements if each.purpose == ALONE]
    by, reason = (notes[-1]["by"], notes[-1]["reason"]) if notes else ("?", "")
    return Release(by, reason, is_reviewed(run), standing)
