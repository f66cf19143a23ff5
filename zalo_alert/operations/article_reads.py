"""What was read of articles: on each OA's page, beside its followers and what was broadcast, and by province."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert import places
from zalo_alert.articles.store import Standing, Status
from zalo_alert.book import Selection
from zalo_alert.calendar.times import bounds
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.clock import VIETNAM, SystemClock, instant
from zalo_alert.ledger.broadcasts import NAME as BROADCASTS
from zalo_alert.models import AccountId, Campaign, State
from zalo_alert.operations.article_jobs import QUIET
from zalo_alert.operations.articles import Choice, Row, Telling, listing
from zalo_alert.operations.state import book_of
from zalo_alert.planning import broadcast_reach
from zalo_alert.reporting.report import read_broadcast
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Account

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

__all__ = ["Choice", "Page", "Period", "Reads", "Sum", "Telling", "reads"]

_STOOD = {Status.SHOWN, Status.HIDDEN, Status.GONE}


class Period(NamedTuple):
    """From when on, and until when, articles were published that are told of; None is no bound."""

    begins: datetime | None = None
    ends: datetime | None = None

    @classmethod
    def of_month(cls, month: str) -> "Period":
        """Return a month such as `2026-12`."""
        return cls(*bounds(month))

    @classmethod
    def since(cls, day: date) -> "Period":
        """Return all from a day on."""
        return cls(datetime(day.year, day.month, day.day, tzinfo=VIETNAM))

    def has(self, at: datetime) -> bool:
        """Whether an instant is in it."""
        return (self.begins is None or at >= self.begins) and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Page:
    """One article on one OA's page.

    Args:
        standing: How it stands, and how often it was opened when somebody last looked.
        province: Where the OA speaks; "" of one that speaks to several provinces.
        followers: In the OA's book; None where that is empty.
        broadcasts: How often the OA has broadcast it.
        reached: People of the book in the provinces that those were aimed at; None where nobody knows.
    """

    standing: Standing
    province: str
    followers: int | None
    broadcasts: int
    reached: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """What was read on some pages.

    Args:
        pages: How many.
        shown: On how many of them it is shown now.
        views: How often it was opened; None where nobody has looked.
        followers: Of those pages whose books are known.
        broadcasts: Of all OAs.
        reached: By those, as far as books know; None where nobody knows.
        looked_s: When somebody looked first, of those pages where somebody did: no count is older.
    """

    pages: int
    shown: int
    views: int | None
    followers: int | None
    broadcasts: int
    reached: int | None
    looked_s: float | None

    @property
    def views_per_follower(self) -> float | None:
        """How often it was opened for each follower; None where either is not known."""
        return None if self.views is None or not self.followers else self.views / self.followers


@dataclass(frozen=True, slots=True)
class Reads:
    """What was read of articles.

    Args:
        articles: By name: the title, and every page.
        since: Of which time.
    """

    articles: Mapping[str, tuple[str, tuple[Page, ...]]]
    since: Period

    def by_province(self) -> dict[str, Sum]:
        """Sum what was read by the province where the OAs speak, most read first; "" is those of several provinces."""
        pages = defaultdict[str, list[Page]](list)
        for _title, some in self.articles.values():
            for page in some:
                pages[page.province].append(page)
        sums = {province: sum_of(some) for province, some in pages.items()}
        return dict(sorted(sums.items(), key=lambda item: -(item[1].views or 0)))


def sum_of(pages: Sequence[Page]) -> Sum:
    """Sum pages up; followers of an OA count once."""
    followers = {page.standing.account: page.followers for page in pages}
    known = [views for page in pages if (views := page.standing.views) is not None]
    looked = [page.standing.looked_s for page in pages if page.standing.looked_s is not None]
    return Sum(
        pages=len(pages),
        shown=sum(page.standing.status is Status.SHOWN for page in pages),
        views=sum(known) if known else None,
        followers=_whole(list(followers.values())),
        broadcasts=sum(page.broadcasts for page in pages),
        reached=_whole([page.reached for page in pages if page.broadcasts]),
        looked_s=min(looked, default=None),
    )


def _whole(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def reads(workspace: "Workspace", choice: Choice, period: Period, telling: Telling = QUIET, *, offline: bool = False) -> Reads:
    """Ask Zalo how often each article was opened, keep that with the time, and lay it beside followers and broadcasts.

    Args:
        workspace: Whose.
        choice: Which OAs; nothing said is all.
        period: When they were published.
        telling: Hears which OAs could not be asked.
        offline: Whether to tell what is known from before, and ask nobody.
    """
    rows = listing(workspace, choice, telling, online=not offline)
    known = _Known(workspace, rows)
    articles = {row.name: (row.title, tuple(known.pages(row, period))) for row in rows}
    return Reads({name: article for name, article in articles.items() if article[1]}, period)


class _Known:
    """What is known of the OAs beside their articles, each asked once."""

    def __init__(self, workspace: "Workspace", rows: Sequence[Row]) -> None:
        self._settings = workspace.settings
        self._accounts = {account.id: account for account in self._settings.accounts}
        names = {row.name for row in rows}
        self._sent = _broadcasts(workspace, names) if rows else {}
        self._now = SystemClock().now()
        self._followers: dict[AccountId, int | None] = {}

    def pages(self, row: Row, period: Period) -> Iterator[Page]:
        for standing in row.standings:
            if standing.status in _STOOD and period.has(instant(standing.asked_s)):
                campaigns = self._sent.get((row.name, standing.account), [])
                account = self._accounts.get(standing.account)
                reached = _whole([self._reached(campaign, account) for campaign in campaigns]) if account else None
                yield Page(standing, province_of(account), self._count(account), len(campaigns), reached)

    def _count(self, account: Account | None) -> int | None:
        if account is None:
            return None
        if account.id not in self._followers:
            book = book_of(account, self._settings)
            self._followers[account.id] = None if book.is_empty else book.size()
        return self._followers[account.id]

    def _reached(self, campaign: Campaign, account: Account) -> int | None:
        book = book_of(account, self._settings)
        return broadcast_reach.compare(campaign, [(account.id, book, Selection())], self._now).people


def _broadcasts(workspace: "Workspace", names: set[str]) -> dict[tuple[str, AccountId], list[Campaign]]:
    """Return the campaigns that have broadcast articles of these names, by article and OA."""
    found = defaultdict[tuple[str, AccountId], list[Campaign]](list)
    runs = workspace.runs
    for name in runs.ids():
        run = runs.find(name)
        if run is None or not (run.folder / BROADCASTS).exists():
            continue
        campaign = frozen_campaign(run)
        article = _article_of(campaign)
        for account in _senders(run) if article in names else ():
            found[article, account].append(campaign)
    return found


def _article_of(campaign: Campaign) -> str:
    named = campaign.broadcast.article if campaign.broadcast else ""
    return named.rpartition("/")[2].removesuffix(".md")


def _senders(run: Run) -> list[AccountId]:
    return [AccountId(status.account) for status in read_broadcast(run) if status.state is State.ACCEPTED]


def province_of(account: Account | None) -> str:
    """Return the province of today that holds all that an account may write to; "" where none does."""
    return _province(account.areas) if account else ""


@cache
def _province(areas: tuple[str, ...]) -> str:
    whole = places.all_of(map(places.area, areas))
    mask = whole.mask
    for ward in whole.wards:
        mask |= places.mask_of(f"ward:{ward}")
    return next((one.name for one in places.PROVINCES if mask and not whole.everyone and not mask & ~one.mask), "")
