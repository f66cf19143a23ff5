"""Whether what comes back really comes: each thing looked at becomes a check. Judges values that it is given."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, span
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade

ABOUT = "webhook"
NEVER = timedelta(days=7)  # of silence of a kind of event, in all OAs of an app together
SOON = timedelta(days=21)  # before a certificate ends
AHEAD_S = 300.0  # an event may be later than this machine's clock by so much
NAMED = 5  # OAs that are named
# Each has a switch of its own on Zalo's page, off at first. The last stands for all echoes, whatever was sent.
WANTED = (
    "user_received_message", "user_seen_message", "follow", "unfollow", "user_send_text", "user_submit_info", "oa_send_text",
)  # fmt: skip


class Rotation(NamedTuple):
    """How an app's or an account's secrets stand.

    Args:
        name: The variable of the secret; that of the one which follows it ends in `_NEXT`.
        has_now: Whether it is set.
        has_next: Whether the one that follows is.
        used: The variable of the one that was right last; "" where none ever was.
    """

    name: str
    has_now: bool
    has_next: bool
    used: str


class WebhookFacts(NamedTuple):
    """What is known of a webhook that was ever used.

    Args:
        is_wanted: Whether the door was started, and nobody has stopped it.
        is_alive: Whether a process is at it.
        seen: When each kind of event came last, by app and name.
        apps: Whose events should come.
        secrets: Of every app, and of every account that has its own.
        without_secret: Accounts that no secret leads to.
        strangers: OAs that no account names, with how many events have come.
        parked: How many events wait for the right secret.
        ahead_s: How far the latest of the events was ahead of this machine's clock, in seconds.
        self_answered: OAs in whose name Zalo has answered people by itself.
        certificate_ends: When the door's own ends; None where a proxy has it.
    """

    is_wanted: bool
    is_alive: bool
    seen: Mapping[tuple[str, str], datetime] = {}
    apps: Sequence[str] = ()
    secrets: Sequence[Rotation] = ()
    without_secret: Sequence[str] = ()
    strangers: Mapping[str, int] = {}
    parked: int = 0
    ahead_s: float = 0.0
    self_answered: Sequence[str] = ()
    certificate_ends: datetime | None = None


def check_webhook(facts: WebhookFacts, now: datetime) -> list[Check]:
    """Judge what is known of a webhook; one line where all is well."""
    checks = [
        *_door(facts),
        *_secrets(facts),
        *_kinds(facts, now),
        *_strangers(facts),
        *_parked(facts),
        *_ahead(facts),
        *_self_answered(facts),
        *_certificate(facts, now),
    ]
    return checks or [Check(ABOUT, Grade.OK, _("the door is open, and every kind of event has come"))]


def _warn(said: str, cure: str) -> Check:
    return Check(ABOUT, Grade.WARN, said, cure)


def _door(facts: WebhookFacts) -> Iterator[Check]:
    if facts.is_alive:
        return
    cure = _("{webhook}, or the unit of deploy/", webhook=Cure.WEBHOOK())
    if facts.is_wanted:
        yield Check(ABOUT, Grade.FAIL, _("nobody receives what Zalo sends: the process that did is gone"), cure)
    else:
        yield _warn(_("nobody receives what Zalo sends: the door was stopped"), cure)


def _secrets(facts: WebhookFacts) -> Iterator[Check]:
    if facts.without_secret:
        named = _a_few(facts.without_secret)
        finding = _("no OA secret is known for {accounts}: whatever comes for them is parked", accounts=named)
        of_app = facts.apps[0] if len(facts.apps) == 1 else _("<APP ID>")
        variable = f"ZALO_ALERT_APP_{of_app}_OA_SECRET"
        cure = _("copy it from the webhook page of the app into the secrets file, as {variable}", variable=variable)
        yield Check(ABOUT, Grade.FAIL, finding, cure)
    for use in facts.secrets:
        if use.has_next:
            yield _rotation(use)


def _rotation(use: Rotation) -> Check:
    """Say how far the change of a secret is; both of the pair are right."""
    following = f"{use.name}_NEXT"
    if use.used == following or not use.has_now:
        return _warn(
            _("{following} is the one that Zalo signs with now", following=following),
            _("put it in the place of {name}, and remove {following}", name=use.name, following=following),
        )
    if use.used:
        return _warn(
            _("Zalo still signs with {name}, and {following} waits", name=use.name, following=following),
            _("change the key on Zalo's page, if that is still to be done"),
        )
    return _warn(
        _("neither {name} nor {following} was ever right", name=use.name, following=following),
        _("press the test button of Zalo's webhook page"),
    )


def _kinds(facts: WebhookFacts, now: datetime) -> Iterator[Check]:
    for app in facts.apps:
        recent = {name for (of, name), at in facts.seen.items() if of == app and now - at <= NEVER}
        missing = [name for name in WANTED if name not in recent]
        if not recent:
            yield _warn(
                _("nothing has come for app {app} for a week", app=app),
                _("register the address on its webhook page at developers.zalo.me, switch the events on, press the test button"),
            )
        elif missing:
            yield _warn(
                _("app {app}: these have not come for a week: {names}", app=app, names=", ".join(missing)),
                _("switch each on, on its webhook page at developers.zalo.me; one that nobody caused is no fault"),
            )


def _strangers(facts: WebhookFacts) -> Iterator[Check]:
    if facts.strangers:
        events = sum(facts.strangers.values())
        finding = _n(
            "linked to our apps, and no account of this workspace: OA {oas} ({events} event)",
            "linked to our apps, and no account of this workspace: OA {oas} ({events} events)",
            events,
            oas=_a_few(list(facts.strangers)),
            events=count(events),
        )
        yield _warn(finding, _("add it to the accounts, or take our app's consent away in the OA's settings"))


def _parked(facts: WebhookFacts) -> Iterator[Check]:
    if facts.parked:
        finding = _n(
            "{events} event is parked, since it fits no secret of ours",
            "{events} events are parked, since they fit no secret of ours",
            facts.parked,
            events=count(facts.parked),
        )
        yield _warn(finding, _("put the right OA secret in, then {recheck}", recheck=Cure.WEBHOOK_RECHECK()))


def _ahead(facts: WebhookFacts) -> Iterator[Check]:
    if facts.ahead_s > AHEAD_S:
        ahead = span(timedelta(seconds=facts.ahead_s))
        finding = _("an event is {ahead} ahead of this machine's clock", ahead=ahead)
        yield _warn(finding, _("have the network set the clock: onset, expiry, night and the rate go by it"))


def _self_answered(facts: WebhookFacts) -> Iterator[Check]:
    if facts.self_answered:
        finding = _("Zalo's own automatic answer is on for OA {oas}", oas=_a_few(facts.self_answered))
        yield _warn(finding, _("switch it off in the OA's manager, unless it is wanted: who writes gets that answer"))


def _certificate(facts: WebhookFacts, now: datetime) -> Iterator[Check]:
    ends = facts.certificate_ends
    if ends is None:
        return
    if ends <= now:
        finding = _("the door's certificate ended at {time}: Zalo can't reach it", time=words(ends))
        yield Check(ABOUT, Grade.FAIL, finding, _("renew it; the door reads it anew by itself"))
    elif ends - now < SOON:
        finding = _("the door's certificate ends in {left}, at {time}", left=span(ends - now), time=words(ends))
        yield _warn(finding, _("renew it; the door reads it anew by itself"))


def _a_few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return _("{named} and {others} more", named=shown, others=count(len(names) - NAMED)) if len(names) > NAMED else shown
