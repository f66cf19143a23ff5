"""What Zalo says of an OA itself."""

from collections.abc import Mapping
from typing import NamedTuple

from zalo_alert.errors import CredentialsRefused, ErrorCause, RunSuspended
from zalo_alert.language import _, _n, count, joined
from zalo_alert.settings.model import Account
from zalo_alert.zalo.base import whole
from zalo_alert.zalo.calling import plain
from zalo_alert.zalo.client import OA_PATH, ApiClient

_TYPES: Mapping[int, str] = {2: _("business"), 4: _("state agency")}


class OaFacts(NamedTuple):
    """One OA. `oa_type` is Zalo's number: 2 business, 4 state agency; `followers` None where the answer does not say."""

    oa_id: str
    name: str
    oa_type: int
    is_verified: bool
    followers: int | None
    package: str
    package_until: str
    has_billing: bool

    def describe(self) -> str:
        """Say it in a line."""
        kind = _TYPES.get(self.oa_type, _("type {number}", number=self.oa_type))
        verified = _("verified") if self.is_verified else _("NOT verified")
        return _("{name} ({facts})", name=self.name, facts=joined((kind, verified, self._package(), *self._followers())))

    def _package(self) -> str:
        if not self.package:
            return _("no package")
        if not self.package_until:
            return _("package {package}", package=self.package)
        return _("package {package} until {until}", package=self.package, until=self.package_until)

    def _followers(self) -> list[str]:
        number = self.followers
        return [] if number is None else [_n("{count} follower", "{count} followers", number, count=count(number))]


async def ask_own_facts(api: ApiClient, account: Account) -> OaFacts:
    """Ask who the OA is whose token is used, and refuse one that is not the account's: nothing may be done in another's name.

    Raises:
        CredentialsRefused: The token is another OA's.
        RunSuspended: See `ask_facts`.
    """
    facts = await ask_facts(api)
    if facts.oa_id != account.oa_id:
        raise CredentialsRefused(
            _(
                "the token of {account} belongs to OA {other} ({name}), not to {oa}",
                account=account.id,
                other=facts.oa_id,
                name=facts.name,
                oa=account.oa_id,
            ),
            hint=_("correct oa_id in zalo-alert.yaml, or consent with the right OA"),
        )
    return facts


async def ask_facts(api: ApiClient) -> OaFacts:
    """Ask who the OA is whose token is used.

    Raises:
        RunSuspended: The answer can't be read; also whatever `ApiClient.get` raises.
    """
    body = await api.get(OA_PATH)
    data = body.get("data")
    oa_id = plain(data.get("oaid", data.get("oa_id"))) if isinstance(data, dict) else ""
    if not isinstance(data, dict) or not oa_id:
        raise RunSuspended(
            _("Zalo's answer about the OA can't be read"),
            hint=_("see whether something stands between you and Zalo"),
            cause=ErrorCause.SERVER,
        )
    return OaFacts(
        oa_id=oa_id,
        name=plain(data.get("name")),
        oa_type=whole(data.get("oa_type")) or 0,
        is_verified=bool(data.get("is_verified")),
        followers=whole(data.get("num_follower")),
        package=plain(data.get("package_name")),
        package_until=plain(data.get("package_valid_through_date")),
        has_billing=bool(data.get("linked_ZCA")),
    )
