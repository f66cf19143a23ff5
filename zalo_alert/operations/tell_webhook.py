"""What is told of the webhook: the words, and the facts beside them for programs. Notices nothing itself."""

from datetime import datetime, timedelta

from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, count, joined, span
from zalo_alert.notify.base import Event, Message
from zalo_alert.operations.tell_events import facts_of
from zalo_alert.runs.run import Run

LADDER = timedelta(hours=1, minutes=50)  # how long Zalo comes again, before it unsubscribes the app


def wrong_secret(app_id: str, variable: str, parked: int, at: datetime) -> Message:
    """Say that what comes for an account of ours fits no secret.

    Args:
        app_id: Of the app whose events they are.
        variable: Where its secret is put.
        parked: How many events wait for the right one.
        at: When.
    """
    title = _("webhook: the OA secret of app {app} is wrong? {events} events wait", app=app_id, events=count(parked))
    text = joined(
        (
            _("nothing that Zalo sends for it fits the secret we have; what comes is kept until the right one is there"),
            _(
                "copy the OA secret key from the app's webhook page into {variable}, then {recheck}",
                variable=variable,
                recheck=Cure.WEBHOOK_RECHECK(),
            ),
        ),
        "\n",
    )
    facts = {"app": app_id, "variable": variable, "parked": parked}
    return Message(
        Event.WEBHOOK_SECRET, "", at, title, text, facts, True, f"{app_id} {at:%Y-%m-%d}", (parked.bit_length() + 1) // 2
    )


def cannot_store(why: str, since: datetime, level: int, at: datetime) -> Message:
    """Say that the door is closed because it can't store, and until when that can be put right; `level` grows while it lasts."""
    title = _("webhook: nothing can be stored, so nothing is received: {why}", why=why)
    text = joined(
        (
            _(
                "since {time} Zalo finds the door closed. It comes again until about {end}, then it unsubscribes the app",
                time=words(since),
                end=words(since + LADDER),
            ),
            _("free some space or repair the disk: the door opens by itself as soon as it can store"),
        ),
        "\n",
    )
    facts = {"why": why, "since": since.isoformat(timespec="seconds")}
    return Message(Event.WEBHOOK_STORAGE, "", at, title, text, facts, True, facts["since"], level)


def lagging(lag: timedelta, level: int, at: datetime) -> Message:
    """Say that what was stored is not worked on in time; `level` grows while it lasts, and another hour is news again."""
    title = _("webhook: events have waited for {time}", time=span(lag))
    text = _("they are stored; but opt-outs and receipts count late. {status} says more", status=Cure.WEBHOOK_STATUS())
    return Message(Event.WEBHOOK_LAG, "", at, title, text, {"lag_s": int(lag.total_seconds())}, True, f"{at:%Y-%m-%dT%H}", level)


def no_receipts(run: Run, since: datetime, level: int, at: datetime) -> Message:
    """Say that a run is being sent and no receipt has come since, though some did before; `level` grows while it lasts."""
    title = _("webhook: no receipt since {time}, while {run} is being sent", time=words(since), run=run.id)
    text = joined(
        (
            _(
                "{status} says whether the door is open; look at the proxy, its certificate, the network",
                status=Cure.WEBHOOK_STATUS(),
            ),
            _(
                "where Zalo found it closed for about {time}, the app is unsubscribed: switch its webhook on again",
                time=span(LADDER),
            ),
        ),
        "\n",
    )
    facts = facts_of(run, since=since.isoformat(timespec="seconds"))
    return Message(Event.WEBHOOK_SILENT, run.id, at, title, text, facts, True, str(facts["since"]), level)


def down(since: datetime, at: datetime) -> Message:
    """Say that the door's process is gone without having been stopped."""
    title = _("webhook: nobody receives any more: the process that did is gone")
    text = joined(
        (
            _(
                "the last sign of it: {time}. Zalo comes again for about {ladder}, then it unsubscribes the app",
                time=words(since),
                ladder=span(LADDER),
            ),
            _("{webhook} starts it again", webhook=Cure.WEBHOOK()),
        ),
        "\n",
    )
    return Message(
        Event.WEBHOOK_DOWN,
        "",
        at,
        title,
        text,
        {"since": since.isoformat(timespec="seconds")},
        True,
        str(int(since.timestamp())),
        1,
    )
