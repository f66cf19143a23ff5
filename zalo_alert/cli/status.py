"""`status`, `runs`, `report` and `export`: what became of a run, counted from its ledger."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import RunArgument
from zalo_alert.foundation.formatting import persons
from zalo_alert.models import State

if TYPE_CHECKING:
    from zalo_alert.runs.store import Run

WATCH_EVERY_S = 1.0


@app.command()
def status(
    run: RunArgument = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    watch: Annotated[bool, typer.Option("--watch", help="Keep showing it until the run ends.")] = False,
    json: wiring.JsonOption = False,
) -> None:
    """Say where everyone of a run stands, and whether it is being sent now.

    Example: zalo-alert status DT-TW-261124-01 --watch
    """
    from zalo_alert.cli.watching import show_status

    found = wiring.run_of(run, workspace)
    ledger = found.ledger()  # kept open: it counts each settled person once
    while True:
        active = found.is_active
        if watch and display.out.is_terminal:
            display.out.clear()
        show_status(found, ledger, active=active)
        if not watch or not active:
            _show_kept(found, workspace)
            return
        time.sleep(WATCH_EVERY_S)


def _show_kept(found: "Run", workspace: Path) -> None:
    from zalo_alert.cli.remembered import show_kept
    from zalo_alert.foundation.layout import rates_of

    facts = found.facts
    oa_ids = facts.oa_ids or [wiring.settings(workspace).account(name).oa_id for name in facts.accounts]
    if rates_of(workspace).exists():
        show_kept(zip(facts.accounts, oa_ids, strict=True), rates_of(workspace))


@app.command()
def runs(workspace: wiring.WorkspaceOption = wiring.HERE, json: wiring.JsonOption = False) -> None:
    """List the runs of this workspace.

    Example: zalo-alert runs
    """
    from zalo_alert.reporting.report import read_broadcast

    all_runs = wiring.runs(workspace)
    rows = []
    for name in all_runs.ids():
        found = all_runs.open(name)
        totals, broadcast = found.ledger().totals(), read_broadcast(found)
        state = found.standing()
        facts = found.facts
        display.fact(
            "run", run=name, status=facts.status, state=state, audience=facts.audience, accepted=totals[State.ACCEPTED],
            unknown=totals[State.UNKNOWN], frozen_at=facts.frozen_at.isoformat(),
            broadcast={one.account: one.state.value for one in broadcast},
        )  # fmt: skip
        frozen_at = f"{facts.frozen_at:%d/%m %H:%M}"
        rows.append((name, facts.status, state, facts.audience, totals[State.ACCEPTED], totals[State.UNKNOWN], frozen_at))
    if not rows:
        display.say("no run yet; `zalo-alert send campaigns/….yaml` makes one")
    else:
        display.table("", ("run", "status", "state", "audience", "accepted", "unknown", "frozen"), rows)


@app.command()
def report(run: RunArgument = None, workspace: wiring.WorkspaceOption = wiring.HERE, json: wiring.JsonOption = False) -> None:
    """Account for everyone in a run: by state, by place, and why not.

    Example: zalo-alert report DT-TW-261124-01 --json
    """
    from zalo_alert.cli.watching import made_report, show_cure, show_report

    found = wiring.run_of(run, workspace)
    made = made_report(found)
    display.fact("report", **made.as_json())
    show_report(made)
    show_cure(found)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help="Where to: its ending says the format (.csv, .ndjson, .parquet); - is NDJSON on stdout.")
    ],
    run: Annotated[str | None, typer.Option("--run", help="Name of the run; default: as for `report`.")] = None,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only people in this state; may be given again.")] = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Write every person's state to a file.

    Example: zalo-alert export unknown.csv --state unknown
    """
    from zalo_alert.delivery.session import frozen_campaign
    from zalo_alert.reporting import export as exporting

    found = wiring.run_of(run, workspace)
    tables = exporting.tables(found, frozen_campaign(found), found.ledger(), state or ())
    if str(file) == "-":
        exporting.write_stream(tables, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    people = exporting.write(tables, file)
    display.fact("export", run=found.id, file=str(file), people=people)
    display.say(f"{persons(people)} written to {file}")
