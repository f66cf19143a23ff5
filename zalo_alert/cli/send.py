"""`send`: plan, freeze, confirm, dispatch."""

from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.cli import outlet
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import (
    HERE,
    CampaignArgument,
    ClockOption,
    DespiteOption,
    DetachOption,
    EarlyOption,
    HoursOption,
    JsonOption,
    OutsideOption,
    RecipientsOption,
    RestoreOption,
    StrictOption,
    WaitOption,
    WorkspaceOption,
)
from zalo_alert.cli.plan import reading, say_wording, show_plan
from zalo_alert.errors import Cure, Interrupted, UsageError
from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.language import _, _n, count, persons
from zalo_alert.models import RunId, State
from zalo_alert.runs.lifecycle import RunState

if TYPE_CHECKING:
    from pathlib import Path

    from zalo_alert.models import Audience
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.orders import Orders
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.planning.plan import Plan
    from zalo_alert.runs.run import Run

_COUNT_PEOPLE = _("Type the number of people to send")
MOST_PLACES = 6  # that are named once more in the question; the plan above it has all of them


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
    strict: StrictOption = False,
    despite_never: DespiteOption = "",
    despite_hours: HoursOption = "",
    despite_clock: ClockOption = "",
    despite_restore: RestoreOption = "",
    allow_outside: OutsideOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Plan a campaign, freeze it into a run, and send it; started again, it continues.

    Example: zalo-alert send campaigns/dien-tap-bao.yaml
    """
    from zalo_alert.cli.run_view import OpeningObserver, ShellObserver, go_on
    from zalo_alert.operations.orders import Orders, start_of
    from zalo_alert.operations.workspace import Workspace

    home = Workspace(workspace)
    outside = allow_outside or ()
    orders = Orders(
        despite_never=despite_never,
        despite_hours=despite_hours,
        despite_clock=despite_clock,
        despite_restore=despite_restore,
        is_strict=strict,
        start=start_of(wait=wait, early=early),
    )
    if not campaign.exists() and not dry_run and (submitted := _named(str(campaign), home)):
        _send_run(home, submitted, orders, yes=yes, detach=detach)
        return
    if dry_run:
        with ExitStack() as busy:
            busy.enter_context(reading(recipients))
            with home.draft(campaign, recipients, outside, ShellObserver(), despite_never=despite_never) as draft:
                busy.close()
                _rehearse(home, draft, campaign)
        return
    if not yes and recipients == "-":
        raise UsageError(
            _("the list comes from stdin, so nobody can type the count there"),
            hint=_("add {option}, or name a file", option=Cure.OPTION(yes=True)),
        )
    if yes:
        outlet.endure()  # nobody is asked, so nobody need read what it says
    observer = OpeningObserver()
    with _Agreeing(home, campaign, recipients, orders.start, yes=yes) as agree:
        run = home.freeze(
            campaign,
            agree,
            recipients=recipients,
            occurrence=occurrence,
            orders=orders,
            outside=outside,
            observer=observer,
        )
    ask_before_first(run, yes=yes)
    go_on(home, run, orders, detached=detach, opening=observer.continued)


def _named(name: str, workspace: "Workspace") -> "Run | None":
    """Find the run of a name; one that is archived is refused, and not taken for a campaign file that is missing."""
    runs = workspace.runs
    return runs.open(name) if runs.archive.has(name) else runs.find(RunId(name))


def _send_run(workspace: "Workspace", run: "Run", orders: "Orders", *, yes: bool, detach: bool) -> None:
    """Send a run that exists, such as one that was approved."""
    from zalo_alert.cli.run_view import go_on
    from zalo_alert.operations.holding import check_hold

    check_hold(run, orders)
    ask_before_first(run, yes=yes)
    if yes:
        outlet.endure()
    go_on(workspace, run, orders, detached=detach)


def ask_before_first(run: "Run", *, yes: bool) -> None:
    """Before the first message of what was submitted, show once more what it is, and have the officer type it."""
    if not run.request or run.is_begun or run.standing() is not RunState.APPROVED:
        return
    from zalo_alert.cli.card_view import ask_whether_read, show_card
    from zalo_alert.operations.card import card_of_run

    card = card_of_run(run)
    if not display.quiet:
        show_card(card)
    if not yes:
        ask_whether_read(card, _("nothing was sent"))


class _Agreeing:
    """Shows what would be frozen, and has a person agree to it; a context manager, which says meanwhile what takes its time."""

    def __init__(
        self, workspace: "Workspace", campaign: "Path | str", recipients: str | None, start: "Start", *, yes: bool
    ) -> None:
        self._workspace, self._campaign, self._recipients, self._start = workspace, campaign, recipients, start
        self._yes, self._busy = yes, ExitStack()

    def __enter__(self) -> "_Agreeing":
        self._busy.enter_context(reading(self._recipients))
        return self

    def __exit__(self, *error: object) -> None:
        self._busy.close()

    def __call__(self, draft: "Draft") -> None:
        from zalo_alert.cli.wording_view import say_count

        self._busy.close()
        show_plan(draft.plan, brief=self._yes, news_only=display.quiet and self._yes)
        say_count(draft.findings, str(self._campaign))
        check_fit(self._workspace, draft)
        if not self._yes:
            _confirm(draft, self._campaign, self._start, is_rehearsal=self._workspace.settings.rehearses)
        self._busy.enter_context(display.status(_("freezing the audience")))


def check_fit(workspace: "Workspace", draft: "Draft") -> None:
    """Tell what Zalo has against a draft; raise where it would refuse everyone."""
    fit = workspace.check_fit(draft)
    display.notices(fit.notices)
    if fit.refusal:
        raise fit.refusal
    if draft.campaign.broadcast:
        from zalo_alert.operations.publishing import check_publishing

        display.notices(check_publishing(draft.campaign, [source.account for source in draft.sources], workspace.settings))


def _confirm(draft: "Draft", path: "Path | str", start: "Start", *, is_rehearsal: bool) -> None:
    """Have the officer type the count: the one moment at which a wrong audience is seen."""
    from zalo_alert.cli.broadcast_view import count_to_type, say_before_broadcast

    plan = draft.plan
    people, question = (plan.people, _COUNT_PEOPLE) if plan.places else count_to_type(plan.broadcast)
    if plan.places:
        display.say(_describe_audience(plan, start, is_rehearsal=is_rehearsal), style="bold")
    if plan.broadcast:
        say_before_broadcast(draft.campaign, plan.broadcast, is_rehearsal=is_rehearsal)
    again = _("read the plan again; then {send} again", send=Cure.SEND(str(path)))
    ask_count(question, people, again, _("add {option} when a script or cron sends", option=Cure.OPTION(yes=True)))


def ask_count(question: str, people: int, again: str, unasked: str) -> None:
    """Have a person type a count.

    Args:
        question: Asks for it.
        people: The count.
        again: What to do where another is typed.
        unasked: What to do where nobody is there to type it.

    Raises:
        UsageError: They typed something else, or nothing.
        Interrupted: Ctrl-C.
    """
    try:
        typed = display.ask(question)
    except typer.Abort as exc:
        if isinstance(exc.__context__, KeyboardInterrupt):
            raise Interrupted(_("nothing was sent")) from exc
        raise UsageError(_("no number was typed: nothing was sent"), hint=unasked) from exc
    if "".join(c for c in typed if c.isdigit()) != str(people):
        raise UsageError(_('"{typed}" is not {people}: nothing was sent', typed=typed, people=count(people)), hint=again)


def _describe_audience(plan: "Plan", start: "Start", *, is_rehearsal: bool = False) -> str:
    campaign, people = plan.campaign, persons(plan.people)
    kind = kind_of(campaign.status, is_rehearsal=is_rehearsal)
    named = {"status": kind, "code": campaign.code, "people": people}
    waits = start is not Start.EARLY and campaign.effective > datetime.now(VIETNAM)
    if waits:
        named["effective"] = words(campaign.effective)
    if not campaign.audience.areas:
        if waits:
            return _("{status} {code} goes to {people} at {effective}.", **named)
        return _("{status} {code} goes to {people} now.", **named)
    named["places"] = _name_places(campaign.audience)
    if waits:
        return _("{status} {code} goes to {people} at {effective}: {places}.", **named)
    return _("{status} {code} goes to {people} now: {places}.", **named)


def _name_places(audience: "Audience") -> str:
    from zalo_alert.places import name_target

    named, more = name_target(audience.areas[:MOST_PLACES], audience.target), len(audience.areas) - MOST_PLACES
    if more <= 0:
        return named
    return _n("{named} and {more} more place", "{named} and {more} more places", more, named=named, more=count(more))


def _rehearse(workspace: "Workspace", draft: "Draft", path: "Path") -> None:
    from zalo_alert.cli.broadcast_view import show_dry_run
    from zalo_alert.cli.run_view import ShellObserver, totals_fields

    show_plan(draft.plan)
    say_wording(workspace, draft, path)
    show_dry_run(draft.plan.broadcast)
    with ShellObserver(draft.campaign.code, draft.campaign.status) as observer:
        totals = workspace.rehearse(draft, observer)
    audience = sum(totals.values())
    display.fact("dry-run", code=draft.campaign.code, audience=audience, totals=totals_fields(totals))
    display.say(
        _(
            "dry run: {rendered} of {audience} messages rendered, none sent",
            rendered=count(totals[State.ACCEPTED]),
            audience=count(audience),
        ),
        style="bold",
    )
