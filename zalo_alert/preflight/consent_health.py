"""Which OAs of a tree have consented, which must do so again soon, and which are missing, by province.

An OA has consented when there is a refresh token that Zalo has not refused and that has not ended: what else may be wrong with
its tokens is the business of `token_health`, and no administrator can help there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _, _n, count
from zalo_alert.models import Area
from zalo_alert.places.broadcast_target import name_target
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import WARN_S, Grade
from zalo_alert.settings.model import Account, Settings
from zalo_alert.zalo.invitations import Invitation
from zalo_alert.zalo.token_store import TokenRow
from zalo_alert.zalo.tokens import choose_chain, seed_of

TREE = 10  # OAs: with fewer, `doctor` names each that has no tokens, and that is enough


class ConsentState(StrEnum):
    """How far an OA is."""

    CONSENTED = "consented"
    SOON = "soon"  # its consent ends within two weeks
    MISSING = "missing"


class ConsentStatus(NamedTuple):
    """One OA, as it speaks through one app.

    Args:
        account: Which.
        state: See `ConsentState`.
        province: Where it is; "" where that is no single one.
        place: What its area is called.
        refresh_s: How long its consent still lasts; None where nobody knows, or where there is none.
        link_until: Until when the newest link that was written for it holds; None where none does.
    """

    account: Account
    state: ConsentState
    province: str
    place: str
    refresh_s: float | None = None
    link_until: datetime | None = None

    @property
    def name(self) -> str:
        """What the OA is called: as the accounts file says, else by its place."""
        return name_of(self.account) or self.place

    @property
    def phone(self) -> str:
        """Whom to call; "" where the accounts file does not say."""
        return self.account.about.get("phone", "")


class ProvinceConsents(NamedTuple):
    """How many OAs of a province are how far; `province` is "" for those of several provinces or the whole country."""

    province: str
    oas: int
    consented: int
    soon: int
    missing: int


def consent_statuses(
    settings: Settings,
    ways: Sequence[Account],
    chains: Mapping[str, Sequence[TokenRow]],
    links: Sequence[Invitation],
    now_s: float,
) -> Iterator[ConsentStatus]:
    """Tell of each OA how far it is.

    Args:
        settings: Of the workspace; tokens that wait in the environment count too.
        ways: The accounts, each as it speaks through one app.
        chains: What is kept of each, by `token_key`.
        links: Those that still hold.
        now_s: Seconds since 1970.
    """
    ends: dict[tuple[str, str], float] = {}
    for link in links:
        key = (link.account, link.app_id)
        ends[key] = max(ends.get(key, 0.0), link.ends_at_s)
    for account in ways:
        credentials = settings.credentials(account)
        start = TokenRow(seed_of(credentials), credentials.access_token, credentials.refresh_token)
        state, left_s = _judge(choose_chain(chains.get(account.token_key, ()), start), now_s)
        province, place = place_of(account)
        end_s = ends.get((account.id, account.app_id))
        until = None if end_s is None else datetime.fromtimestamp(end_s, VIETNAM)
        yield ConsentStatus(account, state, province, place, left_s, until)


def _judge(row: TokenRow, now_s: float) -> tuple[ConsentState, float | None]:
    left_s = None if row.refresh_ends_at_s is None else row.refresh_ends_at_s - now_s
    if not row.refresh or row.refused or (left_s is not None and left_s <= 0):
        return ConsentState.MISSING, None
    return (ConsentState.SOON if left_s is not None and left_s <= WARN_S else ConsentState.CONSENTED), left_s


def place_of(account: Account) -> tuple[str, str]:
    """Return the province that an account is of, "" where it is of several, and what its area is called."""
    try:
        areas = [places.area(selector) for selector in account.areas]
    except InputInvalid:  # told where the area is used; a list of names goes on without
        return "", ", ".join(account.areas)
    whole = places.all_of(areas)
    mask = _mask_of(whole)
    provinces = [province.name for province in places.PROVINCES if province.mask & mask]
    return (provinces[0] if len(provinces) == 1 else ""), name_target(areas, whole)


def _mask_of(area: Area) -> int:
    mask = area.mask
    for code in area.wards:
        mask |= places.wards()[code].mask
    return mask


def name_of(account: Account) -> str:
    """Return what the accounts file calls an OA; "" where it does not say."""
    return account.about.get("name", "")


def by_province(statuses: Sequence[ConsentStatus]) -> list[ProvinceConsents]:
    """Count by province, in the order of the official list; what belongs to none stands first."""
    order = ["", *(province.name for province in places.PROVINCES)]
    counts = {name: dict.fromkeys(ConsentState, 0) for name in order}
    for status in statuses:
        counts[status.province][status.state] += 1
    return [_row(name, states) for name, states in counts.items() if sum(states.values())]


def _row(name: str, states: Mapping[ConsentState, int]) -> ProvinceConsents:
    consented, soon, missing = (states[state] for state in ConsentState)
    return ProvinceConsents(name, consented + soon + missing, consented, soon, missing)


def check_consents(statuses: Sequence[ConsentStatus]) -> list[Check]:
    """Say how many OAs of a tree have not consented; nothing of a few OAs, of which each is told by itself."""
    if len(statuses) < TREE:
        return []
    missing = sum(status.state is ConsentState.MISSING for status in statuses)
    soon = sum(status.state is ConsentState.SOON for status in statuses)
    all_ = count(len(statuses))
    if missing:
        said = _n(
            "{count} of {all} OAs has not consented",
            "{count} of {all} OAs have not consented",
            missing,
            count=count(missing),
            all=all_,
        )
        cure = _("{missing} names them; {invite} writes their links", missing=Cure.MISSING(), invite=Cure.INVITE(missing=True))
        return [Check("consents", Grade.FAIL, said, cure)]
    if soon:
        said = _n(
            "{count} of {all} consents ends within two weeks",
            "{count} of {all} consents end within two weeks",
            soon,
            count=count(soon),
            all=all_,
        )
        return [Check("consents", Grade.WARN, said, _("let cron refresh the tokens: {refresh}", refresh=Cure.REFRESH(all=True)))]
    return [Check("consents", Grade.OK, _("all {all} OAs have consented", all=all_))]
