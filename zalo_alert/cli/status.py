"""`status` and `runs`: what became of a run, counted from its ledger."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import named_run
from zalo_alert.cli.options import HERE, JsonOption, RunArgument, WorkspaceOption
from zalo_alert.errors import Cure, StorageUnusable
from zalo_alert.language import _, joined
from zalo_alert.models import State
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.release import Release
    from zalo_alert.reporting.status import Standing
    from zalo_alert.runs.lifecycle import RunState
    from zalo_alert.runs.run import Run

MOST_STANDING = 5  # runs that stand still of which more is said below the list; the latest ones


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
    opened = named_run(run, home)
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


@app.command()
def runs(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the runs of this workspace.

    Example: zalo-alert runs
    """
    all_runs, rows, damaged = Workspace(workspace).runs, [], []
    standing_still: list[str] = []
    for name in all_runs.ids():
        try:
            with closing(all_runs.open(name)) as run:
                rows.append(_row_of(run, standing_still))
        except StorageUnusable as exc:  # the others are listed all the same: this is where every hint sends people
            damaged.append(exc)
    if not rows and not damaged:
        display.say(_("no run yet; {send} makes one", send=Cure.SEND("campaigns/….yaml")))
    else:
        display.table(
            "", (_("run"), _("status"), _("state"), _("audience"), _("accepted"), _("unknown"), _("frozen")), rows, whole=1
        )
    for sentence in standing_still[-MOST_STANDING:]:
        display.say(sentence)
    _tell_damaged(damaged)


def _tell_damaged(damaged: Sequence[StorageUnusable]) -> None:
    """Tell of each run that can't be read.

    Raises:
        StorageUnusable: There is one.
    """
    for exc in damaged[:-1]:
        display.say(joined(filter(None, (exc.message, exc.hint)), ": "), style="red")
    if damaged:
        raise damaged[-1]


def _row_of(run: "Run", standing_still: list[str]) -> tuple[object, ...]:
    """Return a run's row; add what is to be said of one that stands: why, and what can be done about it."""
    from zalo_alert.operations.release import release_of
    from zalo_alert.reporting.report import broadcast_as_json, read_broadcast
    from zalo_alert.reporting.status import standing_of

    totals, broadcasts = run.totals(), read_broadcast(run)
    standing, release = standing_of(run), release_of(run)
    facts, state = run.facts, standing.state
    display.fact(
        "run", run=run.id, status=facts.status, rehearsal=facts.is_rehearsal, audience=facts.audience,
        totals={s.value: totals[s] for s in State}, frozen_at=facts.frozen_at,
        broadcast=[broadcast_as_json(broadcast) for broadcast in broadcasts], **standing.as_json(), **release.as_json(),
    )  # fmt: skip
    if standing.cause:
        standing_still.append(_describe_standing(run.id, standing))
    kind = _("REHEARSAL") if facts.is_rehearsal else kind_of(facts.status)
    described, frozen_at = _describe_runs_state(state, release), f"{facts.frozen_at:%d/%m %H:%M}"
    return run.id, kind, described, facts.audience, totals[State.ACCEPTED], totals[State.UNKNOWN], frozen_at


def _describe_standing(run: str, standing: "Standing") -> str:
    from zalo_alert.reporting.status import standing_in_words

    why = _("{run}: {why}", run=run, why=standing_in_words(standing.state, standing.last))
    return joined(filter(None, (why, standing.cure)), " → ")


def _describe_runs_state(state: "RunState", release: "Release") -> str:
    return _("{state} (by one person, not reviewed)", state=state.value) if release.is_unreviewed else state.value
