"""What the sandbox can be told to do, and what its accounts are."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from zalo_alert.errors import Cure, Step, UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.hosts import is_loopback_address
from zalo_alert.language import _, count, joined

MOST_OAS = 3400  # the country's, 34 provinces', 3,321 communes'


@dataclass(frozen=True, slots=True)
class Options:
    """Faults and limits; shares are between 0 and 1, everything is off unless said otherwise.

    Args:
        app_per_minute: Calls a minute for each app; 0 is no limit.
        oa_per_minute: The same for each OA, with Zalo's other text; 0 is no limit.
        latency_ms: Before every answer.
        slow_down: Share of messages refused with -32.
        http_429: Share answered with HTTP 429, not executed.
        http_503: Share answered with HTTP 503, not executed.
        http_500: Share executed and then answered with HTTP 500.
        html: Share executed and then answered with HTTP 502 and an HTML page.
        truncated: Share executed and then answered with HTTP 200 and half of the JSON.
        reset_before: Share cut off unexecuted.
        reset_after: Share executed and then cut off.
        dead: Share of people who do not follow (-213), the same people every time.
        stale: Share of people outside the seven-day window (-230 on cs), the same people every time.
        refuse_code: Every message is refused with this code; 0 for none.
        stop_after: After so many accepted messages since the sandbox started, every other one is refused with -321; 0 for never.
        token_dies_after: The access token expires with this accepted message, counted since the sandbox started; 0 for never.
        quota: Template messages accepted in all since the sandbox started; 0 for no limit.
        promotion_quota: Messages by templates of tag 3 a month for each OA; 0 for no limit.
        broadcasts: Broadcasts a month for each OA.
        article_ms: An article is made, or changed, so long after it was asked for.
        article_fault: What happens when an article is to be made: "before" is not executed, "after" is, and both get an HTTP 500.
        followers: How many people follow, spread over the OAs; 0 makes a person of any digits, and `getlist` is empty.
        oas: How many Official Accounts: the country's first, then provinces, then communes.
        apps: How many apps they are spread over.
        seed: Draws ids and people.
        at: What time it is, in ISO format, running on from there; empty is the machine's own.
        templates: "any" takes whatever number and data a message names, "strict" what was approved.
        legacy: What the discontinued message calls answer: "refuse" is -240, "accept" is as they were.
        package: "free" OAs may not list people (-224) or write by phone (-135).
        oa_type: 2 is a business, closed out of the old reads (-240); 4 a state agency.
        appsecret_proof: Whether the app demands one with every call.
        redirect_uri: The only address that consent goes back to; empty takes any.
        refresh_fault: What happens to a refresh: "before" is not executed, "after" is, and nobody knows the new pair.
        consent_fault: The same of a consent: what happens when its code is traded for tokens.
        unconsented: Whether clients start without tokens: an administrator of each OA must consent first.
        refresh_delay_ms: Before the answer to a refresh, which was executed by then.
        webhook_url: Where events are told, on this machine; empty is nowhere.
        webhook_ca: A file with the authority that an https webhook is trusted by, in PEM; empty for the machine's own.
        webhook_connections: How many connections events are told over at most, each kept; one event at a time on each.
        receipts: Share of accepted messages that a receipt tells of.
        receipt_ms: Receipts are told so long after the message was executed; below 0 the answer follows them so much later.
        seen: Share of those that are told to be seen, too.
        seen_ms: They are told to be seen so long after they were received.
        seen_together: Whether what a person sees within a second, or within `seen_ms`, is told in one event.
        echoes: Whether an OA is told what it has sent itself, too.
        duplicates: Share of events told twice.
        reordered: Share of events told after those that came later.
        retries: "any" tells again what had no HTTP 200 in 2 s, "unopened" only what found no connection.
        fresh_retries: Whether an event told again has the time of the try, and so other bytes and another signature.
        ladder: The waits before an event is told again, 30 s to 1 h, are multiplied by this.
        albums: An album is "one" event with all its pictures, "many" with a msg_id each, or "same": many with one msg_id.
        oa_secrets: Events are signed with a secret of the "oa", or of the "app", the same for all its OAs.
        wrong_secret: Share of events signed with a secret that nobody knows.
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
    promotion_quota: int = 0
    broadcasts: int = 4
    article_ms: float = 5000
    article_fault: str = ""
    followers: int = 0
    oas: int = 1
    apps: int = 1
    seed: int = 1
    at: str = ""
    templates: str = "any"
    legacy: str = "refuse"
    package: str = "paid"
    oa_type: int = 4
    appsecret_proof: bool = False
    redirect_uri: str = ""
    refresh_fault: str = ""
    consent_fault: str = ""
    unconsented: bool = False
    refresh_delay_ms: float = 0
    webhook_url: str = ""
    webhook_ca: str = ""
    webhook_connections: int = 64
    receipts: float = 0.9
    receipt_ms: float = 0
    seen: float = 0.3
    seen_ms: float = 0
    seen_together: bool = False
    echoes: bool = False
    duplicates: float = 0
    reordered: float = 0
    retries: str = "any"
    fresh_retries: bool = False
    ladder: float = 1
    albums: str = "one"
    oa_secrets: str = "oa"
    wrong_secret: float = 0

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                share = getattr(self, name)
                raise UsageError(_("{option} is a share between 0 and 1, not {share}", option=_option(name), share=share))
        if sum(getattr(self, name) for name in FAULTS) > 1:
            raise UsageError(_("the shares of faults add up to more than 1"))
        for name in COUNTS:
            if getattr(self, name) < 0:
                raise UsageError(_("{option} can't be below 0", option=_option(name)))
        for name, words in CHOICES.items():
            if getattr(self, name) not in words:
                allowed = joined(word if word != "" else _("(nothing)") for word in words)
                raise UsageError(_("{option} is one of {words}", option=_option(name), words=allowed))
        if not 1 <= self.apps <= self.oas <= MOST_OAS:
            raise UsageError(
                _(
                    "{oas} is between 1 and {most}, and {apps} between 1 and that",
                    oas=_option("oas"),
                    most=count(MOST_OAS),
                    apps=_option("apps"),
                )
            )
        self._check_webhook()
        self.offset_s(0)

    def _check_webhook(self) -> None:
        if self.webhook_connections < 1:
            raise UsageError(_("{option} can't be below 1", option=_option("webhook_connections")))
        if self.webhook_url and not _is_on_this_machine(self.webhook_url):
            raise UsageError(
                _("{option} is not a valid http or https address on this machine", option=_option("webhook_url")),
                hint=_("such as {example}", example="http://127.0.0.1:8080/zalo"),
            )
        if self.webhook_ca and not Path(self.webhook_ca).is_file():
            raise UsageError(_("{option}: there is no file {path}", option=_option("webhook_ca"), path=self.webhook_ca))

    def offset_s(self, now_s: float) -> float:
        """Return how far the sandbox's clock is ahead when it starts now.

        Raises:
            UsageError: `at` is not a valid time.
        """
        if not self.at:
            return 0.0
        try:
            at = datetime.fromisoformat(self.at)
        except ValueError as exc:
            raise UsageError(
                _("{option} is not a valid time: {at}", option=_option("at"), at=self.at),
                hint=_("such as {example}", example="2026-09-18T22:40:00+07:00"),
            ) from exc
        return (at if at.tzinfo else at.replace(tzinfo=VIETNAM)).timestamp() - now_s

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


# At most one strikes a message.
FAULTS = ("slow_down", "http_429", "http_503", "http_500", "html", "truncated", "reset_before", "reset_after")
SHARES = (*FAULTS, "dead", "stale", "receipts", "seen", "duplicates", "reordered", "ladder", "wrong_secret")
COUNTS = (
    "app_per_minute", "oa_per_minute", "latency_ms", "stop_after", "token_dies_after", "quota", "promotion_quota", "broadcasts",
    "followers", "refresh_delay_ms", "seen_ms",
)  # fmt: skip
# "before" is not executed, "after" is: the old pair is dead, and the new one known to nobody.
REFRESH_FAULTS = (
    "", "cut-before", "cut-after", "500-before", "500-after", "503-before", "rate-before", "html-before", "html-after",
)  # fmt: skip
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "templates": ("any", "strict"),
    "legacy": ("refuse", "accept"),
    "package": ("paid", "free"),
    "oa_type": (2, 4),
    "refresh_fault": REFRESH_FAULTS,
    "article_fault": ("", "before", "after"),
    "consent_fault": REFRESH_FAULTS,
    "retries": ("any", "unopened"),
    "albums": ("one", "many", "same"),
    "oa_secrets": ("oa", "app"),
}


def _option(name: str) -> Step:
    return Step(Cure.OPTION, options=((name, ""),))


def _is_on_this_machine(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.port != 0 and is_loopback_address(parts.hostname or "")
    except ValueError:
        return False


class Credentials(NamedTuple):
    """What a client starts with; `oa_secret` signs the events."""

    app_secret: str
    refresh_token: str
    access_token: str
    oa_secret: str = ""


class Account(NamedTuple):
    """One Official Account as `zalo-alert.yaml` names it, with its secrets."""

    id: str
    oa_id: str
    app_id: str
    level: str
    areas: tuple[str, ...]
    name: str
    credentials: Credentials

    def as_json(self) -> dict[str, Any]:
        """Return the account, secrets included, as plain values."""
        return {**self._asdict(), "credentials": self.credentials._asdict()}

    def public(self) -> dict[str, Any]:
        """Return the account without its secrets."""
        return {name: value for name, value in self._asdict().items() if name != "credentials"}

    def without_tokens(self) -> "Account":
        """Return the account as it is before an administrator has consented."""
        return self._replace(credentials=self.credentials._replace(refresh_token="", access_token=""))

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Account":
        """Read what `as_json` returned."""
        return cls(**{**fields, "areas": tuple(fields["areas"]), "credentials": Credentials(**fields["credentials"])})

    def line(self) -> str:
        """Return the account's line for `zalo-alert.yaml`."""
        areas = ", ".join(self.areas)
        return f'  - {{id: {self.id}, oa_id: "{self.oa_id}", app_id: "{self.app_id}", level: {self.level}, areas: [{areas}]}}'


def hosts(url: str, authority: Path | None = None) -> dict[str, str]:
    """Return the environment variables that point a client here, and make it trust the certificate where there is one."""
    variables = {f"ZALO_ALERT_{host}_URL": url for host in ("OPENAPI", "BUSINESS", "OAUTH")}
    return variables if authority is None else variables | {"SSL_CERT_FILE": str(authority)}


def environ(account: str, credentials: Credentials, app_id: str = "") -> dict[str, str]:
    """Return the environment variables with an account's secrets.

    Args:
        account: Its id.
        credentials: Its secrets.
        app_id: Of the app whose secret signs the events of all its OAs; empty where the OA has one of its own.
    """
    from zalo_alert.settings.secrets import variable

    variables = {variable(account, name): value for name, value in credentials._asdict().items() if value}
    if app_id:
        variables[f"ZALO_ALERT_APP_{app_id}_OA_SECRET"] = variables.pop(variable(account, "oa_secret"))
    return variables
