"""What is left of the day's quotas, and when tokens end: as far as the workspace's own files know. Nobody is asked.

A process that only looks on may have no secrets, so what it can say of tokens is what was kept of those in use.
"""

from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.layout import rates_of
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _, count, moment, span
from zalo_alert.pacing.quotas import Kind, QuotaLeft, Quotas
from zalo_alert.preflight.token_health import WARN_S
from zalo_alert.settings.model import Account, Settings
from zalo_alert.zalo.token_store import NAME as TOKENS_NAME
from zalo_alert.zalo.token_store import TokenRow, TokenStore
from zalo_alert.zalo.tokens import choose_chain, login_step

_NOBODYS = TokenRow("", Secret(""), Secret(""))
_LOW = 0.1  # of a day's quota: with less left somebody should know
_KINDS = {Kind.TEMPLATE: _("template messages left today"), Kind.CS: _("consultation messages left")}


class Deadline(NamedTuple):
    """One line: whose, what of it, and whether somebody must act."""

    account: str
    sentence: str
    is_bad: bool


def quotas_left(settings: Settings, now: datetime) -> list[Deadline]:
    """Say what is left of each account's quotas, as was last heard."""
    path = rates_of(settings.workspace)
    if not path.exists():
        return []
    with closing(Quotas(path)) as quotas:
        return [
            _quota(account, kind, left, now) for account in settings.accounts for kind, left in quotas.of(account.oa_id).items()
        ]


def _quota(account: Account, kind: Kind, left: QuotaLeft, now: datetime) -> Deadline:
    amount = _("{left} of {total}", left=count(left.left), total=count(left.total)) if left.total else count(left.left)
    at = moment(instant(left.at_s), now.date())
    sentence = _("{amount} {kind} (heard at {at})", amount=amount, kind=_KINDS[kind], at=at)
    return Deadline(account.id, sentence, left.left <= _LOW * (left.total or 0))


def token_ends(settings: Settings, now: datetime) -> list[Deadline]:
    """Say when the tokens of each account end of which any were kept."""
    if not (settings.state_dir / TOKENS_NAME).exists():
        return []
    with closing(TokenStore(settings.state_dir)) as store:
        chains = store.all()
    ways = [account for account in settings.ways(settings.accounts) if account.token_key in chains]
    kept = [(account, choose_chain(chains[account.token_key], _NOBODYS)) for account in ways]
    return [_token(account, row, now) for account, row in kept]


def _token(account: Account, row: TokenRow, now: datetime) -> Deadline:
    if row.refused:
        return Deadline(account.id, _("{why}: {login}", why=row.refused, login=login_step(account)), is_bad=True)
    if row.refresh_ends_at_s is None:
        return Deadline(account.id, _("nobody knows when its tokens end"), is_bad=False)
    ends = instant(row.refresh_ends_at_s)
    left_s = (ends - now).total_seconds()
    if left_s <= 0:
        return Deadline(account.id, _("the tokens have ended: {login}", login=login_step(account)), is_bad=True)
    sentence = _("tokens until {at}, in {time}", at=moment(ends, now.date()), time=span(timedelta(seconds=left_s)))
    return Deadline(account.id, sentence, left_s <= WARN_S)
