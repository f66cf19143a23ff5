"""`watch`: every open run at once, at the terminal, or in a browser for the office's wall."""

from pathlib import Path
from typing import Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _

PORT = 8630  # as in wall.opening, which loads what a terminal does not need


@app.command()
def watch(
    web: Annotated[bool, typer.Option("--web", help="Show them in a browser instead, for a screen on the wall.")] = False,
    host: Annotated[
        str, typer.Option("--host", help="Address that other machines reach the wall screen by; it needs a password then.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Its port; 0 takes a free one.", min=0, max=65_535)] = PORT,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser of this machine.")] = False,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="File of a certificate (PEM): speak https.", dir_okay=False)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", help="File of its key (PEM, no passphrase).", dir_okay=False)
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Watch all open runs of the workspace; --web shows them in a browser. Ctrl-C ends it, and no run.

    Example: zalo-alert watch --web --open
    """
    from zalo_alert.wall.opening import Order, open_wall

    if not web:
        raise UsageError(_("only the wall screen is there yet"), hint=_("add {web}", web=Cure.OPTION(web=True)))
    if (tls_cert is None) != (tls_key is None):
        missing = Cure.OPTION(tls_key="FILE") if tls_key is None else Cure.OPTION(tls_cert="FILE")
        raise UsageError(_("a certificate and its key go together"), hint=_("add {option}", option=missing))
    from zalo_alert.wall.listening import Certificate

    certificate = Certificate(tls_cert, tls_key) if tls_cert and tls_key else None
    wall = open_wall(workspace, Order(host, port, certificate))
    display.fact("wall", url=wall.url)
    display.say(_("the wall screen is at {url}; Ctrl-C ends it, and no run", url=wall.url))
    if wall.is_bare:
        display.say(
            _("it speaks plain http: whoever listens in on the network can read the password and what is shown"), style="yellow"
        )
    if open_:
        import webbrowser

        webbrowser.open(wall.url)
    wall.serve()
