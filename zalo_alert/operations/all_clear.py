"""The all-clear of runs whose danger is over: what still goes on with them is stopped, and whoever they reached is told, once."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from zalo_alert.delivery.checks import check_seal
from zalo_alert.errors import CampaignRefused, Cure, RunHeld, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.operations.correct import Agree, held, stop, take_back
from zalo_alert.operations.follow_up import FollowUpDraft, Wording, check_was_sent, draft_follow_up, next_id
from zalo_alert.operations.holding import check_home
from zalo_alert.operations.open_run import frozen_notice, tell_passed
from zalo_alert.operations.orders import Orders
from zalo_alert.planning.follow_up import freeze_follow_up
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import ENDED, RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake

if TYPE_CHECKING:
    from zalo_alert.operations.observing import Observer


def give_all_clear(
    named: Sequence[Run], runs: Runs, settings: Settings, observer: "Observer", agree: Agree, wording: Wording
) -> Run:
    """Freeze what says that the danger is over: to whoever some runs have reached, everybody once.

    Args:
        named: The runs; the first has the text.
        runs: Where the all-clear appears.
        settings: The workspace's.
        observer: Told what was done.
        agree: Asked once nobody more is written to; it raises to refuse, and the stops are taken back.
        wording: What is said.

    Raises:
        CampaignRefused: One of them was never sent, or nothing is ready to be said.
        RunHeld: There is an all-clear of it already, or it was wrong and corrected.
        RunBusy: A sender did not end in time.
        StorageUnusable: A folder is damaged, or the disk is full.
    """
    check_awake(settings.state_dir)
    alerts = list({run.id: run for run in named}.values())
    for run in alerts:
        _check_kind(run)
        check_was_sent(run)
    name = _next(alerts, runs)
    stopped = [(run, stop(run, observer)) for run in alerts]
    draft = draft_follow_up(name, Kind.ALL_CLEAR, alerts, wording, settings)
    if not draft.people and not draft.campaign.broadcast:
        raise CampaignRefused(_("nobody was reached: there is nobody to give an all-clear to"))
    try:
        agree(draft)
    except ZaloAlertError:
        for run, was in stopped:
            take_back(run, was, observer, _("no all-clear given"))
        raise
    return _freeze(alerts, draft, runs, observer)


def _check_kind(run: Run) -> None:
    if run.facts.kind is not Kind.ALERT:
        raise CampaignRefused(
            _("{run} is a correction or an all-clear itself", run=run.id),
            hint=_("name the alert whose danger is over: {runs} lists them", runs=Cure.RUNS()),
        )
    if run.state is RunState.CORRECTED:
        raise RunHeld(
            _("{run} was wrong and has been corrected: an all-clear would say that it was right", run=run.id),
            hint=_("{correct} corrects the correction", correct=Cure.CORRECT(run.id, text="FILE")),
        )


def _next(alerts: Sequence[Run], runs: Runs) -> RunId:
    """Name the all-clear of some runs, none of which has one, by whichever of them that was given."""
    name = next_id(alerts[0], Kind.ALL_CLEAR, runs).id
    for run in alerts:
        if found := _given(run, runs):
            raise RunHeld(
                _("there is an all-clear of {run} already, {all_clear}", run=run.id, all_clear=found.id),
                hint=_("{status} shows how it stands", status=Cure.STATUS(found.id)),
            )
    return name


def _given(alert: Run, runs: Runs) -> Run | None:
    """Find the all-clear that was given of a run together with others, whose name it has; one that ended unsent is none."""
    for run in (runs.open(name) for name in runs.ids() if Kind.ALL_CLEAR in name):
        is_one = run.facts.kind is Kind.ALL_CLEAR and alert.id in run.facts.parent
        if is_one and (run.is_begun or run.state not in ENDED):
            return run
    return None


def _freeze(alerts: Sequence[Run], draft: FollowUpDraft, runs: Runs, observer: "Observer") -> Run:
    settings, now = draft.request.settings, SystemClock().now()
    require_safe_hosts(settings)
    with ExitStack() as locks:
        for run in sorted(alerts, key=lambda run: run.id):  # in one order, so that two of these can't wait for each other
            locks.enter_context(held(run))
        if _next(alerts, runs) != draft.request.id:
            raise RunHeld(_("{run} has an all-clear meanwhile", run=alerts[0].id), hint=_("{runs} lists it", runs=Cure.RUNS()))
        for run in alerts:
            _check_kind(run)  # it may have been corrected meanwhile
            check_home(run, settings, Orders(), now, observer)
            if remark := check_seal(run, settings):
                observer.on_notice(Notice(remark, "", Level.WARNING))
            run.note("all-clear", _("all clear by {run}", run=draft.request.id), now)
        run = freeze_follow_up(draft.request, runs, SystemClock().now())
    tell_passed(run, settings, observer)
    observer.on_notice(frozen_notice(run))
    return run
