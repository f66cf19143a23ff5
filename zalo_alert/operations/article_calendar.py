"""A month of articles: checked, shown, and done when its time has come, each entry once on each page."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.calendar import store
from zalo_alert.calendar.campaign import BroadcastFile, broadcasts_of
from zalo_alert.calendar.month import CATCH_UP, NOTHING, Calendar, Done, Entry, Stands, standing
from zalo_alert.calendar.read import Around, ArticleFacts, read
from zalo_alert.calendar.times import moment_of
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.models import AccountId
from zalo_alert.operations.article_agreement import MonthFile
from zalo_alert.operations.article_sources import ArticleSource, read_sources
from zalo_alert.operations.campaign_files import campaign_text
from zalo_alert.settings.model import Account, Profile, Settings

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

__all__ = ["Calendar", "Done", "Entry", "Month", "Row", "Stands", "check_allowance", "moment_of", "read_month", "rows_of"]

PATIENCE_S = 20.0  # with Zalo, which is asked what each OA may still broadcast


class Row(NamedTuple):
    """One entry on one OA's page: what has been done, and how it stands."""

    entry: Entry
    account: AccountId
    done: Done
    stands: Stands


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar as it was read, with its articles.

    Args:
        path: Its file.
        calendar: Sound.
        sources: Its articles, by the names that it gives them.
        workspace: Whose.
    """

    path: Path
    calendar: Calendar
    sources: Mapping[str, ArticleSource]
    workspace: "Workspace"

    @property
    def folder(self) -> str:
        """The folder of the file, from the workspace; "" where it is the workspace itself."""
        relative = self.path.resolve().parent.relative_to(self.workspace.folder.resolve()).as_posix()
        return "" if relative == "." else relative

    @property
    def file(self) -> MonthFile:
        """The file, as officers agree to it."""
        name = self.path.resolve().relative_to(self.workspace.folder.resolve()).as_posix()
        return MonthFile(self.calendar.month, name, self.calendar.digest)

    @property
    def accounts(self) -> list[Account]:
        """On whose pages anything appears."""
        names = {account for entry in self.calendar.entries for account in entry.accounts}
        return [account for account in self.workspace.settings.accounts if account.id in names]

    def broadcasts(self) -> list[BroadcastFile]:
        """Write the campaigns of its broadcasts."""
        settings = self.workspace.settings
        areas = {account.id: account.areas for account in settings.accounts}
        return list(broadcasts_of(self.calendar, areas, self.folder, is_drill=settings.profile is Profile.DRILL))


def read_month(workspace: "Workspace", path: Path, now: datetime) -> Month:
    """Read a calendar and all of its articles.

    Args:
        workspace: Whose.
        path: The calendar's file, in the workspace.
        now: A day before it is a fault, as long as the month is not under way.

    Raises:
        CampaignInvalid: With every fault of the calendar and of its articles.
        UsageError: There is no such file.
    """
    text, sources = campaign_text(path), dict[str, ArticleSource]()

    def read_article(name: str) -> ArticleFacts:
        (source,) = read_sources([path.parent / name], workspace.folder)
        sources[name] = source
        return ArticleFacts(source.article.title, source.digest)

    settings = workspace.settings
    begun = _begun(settings)
    oldest = now - CATCH_UP
    around = Around(
        settings.accounts, read_article, lambda month: None if month in begun else oldest, settings.broadcasts_a_month
    )  # fmt: skip
    calendar = read(text, str(path), around)
    if not path.resolve().is_relative_to(workspace.folder.resolve()):
        raise CampaignInvalid([Problem(str(path), 0, 0, "", _("lies outside the workspace: put it there, beside its articles"))])
    return Month(path, calendar, sources, workspace)


def _begun(settings: Settings) -> frozenset[str]:
    if not store.is_there(settings.state_dir):
        return frozenset()
    with store.opened(settings.state_dir) as kept:
        return kept.begun()


def rows_of(month: Month, now: datetime) -> list[Row]:
    """Say of each entry and page how it stands."""
    settings = month.workspace.settings
    if not store.is_there(settings.state_dir):
        return list(rows_with(month.calendar, None, now))
    with store.opened(settings.state_dir) as kept:
        return list(rows_with(month.calendar, kept.done(), now))


def rows_with(calendar: Calendar, known: store.DoneBy | None, now: datetime) -> Iterator[Row]:
    """Say the same, by what is known to have been done."""
    for entry in calendar.entries:
        for account in entry.accounts:
            done = known.of(calendar.key(entry), account) if known else NOTHING
            yield Row(entry, account, done, standing(entry, done, calendar.missed, now))


def write_campaigns(month: Month) -> list[Path]:
    """Write the campaigns of a month's broadcasts beside the others, so that officers read and approve them; return all of them.

    What is there already is left as it is.
    """
    return [write_campaign(month, broadcast) for broadcast in month.broadcasts()]


def write_campaign(month: Month, broadcast: BroadcastFile) -> Path:
    """Write one of them, unless it is there; return where it is."""
    from zalo_alert.foundation.files import appearing

    path = month.workspace.folder / "campaigns" / broadcast.name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        with appearing(path) as draft:
            draft.write_bytes(broadcast.text)
    return path


# --- what the OAs may still broadcast ------------------------------------------------------------------------------------------


def check_allowance(month: Month, rows: Sequence[Row], now: datetime) -> dict[AccountId, int | None]:
    """Ask Zalo what each OA may still broadcast this month, and hold the calendar against it.

    Returns:
        How many each OA has left; None where Zalo does not say.

    Raises:
        CampaignInvalid: A broadcast would be one too many.
        RunSuspended: Zalo gives no answer; also whatever else asking raises.
    """
    from zalo_alert.operations.connect import require_tokens
    from zalo_alert.operations.loop import run_loop
    from zalo_alert.settings.model import require_safe_hosts

    settings = month.workspace.settings
    ahead = [row for row in rows if row.entry.is_broadcast and not row.done.run and row.entry.at + timedelta(hours=24) > now]
    accounts = [settings.account(name) for name in dict.fromkeys(row.account for row in ahead)]
    require_safe_hosts(settings)
    require_tokens(settings, accounts)
    is_later = month.calendar.month > f"{now:%Y-%m}"
    left = run_loop(asyncio.wait_for(_ask(settings, accounts, is_later=is_later), PATIENCE_S)) if accounts else {}
    if problems := list(_too_many(str(month.path), ahead, left)):
        raise CampaignInvalid(problems)
    return left


async def _ask(settings: Settings, accounts: Sequence[Account], *, is_later: bool) -> dict[AccountId, int | None]:
    """Return what each OA has left; of a month that has not begun, what it has in all."""
    from zalo_alert.operations.connect import connected
    from zalo_alert.zalo.articles import ask_allowance

    left: dict[AccountId, int | None] = {}
    async with connected(settings, reads=True) as zalo:
        for account in accounts:
            with zalo.api(account) as api:
                allowance = await ask_allowance(api)
                left[account.id] = allowance.total if is_later else allowance.left
    return left


def _too_many(file: str, ahead: Sequence[Row], left: Mapping[AccountId, int | None]) -> Iterator[Problem]:
    for account, most in left.items():
        own = [row.entry for row in ahead if row.account == account]
        for number, entry in enumerate(own[most:] if most is not None else (), 1 + (most or 0)):
            many = _("is broadcast {number} of {account}, which may send {most} more", number=number, account=account, most=most)
            yield Problem(file, entry.line, 1, "broadcast", many)


def now_or(at: str) -> datetime:
    """Return the time that somebody has named, or the clock's.

    Raises:
        ValueError: It is none.
    """
    return moment_of(at) if at else SystemClock().now()
