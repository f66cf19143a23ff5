"""`resume`, `stop` and `cancel`: control of a run that exists."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import named_run
from zalo_alert.cli.options import (
    HERE,
    ClockOption,
    DespiteOption,
    DetachOption,
    EarlyOption,
    HoursOption,
    JsonOption,
    KeyOption,
    RunArgument,
    StrictOption,
    WaitOption,
    WorkspaceOption,
)
from zalo_alert.errors import Cure, Interrupted, UsageError
from zalo_alert.language import _, persons
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.lifecycle import OVER, RunState

if TYPE_CHECKING:
    from zalo_alert.operations.stop import Stopped
    from zalo_alert.runs.run import Run


@app.command()
def resume(
    run: RunArgument = None,
    workspace: WorkspaceOption = HERE,
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
    key: KeyOption = None,
    despite_never: DespiteOption = "",
    despite_hours: HoursOption = "",
    despite_clock: ClockOption = "",
    wait: WaitOption = False,
    early: EarlyOption = False,
    strict: StrictOption = False,
    detach: DetachOption = False,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Continue a run where it stopped; nobody who was settled is written to again.

    Example: zalo-alert resume DT-TW-261124-01
    """
    from zalo_alert.cli.run_view import go_on
    from zalo_alert.operations.orders import Orders, start_of

    home = Workspace(workspace)
    opened = _open_meant(home) if run is None else home.run_to_resume(run)
    orders = Orders(
        by_hand=True, retry_unknown=retry_unknown, past_canary=past_canary, despite_never=despite_never, moved=moved,
        despite_hours=despite_hours, despite_clock=despite_clock,
        is_strict=strict, start=start_of(wait=wait, early=early),
        moved_signature=_sign_move(home, opened, moved, key, detach=detach),
    )  # fmt: skip
    if not detach:
        display.say(
            _(
                "resuming {run}: frozen {people}, digest {digest}",
                run=opened.id,
                people=persons(opened.facts.audience),
                digest=opened.facts.digest[:12],
            )
        )
    go_on(home, opened, orders, detached=detach)


def _sign_move(workspace: Workspace, run: "Run", why: str, key: Path | None, *, detach: bool) -> str:
    """Have an approver sign that a live run is sent from here from now on; "" where that is not asked."""
    if not why or run.is_at_home() or workspace.settings.direct:
        return ""
    if detach:
        raise UsageError(
            _("a run is taken over while somebody watches, not in the background"),
            hint=_("leave {option} out", option=Cure.OPTION(detach=True)),
        )
    from zalo_alert.cli.officer_key import signer_of
    from zalo_alert.operations.moving import sign_move

    display.say(_("signing that {run} is sent from here, and never again from where it was", run=run.id), style="bold")
    return sign_move(run, why, signer_of(key))


def _open_meant(workspace: Workspace) -> "Run":
    workspace.runs.check_one_is_open()
    return named_run(None, workspace)


@app.command()
def stop(
    run: RunArgument = None,
    workspace: WorkspaceOption = HERE,
    every: Annotated[bool, typer.Option("--all", help="Stop every run that is being sent.")] = False,
    json: JsonOption = False,
) -> None:
    """Have a run end once what is on its way is settled. The stop holds: only `resume` goes on.

    Example: zalo-alert stop DT-TW-261124-01
    """
    home = Workspace(workspace)
    all_runs = home.runs
    if every:
        names = all_runs.active()
        if not names:
            display.say(_("no run is being sent now"))
        for name in names:
            _stop(all_runs.open(name))
        return
    if run is None and len(active := all_runs.active()) > 1:
        raise UsageError(
            _("several runs are being sent: {runs}", runs=", ".join(active)),
            hint=_("name one, or {stop}", stop=Cure.STOP(all=True)),
        )
    _stop(named_run(run, home))


def _stop(run: "Run") -> None:
    from zalo_alert.operations.stop import stop_run
    from zalo_alert.operations.tell_stop import tell_stopped

    stopped = stop_run(run, display.notice)
    display.fact("stop", run=run.id, active=stopped.was_active, held=stopped.holds)
    _say_stopped(run, stopped)
    tell_stopped(run, stopped, display.notice)


def _say_stopped(run: "Run", stopped: "Stopped") -> None:
    if not stopped.holds:
        display.say(_("{run} is not being sent, and nobody of it is left to be written to", run=run.id))
        return
    done = (
        _("asked the sender of {run} to stop", run=run.id) if stopped.was_active else _("{run} is not being sent now", run=run.id)
    )
    display.say(
        _(
            "{what_was_done}; nothing but {resume} goes on with it; {status} shows how it stands",
            what_was_done=done,
            resume=Cure.RESUME(run.id),
            status=Cure.STATUS(run.id),
        )
    )


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False, autocompletion=completions.runs)],
    workspace: WorkspaceOption = HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; for scripts.")] = False,
    json: JsonOption = False,
) -> None:
    """End a run for good: whoever has not been written to will not be, and nothing goes on with it.

    Example: zalo-alert cancel DT-TW-261124-01
    """
    from zalo_alert.operations.stop import cancel_run
    from zalo_alert.operations.tell_stop import tell_cancelled

    opened = Workspace(workspace).run(run)
    is_over = opened.standing() in OVER
    if not (yes or is_over):
        _confirm(opened)
    if opened.is_active:
        _stop(opened)
    with display.status(_("waiting for the sender to settle what is on its way")):
        people = cancel_run(opened, on_notice=display.notice)
    state = opened.standing()
    display.fact("cancel", run=opened.id, state=state, withheld=people)
    is_done_now = state is RunState.CANCELLED and not is_over
    display.say(_describe_cancelled(opened, people) if is_done_now else _describe_over(opened, state))
    if is_done_now:
        tell_cancelled(opened, display.notice)


def _describe_cancelled(run: "Run", people: int) -> str:
    return _(
        "{run} is cancelled for good; {people} were not written to, {report} says who was",
        run=run.id,
        people=persons(people),
        report=Cure.REPORT(run.id),
    )


def _describe_over(run: "Run", state: RunState) -> str:
    report = Cure.REPORT(run.id)
    if state is RunState.CANCELLED:
        return _("{run} was cancelled before; {report} says who was written to", run=run.id, report=report)
    return _("{run} is finished: there is nothing to cancel; {report} says who was written to", run=run.id, report=report)


def _confirm(run: "Run") -> None:
    if not sys.stdin.isatty():
        raise UsageError(_("nobody is here to confirm it"), hint=_("{cancel} does not ask", cancel=Cure.CANCEL(run.id, yes=True)))
    display.say(_("{run} ends for good: nobody who has not been written to will be.", run=run.id), style="bold")
    try:
        typed = typer.prompt(display.text(_("Type the name of the run to cancel it")), err=True, default="", show_default=False)
    except typer.Abort as exc:
        raise Interrupted(_("nothing was cancelled")) from exc
    if typed.strip() != run.id:
        raise UsageError(
            _('"{typed}" is not {run}: nothing was cancelled', typed=typed, run=run.id),
            hint=_("{stop} stops it for now", stop=Cure.STOP(run.id)),
        )
