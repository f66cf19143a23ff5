"""What `validate --online`, `plan` and `send` ask Zalo before anything is frozen: templates, and what is left of the quota."""

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from zalo_alert import fitting
from zalo_alert.cli import wiring
from zalo_alert.cli.display import display
from zalo_alert.errors import CampaignRefused, ZaloAlertError
from zalo_alert.fitting import Misfit
from zalo_alert.models import Campaign, RouteType
from zalo_alert.runs import RunPlace
from zalo_alert.settings import Account, Settings, require_safe_hosts
from zalo_alert.zalo import templates
from zalo_alert.zalo.control import Refused
from zalo_alert.zalo.templates import Quota, Template

_APPROVED = {RouteType.TEMPLATE, RouteType.PHONE}


class Known(NamedTuple):
    """What Zalo says for one account: the templates of a campaign's routes by number, and the day's quota."""

    account: Account
    templates: dict[int, Template]
    quota: Quota | None
    misfits: list[Misfit]


def ask(campaign: Campaign, accounts: Sequence[Account], chosen: Settings) -> list[Known]:
    """Ask for every account of a campaign.

    Raises:
        RunSuspended, CredentialsRefused: Nobody could say.
    """
    routes = [number for number, route in enumerate(campaign.routes) if route.type in _APPROVED]
    if not routes:
        return []
    require_safe_hosts(chosen)
    return wiring.run_loop(_ask(campaign, routes, accounts, chosen))


async def _ask(campaign: Campaign, routes: Sequence[int], accounts: Sequence[Account], chosen: Settings) -> list[Known]:
    found = []
    async with wiring.client(chosen) as client:
        with closing(wiring.store(chosen)) as kept:
            for account in accounts:
                tokens = wiring.tokens(chosen, account, kept)
                with closing(wiring.control(chosen, account, tokens, client)) as control:
                    known = Known(account, {}, None, [])
                    for number in routes:
                        template_id = campaign.routes[number].template_id
                        try:
                            known.templates[number] = await templates.template(control, template_id)
                        except Refused as exc:
                            why = f"template {template_id} of {account.id}: {exc} ({exc.hint})"
                            known.misfits.append(Misfit(number, "template_id", why))
                    found.append(known._replace(quota=await templates.quota(control)))
    return found


def misfits(campaign: Campaign, known: Sequence[Known], places: Sequence[RunPlace]) -> list[Misfit]:
    """Return everything that does not fit, each once."""
    found = [misfit for one in known for misfit in (*one.misfits, *fitting.misfits(campaign, one.templates, places))]
    return list(dict.fromkeys(found))


def check_before_freezing(campaign: Campaign, accounts: Sequence[Account], chosen: Settings, places: Sequence[RunPlace]) -> None:
    """Refuse what Zalo would refuse for everyone. When nobody can say, tell so and go on: the alert matters more than the check.

    Raises:
        CampaignRefused: A template or its data is not as Zalo has it.
    """
    try:
        known = ask(campaign, accounts, chosen)
    except ZaloAlertError as exc:
        display.fact("unchecked", why=str(exc))
        display.say(f"the templates could not be looked up: {exc}", style="yellow")
        return
    found = misfits(campaign, known, places)
    for misfit in found:
        display.fact("misfit", route=campaign.written_at(misfit.route) + 1, key=misfit.key, why=misfit.why)
        display.say(f"{where(misfit, campaign)}  {misfit.why}", style="red")
    if found:
        raise CampaignRefused(
            f"{campaign.code} does not fit its templates: nothing was frozen",
            hint="correct the data, or have the template changed",
        )


def where(misfit: Misfit, campaign: Campaign) -> str:
    """Name the place of a misfit in the campaign file."""
    key = "" if not misfit.key else f".{misfit.key}" if misfit.key == "template_id" else f".data.{misfit.key}"
    return f"routes[{campaign.written_at(misfit.route)}]{key}"
