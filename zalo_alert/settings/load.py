"""Flags over environment over `zalo-alert.yaml` over defaults, read once, at the door.

Owns the workspace's layout and the secrets; a `Secret` never shows itself in a repr, a log or a traceback.
"""

import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zalo_alert.errors import Problem, SettingsInvalid
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR
from zalo_alert.foundation.secret import Secret
from zalo_alert.models import AccountId, Digest
from zalo_alert.pacing.meter import Lane, spread

DEFAULT_APP_PER_MINUTE = 4000  # Zalo's published limit for one app; raised by agreement

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
_SECRET = re.compile("[ -~]*")
DEFAULT_REDIRECT = "http://127.0.0.1:8710/zalo"
KEYRING_SERVICE = "zalo-alert"


class Profile(StrEnum):
    """Live and drill are different worlds, not a flag."""

    LIVE = "live"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Account:
    """One Official Account: ours `id`, Zalo's `oa_id` and `app_id`, and the areas it may write to.

    `per_minute` is what Zalo grants this OA; None where nobody knows.
    """

    id: AccountId
    oa_id: str
    app_id: str
    level: str = "national"
    areas: tuple[str, ...] = ("all",)
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class App:
    """One Zalo app.

    Args:
        id: Zalo's.
        per_minute: What Zalo grants it; None means `limits.app_per_minute`.
        appsecret_proof: Whether it demands a proof of the app secret with every call.
        redirect_uri: Where a consent comes back to, as registered with Zalo.
    """

    id: str
    per_minute: int | None = None
    appsecret_proof: bool = False
    redirect_uri: str = DEFAULT_REDIRECT


@dataclass(frozen=True, slots=True)
class Hosts:
    """Base URLs of the three hosts, without a trailing slash."""

    openapi: str = "https://openapi.zalo.me"
    business: str = "https://business.openapi.zalo.me"
    oauth: str = "https://oauth.zaloapp.com"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account needs to speak to Zalo; any of the three may be empty."""

    app_secret: Secret
    refresh_token: Secret
    access_token: Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """A workspace's settings, whole and checked."""

    workspace: Path
    profile: Profile
    accounts: tuple[Account, ...]
    app_per_minute: int
    hosts: Hosts
    environ: Mapping[str, str] = field(repr=False)
    oa_per_minute: int | None = None
    apps: Mapping[str, App] = field(default_factory=dict)
    keyring: bool = False

    def app(self, app_id: str) -> App:
        """Return what is configured of an app; the defaults where nothing is."""
        return self.apps.get(app_id, App(app_id))

    @property
    def state_dir(self) -> Path:
        """Where everything that the tool writes lives, mode 0700."""
        return self.workspace / STATE_DIR

    @property
    def direct(self) -> bool:
        """Whether calls go round any proxy: a drill never leaves this machine, and a proxy would take it elsewhere."""
        return self.profile is Profile.DRILL

    @property
    def proxy(self) -> str:
        """Name the proxy that messages go through, without its password; empty when there is none."""
        return self.proxy_to(self.hosts.openapi)

    def proxy_to(self, url: str) -> str:
        """Name the proxy that calls to an address go through; see `proxy`."""
        from urllib.request import getproxies, proxy_bypass  # 20 ms, and few commands go out

        host = urlsplit(url)
        if self.direct or proxy_bypass(host.netloc):
            return ""
        named = getproxies().get(host.scheme) or getproxies().get("all") or ""
        # By hand: what is no address may hold a password, too, and is named by whoever fails to use it.
        return (named.partition("//")[2] or named).rpartition("@")[2].partition("/")[0]

    @property
    def rehearses(self) -> bool:
        """Whether a live workspace speaks to this machine instead of Zalo: nobody is reached."""
        return any(map(self.rehearses_at, (self.hosts.openapi, self.hosts.business, self.hosts.oauth)))

    def rehearses_at(self, url: str) -> bool:
        """The same of one address."""
        return self.profile is Profile.LIVE and _is_loopback(urlsplit(url).hostname or "")

    def account(self, account_id: str | None) -> Account:
        """Find an account by our id; None means the only one.

        Raises:
            SettingsInvalid: There is no such account, or several and none was named.
        """
        names = ", ".join(account.id for account in self.accounts)
        if account_id is None:
            if len(self.accounts) == 1:
                return self.accounts[0]
            raise SettingsInvalid(f"several accounts are configured: {names}", hint="name one with --account")
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise SettingsInvalid(f'no account "{account_id}" in {CONFIG_NAME}', hint=f"configured: {names}")

    def around(self, accounts: Sequence[str]) -> dict[str, Digest]:
        """Return those parts of a run's digest that are not in its folder: who sends, and to where.

        What Zalo grants may change meanwhile, and is no part. Nor is a port on this machine: a sandbox has another one each time.
        """
        chosen = [self.account(name) for name in accounts]
        return {
            "profile": digest_of_json(self.profile),
            "accounts": digest_of_json([[account.id, account.oa_id, account.app_id] for account in chosen]),
            "hosts": digest_of_json([_destination(getattr(self.hosts, name)) for name in Hosts.__slots__]),
        }

    def lanes(self, accounts: Sequence[str]) -> tuple[Lane, ...]:
        """Return what Zalo grants each of some accounts; an OA whose limit nobody knows is taken to have its app's."""
        by_id = {account.id: account for account in self.accounts}
        return tuple(self._lane(by_id.get(AccountId(name)) or self.account(name)) for name in accounts)

    def app_lane(self, app_id: str) -> Lane:
        """Return what an app is granted for calls that speak of no OA."""
        per_s = spread(self.app(app_id).per_minute or self.app_per_minute)
        return Lane(f"app:{app_id}", per_s, f"app:{app_id}", per_s)

    def _lane(self, account: Account) -> Lane:
        app_per_minute = self.app(account.app_id).per_minute or self.app_per_minute
        oa_per_minute = min(account.per_minute or self.oa_per_minute or app_per_minute, app_per_minute)
        return Lane(f"app:{account.app_id}", spread(app_per_minute), f"oa:{account.oa_id}", spread(oa_per_minute))

    def credentials(self, account: Account) -> Credentials:
        """Read an account's secrets from the environment, the secrets file or the keyring; any may be empty.

        An app's secret may stand once for all its accounts: `ZALO_ALERT_APP_<app id>_SECRET`.
        """
        secret, *tokens = (self.secret(variable(account.id, name)) for name in Credentials.__slots__)
        return Credentials(secret or self.secret(f"ZALO_ALERT_APP_{account.app_id}_SECRET"), *tokens)

    def secret(self, name: str) -> Secret:
        """Read one secret by its variable's name; empty when it is nowhere.

        Raises:
            SettingsInvalid: It can be none, or the keyring can't be read.
        """
        found = self.environ.get(name, "").strip() or (_from_keyring(name) if self.keyring else "")
        if not _SECRET.fullmatch(found):  # it goes into a header
            raise SettingsInvalid(
                f"{name} holds a line break, another such sign or a letter beyond ASCII, which no secret of Zalo's does",
                hint="copy it anew",
            )
        return Secret(found)


def variable(account_id: str, name: str) -> str:
    """Name the environment variable of one of an account's `Credentials`."""
    return f"ZALO_ALERT_{account_id}_{name}".upper().replace("-", "_")


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
            hint="make one with `zalo-alert init`, or name yours with --workspace",
        ) from exc
    except OSError as exc:
        raise SettingsInvalid(f"can't read {path}: {exc.strerror}") from exc
    document = yaml_document.load(text, str(path))
    file, problems = yaml_document.validate(_SettingsFile, document)
    accounts, more = _accounts(workspace, file, document) if file else ((), [])
    problems = [*problems, *more, *(_redirects(file, document) if file else ())]
    if file is None or problems:
        count = len(problems)
        raise SettingsInvalid(f"{count} problem{'s' if count != 1 else ''} in {path}", problems=problems)
    secrets = _secrets(workspace / file.secrets_file) if file.secrets_file else {}
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


def require_safe_hosts(settings: Settings) -> None:
    """Refuse a drill whose messages could leave this machine, and a live workspace over a plain connection, here or anywhere.

    Called before anything is sent: planning needs no host.

    Raises:
        SettingsInvalid: A host breaks the profile's rule.
    """
    for name, url in (
        ("OPENAPI", settings.hosts.openapi),
        ("BUSINESS", settings.hosts.business),
        ("OAUTH", settings.hosts.oauth),
    ):
        loopback = _is_loopback(urlsplit(url).hostname or "")
        if settings.profile is Profile.DRILL and not loopback:
            raise SettingsInvalid(
                f"this is a drill workspace, and {url} is not on this machine",
                hint=f"start `zalo-alert sandbox` and paste the lines it prints (ZALO_ALERT_{name}_URL=http://127.0.0.1:…)",
            )
        if settings.profile is Profile.LIVE and not url.startswith("https://"):
            hint = f"set ZALO_ALERT_{name}_URL to an https:// address, or unset it for Zalo's own"
            rehearsal = "; to rehearse on this machine, `zalo-alert sandbox --tls`" if loopback else ""
            raise SettingsInvalid(f"{url} would send access tokens unencrypted", hint=hint + rehearsal)


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


def _from_keyring(name: str) -> str:
    try:
        import keyring  # an extra: few machines have a keyring that is unlocked at 2 a.m. without anyone there
        from keyring.errors import KeyringError
    except ImportError as exc:
        raise SettingsInvalid(
            f"{CONFIG_NAME} asks for the keyring, and the keyring package is not installed",
            hint="pip install 'zalo-alert[keyring]', or set keyring: false",
        ) from exc
    try:
        return (keyring.get_password(KEYRING_SERVICE, name) or "").strip()
    except KeyringError as exc:
        raise SettingsInvalid(f"the keyring can't be read: {exc}", hint="unlock it, or set keyring: false") from exc


def _hosts(environ: Mapping[str, str]) -> Hosts:
    given = {name: environ.get(f"ZALO_ALERT_{name.upper()}_URL", "").rstrip("/") for name in ("openapi", "business", "oauth")}
    for name, url in given.items():
        variable, hint = f"ZALO_ALERT_{name.upper()}_URL", "it should look like http://127.0.0.1:8080"
        if "@" in url:
            raise SettingsInvalid(f"{variable} holds a name or a password, and Zalo's hosts take none", hint=hint)
        if url and not _is_address(url):
            raise SettingsInvalid(f"{variable} is no address: {ascii(re.split('[?#]', url)[0][:100])[1:-1]}", hint=hint)
    return Hosts(**{name: url for name, url in given.items() if url})


def _destination(url: str) -> str:
    """Return where an address leads, without a port of this machine."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if _is_loopback(parts.hostname or "") else url


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


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secrets(path: Path) -> dict[str, str]:
    text = _text(path, "secrets", MAX_SECRETS_BYTES)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsInvalid(f"{path} holds secrets and others can read it", hint=f"chmod 600 {path}")
    lines = (line.strip().removeprefix("export ").strip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#") and "=" in line)
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}
