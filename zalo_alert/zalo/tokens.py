"""One account's tokens: renewed by one process at a time, durable before they are used, never given up for a lost answer.

Losing a fresh refresh token means that an administrator must consent again in a browser. So the new pair is on the disk before
anyone sees it; a lock longer than any time-out keeps the other processes of the workspace out meanwhile; and a refresh that
nobody knows the end of is not asked for again until its answer can no longer come, or until the old access token proves to be
alive: a refresh that was executed would have killed it. Dead for good is a token only by a code of Zalo's that names it.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence

from filelock import Timeout

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import tell
from zalo_alert.errors import CredentialsRefused, Cure, ErrorCause, RunSuspended, SettingsInvalid, Step, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.notices import Notice
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _, decimal, joined
from zalo_alert.settings.model import Account
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.settings.secrets import Credentials
from zalo_alert.zalo.base import NoAnswer, NotSent, TokenPair
from zalo_alert.zalo.oauth import SPENT, TIMEOUT_S, Busy, Refused
from zalo_alert.zalo.token_store import TokenRow, TokenStore

LANDED_S = 3 * TIMEOUT_S  # after so long a request that was given up has been executed, or never will be
BUSY_WAITS_S = (1.0, 2.0, 4.0)  # while sending, between two questions to a busy host; messages wait meanwhile
LONG_AGO_S = 0.0  # when a refresh was begun of which only a mistaken verdict was kept

_VERDICT = re.compile(r"Zalo refused the refresh token(?: \((-?[0-9]+)\b|$|[ ;])")  # as a kept refusal begins

Exchange = Callable[[Secret], Awaitable[TokenPair]]
Probe = Callable[[Secret], Awaitable[bool]]


class Tokens:
    """See `base.Access`.

    Args:
        store: The token file of the workspace.
        account: Whose tokens.
        credentials: Where the chain of tokens may start; new ones in the environment start a new chain.
        exchange: Trades a refresh token for a new pair; raises `oauth.Refused`, `NotSent`, `NoAnswer`.
        clock: Tells when a pair expires.
        probe: Whether an access token still works; asked only after a refresh whose end nobody knows. None: never known.
    """

    def __init__(
        self,
        store: TokenStore,
        account: Account,
        credentials: Credentials,
        exchange: Exchange,
        clock: Clock,
        probe: Probe | None = None,
    ) -> None:
        self._store, self._account, self._exchange, self._clock, self._probe = store, account, exchange, clock, probe
        self._renewing = asyncio.Lock()
        self._seed = seed_of(credentials)
        self._start = TokenRow(self._seed, credentials.access_token, credentials.refresh_token)
        self.refusal = ""  # whose renewal failed, why, and what to do about it, as a sentence
        self.remark: Notice | None = None  # why the log could not be told of a renewal
        self.is_passing = False  # nobody answered, so the token is not to blame
        self.blame: tuple[str, str] | None = None  # the same in two: why, and what to do
        self.token = self._current().access.reveal()

    def _current(self) -> TokenRow:
        """Return the pair to go by: of the chain that the environment speaks of, else the latest; none that Zalo refuses."""
        return choose_chain(self._store.chains(self._account.token_key), self._start)

    async def renew(self, stale: str) -> bool:
        """See `Access`: the first one to ask renews, whoever else asks meanwhile gets its result."""
        async with self._renewing:
            if self.token != stale:
                return True
            if self.refusal:
                return False
            try:
                await self._renew_patiently(stale)
            except ZaloAlertError as exc:
                self.blame = (joined((self._account.id, exc), ": "), exc.hint)
                self.refusal = joined(self.blame, "; ")
                self.is_passing = isinstance(exc, RunSuspended)
        return self.token != stale

    async def _renew_patiently(self, stale: str) -> None:
        """See `renew_now`; a host that is busy for a moment halts nobody: what it has not executed may be asked again."""
        for wait_s in BUSY_WAITS_S:
            try:
                return await self.renew_now(stale)
            except RunSuspended as exc:
                if not isinstance(exc.__cause__, Busy):
                    raise
            await self._clock.wait(asyncio.Event(), wait_s)
        await self.renew_now(stale)

    async def renew_now(self, stale: str) -> None:
        """Renew, unless somebody else has already done so.

        Raises:
            CredentialsRefused: Zalo refuses; the hint says what a person must do.
            RunSuspended: No answer came, or another process is at it.
        """
        try:
            lock = self._store.lock(self._account.token_key)
            await asyncio.to_thread(lock.acquire)
        except Timeout as exc:
            raise RunSuspended(
                _("another process has been renewing the token for a minute"),
                hint=_("see whether it hangs"),
                cause=ErrorCause.TOKEN,
            ) from exc
        except (OSError, NotImplementedError) as exc:  # the second where a file system knows no locks
            why = reason(exc) if isinstance(exc, OSError) else type(exc).__name__
            raise RunSuspended(
                _("the token can't be locked for its renewal: {why}", why=why),
                hint=_("check the disk, then try again"),
                cause=ErrorCause.STORAGE,
            ) from exc
        try:
            row = self._current()
            if row.access.reveal() != stale:
                self.token = row.access.reveal()  # another process was faster
                return
            self.token = (await self._renew_chain(row)).access.reveal()
        finally:
            lock.release()

    async def _renew_chain(self, row: TokenRow) -> TokenRow:
        """Refresh a pair; when Zalo will never take it again, go over to another chain, if there is one."""
        try:
            return await self._refresh(row)
        except CredentialsRefused:
            other = self._current()
            if other.seed == row.seed:
                raise
        return other if other.access else await self._refresh(other)

    async def _refresh(self, row: TokenRow) -> TokenRow:
        key, consent = self._account.token_key, consent_again(self._account)
        if not row.refresh and not row.refused:
            row = row._replace(refused=_("the access token is refused and there is no refresh token"))
            self._store.settle(key, row, row.refused)
        if row.refused:
            raise CredentialsRefused(row.refused, hint=consent)
        check_awake(self._store.folder)  # a refresh token works once: that of a copy is the one of whoever sends
        if row.asking_since_s is not None:
            await self._look_into(row, row.asking_since_s)
        self._store.begin(key, row, self._clock.now().timestamp())
        try:
            pair = await self._exchange(row.refresh)
        except Refused as exc:
            why = exc.message
            if row.asking_since_s is not None:
                why = _("{refusal} after an earlier refresh whose answer was lost", refusal=why)
            self._store.settle(key, row, why if exc.is_spent else "")
            self._tell_log(AuditEvent.TOKEN_REFUSED, why)
            raise CredentialsRefused(why, hint=consent if exc.is_spent else exc.hint) from exc
        except SettingsInvalid:  # nothing to ask with: unusable certificates or proxy
            self._store.settle(key, row)
            raise
        except NotSent as exc:
            self._store.settle(key, row)
            raise RunSuspended(
                _("the token can't be refreshed: {why}", why=exc),
                hint=_(
                    "nothing is lost; see to the network or wait a minute, then {refresh}", refresh=Cure.REFRESH(self._account.id)
                ),
                cause=ErrorCause.NETWORK,
            ) from exc
        except NoAnswer as exc:
            raise RunSuspended(
                _("no usable answer to the token refresh ({why})", why=exc),
                hint=_(
                    "in {seconds} s {refresh} asks again; if Zalo refuses then, {consent}",
                    seconds=decimal(LANDED_S, 0),
                    refresh=Cure.REFRESH(self._account.id),
                    consent=consent,
                ),
                cause=ErrorCause.SERVER,
            ) from exc
        kept = self._store.keep(key, row.seed, pair, self._clock.now().timestamp())
        self._tell_log(AuditEvent.TOKEN_REFRESH, "")
        return kept

    def _tell_log(self, event: AuditEvent, why: str) -> None:
        """Tell the log; a fresh pair is never given up because it can't be written."""

        def remember(notice: Notice) -> None:
            self.remark = notice

        facts = {"account": self._account.id, "oa_id": self._account.oa_id, "app_id": self._account.app_id}
        tell(self._store.folder, event, remember, why=why, facts=facts)

    async def _look_into(self, row: TokenRow, since_s: float) -> None:
        """Let a refresh be asked for again after one that nobody knows the end of: only when that one can't be under way."""
        if row.access and self._probe and await self._probe(row.access):
            return  # it was never executed: that would have killed this access token
        waited_s = self._clock.now().timestamp() - since_s
        if 0 <= waited_s < LANDED_S:
            raise RunSuspended(
                _("a refresh of this token was begun and its answer never came"),
                hint=_("try again in {seconds} s, when it can no longer be under way", seconds=decimal(LANDED_S - waited_s, 0)),
                cause=ErrorCause.SERVER,
            )


def choose_chain(chains: Sequence[TokenRow], start: TokenRow) -> TokenRow:
    """Choose among an OA's chains, the latest first, and the tokens in the environment, which may be the start of one."""
    chains = [_reopen(row) for row in chains]
    own = next((row for row in chains if row.seed == start.seed), start)
    candidates = [own, *chains] if start.seed else [*chains, own]
    return next((row for row in candidates if not row.refused and (row.access or row.refresh)), candidates[0])


def _reopen(row: TokenRow) -> TokenRow:
    """Take back what an earlier version held for a verdict: any code at all, and none; nobody knows how that refresh ended."""
    verdict = _VERDICT.match(row.refused)
    if not verdict or (verdict[1] and int(verdict[1]) in SPENT):
        return row
    return row._replace(refused="", asking_since_s=LONG_AGO_S)


def consent_again(account: Account) -> str:
    """Say who must do what when an account's tokens can't be renewed."""
    return _("an administrator of the OA must consent again: {login}", login=login_step(account))


def login_step(account: Account) -> Step:
    """Return the step by which an account gets tokens of the app that it speaks through."""
    return Cure.LOGIN(account.id, app=account.app_id if account.main_app else "")


def seed_of(credentials: Credentials) -> str:
    """Return the digest by which new tokens in the environment are told from those a chain began with; "" for none."""
    start = (credentials.refresh_token or credentials.access_token).reveal()
    return hashlib.sha256(start.encode()).hexdigest() if start else ""
