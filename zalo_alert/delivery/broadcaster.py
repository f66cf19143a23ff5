"""A run's broadcast, taken step by step for each OA: cover, article, id, and the one call that reaches whole provinces.

Owns the order of the steps and the words for where they stand. Each step is on the disk before it is taken. What may have been
executed without an answer is `unknown` and never repeated unasked; everything else is taken up again where it stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from zalo_alert.campaign.render import Article, Renderer
from zalo_alert.delivery.channels.wrappers import ATTACHMENT_EXPIRED
from zalo_alert.delivery.task_errors import first_error
from zalo_alert.errors import (
    CredentialsRefused,
    Cure,
    ErrorCause,
    Interrupted,
    RunSuspended,
    RunUnfinished,
    StorageUnusable,
    ZaloAlertError,
)
from zalo_alert.foundation.clock import Clock, instant, words
from zalo_alert.language import _, count, joined, span
from zalo_alert.ledger.broadcasts import Broadcasts, BroadcastStatus, Step
from zalo_alert.models import Campaign, State
from zalo_alert.places import aim, name_target
from zalo_alert.zalo import articles
from zalo_alert.zalo.base import Host, NoAnswer
from zalo_alert.zalo.client import ApiClient, Refused
from zalo_alert.zalo.codes import Action, advise, cause_of, look_up

VERIFY_EVERY_S = 2.0
VERIFY_PATIENCE_S = 120.0  # an article is made within seconds
MOST_AT_ONCE = 8  # OAs: each waits for Zalo most of the time
MOST_TOLD = 3  # OAs that are told of in one sentence
NIGHT_RETRY_S = 600.0  # when Zalo's clock says night and ours does not
_NO_VERDICT = -1  # what `ApiClient` makes of an error that is no number
_FOR_GOOD = {Action.BADMSG, Action.SKIP, Action.DEAD}
_USED_UP = _("the month's broadcasts are used up: {resume} when Zalo grants more, or next month", resume=Cure.RESUME())


class OaSession(NamedTuple):
    """What one OA broadcasts with.

    Args:
        api: Makes calls in its name.
        content: Returns the article in Zalo's words; given True, it uploads its pictures anew, because their ids have expired.
        standing: Id of the very article that stands on the OA's page already; "" when it must be made.
    """

    api: ApiClient
    content: Callable[[bool], Awaitable[Mapping[str, Any]]]
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to go out, and until when."""

    article: Article
    cities: tuple[int, ...] | None
    expires: datetime


def make_order(campaign: Campaign) -> Order:
    """Make the order for a campaign's broadcast; it must have one."""
    if campaign.broadcast is None:
        raise ValueError(f"{campaign.code} has no broadcast")
    target = campaign.audience.target
    article = Renderer(campaign).article(name_target(campaign.audience.areas, target))
    return Order(article, aim(target).cities, campaign.expires)


class Broadcaster:
    """Sends a run's broadcast for all of its OAs, from wherever each of them stands; the caller holds the run's lock.

    Args:
        ledger: Of the run.
        order: What goes out.
        connect: Opens an account's session.
        clock: Time, and waiting.
        on_note: Called with each thing that happened, as a sentence.
        stop_requested: Asked whether another process wants this one to stop.
    """

    def __init__(
        self,
        ledger: Broadcasts,
        order: Order,
        connect: Callable[[str], AbstractAsyncContextManager[OaSession]],
        *,
        clock: Clock,
        on_note: Callable[[str], None],
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ledger, self._order, self._connect, self._clock, self._on_note = ledger, order, connect, clock, on_note
        self._stop_requested = stop_requested
        self._stopped = asyncio.Event()
        self._retry_unknown = False

    def stop(self) -> None:
        """Take no further step; a call that is under way is waited for."""
        self._stopped.set()

    def retry_unknown(self) -> None:
        """Do again what may have been done already; called before `run`."""
        self._retry_unknown = True

    async def run(self) -> None:
        """Go as far as can be gone now; where each OA stands afterwards, the ledger says.

        Raises:
            StorageUnusable: The ledger failed.
        """
        self._ledger.recover(self._clock.now().timestamp())
        if self._retry_unknown:
            self._ledger.retry_unknown()
        turns = asyncio.Semaphore(MOST_AT_ONCE)

        async def broadcast_in_turn(standing: BroadcastStatus) -> None:
            async with turns:
                await self._broadcast(standing)

        try:
            async with asyncio.TaskGroup() as tasks:
                for standing in self._ledger.all():
                    if standing.is_open:
                        tasks.create_task(broadcast_in_turn(standing))
        except BaseExceptionGroup as group:
            raise first_error(group) from group

    @property
    def _is_stopped(self) -> bool:
        if self._stop_requested():
            self.stop()
        return self._stopped.is_set()

    def _record(self, standing: BroadcastStatus, state: State, **changes: Any) -> BroadcastStatus:
        fields: dict[str, Any] = {"code": 0, "why": "", "due_at_s": None} | changes
        changed = standing._replace(state=state, at_s=self._clock.now().timestamp(), **fields)
        self._ledger.put(changed)
        if changed.why or changed.state is State.ACCEPTED:
            self._on_note(describe(changed))
        return changed

    # --- one OA ------------------------------------------------------------------------------------------------------------

    async def _broadcast(self, standing: BroadcastStatus) -> None:
        while standing.is_open and not self._is_stopped and self._is_in_time(standing):
            step = standing.step
            standing = await self._take_step(standing)
            if standing.step is step:  # accepted, or not to be gone on with now
                return

    def _is_in_time(self, standing: BroadcastStatus) -> bool:
        """Whether the next step may be taken at this hour; what keeps it from being taken is written down."""
        now, expires = self._clock.now(), self._order.expires
        opens = articles.next_opening(now)
        if now >= expires:
            self._record(standing, State.EXPIRED, why=_("the campaign expired at {expires}", expires=words(expires)))
        elif opens >= expires:
            why = _("by night none may go out, and the campaign expires before {opens}", opens=words(opens))
            self._record(standing, State.EXPIRED, why=why)
        elif opens > now:
            why = _("by night none may go out; from {opens} on", opens=words(opens))
            self._record(standing, State.DEFERRED, why=why, due_at_s=opens.timestamp())
        return now < expires and opens == now

    async def _take_step(self, standing: BroadcastStatus) -> BroadcastStatus:
        """Take one step and write down how it ended."""
        try:
            async with self._connect(standing.account) as session:
                if standing.step is Step.ARTICLE:
                    return await self._create_article(session, standing)
                if standing.step is Step.VERIFY:
                    return await self._verify(session, standing)
                self._record(standing, State.CLAIMED)
                message_id = await articles.broadcast(session.api, standing.article_id, self._order.cities)
                return self._record(standing, State.ACCEPTED, message_id=message_id)
        except StorageUnusable:
            raise
        except NoAnswer as exc:
            return self._record(standing, State.UNKNOWN, why=_("asked, and no clear answer came ({why})", why=str(exc)))
        except Refused as exc:
            return self._settle_refusal(standing, exc)
        except (RunSuspended, CredentialsRefused) as exc:
            return self._record(standing, State.DEFERRED, why=joined(filter(None, (exc.message, exc.hint)), "; "))

    async def _create_article(self, session: OaSession, standing: BroadcastStatus) -> BroadcastStatus:
        if session.standing:
            return self._record(standing, State.PENDING, step=Step.POST, article_id=session.standing, unclear=0)
        for anew in (False, True):
            content = await session.content(anew)
            self._record(standing, State.CLAIMED)
            try:
                token = await articles.create(session.api, content)
                break
            except Refused as exc:
                if anew or exc.code != ATTACHMENT_EXPIRED:
                    raise
        return self._record(standing, State.PENDING, step=Step.VERIFY, token=token, unclear=0)

    async def _verify(self, session: OaSession, standing: BroadcastStatus) -> BroadcastStatus:
        until_s = self._clock.monotonic_s() + VERIFY_PATIENCE_S
        while (article_id := await articles.verify(session.api, standing.token)) is None:
            if self._is_stopped:
                return standing
            if self._clock.monotonic_s() >= until_s:
                waited = span(timedelta(seconds=VERIFY_PATIENCE_S))
                return self._record(
                    standing, State.DEFERRED, why=_("Zalo has not made the article within {waited}", waited=waited)
                )
            await self._clock.wait(self._stopped, VERIFY_EVERY_S)
        return self._record(standing, State.PENDING, step=Step.POST, article_id=article_id)

    def _settle_refusal(self, standing: BroadcastStatus, exc: Refused) -> BroadcastStatus:
        """Settle a refusal: nothing was executed, so what may pass is tried again when the run is resumed."""
        if exc.code == _NO_VERDICT and standing.step is not Step.VERIFY:
            return self._record(standing, State.UNKNOWN, why=_("asked, and the answer can't be read ({why})", why=exc.message))
        action, now = look_up(Host.OPENAPI, exc.code).action, self._clock.now()
        if action is Action.DEFER:
            due = max(articles.next_opening(now), now + timedelta(seconds=NIGHT_RETRY_S))
            why = _("{why}, from about {due} on", why=exc.message, due=words(due))
            return self._record(standing, State.DEFERRED, code=exc.code, why=why, due_at_s=due.timestamp())
        state = State.REJECTED if action in _FOR_GOOD else State.DEFERRED
        why = joined((exc.message, exc.hint), ": ")
        if state is State.DEFERRED:
            why = joined((why, _USED_UP if action is Action.QUOTA else advise(Host.OPENAPI, exc.code)), "; ")
        return self._record(standing, state, code=exc.code, why=why)


# --- in words --------------------------------------------------------------------------------------------------------------


_DOING: Mapping[Step, str] = {
    Step.ARTICLE: _("having its article made"),
    Step.VERIFY: _("its article is being made"),
    Step.POST: _("sending it out"),
}


def describe(standing: BroadcastStatus) -> str:
    """Say in a sentence where one OA's broadcast stands."""
    if standing.state is State.ACCEPTED:
        return _describe_accepted(standing)
    if standing.state is State.UNKNOWN:
        return _describe_unknown(standing)
    account, state, step = standing.account, standing.state.value, _DOING[standing.step]
    if standing.state is State.PENDING and standing.step is Step.ARTICLE and not standing.unclear:
        return _("the broadcast of {account} has not been begun", account=account)
    if not standing.why:
        return _("the broadcast of {account} is {state} ({step})", account=account, state=state, step=step)
    return _("the broadcast of {account} is {state} ({step}): {why}", account=account, state=state, step=step, why=standing.why)


def _describe_accepted(standing: BroadcastStatus) -> str:
    seen = words(instant(standing.at_s) + articles.MODERATED)
    fields = {"account": standing.account, "message_id": standing.message_id, "seen": seen}
    if standing.unclear:
        return _(
            "the broadcast of {account} is accepted as {message_id}, seen from about {seen} on; perhaps for the second time",
            **fields,
        )
    return _("the broadcast of {account} is accepted as {message_id}, seen from about {seen} on", **fields)


def _describe_unknown(standing: BroadcastStatus) -> str:
    fields = {"account": standing.account, "step": _DOING[standing.step], "why": standing.why}
    if standing.step is Step.POST:
        return _("the broadcast of {account} is unknown ({step}): {why}; perhaps it goes out already", **fields)
    return _(
        "the broadcast of {account} is unknown ({step}): {why}; perhaps the article stands on the OA's page already", **fields
    )


def verdict(run: str, statuses: Sequence[BroadcastStatus]) -> ZaloAlertError | None:
    """Turn what became of a broadcast into the error that says it; None when every OA's was accepted."""
    missed = [status for status in statuses if status.state is not State.ACCEPTED]
    if not missed:
        return None
    more = [_("and {others} more", others=count(len(missed) - MOST_TOLD))] if len(missed) > MOST_TOLD else []
    summary = joined((*map(describe, missed[:MOST_TOLD]), *more), "; ")
    if any(status.state is State.PENDING for status in missed):
        return Interrupted(summary, hint=_resume_hint(run, None))
    if any(status.is_open for status in missed):
        due_s = min((status.due_at_s for status in missed if status.due_at_s), default=None)
        return RunSuspended(summary, hint=_resume_hint(run, due_s), cause=_cause(missed))
    if any(status.state is State.UNKNOWN for status in missed):
        again = Cure.RESUME(run, retry_unknown=True)
        hint = _("look at the OA's page; if nothing is there, {again} sends it again", again=again)
        return RunUnfinished(summary, hint=hint)
    return RunUnfinished(summary, hint=_("{report} says why", report=Cure.REPORT(run)))


def _cause(missed: Iterable[BroadcastStatus]) -> ErrorCause:
    codes = (status.code for status in missed if status.is_open)
    return next((cause_of(Host.OPENAPI, code) for code in codes if code), ErrorCause.SERVER)


def _resume_hint(run: str, due_s: float | None) -> str:
    if due_s is None:
        return _("{resume} goes on with it", resume=Cure.RESUME(run))
    return _("{resume} goes on with it from {due} on", resume=Cure.RESUME(run), due=words(instant(due_s)))
