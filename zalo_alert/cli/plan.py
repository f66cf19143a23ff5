"""`plan`: who will be written to, by which route, and when the last one is reached."""

import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from zalo_alert.campaign.lifecycle import ahead_s
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.broadcast_view import broadcast_reach_facts, show_broadcast_reach
from zalo_alert.cli.display import display
from zalo_alert.cli.options import (
    HERE,
    CampaignArgument,
    DespiteOption,
    JsonOption,
    OutsideOption,
    RecipientsOption,
    WorkspaceOption,
)
from zalo_alert.cli.time_cell import time_cell
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, count, persons, rate, span

if TYPE_CHECKING:
    from datetime import datetime

    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.planning.plan import PlaceRow, Plan


@app.command()
def plan(
    campaign: CampaignArgument,
    recipients: RecipientsOption = None,
    despite_never: DespiteOption = "",
    allow_outside: OutsideOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say who would be written to, by which route, and when the last one is reached; sends nothing.

    Example: zalo-alert plan campaigns/dien-tap-bao.yaml
    """
    from zalo_alert.cli.run_view import ShellObserver
    from zalo_alert.operations.preflight import PLAN_PATIENCE_S, look_at_quotas
    from zalo_alert.operations.publishing import check_publishing
    from zalo_alert.operations.workspace import Workspace

    home = Workspace(workspace)
    with ExitStack() as busy:
        busy.enter_context(reading(recipients))
        with home.draft(campaign, recipients, allow_outside or (), ShellObserver(), despite_never=despite_never) as draft:
            busy.close()
            show_plan(draft.plan)
            say_wording(home, draft, campaign)
            accounts = [source.account for source in draft.sources]
            display.notices(look_at_quotas(draft.plan, accounts, home.settings))
            display.notices(check_publishing(draft.campaign, accounts, home.settings, patience_s=PLAN_PATIENCE_S))


def say_wording(workspace: "Workspace", draft: "Draft", campaign: "Path | str") -> None:
    """Say how many findings the words of a plan have, and what shows them."""
    from zalo_alert.cli.wording_view import say_count
    from zalo_alert.operations.wording import look_at_draft

    say_count(look_at_draft(draft, Path(campaign), workspace.settings), str(campaign))


def reading(recipients: str | None) -> AbstractContextManager[None]:
    """Show that books are read; where ids are typed, say so instead: nothing must move on the screen meanwhile."""
    if recipients == "-" and sys.stdin.isatty():
        display.say(_("reading ids from the keyboard, one a line; Ctrl-D ends the list"))
        return nullcontext()
    return display.status(_("reading the follower book"))


def show_plan(plan: "Plan", *, brief: bool = False, news_only: bool = False) -> None:
    """Show a plan: places in the order of sending, routes, the finish, and in red what is wrong with it.

    Args:
        plan: What to show.
        brief: Without the tables, for when nobody is asked to agree to it.
        news_only: Only what is wrong with it.
    """
    from zalo_alert.operations.draft import headline_of

    campaign = plan.campaign
    _tell_facts(plan)
    if news_only:
        for warning in plan.warnings:
            display.say(warning, style="bold red")
        return
    display.show(f"[bold]{escape(campaign.code)}[/] · {display.text(kind_of(campaign.status))} · {escape(headline_of(plan))}")
    if plan.broadcast:
        show_broadcast_reach(plan.broadcast, brief=brief)
    if plan.places:
        _show_people(plan, brief=brief)
    for warning in plan.warnings:
        display.tell(warning, style="bold red")


def _show_people(plan: "Plan", *, brief: bool) -> None:
    campaign = plan.campaign
    if not brief:
        _show_tables(plan)
    display.tell(
        _(
            "{people}, {requests} requests at {rate} from {accounts}",
            people=persons(plan.people),
            requests=count(plan.requests),
            rate=rate(plan.rate_per_s),
            accounts=", ".join(plan.accounts),
        )
    )
    display.show(
        _(
            "the last one is reached at {finishes_at}, {time} after the first",
            finishes_at=f"[bold]{words(plan.finishes_at)}[/]",
            time=span(plan.finishes_at - plan.starts_at),
        )
    )
    display.tell(
        _(
            "onset {onset} · expires {expires} · not in the audience: {left_out} · uncertain: {uncertain} ({rule})",
            onset=words(campaign.onset) if campaign.onset else _("not given"),
            expires=words(campaign.expires),
            left_out=count(plan.left_out),
            uncertain=count(plan.uncertain),
            rule=campaign.audience.uncertain,
        )
    )


def _show_tables(plan: "Plan") -> None:
    from zalo_alert.operations.draft import is_staff

    groups: dict[tuple[int, str], list[PlaceRow]] = {}
    for row in plan.places:
        label = _("the staff, as a trial") if is_staff(row) else row.place.label
        groups.setdefault((row.tier, label), []).append(row)
    columns = [_("turn"), _("place"), _("people"), _("from"), _("done by"), _("known as")]
    rows: list[list[int | str]] = [
        [
            tier + 1,
            label,
            sum(row.place.people for row in group),
            _clock(min(row.starts_at for row in group), plan),
            _clock(max(row.finishes_at for row in group), plan),
            " ".join(row.place.key for row in group),
        ]
        for (tier, label), group in groups.items()
    ]
    if plan.withheld:
        columns.insert(3, _("withheld"))
        for shown, group in zip(rows, groups.values(), strict=True):
            shown.insert(3, sum(row.withheld for row in group))
    total = ["", _("all"), plan.people, _clock(plan.starts_at, plan), _clock(plan.finishes_at, plan), ""]
    if plan.uncertain:
        columns.insert(3, _("of them uncertain"))
        for shown, group in zip(rows, groups.values(), strict=True):
            shown.insert(3, sum(row.place.people for row in group if row.is_uncertain))
        total.insert(3, plan.uncertain)
    if plan.withheld:
        total.insert(4 if plan.uncertain else 3, plan.withheld)
    display.table(_("who, in the order of sending: places of one turn side by side"), columns, rows, total=total)
    routes = [(row.type.value, row.asked, row.reachable) for row in plan.routes]
    display.table(_("routes, in the order of trying"), (_("route"), _("requests"), _("reachable")), routes)


def _clock(at: "datetime", plan: "Plan") -> str:
    return time_cell(at, plan.made_at, seconds=True)


def _tell_facts(plan: "Plan") -> None:
    for row in plan.places:
        display.fact(
            "plan-place", place=row.place.key, name=row.place.label, people=row.place.people, withheld=row.withheld,
            uncertain=row.is_uncertain, turn=row.tier + 1, starts_at=row.starts_at, finishes_at=row.finishes_at,
        )  # fmt: skip
    if plan.broadcast:
        broadcast_reach_facts(plan.broadcast)
    for number, route in enumerate(plan.routes):
        display.fact(
            "route",
            route=plan.campaign.written_at(number) + 1,
            route_type=route.type.value,
            requests=route.asked,
            reachable=route.reachable,
        )
    display.fact(
        "plan",
        code=plan.campaign.code,
        status=plan.campaign.status.value,
        people=plan.people,
        requests=plan.requests,
        rate_per_s=round(plan.rate_per_s, 3),
        finishes_at=plan.finishes_at,
        onset=plan.campaign.onset,
        expires=plan.campaign.expires,
        left_out=plan.left_out,
        uncertain=plan.uncertain,
        nameless=plan.nameless.people if plan.nameless else None,
        ahead_s=ahead_s(plan.campaign, plan.made_at),
        unreachable=plan.unreachable,
        withheld=plan.withheld,
        over_cap=plan.over_cap,
        correction=plan.campaign.correction is not None,
        all_clear=plan.campaign.all_clear is not None,
        warnings=plan.warnings,
    )
