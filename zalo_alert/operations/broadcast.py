"""The broadcast of a run: what sends it, opened for as long as the run goes."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

from zalo_alert.campaign.render import Article
from zalo_alert.delivery.broadcaster import Broadcaster, OaSession, make_order
from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _
from zalo_alert.ledger.broadcasts import Broadcasts
from zalo_alert.models import Broadcast, Campaign
from zalo_alert.operations.connect import connected, rank_of
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.zalo import uploads


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
    clock = SystemClock()

    @asynccontextmanager
    async def connect(name: str) -> AsyncIterator[OaSession]:
        account = settings.account(name)
        async with connected(settings) as zalo:
            with zalo.api(account, rank_of(run, campaign)) as api:

                async def cover(anew: bool) -> str:
                    if not broadcast.attachment:
                        return broadcast.cover
                    content, now_s = run.attachment(broadcast.attachment), clock.now().timestamp()
                    return await uploads.upload(api, zalo.store, account.oa_id, broadcast.cover, content, now_s, anew=anew)

                yield OaSession(api, cover)

    def note(sentence: str) -> None:
        run.note("broadcast", sentence, clock.now())
        tell(sentence)

    return Broadcaster(ledger, make_order(campaign), connect, clock=clock, on_note=note, stop_requested=run.stop_requested)


def article_of(campaign: Campaign) -> Article:
    """Return the article that a campaign's broadcast is; it must have one."""
    return make_order(campaign).article
