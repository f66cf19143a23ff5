"""`preview`: what people will read, route by route, and how many of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.campaign.follow_up import ALERT, Section, parts
from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import ZaloAlertError
from zalo_alert.language import _, _n, count, decimal, joined, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.models import Button, Campaign, Route
    from zalo_alert.planning.plan import Plan
    from zalo_alert.planning.preview import Phone, Screen
    from zalo_alert.runs.facts import RunPlace
    from zalo_alert.zalo.templates import Template

PHONE = 48  # columns
ARTICLE = 72


@app.command()
def preview(
    campaign: Annotated[Path, typer.Argument(help="Campaign file.", show_default=False, autocompletion=completions.campaigns)],
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            help="Whose message, such as old:45; default: the longest and the shortest.",
            autocompletion=completions.places,
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Whose name, where the text has one.")] = "Nguyễn Văn A",
    all_places: Annotated[bool, typer.Option("--all-places", help="The message of every place.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Also ask Zalo for the templates' names and pictures.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    card: Annotated[
        Path | None,
        typer.Option(
            "--card", help="Draw the alert into a .svg or .png: for the approver's chat, for the press.", show_default=False
        ),
    ] = None,
) -> None:
    """Show each route's message as a phone shows it, and how many people it reaches.

    Example: zalo-alert preview campaigns/bao-so-7.yaml --place new:46
    """
    from zalo_alert import places
    from zalo_alert.operations.campaign_files import read_campaign
    from zalo_alert.planning.preview import phones
    from zalo_alert.planning.run_places import place_within

    parsed = read_campaign(campaign)[1]
    named_places = [place_within(parsed, places.area(place))] if place is not None else []
    plan = _count_people(parsed, workspace) if parsed.routes else None
    templates = _ask_for_templates(parsed, workspace) if online else {}
    shown_places = named_places or _choose_places(parsed, plan)
    for part, sending in parts(parsed).items():
        if part != ALERT:
            _show_heading(part)
        if sending.broadcast:
            _show_article(part, sending)
        all_phones = phones(sending, shown_places, name, every=all_places, each_variant=part == ALERT)
        _show_phones(part, sending, all_phones, plan, templates)
    for _code, sentence in plan.gaps if plan else ():
        display.say(sentence, style="bold red")
    if card:
        _draw_card(parsed, shown_places[0], name, card, workspace)


def _draw_card(campaign: "Campaign", place: "RunPlace", name: str, target: Path, workspace: Path) -> None:
    from zalo_alert.foundation.layout import CONFIG_NAME
    from zalo_alert.operations.message_card import card_text, write_card

    settings = Workspace(workspace).settings if (workspace / CONFIG_NAME).exists() else None
    drawn = write_card(card_text(campaign, place, name, settings), target)
    display.fact("card-drawn", file=str(target), place=place.key, name=place.label, width=drawn.width, height=drawn.height)
    display.say(_("what {place} reads is drawn in {file}", place=place.label, file=target))


def _show_heading(part: str) -> None:
    what_for = {
        Section.CORRECTION: _("sent when the alert was wrong"),
        Section.ALL_CLEAR: _("sent when the danger is over"),
    }
    display.tell("")
    display.tell(joined((part, what_for[Section(part)]), ": "), style="bold")


def _show_phones(
    part: str,
    sending: "Campaign",
    all_phones: "Sequence[Phone]",
    plan: "Plan | None",
    templates: "Mapping[tuple[str, int], Template]",
) -> None:
    """Show a part's messages; whom a route reaches is known of the alert, and nobody else is sent what may follow it."""
    from rich.markup import escape

    for headline in dict.fromkeys(screen.headline for phone in all_phones[:1] for screen in phone.screens):
        display.show(f"[bold]{escape(headline)}[/]")
    for phone in all_phones:
        _show_phone(part, phone, sending, plan if part == ALERT else None, templates.get((part, phone.number)))


def _count_people(campaign: "Campaign", workspace: Path) -> "Plan | None":
    from zalo_alert.operations.draft import count_audience

    try:
        return count_audience(campaign, Workspace(workspace).settings, display.notice)
    except ZaloAlertError as exc:
        display.fact("uncounted", why=str(exc))
        display.say(_("how many people each route reaches is not known: {why}", why=exc), style="yellow")
        return None


def _choose_places(campaign: "Campaign", plan: "Plan | None") -> "Sequence[RunPlace]":
    from zalo_alert.planning.run_places import sample_places

    return [row.place for row in plan.places] if plan else sample_places(campaign)


def _ask_for_templates(campaign: "Campaign", workspace: Path) -> "dict[tuple[str, int], Template]":
    """Look the templates up; when nobody can say, tell so: a preview is not worth failing for."""
    from zalo_alert.operations.preflight import ask_zalo, place_of

    try:
        home = Workspace(workspace)
        answers = ask_zalo(campaign, home.settings.senders(campaign.audience.accounts), home.settings)
    except ZaloAlertError as exc:
        display.fact("unchecked", why=str(exc))
        display.say(_("templates could not be looked up: {why}", why=exc), style="yellow")
        return {}
    for misfit in dict.fromkeys(misfit for answer in answers for misfit in answer.misfits):
        display.say(joined((place_of(misfit, campaign), misfit.why), "  "), style="red")
    return {route: template for answer in reversed(answers) for route, template in answer.templates.items()}


def _show_article(part: str, campaign: "Campaign") -> None:
    from rich.markup import escape

    from zalo_alert.operations.broadcast import article_of

    article = article_of(campaign)
    text = "\n\n".join(article.paragraphs)
    display.fact("preview-article", part=part, title=article.title, description=article.description, text=text, length=len(text))
    author = campaign.broadcast.signed_by if campaign.broadcast else ""
    _panel(
        [f"[bold]{escape(article.title)}[/]", f"[dim]{escape(article.description)}[/]", escape(text)],
        _("article by {author}", author=author),
        ARTICLE,
    )


def _show_phone(part: str, phone: "Phone", campaign: "Campaign", plan: "Plan | None", template: "Template | None") -> None:
    people = plan.routes[phone.number].reachable if plan else None
    _show_share(name_route(phone.route, template), people, plan)
    if template and template.preview_url:
        display.tell(_("as Zalo shows it: {address}", address=template.preview_url))
    for screen in phone.screens:
        display.fact(
            "preview", part=part, route=campaign.written_at(phone.number) + 1, route_type=phone.route.type.value,
            template_id=phone.route.template_id, template_name=template.name if template else None,
            preview_url=template.preview_url if template else None, people=people,
            of=plan.people if plan else None, place=screen.place.key, name=screen.place.label, named=screen.has_name,
            headline=screen.headline, text=screen.text, data=screen.data, length=screen.size, why=screen.note,
        )  # fmt: skip
        _show_screen(screen, phone)


def name_route(route: "Route", template: "Template | None") -> str:
    """Name a route, and its template as Zalo does when that was asked."""
    if not route.template_id:
        return route.type.value
    return f"{route.type.value} {route.template_id}" + (f" «{template.name}»" if template and template.name else "")


def _show_share(route: str, people: int | None, plan: "Plan | None") -> None:
    """Name a route, and say how many of a plan's people it reaches: `template 311203: 19 524 people, 100 %`."""
    display.tell("")
    if plan is None or people is None:
        display.tell(route, style="bold")
    elif not people:
        display.tell(joined((route, _("0 people as of now")), ": "), style="bold red")
    else:
        display.tell(joined((route, _describe_share(people, plan.people)), ": "), style="bold")


def _describe_share(people: int, of: int) -> str:
    percent = 100 * people / of
    if percent < 1:
        return _("{people}, less than 1 %", people=persons(people))
    return _("{people}, {percent} %", people=persons(people), percent=decimal(percent, 0))


def _show_screen(screen: "Screen", phone: "Phone") -> None:
    from rich.markup import escape

    from zalo_alert.planning.preview import EVERYWHERE

    titles = (
        "" if screen.note == EVERYWHERE else screen.place.label,
        screen.note,
        "" if screen.has_name else _("without a name"),
        _describe_length(screen),
    )
    parts = []
    if phone.route.image:
        parts.append(_dim(_("(picture: {picture})", picture=phone.route.image)))
    if phone.route.file:
        parts.append(_dim(_("(document instead of the text: {document})", document=phone.route.file)))
    if phone.route.type.value in {"transaction", "promotion"}:
        parts.append(f"[bold]{escape(screen.headline)}[/]")
    parts += [f"[dim]{escape(key)}:[/] {escape(value)}" for key, value in screen.data.items()]
    parts += [escape(screen.text.rstrip())] if screen.text else []
    parts += [f"[reverse] {escape(button.title)} [/] {_dim(_describe_press(button))}" for button in phone.buttons]
    _panel(parts, joined(filter(None, titles), " · "), PHONE)


def _dim(phrase: str) -> str:
    from rich.markup import escape

    return f"[dim]{escape(display.text(phrase))}[/]"


def _describe_length(screen: "Screen") -> str:
    length = len(screen.text)
    return _n("{length} character", "{length} characters", length, length=count(length)) if length else ""


def _describe_press(button: "Button") -> str:
    match button.press.value:
        case "url":
            return _("opens {address}", address=button.value)
        case "phone":
            return _("calls {number}", number=button.value)
        case _:
            return _("sends back {text}", text=button.value)


def _panel(parts: Sequence[str], title: str, width: int) -> None:
    """Draw a frame under a line that may be as long as it must: a title in the frame would be cut."""
    from rich.panel import Panel

    display.tell(title)
    if not display.out.is_terminal:
        display.show("\n".join(parts))
        return
    display.show(Panel("\n".join(parts), width=min(width, display.out.width), highlight=False))
