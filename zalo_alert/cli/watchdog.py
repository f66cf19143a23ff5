"""`watchdog`: what nobody at a screen may have noticed, for cron or a timer."""

from typing import TYPE_CHECKING

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import AttentionNeeded, Cure, NobodyTold
from zalo_alert.language import _, _n, count
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.watchdog import Finding


@app.command()
def watchdog(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Look for runs that nobody sends, late ones, what waits, is promised or expired, tokens and quotas; tell each thing once.

    Example: zalo-alert watchdog
    """
    from zalo_alert.operations.watchdog import watch

    home = Workspace(workspace)
    findings = watch(home.settings, home.runs, display.notice)
    for finding in findings:
        _show(finding)
    if not findings:
        display.done(_("nothing calls for a person"))
        return
    if any(finding.is_untold for finding in findings):
        raise NobodyTold(
            _("something calls for a person, and nobody could be told"), hint=_("{test} says why", test=Cure.NOTIFY_TEST())
        )
    raise AttentionNeeded(
        _n("{count} thing calls for a person", "{count} things call for a person", len(findings), count=count(len(findings)))
    )


def _show(finding: "Finding") -> None:
    message = finding.message
    told = [told.channel for told in finding.outcomes if not told.trouble]
    display.fact(
        "alarm", event=message.event.value, run=message.run or None, title=message.title, text=message.text,
        urgent=message.is_urgent, told=told, data=dict(message.facts),
    )  # fmt: skip
    display.say(message.title, style="bold red" if message.is_urgent else "yellow")
    if message.text:
        display.say(message.text, style="yellow")
