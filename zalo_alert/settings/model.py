"""What the operator configured, as values: accounts, apps, hosts and what follows from them. Reads no file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from zalo_alert.errors import Cure, SettingsInvalid
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.foundation.hosts import is_loopback
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import Language, _, joined
from zalo_alert.models import AccountId, Digest
from zalo_alert.pacing.meter import Lane, spread
from zalo_alert.pacing.shares import SOS_SHARE
from zalo_alert.settings.notify_rule import NotifyRule
from zalo_alert.settings.secrets import Credentials, read_secret, variable

DEFAULT_APP_PER_MINUTE = 4000  # Zalo's published limit for one app; raised by agreement
DEFAULT_TOLERATE_REJECTED = 5.0  # per cent: about one in a hundred followers leaves between two runs; more is worth a look
DEFAULT_REDIRECT = "http://127.0.0.1:8710/zalo"


class Profile(StrEnum):
    """Live and drill are different worlds, not a flag."""

    LIVE = "live"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Account:
    """One Official Account: ours `id`, Zalo's `oa_id` and `app_id`, and the areas it may write to.

    `per_minute` is what Zalo grants this OA; None where nobody knows. `tags` are words by which rule files select accounts, and
    `about` is what answers may say of the office, by name: its address, its hours. `more_apps` are others that may speak for
    it, each with tokens and a rate of its own; `main_app` is its own app where this account speaks through one of those, and ""
    where it speaks through its own.
    """

    id: AccountId
    oa_id: str
    app_id: str
    level: str = "national"
    areas: tuple[str, ...] = ("all",)
    per_minute: int | None = None
    tags: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict, hash=False)
    more_apps: tuple[str, ...] = ()
    main_app: str = ""

    @property
    def token_key(self) -> str:
        """Under which its tokens are kept: each app of an OA has its own."""
        return f"{self.oa_id}-{self.app_id}" if self.main_app else self.oa_id

    @property
    def secret_id(self) -> str:
        """By which the variables of its secrets are named."""
        return f"{self.id}_app_{self.app_id}" if self.main_app else self.id

    @property
    def apps(self) -> tuple[str, ...]:
        """Every app that may speak for the OA, its own first."""
        return (self.main_app or self.app_id, *self.more_apps)


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


NOWHERE = Hosts("", "", "")  # a drill's until a sandbox is named: no address, so nothing that could be called by a slip


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """How many officers must agree, and for how long that holds.

    Args:
        approvers: Beside whoever submits.
        more_approvers: As many more for the whole country, for more than `more_people` or `more_provinces`; not if Immediate.
        more_people: See there.
        more_provinces: See there.
        hours: Between submitting and the first message.
        changed_percent: By how much the book may change in the area before the approver is told in red.
        break_glass_after_min: So many minutes after submitting, one person may send a grave alert alone; None is never.
    """

    approvers: int = 1
    more_approvers: int = 1
    more_people: int = 10_000_000
    more_provinces: int = 12
    hours: float = 6.0
    changed_percent: float = 2.0
    break_glass_after_min: float | None = None


class Lapsed(StrEnum):
    """Who says that an officer has not practised: the doctor alone, whoever asks for the signature, or nobody takes it."""

    DOCTOR = "doctor"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class DrillRule:
    """How often officers practise.

    Args:
        every_months: An officer who has taken part in no drill for so long has not practised; 0 counts nobody.
        lapsed: What becomes of their signature under an alert to the public.
        also: Other workspaces whose drills count.
    """

    every_months: int = 3
    lapsed: Lapsed = Lapsed.DOCTOR
    also: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How many days things stay as they are; see `retention`.

    Args:
        archive_days: After its end, a run goes into the archive.
        drill_days: The same for a drill.
        remove_archive_days: After its end, a run in the archive is removed for good; None is never.
        set_aside_days: What was submitted, never sent, and made way for another of its code, is removed for good.
    """

    archive_days: int = 90
    drill_days: int = 30
    remove_archive_days: int | None = None
    set_aside_days: int = 90


@dataclass(frozen=True, slots=True)
class PersonCap:
    """How many messages a person may have had, over all runs of the workspace, and still be sent another; 0 is no cap.

    Args:
        day: In 24 hours.
        week: In 7 days.
    """

    day: int = 3
    week: int = 8


LINKS = ("gov.vn", "chinhphu.vn", "zalo.me", "zalo.vn")  # hosts, each with all below it, of links in alerts


@dataclass(frozen=True, slots=True)
class AnswersRule:
    """What holds for automatic answers.

    Args:
        links: Where links in answers may lead: hosts with all below them, or with the beginning of a path.
    """

    links: tuple[str, ...] = ("gov.vn", "zalo.me", "google.com/maps", "maps.app.goo.gl")


@dataclass(frozen=True, slots=True)
class CapRule:
    """How alerts are signed that other systems read.

    Args:
        sender: The authority's own name, the same in all of them, without spaces: `pctt.quangtri.gov.vn`; "" is one made of the
            OA's number.
        sender_name: Who issues them, where a campaign does not say.
    """

    sender: str = ""
    sender_name: str = ""


@dataclass(frozen=True, slots=True)
class BackupRule:
    """How the workspace is backed up.

    Args:
        recipients: Whose keys open the backups: `age1…`, or public keys of OpenSSH.
        folder: Where they go; None where the command says so.
        keep: How many of them stay in the folder; 0 is all.
        warn_after_days: Of what age of the latest one `doctor` warns.
    """

    recipients: tuple[str, ...] = ()
    folder: Path | None = None
    keep: int = 0
    warn_after_days: float = 2.0

    @property
    def is_set(self) -> bool:
        """Whether the office has said how it backs up."""
        return bool(self.recipients or self.folder)


@dataclass(frozen=True, slots=True)
class WebhookRule:
    """Where Zalo's events come in.

    Args:
        listen: `HOST:PORT`, or `[HOST]:PORT` for an IPv6 address; a proxy of yours passes on what comes to the domain.
        path: Of the webhook's address.
        site_verification: The code by which Zalo knows that the domain is yours; empty where it has been verified otherwise.
        certificate: PEM file of its own certificate's chain, where no proxy stands before it.
        key: PEM file of its key.
    """

    listen: str = "127.0.0.1:8080"
    path: str = "/zalo"
    site_verification: str = ""
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A workspace's settings, whole and checked.

    `language` is what people read where nothing else is asked for; None where the locale decides. `drill_templates` are those
    that an Exercise or a Test may use; None where nothing is said of them. `notify` says who is told of what, beside the screen.
    `tolerate_rejected` is how many per cent of those written to may be refused before a finished run calls for a person; the
    canary's rule is another. `broadcasts_a_month` is how many the package of each OA has; None where nobody has said.
    `sos_share` is how many per cent of an app's rate answers to calls for help may have beside an Immediate run. `links` is where
    links in alerts may lead: hosts with all below them. `cap` is for alerts to other systems.
    """

    workspace: Path
    profile: Profile
    accounts: tuple[Account, ...]
    app_per_minute: int
    hosts: Hosts
    environ: Mapping[str, str] = field(repr=False)
    oa_per_minute: int | None = None
    apps: Mapping[str, App] = field(default_factory=dict)
    keyring: bool = False
    language: Language | None = None
    drill_templates: frozenset[str] | None = None
    drill_rule: DrillRule = DrillRule()
    approval: ApprovalRule = ApprovalRule()
    notify: NotifyRule = field(default_factory=NotifyRule)
    webhook: WebhookRule = WebhookRule()
    answers: AnswersRule = field(default_factory=AnswersRule)
    person_cap: PersonCap = PersonCap()
    tolerate_rejected: float = DEFAULT_TOLERATE_REJECTED
    broadcasts_a_month: int | None = None
    sos_share: float = 100 * SOS_SHARE
    links: tuple[str, ...] = LINKS
    cap: CapRule = CapRule()
    retention: RetentionRule = RetentionRule()
    backup: BackupRule = BackupRule()
    secrets_file: Path | None = None
    accounts_file: Path | None = None

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
        return self.profile is Profile.LIVE and is_loopback(urlsplit(url).hostname or "")

    def ways(self, accounts: Iterable[Account]) -> list[Account]:
        """Return some accounts as they speak through each of their apps, one after the other."""
        return [way for account in accounts for way in (account, *(self.through(account, app) for app in account.more_apps))]

    def through(self, account: Account, app_id: str) -> Account:
        """Return an account as it speaks through one of its apps; "" is its own.

        Raises:
            SettingsInvalid: The app is none of its apps.
        """
        if app_id in ("", account.app_id):
            return account
        if app_id not in account.more_apps:
            raise SettingsInvalid(
                _('app {app} is none of account "{account}"', app=app_id, account=account.id),
                hint=_("put it into the account's more_apps, then {login}", login=Cure.LOGIN(account.id, app=app_id)),
            )
        return replace(account, app_id=app_id, main_app=account.main_app or account.app_id)

    def names_of_oas(self) -> dict[str, str]:
        """Return what the accounts are called here, by Zalo's id of the OA."""
        return {account.oa_id: str(account.id) for account in self.accounts}

    def account(self, account_id: str | None) -> Account:
        """Find an account by our id; None means the only one.

        Raises:
            SettingsInvalid: There is no such account, or several and none was named.
        """
        names = ", ".join(account.id for account in self.accounts)
        if account_id is None:
            if len(self.accounts) == 1:
                return self.accounts[0]
            raise SettingsInvalid(
                _("several accounts are configured: {names}", names=names),
                hint=_("name one with {option}", option=Cure.OPTION(account=True)),
            )
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise SettingsInvalid(
            _('no account "{account}" in {config}', account=account_id, config=CONFIG_NAME),
            hint=_("configured: {names}", names=names),
        )

    def senders(self, named: Sequence[str]) -> list[Account]:
        """Find the accounts that a campaign names; none means the only one.

        Raises:
            SettingsInvalid: One of them does not exist, or there are several and it names none.
        """
        if not named and len(self.accounts) > 1:
            raise SettingsInvalid(
                _("several accounts are configured: {names}", names=", ".join(account.id for account in self.accounts)),
                hint=_("name those that send in the campaign, audience.accounts: [{name}]", name=self.accounts[0].id),
            )
        return [self.account(name) for name in named or (None,)]

    def around(self, accounts: Sequence[str]) -> dict[str, Digest]:
        """Return those parts of a run's digest that are not in its folder: who sends, and to where.

        What Zalo grants may change meanwhile, and is no part. Nor is a port on this machine: a sandbox has another one each time.
        """
        senders = [self.account(name) for name in accounts]
        return {
            "profile": digest_of_json(self.profile),
            "accounts": digest_of_json([[account.id, account.oa_id, account.app_id] for account in senders]),
            "hosts": digest_of_json(list(self.destinations().values())),
        }

    def destinations(self) -> dict[str, str]:
        """Return where messages, templates and tokens go, without a port of this machine."""
        return {name: _destination(getattr(self.hosts, name)) for name in Hosts.__slots__}

    def lanes(self, accounts: Sequence[str]) -> tuple[Lane, ...]:
        """Return what Zalo grants each of some accounts; an OA whose limit nobody knows is taken to have its app's."""
        by_id = {account.id: account for account in self.accounts}
        return tuple(self.lane(by_id.get(AccountId(name)) or self.account(name)) for name in accounts)

    def lane_finder(self) -> Callable[[str, str], Lane]:
        """Return what finds the lane of answers by Zalo's id of an OA and the app they go through; "" is the OA's own.

        One of an OA or app that is not configured has the limits of any other: whoever posts refuses it for a better reason.
        """
        by_oa = {account.oa_id: account for account in self.accounts}

        @cache
        def find(oa_id: str, app_id: str) -> Lane:
            account = by_oa.get(oa_id) or Account(AccountId(""), oa_id, app_id)
            lane = self.lane(account)
            if app_id in ("", account.app_id):
                return lane
            return lane._replace(app=f"app:{app_id}", app_per_s=self.app_lane(app_id).app_per_s)

        return find

    def app_lane(self, app_id: str) -> Lane:
        """Return what an app is granted for calls that speak of no OA."""
        per_s = spread(self._app_per_minute(app_id))
        return Lane(f"app:{app_id}", per_s, f"app:{app_id}", per_s)

    def _app_per_minute(self, app_id: str) -> int:
        return self.app(app_id).per_minute or self.app_per_minute

    def lane(self, account: Account) -> Lane:
        """Return what Zalo grants an account through the app that it speaks through."""
        app_per_minute = self._app_per_minute(account.app_id)
        most = sum(map(self._app_per_minute, account.apps))  # an OA whose limit nobody knows is taken to have that of its apps
        oa_per_minute = min(account.per_minute or self.oa_per_minute or most, most)
        return Lane(f"app:{account.app_id}", spread(app_per_minute), f"oa:{account.oa_id}", spread(oa_per_minute))

    def credentials(self, account: Account) -> Credentials:
        """Read an account's secrets from the environment, the secrets file or the keyring; any may be empty.

        An app's secret may stand once for all its accounts: `ZALO_ALERT_APP_<app id>_SECRET`.
        """
        secret, *tokens = (self.secret(variable(account.secret_id, name)) for name in Credentials.__slots__)
        return Credentials(secret or self.secret(f"ZALO_ALERT_APP_{account.app_id}_SECRET"), *tokens)

    def code_verifier(self, app_id: str) -> Secret:
        """Read the PKCE verifier of an app whose challenge is saved in Zalo's console; empty where each consent has its own."""
        return self.secret(f"ZALO_ALERT_APP_{app_id}_CODE_VERIFIER")

    def secret(self, name: str) -> Secret:
        """Read one secret by its variable's name; empty when it is nowhere.

        Raises:
            SettingsInvalid: It can be none, or the keyring can't be read.
        """
        return read_secret(name, self.environ, keyring=self.keyring)


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
        loopback = is_loopback(urlsplit(url).hostname or "")
        if settings.profile is Profile.DRILL and not loopback:
            raise _leaves_this_machine(name, url)
        if settings.profile is Profile.LIVE and not url.startswith("https://"):
            hint = _("set ZALO_ALERT_{name}_URL to an https:// address, or unset it for Zalo's own", name=name)
            if loopback:
                rehearse = _("to rehearse on this machine, {sandbox}", sandbox=Cure.SANDBOX(tls=True))
                hint = joined((hint, rehearse), "; ")
            raise SettingsInvalid(_("{url} would send access tokens unencrypted", url=url), hint=hint)


def _leaves_this_machine(name: str, url: str) -> SettingsInvalid:
    return SettingsInvalid(
        _("this is a drill workspace, and {url} is not on this machine", url=url)
        if url
        else _("this is a drill workspace, and no sandbox is named: it speaks to nobody else"),
        hint=_(
            "start {sandbox} and paste the lines it prints (ZALO_ALERT_{name}_URL=http://127.0.0.1:…)",
            sandbox=Cure.SANDBOX(),
            name=name,
        ),
    )


def _destination(url: str) -> str:
    """Return where an address leads, without a port of this machine."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if is_loopback(parts.hostname or "") else url
