"""`sandbox`: the Zalo API on loopback."""

import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.errors import UsageError
from zalo_alert.foundation import machine
from zalo_alert.language import _, count

if TYPE_CHECKING:
    from zalo_alert.sandbox.base import Options
    from zalo_alert.sandbox.server import Sandbox

_Share = Annotated[float, typer.Option(help="Share of calls, 0 to 1.", show_default=False)]


@app.command()
def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 chooses a free one.", min=0, max=65_535)] = 0,
    tls: Annotated[
        bool, typer.Option("--tls", help="Speak TLS with a certificate of its own making, so that `live` can be rehearsed.")
    ] = False,
    account: Annotated[str, typer.Option(help="Another id for the first account.")] = "pctt",
    write_to: Annotated[
        Path | None, typer.Option("--write-to", help="Folder for a config with all accounts, and their secrets (mode 0600).")
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(help="A named bad day, such as storm-night; other options change it.", autocompletion=completions.scenarios),
    ] = "",
    followers: Annotated[int, typer.Option(help="People who follow, over all OAs; 0 takes any id for a person's.", min=0)] = 0,
    oas: Annotated[int, typer.Option(help="Official Accounts: the country's, then provinces', then communes'.", min=1)] = 1,
    apps: Annotated[int, typer.Option(help="Apps that they are spread over.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Draws ids and people.")] = 1,
    at: Annotated[str, typer.Option(help="What time it is, running on from there: 2026-09-18T22:40.")] = "",
    app_per_minute: Annotated[int, typer.Option(help="Calls a minute for each app; 0 is no limit.", min=0)] = 4000,
    oa_per_minute: Annotated[int, typer.Option(help="The same for each OA.", min=0)] = 0,
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
    templates: Annotated[str, typer.Option(help="any: whatever a message names; strict: what was approved.")] = "any",
    refresh_fault: Annotated[str, typer.Option(help="What happens to a token refresh: cut-after loses the new pair.")] = "",
    consent_fault: Annotated[str, typer.Option(help="The same of the tokens that a consent gives.")] = "",
    unconsented: Annotated[
        bool, typer.Option("--unconsented", help="Nobody has consented yet: `accounts invite` asks their administrators.")
    ] = False,
    webhook_url: Annotated[str, typer.Option(help="Where on this machine events are told.")] = "",
    webhook_ca: Annotated[str, typer.Option(metavar="FILE", help="The authority that an https webhook is trusted by.")] = "",
    oa_secrets: Annotated[
        str, typer.Option(help="oa: events are signed with each OA's own secret; app: with their app's.")
    ] = "oa",
    json: JsonOption = False,
) -> None:
    """Run the Zalo API on this machine, with faults on request; Ctrl-C ends it and shows what it received.

    Example: zalo-alert sandbox --followers 1000000 --oas 63 --scenario storm-night --write-to thuc-hanh
    """
    from zalo_alert.operations.serve import serve_sandbox

    with serve_sandbox(_options(scenario, context), port=port, tls=tls) as server:
        server.rename(account)
        display.say(_("the sandbox listens on {url}; open it in a browser to see what it receives", url=server.url))
        _tell(server) if write_to is None else _write(server, write_to)
        display.fact("sandbox", url=server.url, environ=server.environs(), accounts=[oa.public() for oa in server.accounts])
        _until_stopped()
        stats = server.stats()
    display.fact("sandbox-stats", **stats)
    display.say(
        _(
            "received {messages} messages for {people} people, {repeats} times one they had already",
            messages=count(stats["accepted"]),
            people=count(stats["people"]),
            repeats=count(stats["twice"]),
        )
    )


def _options(scenario: str, context: typer.Context) -> "Options":
    """Take a scenario's options, and over them what was typed."""
    from zalo_alert.operations.serve import SCENARIOS, Options

    if scenario and scenario not in SCENARIOS:
        raise UsageError(
            _('no scenario is named "{scenario}"', scenario=scenario),
            hint=_("there are {scenarios}", scenarios=", ".join(SCENARIOS)),
        )
    fields = Options.__dataclass_fields__
    typed = {name: value for name, value in context.params.items() if name in fields and _was_typed(context, name)}
    return Options(**{**SCENARIOS.get(scenario, {}), **typed})


def _was_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _tell(server: "Sandbox") -> None:
    """Print what a shell needs; the lines for the config are comments to it."""
    from zalo_alert.foundation.layout import CONFIG_NAME

    display.say(_("paste these lines where you send from:"))
    display.show(_format_exports(server.environs()))
    if len(server.accounts) > 1:
        title = display.text(_("accounts of {file}:", file=CONFIG_NAME))
        lines = (title, *(account.line() for account in server.accounts))
        display.show(escape("\n".join(f"# {line}" for line in lines)))


def _format_exports(variables: Mapping[str, str]) -> str:
    return "\n".join(f"export {name}={quote(value)}" for name, value in variables.items())


def _write(server: "Sandbox", folder: Path) -> None:
    """Write a workspace's config, unless it is there already, and the secrets of this time."""
    from zalo_alert.operations.serve import write_workspace

    config, secrets = write_workspace(server, folder, _format_exports(server.environs()))
    display.say(
        _(
            "wrote {accounts} accounts to {config}, and their secrets to {secrets}; send from {folder}",
            accounts=count(len(server.accounts)),
            config=config,
            secrets=secrets,
            folder=folder,
        )
    )


def _until_stopped() -> None:
    stopped = threading.Event()
    for number in machine.end_signals():
        signal.signal(number, lambda *_: stopped.set())
    machine.wait_until(stopped)
