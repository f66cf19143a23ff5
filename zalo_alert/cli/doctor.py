"""`doctor`: looks at everything that a campaign will need, and says what to do about what is not well."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.errors import ExitCode, InputInvalid, RunSuspended, SettingsInvalid, UsageError, ZaloAlertError
from zalo_alert.foundation.formatting import count

if TYPE_CHECKING:
    import httpx

    from zalo_alert.planning.plan import Plan
    from zalo_alert.preflight.doctor import Check
    from zalo_alert.preflight.token_health import AccountStatus
    from zalo_alert.settings.load import Account, Settings
    from zalo_alert.zalo.token_store import TokenStore

AT_ONCE = 8  # accounts asked about at the same time; more would only wait for the rate
IN_USE_S = 3600.0  # a younger scratch folder may belong to a command that is running
_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}
_ERRORS: Mapping[ExitCode, type[ZaloAlertError]] = {
    ExitCode.USAGE: UsageError,
    ExitCode.CAMPAIGN_INVALID: InputInvalid,
    ExitCode.SUSPENDED: RunSuspended,
}


@app.command()
def doctor(
    campaign: Annotated[
        Path | None,
        typer.Argument(help="Campaign file: is there room and quota for it? Default: the whole book.", show_default=False),
    ] = None,
    online: Annotated[bool, typer.Option("--online/--offline", help="Whether to ask Zalo, too.")] = True,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Look at clock, disk, files, tokens, hosts, OAs, quota and books before the night when they are needed; sends nothing.

    Example: zalo-alert doctor campaigns/bao-so-7.yaml
    """
    from zalo_alert.preflight import doctor as checks
    from zalo_alert.preflight.token_health import Grade

    chosen = _settings(workspace)
    found = [checks.Check("config", Grade.OK, f"sound: profile {chosen.profile}, accounts: {count(len(chosen.accounts))}")]
    planned = _planned(campaign, chosen, found) if campaign else None
    found += _here(chosen, planned, campaign)
    account_statuses = _standings(chosen)
    found += map(checks.check_tokens, account_statuses)
    if not online:
        display.say("Zalo is not asked")
    else:
        with display.steps() as told:
            found += wiring.run_loop(_online(chosen, planned, account_statuses, told))
    for check in found:
        display.fact("check", **check._asdict() | {"code": int(check.code) if check.grade is Grade.FAIL else 0})
    for check in checks.shorten(found):
        _say(check)
    _end(found)


def _settings(workspace: Path) -> "Settings":
    from zalo_alert.preflight.doctor import fail

    try:
        return wiring.settings(workspace)
    except SettingsInvalid as exc:
        check = fail("config", exc)
        display.fact("check", **check._asdict())
        _say(check)
        raise


def _say(check: "Check") -> None:
    from rich.markup import escape

    about = f"{check.about} {check.account}".strip()
    cure = f"\n       → {escape(check.cure)}" if check.cure else ""
    display.show(f"[{_STYLES[check.grade]}]{check.grade:<4}[/]  {escape(f'{about}: {check.said}')}{cure}")


def _end(found: "list[Check]") -> None:
    from zalo_alert.preflight.doctor import verdict
    from zalo_alert.preflight.token_health import Grade

    fails, warns = (sum(check.grade is grade for check in found) for grade in (Grade.FAIL, Grade.WARN))
    display.fact("doctor", checks=len(found), warn=warns, fail=fails)
    code = verdict(found)
    if code:
        raise _ERRORS.get(code, SettingsInvalid)(
            f"{count(fails)} of {count(len(found))} checks failed", hint="see what to do above"
        )
    display.say(f"{count(len(found))} checks, {count(warns)} to look at" if warns else f"{count(len(found))} checks, all well")


# --- this machine ----------------------------------------------------------------------------------------------------------


def _planned(campaign: Path, chosen: "Settings", found: "list[Check]") -> "Plan | None":
    from zalo_alert.cli.drafting import drafted
    from zalo_alert.preflight.doctor import Check, fail
    from zalo_alert.preflight.token_health import Grade

    try:
        with drafted(campaign, None, chosen) as draft:
            found.append(Check("campaign", Grade.OK, f"{draft.campaign.code} reaches {count(draft.plan.people)} people"))
            return draft.plan
    except ZaloAlertError as exc:
        found.append(fail("campaign", exc))
        return None


def _here(chosen: "Settings", planned: "Plan | None", campaign: Path | None) -> "Iterator[Check]":
    """Look at what is on this machine."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.planning.refusals import problem
    from zalo_alert.preflight import doctor as checks

    now = SystemClock().now()
    books = [_book(chosen, account, now) for account in chosen.accounts]
    yield from checks.check_files(_modes(chosen))
    yield from checks.check_writable(_open_modes(chosen.workspace))
    lanes = {lane.app: lane.app_per_s for lane in chosen.lanes([account.id for account in chosen.accounts])}
    yield from checks.check_open_files(_allowed_files(), sum(per_s or 0.0 for per_s in lanes.values()))
    nearest = next(folder for folder in (chosen.state_dir, chosen.workspace) if folder.is_dir())
    people, what = (planned.people, str(campaign)) if planned else (sum(people for _, people in books), "a run over every book")
    yield checks.check_disk(shutil.disk_usage(nearest).free, people, what)
    yield checks.check_leftovers(_leftovers(chosen.state_dir))
    yield from (check for check, _ in books)
    yield from checks.check_lists(problem(chosen.workspace))
    try:
        yield checks.check_staff(_staff(chosen))
    except InputInvalid as exc:
        yield checks.fail("staff", exc)


def _modes(chosen: "Settings") -> Iterator[tuple[Path, int]]:
    """Yield the modes of what holds people or tokens; what lies deeper is behind the state folder's own."""
    folder = chosen.state_dir
    if os.name != "posix" or not folder.is_dir():
        return
    for path in (folder, *sorted(folder.iterdir()), *sorted(folder.glob("sync/*"))):
        with suppress(FileNotFoundError):  # a log that another command has just folded in
            yield path, path.stat().st_mode


def _open_modes(workspace: Path) -> Iterator[tuple[Path, int]]:
    """Yield the modes of what says what is sent, and to whom."""
    if os.name != "posix":
        return
    parts = [part for folder in ("campaigns", "lists") for part in (workspace / folder, *sorted((workspace / folder).glob("*")))]
    for path in (workspace, *sorted(workspace.glob("*.yaml")), *parts):
        with suppress(OSError):  # not there, or a link to nothing
            yield path, path.stat().st_mode


def _allowed_files() -> int | None:
    """Return how many files a sender may open, which raises its own limit as far as that; None where nobody counts."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def _leftovers(folder: Path) -> list[Path]:
    from zalo_alert.preflight.doctor import pid_of_draft

    found = []
    for depth in ("", "*/", "*/*/", "*/*/*/"):
        for path in folder.glob(f"{depth}.*"):
            process = pid_of_draft(path.name)
            if (path.name.startswith(".scratch-") and _is_old(path)) or (process is not None and not _is_alive(process)):
                found.append(path)
    return sorted(found)


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > IN_USE_S
    return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's
        return True
    return True


def _book(chosen: "Settings", account: "Account", now: datetime) -> "tuple[Check, int]":
    from zalo_alert.preflight import doctor as checks

    try:
        book = wiring.book_of(account, chosen)
        made = next((one for one in book.generations() if one.id == book.in_force()), None)
    except ZaloAlertError as exc:
        return checks.fail("book", exc, account.id), 0
    people = made.people if made else 0
    return checks.check_book(account.id, made.made_at if made else None, people, now), people


def _staff(chosen: "Settings") -> int | None:
    from zalo_alert.cli.drafting import STAFF
    from zalo_alert.planning.refusals import find

    path = find(chosen.workspace, STAFF)
    return None if path is None else sum(1 for line in path.read_bytes().splitlines() if line.strip()[:1].isdigit())


def _standings(chosen: "Settings") -> "list[AccountStatus]":
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.preflight.token_health import account_statuses

    with closing(wiring.store(chosen)) as kept:
        return list(account_statuses(chosen, kept.all(), SystemClock().now().timestamp()))


# --- Zalo ------------------------------------------------------------------------------------------------------------------


async def _online(
    chosen: "Settings", planned: "Plan | None", account_statuses: "list[AccountStatus]", told: object
) -> "list[Check]":
    """Ask the hosts, and about every account whose tokens are not known to be lost."""
    import asyncio

    from zalo_alert.preflight import doctor as checks
    from zalo_alert.preflight.token_health import Grade
    from zalo_alert.settings.load import require_safe_hosts

    try:
        require_safe_hosts(chosen)
    except SettingsInvalid as exc:
        return [checks.fail("hosts", exc)]
    async with wiring.client(chosen) as client:
        found = await _hosts(chosen, client)
        if any(check.grade is Grade.FAIL for check in found):
            return found  # nobody can be asked about an account, and each would wait for its time-out
        waiting = [standing.account for standing in account_statuses if standing.grade is not Grade.FAIL]
        queue, done = iter(waiting), 0
        with closing(wiring.store(chosen)) as kept:

            async def worker() -> None:
                nonlocal done
                for account in queue:
                    found.extend(await _account(chosen, account, planned, client, kept))
                    done += 1
                    told("asking about accounts", done, len(waiting))  # type: ignore[operator]

            await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, len(waiting)))))
    order: dict[str, int] = {account.id: number for number, account in enumerate(waiting)}
    return sorted(found, key=lambda check: order.get(check.account, -1))


async def _hosts(chosen: "Settings", client: "httpx.AsyncClient") -> "list[Check]":
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.preflight import doctor as checks
    from zalo_alert.zalo.probe import probe_host

    found, dates = [], []
    for name in ("openapi", "business", "oauth"):
        url = getattr(chosen.hosts, name)
        reached = await probe_host(client, url)
        dates.append((reached.date, SystemClock().now()))
        proxy, rehearses = chosen.proxy_to(url), chosen.rehearses_at(url)
        found.append(checks.check_host(name, url, proxy, reached.took_s, reached.problem, rehearses=rehearses))
    date, now = next((one for one in dates if one[0]), ("", datetime.now().astimezone()))
    return [checks.check_clock([date], now.astimezone()), *found]


async def _account(
    chosen: "Settings", account: "Account", planned: "Plan | None", client: "httpx.AsyncClient", kept: "TokenStore"
) -> "list[Check]":
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.models import RouteType
    from zalo_alert.pacing.quotas import Kind
    from zalo_alert.preflight import doctor as checks
    from zalo_alert.settings.load import Profile
    from zalo_alert.zalo import quota
    from zalo_alert.zalo.oa import ask_facts

    by_phone = [route.asked for route in planned.routes if route.type is RouteType.PHONE] if planned else []
    try:
        with closing(wiring.control(chosen, account, wiring.tokens(chosen, account, kept), client)) as control:
            facts = await ask_facts(control)
            found = checks.check_oa(account, facts, SystemClock().now(), is_live=chosen.profile is Profile.LIVE)
            needed = sum(by_phone) if planned and account.id in planned.accounts else 0
            left = await quota.ask(control, Kind.TEMPLATE, SystemClock().now().timestamp())
            return [*found, checks.check_quota(account.id, left, needed)]
    except ZaloAlertError as exc:
        return [checks.fail("oa", exc, account.id)]
