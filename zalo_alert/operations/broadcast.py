"""The broadcast of a run: what sends it, opened for as long as the run goes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

from zalo_alert.campaign.render import Article
from zalo_alert.delivery.broadcaster import Broadcaster, OaSession, make_order
from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.models import Broadcast, Campaign
from zalo_alert.operations.connect import connected, rank_of
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.zalo import articles, uploads

Upload = Callable[[str], Awaitable[str]]  # the id of a file, by its name in the campaign


@contextmanager
def open_broadcaster(
    run: Run, campaign: Campaign, settings: Settings, tell: Callable[[str], None], *, retry_unknown: bool
) -> Iterator[Broadcaster | None]:
    """Open what sends a run's broadcast; None when it has none. `tell` hears of each step.

    Raises:
        StorageUnusable: It has one, and what became of it is lost: it may have gone out.
    """
    if campaign.broadcast is None:
        yield None
        return
    ledger = run.broadcasts()
    if ledger is None:
        raise StorageUnusable(_("{folder} has lost what became of the broadcast", folder=run.folder), hint=RESTORE_RUN)
    with closing(ledger):
        broadcaster = _broadcaster(run, campaign, campaign.broadcast, settings, ledger, tell)
        if retry_unknown:
            broadcaster.retry_unknown()
        yield broadcaster


def _broadcaster(
    run: Run, campaign: Campaign, broadcast: Broadcast, settings: Settings, ledger: Broadcasts, tell: Callable[[str], None]
) -> Broadcaster:
    require_safe_hosts(settings)
    clock, order = SystemClock(), make_order(campaign)

    @asynccontextmanager
    async def connect(name: str) -> AsyncIterator[OaSession]:
        account = settings.account(name)
        async with connected(settings) as zalo:
            with zalo.api(account, rank_of(run, campaign)) as api:

                async def content(anew: bool) -> Mapping[str, Any]:
                    async def upload(file: str) -> str:
                        now_s, bytes_ = clock.now().timestamp(), run.attachment(file)
                        return await uploads.upload(api, zalo.store, account.oa_id, file, bytes_, now_s, anew=anew)

                    return await _content(run, campaign, broadcast, order.article, upload)

                yield OaSession(api, content, _standing(run, campaign, account, settings))

    def note(sentence: str) -> None:
        run.note("broadcast", sentence, clock.now())
        tell(sentence)

    return Broadcaster(ledger, order, connect, clock=clock, on_note=note, stop_requested=run.stop_requested)


async def _content(run: Run, campaign: Campaign, broadcast: Broadcast, article: Article, upload: Upload) -> Mapping[str, Any]:
    """Put a broadcast's article into Zalo's words, once what it shows is uploaded."""
    if broadcast.article:
        from zalo_alert.operations.frozen_article import content_of

        return await content_of(run, campaign, broadcast.article, upload)
    cover = await upload(broadcast.cover) if broadcast.attachment else broadcast.cover
    return articles.build_body(article, broadcast.author, cover)


def _standing(run: Run, campaign: Campaign, account: Account, settings: Settings) -> str:
    if campaign.broadcast is None or not campaign.broadcast.article:
        return ""
    from zalo_alert.operations.frozen_article import standing_of

    return standing_of(run, campaign, account, settings)


def article_of(campaign: Campaign) -> Article:
    """Return the article that a campaign's broadcast is; it must have one."""
    return make_order(campaign).article
