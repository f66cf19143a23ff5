"""Whether the OAs of a campaign may publish articles, asked of Zalo before anything is frozen.

Nothing is shown here: what was learnt is in notices for whoever shows them.
"""

import asyncio
from collections.abc import Sequence

from zalo_alert.campaign.follow_up import parts
from zalo_alert.errors import SettingsInvalid, ZaloAlertError
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, count, decimal, joined
from zalo_alert.models import Campaign
from zalo_alert.operations.connect import Connections, connected, require_tokens
from zalo_alert.operations.loop import run_loop
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.zalo import articles
from zalo_alert.zalo.client import Refused
from zalo_alert.zalo.oa import ask_facts

PATIENCE_S = 20.0  # a look beforehand must not hold an alert up


def check_publishing(
    campaign: Campaign, accounts: Sequence[Account], settings: Settings, *, patience_s: float = PATIENCE_S
) -> list[Notice]:
    """Ask Zalo whether each OA may have articles and what is left of its allowance; tell what speaks against it.

    That is asked for the article of a correction or all-clear, too.

    Nothing is refused: the routes to single people matter more than the check.
    """
    if not any(part.broadcast for part in parts(campaign).values()):
        return []
    notices: list[Notice] = []
    try:
        require_safe_hosts(settings)
        require_tokens(settings, accounts)
        run_loop(asyncio.wait_for(_ask_publishing(accounts, settings, notices), patience_s))
    except SettingsInvalid:
        pass  # a plan needs neither token nor network, and whoever sends is told elsewhere
    except (ZaloAlertError, TimeoutError) as exc:
        why = str(exc) or _("no answer within {seconds} s", seconds=decimal(patience_s, 0))
        sentence = _("whether the broadcast may go out could not be looked up: {why}", why=why)
        notices.append(Notice(sentence, "unchecked", Level.WARNING, {"why": why}))
    return notices


async def _ask_publishing(accounts: Sequence[Account], settings: Settings, notices: list[Notice]) -> None:
    """Add what each OA answers to the notices; those that have answered count also where a later one does not."""
    async with connected(settings, reads=True) as zalo:
        for account in accounts:
            notices += await _publishing_of(account, zalo)


async def _publishing_of(account: Account, zalo: Connections) -> list[Notice]:
    objections, left = [], articles.Allowance(None, None)
    with zalo.api(account) as api:
        oa = await ask_facts(api)
        if not oa.is_verified:
            objections.append(_("the OA is not verified"))
        try:
            await articles.check_right(api)
            left = await articles.ask_allowance(api)
        except Refused as exc:
            objections.append(_("{answer} ({meaning})", answer=exc.message, meaning=exc.hint))
    if left.left == 0:
        objections.append(_("its allowance of active messages is used up"))
    standing = [oa.describe()]
    if left.left is not None:
        standing.append(_("{left} of {total} active messages left", left=count(left.left), total=count(left.total or 0)))
    fields = {
        "account": account.id,
        "name": oa.name,
        "is_verified": oa.is_verified,
        "left": left.left,
        "total": left.total,
        "objections": objections,
    }
    speaking_against = [
        Notice(_("{account}: the broadcast may be refused: {why}", account=account.id, why=why), "", Level.FAULT)
        for why in objections
    ]
    sentence = joined((account.id, joined(standing, "; ")), ": ")
    return [Notice(sentence, "publishing", fields=fields), *speaking_against]
