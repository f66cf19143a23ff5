"""`notify`: whether those who are to be told of runs can be."""

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import NobodyTold, SettingsInvalid
from zalo_alert.language import _, _n, count
from zalo_alert.operations.workspace import Workspace

group = typer.Typer(no_args_is_help=True, help="Who is told of what happens to runs.")
app.add_typer(group, name="notify")


@group.callback()
def root() -> None:
    """Who is told of what happens to runs."""


@group.command("test")
def try_out(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Send a test message by every way there is, and say which worked.

    Example: zalo-alert notify test
    """
    from zalo_alert.operations import watchdog

    settings = Workspace(workspace).settings
    if not settings.notify.is_on:
        raise SettingsInvalid(
            _("nobody is told of anything: zalo-alert.yaml has no `notify:`"),
            hint=_("write one: a program (`command`), addresses (`urls`) or the staff (`staff`)"),
        )
    outcomes = watchdog.try_out(settings)
    for told in outcomes:
        display.fact("channel", channel=told.channel, worked=not told.trouble, why=told.trouble)
        if told.trouble:
            display.say(_("{channel} failed: {why}", channel=told.channel, why=told.trouble), style="yellow")
        else:
            display.done(_("{channel} was told", channel=told.channel))
    if failed := sum(bool(told.trouble) for told in outcomes):
        raise NobodyTold(_n("{count} way failed", "{count} ways failed", failed, count=count(failed)))
