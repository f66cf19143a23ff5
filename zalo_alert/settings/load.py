"""Flags over environment over `zalo-alert.yaml` over defaults, read once, at the door.

Every fault of the workspace's files is said at once, each with its place.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from zalo_alert.errors import Cure, Problem, SettingsInvalid
from zalo_alert.foundation import machine, shape_errors, yaml_document
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.yaml_document import Document
from zalo_alert.language import Language, _, _n, catalogue_of, count, said_in
from zalo_alert.settings.accounts import gather_accounts
from zalo_alert.settings.form import BackupForm, DrillForm, NotifyForm, SettingsForm, WebhookForm
from zalo_alert.settings.model import (
    DEFAULT_APP_PER_MINUTE,
    NOWHERE,
    Account,
    AnswersRule,
    App,
    ApprovalRule,
    BackupRule,
    CapRule,
    DrillRule,
    Hosts,
    Lapsed,
    PersonCap,
    Profile,
    RetentionRule,
    Settings,
    WebhookRule,
)
from zalo_alert.settings.notify_rule import CHOSEN, Event, NotifyRule
from zalo_alert.settings.profile_mark import check_profile
from zalo_alert.settings.secrets import parse_secrets
from zalo_alert.settings.text_files import read_text

_EXAMPLE = """\
language: {language:<23}# {about_language}
{profile:<33}# {about_profile}
accounts:{about_accounts}
  - {account}
{limits:<33}# {about_limits}
drill:{about_drill}
  templates: [{templates}]
"""
EXAMPLE_TEMPLATES = ("311203", "311204", "311205", "311206", "311207", "311208")  # of the campaigns that ship with the tool
_ACCOUNTS = {  # a drill's is the sandbox's first; a live one's can't be guessed, and is an error until it is filled in
    Profile.DRILL: '{id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967", level: national, areas: [all]}',
    Profile.LIVE: '{id: pctt, oa_id: "…", app_id: "…", level: national, areas: [all]}',
}
_DRILL_TEMPLATES = _("approved templates whose own text says DIỄN TẬP or THỬ NGHIỆM: a drill may use no others")
MAX_SECRETS_BYTES = 16 << 20  # the secrets of 15,000 OAs take four
MAX_CONFIG_BYTES = 1 << 20
_MOST_PORT = 65_535
_VISIBLE = re.compile("[!-~]+")


def load(workspace: Path, environ: Mapping[str, str]) -> Settings:
    """Read a workspace's settings.

    Raises:
        SettingsInvalid: No config, a faulty one, an unsafe secrets file, or one of the other profile than the folder's.
    """
    check_depth(workspace)
    document = yaml_document.load(_read_config(workspace), str(workspace / CONFIG_NAME))
    config, accounts = _check_config(workspace, document)
    profile = Profile(config.profile)
    check_profile(workspace, profile)
    secrets = _read_secrets(workspace / config.secrets_file) if config.secrets_file else {}
    # Of all names, the machine may have this one for other reasons; a workspace that names its own means it.
    merged = {**secrets, **environ} | {name: secrets[name] for name in ("SSL_CERT_FILE",) if name in secrets}
    return Settings(
        workspace=workspace,
        profile=profile,
        accounts=accounts,
        app_per_minute=config.limits.app_per_minute,
        oa_per_minute=config.limits.oa_per_minute,
        hosts=_hosts(merged, profile),
        environ=merged,
        apps={app.id: App(**app.model_dump()) for app in config.apps},
        keyring=config.keyring,
        language=Language(config.language) if config.language else None,
        person_cap=PersonCap(config.limits.per_person_day, config.limits.per_person_week),
        tolerate_rejected=config.limits.tolerate_rejected,
        broadcasts_a_month=config.limits.broadcasts_a_month,
        sos_share=config.limits.sos_share,
        drill_templates=None if config.drill.templates is None else frozenset(config.drill.templates),
        drill_rule=_drill_rule(workspace, config.drill),
        approval=ApprovalRule(**config.approval.model_dump()),
        notify=_notify_rule(config.notify),
        webhook=_webhook_rule(workspace, config.webhook),
        answers=AnswersRule(tuple(config.answers.links)),
        links=tuple(config.links),
        cap=CapRule(config.cap.sender, " ".join(config.cap.sender_name.split())),
        retention=RetentionRule(**config.retention.model_dump()),
        backup=_backup_rule(workspace, config.backup),
        secrets_file=workspace / config.secrets_file if config.secrets_file else None,
        accounts_file=workspace / config.accounts_file if config.accounts_file else None,
    )


def check_depth(workspace: Path) -> None:
    """Refuse a folder below which paths would be longer than this machine takes.

    Raises:
        SettingsInvalid: They would.
    """
    if not machine.is_too_deep(workspace):
        return
    raise SettingsInvalid(
        _(
            "the path of {folder} has {signs} characters, and Windows takes {most} with everything below it",
            folder=workspace,
            signs=count(len(str(workspace.absolute()))),
            most=count(machine.MOST_PATH),
        ),
        hint=_("use a folder nearer to the drive, or have long paths switched on (LongPathsEnabled)"),
    )


def _drill_rule(workspace: Path, form: DrillForm) -> DrillRule:
    return DrillRule(form.every_months, Lapsed(form.lapsed), tuple(workspace / name for name in form.also))


def _notify_rule(form: NotifyForm) -> NotifyRule:
    events = CHOSEN if form.events is None else frozenset(map(Event, form.events))
    return NotifyRule(tuple(form.command), tuple(form.urls), form.staff, form.late_min, events)


def _webhook_rule(workspace: Path, form: WebhookForm) -> WebhookRule:
    files = [None if name is None else workspace / name for name in (form.certificate, form.key)]
    return WebhookRule(form.listen, form.path, form.site_verification, *files)


def _backup_rule(workspace: Path, form: BackupForm) -> BackupRule:
    folder = workspace / form.folder if form.folder else None
    return BackupRule(tuple(form.recipients), folder, form.keep, form.warn_after_days)


def example(language: Language, app_per_minute: int = DEFAULT_APP_PER_MINUTE, profile: Profile = Profile.DRILL) -> str:
    """Return the config of a new workspace, with remarks in its language.

    Args:
        language: What people read in it.
        app_per_minute: What Zalo granted.
        profile: What it is for; a live one has its accounts to fill in.
    """
    catalogue = catalogue_of(language)
    about_profile, about_accounts = _remarks(profile)
    return _EXAMPLE.format(
        language=language,
        about_language=said_in(_("vi | en: what people read on the screen; JSON and exit codes are the same in both"), catalogue),
        profile=f"profile: {profile}",
        about_profile=said_in(about_profile, catalogue),
        account=_ACCOUNTS[profile],
        about_accounts=f"{'':<24}# {said_in(about_accounts, catalogue)}" if about_accounts else "",
        limits=f"limits: {{app_per_minute: {app_per_minute}}}",
        about_drill=f"{'':<27}# {said_in(_DRILL_TEMPLATES, catalogue)}",
        templates=", ".join(f'"{template}"' for template in EXAMPLE_TEMPLATES) if profile is Profile.DRILL else "",
        about_limits=said_in(_("what Zalo granted; raise it when they raise it"), catalogue),
    )


def _remarks(profile: Profile) -> tuple[str, str]:
    """Say of a new config's profile and of its accounts what they are."""
    if profile is Profile.DRILL:
        return _("training: its hosts may only be loopback; a live workspace is another folder"), ""
    return (
        _("speaks to Zalo; a drill is another folder"),
        _("yours, with Zalo's numbers of the OA and the app; level: national | province | commune"),
    )


def _read_config(workspace: Path) -> bytes:
    path = workspace / CONFIG_NAME
    try:
        return contents(path, MAX_CONFIG_BYTES)
    except FileNotFoundError as exc:
        raise SettingsInvalid(
            _("{workspace} is not a workspace: it has no {config}", workspace=workspace, config=CONFIG_NAME),
            hint=_("make one with {init}, or name yours with {option}", init=Cure.INIT(), option=Cure.OPTION(workspace=True)),
        ) from exc
    except OSError as exc:
        raise SettingsInvalid(_("can't read {path}: {why}", path=path, why=reason(exc))) from exc


def _check_config(workspace: Path, document: Document) -> tuple[SettingsForm, tuple[Account, ...]]:
    config, problems = shape_errors.validate(SettingsForm, document)
    accounts: tuple[Account, ...] = ()
    if config is not None:
        accounts, faulty_accounts = gather_accounts(workspace, config, document)
        problems = [*problems, *faulty_accounts, *_faulty_redirects(config, document), *_faulty_webhook(config, document)]
    if config is None or problems:
        count = len(problems)
        raise SettingsInvalid(
            _n("{count} problem in {where}", "{count} problems in {where}", count, count=count, where=document.file),
            problems=problems,
        )
    return config, accounts


def _read_secrets(path: Path) -> dict[str, str]:
    return parse_secrets(path, read_text(path, _("the secrets file"), MAX_SECRETS_BYTES))


def _hosts(environ: Mapping[str, str], profile: Profile) -> Hosts:
    """Read the hosts; Zalo's own are the default of a live workspace alone, so that a drill has none to fall back on."""
    urls = {name: environ.get(f"ZALO_ALERT_{name.upper()}_URL", "").rstrip("/") for name in ("openapi", "business", "oauth")}
    for name, url in urls.items():
        variable, hint = f"ZALO_ALERT_{name.upper()}_URL", _("it should look like http://127.0.0.1:8080")
        if "@" in url:
            raise SettingsInvalid(
                _("{variable} holds a name or a password, and Zalo's hosts take none", variable=variable), hint=hint
            )
        if url and not _is_address(url):
            raise SettingsInvalid(
                _(
                    "{variable} is not a valid address: {shown}",
                    variable=variable,
                    shown=ascii(re.split("[?#]", url)[0][:100])[1:-1],
                ),
                hint=hint,
            )
    default = Hosts() if profile is Profile.LIVE else NOWHERE
    return replace(default, **{name: url for name, url in urls.items() if url})


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        leads_somewhere = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, a bracket left open
        return False
    return leads_somewhere and not parts.query and not parts.fragment and bool(_VISIBLE.fullmatch(url))


def _faulty_redirects(config: SettingsForm, document: Document) -> list[Problem]:
    return [
        document.problem(("apps", number, "redirect_uri"), _("is not a valid address, such as http://127.0.0.1:8710/zalo"))
        for number, app in enumerate(config.apps)
        if not _is_address(app.redirect_uri.partition("?")[0])
    ]


def _faulty_webhook(config: SettingsForm, document: Document) -> list[Problem]:
    webhook = config.webhook
    problems = []
    if int(webhook.listen.rpartition(":")[2]) > _MOST_PORT:
        problems.append(document.problem(("webhook", "listen"), _("has a port beyond {most}", most=_MOST_PORT)))
    if (webhook.certificate is None) != (webhook.key is None):
        alone = "key" if webhook.certificate is None else "certificate"
        problems.append(document.problem(("webhook", alone), _("a certificate and its key go together")))
    return problems
