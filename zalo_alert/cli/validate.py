"""`validate`, `preview`, `schema`: a campaign file before anything is planned."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.wording import count


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Campaign files.", show_default=False)], json: wiring.JsonOption = False
) -> None:
    """Check campaign files; lists every fault of each with line and column, and changes nothing.

    Example: zalo-alert validate campaigns/dien-tap-bao.yaml
    """
    from zalo_alert.cli.drafting import read_campaign

    faults: list[CampaignInvalid] = []
    for file in files:
        try:
            campaign = read_campaign(file)[1]
        except CampaignInvalid as exc:
            faults.append(exc)
            continue
        areas = [area.label for area in campaign.audience.areas]
        display.fact("campaign", file=str(file), code=campaign.code, status=campaign.status, event=campaign.event, areas=areas)
        display.show(
            f"{file}: {campaign.code} is sound ({campaign.status}, {campaign.event}, {', '.join(areas) or 'recipients'})"
        )
    if faults:
        raise CampaignInvalid([problem for fault in faults for problem in fault.problems])


@app.command()
def preview(
    campaign: Annotated[Path, typer.Argument(help="Campaign file.", show_default=False)],
    place: Annotated[
        str | None, typer.Option("--place", help="Whose message, such as old:45; default: the first area's.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Whose name, where the text has one.")] = "Nguyễn Văn A",
    json: wiring.JsonOption = False,
) -> None:
    """Show a campaign's texts as a phone shows them.

    Example: zalo-alert preview campaigns/bao-so-7.yaml --place new:46
    """
    from rich.panel import Panel

    from zalo_alert.cli.drafting import read_campaign
    from zalo_alert.plan import sample

    found = read_campaign(campaign)[1]
    for shown in sample(found, place, name):
        display.fact(
            "preview", place=shown.key, label=shown.label, headline=shown.headline, text=shown.text, length=len(shown.text)
        )
        title = f"{shown.label} · {count(len(shown.text))} characters"
        display.show(Panel(shown.text.rstrip(), title=title, subtitle=shown.headline, width=48, highlight=False))


@app.command()
def schema(
    file: Annotated[Path, typer.Argument(help="Where to; - is stdout.")] = Path("campaign.schema.json"),
    json: wiring.JsonOption = False,
) -> None:
    """Write the JSON Schema that editors use to complete and check campaign files.

    Example: zalo-alert schema campaign.schema.json
    """
    from zalo_alert.campaign import schema as made

    text = orjson.dumps(made(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if str(file) == "-":
        sys.stdout.buffer.write(text)
        return
    try:
        file.write_bytes(text)
    except OSError as exc:
        raise UsageError(f"can't write {file}: {exc.strerror}") from exc
    display.fact("schema", file=str(file))
    display.say(f"schema written to {file}; campaign files name it in their first line")
