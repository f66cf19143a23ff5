"""What `validate --online`, `plan` and `send` ask Zalo before anything is frozen: templates, and what is left of the quota."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from zalo_alert.cli import wiring
from zalo_alert.cli.display import display
from zalo_alert.cli.remembered import show_kept
from zalo_alert.errors import CampaignRefused, SettingsInvalid, ZaloAlertError
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.foundation.formatting import count
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.pacing.quotas import KINDS, Kind, QuotaLeft, Quotas
from zalo_alert.pacing.shared_pace import NAME
from zalo_alert.planning import template_fit
from zalo_alert.planning.plan import Plan
from zalo_alert.planning.template_fit import Misfit
from zalo_alert.runs.store import RunPlace
from zalo_alert.settings.load import Account, Settings, require_safe_hosts
from zalo_alert.zalo import quota, templates
from zalo_alert.zalo.client import ApiClient, Refused
from zalo_alert.zalo.templates import Template

PATIENCE_S = 5.0  # of a plan, for what it can do without
BY_UID_SINCE = datetime(2025, 12, 10, tzinfo=VIETNAM)  # Zalo refuses older templates by user id (-249)
_APPROVED = {RouteType.TEMPLATE, RouteType.PHONE}


class Known(NamedTuple):
    """What Zalo says for one account: the templates of a campaign's routes by number, what does not fit, what quota is left."""

    account: Account
    templates: dict[int, Template]
    misfits: list[Misfit]
    quotas: dict[Kind, QuotaLeft]


def ask(campaign: Campaign, accounts: Sequence[Account], chosen: Settings, *, patience_s: float | None = None) -> list[Known]:
    """Ask for every account of a campaign.

    Raises:
        RunSuspended, CredentialsRefused: Nobody could say.
        TimeoutError: It took too long.
    """
    require_safe_hosts(chosen)
    wiring.require_tokens(chosen, accounts)
    return wiring.run_loop(asyncio.wait_for(_ask(campaign, accounts, chosen), patience_s))


async def _ask(campaign: Campaign, accounts: Sequence[Account], chosen: Settings) -> list[Known]:
    found = []
    async with wiring.client(chosen) as client:
        with closing(wiring.store(chosen)) as kept, closing(Quotas(wiring.state_dir(chosen) / NAME)) as quotas:
            for account in accounts:
                tokens = wiring.tokens(chosen, account, kept, client)
                with closing(wiring.control(chosen, account, tokens, client)) as control:
                    known = Known(account, {}, [], {})
                    for number, route in enumerate(campaign.routes):
                        if route.type in _APPROVED:
                            await _look_up(control, number, route, known)
                    for kind in {KINDS[route.type] for route in campaign.routes if route.type in KINDS}:
                        if left := await quota.ask(control, kind, SystemClock().now().timestamp()):
                            known.quotas[kind] = left
                            quotas.note(account.oa_id, kind, left)
                    found.append(known)
    return found


async def _look_up(control: ApiClient, number: int, route: Route, known: Known) -> None:
    said = f"template {route.template_id} of {known.account.id}"
    try:
        known.templates[number] = await templates.ask_template(control, route.template_id)
        made_s = await templates.ask_created_at_s(control, route.template_id) if route.type is RouteType.TEMPLATE else None
    except Refused as exc:
        known.misfits.append(Misfit(number, "template_id", f"{said}: {in_words(exc)}"))
        return
    if made_s is not None and made_s < BY_UID_SINCE.timestamp():
        why = f"{said} was made before {BY_UID_SINCE:%d/%m/%Y}: Zalo refuses it by user id; have it made anew, or use it by phone"
        known.misfits.append(Misfit(number, "template_id", why))


def in_words(refused: Refused) -> str:
    """Say what Zalo answered, and what that means unless it says so itself."""
    meant = set(refused.hint.casefold().split()) - {"a", "an", "the"}
    return str(refused) if meant <= set(str(refused).casefold().split()) else f"{refused} ({refused.hint})"


def misfits(campaign: Campaign, known: Sequence[Known], places: Sequence[RunPlace], nameless: int = 0) -> list[Misfit]:
    """Return everything that does not fit, each once; see `fitting.misfits`."""
    found = [
        misfit for one in known for misfit in (*one.misfits, *template_fit.misfits(campaign, one.templates, places, nameless))
    ]
    return list(dict.fromkeys(found))


def check_before_freezing(made: Plan, accounts: Sequence[Account], chosen: Settings) -> None:
    """Refuse what Zalo would refuse for everyone of some place.

    When nobody can say, tell so and go on: the alert matters more than the check. What only concerns people without a name is
    told: they are reached by the next route, or not at all, and everyone else is.

    Raises:
        CampaignRefused: A template or its data is not as Zalo has it.
    """
    campaign = made.campaign
    try:
        known = ask(campaign, accounts, chosen)
    except ZaloAlertError as exc:
        display.fact("unchecked", why=str(exc))
        display.say(f"templates and quotas could not be looked up: {exc}", style="yellow")
        return
    show_quotas(made, known)
    nameless = made.nameless.people if made.nameless else 0
    found = misfits(campaign, known, [row.place for row in made.places], nameless)
    for misfit in found:
        number = campaign.written_at(misfit.route) + 1
        display.fact("misfit", route=number, key=misfit.key, why=misfit.why, people=misfit.people)
        display.say(f"{where(misfit, campaign)}  {misfit.why}", style="red")
    if any(misfit.people is None or misfit.people >= made.people for misfit in found):
        raise CampaignRefused(
            f"{campaign.code} does not fit its templates: nothing was frozen",
            hint="correct the data, or have the template changed",
        )


def show_quotas(made: Plan, known: Sequence[Known]) -> None:
    """Hold what is left of each quota against what the plan would ask for."""
    for kind in Kind:
        left = [one.quotas[kind] for one in known if kind in one.quotas]
        if not left or len(left) < len(known):
            continue  # somebody's is not known, so nothing can be said of all
        needed = sum(row.asked for row in made.routes if KINDS.get(row.type) is kind)
        there = sum(one.left for one in left)
        display.fact("quota", kind=kind.value, left=there, needed=needed)
        style = "bold red" if needed > there else ""
        wait = f": {count(needed - there)} must wait until it is there again" if needed > there else ""
        display.say(f"quota ({kind.value}): {count(there)} left, up to {count(needed)} needed{wait}", style=style)


def show_left(made: Plan, accounts: Sequence[Account], chosen: Settings, *, patience_s: float = PATIENCE_S) -> None:
    """Ask for quotas where somebody answers at once; a plan needs no network, so without one tell what was last heard."""
    try:
        known = ask(made.campaign, accounts, chosen, patience_s=patience_s)
    except SettingsInvalid:  # nobody was asked: a plan needs neither token nor network, and whoever sends is told elsewhere
        _show_kept(accounts, chosen)
        return
    except (ZaloAlertError, TimeoutError) as exc:
        why = str(exc) or f"Zalo did not answer within {patience_s:.0f} s"
        display.fact("unchecked", why=why)
        display.say(f"what is left of the quotas could not be asked: {why}; what was heard last:", style="yellow")
        _show_kept(accounts, chosen)
        return
    show_quotas(made, known)


def _show_kept(accounts: Sequence[Account], chosen: Settings) -> None:
    show_kept([(account.id, account.oa_id) for account in accounts], wiring.state_dir(chosen) / NAME)


def where(misfit: Misfit, campaign: Campaign) -> str:
    """Name the place of a misfit in the campaign file."""
    key = "" if not misfit.key else f".{misfit.key}" if misfit.key == "template_id" else f".data.{misfit.key}"
    return f"routes[{campaign.written_at(misfit.route)}]{key}"
