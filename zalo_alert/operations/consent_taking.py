"""An administrator's answer to a link: whose it is, whether it still counts, and the tokens that it gives.

The tokens are put aside on the disk the moment Zalo has given them, and are among those that speak once Zalo has said whose they
are: the address in the browser only claims it, and with another OA's tokens every alert would go out in the wrong name.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from weakref import WeakValueDictionary

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import CredentialsRefused, RunSuspended, SettingsInvalid, StorageUnusable, WorkspaceRests, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.consent_answer import ConsentAnswer, Reply, Verdict
from zalo_alert.language import _
from zalo_alert.operations.connect import Connections, api_client
from zalo_alert.preflight.consent_health import name_of
from zalo_alert.settings.model import Account, Settings
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo import oauth
from zalo_alert.zalo.invitations import AsidePair, Invitation, InvitationStore, Outcome, digest_of, verifier_of
from zalo_alert.zalo.oa import ask_facts
from zalo_alert.zalo.tokens import seed_of

AT_ONCE = 16  # answers for which Zalo is asked at the same time
MOST_TRIES, TRIES_S = 10, 600.0  # of one link, that gave no tokens
LOCK_S = 20.0  # a refresh of the same OA takes a second
PROVABLE_S = 80_000.0  # an access token lives 90,000: later nobody can be asked whose it was
_REPEATED = {Outcome.RECEIVED: Reply.REPEATED, Outcome.WRONG_OA: Reply.WRONG_OA}


class _Given:
    """An access token that has just come, for the one question whose it is; see `Access`."""

    refusal, is_passing = "", False

    def __init__(self, token: Secret) -> None:
        self.token = token.reveal()

    async def renew(self, stale: str) -> bool:
        return False


class _Taken(Exception):
    """Somebody else has been renewing this OA's tokens for a while."""


class ConsentTaker:
    """Looks into answers, many at a time, one at a time for each OA.

    Args:
        zalo: Its settings may be exchanged at any time.
        links: Those that were sent out.
        clock: The time.
        on_trouble: Hears, as a sentence, what the office must see to.
    """

    def __init__(self, zalo: Connections, links: InvitationStore, clock: Clock, on_trouble: Callable[[str], None]) -> None:
        self._zalo, self._links, self._clock, self._on_trouble = zalo, links, clock, on_trouble
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._tries: dict[str, tuple[float, int]] = {}
        self._told: set[str] = set()  # links by which another OA was offered

    async def take(self, answer: ConsentAnswer) -> Verdict:
        """Look into an answer; what came of it is on the disk when this returns."""
        try:
            link = self._links.find(answer.state.reveal())
            if link is None or answer.path != link.path:
                return Verdict(Reply.UNKNOWN)
            return await self._take(link, answer)
        except (StorageUnusable, WorkspaceRests) as exc:
            self._on_trouble(exc.message)
            return Verdict(Reply.UNSTORED, why=exc.message)

    async def prove_all(self) -> list[Verdict]:
        """Ask again about what is put aside: Zalo gave no answer, or this machine stopped in between."""
        verdicts = []
        for aside in self._links.aside():
            link = self._links.get(aside.digest)
            account = link and self._account_of(link)
            if link is None or account is None or self._now_s() - aside.came_at_s > PROVABLE_S:
                self._links.settle(aside.digest, link.code if link else "", Outcome.NONE)
                continue
            with suppress(_Taken):
                async with self._turn(account):
                    verdicts.append(await self._prove(link, account, aside))
        return verdicts

    # --- one answer ------------------------------------------------------------------------------------------------------

    async def _take(self, link: Invitation, answer: ConsentAnswer) -> Verdict:
        account = self._account_of(link)
        if account is None:
            return Verdict(Reply.WITHDRAWN, link.account, link.oa_id)
        about = Verdict(Reply.ENDED, account.id, account.oa_id, name_of(account), ends_at_s=link.ends_at_s)
        if self._now_s() >= link.ends_at_s:
            return about
        if not answer.code:
            return about._replace(reply=Reply.DECLINED)
        if answer.oa_id not in ("", account.oa_id):
            return await self._refuse(link, about._replace(reply=Reply.WRONG_OA, other=answer.oa_id))
        try:
            async with self._turn(account):
                link = self._links.get(link.digest) or link  # whoever was here before us may have settled it
                return await self._ask(link, account, answer, about)
        except _Taken:
            return about._replace(reply=Reply.BUSY)

    async def _ask(self, link: Invitation, account: Account, answer: ConsentAnswer, about: Verdict) -> Verdict:
        code = digest_of(answer.code.reveal())
        if code == link.code:
            return await self._repeat(link, account, about)
        if self._is_too_often(link.digest):
            return about._replace(reply=Reply.TOO_OFTEN)
        settings, http = self._zalo.settings, self._zalo.http
        try:
            secret, verifier = settings.credentials(account).app_secret, self._verifier(link, answer)
            check_awake(settings.state_dir)  # the code is used up by whoever exchanges it
            pair = await oauth.exchange(http, settings.hosts.oauth, account.app_id, secret, answer.code, verifier)
        except oauth.Refused as exc:
            return self._judge_refusal(link, code, exc, about)
        except RunSuspended as exc:
            return about._replace(reply=Reply.LOST, why=exc.message)
        except SettingsInvalid as exc:
            self._on_trouble(exc.message)
            return about._replace(reply=Reply.REFUSED, why=exc.message)
        aside = self._links.put_aside(link.digest, code, pair, self._now_s())
        return await self._prove(link._replace(code=code), account, aside)

    def _judge_refusal(self, link: Invitation, code: str, exc: oauth.Refused, about: Verdict) -> Verdict:
        if exc.is_spent:
            self._links.note_spent(link.digest, code)
            return about._replace(reply=Reply.SPENT, why=exc.message)
        self._on_trouble(exc.message)
        return about._replace(reply=Reply.REFUSED, why=exc.message)

    async def _repeat(self, link: Invitation, account: Account, about: Verdict) -> Verdict:
        """Answer somebody who has loaded the page again; Zalo takes no code twice."""
        if link.outcome is Outcome.UNPROVEN and (aside := self._links.aside(link.digest)):
            return await self._prove(link, account, aside[0])
        return about._replace(reply=_REPEATED.get(link.outcome, Reply.SPENT))

    def _verifier(self, link: Invitation, answer: ConsentAnswer) -> Secret:
        if link.salt:
            return verifier_of(link.salt, answer.state)
        if fixed := self._zalo.settings.code_verifier(link.app_id):
            return fixed
        raise SettingsInvalid(
            _("the code verifier of app {app} is missing, with which its links were made", app=link.app_id),
            hint=_("set {variable} in the environment", variable=f"ZALO_ALERT_APP_{link.app_id}_CODE_VERIFIER"),
        )

    # --- whose it is -----------------------------------------------------------------------------------------------------

    async def _prove(self, link: Invitation, account: Account, aside: AsidePair) -> Verdict:
        """Ask Zalo whose tokens these are, and keep them if they are this OA's."""
        about = Verdict(Reply.UNPROVEN, account.id, account.oa_id, name_of(account))
        settings = self._zalo.settings
        given = _Given(aside.pair.access)
        try:
            with closing(api_client(settings, account, given, self._zalo.http)) as api:
                facts = await ask_facts(api)
        except (CredentialsRefused, RunSuspended) as exc:
            return about._replace(why=exc.message)
        if facts.oa_id != account.oa_id:
            self._links.settle(link.digest, link.code, Outcome.WRONG_OA)
            return await self._refuse(link, about._replace(reply=Reply.WRONG_OA, other=facts.name or facts.oa_id))
        chains = self._zalo.store.chains(account.token_key)
        if not any((row.issued_at_s or 0.0) >= aside.came_at_s for row in chains):  # else it was kept before, or a newer one was
            seed = seed_of(settings.credentials(account))
            self._zalo.store.keep(account.token_key, seed, aside.pair, aside.came_at_s)
        self._links.settle(link.digest, link.code, Outcome.RECEIVED)
        told = {"account": account.id, "oa_id": account.oa_id, "app_id": account.app_id, "by": "link"}
        await self._tell(AuditEvent.TOKEN_LOGIN, told)
        return about._replace(reply=Reply.RECEIVED, name=facts.name or about.name)

    async def _refuse(self, link: Invitation, verdict: Verdict) -> Verdict:
        """Keep nothing of another OA's; the log is told once, however often it is tried."""
        why = _(
            "the consent is for OA {other}, and {account} is {oa}", other=verdict.other, account=verdict.account, oa=verdict.oa_id
        )
        if link.digest not in self._told:
            self._told.add(link.digest)
            facts = {"tried": AuditEvent.TOKEN_LOGIN, "account": verdict.account, "oa_id": verdict.oa_id, "other": verdict.other}
            await self._tell(AuditEvent.REFUSED, facts, why)
        return verdict._replace(why=why)

    async def _tell(self, event: AuditEvent, facts: Mapping[str, str], why: str = "") -> None:
        """Tell the log, in a thread: others may be writing to it."""
        log = AuditLog(self._zalo.settings.state_dir)
        trouble = await asyncio.to_thread(log.attempt, event, self._clock.now(), why=why, facts=facts)
        if trouble:
            self._on_trouble(trouble.message)

    # --- whose turn it is ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, account: Account) -> "AsyncIterator[None]":
        """Let nobody else renew this OA's tokens meanwhile, in this process or in another.

        Raises:
            _Taken: Somebody does.
        """
        key = account.token_key
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn, self._free:
            lock = await asyncio.to_thread(self._zalo.store.take_lock, key, LOCK_S)
            if lock is None:
                raise _Taken
            try:
                yield
            finally:
                lock.release()

    def _is_too_often(self, digest: str) -> bool:
        """Count the tries of a link, and say whether there were too many lately."""
        now_s = self._clock.monotonic_s()
        since_s, tries = self._tries.get(digest, (now_s, 0))
        if now_s - since_s > TRIES_S:
            since_s, tries = now_s, 0
        self._tries[digest] = (since_s, tries + 1)
        return tries >= MOST_TRIES

    def _account_of(self, link: Invitation) -> Account | None:
        """Return the account as it speaks through the link's app; None where the workspace has it no longer, or otherwise."""
        settings: Settings = self._zalo.settings
        try:
            account = settings.through(settings.account(link.account), link.app_id)
        except ZaloAlertError:
            return None
        return account if account.oa_id == link.oa_id else None

    def _now_s(self) -> float:
        return self._clock.now().timestamp()
