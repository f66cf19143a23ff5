"""Write docs/settings.md from the settings' own models: `make docs`. A test says when the page is out of date.

Keys, kinds and defaults come from the models; what a key is for stands here, and a new key without such a sentence is an error.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from zalo_alert.settings.form import SettingsForm

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
MEANINGS: Mapping[str, str] = {
    "profile": "`drill` talks to this machine only; `live` talks to Zalo, over TLS only (to `sandbox --tls` in a rehearsal); "
    "it must be what `init --profile` made the folder for",
    "language": "what people read; JSON, keys and exit codes never change with it",
    "accounts[].id": "your own short name of the OA: small letters, digits and hyphens",
    "accounts[].oa_id": "Zalo's number of the OA, in quotes",
    "accounts[].app_id": "Zalo's number of the app that it consented to, in quotes",
    "accounts[].level": "whose OA it is; among several, people are written to by the nearest",
    "accounts[].areas": "where it may write; a campaign beyond is refused",
    "accounts[].per_minute": "what Zalo grants this OA; unset, `limits.oa_per_minute`",
    "accounts[].more_apps": "further apps that the OA consented to (`accounts login ID --app APP`); answers may go through one, "
    "by `via_app` of a rule or a look-up, and have its rate for themselves",
    "accounts[].tags": "words by which files of `inbound/` select accounts, such as `cong-an`",
    "accounts[].about": "what answers may say of the office, by name: `{address: 2 Tràng Thi, phone: …}` is `{{ oa.address }}`",
    "accounts_file": "a CSV file with more accounts: the keys above as columns; `areas`, `more_apps`, `tags` with semicolons "
    "between; instead of `about` the columns `hours_text`, `address`, `phone`, `map_url`, `oa.NAME` for what else answers say",
    "apps[].id": "Zalo's number of an app, in quotes",
    "apps[].per_minute": "what Zalo grants this app; unset, `limits.app_per_minute`",
    "apps[].appsecret_proof": "whether the app demands a proof of its secret with every call",
    "apps[].redirect_uri": "where a consent comes back to, as registered with Zalo",
    "limits.app_per_minute": "what Zalo grants each app, until they raise it",
    "limits.oa_per_minute": "what Zalo grants each OA, where that is less; unset, an OA may use all its app has",
    "limits.sos_share": "per cent of an app's rate that answers to calls for help may have while an Immediate run sends, so that "
    "a flood of false calls can't stop the alert ([who goes first](sending.md#who-goes-first)); read anew while it sends",
    "limits.per_person_day": "so many messages in 24 hours, over all runs, are enough for a person; 0 for no cap",
    "limits.per_person_week": "the same in 7 days",
    "limits.broadcasts_a_month": "broadcasts that the package of each OA has in a month; a calendar of articles is held "
    "against it",
    "limits.tolerate_rejected": "so many per cent of those written to may be refused, because people leave an OA every day; "
    "above it a finished run ends red, with 3. It judges what is over: what pauses a run is the canary's rule, which is fixed",
    "retention.archive_days": "so many days after its end, `retention` puts a run into the archive: reported still, sent no more "
    "([upkeep](upkeep.md))",
    "retention.drill_days": "the same for a drill",
    "retention.remove_archive_days": "so many days after its end, a run in the archive is removed for good; unset, never",
    "retention.set_aside_days": "what was submitted, never sent, and made way for another of its code, is removed after so "
    "many days",
    "drill.templates": "Zalo's numbers of the approved templates whose own text says that it is a drill or a test: an "
    "Exercise or a Test may use no others; unset, none in a live workspace and any in a drill, which speaks to the sandbox alone",
    "drill.every_months": "an officer who has taken part in no drill for so many months has not practised, and the doctor says "
    "so; 0 counts nobody ([before the night](before-the-night.md#who-has-practised))",
    "drill.lapsed": "what becomes of such an officer's signature under an alert to the public: the doctor alone speaks of it, "
    "whoever signs is warned, or it is refused; `break-glass` stays open",
    "drill.also": "folders of other workspaces whose drills count, from this one's folder on: a practice workspace has a list of "
    "officers, too",
    "approval.approvers": "how many officers must approve what goes to the public from a live workspace",
    "approval.more_approvers": "how many more for the whole country, or beyond the next two numbers; not if Immediate",
    "approval.more_people": "above so many people",
    "approval.more_provinces": "above so many provinces",
    "approval.hours": "between submitting and the first message; then it is submitted anew",
    "approval.changed_percent": "by how much the follower book may change in the area before the approver is told in red",
    "approval.break_glass_after_min": "so many minutes after a submission that nobody has answered, one person may let a grave "
    "alert out alone with `break-glass`; unset, never",
    "notify.command": "a program and its arguments, told of every event on its stdin ([notify](notify.md)), 10 s at most",
    "notify.urls": "names of addresses for e-mail, webhooks and other services; the addresses themselves are secrets, see below",
    "notify.staff": "whether those on `lists/staff.txt` are told by a Zalo message",
    "notify.late_min": "from so many minutes on a run is late; told again at twice, four times … as many",
    "notify.events": "what is told; unset, everything. `break-glass` is always told",
    "webhook.listen": "where `webhook` listens: an address of this machine and a port, to which a proxy passes on",
    "webhook.path": "the path of the address that Zalo's webhook page has",
    "webhook.site_verification": "the code by which Zalo knows that the domain is yours",
    "webhook.certificate": "PEM file of the certificate and its chain, where no proxy stands before it; read anew on a change",
    "webhook.key": "PEM file of its key, without a passphrase",
    "answers.links": "where links in automatic answers may lead: hosts with all below them, or with the beginning of a path",
    "cap.sender": "who sends alerts to other systems ([CAP](cap.md)): a name of your own, which must never change; unset, one "
    "made of the OA's number",
    "cap.sender_name": "the office that issues them, where a campaign has no field `don_vi`",
    "backup.recipients": "whose private keys open the backups ([backup](backup.md)): `age1…`, or public keys of OpenSSH",
    "backup.folder": "where `backup` puts them, outside the workspace: another disk or machine",
    "backup.keep": "how many of this workspace stay there; 0 is all",
    "backup.warn_after_days": "of what age of the latest one `doctor` warns",
    "links": "where links in alerts may lead: hosts with all below them ([the wording](wording.md)); this replaces the list",
    "secrets_file": "a file of mode 0600 with the secrets below, `NAME=value` a line",
    "keyring": "secrets that stand in neither come from the system's keyring, service `zalo-alert` "
    "(`pip install 'zalo-alert[keyring]'`)",
}
VARIABLES: Mapping[str, str] = {
    "ZALO_ALERT_WORKSPACE": "the workspace, instead of the nearest one: the current folder or one above it; `--workspace` wins",
    "ZALO_ALERT_KEY": "what an officer signs with, instead of `~/.ssh/id_ed25519`; `--key` wins over it",
    "ZALO_ALERT_LANG": "the language of what people read, `vi` or `en`; `--lang` wins over it",
    "ZALO_ALERT_BACKUP_PASSPHRASE": "what `backup --passphrase` encrypts with, and what opens such a backup",
    "ZALO_ALERT_<ID>_REFRESH_TOKEN": "an account's refresh token; `<ID>` is its `id` in capitals, `_` for `-`",
    "ZALO_ALERT_<ID>_ACCESS_TOKEN": "its access token, where there is one already",
    "ZALO_ALERT_<ID>_APP_SECRET": "the secret of its app, where it stands for this account alone",
    "ZALO_ALERT_<ID>_OA_SECRET": "the OA secret, which signs the OA's events, where Zalo's webhook page shows one for each OA",
    "ZALO_ALERT_APP_<APP ID>_OA_SECRET": "the same where it shows one for the whole app",
    "ZALO_ALERT_<ID>_OA_SECRET_NEXT, ZALO_ALERT_APP_<APP ID>_OA_SECRET_NEXT": "the one that follows it: until it has, "
    "both are right",
    "ZALO_ALERT_APP_<APP ID>_SECRET": "an app's secret, for all its accounts",
    "ZALO_ALERT_APP_<APP ID>_CODE_VERIFIER": "the PKCE verifier whose challenge the app's console holds",
    "ZALO_ALERT_OPENAPI_URL": "another address of Zalo's first host, such as the sandbox's; without a name and password",
    "ZALO_ALERT_BUSINESS_URL": "the same of the host for messages by phone",
    "ZALO_ALERT_OAUTH_URL": "the same of the host for consent and tokens",
    "SSL_CERT_FILE, SSL_CERT_DIR": "whose certificates are trusted instead of the usual; a `secrets_file` may name the first",
    "ZALO_ALERT_WALL_PASSWORD": "the password that the wall screen asks for; without one it shows itself to this machine alone",
    "ZALO_ALERT_NOTIFY_<NAME>_URL": "the address that `notify.urls` names, as apprise writes it: `mailtos://…`, `jsons://…`",
    "ZALO_ALERT_EVENT, ZALO_ALERT_RUN": "set for the program of `notify.command`: what happened, to which run",
    "ZALO_ALERT_NOTIFYING": "set for it, too: a command of ours within it tells nobody",
    "HTTPS_PROXY, NO_PROXY": "the proxy on the way to Zalo, and who is reached without it; a drill goes round it",
    "NO_COLOR": "anything: no colours",
}
HEAD = """\
# Settings

<!-- made by `make docs` from zalo_alert/settings/form.py; change tools/write_settings_page.py -->

`zalo-alert.yaml` in the workspace. Options win over the environment, the environment over the file, the file over defaults.
`init --lang en` writes this; without the option it is `vi`, with remarks in Vietnamese:

```yaml
{example}```

## Keys

A key that is not in this list is an error, with its line and column.

| key | is | unless set | for |
|---|---|---|---|
{keys}

## Environment

Secrets stand in the environment, in `secrets_file` or in the keyring: never in the config, in arguments or in logs.

| variable | holds |
|---|---|
{variables}
"""


def keys(form: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Return every key of a form with its field, by its path: `limits.app_per_minute`, `accounts[].id`."""
    for name, field in form.model_fields.items():
        kind = field.annotation
        of = get_args(kind)[0] if get_origin(kind) is list else kind
        if isinstance(of, type) and issubclass(of, BaseModel):
            yield from keys(of, f"{prefix}{name}[]." if of is not kind else f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def kind_of(annotation: Any) -> str:
    """Say in a word or two what a value is."""
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if isinstance(annotation, UnionType) or get_origin(annotation) is not None:
        first = next(part for part in get_args(annotation) if part is not NoneType)
        return "list" if get_origin(annotation) is list else kind_of(first)
    return {str: "text", int: "number", float: "number", bool: "`true` or `false`"}[annotation]


def default_of(field: FieldInfo) -> str:
    """Say what holds when a key is left out."""
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "must be set"
    words = {None: "–", True: "`true`", False: "`false`"}
    return words[value] if value is None or isinstance(value, bool) else f"`{value}`".replace("'", "")


def page(example: str, form: type[BaseModel] = SettingsForm) -> str:
    """Return the page, given the config that `init` writes and the form of all configs.

    Raises:
        KeyError: Of a new key nobody has said what it is for.
    """
    rows = [f"| `{key}` | {kind_of(field.annotation)} | {default_of(field)} | {MEANINGS[key]} |" for key, field in keys(form)]
    named = [f"| {', '.join(f'`{one}`' for one in name.split(', '))} | {meaning} |" for name, meaning in VARIABLES.items()]
    return HEAD.format(example=example, keys="\n".join(rows), variables="\n".join(named))


if __name__ == "__main__":
    from zalo_alert.language import Language
    from zalo_alert.settings.load import example

    PAGE.write_text(page(example(Language.EN)), encoding="utf-8")
