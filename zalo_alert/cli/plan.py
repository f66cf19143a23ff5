"""`plan`: who will be written to, by which route, and when the last one is reached."""

import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING

from rich.markup import escape

from zalo_alert.campaign.lifecycle import ahead_s
from zalo_alert.cli.app import app
from zalo_alert.cli.broadcast_view import outreach_facts, show_outreach
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
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.formatting import count, persons, rate, span

if TYPE_CHECKING:
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
    from zalo_alert.operations.preflight import PLAN_PATIENCE_S, check_publishing, look_at_quotas
    from zalo_alert.operations.workspace import Workspace

    home = Workspace(workspace)
    with ExitStack() as busy:
        busy.enter_context(reading(recipients))
        with home.draft(campaign, recipients, allow_outside or (), ShellObserver(), despite_never=despite_never) as draft:
            busy.close()
            show_plan(draft.plan)
            accounts = [source.account for source in draft.sources]
            display.notices(look_at_quotas(draft.plan, accounts, home.settings))
            display.notices(check_publishing(draft.campaign, accounts, home.settings, patience_s=PLAN_PATIENCE_S))


def reading(recipients: str | None) -> AbstractContextManager[None]:
    """Show that books are read; where ids are typed, say so instead: nothing must move on the screen meanwhile."""
    if recipients == "-" and sys.stdin.isatty():
        display.say("reading ids from the keyboard, one a line; Ctrl-D ends the list")
        return nullcontext()
    return display.status("reading the follower book")


def show_plan(made: "Plan", *, brief: bool = False) -> None:
    """Show a plan: places in the order of sending, routes, the finish, and in red what is wrong with it.

    Args:
        made: What to show.
        brief: Without the tables, for when nobody is asked to agree to it.
    """
    from zalo_alert.operations.draft import headline_of

    campaign = made.campaign
    _facts(made)
    display.show(f"[bold]{campaign.code}[/] · {campaign.status} · {escape(headline_of(made))}")
    if made.broadcast:
        show_outreach(made.broadcast, brief=brief)
    if made.places:
        _show_people(made, brief=brief)
    for warning in made.warnings:
        display.show(f"[bold red]{escape(warning)}[/]")


def _show_people(made: "Plan", *, brief: bool) -> None:
    campaign = made.campaign
    if not brief:
        _tables(made)
    display.show(
        f"{persons(made.people)}, {count(made.requests)} requests at {rate(made.rate_per_s)} from {', '.join(made.accounts)}"
    )
    took = span(made.finishes_at - made.starts_at)
    display.show(f"the last one is reached at [bold]{words(made.finishes_at)}[/], {took} after the first")
    display.show(
        f"onset {words(campaign.onset) if campaign.onset else 'not given'} · expires {words(campaign.expires)} · "
        f"not in the audience: {count(made.left_out)} · uncertain: {count(made.uncertain)} ({campaign.audience.uncertain})"
    )


def _tables(made: "Plan") -> None:
    from zalo_alert.operations.draft import is_staff

    groups: dict[tuple[int, str], list[PlaceRow]] = {}
    for row in made.places:
        label = "the staff, as a trial" if is_staff(row) else row.place.label
        groups.setdefault((row.tier, label), []).append(row)
    columns = ["turn", "place", "people", "from", "done by", "known as"]
    rows = [
        [
            tier + 1,
            label,
            sum(row.place.people for row in group),
            f"{min(row.starts_at for row in group):%H:%M:%S}",
            f"{max(row.finishes_at for row in group):%H:%M:%S}",
            " ".join(row.place.key for row in group),
        ]
        for (tier, label), group in groups.items()
    ]
    total = ["", "all", made.people, f"{made.starts_at:%H:%M:%S}", f"{made.finishes_at:%H:%M:%S}", ""]
    if made.uncertain:
        columns.insert(3, "of them uncertain")
        for shown, group in zip(rows, groups.values(), strict=True):
            shown.insert(3, sum(row.place.people for row in group if row.is_uncertain))
        total.insert(3, made.uncertain)
    display.table("who, in the order of sending: places of one turn side by side", columns, rows, total=total)
    routes = [(row.type.value, row.asked, row.reachable) for row in made.routes]
    display.table("routes, in the order of trying", ("route", "requests", "reachable"), routes)


def _facts(made: "Plan") -> None:
    for row in made.places:
        display.fact(
            "place", key=row.place.key, label=row.place.label, people=row.place.people, uncertain=row.is_uncertain,
            turn=row.tier + 1, starts_at=row.starts_at.isoformat(), finishes_at=row.finishes_at.isoformat(),
        )  # fmt: skip
    if made.broadcast:
        outreach_facts(made.broadcast)
    for route in made.routes:
        display.fact("route", route=route.type.value, requests=route.asked, reachable=route.reachable)
    display.fact(
        "plan",
        code=made.campaign.code,
        status=made.campaign.status.value,
        people=made.people,
        requests=made.requests,
        rate_per_s=round(made.rate_per_s, 3),
        finishes_at=made.finishes_at.isoformat(),
        onset=made.campaign.onset.isoformat() if made.campaign.onset else None,
        expires=made.campaign.expires.isoformat(),
        left_out=made.left_out,
        uncertain=made.uncertain,
        nameless=made.nameless.people if made.nameless else None,
        ahead_s=ahead_s(made.campaign, made.made_at),
        unreachable=made.unreachable,
        warnings=made.warnings,
    )
