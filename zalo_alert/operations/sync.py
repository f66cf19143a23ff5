"""The OA's own list of followers, into the follower book."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.book import Book, ImportReport
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.operations.connect import connected, require_tokens
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.state import aliases_of, book_of, state_folder
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.sync.crawler import DETAIL_AGAIN_S, details, walk
from zalo_alert.sync.result import Judgement, judge_list, write_list
from zalo_alert.sync.store import CrawlStore
from zalo_alert.zalo.client import ApiClient
from zalo_alert.zalo.oa import ask_own_facts

ORIGIN = "Zalo"  # what people remember as their source


class Crawl(NamedTuple):
    """What Zalo was asked: followers by the OA's own word, people found before, details now there, and how many failed."""

    followers: int | None
    resumed: int
    details: int
    failed_details: int


class SyncResult(NamedTuple):
    """What a sync brought; `report` is None where Zalo lists nobody and the book is as before."""

    account: Account
    crawl: Crawl
    judgement: Judgement
    report: ImportReport | None

    @property
    def failed(self) -> int:
        """Answers that were of no use."""
        return len(self.judgement.failed) + self.crawl.failed_details


def sync_followers(settings: Settings, account: Account, observer: Observer, *, most_details: int = 0) -> SyncResult:
    """Fetch the OA's own list of followers into the book; whoever sends goes first, and nobody is removed.

    Stopped and started again, it goes on where it was.

    Args:
        settings: The workspace's.
        account: Whose followers.
        observer: Told of each step.
        most_details: How many people at most are asked what they have told of themselves, where no place is known.
    """
    require_safe_hosts(settings)
    check_awake(settings.state_dir)  # a hundred thousand questions are taken from the rate of whoever sends
    require_tokens(settings, [account])
    book = book_of(account, settings)
    with closing(CrawlStore(state_folder(settings), account.oa_id)) as store, store.locked():
        crawl = run_loop(_crawl(settings, account, store, book, most_details, observer))
        judgement = judge_list(store)
        report = _import(settings, store, book, observer) if judgement.people else None
        store.end()
    return SyncResult(account, crawl, judgement, report)


async def _crawl(settings: Settings, account: Account, store: CrawlStore, book: Book, most: int, observer: Observer) -> Crawl:
    async with connected(settings) as zalo:
        with zalo.api(account) as api:
            facts = await ask_own_facts(api, account)
            resumed = await walk(api, store, SystemClock(), observer.on_step, facts.followers)
            failed = await _ask_details(api, store, book, most, observer) if most else 0
            return Crawl(facts.followers, resumed, store.count_detailed(), failed)


async def _ask_details(api: ApiClient, store: CrawlStore, book: Book, most: int, observer: Observer) -> int:
    """Ask for the details of those whose place nobody knows; return of how many people the asking failed."""
    clock = SystemClock()
    if not store.about().get("are_details_wanted"):
        with tempfile.TemporaryDirectory(dir=store.list.parent, prefix=".scratch-") as folder:
            store.want(book.unplaced(store.write_ids(Path(folder) / "ids")), clock.now().timestamp() - DETAIL_AGAIN_S)
        store.note(are_details_wanted=True)
    return await details(api, store, clock, most, observer.on_step)


def _import(settings: Settings, store: CrawlStore, book: Book, observer: Observer) -> ImportReport:
    if not store.list.exists():
        write_list(store)
    return book.import_rows(
        store.list, _("Zalo's list"), rejects=store.list.with_suffix(".rejects.csv"), clock=SystemClock(), origin=ORIGIN,
        aliases=aliases_of(settings), on_step=observer.on_step,
    )  # fmt: skip
