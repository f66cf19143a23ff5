"""Articles made, changed and hidden on OAs' pages: some OAs at once, each for itself.

What may have been executed without an answer is unknown and never repeated unasked: it would stand on the page twice. A change of
what stands there is repeated at will: the same change twice is one. Owns the order of the steps; shows nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from zalo_alert.articles.article import BlockKind
from zalo_alert.articles.store import STANDS, ArticleStore, Standing, Status
from zalo_alert.delivery.channels.wrappers import ATTACHMENT_EXPIRED
from zalo_alert.delivery.task_errors import first_error
from zalo_alert.errors import CredentialsRefused, RunSuspended, SettingsInvalid, StorageUnusable, WorkspaceRests
from zalo_alert.foundation.clock import Clock
from zalo_alert.language import _
from zalo_alert.operations.article_jobs import Doing, Ending, Job, Result, why_of
from zalo_alert.operations.article_sources import ArticleSource
from zalo_alert.operations.connect import Connections
from zalo_alert.settings.model import Account
from zalo_alert.zalo import articles, oa_page, uploads
from zalo_alert.zalo.base import NoAnswer
from zalo_alert.zalo.client import ApiClient, Refused

AT_ONCE = 64  # OAs that are asked for at the same time; their answers are waited for most of the time
LOOK_EVERY_S, PATIENCE_S = 2.0, 120.0  # whether an article is made, which takes seconds
# Of a few, nobody minds a look that comes too early; of a thousand, each costs a quarter of a minute's calls.
FEW, FIRST_LOOK_S, FIRST_LOOK_OF_MANY_S = 20, 0.3, 4.0
MOST_PAGES = 30  # of an OA's list that are looked through
MARGIN_S = 300.0  # by which the clock that says when an article was made may differ from ours
_NO_VERDICT = -1  # what `ApiClient` makes of an error that is no number
_INVALID = -201


_Failure = (Refused, NoAnswer, RunSuspended, CredentialsRefused, SettingsInvalid)


class Publisher:
    """Does one thing to articles on many pages.

    Args:
        store: What stands where; held by the caller.
        zalo: Who asks.
        clock: Time, and waiting.
        on_result: Told of each job as it ends.
        retry_unknown: Whether what may stand there already is made again.
        doubt_since_s: Since when another machine may have published for this workspace, seconds since 1970; None is never.
    """

    def __init__(
        self,
        store: ArticleStore,
        zalo: Connections,
        clock: Clock,
        on_result: Callable[[Result], None],
        *,
        retry_unknown: bool = False,
        doubt_since_s: float | None = None,
    ) -> None:
        self._store, self._zalo, self._clock, self._on_result = store, zalo, clock, on_result
        self._retry_unknown, self._first_look_s, self._doubt_since_s = retry_unknown, FIRST_LOOK_S, doubt_since_s
        self._stopped, self._turns = asyncio.Event(), asyncio.Semaphore(AT_ONCE)

    def stop(self) -> None:
        """Begin nothing more; what is under way is waited for."""
        self._stopped.set()

    async def run(self, doing: Doing, jobs: Sequence[Job]) -> list[Result]:
        """Do it to all; return how each ended, in the order of the jobs.

        Raises:
            StorageUnusable: The store failed.
        """
        self._first_look_s = FIRST_LOOK_S if len(jobs) <= FEW else FIRST_LOOK_OF_MANY_S
        steps = {Doing.PUBLISH: self._publish, Doing.UPDATE: self._update, Doing.HIDE: self._hide}

        async def take(job: Job) -> Result:
            result = await self._guarded(job, steps[doing])
            self._on_result(result)
            return result

        try:
            async with asyncio.TaskGroup() as tasks:
                going = [tasks.create_task(take(job)) for job in jobs]
        except BaseExceptionGroup as group:
            raise first_error(group) from group
        return [task.result() for task in going]

    async def _guarded(self, job: Job, step: Callable[[Job, Standing], Any]) -> Result:
        standing = self._standing(job)
        if self._stopped.is_set():
            return Result(job, Ending.NOT_BEGUN, standing)
        try:
            result: Result = await step(job, standing)
        except StorageUnusable:
            raise
        except _Failure as exc:
            return self._failed(job, why_of(exc), exc)
        except _Stopped:
            return Result(job, Ending.NOT_BEGUN, self._standing(job))
        return result

    def _standing(self, job: Job) -> Standing:
        found = self._store.find(job.name, job.account.id)
        if found and found.oa_id == job.account.oa_id:  # else the account is another OA's by now
            return found
        title = job.source.article.title if job.source else ""
        return Standing(job.name, job.account.id, job.account.oa_id, Status.REFUSED, title)

    def _put(self, standing: Standing, **changes: Any) -> Standing:
        fields: dict[str, Any] = {"code": 0, "why": ""} | changes
        return self._store.put(replace(standing, **fields), self._now_s())

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _failed(self, job: Job, why: str, exc: Exception) -> Result:
        """Write down why a step failed; how the article stands was written before the step, and holds."""
        standing = self._put(self._standing(job), code=getattr(exc, "code", 0), why=why)
        return Result(job, Ending.UNKNOWN if standing.status is Status.UNKNOWN else Ending.FAILED, standing, why)

    @asynccontextmanager
    async def _asking(self, account: Account) -> AsyncIterator[ApiClient]:
        """Lend what asks in an OA's name, when its turn has come."""
        async with self._turns:
            if self._stopped.is_set():
                raise _Stopped
            with self._zalo.api(account) as api:
                yield api

    # --- made ------------------------------------------------------------------------------------------------------------

    async def _publish(self, job: Job, standing: Standing) -> Result:
        before, (standing, result) = standing, await self._known(job, standing)
        if result:
            return result
        digest = _source(job).digest
        if standing.is_as(digest):
            return Result(job, Ending.ALREADY if before == standing else Ending.DONE, standing)
        if standing.status in STANDS and standing.digest != digest:
            return Result(job, Ending.DIFFERS, standing, _("it stands there with another text"))
        if standing.status is Status.HIDDEN:
            return await self._change_status(job, standing, is_shown=True)
        return await self._found_elsewhere(job, standing) or await self._make(job, standing)

    async def _known(self, job: Job, standing: Standing) -> tuple[Standing, Result | None]:
        """Find out what came of an earlier go; a result is the end of this one."""
        if standing.status is Status.UNKNOWN:
            standing = await self._settle(job, standing)
            if standing.status is Status.UNKNOWN and not self._retry_unknown:
                why = _("asked before, and nobody knows whether it stands there: it is not on the OA's list")
                return standing, Result(job, Ending.UNKNOWN, standing, why)
        if standing.status is Status.MAKING:
            standing = await self._until_made(job, standing)
        return standing, None

    async def _make(self, job: Job, standing: Standing) -> Result:
        source = _source(job)
        for anew in (False, True):
            async with self._asking(job.account) as api:
                content = await self._content(api, job, source, is_shown=True, anew=anew)
                asked = Standing(job.name, job.account.id, job.account.oa_id, Status.ASKED, source.article.title, source.digest,
                                 asked_s=self._now_s())  # fmt: skip
                standing = self._put(asked)
                try:
                    token = await articles.create(api, content.as_json())
                    break
                except NoAnswer as exc:
                    return self._lost(job, standing, str(exc))
                except Refused as exc:
                    if exc.code == _NO_VERDICT:
                        return self._lost(job, standing, exc.message)
                    standing = self._put(standing, status=Status.REFUSED, code=exc.code, why=why_of(exc))
                    if anew or exc.code != ATTACHMENT_EXPIRED:
                        raise
                except (RunSuspended, CredentialsRefused, WorkspaceRests) as exc:  # certainly not sent
                    self._put(standing, status=Status.REFUSED, why=why_of(exc))
                    raise
        standing = self._put(standing, status=Status.MAKING, token=token)
        return Result(job, Ending.DONE, await self._until_made(job, standing))

    def _lost(self, job: Job, standing: Standing, why: str) -> Result:
        told = _("asked, and no clear answer came ({why})", why=why)
        standing = self._put(standing, status=Status.UNKNOWN, why=told)
        return Result(job, Ending.UNKNOWN, standing, told)

    async def _until_made(self, job: Job, standing: Standing) -> Standing:
        """Wait until Zalo has made, or changed, an article.

        Raises:
            RunSuspended: It takes too long; it is asked for again next time.
            Refused: The token is of no use.
        """
        until_s, wait_s = self._clock.monotonic_s() + PATIENCE_S, self._first_look_s
        while True:
            await self._clock.wait(self._stopped, wait_s)
            wait_s = LOOK_EVERY_S
            async with self._asking(job.account) as api:
                if article_id := await self._verified(api, standing):
                    status = Status.SHOWN if standing.is_shown else Status.HIDDEN
                    return self._put(standing, status=status, article_id=article_id, token="")
            if self._clock.monotonic_s() >= until_s:
                raise RunSuspended(_("Zalo has not made the article yet"), hint=_("ask again in a few minutes"))

    async def _verified(self, api: ApiClient, standing: Standing) -> str | None:
        try:
            return await articles.verify(api, standing.token)
        except Refused as exc:
            if exc.code == _INVALID:  # Zalo has forgotten the token, so that nobody will ever know by it
                there = Status.SHOWN if standing.is_shown else Status.HIDDEN
                status = there if standing.article_id else Status.UNKNOWN
                self._put(standing, status=status, token="", digest="" if standing.article_id else standing.digest)
            raise

    async def _settle(self, job: Job, standing: Standing) -> Standing:
        """Look on the OA's list for an article that may have been made: of its title, and not older than the request."""
        found = await self._listed(job, standing)
        if len(found) != 1:
            return standing
        status = Status.SHOWN if found[0].is_shown else Status.HIDDEN
        return self._put(standing, status=status, article_id=found[0].id, token="")

    async def _listed(self, job: Job, standing: Standing) -> list[oa_page.Listed]:
        known = self._store.ids(job.account.id)
        async with self._asking(job.account) as api:
            return [
                listed
                async for listed in listed_articles(api)
                if listed.title == standing.title and listed.id not in known
                and (not listed.created_s or listed.created_s >= standing.asked_s - MARGIN_S)
            ]  # fmt: skip

    async def _found_elsewhere(self, job: Job, standing: Standing) -> Result | None:
        """Find what another machine may have published after the backup that this workspace comes from; None where it has not."""
        if self._doubt_since_s is None or self._retry_unknown:
            return None
        source = _source(job)
        wanted = replace(standing, title=source.article.title, digest=source.digest, asked_s=self._doubt_since_s)
        found = await self._listed(job, wanted)
        if not found:
            return None
        if len(found) == 1 and found[0].is_shown:
            return Result(job, Ending.ALREADY, self._put(wanted, status=Status.SHOWN, article_id=found[0].id, token=""))
        why = _("the machine that this workspace's backup is of may have published it, and hidden it or not")
        return Result(job, Ending.UNKNOWN, standing, why)

    async def _content(self, api: ApiClient, job: Job, source: ArticleSource, *, is_shown: bool, anew: bool) -> oa_page.Content:
        """Return what an article says on one OA's page, its pictures uploaded."""
        ids = {
            name: await uploads.upload(api, self._zalo.store, job.account.oa_id, name, content, self._now_s(), anew=anew)
            for name, content in source.pictures.items()
        }
        article = source.article
        parts = tuple(
            block.content if block.kind is BlockKind.TEXT else (ids.get(block.source, block.source), block.caption)
            for block in article.body
        )
        cover = ids.get(article.cover, article.cover)
        said = (article.title, article.description, article.author, cover, parts)
        return oa_page.Content(*said, comment=article.comment, is_shown=is_shown)

    # --- changed ---------------------------------------------------------------------------------------------------------

    async def _update(self, job: Job, standing: Standing) -> Result:
        standing, result = await self._known(job, standing)
        source = _source(job)
        if result:
            return result
        if standing.status not in STANDS:
            return Result(job, Ending.NOT_THERE, standing)
        if standing.digest == source.digest:
            return Result(job, Ending.ALREADY, standing)
        before = standing
        for anew in (False, True):
            async with self._asking(job.account) as api:
                content = await self._content(api, job, source, is_shown=standing.status is Status.SHOWN, anew=anew)
                # From now on nobody knows which of the two texts stands there, until Zalo says so.
                standing = self._put(before, digest="", title=source.article.title)
                try:
                    token = await self._changed(oa_page.update(api, standing.article_id, content.as_json()))
                    break
                except Refused as exc:
                    self._put(before)
                    if anew or exc.code != ATTACHMENT_EXPIRED:
                        raise
        return await self._once_changed(job, standing, token, digest=source.digest, is_shown=before.status is Status.SHOWN)

    async def _hide(self, job: Job, standing: Standing) -> Result:
        standing, result = await self._known(job, standing)
        if result:
            return result
        if standing.status is Status.HIDDEN:
            return Result(job, Ending.ALREADY, standing)
        if standing.status is not Status.SHOWN:
            return Result(job, Ending.NOT_THERE, standing)
        return await self._change_status(job, standing, is_shown=False)

    async def _change_status(self, job: Job, standing: Standing, *, is_shown: bool) -> Result:
        async with self._asking(job.account) as api:
            token = await self._changed(oa_page.change_status(api, standing.article_id, is_shown=is_shown))
        return await self._once_changed(job, standing, token, digest=standing.digest, is_shown=is_shown)

    async def _once_changed(self, job: Job, standing: Standing, token: str, *, digest: str, is_shown: bool) -> Result:
        standing = self._put(standing, status=Status.MAKING, token=token, digest=digest, is_shown=is_shown)
        return Result(job, Ending.DONE, await self._until_made(job, standing))

    async def _changed(self, asking: Any) -> str:
        try:
            token: str = await asking
        except Refused as exc:
            if exc.code == articles.BEING_MADE:
                raise RunSuspended(_("Zalo is still making an earlier change"), hint=_("try again in a minute")) from exc
            raise
        return token


class _Stopped(Exception):
    """Somebody has said stop before this step."""


async def listed_articles(api: ApiClient) -> AsyncIterator[oa_page.Listed]:
    """Yield an OA's articles, the latest first, as far as anybody looks."""
    for number in range(MOST_PAGES):
        page = await oa_page.list_page(api, number * oa_page.MOST_LISTED)
        for listed in page.listed:
            yield listed
        if len(page.listed) < oa_page.MOST_LISTED:
            return


def _source(job: Job) -> ArticleSource:
    if job.source is None:
        raise ValueError(f"{job.name} has no source")
    return job.source
