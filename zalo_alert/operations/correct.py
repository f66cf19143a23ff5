"""The correction of a run that was wrong: it is stopped before anything else is asked, and nothing goes on with it afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.delivery.checks import check_seal, frozen_campaign
from zalo_alert.errors import Cure, RunBusy, RunHeld, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.operations.follow_up import FollowUpDraft, Wording, check_was_sent, draft_follow_up, next_id, unsigned
from zalo_alert.operations.holding import check_home
from zalo_alert.operations.open_run import frozen_notice, tell_passed
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.stop import Stopped, stop_and_settle
from zalo_alert.planning.follow_up import freeze_follow_up
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake

if TYPE_CHECKING:
    from zalo_alert.operations.observing import Observer

Agree = Callable[[FollowUpDraft], None]  # raises where whoever is asked does not agree


class Target(NamedTuple):
    """The run that is corrected, and the name of what corrects it."""

    run: Run
    id: RunId


def correct_run(run: Run, runs: Runs, settings: Settings, observer: "Observer", agree: Agree, wording: Wording) -> Run:
    """Stop a run, and freeze what corrects it: to exactly those whom it reached, the first of them first.

    Args:
        run: Which one; of a corrected one, its correction is corrected.
        runs: Where the correction appears.
        settings: The workspace's.
        observer: Told what was done.
        agree: Asked once nobody more is written to; it raises to refuse, and the stop is taken back.
        wording: What is said.

    Raises:
        CampaignRefused: It was never sent, or nothing is ready to be said.
        RunBusy: The sender did not end in time, or somebody else corrects it now.
        RunHeld: It has been corrected meanwhile.
        StorageUnusable: Its folder is damaged, or the disk is full.
    """
    check_awake(settings.state_dir)
    if frozen := unsigned(alert_of(run, runs), Kind.CORRECTION, runs, settings):
        parents = [runs.open(name) for name in frozen.facts.parent]
        draft = draft_follow_up(frozen.id, Kind.CORRECTION, parents, wording, settings)
        _check_same_words(frozen, draft)
        agree(draft)
        return frozen
    target = find_target(run, runs)
    stopped = stop(target.run, observer)
    target = find_target(run, runs)  # somebody else may have corrected it while it was being stopped
    draft = draft_follow_up(target.id, Kind.CORRECTION, [target.run], wording, settings)
    if not draft.people and not draft.campaign.broadcast:
        raise RunHeld(
            _("{run} has reached nobody: there is nothing to correct", run=target.run.id),
            hint=_("{cancel} ends it for good", cancel=Cure.CANCEL(target.run.id)),
        )
    try:
        agree(draft)
    except ZaloAlertError:
        take_back(target.run, stopped, observer, _("not corrected"))
        raise
    return _freeze(run, target, draft, runs, observer)


def _check_same_words(frozen: Run, draft: FollowUpDraft) -> None:
    """Have nobody sign words that they were not shown: what was cut short was perhaps given another text.

    Raises:
        RunHeld: It was.
    """
    was, now = frozen_campaign(frozen), draft.campaign
    if (was.headline, was.text, was.routes, was.broadcast) != (now.headline, now.text, now.routes, now.broadcast):
        raise RunHeld(
            _("{run} is frozen with other words, and nobody has signed it yet", run=frozen.id),
            hint=_("{cancel} ends it; then correct once more with these", cancel=Cure.CANCEL(frozen.id)),
        )


def alert_of(run: Run, runs: Runs) -> Run:
    """Return the alert at the beginning of what corrects each other."""
    while run.facts.kind is Kind.CORRECTION:
        run = runs.open(run.facts.parent[0])
    return run


def find_target(run: Run, runs: Runs) -> Target:
    """Return which run is corrected when one is named: that, or the latest of its corrections that has been sent.

    Raises:
        CampaignRefused: It was never sent.
        RunHeld: A correction of it is frozen, and not sent yet.
    """
    run = alert_of(run, runs)
    check_was_sent(run)
    name, latest = next_id(run, Kind.CORRECTION, runs)
    return Target(latest or run, name)


def stop(run: Run, observer: "Observer") -> Stopped:
    """Have nobody more of a run written to, and say so; see `stop_and_settle`."""
    stopped = stop_and_settle(run, on_notice=observer.on_notice)
    if stopped.holds:
        sentence = _("{run} is stopped: nobody more is written to", run=run.id)
        observer.on_notice(Notice(sentence, "stop", Level.STRONG, {"run": run.id, "active": stopped.was_active, "held": True}))
    return stopped


def take_back(run: Run, stopped: Stopped, observer: "Observer", why: str) -> None:
    """Let go of a stop that was made for a correction which nobody wants now; one of before stays."""
    if not stopped.holds or stopped.held_before:
        return
    with suppress(StorageUnusable):  # it holds longer than it need: the first error is the one to tell
        run.note("released", why, SystemClock().now())
    sentence = _("{run} is stopped, {why}: {resume} goes on with it", run=run.id, why=why, resume=Cure.RESUME(run.id))
    observer.on_notice(Notice(sentence, "", Level.STRONG))


def _freeze(named: Run, target: Target, draft: FollowUpDraft, runs: Runs, observer: "Observer") -> Run:
    run, settings = target.run, draft.request.settings
    require_safe_hosts(settings)
    with held(run):
        if find_target(named, runs).id != target.id:
            raise RunHeld(
                _("{run} has been corrected meanwhile", run=run.id),
                hint=_("{status} shows how that goes", status=Cure.STATUS(target.id)),
            )
        now = SystemClock().now()
        check_home(run, settings, Orders(), now, observer)
        if remark := check_seal(run, settings):
            observer.on_notice(Notice(remark, "", Level.WARNING))
        run.correct(_("corrected by {run}", run=target.id), now, observer.on_notice)
        correction = freeze_follow_up(draft.request, runs, SystemClock().now())
    tell_passed(correction, settings, observer)
    observer.on_notice(frozen_notice(correction))
    return correction


@contextmanager
def held(run: Run) -> Iterator[None]:
    """Hold a run while what follows it is frozen.

    Raises:
        RunBusy: Another process has it.
    """
    try:
        with run.locked():
            yield
    except RunBusy as exc:
        raise RunBusy(
            _("{run} is held by another process, which sends or corrects it", run=run.id),
            hint=_("{correct} once more in a minute", correct=Cure.CORRECT(run.id)),
        ) from exc
