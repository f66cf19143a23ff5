"""`accounts`: the OAs of a workspace, and their tokens."""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.errors import CredentialsRefused, PartlyDone, RunSuspended, SettingsInvalid, UsageError, ZaloAlertError
from zalo_alert.foundation.formatting import count, span

if TYPE_CHECKING:
    import httpx

    from zalo_alert.preflight.token_health import AccountStatus
    from zalo_alert.settings.load import Account, Settings
    from zalo_alert.zalo.token_store import TokenStore

AT_ONCE = 8  # refreshes under way; more would only wait for the rate
SHOWN = 50  # lines of a table for a person; `--json` and `--problems` show all

group = typer.Typer(
    no_args_is_help=True, help="The OAs of a workspace: their tokens, how old they are, and who must consent again."
)
app.add_typer(group, name="accounts")

_Accounts = Annotated[
    list[str] | None, typer.Argument(metavar="ACCOUNT...", help="Ids from zalo-alert.yaml.", show_default=False)
]
_All = Annotated[bool, typer.Option("--all", help="Every account of the workspace.")]


@group.command(name="list")
def list_(
    problems: Annotated[bool, typer.Option("--problems", help="Only those that need somebody.")] = False,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Show every account: level, areas, how old its tokens are and until when they last.

    Example: zalo-alert accounts list --problems
    """
    from zalo_alert.preflight.token_health import Grade

    rows = _standings(wiring.settings(workspace))
    shown = [row for row in rows if row.grade is not Grade.OK] if problems else rows
    for row in shown:
        display.fact("account", **_fact(row))
    most = shown if problems else shown[:SHOWN]
    columns = ("account", "level", "areas", "age", "access left", "refresh left", "")
    display.table("", columns, [_cells(row) for row in most])
    if len(shown) > len(most):
        display.say(f"and {count(len(shown) - len(most))} more; --json or --problems shows all of them")
    for row in most:
        if row.cure:
            display.say(f"{row.account.id}: {row.cure}", style="red" if row.grade is Grade.FAIL else "yellow")
    bad = [row for row in rows if row.grade is not Grade.OK]
    if bad:
        display.say(f"{count(len(bad))} of {count(len(rows))} accounts need somebody", style="bold")


def _standings(chosen: "Settings") -> "list[AccountStatus]":
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.preflight.token_health import account_statuses

    with closing(wiring.store(chosen)) as kept:
        return list(account_statuses(chosen, kept.all(), SystemClock().now().timestamp()))


def _fact(row: "AccountStatus") -> dict[str, object]:
    account = row.account
    return {
        "id": account.id,
        "oa_id": account.oa_id,
        "app_id": account.app_id,
        "level": account.level,
        "areas": list(account.areas),
        "grade": row.grade,
        "said": row.said,
        "cure": row.cure,
        "age_s": row.age_s,
        "access_s": row.access_s,
        "refresh_s": row.refresh_s,
    }


def _cells(row: "AccountStatus") -> tuple[str, ...]:
    account = row.account
    areas = ", ".join(account.areas)
    return (
        account.id,
        account.level,
        areas if len(areas) <= 30 else f"{areas[:29]}…",
        "" if row.age_s is None else _span(row.age_s),
        _left(row.access_s),
        _left(row.refresh_s),
        f"{row.grade}: {row.said}" if row.said else row.grade,
    )


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return _span(seconds) if seconds > 0 else f"ended {_span(-seconds)} ago"


@group.command()
def refresh(
    accounts: _Accounts = None,
    all_: _All = False,
    older_than: Annotated[str, typer.Option(help="Only tokens older than this: 90m, 12h, 7d.")] = "0h",
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Renew tokens before they end; one process at a time for each OA, and nothing is used before it is on the disk.

    Example: zalo-alert accounts refresh --all --older-than 12h
    """
    from zalo_alert.settings.load import require_safe_hosts

    chosen = wiring.settings(workspace)
    require_safe_hosts(chosen)
    named = _named(chosen, accounts, all_=all_)
    older_than_s = wiring.duration_s(older_than)
    with closing(wiring.store(chosen)) as kept:
        done, failed = wiring.run_loop(_refresh_all(chosen, named, kept, older_than_s))
    skipped = len(named) - done - failed
    display.fact("refreshed", done=done, failed=failed, skipped=skipped)
    young = f", {count(skipped)} young enough" if skipped else ""
    display.say(f"{count(done)} refreshed{young}, {count(failed)} failed")
    _warn(chosen, {account.id for account in named})
    if failed:
        raise PartlyDone(f"{count(failed)} of {count(len(named))} accounts could not be refreshed", hint="each is named above")


def _named(chosen: "Settings", accounts: list[str] | None, *, all_: bool) -> "list[Account]":
    if all_ and accounts:
        raise UsageError("--all and names exclude each other", hint="leave one out")
    if all_:
        return list(chosen.accounts)
    if not accounts:
        return [chosen.account(None)]
    return [chosen.account(name) for name in dict.fromkeys(accounts)]


async def _refresh_all(chosen: "Settings", named: "list[Account]", kept: "TokenStore", older_than_s: float) -> tuple[int, int]:
    """Refresh each account that is due, a few at once, within the apps' rates; return how many went well and how many did not."""
    import asyncio

    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.preflight.token_health import due

    now_s = SystemClock().now().timestamp()
    chains = kept.all()
    waiting = [a for a in named if a.oa_id not in chains or due(chains[a.oa_id][0], older_than_s, now_s)]
    gates = {app_id: wiring.gate(chosen, [chosen.app_lane(app_id)]) for app_id in {account.app_id for account in waiting}}
    results: list[bool] = []
    queue = iter(waiting)

    async def one(account: "Account") -> bool:
        try:
            await gates[account.app_id].acquire()
            tokens = wiring.tokens(chosen, account, kept, client)
            await tokens.renew_now(tokens.token)
        except ZaloAlertError as exc:
            display.fact("failed", id=account.id, oa_id=account.oa_id, why=str(exc), cure=exc.hint)
            display.say(f"{account.id}: {exc}; {exc.hint}".rstrip("; "), style="red")
            return False
        display.fact("refreshed-one", id=account.id, oa_id=account.oa_id)
        return True

    async def worker(told: Callable[[str, int, int | None], None]) -> None:
        for account in queue:
            results.append(await one(account))
            told("refreshing", len(results), len(waiting))

    async with wiring.client(chosen) as client:
        with display.steps() as told:
            await asyncio.gather(*(worker(told) for _ in range(min(AT_ONCE, len(waiting)))))
    for gate in gates.values():
        gate.close()
    return sum(results), len(results) - sum(results)


def _warn(chosen: "Settings", ids: set[str]) -> None:
    """Name those whose refresh token ends soon: a refresh has just been tried, so only a consent helps."""
    from zalo_alert.preflight.token_health import Grade

    for row in _standings(chosen):
        if row.account.id in ids and row.grade is Grade.WARN:
            display.fact("warning", **_fact(row))
            display.say(f"{row.account.id}: {row.said}; {row.cure}", style="yellow")


@group.command()
def login(
    account: Annotated[
        str | None, typer.Argument(help="Id from zalo-alert.yaml; default: the only one.", show_default=False)
    ] = None,
    paste: Annotated[bool, typer.Option("--paste", help="Paste the address that the browser came back to.")] = False,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Have an administrator of the OA consent in a browser, and keep the tokens that this gives.

    Example: zalo-alert accounts login pctt --paste
    """
    from zalo_alert.settings.load import require_safe_hosts

    chosen = wiring.settings(workspace)
    require_safe_hosts(chosen)
    found = chosen.account(account)
    if not chosen.credentials(found).app_secret:
        raise SettingsInvalid(
            f"the secret of app {found.app_id} is missing", hint=f"set ZALO_ALERT_APP_{found.app_id}_SECRET in the environment"
        )
    with closing(wiring.store(chosen)) as kept:
        wiring.run_loop(_login(chosen, found, kept, paste=paste))


async def _login(chosen: "Settings", account: "Account", kept: "TokenStore", *, paste: bool) -> None:
    import secrets

    from zalo_alert.cli.returning import listening, listens_here
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.zalo import oauth
    from zalo_alert.zalo.tokens import seed_of

    credentials, redirect_uri = chosen.credentials(account), chosen.app(account.app_id).redirect_uri
    verifier, challenge = oauth.pkce()
    if given := chosen.secret(f"ZALO_ALERT_APP_{account.app_id}_CODE_VERIFIER"):  # the challenge is saved in the console
        verifier, challenge = given, oauth.challenge(given)
    state = secrets.token_urlsafe(16)
    link = oauth.consent_link(chosen.hosts.oauth, account.app_id, redirect_uri, challenge, state)

    def tell() -> None:
        display.fact("consent", id=account.id, url=link)
        display.say(f"an administrator of OA {account.oa_id} opens this address and allows the app:")
        display.show(link)

    if paste or not listens_here(redirect_uri):
        tell()
        url = _pasted()
    else:
        async with listening(redirect_uri) as came:
            tell()
            url = await came()
    code = oauth.read_code(url, account, state)
    async with wiring.client(chosen) as client:
        pair = await oauth.exchange(client, chosen.hosts.oauth, account.app_id, credentials.app_secret, code, verifier)
        kept.keep(account.oa_id, seed_of(credentials), pair, SystemClock().now().timestamp())
        await _check_one(chosen, account, kept, client)


def _pasted() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(typer.prompt("Paste the address that the browser came back to", err=True))


@group.command()
def check(
    accounts: _Accounts = None,
    all_: _All = False,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Ask Zalo who each account is: name, package, followers, and whether the token is that OA's own.

    Example: zalo-alert accounts check --all
    """
    from zalo_alert.settings.load import require_safe_hosts

    chosen = wiring.settings(workspace)
    require_safe_hosts(chosen)
    named = _named(chosen, accounts, all_=all_)
    with closing(wiring.store(chosen)) as kept:
        failed = wiring.run_loop(_check_all(chosen, named, kept))
    if failed:
        raise PartlyDone(f"{count(failed)} of {count(len(named))} accounts are not usable", hint="each is named above")


async def _check_all(chosen: "Settings", named: "list[Account]", kept: "TokenStore") -> int:
    failed = 0
    async with wiring.client(chosen) as client:
        for account in named:
            try:
                await _check_one(chosen, account, kept, client)
            except (CredentialsRefused, RunSuspended, SettingsInvalid) as exc:
                failed += 1
                display.fact("failed", id=account.id, oa_id=account.oa_id, why=str(exc), cure=exc.hint)
                display.say(f"{account.id}: {exc}; {exc.hint}".rstrip("; "), style="red")
    return failed


async def _check_one(chosen: "Settings", account: "Account", kept: "TokenStore", client: "httpx.AsyncClient") -> None:
    from zalo_alert.zalo.oa import ask_own_facts

    tokens = wiring.tokens(chosen, account, kept, client)
    with closing(wiring.control(chosen, account, tokens, client)) as control:
        facts = await ask_own_facts(control, account)
    display.fact("oa", id=account.id, **facts._asdict())
    display.show(f"{account.id}: {facts.describe()}")
