"""Where the tokens of the workspace's accounts stand: how old, until when, and what somebody must do about it.

Owns the deadlines. An access token lives 25 hours, a refresh token three months and works once (Zalo OAuth v4 documentation).
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.errors import Cure
from zalo_alert.language import _, _n, decimal
from zalo_alert.settings.model import Account, Settings
from zalo_alert.zalo.token_store import TokenRow
from zalo_alert.zalo.tokens import LANDED_S, choose_chain, consent_again, seed_of

DAY_S = 86_400.0
WARN_S = 14 * DAY_S  # before a refresh token ends: a consent takes an administrator, and those have holidays


class Grade(StrEnum):
    """How a thing stands: nothing to do, something soon, something now."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class AccountStatus(NamedTuple):
    """One account's tokens. Seconds are from now and may be negative; None where nobody knows.

    Args:
        account: Whose.
        grade: See `Grade`.
        said: As a sentence; "" when all is well.
        cure: What to do.
        age_s: How old the pair is.
        access_s: How long the access token still lives.
        refresh_s: How long the refresh token does.
    """

    account: Account
    grade: Grade
    said: str
    cure: str
    age_s: float | None = None
    access_s: float | None = None
    refresh_s: float | None = None


def account_statuses(settings: Settings, chains: Mapping[str, Sequence[TokenRow]], now_s: float) -> Iterator[AccountStatus]:
    """Tell how the tokens of every account stand, app by app.

    Args:
        settings: Of the workspace; a token that waits in the environment counts too.
        chains: What is kept of each, by `token_key`.
        now_s: Seconds since 1970.
    """
    for account in settings.ways(settings.accounts):
        credentials = settings.credentials(account)
        start = TokenRow(seed_of(credentials), credentials.access_token, credentials.refresh_token)
        row = choose_chain(chains.get(account.token_key, ()), start)
        status = _judge(account, row, now_s, has_secret=bool(credentials.app_secret))
        if account.main_app and status.said:
            status = status._replace(said=_("app {app}: {finding}", app=account.app_id, finding=status.said))
        yield status


def _judge(account: Account, row: TokenRow, now_s: float, *, has_secret: bool) -> AccountStatus:
    consent = consent_again(account)
    age, access, refresh = (
        None if at is None else at - now_s for at in (row.issued_at_s, row.expires_at_s, row.refresh_ends_at_s)
    )
    ages = (None if age is None else -age, access, refresh)
    if row.refused:
        return AccountStatus(account, Grade.FAIL, row.refused, consent, *ages)
    if not row.refresh:
        finding = _("has an access token and no refresh token: it ends within 25 hours") if row.access else _("has no token")
        return AccountStatus(account, Grade.WARN if row.access else Grade.FAIL, finding, consent, *ages)
    if refresh is not None and refresh <= 0:
        return AccountStatus(account, Grade.FAIL, _("the refresh token has ended"), consent, *ages)
    if not has_secret:
        cure = _("set {variable}", variable=f"ZALO_ALERT_APP_{account.app_id}_SECRET")
        return AccountStatus(account, Grade.FAIL, _("the app secret is missing, so nothing can be refreshed"), cure, *ages)
    if row.asking_since_s is not None:
        cure = str(Cure.REFRESH(account.id))
        if now_s - row.asking_since_s <= LANDED_S:
            cure = _("{refresh} in {seconds} s", refresh=Cure.REFRESH(account.id), seconds=decimal(LANDED_S, 0))
        return AccountStatus(account, Grade.WARN, _("a refresh was begun and its answer never came"), cure, *ages)
    if refresh is not None and refresh <= WARN_S:
        cure, days = _("{step}, or {other}", step=Cure.REFRESH(account.id), other=consent), max(1, round(refresh / DAY_S))
        finding = _n("the refresh token ends in {days} day", "the refresh token ends in {days} days", days, days=days)
        return AccountStatus(account, Grade.WARN, finding, cure, *ages)
    return AccountStatus(account, Grade.OK, "", "", *ages)


def due(row: TokenRow, older_than_s: float, now_s: float) -> bool:
    """Whether a pair is old enough to be refreshed; one of unknown age is."""
    return row.issued_at_s is None or now_s - row.issued_at_s >= older_than_s
