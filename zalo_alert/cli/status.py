"""`status`: what became of a run, counted from its ledger."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import run_to_read
from zalo_alert.cli.options import HERE, JsonOption, RunArgument, WorkspaceOption
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.runs.run import Run


@app.command()
def status(
    run: RunArgument = None,
    workspace: WorkspaceOption = HERE,
    watch: Annotated[bool, typer.Option("--watch", help="Keep showing it until the run ends.")] = False,
    json: JsonOption = False,
) -> None:
    """Say where everyone of a run stands, and whether it is being sent now.

    Example: zalo-alert status DT-TW-261124-01 --watch
    """
    from zalo_alert.cli.status_view import show_status
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.run_watch import open_watch

    home = Workspace(workspace)
    opened = run_to_read(run, home)
    with open_watch(opened, home) as seen:
        if watch:
            from zalo_alert.cli.watch_view import watch_run

            watch_run(opened, seen, SystemClock())
        else:
            with display.status(_("counting")):  # ten seconds, where 37 million are settled
                sight = seen.look(SystemClock().now())
            show_status(sight)
    _show_next_message(opened, home)
    _show_quotas(opened, home)


def _show_next_message(run: "Run", workspace: Workspace) -> None:
    from zalo_alert.cli.status_view import show_next_message
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.next_message import next_message

    now = SystemClock().now()
    if promise := next_message(run, workspace.runs, now):
        show_next_message(promise, now)


def _show_quotas(run: "Run", workspace: Workspace) -> None:
    from zalo_alert.foundation.layout import rates_of
    from zalo_alert.operations.quotas import remembered_quotas

    facts, rates = run.facts, rates_of(workspace.folder)
    oa_ids = facts.oa_ids or [workspace.account(name).oa_id for name in facts.accounts]
    if rates.exists():
        display.notices(remembered_quotas(zip(facts.accounts, oa_ids, strict=True), rates))
