"""The shape of `zalo-alert.yaml` and of a row of its accounts file."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from zalo_alert.language import _
from zalo_alert.pacing.shares import SOS_SHARE
from zalo_alert.settings.model import (
    DEFAULT_APP_PER_MINUTE,
    DEFAULT_REDIRECT,
    DEFAULT_TOLERATE_REJECTED,
    LINKS,
    AnswersRule,
    ApprovalRule,
    BackupRule,
    DrillRule,
    PersonCap,
    RetentionRule,
    WebhookRule,
)
from zalo_alert.settings.notify_rule import NotifyRule

_RULE, _CAP, _NOTIFY, _WEBHOOK, _ANSWERS = ApprovalRule(), PersonCap(), NotifyRule(), WebhookRule(), AnswersRule()
_RETENTION = RetentionRule()
_BACKUP = BackupRule()
_DRILLS = DrillRule()
_NAME = re.compile("[a-z0-9][a-z0-9-]{0,31}")
_Event = Literal[
    "submitted", "break-glass", "standing", "started", "paused", "halted", "waiting", "late", "stopped", "corrected", "finished",
    "expired", "next-message", "token", "quota", "silent",
    "webhook-secret", "webhook-storage", "webhook-lag", "webhook-silent", "webhook-down",
    "schedule",
]  # fmt: skip
_Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="Our own short name of the account: small letters a–z, digits and dashes",
    ),
]
_Digits = Annotated[str, Field(pattern=r"^[0-9]{5,25}$", description="Digits, in quotes: they exceed what a number can hold")]


_Tag = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Small letters a–z, digits and dashes, at most 40 of them")
]
_About = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="A name of small letters a–z, digits and _")]
_Host = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}$",
        description="A host without https:// and without a path, in small letters: gov.vn",
    ),
]


class AccountForm(BaseModel):
    """One account, as the config or a row of the accounts file gives it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Id
    oa_id: _Digits
    app_id: _Digits
    level: Literal["national", "province", "commune"] = "national"
    areas: list[str] = Field(default=["all"], min_length=1)
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)
    more_apps: list[_Digits] = Field(default_factory=list, max_length=8)
    tags: list[_Tag] = Field(default_factory=list, max_length=50)
    about: dict[_About, Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=dict, max_length=100)


class AppForm(BaseModel):
    """One app."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Digits
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)
    appsecret_proof: bool = False
    redirect_uri: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = DEFAULT_REDIRECT


class LimitsForm(BaseModel):
    """What Zalo granted, how much one person can bear, and how many refusals are everyday."""

    model_config = ConfigDict(extra="forbid", strict=True)
    app_per_minute: int = Field(default=DEFAULT_APP_PER_MINUTE, ge=1, le=100_000_000)
    oa_per_minute: int | None = Field(default=None, ge=1, le=100_000_000)
    per_person_day: int = Field(default=_CAP.day, ge=0, le=1000)
    per_person_week: int = Field(default=_CAP.week, ge=0, le=1000)
    broadcasts_a_month: int | None = Field(default=None, ge=0, le=10_000)
    tolerate_rejected: float = Field(default=DEFAULT_TOLERATE_REJECTED, ge=0, le=100)
    sos_share: float = Field(default=100 * SOS_SHARE, ge=5, le=50)


class ApprovalForm(BaseModel):
    """How many officers must agree, and for how long that holds."""

    model_config = ConfigDict(extra="forbid", strict=True)
    approvers: int = Field(default=_RULE.approvers, ge=1, le=5)
    more_approvers: int = Field(default=_RULE.more_approvers, ge=0, le=5)
    more_people: int = Field(default=_RULE.more_people, ge=1)
    more_provinces: int = Field(default=_RULE.more_provinces, ge=1, le=63)
    hours: float = Field(default=_RULE.hours, gt=0, le=24)
    changed_percent: float = Field(default=_RULE.changed_percent, ge=0, le=100)
    break_glass_after_min: float | None = Field(default=None, gt=0, le=120)


class DrillForm(BaseModel):
    """What a drill may use, and how often officers practise."""

    model_config = ConfigDict(extra="forbid", strict=True)
    templates: list[Annotated[str, Field(pattern=r"^[0-9]{1,25}$")]] | None = None
    every_months: int = Field(default=_DRILLS.every_months, ge=0, le=24)
    lapsed: Literal["doctor", "warn", "refuse"] = _DRILLS.lapsed.value
    also: list[Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=list, max_length=32)


def _check_name(name: object) -> object:
    """Refuse an address where its name belongs, and don't repeat it: it may hold a password."""
    if isinstance(name, str) and not _NAME.fullmatch(name):
        raise ValueError(
            _(
                "is not a short name of small letters, digits and hyphens; the address itself is a secret: "
                "ZALO_ALERT_NOTIFY_<NAME>_URL in the secrets file"
            )
        )
    return name


class NotifyForm(BaseModel):
    """Who is told of what happens to runs."""

    model_config = ConfigDict(extra="forbid", strict=True)
    command: list[str] = Field(default_factory=list, max_length=64)
    urls: list[Annotated[str, AfterValidator(_check_name)]] = Field(default_factory=list, max_length=32)
    staff: bool = False
    late_min: int = Field(default=_NOTIFY.late_min, ge=1, le=1440)
    events: list[_Event] | None = None


SITE_CODE = r"^[A-Za-z0-9_-]{0,200}$"  # what Zalo knows a domain by


class WebhookForm(BaseModel):
    """Where Zalo's events come in."""

    model_config = ConfigDict(extra="forbid", strict=True)
    listen: Annotated[
        str,
        Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$", description="An address and a port: 127.0.0.1:8080"),
    ] = _WEBHOOK.listen
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]{0,200}$", description="The path of the webhook's address")] = (
        _WEBHOOK.path
    )
    site_verification: Annotated[
        str, Field(pattern=SITE_CODE, description="The code alone, without the tag or the file's name around it")
    ] = ""
    certificate: str | None = None
    key: str | None = None


class AnswersForm(BaseModel):
    """What holds for automatic answers."""

    model_config = ConfigDict(extra="forbid", strict=True)
    links: list[
        Annotated[
            str,
            Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+(/[!-~]*)?$", description="A host, perhaps with a path: gov.vn, zalo.me/s"),
        ]
    ] = Field(default=list(_ANSWERS.links), max_length=200)


class CapForm(BaseModel):
    """How alerts are signed that other systems read."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sender: Annotated[
        str,
        Field(
            pattern=r"^[!-%'-+\--;=-~]{1,120}$",
            description="A name without spaces, commas, < and &, the same in all alerts: pctt.quangtri.gov.vn",
        ),
    ] = ""
    sender_name: Annotated[str, Field(min_length=1, max_length=200)] = ""


_Days = Annotated[int, Field(ge=1, le=36_500)]


class RetentionForm(BaseModel):
    """How many days things stay as they are."""

    model_config = ConfigDict(extra="forbid", strict=True)
    archive_days: _Days = _RETENTION.archive_days
    drill_days: _Days = _RETENTION.drill_days
    remove_archive_days: _Days | None = None
    set_aside_days: _Days = _RETENTION.set_aside_days


class BackupForm(BaseModel):
    """How the workspace is backed up."""

    model_config = ConfigDict(extra="forbid", strict=True)
    recipients: list[
        Annotated[
            str,
            Field(
                pattern=r"^(age1[0-9a-z]{20,100}|ssh-(ed25519|rsa) [A-Za-z0-9+/=]{20,1000}( .{0,200})?)$",
                description="A public key: age1…, or ssh-ed25519 …",
            ),
        ]
    ] = Field(default_factory=list, max_length=32)
    folder: str | None = None
    keep: int = Field(default=_BACKUP.keep, ge=0, le=10_000)
    warn_after_days: float = Field(default=_BACKUP.warn_after_days, gt=0, le=366)


class SettingsForm(BaseModel):
    """The whole config."""

    model_config = ConfigDict(extra="forbid", strict=True)
    language: Literal["vi", "en"] | None = None
    profile: Literal["live", "drill"]
    accounts: list[AccountForm] = Field(default_factory=list)
    accounts_file: str | None = None
    apps: list[AppForm] = Field(default_factory=list)
    limits: LimitsForm = Field(default_factory=LimitsForm)
    secrets_file: str | None = None
    keyring: bool = False
    drill: DrillForm = Field(default_factory=DrillForm)
    approval: ApprovalForm = Field(default_factory=ApprovalForm)
    notify: NotifyForm = Field(default_factory=NotifyForm)
    webhook: WebhookForm = Field(default_factory=WebhookForm)
    answers: AnswersForm = Field(default_factory=AnswersForm)
    cap: CapForm = Field(default_factory=CapForm)
    retention: RetentionForm = Field(default_factory=RetentionForm)
    backup: BackupForm = Field(default_factory=BackupForm)
    links: list[_Host] = Field(default=list(LINKS), max_length=200)
