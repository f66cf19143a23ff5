"""Why a run ended before it was done, in the error that says it and what can be done about it.

What of a finished run calls for a person is judged in `reporting.completion`.
"""

from collections.abc import Collection, Mapping, Sequence

from zalo_alert.delivery.breaker import Halt
from zalo_alert.delivery.broadcaster import verdict as broadcast_verdict
from zalo_alert.delivery.dispatcher import DispatchResult, StopReason
from zalo_alert.errors import Cure, ErrorCause, Interrupted, RunSuspended, RunUnfinished, ZaloAlertError, about_run
from zalo_alert.foundation.clock import instant, words
from zalo_alert.language import _, count, joined, persons
from zalo_alert.ledger.broadcasts import BroadcastStatus
from zalo_alert.models import Campaign, Reason, State
from zalo_alert.runs.run import Run
from zalo_alert.zalo.codes import advise, cause_of, look_up
from zalo_alert.zalo.endpoints import ENDPOINTS

_REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_SENT: (_("the server cannot be reached"), _("check the network and ZALO_ALERT_OPENAPI_URL")),
    Reason.PROXY: (_("a proxy refuses to pass messages on"), _("give HTTPS_PROXY the name and password that it asks for")),
    Reason.NO_ANSWER: (
        _("requests are left without an answer"),
        _("check the network; {report} lists the people concerned", report=Cure.REPORT()),
    ),
    Reason.SERVER_ERROR: (_("the server answers with errors only"), _("wait for Zalo to recover")),
    Reason.UNREADABLE: (_("the server's answers cannot be read"), _("see whether something stands between you and Zalo")),
    Reason.OUT_OF_STEP: (_("answers come that are other people's"), _("see whether a proxy or balancer repeats answers")),
    Reason.CRASH: (_("the sender crashed"), ""),
}
_CAUSES: Mapping[Reason, ErrorCause] = {
    Reason.NOT_SENT: ErrorCause.NETWORK,
    Reason.PROXY: ErrorCause.PROXY,
    Reason.NO_ANSWER: ErrorCause.SERVER,
    Reason.SERVER_ERROR: ErrorCause.SERVER,
    Reason.UNREADABLE: ErrorCause.SERVER,
    Reason.OUT_OF_STEP: ErrorCause.SERVER,
    Reason.CRASH: ErrorCause.BUG,
    Reason.TOKEN: ErrorCause.TOKEN,
    Reason.BAD_MESSAGE: ErrorCause.MESSAGE,
}  # where Zalo's code need not be looked up
_WAITS: Mapping[Reason, ErrorCause] = {Reason.QUOTA: ErrorCause.QUOTA, Reason.NIGHT: ErrorCause.NIGHT}


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
        return (
            (
                _("{reason}, through the proxy {proxy}", reason=reason, proxy=proxy),
                _("{cure}; see whether the proxy is right", cure=cure),
            )
            if proxy
            else (reason, cure)
        )
    route = campaign.routes[halt.route].type
    host = ENDPOINTS[route][0]
    meaning = look_up(host, halt.code).meaning
    reason = _("Zalo answered {code} on route {route}: {meaning}", code=halt.code, route=route, meaning=meaning)
    if halt.reason is Reason.TOKEN and unrenewed:
        whys, cures = zip(*unrenewed[:MOST_TOLD], strict=True)
        more = (_("{accounts} names the others", accounts=Cure.ACCOUNTS(problems=True)),) if len(unrenewed) > MOST_TOLD else ()
        return joined((reason, *whys), "; "), joined((*cures, *more), "; ")
    return reason, advise(host, halt.code)


def halt_cause(campaign: Campaign, halt: Halt) -> ErrorCause:
    """Return the word for why a run halted."""
    return _CAUSES.get(halt.reason) or cause_of(ENDPOINTS[campaign.routes[halt.route].type][0], halt.code)


def verdict(
    run: Run, campaign: Campaign, ending: DispatchResult, proxy: str = "", deferred: Collection[Reason] = ()
) -> ZaloAlertError | None:
    """Turn an early ending into the error that says it, with its exit code; None of a run that is finished.

    Args:
        run: Which one.
        campaign: As frozen.
        ending: Of the dispatch.
        proxy: The one that calls go through, if any.
        deferred: Why those wait who are left.
    """
    totals = ending.totals
    resume = _("{resume} continues", resume=Cure.RESUME(run.id))
    if ending.reason is StopReason.HALTED and ending.halt:
        reason, cure = halted(campaign, ending.halt, proxy, ending.unrenewed)
        cure = about_run(cure, run.id, run.facts.accounts)
        hint = cure if Cure.RESUME in cure else joined(filter(None, (cure, resume)), "; ")
        cause = halt_cause(campaign, ending.halt)
        return RunSuspended(_("the run halted: {reason}", reason=reason), hint=hint, cause=cause)
    if ending.reason is StopReason.PAUSED:
        return RunSuspended(
            _("the run paused {objection}", objection=ending.objection),
            hint=_(
                "{report} says more; {resume} goes on in spite of it",
                report=Cure.REPORT(run.id),
                resume=Cure.RESUME(run.id, past_canary=True),
            ),
            cause=ErrorCause.CANARY,
        )
    if ending.reason is StopReason.STOPPED:
        left = totals[State.PENDING] + totals[State.DEFERRED]
        return Interrupted(
            _("stopped with {left} left and {unknown} unknown", left=persons(left), unknown=count(totals[State.UNKNOWN])),
            hint=_("{resume} continues, {cancel} ends it for good", resume=Cure.RESUME(run.id), cancel=Cure.CANCEL(run.id)),
        )
    if ending.reason is StopReason.WAITING:
        cause = next((word for why, word in _WAITS.items() if why in deferred), ErrorCause.WAITING)
        hint = _("{resume} continues then", resume=Cure.RESUME(run.id))
        return RunSuspended(_waiting(ending.due_at_s), hint=hint, cause=cause)
    return None


def _waiting(due_at_s: float | None) -> str:
    if not due_at_s:
        return _("everyone left must wait (quota or night)")
    return _("everyone left must wait until {due} (quota or night)", due=words(instant(due_at_s)))


def joined_verdict(run: Run, people: ZaloAlertError | None, broadcasts: Sequence[BroadcastStatus]) -> ZaloAlertError | None:
    """Say in one error how the messages to single people and the broadcast ended; what calls for a resume goes first."""
    other = broadcast_verdict(run.id, broadcasts)
    if people is None or other is None:
        return people or other
    rank = {Interrupted: 0, RunUnfinished: 2}
    first, second = sorted((people, other), key=lambda error: rank.get(type(error), 1))
    return type(first)(joined((first.message, second.message), "; "), hint=first.hint, cause=first.cause)
