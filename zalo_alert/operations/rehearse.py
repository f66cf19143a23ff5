"""A rehearsal: every message of a draft rendered, none sent, nothing kept."""

from collections.abc import Mapping
from contextlib import closing

from zalo_alert.delivery import session
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Campaign, State
from zalo_alert.operations.draft import Draft
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.observing import Observer, QueuedObserver
from zalo_alert.operations.state import scratch_folder
from zalo_alert.operations.transport import dry_transport
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings


def rehearse(run: Run, campaign: Campaign, observer: Observer) -> Mapping[State, int]:
    """Render every message of a run and send none; nothing of it is kept. Return where everyone would stand."""

    async def connect() -> session.Transport:
        return dry_transport(run, campaign)

    with closing(run.ledger()) as frozen:
        ledger = MemoryLedger(frozen.audience, frozen.withheld)
    with QueuedObserver(observer) as queued:
        result = run_loop(
            session.send(
                run, campaign, ledger, connect, clock=SystemClock(), observer=queued,
                past_canary=True, waits=False,
            )
        )  # fmt: skip
    return result.totals


def rehearse_draft(draft: Draft, settings: Settings, observer: Observer) -> Mapping[State, int]:
    """Freeze a draft into a run of a folder that does not stay, and rehearse that."""
    with scratch_folder(settings) as folder:
        now = SystemClock().now()
        request = FreezeRequest(draft.plan, draft.text, draft.sources, settings, draft.files)
        run = freeze(request, Runs(folder), now)
        with closing(run):
            return rehearse(run, draft.campaign, observer)
