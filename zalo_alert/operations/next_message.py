"""The next message that an alert has promised in its field `tin_tiep_theo`: when it is due, and whether one has come since."""

from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, span
from zalo_alert.models import RunId
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import NEVER_SENT, RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs

FIELD = "tin_tiep_theo"
LEAD = timedelta(minutes=15)  # before it is due, a person is reminded: a text takes as long to write and to approve
STALE = timedelta(hours=12)  # a shift; what was due before that is no news


class NextMessage(NamedTuple):
    """What an alert has promised.

    Args:
        run: That promised it.
        due_at: When.
        is_missing: Whether that is near or over, and nothing has followed the alert.
    """

    run: RunId
    due_at: datetime
    is_missing: bool

    def in_words(self, now: datetime) -> str:
        """Say it in a sentence."""
        fields = {"run": self.run, "at": words(self.due_at), "time": span(abs(self.due_at - now))}
        if not self.is_missing:
            return _("{run} has promised the next message for {at}", **fields)
        if now < self.due_at:
            return _("{run} has promised the next message for {at}: in {time}, and none is there yet", **fields)
        return _("{run} has promised the next message for {at}: {time} ago, and none is there", **fields)


def next_message(run: Run, runs: Runs, now: datetime) -> NextMessage | None:
    """Return what a run has promised; None where it has promised nothing, or that is long over or has come.

    Raises:
        StorageUnusable: The run can't be read.
    """
    if run.facts.kind is not Kind.ALERT or not run.is_begun or run.state in (*NEVER_SENT, RunState.CORRECTED):
        return None
    if FIELD.encode() not in run.campaign_bytes():  # most have none, and reading a campaign whole takes a while
        return None
    due_at = frozen_campaign(run).fields.get(FIELD)
    if not isinstance(due_at, datetime) or now > due_at + STALE or _has_followed(run, runs):
        return None
    return NextMessage(run.id, due_at, is_missing=now >= due_at - LEAD)


def _has_followed(alert: Run, runs: Runs) -> bool:
    """Whether a later message has begun that names this one: a newer alert, a correction, an all-clear."""
    names = runs.ids_to_read()
    later = names[names.index(alert.id) + 1 :] if alert.id in names else names
    return any(_names(name, alert, runs) for name in later)


def _names(name: RunId, alert: Run, runs: Runs) -> bool:
    with suppress(ZaloAlertError), closing(runs.open_to_read(name)) as run:  # one that can't be read says nothing
        if not run.is_begun:
            return False
        if alert.id in run.facts.parent:
            return True
        return alert.facts.code.encode() in run.campaign_bytes() and alert.facts.code in frozen_campaign(run).references
    return False
