"""What `doctor` looks at: gathers the facts of this machine and of Zalo, and has them judged by `preflight.doctor`."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx

from zalo_alert.errors import InputInvalid, SettingsInvalid, ZaloAlertError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, count, persons
from zalo_alert.models import RouteType
from zalo_alert.operations import webhook_sight
from zalo_alert.operations.accounts import token_standings
from zalo_alert.operations.answers_check import look_at_answers
from zalo_alert.operations.backup_sight import look_at_backups
from zalo_alert.operations.connect import Connections, connected
from zalo_alert.operations.consent_standings import consent_standings
from zalo_alert.operations.draft import STAFF, draft
from zalo_alert.operations.drills import look_at_drills
from zalo_alert.operations.freshness import look_at_freshness
from zalo_alert.operations.leftovers import leftovers
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.machine_accounts import look_at_accounts
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.officers import Officers
from zalo_alert.operations.schedule_sight import look_at_schedules
from zalo_alert.operations.state import book_of
from zalo_alert.operations.template_texts import missing_texts
from zalo_alert.pacing.quotas import Kind
from zalo_alert.planning.plan import Plan
from zalo_alert.planning.refusals import find, problem
from zalo_alert.preflight import doctor as checks
from zalo_alert.preflight.apps import check_apps
from zalo_alert.preflight.clock import ServerTime, check_clock, check_zone
from zalo_alert.preflight.consent_health import check_consents
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import AccountStatus, Grade
from zalo_alert.preflight.webhook import ABOUT
from zalo_alert.settings.model import Account, Profile, Settings, require_safe_hosts
from zalo_alert.zalo import quota
from zalo_alert.zalo.oa import ask_facts
from zalo_alert.zalo.probe import probe_host

AT_ONCE = 8  # accounts asked about at the same time; more would only wait for the rate


def examine(settings: Settings, campaign: Path | None, observer: Observer, *, online: bool) -> list[Check]:
    """Look at clock, disk, files, tokens, hosts, OAs, quota and books; sends nothing.

    Args:
        settings: The workspace's.
        campaign: Is there room and quota for it? None: for the whole book.
        observer: Told what is odd about the campaign's lists, and how many accounts have been asked about.
        online: Whether to ask Zalo, too.
    """
    accounts = count(len(settings.accounts))
    results = [
        Check("config", Grade.OK, _("sound: profile {profile}, accounts: {count}", profile=settings.profile, count=accounts))
    ]
    plan = _plan(campaign, settings, observer, results) if campaign else None
    results += _look_here(settings, plan, campaign)
    results += look_at_backups(settings, SystemClock().now())
    results += look_at_schedules(settings, SystemClock())
    results += _officers(settings)
    results += _drills(settings)
    results += _webhook(settings)
    results += look_at_answers(settings, SystemClock().now().date())
    results += _apps(settings)
    standings = token_standings(settings)
    results += map(checks.check_tokens, standings)
    ways = settings.ways(settings.accounts)
    results += check_consents(consent_standings(settings, ways, SystemClock().now().timestamp()))
    if online:
        results += run_loop(_look_online(settings, plan, standings, observer.on_step))
    return results


# --- this machine ----------------------------------------------------------------------------------------------------------


def _plan(campaign: Path, settings: Settings, observer: Observer, results: list[Check]) -> Plan | None:
    try:
        with draft(campaign, None, settings, observer.on_notice) as drafted:
            finding = _("{code} reaches {people}", code=drafted.campaign.code, people=persons(drafted.plan.people))
            results.append(Check("campaign", Grade.OK, finding))
            return drafted.plan
    except ZaloAlertError as exc:
        results.append(checks.fail("campaign", exc))
        return None


def _look_here(settings: Settings, plan: Plan | None, campaign: Path | None) -> Iterator[Check]:
    """Look at what is on this machine."""
    now = SystemClock().now()
    yield check_zone(datetime.now().astimezone(), is_windows=machine.is_windows())
    books = [_book(settings, account, now) for account in settings.accounts]
    yield from checks.check_files_of_windows(settings.workspace, Path.home()) if machine.is_windows() else _files(settings)
    yield from checks.check_writable(_open_modes(settings.workspace))
    yield from look_at_accounts(settings)
    lanes = {lane.app: lane.app_per_s for lane in settings.lanes([account.id for account in settings.accounts])}
    yield from checks.check_open_files(_allowed_files(), sum(per_s or 0.0 for per_s in lanes.values()))
    nearest = next(folder for folder in (settings.state_dir, settings.workspace) if folder.is_dir())
    people, what = (plan.people, str(campaign)) if plan else (sum(people for _, people in books), _("a run over every book"))
    yield checks.check_disk(shutil.disk_usage(nearest).free, people, what)
    yield checks.check_leftovers(leftovers(settings.state_dir))
    yield from (check for check, _ in books)
    for account in settings.accounts:
        yield from _freshness(settings, account)
    yield from checks.check_lists(problem(settings.workspace))
    yield from checks.check_template_texts(*missing_texts(settings.workspace), is_live=not settings.direct)
    try:
        yield checks.check_staff(_staff(settings))
    except InputInvalid as exc:
        yield checks.fail("staff", exc)


def _officers(settings: Settings) -> list[Check]:
    """See whether enough officers can sign; a list that was edited by hand can't be read at all."""
    officers = Officers(settings.state_dir)
    try:
        return officers.checks(officers.roster(), is_live=settings.profile is Profile.LIVE, approvers=settings.approval.approvers)
    except ZaloAlertError as exc:
        return [checks.fail("officers", exc)]


def _drills(settings: Settings) -> list[Check]:
    """See which officers have taken part in no drill for months; nothing where there are no officers."""
    try:
        return look_at_drills(settings)
    except ZaloAlertError as exc:
        return [checks.fail("drills", exc)._replace(grade=Grade.WARN)]  # nothing is kept from being sent


def _webhook(settings: Settings) -> list[Check]:
    """See whether what comes back really comes; nothing where no door ever ran."""
    try:
        return webhook_sight.check(settings, SystemClock().now())
    except ZaloAlertError as exc:
        return [checks.fail(ABOUT, exc)]


def _apps(settings: Settings) -> list[Check]:
    """See whether look-ups share an app with alerts; nothing where nobody is answered, or the files have errors of their own."""
    if not (settings.workspace / "inbound").is_dir():
        return []
    from zalo_alert.answers.load import read_inbound  # loads the rules of all OAs, which few workspaces have

    book = read_inbound(settings.workspace, settings, SystemClock().now().date()).book
    lookups = (
        (lookup.name, account, lookup.limits.via_app)
        for account in settings.accounts
        for lookup in book.lookups_for_oa(account.oa_id)
    )
    return list(check_apps(lookups, has_runs=any((settings.state_dir / "runs").glob("*/"))))


def _files(settings: Settings) -> list[Check]:
    return checks.check_files(_modes(settings))


def _modes(settings: Settings) -> Iterator[tuple[Path, int]]:
    """Yield the modes of what holds people or tokens; what lies deeper is behind the state folder's own."""
    folder = settings.state_dir
    if os.name != "posix" or not folder.is_dir():
        return
    for path in (folder, *sorted(folder.iterdir()), *sorted(folder.glob("sync/*"))):
        with suppress(FileNotFoundError):  # a log that another command has just folded in
            yield path, path.stat().st_mode


def _open_modes(workspace: Path) -> Iterator[tuple[Path, int]]:
    """Yield the modes of what says what is sent, and to whom."""
    if os.name != "posix":
        return
    parts = [
        part
        for folder in ("campaigns", "lists", "inbound")
        for part in (workspace / folder, *sorted((workspace / folder).glob("*")))
    ]
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


def _book(settings: Settings, account: Account, now: datetime) -> tuple[Check, int]:

    try:
        book = book_of(account, settings)
        generation = next((generation for generation in book.generations() if generation.id == book.in_force()), None)
    except ZaloAlertError as exc:
        return checks.fail("book", exc, account.id), 0
    people = generation.people if generation else 0
    return checks.check_book(account.id, generation.made_at if generation else None, people, now), people


def _freshness(settings: Settings, account: Account) -> list[Check]:
    """See how old what a book knows is; one that can't be read has been told of."""
    try:
        return look_at_freshness(account, settings)
    except ZaloAlertError:
        return []


def _staff(settings: Settings) -> int | None:

    path = find(settings.workspace, STAFF)
    return None if path is None else sum(1 for line in path.read_bytes().splitlines() if line.strip()[:1].isdigit())


# --- Zalo ------------------------------------------------------------------------------------------------------------------


async def _look_online(
    settings: Settings, plan: Plan | None, standings: list[AccountStatus], on_step: StepReporter
) -> list[Check]:
    """Ask the hosts, and about every account whose tokens are not known to be lost."""
    try:
        require_safe_hosts(settings)
    except SettingsInvalid as exc:
        return [checks.fail("hosts", exc)]
    async with connected(settings, reads=True) as zalo:
        results = await _hosts(settings, zalo.http)
        if any(check.grade is Grade.FAIL for check in results):
            return results  # nobody can be asked about an account, and each would wait for its time-out
        waiting = [standing.account for standing in standings if standing.grade is not Grade.FAIL]
        queue, asked = iter(waiting), 0

        async def worker() -> None:
            nonlocal asked
            for account in queue:
                results.extend(await _account(account, plan, zalo))
                asked += 1
                on_step(_("asking about accounts"), asked, len(waiting))

        await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, len(waiting)))))
    order: dict[str, int] = {account.id: number for number, account in enumerate(waiting)}
    return sorted(results, key=lambda check: order.get(check.account, -1))


async def _hosts(settings: Settings, http: httpx.AsyncClient) -> list[Check]:
    results, times = [], []
    for name in ("openapi", "business", "oauth"):
        url = getattr(settings.hosts, name)
        reached = await probe_host(http, url)
        times.append(ServerTime(reached.date, datetime.now().astimezone(), reached.took_s))
        proxy, rehearses = settings.proxy_to(url), settings.rehearses_at(url)
        results.append(checks.check_host(name, url, proxy, reached.took_s, reached.problem, rehearses=rehearses))
    return [check_clock(times), *results]


async def _account(account: Account, plan: Plan | None, zalo: Connections) -> list[Check]:
    by_phone = [route.asked for route in plan.routes if route.type is RouteType.PHONE] if plan else []
    now, is_live = SystemClock().now(), zalo.settings.profile is Profile.LIVE
    try:
        with zalo.api(account) as api:
            results = checks.check_oa(account, await ask_facts(api), now, is_live=is_live)
            needed = sum(by_phone) if plan and account.id in plan.accounts else 0
            left = await quota.ask(api, Kind.TEMPLATE, now.timestamp())
            return [*results, checks.check_quota(account.id, left, needed)]
    except ZaloAlertError as exc:
        return [checks.fail("oa", exc, account.id)]
