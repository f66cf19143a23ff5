"""Whether anybody may go on with a run, here: a stop by hand holds, and a copy is not the run."""

from datetime import datetime
from typing import TYPE_CHECKING

from zalo_alert.audit.events import AuditEvent
from zalo_alert.errors import ApprovalMissing, CampaignRefused, Cure, RunHeld
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.audit import log_of_run
from zalo_alert.operations.orders import Orders
from zalo_alert.runs.history import Hold
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run

if TYPE_CHECKING:
    from zalo_alert.operations.observing import Observer
    from zalo_alert.settings.model import Settings


def check_hold(run: Run, orders: Orders) -> None:
    """Let nobody but a person go on with what a person has stopped.

    Raises:
        RunHeld: A person has stopped it, and this is nobody's resume; or has cancelled it.
    """
    match run.state:
        case RunState.CANCELLED:
            raise RunHeld(
                _("run {run} was cancelled: nothing of it is sent any more", run=run.id),
                hint=_("give a new campaign a new code"),
            )
        case RunState.CORRECTED:
            raise RunHeld(
                _("run {run} was wrong and has been corrected: nothing of it is sent any more", run=run.id),
                hint=_("{runs} lists the correction; give a new campaign a new code", runs=Cure.RUNS()),
            )
        case RunState.REJECTED:
            raise RunHeld(
                _("run {run} was rejected: nothing of it is sent", run=run.id),
                hint=_("correct the campaign, then {submit}", submit=Cure.SUBMIT("campaigns/….yaml")),
            )
    match run.hold:
        case Hold.HELD if not orders.by_hand and run.is_open():
            raise RunHeld(
                _("run {run} was stopped by hand: only a person goes on with it", run=run.id),
                hint=_("{resume} continues, {cancel} ends it for good", resume=Cure.RESUME(run.id), cancel=Cure.CANCEL(run.id)),
            )
        case Hold.HELD if orders.by_hand:
            run.note("released", _("resumed by hand"), SystemClock().now())


def check_home(run: Run, settings: "Settings", orders: Orders, now: datetime, observer: "Observer") -> None:
    """Refuse a copy: it and its original would write to the same people, each of them to everyone left.

    Raises:
        CampaignRefused: The run has lived elsewhere so far, and nobody says that it has moved.
    """
    if not run.is_at_home():
        if not orders.moved:
            moved = Cure.RESUME(run.id, moved='"why"')
            raise CampaignRefused(
                _copied(run),
                hint=_("resume it there; or, when that one can never be sent again: {moved}", moved=moved),
            )
        by = "" if settings.direct else _take_over(run, settings, orders, now)
        log_of_run(run).append(AuditEvent.MOVED, now, who=by, run=run.id, why=orders.moved)
        run.note("moved", orders.moved, now)
        sentence = _("taken over here: make sure that the other copy is never sent, it would write to the same people")
        observer.on_notice(Notice(sentence, "", Level.STRONG))
    run.settle_in()


def _take_over(run: Run, settings: "Settings", orders: Orders, now: datetime) -> str:
    from zalo_alert.operations.moving import take_over

    if not orders.moved_signature:
        raise ApprovalMissing(
            _("run {run} is a copy, and an approver must sign that it is sent from here", run=run.id),
            hint=_("{moved}", moved=Cure.RESUME(run.id, moved='"why"', key="FILE")),
        )
    return take_over(run, orders.moved, orders.moved_signature, settings, now).name


def _copied(run: Run) -> str:
    if run.home is None:
        return _("run {run} is a copy: it was last sent from elsewhere", run=run.id)
    return _("run {run} is a copy: it was last sent from {folder}", run=run.id, folder=run.home.folder)
