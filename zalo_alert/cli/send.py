"""`send`: plan, freeze, confirm, dispatch."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import outlet, wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import (
    CampaignArgument,
    DespiteOption,
    DetachOption,
    EarlyOption,
    OutsideOption,
    RecipientsOption,
    WaitOption,
)
from zalo_alert.cli.planning import show_plan
from zalo_alert.errors import CampaignRefused, Interrupted, UsageError
from zalo_alert.foundation.formatting import persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zalo_alert.cli.drafting import Draft
    from zalo_alert.cli.running import Orders
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs
    from zalo_alert.settings.model import Settings


@app.command()
def send(
    campaign: CampaignArgument,
    recipients: RecipientsOption = None,
    occurrence: Annotated[
        str,
        typer.Option(
            "--occurrence", help="Key of this occurrence: the same campaign and key never send twice, so cron may repeat."
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask for the count; for cron and scripts.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan and render everything, send nothing, keep nothing.")] = False,
    detach: DetachOption = False,
    wait: WaitOption = False,
    early: EarlyOption = False,
    despite_never: DespiteOption = "",
    allow_outside: OutsideOption = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Plan a campaign, freeze it into a run, and send it; started again, it continues.

    Example: zalo-alert send campaigns/dien-tap-bao.yaml
    """
    from zalo_alert.cli.running import Orders, dispatch, start_of

    chosen = wiring.settings(workspace)
    all_runs = wiring.runs(workspace)
    if dry_run:
        _rehearse(campaign, recipients, chosen, allow_outside or (), despite_never)
        return
    orders = Orders(despite_never=despite_never, start=start_of(wait=wait, early=early))
    if yes:
        outlet.endure()  # nobody is asked, so nobody need read what it says
    found = _existing(campaign, recipients, occurrence, all_runs, chosen, orders) or _frozen(
        campaign, recipients, occurrence, all_runs, chosen, orders, yes=yes, outside=allow_outside or ()
    )
    if detach:
        from zalo_alert.cli.detaching import detached

        detached(found, workspace, orders)
        return
    dispatch(found, chosen, orders)


def _existing(
    path: Path, recipients: str | None, occurrence: str, all_runs: "Runs", chosen: "Settings", orders: "Orders"
) -> "Run | None":
    """Find the run that this campaign and occurrence already are; it must be of the same text and the same list."""
    from zalo_alert.cli.campaign_files import read_campaign
    from zalo_alert.cli.running import check_hold
    from zalo_alert.foundation.digests import digest_of
    from zalo_alert.runs.facts import run_id

    text, campaign = read_campaign(path)
    found = all_runs.find(run_id(campaign.code, occurrence))
    if found is None:
        return None
    if found.facts.campaign_digest != digest_of(text):
        raise CampaignRefused(
            f"{found.id} was frozen from another text of {path}",
            hint=f"give the new text a new code, or `zalo-alert resume {found.id}` to go on with the old one",
        )
    if recipients is not None or found.facts.recipients_digest:
        _same_list(found, recipients, chosen)
    check_hold(found, orders)
    display.fact("continue", run=found.id, frozen_at=found.facts.frozen_at.isoformat())
    display.say(
        f"{found.id} exists since {found.facts.frozen_at:%H:%M %d/%m}: continuing it; nobody is written to twice", style="bold"
    )
    return found


def _same_list(found: "Run", recipients: str | None, chosen: "Settings") -> None:
    from zalo_alert.cli.drafting import list_digest

    if recipients is None or list_digest(recipients, chosen) != found.facts.recipients_digest:
        raise CampaignRefused(
            f"{found.id} was frozen with another list of recipients",
            hint=f"use another --occurrence for another list, or `zalo-alert resume {found.id}` to go on with the old one",
        )


def _frozen(
    path: Path,
    recipients: str | None,
    occurrence: str,
    all_runs: "Runs",
    chosen: "Settings",
    orders: "Orders",
    *,
    yes: bool,
    outside: "Sequence[Path]",
) -> "Run":
    from zalo_alert.campaign.lifecycle import check_begun
    from zalo_alert.cli.asking import check_before_freezing
    from zalo_alert.cli.broadcasting import show_publishing
    from zalo_alert.cli.drafting import drafted
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.planning.freeze import FreezeRequest, freeze
    from zalo_alert.runs.facts import run_id

    if not yes and recipients == "-":
        raise UsageError("the list comes from stdin, so nobody can type the count there", hint="add --yes, or name a file")
    with drafted(path, recipients, chosen, outside, despite_never=orders.despite_never) as draft:
        check_begun(draft.campaign, SystemClock().now(), orders.start)
        run_id(draft.campaign.code, occurrence)
        wiring.require_tokens(
            chosen, [source.account for source in draft.sources]
        )  # better to miss one now than with a frozen run
        show_plan(draft.plan, brief=yes)
        accounts = [source.account for source in draft.sources]
        check_before_freezing(draft.plan, accounts, chosen)
        show_publishing(draft.campaign, accounts, chosen)
        if not yes:
            _confirm(draft)
        with display.status("freezing the audience"):
            run = freeze(
                FreezeRequest(
                    draft.plan,
                    draft.text,
                    draft.sources,
                    chosen,
                    files=draft.files,
                    occurrence=occurrence,
                    recipients_digest=draft.recipients_digest,
                ),
                all_runs,
                SystemClock().now(),
            )
    display.fact("frozen", run=run.id, audience=run.facts.audience, digest=run.facts.digest)
    whom = persons(run.facts.audience) if run.facts.audience else "a broadcast, nobody one by one"
    display.say(f"frozen as {run.id}: {whom}, digest {run.facts.digest[:12]}")
    return run


def _confirm(draft: "Draft") -> None:
    """Have the officer type the count: the one moment at which a wrong audience is seen."""
    from zalo_alert.cli.broadcasting import say_before_broadcast, to_type

    people, what = (draft.plan.people, "people") if draft.plan.places else to_type(draft.plan.broadcast)
    if not sys.stdin.isatty() and not _piped():
        raise UsageError("nobody is here to type the count", hint="add --yes when a script or cron sends")
    if draft.plan.places:
        display.say(f"{draft.campaign.status} {draft.campaign.code} goes to {persons(people)} now.", style="bold")
    if draft.plan.broadcast:
        say_before_broadcast(draft.campaign, draft.plan.broadcast)
    try:
        typed = typer.prompt(f"Type the number of {what} to send", err=True, default="", show_default=False)
    except typer.Abort as exc:
        if isinstance(exc.__context__, KeyboardInterrupt):
            raise Interrupted("nothing was sent") from exc
        raise UsageError("no number was typed: nothing was sent", hint="add --yes when a script or cron sends") from exc
    if "".join(c for c in typed if c.isdigit()) != str(people):
        raise UsageError(f'"{typed}" is not {people}: nothing was sent', hint="read the plan again; then `send` again")


def _piped() -> bool:
    # `echo 1234 | zalo-alert send …` is somebody typing the count; cron's closed or empty stdin is not.
    return not sys.stdin.closed


def _rehearse(path: Path, recipients: str | None, chosen: "Settings", outside: "Sequence[Path]", despite_never: str) -> None:
    from zalo_alert.cli.broadcasting import dry_run_facts
    from zalo_alert.cli.drafting import drafted
    from zalo_alert.cli.running import rehearse
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.planning.freeze import FreezeRequest, freeze
    from zalo_alert.runs.store import Runs

    with drafted(path, recipients, chosen, outside, despite_never=despite_never) as draft, wiring.scratch(chosen) as folder:
        show_plan(draft.plan)
        dry_run_facts(draft.plan.broadcast)
        run = freeze(
            FreezeRequest(draft.plan, draft.text, draft.sources, chosen, files=draft.files), Runs(folder), SystemClock().now()
        )
        rehearse(run, draft.campaign)
        run.close()
