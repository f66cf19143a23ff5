"""Calls that ask: an OA's facts, quotas, templates, followers, articles, uploads. Slow is fine, and every failure is a sentence.

What is safe to repeat is repeated; what may have been executed is not. The messages themselves go through `Post`.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
import tenacity

from zalo_alert.errors import CredentialsRefused, ErrorCause, RunSuspended
from zalo_alert.foundation.secret import Secret, proof
from zalo_alert.language import _, joined
from zalo_alert.models import Scope
from zalo_alert.pacing.braking import SOON_S, TOO_MANY
from zalo_alert.pacing.pace import Pace
from zalo_alert.settings.model import Hosts
from zalo_alert.zalo.base import Access, Host, NoAnswer, NotSent, asked_s
from zalo_alert.zalo.calling import Answer, call, plain, read_object
from zalo_alert.zalo.codes import MOST_CODE, Action, cause_of, look_up

OA_PATH = "/v2.0/oa/getoa"
TIMEOUT_S = 30.0
SLOWEST_BYTES_S = 32_768  # of a line over which files are uploaded: five megabytes in under three minutes
ATTEMPTS = 4
_RATE = -32


class Refused(RunSuspended):
    """Zalo answered a question with an error; `code` is its own."""

    def __init__(self, host: Host, code: int, message: str) -> None:
        answer = joined(filter(None, (code, message)), " ")
        super().__init__(_("Zalo answered {answer}", answer=answer), hint=look_up(host, code).meaning, cause=cause_of(host, code))
        self.code = code


class RateGate:
    """Lets calls through one by one, at the pace that every process of the workspace shares.

    Args:
        pace: Of one account.
        now_s: A steady clock.
        wall_s: The wall clock, in seconds since 1970: Zalo counts by its minutes.
        sleep: How to wait.
    """

    def __init__(
        self, pace: Pace, now_s: Callable[[], float], wall_s: Callable[[], float], sleep: Callable[[float], Any] = asyncio.sleep
    ) -> None:
        self._pace, self._now_s, self._wall_s, self.sleep = pace, now_s, wall_s, sleep
        self._turn = asyncio.Lock()
        self._calls = 0

    async def acquire(self) -> float:
        """Wait until one more call may go; return the instant at which it may."""
        self._calls += 1
        async with self._turn:
            while not (await asyncio.to_thread(self._pace.take, {0: 1}, self._now_s())).get(0):
                await self.sleep(max(0.01, min(1.0, self._pace.wait_s({0: 1}, self._now_s()))))
        return self._now_s()

    def heed_full_minute(self) -> None:
        """Heed a refusal for rate: everyone of the workspace waits for the next minute."""
        self._pace.heed_throttling(0, Scope.APP, self._now_s(), self._wall_s())

    async def heed_refusal(self, went_s: float, retry_after_s: float | None) -> None:
        """Heed a 429 that says nothing of a minute, to a call that went at that instant: everyone slows, and this one waits."""
        self._pace.heed_refusal(0, self._now_s(), asked_s=went_s, answers=self._calls, retry_after_s=retry_after_s)
        await self.sleep(max(SOON_S, retry_after_s or 0.0))

    def close(self) -> None:
        """Close the pace."""
        self._pace.close()


class ApiClient:
    """Asks in one account's name.

    Args:
        client: Shared by all; knows about proxies.
        hosts: Where.
        access: The account's token.
        app_secret: Proves itself with every call where the app demands it; empty where it does not.
        gate: Lets calls through at the rate that app and OA are granted.
        allow: Asked before whatever changes something at Zalo; raises where this workspace may not.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        hosts: Hosts,
        access: Access,
        *,
        app_secret: Secret,
        gate: RateGate,
        allow: Callable[[], None] = lambda: None,
    ) -> None:
        self._client, self._access, self._secret = client, access, app_secret
        self._bases = {Host.OPENAPI: hosts.openapi, Host.BUSINESS: hosts.business}
        self._gate, self._allow = gate, allow

    def close(self) -> None:
        """Close the gate."""
        self._gate.close()

    async def get(
        self, path: str, data: Mapping[str, Any] | None = None, *, host: Host = Host.OPENAPI, as_json: bool = True
    ) -> Any:
        """Ask, and ask again where that may help; return the answer's whole body.

        Args:
            path: Of the call.
            data: What is asked.
            host: Which API.
            as_json: Whether the OA host has it as one parameter in JSON, as most of its calls do; articles have plain ones.

        Raises:
            Refused: Zalo said no.
            CredentialsRefused: The token is refused and cannot be renewed.
            RunSuspended: No usable answer, after some tries.
        """
        query = {} if data is None else {"data": orjson.dumps(data).decode()} if as_json and host is Host.OPENAPI else dict(data)
        return await self._repeat(host, lambda token: self._request(host, "GET", path, token, params=query))

    async def query(self, path: str, body: Mapping[str, Any], *, host: Host = Host.OPENAPI) -> Any:
        """Ask by a POST that changes nothing, as Zalo has some; see `get`."""
        return await self._repeat(host, lambda token: self._request(host, "POST", path, token, json=dict(body)))

    async def change(self, path: str, body: Mapping[str, Any], *, host: Host = Host.OPENAPI) -> Any:
        """Have something changed that is the same however often it is asked for; see `get`."""
        self._allow()
        return await self.query(path, body, host=host)

    async def post(self, path: str, body: Mapping[str, Any], *, host: Host = Host.OPENAPI) -> Any:
        """Have something done. Repeated only where it is certain that it was not: no connection, a refusal for rate or token.

        Raises:
            NoAnswer: It may have been done.
            Refused: Zalo said no.
            CredentialsRefused: The token is refused and cannot be renewed.
            RunSuspended: It could not be asked for.
        """
        self._allow()
        try:
            return await self._ask_once(host, lambda token: self._request(host, "POST", path, token, json=dict(body)))
        except NotSent as exc:
            raise _unreachable(exc) from exc

    async def upload(self, path: str, name: str, content: bytes, kind: str) -> Any:
        """Upload a file; to do it twice costs an upload of the month's 5,000 and nothing else, so it is repeated."""
        self._allow()
        files, patience_s = {"file": (name, content, kind)}, TIMEOUT_S + len(content) / SLOWEST_BYTES_S
        return await self._repeat(
            Host.OPENAPI,
            lambda token: self._request(Host.OPENAPI, "POST", path, token, timeout_s=patience_s, files=files),
        )

    # --- how often -------------------------------------------------------------------------------------------------------

    async def _repeat(self, host: Host, ask: Callable[[str], Any]) -> Any:
        repeating = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=8),
            retry=tenacity.retry_if_exception_type((NotSent, NoAnswer)),
            sleep=self._gate.sleep,
            reraise=True,
        )
        try:
            return await repeating(self._ask_once, host, ask)
        except NotSent as exc:
            raise _unreachable(exc) from exc
        except NoAnswer as exc:
            raise RunSuspended(
                _("Zalo gives no usable answer: {why}", why=exc), hint=_("wait for it to recover"), cause=ErrorCause.SERVER
            ) from exc

    async def _ask_once(self, host: Host, ask: Callable[[str], Any]) -> Any:
        """Make one call that counts: refusals for rate wait for the next minute, one for the token renews it, once."""
        has_renewed = False
        while True:
            went_s = await self._gate.acquire() if host is Host.OPENAPI else math.inf
            token = self._access.token
            body = await ask(token)
            code = _code(body)
            action = look_up(host, code).action
            if action is Action.SLOW:
                self._gate.heed_full_minute()
                continue
            if code == TOO_MANY:
                await self._gate.heed_refusal(went_s, body.get("wait_s"))
                continue
            if action is Action.TOKEN and not has_renewed:
                has_renewed = True
                if await self._access.renew(token):
                    continue
                kind = RunSuspended if self._access.is_passing else CredentialsRefused
                cause = ErrorCause.SERVER if self._access.is_passing else None
                raise kind(_("the access token is refused"), hint=self._access.refusal, cause=cause)
            if code:
                raise Refused(host, code, plain(body.get("message")))
            return body

    # --- one request -----------------------------------------------------------------------------------------------------

    async def _request(
        self, host: Host, method: str, path: str, token: str, *, timeout_s: float = TIMEOUT_S, **more: Any
    ) -> Mapping[str, Any]:
        headers = {"access_token": token}
        if self._secret:
            headers["appsecret_proof"] = proof(self._secret, token)
        answer = await call(self._client, method, self._bases[host] + path, headers=headers, timeout_s=timeout_s, **more)
        if answer.status == TOO_MANY and not _is_full_minute(answer):
            return {"error": TOO_MANY, "wait_s": asked_s(answer.headers.get("retry-after"), time.time())}
        if answer.status in (407, 503):  # a proxy's own word, or the server's that it has done nothing (RFC 9110)
            raise NotSent(f"HTTP {answer.status}")
        return _judge(answer)


def _is_full_minute(answer: Answer) -> bool:
    try:
        return _code(read_object(answer)) == _RATE
    except NoAnswer:
        return False


def _unreachable(exc: NotSent) -> RunSuspended:
    return RunSuspended(
        _("Zalo can't be reached: {why}", why=exc), hint=_("check the network and any proxy"), cause=ErrorCause.NETWORK
    )


def _judge(answer: Answer) -> Mapping[str, Any]:
    """Read an answer that holds a verdict: `error` as a whole number, or nothing but what was asked for."""
    body = read_object(answer)
    if type(body.get("error", 0)) is not int or ("error" not in body and answer.status != 200):
        raise NoAnswer(_("HTTP {status} without a verdict", status=answer.status))
    return body


def _code(body: Mapping[str, Any]) -> int:
    code = body.get("error", 0)
    return code if type(code) is int and code <= MOST_CODE else -1


async def is_alive(client: httpx.AsyncClient, openapi_url: str, access: Secret, app_secret: Secret) -> bool:
    """Whether Zalo takes an access token at this moment; False also when nobody can say."""
    headers = {"access_token": access.reveal()}
    if app_secret:
        headers["appsecret_proof"] = proof(app_secret, access.reveal())
    try:
        answer = await call(client, "GET", f"{openapi_url}{OA_PATH}", headers=headers, timeout_s=TIMEOUT_S)
        body = _judge(answer)
    except (NotSent, NoAnswer):
        return False
    return answer.status == 200 and _code(body) == 0 and isinstance(body.get("data"), dict)
