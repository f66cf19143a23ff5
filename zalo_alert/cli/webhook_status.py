"""`webhook status`: how door and worker stand, and numbers of today that add up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zalo_alert.cli.answers_waiting import ENDED, remembered_words, tell_remembered, tell_waiting, waiting_words
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.cli.webhook import group
from zalo_alert.errors import AttentionNeeded, Cure
from zalo_alert.foundation.clock import SystemClock, instant
from zalo_alert.language import _, _n, count, decimal, joined, span

if TYPE_CHECKING:
    from zalo_alert.operations.webhook_status import SecretState, WebhookState

_LATE_S = 60.0  # so long an event may wait before somebody should look
_MOST_SECRETS = 8  # that are named on the screen; JSON has all


@group.command("status")
def status(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show how door and worker stand, what became of every event of today, what is parked, and which secrets are used.

    Ends with 0 when all is well, with 3 when something calls for a person: each such thing is named.

    Example: zalo-alert webhook status
    """
    from zalo_alert.operations.webhook_status import webhook_state
    from zalo_alert.operations.workspace import Workspace

    now = SystemClock().now()
    state = webhook_state(Workspace(workspace).settings, now)
    troubles = list(_troubles(state, now))
    display.fact("webhook-status", **_fields(state, now), problems=troubles)
    tell_waiting(state.answers.waiting)
    tell_remembered(state.remembered)
    for line in _lines(state, now):
        display.tell(line)
    for trouble in troubles:
        display.say(trouble, style="yellow")
    if troubles:
        raise AttentionNeeded(
            _n("{count} thing calls for a person", "{count} things call for a person", len(troubles), count=count(len(troubles)))
        )


def _lines(state: "WebhookState", now: datetime) -> Iterator[str]:
    door = joined(_door(state, now), " · ")
    yield _("door: {what}", what=door)
    yield _("worker: {what}", what=joined(_worker(state, now), " · "))
    yield from (_("an Immediate alert is being sent with app {app}: its look-ups stand still", app=app) for app in state.alerting)
    yield from remembered_words(state.remembered)
    if state.answers.ended:
        yield _("answers today: {what}", what=joined(_ended(state), " · "))
    if all_of := _stored(state):
        yield _("today: {what} = {all}", what=joined(_classes(state), " · "), all=count(all_of))
    else:
        yield _("today: nothing has come")
    yield _("beside them: {what}", what=joined(_beside(state), " · "))
    yield _n(
        "kept: {count} event with what people wrote", "kept: {count} events with what people wrote", state.words,
        count=count(state.words),
    )  # fmt: skip
    yield _("secrets: {what}", what=joined(_secrets(state), " · "))
    yield from _replaced(state, now)


def _door(state: "WebhookState", now: datetime) -> Iterator[str]:
    door = state.door
    if door is None:
        yield _("none has run here yet")
        return
    if not state.is_running:
        yield _("not running")
    elif door.closed_ms:
        yield _("closed: {why}", why=door.closed_why)
    else:
        yield _("up {time}", time=span(now - instant(door.started_ms / 1000)))
    yield _("{count} acknowledged", count=count(door.acknowledged))
    if door.last_ms:
        yield _("last {time} ago", time=span(now - instant(door.last_ms / 1000)))
    yield _("commit p99 {ms} ms", ms=decimal(door.commit_p99_ms))


def _worker(state: "WebhookState", now: datetime) -> Iterator[str]:
    if not state.is_worked_on:
        yield _("not running")
    yield _("lag {seconds} s", seconds=decimal(_lag_s(state, now)))
    yield _("{count} waiting", count=count(state.sums.waiting))
    if not state.answers.is_nothing:
        yield _("waiting to answer: {what}", what=waiting_words(state.answers.waiting, now))


def _ended(state: "WebhookState") -> Iterator[str]:
    """Yield what became of today's answers."""
    for ended, words in ENDED.items():
        if n := state.answers.ended.get(ended, 0):
            yield joined((words, count(n)), " ")


def _beside(state: "WebhookState") -> Iterator[str]:
    repeated = state.sums.repeated
    yield _n("{count} copy", "{count} copies", repeated, count=count(repeated))
    yield _("{count} parked", count=count(state.parked.waiting))
    yield _("{count} refused", count=count(state.refused))


def _classes(state: "WebhookState") -> Iterator[str]:
    """Yield how many are in each class, and what waits: terms of the sum."""
    from zalo_alert.cli.webhook_words import CLASS_WORDS, RECEIPT_WORDS

    for kind, words in CLASS_WORDS.items():
        if n := state.sums.classes.get(kind, 0):
            yield joined((words, count(n)), " ")
    for receipt, words in RECEIPT_WORDS.items():
        if n := state.sums.receipts.get(receipt, 0):
            yield joined((words, count(n)), " ")
    if state.sums.waiting:
        yield joined((_("waiting"), count(state.sums.waiting)), " ")


def _stored(state: "WebhookState") -> int:
    return state.sums.stored + sum(state.sums.receipts.values())


def _lag_s(state: "WebhookState", now: datetime) -> float:
    oldest_ms = state.sums.oldest_waiting_ms
    return 0.0 if oldest_ms is None else max(0.0, now.timestamp() - oldest_ms / 1000)


def _secrets(state: "WebhookState") -> Iterator[str]:
    right = sum(bool(secret.used) for secret in state.secrets)
    if not state.secrets:
        yield _("none is set")
        return
    if not right:
        yield _("{count} set, and no event has been signed with one yet", count=count(len(state.secrets)))
    else:
        yield _("{count} set, {right} of them seen right", count=count(len(state.secrets)), right=count(right))
    if n := len(state.without_secret):
        yield _n("{count} account has none", "{count} accounts have none", n, count=count(n))


def _replaced(state: "WebhookState", now: datetime) -> Iterator[str]:
    """Yield a line for each secret that is being replaced."""
    replaced = [secret for secret in state.secrets if secret.has_next]
    yield from (joined(("  ", _replacement(secret, now)), "") for secret in replaced[:_MOST_SECRETS])
    if len(replaced) > _MOST_SECRETS:
        yield joined(("  ", _("and {more} more are being replaced", more=count(len(replaced) - _MOST_SECRETS))), "")


def _replacement(secret: "SecretState", now: datetime) -> str:
    if secret.used_at is None:
        return _("{variable} is being replaced: neither has been right yet", variable=secret.variable)
    ago = span(max(timedelta(0), now - secret.used_at))
    return _("{variable} is being replaced: {used} was right {time} ago", variable=secret.variable, used=secret.used, time=ago)


def _troubles(state: "WebhookState", now: datetime) -> Iterator[str]:
    door, worker = state.door, state.worker
    if not state.is_running:
        yield _("nobody receives events: start {webhook}", webhook=Cure.WEBHOOK())
    elif door is not None and door.closed_ms:
        yield _("events can't be stored, and Zalo finds nobody: {why}", why=door.closed_why)
    if worker is not None and worker.trouble:
        yield _("the worker does not go on: {why}", why=worker.trouble)
    elif _lag_s(state, now) > _LATE_S:
        yield _("events have waited for the worker for {time}", time=span(timedelta(seconds=_lag_s(state, now))))
    if state.parked.waiting:
        yield _n(
            "{count} event fits none of our secrets: correct the secret, then {recheck}",
            "{count} events fit none of our secrets: correct the secret, then {recheck}",
            state.parked.waiting, count=count(state.parked.waiting), recheck=Cure.WEBHOOK_RECHECK(),
        )  # fmt: skip
    if n := len({held.oa for held in state.answers.held}):
        yield _n(
            "answers of {count} OA wait: Zalo refuses it", "answers of {count} OAs wait: Zalo refuses them", n, count=count(n)
        )
    if state.ahead:
        yield _("the clock of this machine was ahead: {file} takes all events until that day; none is lost", file=state.ahead)
    if not state.sums.adds_up:
        yield _("the sum does not add up: {stored} are stored", stored=count(state.sums.stored))


def _fields(state: "WebhookState", now: datetime) -> dict[str, object]:
    sums, door, worker = state.sums, state.door, state.worker
    return {
        "running": state.is_running,
        "closed": bool(door and door.closed_ms),
        "why": door.closed_why if door else "",
        "pid": door.pid if door else None,
        "started_at": instant(door.started_ms / 1000) if door else None,
        "acknowledged": door.acknowledged if door else 0,
        "last_at": instant(door.last_ms / 1000) if door and door.last_ms else None,
        "commit_p99_ms": door.commit_p99_ms if door else None,
        "worker_running": state.is_worked_on,
        "worker_pid": worker.pid if worker else None,
        "lag_s": round(_lag_s(state, now), 1),
        "since": state.since,
        "stored": sums.stored,
        "repeated": sums.repeated,
        "classes": {str(kind): n for kind, n in sums.classes.items()},
        "receipts": {str(kind): n for kind, n in sums.receipts.items()},
        "waiting": sums.waiting,
        "answers": {str(ended): n for ended, n in state.answers.ended.items()},
        "answers_waiting": sum(each.answers for each in state.answers.waiting),
        "alerting_apps": list(state.alerting),
        "held_oas": [held.oa for held in state.answers.held],
        "adds_up": sums.adds_up,
        "words_kept": state.words,
        "parked": state.parked.waiting,
        "let_in": state.parked.let_in,
        "crowded_out": state.parked.crowded_out,
        "parked_expired": state.parked.expired,
        "refused_requests": state.refused,
        "without_secret": list(state.without_secret),
        "secrets": [_secret_fields(secret) for secret in state.secrets],
    }


def _secret_fields(secret: "SecretState") -> dict[str, object]:
    return {"variable": secret.variable, "replaced": secret.has_next, "used": secret.used, "used_at": secret.used_at}
