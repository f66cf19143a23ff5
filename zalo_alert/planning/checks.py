"""Whether a campaign may be sent by the accounts it names, and whether anybody is there to read it."""

from collections.abc import Sequence
from datetime import datetime

from zalo_alert import places
from zalo_alert.campaign.lifecycle import check_sendable
from zalo_alert.errors import CampaignRefused, Cure
from zalo_alert.language import _, joined
from zalo_alert.models import Area, Campaign, Reach
from zalo_alert.planning import segment
from zalo_alert.planning.plan import Source


def check_sources(campaign: Campaign, sources: Sequence[Source], now: datetime) -> None:
    """Refuse what may not be sent now, or not by these accounts.

    Raises:
        CampaignRefused: It is over, or needs an approval, or goes beyond the areas of an account.
    """
    check_sendable(campaign, now)
    for source in sources:
        allowed = places.all_of(places.area(selector) for selector in source.account.areas)
        if campaign.broadcast and not allowed.everyone:
            _check_broadcast(campaign, source, allowed)
        outside = places.without(campaign.audience.target, allowed)
        if not allowed.everyone and (outside.mask or outside.wards or outside.everyone):
            area = next(area for area in campaign.audience.areas if _reaches_out(area, allowed))
            raise CampaignRefused(
                _(
                    "account {account} may write to {areas}, not to {area}",
                    account=source.account.id,
                    areas=", ".join(source.account.areas),
                    area=area.label,
                ),
                hint=_("change audience.areas, or the account's areas in zalo-alert.yaml"),
            )


def _check_broadcast(campaign: Campaign, source: Source, allowed: Area) -> None:
    """Refuse a broadcast that can't be aimed finely enough to stay where an account may write."""
    target = campaign.audience.target
    aim = places.aim(target)
    if not _reaches_out(target, allowed) and _reaches_out(aim.area, allowed):
        raise CampaignRefused(
            _(
                "account {account} may write to {areas}, and the broadcast would go beyond: {beyond}",
                account=source.account.id,
                areas=", ".join(source.account.areas),
                beyond=joined(aim.beyond, "; "),
            ),
            hint=_("leave the broadcast out, or let an OA send it that may write to the whole province"),
        )


def check_reach(campaign: Campaign, residents: Sequence[Reach], meant: Sequence[Reach]) -> None:
    """Refuse a campaign that reaches nobody, in all or in one of its areas.

    Args:
        campaign: Sound.
        residents: Everyone in the books, by place.
        meant: Those of them whom the campaign means.

    Raises:
        CampaignRefused: There is nobody.
    """
    if campaign.audience.supplied:
        if not meant:
            raise CampaignRefused(_("the list of recipients holds nobody"), hint=_("nothing was sent"))
        return
    empty = segment.find_empty_areas(campaign.audience, residents)
    if empty:
        raise CampaignRefused(
            _("nobody in the follower book lives in {areas}", areas=", ".join(area.label for area in empty)),
            hint=_("correct audience.areas, or import that area's followers; an empty area never means everyone"),
        )
    if not meant:
        raise CampaignRefused(_("this campaign reaches nobody"), hint=_("see {stats}", stats=Cure.STATS()))


def _reaches_out(area: Area, allowed: Area) -> bool:
    outside = places.without(area, allowed)
    return bool(outside.mask or outside.wards or outside.everyone)
