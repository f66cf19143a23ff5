"""Where the articles of a workspace stand, and how often they were opened, as far as Zalo says."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.articles import store
from zalo_alert.articles.store import STANDS, Standing, Status
from zalo_alert.errors import CredentialsRefused, RunSuspended, SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.article_accounts import Choice, choose
from zalo_alert.operations.article_jobs import QUIET, Telling, why_of
from zalo_alert.operations.article_publisher import listed_articles
from zalo_alert.operations.connect import Connections, connected
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.settings.model import Account, Settings, require_safe_hosts

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

_AT_ONCE = 32  # OAs whose lists are read at the same time


class Row(NamedTuple):
    """One article, and how it stands on all the pages that it was published on."""

    name: str
    title: str
    standings: tuple[Standing, ...]

    def count(self, *statuses: Status) -> int:
        """Count the pages on which it stands so."""
        return sum(standing.status in statuses for standing in self.standings)

    @property
    def views(self) -> int | None:
        """How often it was opened on all of them, when somebody last looked; None where nobody did."""
        seen = [standing.views for standing in self.standings if standing.views is not None]
        return sum(seen) if seen else None

    @property
    def changed_s(self) -> float:
        """When anything last changed, in seconds since 1970."""
        return max(standing.changed_s for standing in self.standings)


def listing(workspace: "Workspace", choice: Choice, telling: Telling = QUIET, *, online: bool = False) -> list[Row]:
    """Say of every article where it stands; the latest change first.

    Args:
        workspace: Whose.
        choice: Which OAs; nothing said is all.
        telling: Hears which OAs could not be asked.
        online: Whether to ask Zalo how often each was opened, and whether it still stands there.
    """
    settings = workspace.settings
    accounts = choose(settings, choice) if any(choice) else list(settings.accounts)
    if not store.is_there(settings.state_dir):
        return []
    if online:
        _look(settings, accounts, telling)
    with store.opened(settings.state_dir) as standings:
        rows = standings.all(accounts={account.id for account in accounts})
    by_name: dict[str, list[Standing]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    found = [Row(name, _title(parts), tuple(parts)) for name, parts in by_name.items()]
    return sorted(found, key=lambda row: -row.changed_s)


def _title(parts: Iterable[Standing]) -> str:
    return max(parts, key=lambda part: part.asked_s).title


def _look(settings: Settings, accounts: Sequence[Account], telling: Telling) -> None:
    require_safe_hosts(settings)
    now_s = SystemClock().now().timestamp()

    async def look(standings: store.ArticleStore) -> None:
        turns, done = asyncio.Semaphore(_AT_ONCE), 0
        asked = [account for account in accounts if any(row.status in STANDS for row in standings.all(accounts=[account.id]))]
        async with connected(settings, reads=True) as zalo, asyncio.TaskGroup() as tasks:

            async def take(account: Account) -> None:
                nonlocal done
                async with turns:
                    await _look_at(account, zalo, standings, now_s, telling)
                done += 1
                telling.on_step(_("looking"), done, len(asked))

            for account in asked:
                tasks.create_task(take(account))

    with store.held(state_folder(settings), now_s) as standings:
        run_loop(look(standings))


async def _look_at(account: Account, zalo: Connections, standings: store.ArticleStore, now_s: float, telling: Telling) -> None:
    rows = {row.article_id: row for row in standings.all(accounts=[account.id]) if row.status in STANDS}
    seen = []
    try:
        with zalo.api(account) as api:
            async for listed in listed_articles(api):
                if row := rows.pop(listed.id, None):
                    status = Status.SHOWN if listed.is_shown else Status.HIDDEN
                    seen.append(replace(row, views=listed.views, status=status, looked_s=now_s))
                if not rows:
                    break
            else:  # the whole list was read, and the others are not on it
                seen += [replace(row, status=Status.GONE, looked_s=now_s) for row in rows.values()]
    except (RunSuspended, CredentialsRefused, SettingsInvalid) as exc:
        sentence = _("{account} could not be asked: {why}", account=account.id, why=why_of(exc))
        telling.on_notice(Notice(sentence, "article-unasked", Level.WARNING, {"account": account.id, "why": why_of(exc)}))
    standings.look(seen)
