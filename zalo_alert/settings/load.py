"""Flags over environment over `zalo-alert.yaml` over defaults, read once, at the door.

Owns the shape of the workspace's files, and says every fault in them in the words of any other file's.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zalo_alert.errors import Cure, Problem, SettingsInvalid
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.models import AccountId
from zalo_alert.settings.model import DEFAULT_APP_PER_MINUTE, DEFAULT_REDIRECT, Account, App, Hosts, Profile, Settings
from zalo_alert.settings.secrets import parse_secrets

EXAMPLE = """\
profile: drill                  # live | drill (training: its hosts may only be loopback)
accounts:
  - {id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967", level: national, areas: [all]}
limits: {app_per_minute: 4000}  # what Zalo granted; raise it when they raise it
"""
MAX_ACCOUNTS_BYTES = 16 << 20  # 15,000 OAs, the whole country's, take one
MAX_SECRETS_BYTES = 16 << 20  # and their secrets four
MAX_CONFIG_BYTES = 1 << 20
_COUNT = re.compile("[0-9]{1,9}")
_VISIBLE = re.compile("[!-~]+")

_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="Our own short name of the account")]
_Digits = Annotated[str, Field(pattern=r"^[0-9]{5,25}$", description="Digits, in quotes: they exceed what a number can hold")]


class _AccountFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Id
    oa_id: _Digits
    app_id: _Digits
    level: Literal["national", "province", "commune"] = "national"
    areas: list[str] = Field(default=["all"], min_length=1)
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)


class _AppFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Digits
    per_minute: int | None = Field(default=None, ge=1, le=100_000_000)
    appsecret_proof: bool = False
    redirect_uri: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = DEFAULT_REDIRECT


class _LimitsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    app_per_minute: int = Field(default=DEFAULT_APP_PER_MINUTE, ge=1, le=100_000_000)
    oa_per_minute: int | None = Field(default=None, ge=1, le=100_000_000)


class _SettingsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    profile: Literal["live", "drill"]
    accounts: list[_AccountFile] = Field(default_factory=list)
    accounts_file: str | None = None
    apps: list[_AppFile] = Field(default_factory=list)
    limits: _LimitsFile = Field(default_factory=_LimitsFile)
    secrets_file: str | None = None
    keyring: bool = False


def load(workspace: Path, environ: Mapping[str, str]) -> Settings:
    """Read a workspace's settings.

    Raises:
        SettingsInvalid: No config, a faulty one, an unsafe secrets file, or a drill that would leave this machine.
    """
    path = workspace / CONFIG_NAME
    try:
        text = contents(path, MAX_CONFIG_BYTES)
    except FileNotFoundError as exc:
        raise SettingsInvalid(
            f"{workspace} is no workspace: it has no {CONFIG_NAME}",
            hint=f"make one with {Cure.INIT()}, or name yours with {Cure.OPTION(workspace=True)}",
        ) from exc
    except OSError as exc:
        raise SettingsInvalid(f"can't read {path}: {exc.strerror}") from exc
    document = yaml_document.load(text, str(path))
    file, problems = shape_errors.validate(_SettingsFile, document)
    accounts, more = _accounts(workspace, file, document) if file else ((), [])
    problems = [*problems, *more, *(_redirects(file, document) if file else ())]
    if file is None or problems:
        count = len(problems)
        raise SettingsInvalid(f"{count} problem{'s' if count != 1 else ''} in {path}", problems=problems)
    secrets = _read_secrets(workspace / file.secrets_file) if file.secrets_file else {}
    # Of all names, the machine may have this one for other reasons; a workspace that names its own means it.
    merged = {**secrets, **environ} | {name: secrets[name] for name in ("SSL_CERT_FILE",) if name in secrets}
    settings = Settings(
        workspace=workspace,
        profile=Profile(file.profile),
        accounts=accounts,
        app_per_minute=file.limits.app_per_minute,
        oa_per_minute=file.limits.oa_per_minute,
        hosts=_hosts(merged),
        environ=merged,
        apps={app.id: App(**app.model_dump()) for app in file.apps},
        keyring=file.keyring,
    )
    return settings


def _accounts(
    workspace: Path, file: _SettingsFile, document: yaml_document.Document
) -> tuple[tuple[Account, ...], list[Problem]]:
    """Put the accounts of the config and of its `accounts_file` together; each of ours and of Zalo's ids stands once."""
    found: list[tuple[_AccountFile, str, int, int, str]] = []
    problems = []
    for i, account in enumerate(file.accounts):
        found.append((account, document.file, *document.position(("accounts", i, "id")), f"accounts[{i}]"))
    if file.accounts_file is not None:
        path = workspace / file.accounts_file
        for line, row in _listed(path):
            read, wrong = _row_of_accounts(row)
            problems += [Problem(str(path), line, 1, *fault) for fault in wrong]
            if read:
                found.append((read, str(path), line, 1, ""))
    if not found and not problems:
        problems.append(document.problem(("accounts",), "is empty: name at least one OA, or an accounts_file"))
    seen: set[tuple[str, str]] = set()
    for account, name, line, column, at in found:
        for key in ("id", "oa_id"):
            value = getattr(account, key)
            if (key, value) in seen:
                problems.append(Problem(name, line, column, f"{at}.{key}".lstrip("."), f'"{value}" stands twice'))
            seen.add((key, value))
    accounts = (Account(AccountId(a.id), a.oa_id, a.app_id, a.level, tuple(a.areas), a.per_minute) for a, *_ in found)
    return tuple(accounts), problems[: yaml_document.MAX_PROBLEMS]


_COLUMNS = ("id", "oa_id", "app_id", "level", "areas", "per_minute")


def _listed(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    text = _text(path, "accounts", MAX_ACCOUNTS_BYTES, "utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = list(map(str, rows.fieldnames or ()))
        if unknown := sorted({*names} - set(_COLUMNS)) or [name for name in _COLUMNS if names.count(name) > 1]:
            often = " twice" if unknown[0] in _COLUMNS else ""
            raise SettingsInvalid(f"{path}:1 has a column {unknown[0]!r}{often}", hint=f"columns are {', '.join(_COLUMNS)}")
        for row in rows:
            if None in row:
                raise SettingsInvalid(f"{path}:{rows.line_num} has more fields than columns", hint="separate areas by semicolons")
            yield rows.line_num, {str(key): value for key, value in row.items() if isinstance(value, str)}
    except csv.Error as exc:
        raise SettingsInvalid(f"{path}:{rows.line_num} can't be read as CSV: {exc}") from exc


def _read_secrets(path: Path) -> dict[str, str]:
    return parse_secrets(path, _text(path, "secrets", MAX_SECRETS_BYTES))


def _text(path: Path, what: str, most_bytes: int, encoding: str = "utf-8") -> str:
    try:
        return contents(path, most_bytes).decode(encoding)
    except OSError as exc:
        raise SettingsInvalid(f"can't read the {what} file {path}: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise SettingsInvalid(f"the {what} file {path} is not UTF-8 text", hint="save it as UTF-8") from exc


def _row_of_accounts(row: Mapping[str, str]) -> tuple[_AccountFile | None, list[tuple[str, str]]]:
    """Read one line of an accounts file; areas are separated by semicolons."""
    given: dict[str, object] = {key: value.strip() for key, value in row.items() if value.strip()}
    if "areas" in given:
        given["areas"] = [area.strip() for area in str(given["areas"]).split(";") if area.strip()]
    if _COUNT.fullmatch(str(given.get("per_minute", ""))):
        given["per_minute"] = int(str(given["per_minute"]))
    try:
        return _AccountFile.model_validate(given), []
    except ValidationError as exc:
        return None, [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in exc.errors()]


def _hosts(environ: Mapping[str, str]) -> Hosts:
    given = {name: environ.get(f"ZALO_ALERT_{name.upper()}_URL", "").rstrip("/") for name in ("openapi", "business", "oauth")}
    for name, url in given.items():
        variable, hint = f"ZALO_ALERT_{name.upper()}_URL", "it should look like http://127.0.0.1:8080"
        if "@" in url:
            raise SettingsInvalid(f"{variable} holds a name or a password, and Zalo's hosts take none", hint=hint)
        if url and not _is_address(url):
            raise SettingsInvalid(f"{variable} is no address: {ascii(re.split('[?#]', url)[0][:100])[1:-1]}", hint=hint)
    return Hosts(**{name: url for name, url in given.items() if url})


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, a bracket left open
        return False
    return is_one and not parts.query and not parts.fragment and bool(_VISIBLE.fullmatch(url))


def _redirects(file: _SettingsFile, document: yaml_document.Document) -> list[Problem]:
    return [
        document.problem(("apps", number, "redirect_uri"), "is no address, such as http://127.0.0.1:8710/zalo")
        for number, app in enumerate(file.apps)
        if not _is_address(app.redirect_uri.partition("?")[0])
    ]
