"""What is asked of Zalo before anything is frozen: whether templates fit, and what is left of the quotas.

Nothing is shown here: each question returns what was learnt, and notices for whoever shows them.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from zalo_alert.campaign.follow_up import key_path, parts
from zalo_alert.errors import CampaignRefused, SettingsInvalid, ZaloAlertError
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.yaml_document import KeyPath, field_name
from zalo_alert.language import _, decimal, joined
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.operations.connect import Connections, connected, require_tokens
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.quota_need import kinds_of, quota_notices
from zalo_alert.operations.quotas import remembered_quotas
from zalo_alert.operations.state import state_folder
from zalo_alert.pacing.quotas import Kind, QuotaLeft, Quotas
from zalo_alert.pacing.shared_pace import NAME
from zalo_alert.planning import template_fit
from zalo_alert.planning.plan import Plan
from zalo_alert.planning.template_fit import Misfit
from zalo_alert.runs.facts import RunPlace
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.zalo import quota, templates
from zalo_alert.zalo.client import ApiClient, Refused
from zalo_alert.zalo.templates import Template

PLAN_PATIENCE_S = 5.0  # of a plan, for what it can do without
BY_UID_SINCE = datetime(2025, 12, 10, tzinfo=VIETNAM)  # Zalo refuses older templates by user id (-249)
_APPROVED = {RouteType.TEMPLATE, RouteType.PHONE}


RoutePlace: TypeAlias = tuple[str, int]  # a part of a campaign, and the number of one of its routes


class AccountAnswers(NamedTuple):
    """What Zalo says for one account: templates by the routes that use them, what does not fit, what quota is left."""

    account: Account
    templates: dict[RoutePlace, Template]
    misfits: list[Misfit]
    quotas: dict[Kind, QuotaLeft]


# --- templates and quotas ------------------------------------------------------------------------------------------------


def ask_zalo(
    campaign: Campaign, accounts: Sequence[Account], settings: Settings, *, patience_s: float | None = None
) -> list[AccountAnswers]:
    """Ask for every account of a campaign.

    Raises:
        RunSuspended, CredentialsRefused: Nobody could say.
        TimeoutError: It took too long.
    """
    require_safe_hosts(settings)
    require_tokens(settings, accounts)
    return run_loop(asyncio.wait_for(_ask_all(campaign, accounts, settings), patience_s))


async def _ask_all(campaign: Campaign, accounts: Sequence[Account], settings: Settings) -> list[AccountAnswers]:
    async with connected(settings, reads=True) as zalo:
        with closing(Quotas(state_folder(settings) / NAME)) as quotas:
            return [await _ask(campaign, account, zalo, quotas) for account in accounts]


async def _ask(campaign: Campaign, account: Account, zalo: Connections, quotas: Quotas) -> AccountAnswers:
    answers = AccountAnswers(account, {}, [], {})
    with zalo.api(account) as api:
        await _ask_for_templates(campaign, api, answers)
        for kind in kinds_of(campaign):
            if left := await quota.ask(api, kind, SystemClock().now().timestamp()):
                answers.quotas[kind] = left
                quotas.note(account.oa_id, kind, left)
    return answers


async def _ask_for_templates(campaign: Campaign, api: ApiClient, answers: AccountAnswers) -> None:
    """Look up every template of a campaign and of what may follow it, all at once: nobody should wait for a correction's."""
    routes = {
        (name, number): route
        for name, part in parts(campaign).items()
        for number, route in enumerate(part.routes)
        if route.type in _APPROVED
    }
    asked = {(route.template_id, route.type): route for route in routes.values()}
    looked_up = await asyncio.gather(*(_look_up(api, route, answers.account) for route in asked.values()))
    by_route = dict(zip(asked, looked_up, strict=True))
    for (name, number), route in routes.items():
        template, why = by_route[route.template_id, route.type]
        if template:
            answers.templates[name, number] = template
        if why:
            answers.misfits.append(Misfit(number, "template_id", why, part=name))


async def _look_up(api: ApiClient, route: Route, account: Account) -> tuple[Template | None, str]:
    """Return a route's template, and why it can't be used as far as Zalo says so."""
    name = _("template {template} of {account}", template=route.template_id, account=account.id)
    try:
        template = await templates.ask_template(api, route.template_id)
        made_s = await templates.ask_created_at_s(api, route.template_id) if route.type is RouteType.TEMPLATE else None
    except Refused as exc:
        return None, joined((name, in_words(exc)), ": ")
    if made_s is None or made_s >= BY_UID_SINCE.timestamp():
        return template, ""
    return template, _(
        "{template} was made before {day}: Zalo refuses it by user id; have it made anew, or use it by phone",
        template=name,
        day=f"{BY_UID_SINCE:%d/%m/%Y}",
    )


def in_words(refused: Refused) -> str:
    """Say what Zalo answered, and what that means unless it says so itself."""
    meant = set(refused.hint.casefold().split()) - {"a", "an", "the"}
    said_itself = meant <= set(refused.message.casefold().split())
    return refused.message if said_itself else _("{answer} ({meaning})", answer=refused.message, meaning=refused.hint)


def misfits_of(
    campaign: Campaign, answers: Sequence[AccountAnswers], places: Sequence[RunPlace], nameless: int = 0
) -> list[Misfit]:
    """Return everything that does not fit in any part of a campaign, each once; see `template_fit.misfits`."""
    misfits: list[Misfit] = []
    for answer in answers:
        misfits += answer.misfits
        for name, part in parts(campaign).items():
            own = {number: template for (owner, number), template in answer.templates.items() if owner == name}
            misfits += [misfit._replace(part=name) for misfit in template_fit.misfits(part, own, places, nameless)]
    return list(dict.fromkeys(misfits))


def misfit_path(misfit: Misfit, campaign: Campaign) -> KeyPath:
    """Return where a misfit stands in the campaign file."""
    key = () if not misfit.key else (misfit.key,) if misfit.key == "template_id" else ("data", misfit.key)
    return (*key_path(misfit.part), parts(campaign)[misfit.part].written_at(misfit.route), *key)


def place_of(misfit: Misfit, campaign: Campaign) -> str:
    """Name the place of a misfit in the campaign file."""
    return field_name(misfit_path(misfit, campaign))


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt before freezing; `refusal` is why nothing may be frozen."""

    notices: tuple[Notice, ...]
    refusal: CampaignRefused | None = None


def check_fit(plan: Plan, accounts: Sequence[Account], settings: Settings) -> Fit:
    """Hold a plan against what Zalo has: what it would refuse for everyone of some place refuses the plan.

    When nobody can say, that is told and no more: the alert matters more than the check. What only concerns people without a
    name is told: they are reached by the next route, or not at all, and everyone else is.
    """
    campaign = plan.campaign
    try:
        answers = ask_zalo(campaign, accounts, settings)
    except ZaloAlertError as exc:
        sentence = _("templates and quotas could not be looked up: {why}", why=exc.message)
        return Fit((Notice(sentence, "unchecked", Level.WARNING, {"why": exc.message}),))
    nameless = plan.nameless.people if plan.nameless else 0
    misfits = misfits_of(campaign, answers, [row.place for row in plan.places], nameless)
    notices = [
        *quota_notices(plan, [answer.quotas for answer in answers]),
        *(_misfit_notice(misfit, campaign) for misfit in misfits),
    ]
    if not any(misfit.people is None or misfit.people >= plan.people for misfit in misfits):
        return Fit(tuple(notices))
    refusal = CampaignRefused(
        _("{code} does not fit its templates: nothing was frozen", code=campaign.code),
        hint=_("correct the data, or have the template changed"),
    )
    return Fit(tuple(notices), refusal)


def _misfit_notice(misfit: Misfit, campaign: Campaign) -> Notice:
    route = parts(campaign)[misfit.part].written_at(misfit.route) + 1
    fields = {
        "part": misfit.part, "route": route, "field": misfit.key, "why": misfit.why, "people": misfit.people,
    }  # fmt: skip
    return Notice(joined((place_of(misfit, campaign), misfit.why), "  "), "misfit", Level.FAULT, fields)


def look_at_quotas(
    plan: Plan, accounts: Sequence[Account], settings: Settings, *, patience_s: float = PLAN_PATIENCE_S
) -> list[Notice]:
    """Ask for quotas where somebody answers at once; a plan needs no network, so without one tell what was last heard."""
    try:
        return quota_notices(
            plan, [answer.quotas for answer in ask_zalo(plan.campaign, accounts, settings, patience_s=patience_s)]
        )
    except SettingsInvalid:  # nobody was asked: a plan needs neither token nor network, and whoever sends is told elsewhere
        return _last_heard(accounts, settings)
    except (ZaloAlertError, TimeoutError) as exc:
        why = str(exc) or _("Zalo did not answer within {seconds} s", seconds=decimal(patience_s, 0))
        sentence = _("what is left of the quotas could not be asked: {why}; what was heard last:", why=why)
        return [Notice(sentence, "unchecked", Level.WARNING, {"why": why}), *_last_heard(accounts, settings)]


def _last_heard(accounts: Sequence[Account], settings: Settings) -> list[Notice]:
    return remembered_quotas([(account.id, account.oa_id) for account in accounts], state_folder(settings) / NAME)
