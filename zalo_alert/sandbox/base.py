"""What the sandbox can be told to do, and what an answer of it is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from zalo_alert.errors import UsageError
from zalo_alert.settings import variable

RESET_HEADER = "x-sandbox-reset"  # an answer that carries it never arrives: the relay cuts the connection instead


@dataclass(frozen=True, slots=True)
class Options:
    """Faults and limits; shares are between 0 and 1, everything is off unless said otherwise.

    Args:
        app_per_minute: Calls a minute for the app; 0 is no limit.
        oa_per_minute: The same for the OA, with Zalo's other text; 0 is no limit.
        latency_ms: Before every answer.
        slow_down: Share of calls refused with -32.
        http_429: Share answered with HTTP 429, not executed.
        http_503: Share answered with HTTP 503, not executed.
        http_500: Share executed and then answered with HTTP 500.
        html: Share executed and then answered with HTTP 502 and an HTML page.
        truncated: Share executed and then answered with HTTP 200 and half of the JSON.
        reset_before: Share cut off unexecuted.
        reset_after: Share executed and then cut off.
        dead: Share of people who do not follow (-213), the same people every time.
        stale: Share of people outside the seven-day window (-230 on cs).
        refuse_code: Every message is refused with this code; 0 for none.
        stop_after: After so many accepted messages every other one is refused with -321; 0 for never.
        token_dies_after: After so many accepted messages the access token is expired; 0 for never.
        quota: Template messages accepted in all; 0 for no limit.
        people: How many followers `getlist` knows.
    """

    app_per_minute: int = 4000
    oa_per_minute: int = 0
    latency_ms: float = 0
    slow_down: float = 0
    http_429: float = 0
    http_503: float = 0
    http_500: float = 0
    html: float = 0
    truncated: float = 0
    reset_before: float = 0
    reset_after: float = 0
    dead: float = 0
    stale: float = 0
    refuse_code: int = 0
    stop_after: int = 0
    token_dies_after: int = 0
    quota: int = 0
    people: int = 0

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"--{name.replace('_', '-')} is a share between 0 and 1, not {getattr(self, name)}")
        if sum(getattr(self, name) for name in FAULTS) > 1:
            raise UsageError("the shares of faults add up to more than 1")
        for name in ("app_per_minute", "oa_per_minute", "latency_ms", "stop_after", "token_dies_after", "quota", "people"):
            if getattr(self, name) < 0:
                raise UsageError(f"--{name.replace('_', '-')} can't be below 0")

    @property
    def cuts(self) -> bool:
        """Whether connections are cut, which needs the relay."""
        return self.reset_before > 0 or self.reset_after > 0

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


# At most one strikes a call.
FAULTS = ("slow_down", "http_429", "http_503", "http_500", "html", "truncated", "reset_before", "reset_after")
SHARES = (*FAULTS, "dead", "stale")


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Credentials(NamedTuple):
    """What a client starts with."""

    app_secret: str
    refresh_token: str
    access_token: str


def environ(url: str, account: str, credentials: Credentials) -> Mapping[str, str]:
    """Return the environment variables that point a client here."""
    return {
        "ZALO_ALERT_OPENAPI_URL": url,
        "ZALO_ALERT_BUSINESS_URL": url,
        "ZALO_ALERT_OAUTH_URL": url,
        **{variable(account, name): value for name, value in credentials._asdict().items()},
    }
