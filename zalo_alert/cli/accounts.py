"""`accounts`: the OAs of a workspace, and their tokens."""

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, duration_s
from zalo_alert.errors import Cure, PartlyDone, UsageError
from zalo_alert.language import _, count, joined, span
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.accounts import AccountResult
    from zalo_alert.preflight.token_health import AccountStatus
    from zalo_alert.settings.model import Account
    from zalo_alert.zalo.oa import OaFacts

SHOWN = 50  # lines of a table for a person; `--json` and `--problems` show all

group = typer.Typer(
    no_args_is_help=True, help="The OAs of a workspace: their tokens, how old they are, and who must consent again."
)
app.add_typer(group, name="accounts")

_Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ACCOUNT...", help="Ids from zalo-alert.yaml.", show_default=False, autocompletion=completions.accounts
    ),
]
_All = Annotated[bool, typer.Option("--all", help="Every account of the workspace.")]


@group.command(name="list")
def list_(
    problems: Annotated[bool, typer.Option("--problems", help="Only those that need somebody.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show every account: level, areas, how old its tokens are and until when they last.

    Example: zalo-alert accounts list --problems
    """
    from zalo_alert.preflight.token_health import Grade

    rows = Workspace(workspace).token_standings()
    shown = [row for row in rows if row.grade is not Grade.OK] if problems else rows
    for row in shown:
        display.fact("account", **_fact(row))
    most = shown if problems else shown[:SHOWN]
    columns = (_("account"), _("level"), _("areas"), _("age"), _("access left"), _("refresh left"), "")
    display.table("", columns, [_cells(row) for row in most])
    if len(shown) > len(most):
        display.say(
            _(
                "and {more} more; {json} or {problems} shows all of them",
                more=count(len(shown) - len(most)),
                json=Cure.OPTION(json=True),
                problems=Cure.OPTION(problems=True),
            )
        )
    for row in most:
        if row.cure:
            display.say(joined((row.account.id, row.cure), ": "), style="red" if row.grade is Grade.FAIL else "yellow")
    bad = [row for row in rows if row.grade is not Grade.OK]
    if bad:
        display.say(_("{bad} of {all} accounts need somebody", bad=count(len(bad)), all=count(len(rows))), style="bold")


def _fact(row: "AccountStatus") -> dict[str, object]:
    account = row.account
    return {
        "account": account.id,
        "oa_id": account.oa_id,
        "app_id": account.app_id,
        "level": account.level,
        "areas": list(account.areas),
        "grade": row.grade,
        "message": row.said,
        "cure": row.cure,
        "age_s": row.age_s,
        "access_s": row.access_s,
        "refresh_s": row.refresh_s,
    }


def _cells(row: "AccountStatus") -> tuple[str, ...]:
    account = row.account
    areas = ", ".join(account.areas)
    return (
        account.id,
        account.level,
        areas if len(areas) <= 30 else f"{areas[:29]}…",
        "" if row.age_s is None else _span(row.age_s),
        _describe_left(row.access_s),
        _describe_left(row.refresh_s),
        joined((row.grade.value, row.said), ": ") if row.said else row.grade.value,
    )


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


def _describe_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return _span(seconds) if seconds > 0 else _("ended {time} ago", time=_span(-seconds))


@group.command()
def refresh(
    accounts: _Accounts = None,
    all_: _All = False,
    older_than: Annotated[str, typer.Option(help="Only tokens older than this: 90m, 12h, 7d.")] = "0h",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Renew tokens before they end; one process at a time for each OA, and nothing is used before it is on the disk.

    Example: zalo-alert accounts refresh --all --older-than 12h
    """
    from zalo_alert.operations.accounts import refresh_tokens

    home = Workspace(workspace)
    named, older_than_s = _choose_accounts(home, accounts, all_=all_), duration_s(older_than)
    with display.steps() as report_step:
        results = refresh_tokens(home.settings, named, older_than_s, _tell_refreshed, report_step)
    failed = sum(result.error is not None for result in results)
    done, skipped = len(results) - failed, len(named) - len(results)
    display.fact("refreshed", done=done, failed=failed, skipped=skipped)
    counts = {"done": count(done), "failed": count(failed)}
    if skipped:
        display.say(_("{done} refreshed, {young} young enough, {failed} failed", young=count(skipped), **counts))
    else:
        display.say(_("{done} refreshed, {failed} failed", **counts))
    _warn(home, {account.id for account in named})
    if failed:
        raise PartlyDone(
            _("{failed} of {all} accounts could not be refreshed", failed=count(failed), all=count(len(named))),
            hint=_("each is named above"),
        )


def _tell_refreshed(result: "AccountResult") -> None:
    account = result.account
    if result.error:
        _tell_failed(result)
    else:
        display.fact("account-refreshed", account=account.id, oa_id=account.oa_id)
    if result.remark:
        display.notice(result.remark)


def _tell_failed(result: "AccountResult") -> None:
    account, error = result.account, result.error
    why, cure = (error.message, error.hint) if error else ("", "")
    display.fact("account-failed", account=account.id, oa_id=account.oa_id, message=why, hint=cure)
    display.say(joined((account.id, joined(filter(None, (why, cure)), "; ")), ": "), style="red")


def _choose_accounts(workspace: Workspace, accounts: list[str] | None, *, all_: bool) -> "list[Account]":
    if all_ and accounts:
        raise UsageError(_("{option} and names exclude each other", option=Cure.OPTION(all=True)), hint=_("leave one out"))
    if all_:
        return list(workspace.settings.accounts)
    if not accounts:
        return [workspace.account()]
    return [workspace.account(name) for name in dict.fromkeys(accounts)]


def _warn(workspace: Workspace, ids: set[str]) -> None:
    """Name those whose refresh token ends soon: a refresh has just been tried, so only a consent helps."""
    from zalo_alert.preflight.token_health import Grade

    for row in workspace.token_standings():
        if row.account.id in ids and row.grade is Grade.WARN:
            display.fact("account-warning", **_fact(row))
            display.say(joined((row.account.id, joined((row.said, row.cure), "; ")), ": "), style="yellow")


@group.command()
def login(
    account: Annotated[
        str | None,
        typer.Argument(
            help="Id from zalo-alert.yaml; default: the only one.", show_default=False, autocompletion=completions.accounts
        ),
    ] = None,
    app: Annotated[
        str, typer.Option("--app", help="One of the account's more_apps; default: its own app.", show_default=False)
    ] = "",
    paste: Annotated[bool, typer.Option("--paste", help="Paste the address that the browser came back to.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Have an administrator of the OA consent in a browser, and keep the tokens that this gives.

    Example: zalo-alert accounts login pctt --paste
    """
    from zalo_alert.operations.login import comes_back_here

    home = Workspace(workspace)
    named = home.settings.through(home.account(account), app)

    def show_link(link: str) -> None:
        display.fact("consent", account=named.id, oa_id=named.oa_id, app_id=named.app_id, url=link)
        display.say(_("an administrator of OA {oa_id} opens this address and allows the app:", oa_id=named.oa_id))
        display.show(link)

    by_hand = paste or not comes_back_here(home.settings, named)
    from zalo_alert.cli.run_view import ShellObserver

    _show_oa(named, home.log_in(named.id, show_link, _read_pasted if by_hand else None, ShellObserver(), app))


def _show_oa(account: "Account", facts: "OaFacts") -> None:
    display.fact("oa", account=account.id, **facts._asdict() | {"package_until": _day(facts.package_until)})
    display.done(joined((account.id, facts.describe()), ": "))


def _day(text: str) -> str | None:
    """Return a day of Zalo's, `31/12/2027`, as ISO writes it; None where it names none."""
    try:
        return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None


def _read_pasted() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(typer.prompt(display.text(_("Paste the address that the browser came back to")), err=True))


@group.command()
def check(
    accounts: _Accounts = None,
    all_: _All = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Ask Zalo who each account is: name, package, followers, and whether the token is that OA's own.

    Example: zalo-alert accounts check --all
    """
    from zalo_alert.operations.accounts import check_accounts

    home = Workspace(workspace)
    named = _choose_accounts(home, accounts, all_=all_)
    failed = sum(result.error is not None for result in check_accounts(home.settings, named, _tell_checked))
    if failed:
        raise PartlyDone(
            _("{failed} of {all} accounts are not usable", failed=count(failed), all=count(len(named))),
            hint=_("each is named above"),
        )


def _tell_checked(result: "AccountResult") -> None:
    if result.facts:
        _show_oa(result.account, result.facts)
    else:
        _tell_failed(result)
