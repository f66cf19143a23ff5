"""The shape of `zalo-alert.yaml` and of a row of its accounts file."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.settings.model import DEFAULT_APP_PER_MINUTE, DEFAULT_REDIRECT

_Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="Our own short name of the account: small letters a–z, digits and dashes",
    ),
]
_Digits = Annotated[str, Field(pattern=r"^[0-9]{5,25}$", description="Digits, in quotes: they exceed what a number can hold")]


class AccountForm(BaseModel):
    """One account, as the config or a row of the accounts file gives it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Id
    oa_id: _Digits
    app_id: _Digits
    level: Literal["national", "province", "commune"] = "national"
    areas: list[str] = Field(default=["all"], min_length=1)
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)


class AppForm(BaseModel):
    """One app."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Digits
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)
    appsecret_proof: bool = False
    redirect_uri: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = DEFAULT_REDIRECT


class LimitsForm(BaseModel):
    """What Zalo granted."""

    model_config = ConfigDict(extra="forbid", strict=True)
    app_per_minute: int = Field(default=DEFAULT_APP_PER_MINUTE, ge=1, le=100_000_000)
    oa_per_minute: int | None = Field(default=None, ge=1, le=100_000_000)


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
