"""How a run ended, in the error that says it and what can be done about it."""

from collections.abc import Mapping, Sequence

from zalo_alert.delivery.breaker import Halt
from zalo_alert.delivery.broadcaster import verdict as broadcast_verdict
from zalo_alert.delivery.dispatcher import DispatchResult, StopReason
from zalo_alert.errors import Cure, Interrupted, RunSuspended, RunUnfinished, ZaloAlertError
from zalo_alert.foundation.clock import instant, words
from zalo_alert.foundation.formatting import count, persons
from zalo_alert.ledger.broadcasts import BroadcastStatus
from zalo_alert.models import Campaign, Reason, State
from zalo_alert.runs.run import Run
from zalo_alert.zalo.codes import advise, look_up
from zalo_alert.zalo.endpoints import ENDPOINTS

_REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_SENT: ("the server cannot be reached", "check the network and ZALO_ALERT_OPENAPI_URL"),
    Reason.PROXY: ("a proxy refuses to pass messages on", "give HTTPS_PROXY the name and password that it asks for"),
    Reason.NO_ANSWER: ("requests are left without an answer", f"check the network; {Cure.REPORT()} lists the people concerned"),
    Reason.SERVER_ERROR: ("the server answers with errors only", "wait for Zalo to recover"),
    Reason.UNREADABLE: ("the server's answers cannot be read", "see whether something stands between you and Zalo"),
    Reason.OUT_OF_STEP: ("answers come that are other people's", "see whether a proxy or balancer repeats answers"),
    Reason.CRASH: ("the sender crashed", ""),
}


MOST_TOLD = 3  # that are told in one sentence; `accounts list --problems` has all of them


def halted(campaign: Campaign, halt: Halt, proxy: str = "", unrenewed: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """Say why a run halted and what to do about it; a proxy that stands between may be why.

    Args:
        campaign: Whose routes.
        halt: What was noticed.
        proxy: The one that calls go through, if any.
        unrenewed: Of each account whose token could not be renewed, why, and what to do about it.
    """
    if halt.reason in _REASONS:
        reason, cure = _REASONS[halt.reason]
        return (f"{reason}, through the proxy {proxy}", f"{cure}; see whether the proxy is right") if proxy else (reason, cure)
    route = campaign.routes[halt.route].type
    host = ENDPOINTS[route][0]
    meaning = look_up(host, halt.code).meaning
    reason = f"Zalo answered {halt.code} on route {route}: {meaning}"
    if halt.reason is Reason.TOKEN and unrenewed:
        whys, cures = zip(*unrenewed[:MOST_TOLD], strict=True)
        more = (f"{Cure.ACCOUNTS(problems=True)} names the others",) if len(unrenewed) > MOST_TOLD else ()
        return "; ".join((reason, *whys)), "; ".join((*cures, *more))
    return reason, advise(host, halt.code)


def verdict(run: Run, campaign: Campaign, ending: DispatchResult, proxy: str = "") -> ZaloAlertError | None:
    """Turn an ending into the error that says it, with its exit code; None when everyone was accepted.

    Args:
        run: Which one.
        campaign: As frozen.
        ending: Of the dispatch.
        proxy: The one that calls go through, if any.
    """
    totals = ending.totals
    resume = f"{Cure.RESUME(run.id)} continues"
    if ending.reason is StopReason.HALTED and ending.halt:
        reason, cure = halted(campaign, ending.halt, proxy, ending.unrenewed)
        return RunSuspended(f"the run halted: {reason}", hint=cure if Cure.RESUME in cure else f"{cure}; {resume}")
    if ending.reason is StopReason.PAUSED:
        return RunSuspended(
            f"the run paused {ending.objection}",
            hint=f"{Cure.REPORT(run.id)} says more; {Cure.RESUME(run.id, past_canary=True)} goes on in spite of it",
        )
    if ending.reason is StopReason.STOPPED:
        left = totals[State.PENDING] + totals[State.DEFERRED]
        cancel = f", {Cure.CANCEL(run.id)} ends it for good"
        return Interrupted(f"stopped with {persons(left)} left and {count(totals[State.UNKNOWN])} unknown", hint=resume + cancel)
    if ending.reason is StopReason.WAITING:
        due = words(instant(ending.due_at_s)) if ending.due_at_s else "later"
        return RunSuspended(f"everyone left must wait until {due} (quota or night)", hint=f"{resume} then")
    missed = sum(totals.values()) - totals[State.ACCEPTED]
    if missed:
        return RunUnfinished(f"finished; {persons(missed)} without an accepted message", hint=f"{Cure.REPORT(run.id)} says why")
    return None


def joined_verdict(run: Run, people: ZaloAlertError | None, broadcasts: Sequence[BroadcastStatus]) -> ZaloAlertError | None:
    """Say in one error how the messages to single people and the broadcast ended; what calls for a resume goes first."""
    other = broadcast_verdict(run.id, broadcasts)
    if people is None or other is None:
        return people or other
    rank = {Interrupted: 0, RunUnfinished: 2}
    first, second = sorted((people, other), key=lambda error: rank.get(type(error), 1))
    return type(first)(f"{first}; {second}", hint=first.hint)
