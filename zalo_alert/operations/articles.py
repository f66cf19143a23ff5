"""Articles of a workspace: published on one OA's page or a thousand, changed, hidden, and told of with their readers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.articles import store
from zalo_alert.articles.store import Standing, Status
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, tell
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.interrupts import heard_once
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.article_accounts import Choice, choose
from zalo_alert.operations.article_agreement import ArticleAgreements
from zalo_alert.operations.article_jobs import GOOD, QUIET, Doing, Ending, Job, Result, Telling
from zalo_alert.operations.article_listing import Row, listing
from zalo_alert.operations.article_publisher import Publisher
from zalo_alert.operations.article_sources import ArticleSource, read_sources
from zalo_alert.operations.article_wording import look_at_article
from zalo_alert.operations.connect import connected
from zalo_alert.operations.guards import woken_in_doubt
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

__all__ = [
    "GOOD", "ArticleSource", "Choice", "Doing", "Ending", "Job", "Result", "Row", "Standing", "Status", "Telling", "hide",
    "listing", "publish", "read_sources", "update",
]  # fmt: skip


def publish(
    workspace: "Workspace", paths: Sequence[Path], choice: Choice, telling: Telling = QUIET, *, retry_unknown: bool = False
) -> list[Result]:
    """Have articles stand on the pages of some OAs, each once however often this is asked; go on where an earlier go stopped.

    Args:
        workspace: With the articles.
        paths: Their files.
        choice: Which OAs.
        telling: Who hears how it goes.
        retry_unknown: Whether what may stand there already is made again.

    Returns:
        How it ended for each article and OA.

    Raises:
        ApprovalMissing: The workspace is live, and no second officer has agreed to just this.
        ArticleInvalid: A file has faults; nothing was asked for.
        RunBusy: Another process publishes.
        UsageError: No OA is meant, or a file can't be read.
    """
    settings = workspace.settings
    accounts, sources = choose(settings, choice), read_sources(paths, workspace.folder)
    jobs = [Job(source.name, account, source) for source in sources for account in accounts]
    ArticleAgreements(settings).require(sources, accounts)
    _tell_wording(sources, settings, telling)
    return _go(settings, Doing.PUBLISH, jobs, telling, retry_unknown=retry_unknown)


def update(workspace: "Workspace", paths: Sequence[Path], choice: Choice, telling: Telling = QUIET) -> list[Result]:
    """Change articles wherever they stand, or on some OAs' pages alone; hidden ones stay hidden. See `publish`.

    Raises:
        UsageError: One was never published.
    """
    settings, sources = workspace.settings, read_sources(paths, workspace.folder)
    jobs = [Job(source.name, account, source) for source in sources for account in _where(settings, source.name, choice)]
    ArticleAgreements(settings).require(sources, list({job.account.id: job.account for job in jobs}.values()))
    _tell_wording(sources, settings, telling)
    return _go(settings, Doing.UPDATE, jobs, telling)


def hide(workspace: "Workspace", names: Sequence[str], choice: Choice, telling: Telling = QUIET) -> list[Result]:
    """Hide articles wherever they stand, or on some OAs' pages alone. Nobody need agree: what is wrong must go at once.

    Args:
        workspace: Whose.
        names: Of the articles, as their files are called.
        choice: Which OAs; nothing said is all on whose pages they stand.
        telling: Who hears how it goes.

    Raises:
        UsageError: One was never published.
    """
    settings = workspace.settings
    jobs = [Job(name, account) for name in names for account in _where(settings, name, choice)]
    return _go(settings, Doing.HIDE, jobs, telling)


def publish_agreed(settings: Settings, jobs: Sequence[Job], telling: Telling) -> list[Result]:
    """Publish what the caller knows to be agreed to; see `publish`."""
    return _go(settings, Doing.PUBLISH, jobs, telling)


def hide_agreed(settings: Settings, jobs: Sequence[Job], telling: Telling) -> list[Result]:
    """Hide what the caller knows to have been published; see `hide`."""
    return _go(settings, Doing.HIDE, jobs, telling)


def _tell_wording(sources: Sequence[ArticleSource], settings: Settings, telling: Telling) -> None:
    """Say how many errors there are in the words: whoever agreed to them has read them, and decides."""
    for source in sources:
        findings = look_at_article(source, settings)
        errors = sum(finding.severity == "error" for finding in findings)
        if errors:
            sentence = _n(
                "{count} error in the wording of {file}: {validate} shows it",
                "{count} errors in the wording of {file}: {validate} shows them",
                errors, count=count(errors), file=source.path, validate=Cure.ARTICLES_VALIDATE(str(source.path)),
            )  # fmt: skip
            fields = {"file": str(source.path), "error_count": errors, "warning_count": len(findings) - errors}
            telling.on_notice(Notice(sentence, "wording", Level.WARNING, fields))


def _where(settings: Settings, name: str, choice: Choice) -> list[Account]:
    """Return the accounts on whose pages an article was published, of those that somebody means."""
    found: set[str] = set()
    names: set[str] = set()
    if store.is_there(settings.state_dir):
        with store.opened(settings.state_dir) as standings:
            rows = standings.all()
            names = {row.name for row in rows}
            found = {row.account for row in rows if row.name == name}
    if name not in names:
        raise UsageError(
            joined((_('no article "{name}" was ever published here', name=name[:60]), suggestion(name, names)), ""),
            hint=_("{articles} shows those there are", articles=Cure.ARTICLES()),
        )
    meant = choose(settings, choice) if any(choice) else settings.accounts
    return [account for account in meant if account.id in found]


def _go(settings: Settings, doing: Doing, jobs: Sequence[Job], telling: Telling, *, retry_unknown: bool = False) -> list[Result]:
    require_safe_hosts(settings)
    check_awake(settings.state_dir)  # before anything is opened, though nobody would be connected either
    folder, clock, done = state_folder(settings), SystemClock(), 0
    woken = woken_in_doubt(settings, clock.now())
    doubt_since_s = (woken.backed_up_at or woken.at).timestamp() if woken else None

    def on_result(result: Result) -> None:
        nonlocal done
        done += 1
        telling.on_result(result)
        telling.on_step(_STEPS[doing], done, len(jobs))

    async def go(standings: store.ArticleStore) -> list[Result]:
        loop = asyncio.get_running_loop()
        async with connected(settings) as zalo:
            publisher = Publisher(standings, zalo, clock, on_result, retry_unknown=retry_unknown, doubt_since_s=doubt_since_s)
            with heard_once(lambda: loop.call_soon_threadsafe(publisher.stop)):
                return await publisher.run(doing, jobs)

    with store.held(folder, clock.now().timestamp()) as standings:
        results = run_loop(go(standings))
    _tell_log(folder, doing, results, telling.on_notice)
    return results


_STEPS = {Doing.PUBLISH: _("publishing"), Doing.UPDATE: _("changing"), Doing.HIDE: _("hiding")}
_EVENTS = {
    Doing.PUBLISH: AuditEvent.ARTICLE_PUBLISHED,
    Doing.UPDATE: AuditEvent.ARTICLE_UPDATED,
    Doing.HIDE: AuditEvent.ARTICLE_HIDDEN,
}


def _tell_log(folder: Path, doing: Doing, results: Sequence[Result], on_notice: OnNotice) -> None:
    """Tell the log of each article once, with how many pages it was changed on."""
    for name in dict.fromkeys(result.job.name for result in results):
        done = [result for result in results if result.job.name == name and result.ending is Ending.DONE]
        if done:
            facts = {"article": name, "digest": done[0].standing.digest, "accounts": len(done)}
            tell(folder, _EVENTS[doing], on_notice, facts=facts)
