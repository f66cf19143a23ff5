"""`webhook`: what comes back from Zalo is received and kept."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.foundation.notices import Notice
from zalo_alert.language import _, count, decimal, joined

if TYPE_CHECKING:
    from zalo_alert.inbound.door_sight import DoorSight

group = typer.Typer(no_args_is_help=False, help="Receive what comes back from Zalo: events, receipts, opt-outs.")
app.add_typer(group, name="webhook")


@group.callback(invoke_without_command=True)
def webhook(
    context: typer.Context,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", metavar="HOST:PORT", help="Where to listen; default: `webhook.listen` of the config.", show_default=False
        ),
    ] = None,
    site_verification: Annotated[
        str | None,
        typer.Option(
            "--site-verification",
            metavar="CODE",
            help="The code by which Zalo knows the domain; default: the config's.",
            show_default=False,
        ),
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Store events only; `webhook worker` handles them elsewhere.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Receive events of all OAs: each is acknowledged once it is on the disk. Ctrl-C stops it; Zalo then comes again for a while.

    Example: zalo-alert webhook
    """
    if context.invoked_subcommand is not None:
        return
    from zalo_alert.operations.webhook import WebhookOrder, serve_webhook

    order = WebhookOrder(listen, site_verification, with_worker=not no_worker)
    serve_webhook(workspace, os.environ, order, _Shown())


@group.command("worker")
def worker(
    with_parent: Annotated[
        int | None, typer.Option("--with-parent", metavar="PROCESS", help="End with this process, which started it.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Handle the events that `webhook` has stored; it starts this by itself, unless with --no-worker.

    Example: zalo-alert webhook worker
    """
    from zalo_alert.operations.inbound_worker import work
    from zalo_alert.operations.workspace import Workspace

    def note(sentence: str) -> None:
        display.notice(Notice(sentence, "webhook-note", fields={"message": sentence}))

    settings = Workspace(workspace).settings

    def begin() -> None:
        if with_parent is None:
            display.say(_("handling what the webhook stores; Ctrl-C stops it"))

    work(settings, note, begin, parent=with_parent)


class _Shown:
    """Shows how the door goes, in lines that a log can keep."""

    def on_notice(self, notice: Notice) -> None:
        display.notice(notice)

    def on_status(self, sight: "DoorSight") -> None:
        silent_s = (sight.at_ms - sight.last_ms) / 1000 if sight.last_ms else None
        display.fact(
            "door", open=not sight.closed_ms, why=sight.closed_why, acknowledged=sight.acknowledged,
            retried=sight.retried, parked=sight.parked, refused=sight.refused, last_s=silent_s, commit_p99_ms=sight.commit_p99_ms,
        )  # fmt: skip
        parts = (
            _("{count} acknowledged", count=count(sight.acknowledged)),
            _("no event yet") if silent_s is None else _("last {seconds} s ago", seconds=decimal(silent_s)),
            _("commit p99 {ms} ms", ms=decimal(sight.commit_p99_ms)),
            _("{count} parked", count=count(sight.parked)),
            _("{count} refused", count=count(sight.refused)),
        )
        state = _("closed: {why}", why=sight.closed_why) if sight.closed_ms else _("open")
        display.tell(joined((state, *parts), " · "), style="red" if sight.closed_ms else "")

    def on_trouble(self) -> None:
        """See `WebhookObserver`."""
