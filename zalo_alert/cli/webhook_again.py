"""`webhook recheck`, `replay`, `tail`: parked events verified again, handled ones handled anew, and any of them read."""

import time
from datetime import datetime
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.citizen_text import visible
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.cli.webhook import group
from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import SystemClock, in_vietnam
from zalo_alert.language import _, _n, count, joined

if TYPE_CHECKING:
    from zalo_alert.operations.webhook_again import Shown

LOOK_EVERY_S = 0.5  # for what has come, with --follow
_MOST_TEXT = 300  # characters of a message on a line; JSON has all
_FIRST = 20  # events that are shown before those that come


@group.command("recheck")
def recheck(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Verify the parked events again with the secrets as they are now, and let in those that are right.

    Example: zalo-alert webhook recheck
    """
    from zalo_alert.operations.webhook_again import recheck_parked
    from zalo_alert.operations.workspace import Workspace

    done = recheck_parked(Workspace(workspace).settings, SystemClock().now())
    display.fact("webhook-recheck", let_in=done.let_in, waiting=done.waiting)
    if not done.let_in and not done.waiting:
        display.done(_("nothing is parked"))
        return
    let_in = _n("{count} event was let in", "{count} events were let in", done.let_in, count=count(done.let_in))
    waiting = _n("{count} waits on", "{count} wait on", done.waiting, count=count(done.waiting))
    display.done(joined((let_in, waiting), " · "))


@group.command("replay")
def replay(
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From when on: 14:00, 2026-11-26T17:00 or 90m ago.")],
    end: Annotated[
        str, typer.Option("--to", metavar="TIME", help="Until when, in the same way; default: now.", show_default=False)
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be handled anew.")] = False,
    answer: Annotated[
        bool, typer.Option("--answer", help="Answer those, too, who have had no answer; without it nobody is written to.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give events that were handled their effects anew: who follows, who opted out, what was set aside.

    Nobody is written to, unless you say so; and nobody twice for one event.

    A second turn changes nothing. What the worker has not handled yet is left to it.

    Example: zalo-alert webhook replay --from 14:00 --to 14:10 --dry-run
    """
    from zalo_alert.cli.webhook_words import CLASS_WORDS
    from zalo_alert.operations.webhook_again import replay, would_replay
    from zalo_alert.operations.workspace import Workspace

    clock, settings = SystemClock(), Workspace(workspace).settings
    first, last = _instant(begin, clock.now()), _instant(end, clock.now()) if end else clock.now()
    counts = would_replay(settings, first, last) if dry_run else replay(settings, clock, first, last, may_answer=answer)
    display.fact("webhook-replay", dry_run=dry_run, events=counts.total(), counts={str(name): n for name, n in counts.items()})
    display.done(_said(counts.total(), dry_run=dry_run))
    called = {str(kind): said for kind, said in CLASS_WORDS.items()}
    for name, n in counts.most_common():
        display.tell(joined(("  ", called.get(name, name) or "–", "  ", count(n)), ""))


def _said(events: int, *, dry_run: bool) -> str:
    if dry_run:
        return _n("{count} event would be handled anew", "{count} events would be handled anew", events, count=count(events))
    return _n("{count} event was handled anew", "{count} events were handled anew", events, count=count(events))


def _instant(text: str, now: datetime) -> datetime:
    """Read a time of today (`9:05`, too), or what `instant_since` reads.

    Raises:
        UsageError: It is none.
    """
    try:
        padded = f"0{text}" if text[1:2] == ":" else text
        return datetime.combine(in_vietnam(now).date(), time_of_day.fromisoformat(padded), in_vietnam(now).tzinfo)
    except ValueError:
        pass
    try:
        return instant_since(text, now)
    except UsageError as exc:
        raise UsageError(
            _('"{text}" is no time', text=text), hint=_("write it like 14:00, 2026-11-26T17:00, or 90m for 90 minutes ago")
        ) from exc


@group.command("tail")
def tail(
    oa: Annotated[
        str | None, typer.Option("--oa", metavar="ID", help="Only of this account, by our id.", show_default=False)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with whatever comes, until Ctrl-C.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Read the last events but receipts as they came, people as marks, the newest last.

    Example: zalo-alert webhook tail --follow
    """
    from zalo_alert.operations.webhook_again import EventTail
    from zalo_alert.operations.workspace import Workspace

    events = EventTail(Workspace(workspace).settings, oa)
    first = events.last(_FIRST)
    _show(first)
    if not first:
        display.say(_("no event has come yet"))
    while follow:
        time.sleep(LOOK_EVERY_S)
        while some := events.read_on():
            _show(some)


def _show(events: "list[Shown]") -> None:
    for event in events:
        display.fact(
            "webhook-event", arrived_at=event.at, account=event.oa, name=event.name, person=event.person, text=event.text,
            tries=event.tries, file=event.place.file, seq=event.place.seq,
        )  # fmt: skip
        if not display.json:  # what citizens wrote goes into no log of ours
            display.data([f"{_line(event)}\n"])


def _line(event: "Shown") -> str:
    clock = in_vietnam(event.at).strftime("%d/%m %H:%M:%S")
    parts = (clock, event.oa, event.name or "–", event.person, visible(event.text[:_MOST_TEXT]))
    return "  ".join(visible(part) for part in parts if part)
