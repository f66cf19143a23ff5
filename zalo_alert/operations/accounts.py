"""The OAs of a workspace: how their tokens stand, renewed before they end, and asked who they are."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from typing import NamedTuple

from zalo_alert.errors import CredentialsRefused, RunSuspended, SettingsInvalid, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.operations.connect import Connections, connected, rate_gate, token_store
from zalo_alert.operations.loop import run_loop
from zalo_alert.preflight.token_health import AccountStatus, account_statuses, due
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.zalo.client import RateGate
from zalo_alert.zalo.oa import OaFacts, ask_own_facts

AT_ONCE = 8  # refreshes under way; more would only wait for the rate


class AccountResult(NamedTuple):
    """What became of one account: facts about its OA where it was asked, or why not; and what is odd all the same."""

    account: Account
    error: ZaloAlertError | None = None
    facts: OaFacts | None = None
    remark: Notice | None = None


def token_standings(settings: Settings) -> list[AccountStatus]:
    """Say of every account how its tokens stand."""
    with closing(token_store(settings)) as store:
        return list(account_statuses(settings, store.all(), SystemClock().now().timestamp()))


# --- renewed -------------------------------------------------------------------------------------------------------------


def refresh_tokens(
    settings: Settings,
    accounts: Sequence[Account],
    older_than_s: float,
    on_result: Callable[[AccountResult], None],
    on_step: StepReporter,
) -> list[AccountResult]:
    """Renew the tokens that are older than that, a few accounts at once, within the apps' rates.

    Returns:
        Of each account that was due what became of it; `on_result` is told at once.
    """
    require_safe_hosts(settings)
    return run_loop(_refresh_all(settings, accounts, older_than_s, on_result, on_step))


async def _refresh_all(
    settings: Settings,
    accounts: Sequence[Account],
    older_than_s: float,
    on_result: Callable[[AccountResult], None],
    on_step: StepReporter,
) -> list[AccountResult]:
    results: list[AccountResult] = []
    async with connected(settings) as zalo, AsyncExitStack() as held:
        chains, now_s = zalo.store.all(), SystemClock().now().timestamp()
        ways = settings.ways(accounts)
        waiting = [a for a in ways if a.token_key not in chains or due(chains[a.token_key][0], older_than_s, now_s)]
        gates = {app_id: rate_gate(settings, [settings.app_lane(app_id)]) for app_id in {account.app_id for account in waiting}}
        for gate in gates.values():
            held.callback(gate.close)
        queue = iter(waiting)

        async def worker() -> None:
            for account in queue:
                results.append(result := await _refresh(account, zalo, gates[account.app_id]))
                on_result(result)
                on_step(_("refreshing"), len(results), len(waiting))

        await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, len(waiting)))))
    return results


async def _refresh(account: Account, zalo: Connections, gate: RateGate) -> AccountResult:
    tokens = zalo.tokens(account)
    try:
        await gate.acquire()
        await tokens.renew_now(tokens.token)
    except ZaloAlertError as exc:
        return AccountResult(account, exc, remark=tokens.remark)
    return AccountResult(account, remark=tokens.remark)


# --- asked who they are --------------------------------------------------------------------------------------------------


def check_accounts(
    settings: Settings, accounts: Sequence[Account], on_result: Callable[[AccountResult], None]
) -> list[AccountResult]:
    """Ask Zalo who each account is, and whether its token is that OA's own; `on_result` is told at once."""
    require_safe_hosts(settings)
    return run_loop(_check_all(settings, accounts, on_result))


async def _check_all(
    settings: Settings, accounts: Sequence[Account], on_result: Callable[[AccountResult], None]
) -> list[AccountResult]:
    results = []
    async with connected(settings, reads=True) as zalo:
        for account in accounts:
            try:
                result = AccountResult(account, facts=await oa_of(account, zalo))
            except (CredentialsRefused, RunSuspended, SettingsInvalid) as exc:
                result = AccountResult(account, exc)
            on_result(result)
            results.append(result)
    return results


async def oa_of(account: Account, zalo: Connections) -> OaFacts:
    """Ask who an account is.

    Raises:
        CredentialsRefused: Its token is refused, or is another OA's.
    """
    with zalo.api(account) as api:
        return await ask_own_facts(api, account)
