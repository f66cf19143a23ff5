"""How far each OA of a workspace is with its consent, and which of them lie within some places."""

from collections.abc import Sequence
from contextlib import closing

from zalo_alert import places
from zalo_alert.models import Area
from zalo_alert.operations.connect import token_store
from zalo_alert.operations.state import state_folder
from zalo_alert.preflight.consent_health import ConsentStatus, consent_statuses
from zalo_alert.settings.model import Account, Settings
from zalo_alert.zalo.invitations import InvitationStore


def consent_standings(settings: Settings, ways: Sequence[Account], now_s: float) -> list[ConsentStatus]:
    """Say of each account how far its consent is."""
    folder = state_folder(settings)
    with closing(token_store(settings)) as tokens, closing(InvitationStore(folder)) as links:
        return list(consent_statuses(settings, ways, tokens.all(), links.open_ones(now_s), now_s))


def within(accounts: Sequence[Account], areas: Sequence[str]) -> list[Account]:
    """Return the accounts whose whole area lies within some places; all of them where no place is named.

    Raises:
        PlaceUnknown: One is none.
    """
    if not areas:
        return list(accounts)
    target = places.all_of(places.area(selector) for selector in areas)
    return [account for account in accounts if _is_within(places.all_of(map(places.area, account.areas)), target)]


def _is_within(own: Area, target: Area) -> bool:
    if target.everyone or own.everyone:
        return target.everyone
    if own.mask & ~target.mask:
        return False
    return all(code in target.wards or places.wards()[code].mask & target.mask for code in own.wards - target.without) and not (
        own.wards & target.without
    )
