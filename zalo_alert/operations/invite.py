"""Links by which administrators of OAs are asked to consent: for whom, made, kept, and written to a file for a mail merge."""

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.cells import guard
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.consent_callback import ask_zalo, callback_of, require_secrets
from zalo_alert.operations.consent_standings import consent_standings, within
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.state import state_folder
from zalo_alert.preflight.consent_health import ConsentState, ConsentStatus
from zalo_alert.settings.accounts import read_accounts_file
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo import oauth
from zalo_alert.zalo.invitations import Invitation, InvitationStore, digest_of, new_state, verifier_of

COLUMNS = ("account", "oa_id", "app_id", "name", "place", "province", "level", "phone", "link", "valid_until")
DEFAULT_DAYS, MOST_DAYS = 30, 90
NAMED = 5


@dataclass(frozen=True, slots=True)
class InviteOrder:
    """Whom to ask, and how.

    Args:
        output: The file of links.
        callback: Where the answers come to; "" is each app's own `redirect_uri`.
        accounts: By our ids; with the others, only those that fit all of what is said.
        accounts_file: Only those that stand in this file, too.
        areas: Only OAs whose area lies within these.
        app: Through this app; "" is each OA's own.
        missing: Only those that have not consented, or must do so again soon.
        everyone: All of them.
        days: How long the links hold.
    """

    output: Path
    callback: str = ""
    accounts: tuple[str, ...] = ()
    accounts_file: Path | None = None
    areas: tuple[str, ...] = ()
    app: str = ""
    missing: bool = False
    everyone: bool = False
    days: int = DEFAULT_DAYS


class Invited(NamedTuple):
    """What was written: how many links, where, and until when they hold."""

    links: int
    file: Path
    ends_at: datetime
    callbacks: tuple[str, ...]


class _Link(NamedTuple):
    status: ConsentStatus
    url: str
    kept: Invitation


def invite(settings: Settings, order: InviteOrder, on_notice: OnNotice = ignore) -> Invited:
    """Write a link for each OA that is to consent; the older links of an OA hold on.

    Raises:
        InputInvalid: The file stands there already, or can't be written; or an area is none.
        SettingsInvalid: An app's secret is missing, or Zalo refuses the app or the address; or this machine's clock is wrong.
        UsageError: Nobody is meant, or the address can be none that answers come to.
        WorkspaceRests: Answers to links from here would be taken nowhere.
    """
    require_safe_hosts(settings)
    check_awake(settings.state_dir)
    if order.output.exists() or order.output.is_symlink():
        raise InputInvalid(
            _("{path} exists already, and may hold links that were not sent: it was not touched", path=order.output),
            hint=_("name another file: {option}", option=Cure.OPTION(output="links-2.csv")),
        )
    now = SystemClock().now()
    chosen = _choose(settings, order, now.timestamp())
    callbacks = {app: callback_of(settings, app, order.callback, on_notice) for app in {one.account.app_id for one in chosen}}
    require_secrets(settings, (one.account for one in chosen))
    run_loop(ask_zalo(settings, callbacks, on_notice))
    ends_at = datetime.fromtimestamp(now.timestamp() + order.days * 86_400, VIETNAM)
    links = [_make(settings, one, callbacks[one.account.app_id], now, ends_at) for one in chosen]
    with closing(InvitationStore(state_folder(settings))) as store:
        _write(order.output, links, store, now.timestamp())
    addresses = tuple(sorted(set(callbacks.values())))
    facts = {"links": len(links), "file": str(order.output), "callback": ", ".join(addresses), "until": ends_at.isoformat()}
    tell(settings.state_dir, AuditEvent.INVITE, on_notice, facts=facts)
    return Invited(len(links), order.output, ends_at, addresses)


# --- whom ------------------------------------------------------------------------------------------------------------------


def _choose(settings: Settings, order: InviteOrder, now_s: float) -> list[ConsentStatus]:
    if not (order.accounts or order.accounts_file or order.areas or order.missing or order.everyone):
        raise UsageError(
            _("nobody is said to be invited"),
            hint=_(
                "name accounts, or say {missing}, {areas} or {all}",
                missing=Cure.OPTION(missing=True),
                areas=Cure.OPTION(areas="…"),
                all=Cure.OPTION(all=True),
            ),
        )
    accounts = [settings.account(name) for name in dict.fromkeys(order.accounts)] or list(settings.accounts)
    if order.accounts_file:
        accounts = _in_file(settings, accounts, order.accounts_file)
    accounts = within(accounts, order.areas)
    ways = [settings.through(account, order.app) for account in accounts if not order.app or order.app in account.apps]
    statuses = consent_standings(settings, ways, now_s)
    chosen = [one for one in statuses if not order.missing or one.state is not ConsentState.CONSENTED]
    if not chosen:
        raise UsageError(
            _("all {count} OAs have consented: nobody is missing", count=count(len(statuses)))
            if statuses
            else _("no OA fits what was said"),
            hint=_("{accounts} shows them", accounts=Cure.ACCOUNTS()),
        )
    return chosen


def _in_file(settings: Settings, accounts: Sequence[Account], path: Path) -> list[Account]:
    """Keep those that stand in a file, too; whoever stands there and is not configured could never answer."""
    rows = read_accounts_file(path)
    configured = {(account.id, account.oa_id) for account in settings.accounts}
    strange = [row.id for row in rows if (row.id, row.oa_id) not in configured]
    if strange:
        raise InputInvalid(
            _n(
                "{count} OA of {path} is not in the workspace, or with another oa_id: {names}",
                "{count} OAs of {path} are not in the workspace, or with another oa_id: {names}",
                len(strange),
                count=count(len(strange)),
                path=path,
                names=joined([*strange[:NAMED], *(["…"] if len(strange) > NAMED else [])]),
            ),
            hint=_("name this file as accounts_file in zalo-alert.yaml, so that their answers can be taken"),
        )
    named = {row.id for row in rows}
    return [account for account in accounts if account.id in named]


# --- what is written -------------------------------------------------------------------------------------------------------


def _make(settings: Settings, status: ConsentStatus, callback: str, now: datetime, ends_at: datetime) -> _Link:
    account, state = status.account, new_state()
    fixed = settings.code_verifier(account.app_id)
    salt = Secret("") if fixed else new_state()
    challenge = oauth.challenge(fixed or verifier_of(salt, state))
    url = oauth.consent_link(settings.hosts.oauth, account.app_id, callback, challenge, state.reveal())
    digest = digest_of(state.reveal())
    kept = Invitation(
        digest, account.id, account.app_id, account.oa_id, callback, salt, now.timestamp(), ends_at.timestamp()
    )  # fmt: skip
    return _Link(status, url, kept)


def _write(target: Path, links: Sequence[_Link], store: InvitationStore, now_s: float) -> None:
    """Have the file appear, whole, once its links are known here: one that nobody knows would be sent out in vain."""
    content = _as_csv(_row(link) for link in links)
    try:
        with appearing(target) as draft:
            with create_file(draft) as file:
                file.write(content)
            store.add((link.kept for link in links), now_s)
    except OSError as exc:
        raise InputInvalid(
            _("can't write {path}: {why}", path=target, why=reason(exc)),
            hint=_("check the folder and the disk's free space"),
        ) from exc


def _row(link: _Link) -> tuple[str, ...]:
    one, account = link.status, link.status.account
    until = f"{datetime.fromtimestamp(link.kept.ends_at_s, VIETNAM):%Y-%m-%d %H:%M}"
    return (
        account.id, account.oa_id, account.app_id, one.name, one.place, one.province, account.level, one.phone, link.url, until,
    )  # fmt: skip


def _as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *([guard(cell) for cell in row] for row in rows)])
    return text.getvalue().encode("utf-8-sig")  # spreadsheets know Vietnamese letters by its mark
