"""`resume`, `stop` and `cancel`: control of a run that exists."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import DespiteOption, DetachOption, EarlyOption, RunArgument, WaitOption
from zalo_alert.errors import Interrupted, RunBusy, UsageError
from zalo_alert.foundation.formatting import persons

if TYPE_CHECKING:
    from pathlib import Path

    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs

PATIENCE_S = 60.0  # with a sender that drains: its calls are answered or given up within this
LOOK_EVERY_S = 0.1


@app.command()
def resume(
    run: RunArgument = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    retry_unknown: Annotated[
        bool, typer.Option("--retry-unknown", help="Send again to people of whom nobody knows whether they were reached.")
    ] = False,
    past_canary: Annotated[
        bool, typer.Option("--past-canary", help="Go on although the first people's answers speak against it.")
    ] = False,
    moved: Annotated[
        str,
        typer.Option("--moved", metavar="WHY", help="Take over a run that was sent elsewhere and never will be again; say why.",
                     show_default=False),
    ] = "",
    despite_never: DespiteOption = "",
    wait: WaitOption = False,
    early: EarlyOption = False,
    detach: DetachOption = False,
    json: wiring.JsonOption = False,
) -> None:  # fmt: skip
    """Continue a run where it stopped; nobody who was settled is written to again.

    Example: zalo-alert resume DT-TW-261124-01
    """
    from zalo_alert.cli.running import Orders, dispatch, start_of

    found = _resumable(run, workspace)
    orders = Orders(
        by_hand=True, retry_unknown=retry_unknown, past_canary=past_canary, despite_never=despite_never, moved=moved,
        start=start_of(wait=wait, early=early),
    )  # fmt: skip
    if detach:
        from zalo_alert.cli.detaching import detached

        detached(found, workspace, orders)
        return
    display.say(f"resuming {found.id}: frozen {persons(found.facts.audience)}, digest {found.facts.digest[:12]}")
    dispatch(found, wiring.settings(workspace), orders)


def _resumable(name: str | None, workspace: "Path") -> "Run":
    """Open the run to go on with; of several open ones nobody but the officer can know which is meant."""
    if name is None:
        all_runs = wiring.runs(workspace)
        open_ = all_runs.unfinished()
        if len(open_) > 1 and not all_runs.active():
            raise UsageError(f"several runs are open: {', '.join(open_)}", hint="name the one to go on with")
    return wiring.run_of(name, workspace)


@app.command()
def stop(
    run: RunArgument = None,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    every: Annotated[bool, typer.Option("--all", help="Stop every run that is being sent.")] = False,
    json: wiring.JsonOption = False,
) -> None:
    """Have a run end once what is on its way is settled. The stop holds: only `resume` goes on.

    Example: zalo-alert stop DT-TW-261124-01
    """
    all_runs = wiring.runs(workspace)
    if every:
        names = all_runs.active()
        if not names:
            display.say("no run is being sent now")
        for name in names:
            _stop(all_runs.open(name))
        return
    if run is None and len(active := all_runs.active()) > 1:
        raise UsageError(f"several runs are being sent: {', '.join(active)}", hint="name one, or `zalo-alert stop --all`")
    _stop(wiring.run_of(run, workspace))


def _stop(found: "Run") -> None:
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.runs.history import Hold

    active = found.is_active
    if not active and not found.is_open():
        display.fact("stop", run=found.id, active=False, held=False)
        display.say(f"{found.id} is not being sent, and nobody of it is left to be written to")
        return
    # The note first: a sender that begins at this very moment sees it once it holds the run. It also keeps cron from beginning.
    found.note(Hold.HELD, "stopped by hand", SystemClock().now())
    found.request_stop()
    display.fact("stop", run=found.id, active=active, held=True)
    said = f"asked the sender of {found.id} to stop" if active else f"{found.id} is not being sent now"
    display.say(
        f"{said}; nothing but `zalo-alert resume {found.id}` goes on with it; `zalo-alert status {found.id}` shows how it stands"
    )


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False)],
    workspace: wiring.WorkspaceOption = wiring.HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; for scripts.")] = False,
    json: wiring.JsonOption = False,
) -> None:
    """End a run for good: whoever has not been written to will not be, and nothing goes on with it.

    Example: zalo-alert cancel DT-TW-261124-01
    """
    from zalo_alert.foundation.clock import SystemClock

    all_runs = wiring.runs(workspace)
    found = all_runs.open(run)
    if not yes:
        _confirm(found)
    _stop_and_wait(found, all_runs)
    with found.locked():
        people = found.cancel(SystemClock().now())
    display.fact("cancel", run=found.id, withheld=people)
    display.say(
        f"{found.id} is cancelled for good; {persons(people)} were not written to, `zalo-alert report {found.id}` says who was"
    )


def _confirm(found: "Run") -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to confirm it", hint=f"`zalo-alert cancel {found.id} --yes` does not ask")
    display.say(f"{found.id} ends for good: nobody who has not been written to will be.", style="bold")
    try:
        typed = typer.prompt("Type the name of the run to cancel it", err=True, default="", show_default=False)
    except typer.Abort as exc:
        raise Interrupted("nothing was cancelled") from exc
    if typed.strip() != found.id:
        raise UsageError(
            f'"{typed}" is not {found.id}: nothing was cancelled', hint=f"`zalo-alert stop {found.id}` stops it for now"
        )


def _stop_and_wait(found: "Run", all_runs: "Runs") -> None:
    """End whoever sends the run now; they settle what is on its way."""
    if not found.is_active:
        return
    _stop(found)
    limit_s = time.monotonic() + PATIENCE_S
    with display.status("waiting for the sender to settle what is on its way"):
        while found.is_active:
            if time.monotonic() > limit_s:
                raise RunBusy(
                    f"the sender of {found.id} has not ended yet; it is stopped, and not cancelled",
                    hint=f"`zalo-alert cancel {found.id}` once more in a minute",
                )
            time.sleep(LOOK_EVERY_S)
