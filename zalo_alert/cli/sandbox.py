"""`sandbox`: the Zalo API on loopback."""

import signal
import threading
from typing import Annotated

import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display

_Share = Annotated[float, typer.Option(help="Share of calls, 0 to 1.", show_default=False)]


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 chooses a free one.", min=0, max=65_535)] = 0,
    account: Annotated[str, typer.Option(help="Account id whose variables to print.")] = "pctt",
    app_per_minute: Annotated[int, typer.Option(help="Calls a minute; 0 is no limit.", min=0)] = 4000,
    oa_per_minute: Annotated[int, typer.Option(help="The same for the OA.", min=0)] = 0,
    latency_ms: Annotated[float, typer.Option(help="Before every answer.", min=0)] = 0,
    slow_down: _Share = 0,
    http_429: _Share = 0,
    http_503: _Share = 0,
    http_500: _Share = 0,
    html: _Share = 0,
    truncated: _Share = 0,
    reset_before: _Share = 0,
    reset_after: _Share = 0,
    dead: Annotated[float, typer.Option(help="Share of people who do not follow.")] = 0,
    stale: Annotated[float, typer.Option(help="Share of people outside the 7-day window (cs only).")] = 0,
    refuse_code: Annotated[int, typer.Option(help="Refuse every message with this code.")] = 0,
    stop_after: Annotated[int, typer.Option(help="Out of money (-321) after so many messages.", min=0)] = 0,
    token_dies_after: Annotated[int, typer.Option(help="The access token expires after so many messages.", min=0)] = 0,
    quota: Annotated[int, typer.Option(help="Template messages in all.", min=0)] = 0,
    followers: Annotated[int, typer.Option(help="People who follow, over all OAs; 0 takes any id for a person's.", min=0)] = 0,
    oas: Annotated[int, typer.Option(help="Official Accounts: the country's, provinces', communes'.", min=1)] = 1,
    apps: Annotated[int, typer.Option(help="Apps that they are spread over.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Draws ids and people.")] = 1,
    json: wiring.JsonOption = False,
) -> None:
    """Run the Zalo API on this machine, with faults on request; Ctrl-C ends it and shows what it received.

    Example: zalo-alert sandbox --port 8410 --stale 0.3
    """
    from zalo_alert.sandbox.base import Options
    from zalo_alert.sandbox.server import running

    options = Options(
        app_per_minute=app_per_minute, oa_per_minute=oa_per_minute, latency_ms=latency_ms, slow_down=slow_down,
        http_429=http_429, http_503=http_503, http_500=http_500, html=html, truncated=truncated, reset_before=reset_before,
        reset_after=reset_after, dead=dead, stale=stale, refuse_code=refuse_code, stop_after=stop_after,
        token_dies_after=token_dies_after, quota=quota, followers=followers, oas=oas, apps=apps, seed=seed,
    )  # fmt: skip
    with running(options, port=port) as found:
        variables = found.environ(account)
        display.fact("sandbox", url=found.url, environ=variables)
        display.say(f"the sandbox listens on {found.url}; paste these lines where you send from:")
        display.show("\n".join(f"export {name}={value}" for name, value in variables.items()))
        _until_stopped()
        stats = found.stats()
    display.fact("stats", **stats)
    display.say(
        f"received {stats['accepted']} messages for {stats['people']} people, {stats['twice']} of them reached more than once"
    )


def _until_stopped() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
