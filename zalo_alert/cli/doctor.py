"""`doctor`: looks at everything that a campaign will need, and says what to do about what is not well."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import ExitCode, InputInvalid, RunSuspended, SettingsInvalid, UsageError, WorkspaceRests, ZaloAlertError
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.preflight.doctor import Check

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}
_ABOUT = {
    "backup": _("backup"),
    "book": _("book"),
    "campaign": _("campaign"),
    "clock": _("clock"),
    "config": _("config"),
    "disk": _("disk"),
    "drills": _("drills"),
    "files": _("files"),
    "freshness": _("freshness"),
    "hosts": _("hosts"),
    "leftovers": _("leftovers"),
    "consents": _("consents"),
    "limits": _("limits"),
    "lists": _("lists"),
    "templates": _("Zalo templates"),
    "oa": _("oa"),
    "officers": _("officers"),
    "quota": _("quota"),
    "rest": _("workspace"),
    "schedule": _("schedule"),
    "staff": _("staff"),
    "tokens": _("tokens"),
    "webhook": _("webhook"),
    "zone": _("zone"),
}
_ERRORS: Mapping[ExitCode, type[ZaloAlertError]] = {
    ExitCode.USAGE: UsageError,
    ExitCode.CAMPAIGN_INVALID: InputInvalid,
    ExitCode.SUSPENDED: RunSuspended,
    ExitCode.HELD: WorkspaceRests,
}


@app.command()
def doctor(
    campaign: Annotated[
        Path | None,
        typer.Argument(
            help="Campaign file: is there room and quota for it? Default: the whole book.",
            show_default=False,
            autocompletion=completions.campaigns,
        ),
    ] = None,
    online: Annotated[bool, typer.Option("--online/--offline", help="Whether to ask Zalo, too.")] = True,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Look at clock, disk, files, tokens, hosts, OAs, quota and books before the night when they are needed; sends nothing.

    Example: zalo-alert doctor campaigns/bao-so-7.yaml
    """
    from zalo_alert.cli.run_view import ShellObserver
    from zalo_alert.preflight.doctor import shorten
    from zalo_alert.preflight.token_health import Grade

    home = _open(workspace)
    if not online:
        display.say(_("Zalo is not asked"))
    with ShellObserver().showing_steps() as observer:
        checks = home.examine(campaign, observer, online=online)
    for check in checks:
        _tell(check, int(check.code) if check.grade is Grade.FAIL else 0)
    for check in shorten(checks):
        if check.grade is not Grade.OK or not display.quiet:
            _say(check)
    _end(checks)


def _open(workspace: Path) -> Workspace:
    from zalo_alert.preflight.doctor import fail

    home = Workspace(workspace)
    try:
        home.settings  # noqa: B018  (its faults are the first thing to tell)
        return home
    except SettingsInvalid as exc:
        check = fail("config", exc)
        _tell(check, int(check.code))
        _say(check)
        raise


def _tell(check: "Check", code: int) -> None:
    display.fact(
        "check",
        about=check.about,
        grade=check.grade,
        account=check.account or None,
        message=check.said,
        cure=check.cure,
        code=code,
    )


def _say(check: "Check") -> None:
    from rich.markup import escape

    about = joined(filter(None, (_ABOUT.get(check.about, check.about), check.account)), " ")
    said = display.text(joined((about, check.said), ": "), display.out)
    cure = f"\n       → {escape(display.text(check.cure, display.out))}" if check.cure else ""
    display.show(f"[{_STYLES[check.grade]}]{check.grade:<4}[/]  {escape(said)}{cure}")


def _end(checks: "list[Check]") -> None:
    from zalo_alert.preflight.doctor import verdict
    from zalo_alert.preflight.token_health import Grade

    fails, warns = (sum(check.grade is grade for check in checks) for grade in (Grade.FAIL, Grade.WARN))
    display.fact("doctor", checks=len(checks), warn=warns, fail=fails)
    code = verdict(checks)
    if code:
        failed = _("{fails} of {checks} checks failed", fails=count(fails), checks=count(len(checks)))
        raise _ERRORS.get(code, SettingsInvalid)(failed, hint=_("see what to do above"))
    display.say(_describe_end(len(checks), warns))


def _describe_end(checks: int, warns: int) -> str:
    if warns:
        return _n(
            "{checks} check, {warns} to look at",
            "{checks} checks, {warns} to look at",
            checks,
            checks=count(checks),
            warns=count(warns),
        )
    return _n("{checks} check, all well", "{checks} checks, all well", checks, checks=count(checks))
