"""`receipts`: what phones say of messages that were sent, folded into the runs and shown."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, _n, count, joined, persons, span
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.receipts import ReceiptStatus, RunReceiptStatus

group = typer.Typer(no_args_is_help=True, help="What phones say of messages: delivered, seen; folded into the runs, and shown.")
app.add_typer(group, name="receipts")

_MOST_OAS = 5  # by name; --json has them all


@group.callback()
def root() -> None:
    """What phones say of messages: delivered, seen; folded into the runs, and shown."""


@group.command()
def fold(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Fold all receipts that have come; `webhook` does it by itself, unless with --no-worker.

    Stopped and started again, it goes on where it was; folded twice, nothing changes.

    Example: zalo-alert receipts fold
    """
    from zalo_alert.cli.run_view import ShellObserver

    with ShellObserver().showing_steps() as observer:
        done = Workspace(workspace).fold_receipts(_("folding receipts"), observer)
    display.fact("folding", receipts=done.receipts, settled=done.settled)
    if done.receipts:
        display.done(_n("{count} receipt was folded", "{count} receipts were folded", done.receipts, count=count(done.receipts)))
    else:
        display.done(_("no new receipt: all that have come are folded"))
    if done.settled:
        display.say(_("{people} of whom nobody knew are proved to have been accepted", people=persons(done.settled)))


@group.command()
def status(
    run: Annotated[str, typer.Argument(help="Only this run.", show_default=False, autocompletion=completions.runs)] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show for each run how many messages were delivered and seen, and how far receipts are folded.

    A receipt proves that a message is on a phone; that none came proves nothing.

    Example: zalo-alert receipts status
    """
    from zalo_alert.operations.webhook_sight import has_webhook

    home = Workspace(workspace)
    only = home.runs.open(run).id if run else None
    found = home.receipt_status(only)
    for row in found.runs:
        _show_run(row)
    _show_lag(found, home.settings.names_of_oas(), is_received=has_webhook(home.settings))


def _show_run(row: "RunReceiptStatus") -> None:
    counts = row.counts
    fields = ("delivered", "seen", "settled_by_receipt", "settled_by_echo", "two_candidates")
    values = {name: getattr(counts, name) if counts else 0 for name in fields}
    display.fact("receipts", run=row.run, kept=bool(counts and counts.is_kept), accepted=row.accepted, why=row.trouble, **values)
    if counts is None:
        display.say(_("{run}: {why}", run=row.run, why=row.trouble), style="yellow")
        return
    if not counts.is_kept:
        display.say(_("{run}: no receipts yet", run=row.run))
        return
    display.say(
        _(
            "{run}: {accepted} accepted, {delivered} delivered, {seen} seen",
            run=row.run, accepted=count(row.accepted), delivered=count(counts.delivered), seen=count(counts.seen),
        )
    )  # fmt: skip
    settled = counts.settled_by_receipt + counts.settled_by_echo
    if settled:
        display.say(_("  of whom nobody had known, receipts proved {people} accepted", people=persons(settled)))
    if counts.two_candidates:
        display.say(_("  {people} stay unknown: a receipt may be theirs or another's", people=persons(counts.two_candidates)))


def _show_lag(found: "ReceiptStatus", names: Mapping[str, str], *, is_received: bool) -> None:
    """Tell how far folding is.

    Args:
        found: What is known.
        names: What the workspace calls its OAs, by Zalo's id.
        is_received: Whether a webhook ever ran.
    """
    published = found.published
    unattributed = Counter(published.waiting) + Counter(published.given_up)
    until = in_vietnam(datetime.fromtimestamp(published.folded_until_ms / 1000, UTC)) if published.folded_until_ms else None
    display.fact(
        "receipts-lag", folded=published.folded, until=until, lag_s=round(found.lag_s, 1), unattributed=dict(unattributed),
        unreadable=list(published.unreadable),
    )  # fmt: skip
    if not published.folded and not found.lag_s:
        display.say(_("no receipt has come yet"))
        if not is_received:
            display.say(_("no webhook has run here yet: {webhook} receives them", webhook=Cure.WEBHOOK()))
        return
    folded = count(published.folded)
    if not published.folded:
        display.say(_("receipts have come, and none is folded yet: {fold}", fold=Cure.RECEIPTS_FOLD()))
    elif found.lag_s:
        display.say(_("receipts folded: {folded}, {lag} behind", folded=folded, lag=span(timedelta(seconds=found.lag_s))))
    else:
        display.say(_("receipts folded: {folded}, all that have come", folded=folded))
    if unattributed:
        most = unattributed.most_common(_MOST_OAS)
        named = joined([_("{oa}: {receipts}", oa=names.get(oa, oa), receipts=count(receipts)) for oa, receipts in most])
        display.say(_("belong to no run here, by OA: {named}", named=named))
    for name in published.unreadable:
        display.say(
            _("{run} can't be read: its receipts wait, and until then none that names no run settles anybody", run=name),
            style="yellow",
        )
