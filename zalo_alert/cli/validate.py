"""`validate`, `preview`, `schema`: a campaign file before anything is planned."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from zalo_alert.cli import wiring
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.wording import count

if TYPE_CHECKING:
    from zalo_alert.models import Campaign


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Campaign files.", show_default=False)],
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Zalo whether the templates fit, and whether the OA may have articles.")
    ] = False,
    workspace: wiring.WorkspaceOption = wiring.HERE,
    json: wiring.JsonOption = False,
) -> None:
    """Check campaign files; lists every fault of each with line and column, and changes nothing.

    Example: zalo-alert validate campaigns/dien-tap-bao.yaml --online
    """
    from zalo_alert import enclosed
    from zalo_alert.cli.drafting import read_campaign

    faults: list[CampaignInvalid] = []
    for file in files:
        try:
            text, campaign = read_campaign(file)
            if online:
                _online(file, text, campaign, workspace)
        except CampaignInvalid as exc:
            faults.append(exc)
            continue
        enclosed.read(campaign, file.parent)
        areas = [area.label for area in campaign.audience.areas]
        display.fact("campaign", file=str(file), code=campaign.code, status=campaign.status, event=campaign.event, areas=areas)
        display.show(
            f"{file}: {campaign.code} is sound ({campaign.status}, {campaign.event}, {', '.join(areas) or 'recipients'})"
        )
    if faults:
        raise CampaignInvalid([problem for fault in faults for problem in fault.problems])


def _online(file: Path, text: bytes, campaign: "Campaign", workspace: Path) -> None:
    """Hold a campaign against the templates at Zalo; raise every misfit with its place in the file."""
    from zalo_alert import documents, plan
    from zalo_alert.cli.asking import ask, misfits
    from zalo_alert.cli.broadcasting import show_publishing

    chosen = wiring.settings(workspace)
    accounts = [chosen.account(name) for name in campaign.audience.accounts or (None,)]
    show_publishing(campaign, accounts, chosen)
    known = ask(campaign, accounts, chosen)
    for one in known:
        for number, template in one.templates.items():
            route = campaign.written_at(number) + 1
            display.fact("template", account=one.account.id, route=route, **template._asdict())
            display.say(f'{one.account.id}: route {route} is template {template.id} "{template.name}", {template.status}')
        for kind, left in one.quotas.items():
            display.fact("quota", account=one.account.id, kind=kind.value, left=left.left, total=left.total)
            display.say(f"{one.account.id}: {count(left.left)} {kind.value} messages left")
    found = misfits(campaign, known, plan.samples(campaign))
    if found:
        document = documents.load(text, str(file))
        raise CampaignInvalid(
            [document.problem(("routes", campaign.written_at(m.route), *_key(m.key)), m.why) for m in found],
            hint="correct the data, or the template",
        )


def _key(key: str) -> tuple[str, ...]:
    return () if not key else (key,) if key == "template_id" else ("data", key)


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
    from rich.markup import escape
    from rich.panel import Panel

    from zalo_alert.broadcast import order_of
    from zalo_alert.cli.drafting import read_campaign
    from zalo_alert.plan import sample

    found = read_campaign(campaign)[1]
    if found.broadcast:
        article = order_of(found).article
        text = "\n\n".join(article.paragraphs)
        display.fact("preview-article", title=article.title, description=article.description, text=text, length=len(text))
        title = f"article by {found.broadcast.author}: {article.title}"
        display.show(Panel(text, title=escape(title), subtitle=escape(article.description), width=72, highlight=False))
    for shown in sample(found, place, name) if found.routes else ():
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
