"""`new`: a campaign file out of the library of templates, by a few questions."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, Interrupted, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, _n, joined

if TYPE_CHECKING:
    from zalo_alert.operations.new_campaign import NewCampaign, Written
    from zalo_alert.operations.new_questions import Ask, Interview
    from zalo_alert.operations.wording import Finding

FIRST_LINES = 4  # of the message, that are shown of a file just written


@app.command()
def new(
    hazard: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="HAZARD",
            help="Such as bao or lũ quét; `templates list` shows them.",
            show_default=False,
            autocompletion=completions.hazards,
        ),
    ] = None,
    areas: Annotated[
        list[str] | None,
        typer.Option("--areas", help="Places, such as new:46; may be repeated.", autocompletion=completions.places),
    ] = None,
    stage: Annotated[
        str,
        typer.Option(
            help="watch, warning, evacuate, update or all-clear.", show_default=False, autocompletion=completions.stages
        ),
    ] = "",
    level: Annotated[int | None, typer.Option(min=1, max=5, help="Risk level.", show_default=False)] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of the template: so_tan_truoc=20:00; may be repeated."),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="CAMPAIGN|RUN",
            help="What an update or all-clear follows: takes its places, fields, routes and code.",
            show_default=False,
            autocompletion=completions.runs,
        ),
    ] = "",
    references: Annotated[
        list[str] | None, typer.Option("--references", metavar="CODE", help="Whose place it takes; may be repeated.")
    ] = None,
    code: Annotated[str, typer.Option(help="Printed on the message.", show_default="the next free one")] = "",
    effective: Annotated[str, typer.Option(metavar="TIME", help="When it begins.", show_default="now")] = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="After which nothing is sent.", show_default="the template's")
    ] = "",
    status: Annotated[str, typer.Option(metavar="STATUS", help="Actual, Exercise or Test.", show_default="the workspace's")] = "",
    drill: Annotated[bool, typer.Option("--drill", help="The text of a drill, in which nobody need do anything.")] = False,
    routes_from: Annotated[
        Path | None,
        typer.Option(
            "--routes-from",
            metavar="CAMPAIGN",
            help="Take the routes of another campaign; otherwise cs alone.",
            show_default=False,
            autocompletion=completions.campaigns,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file.", show_default="campaigns/HAZARD-CODE.yaml")] = None,
    account: Annotated[
        str, typer.Option("--account", help="Which OA.", show_default="the only one", autocompletion=completions.accounts)
    ] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write a campaign file out of the library; what it lacks is asked, six questions at most, and Enter takes the default.

    Example: zalo-alert new bão --areas new:46 --stage warning --level 4 --set ten_bao="bão số 7"

    Example: zalo-alert new --from campaigns/bao-so-7.yaml --stage all-clear
    """
    from zalo_alert.operations.new_campaign import NewCampaign, NewOrder

    order = NewOrder(
        " ".join(hazard or ()), tuple(areas or ()), stage, level, code, dict(map(_field, values or ())), effective, expires,
        tuple(references or ()), source, status, drill, out, account, routes_from,
    )  # fmt: skip
    campaign = NewCampaign(order, workspace, SystemClock().now(), os.environ)
    if sys.stdin.isatty() and display.err.is_terminal and not display.json:
        _ask_all(campaign.interview)
    _check_nothing_missing(campaign)
    _show(campaign.write(), workspace)


def _field(typed: str) -> tuple[str, str]:
    name, equals, value = typed.partition("=")
    if not equals or not value.strip():
        raise UsageError(
            _('"{typed}" is not a field and its value', typed=typed[:60]),
            hint=_("write it like {example}", example="so_tan_truoc=20:00"),
        )
    return name.strip(), value.strip()


def _ask_all(interview: "Interview") -> None:
    """Ask until nothing is missing; whoever breaks off leaves nothing behind.

    Raises:
        Interrupted: They did.
    """
    number = 0
    try:
        while (ask := interview.next()) is not None:
            number += 1
            _ask(interview, ask, number)
    except (typer.Abort, KeyboardInterrupt) as exc:
        raise Interrupted(_("nothing was written")) from exc


def _ask(interview: "Interview", ask: "Ask", number: int) -> None:
    display.say(joined((f"{number}. ", ask.text), ""), style="bold")
    for at, choice in enumerate(ask.choices, 1):
        display.say(joined((f"   {at}", choice), " "))
    while True:
        typed = display.ask(_prompt(ask))
        try:
            understood = interview.take(ask, typed)
        except ZaloAlertError as exc:
            display.say(joined(("   ", exc.message), ""), style="yellow")
            if exc.hint:
                display.say(joined(("   → ", exc.hint), ""))
            continue
        if understood != typed.strip():
            display.say(joined(("   = ", understood), ""), style="dim")
        return


def _prompt(ask: "Ask") -> str:
    """Say what Enter takes, or else how an answer looks."""
    return f"   [{ask.default}]" if ask.default else joined(("   (", _("such as {example}", example=ask.example), ")"), "")


def _check_nothing_missing(campaign: "NewCampaign") -> None:
    """Where nobody can be asked, name everything that is missing at once, with a command that would do.

    Raises:
        UsageError: Something is.
    """
    missing = campaign.interview.missing()
    if not missing:
        return
    for ask in missing:
        option, example = ask.options[-1]
        display.fact("missing", option=option, field="" if option != "set" else ask.name, asks=ask.text, example=example)
        display.say(joined((f"  {_words(ask)}", ask.text), "  "))
    number = len(missing)
    raise UsageError(
        _n(
            "{number} answer is missing, and nobody is here to be asked",
            "{number} answers are missing, and nobody is here to be asked",
            number,
            number=number,
        ),
        hint=_("for example {command}", command=campaign.command()),
    )


def _words(ask: "Ask") -> str:
    """Return what would have answered a question on the command line."""
    return " ".join(f"--{option} {example}" for option, example in ask.options)


def _show(written: "Written", workspace: Path) -> None:
    campaign = written.reading.campaign
    display.fact(
        "new", file=str(written.path), code=campaign.code, status=campaign.status, template=campaign.template,
        areas=[area.label for area in campaign.audience.areas], effective=campaign.effective, expires=campaign.expires,
        guessed=sorted(written.guessed),
    )  # fmt: skip
    display.done(
        _("{file} is written and sound: {code} ({status}), from {template}", file=written.path, code=campaign.code,
          status=kind_of(campaign.status), template=campaign.template)
    )  # fmt: skip
    for line in written.sample.splitlines()[:FIRST_LINES]:
        display.say(joined(("  │ ", line), ""))
    _say_guesses(written)
    findings = _look_at_wording(written, workspace)
    _say_what_comes_next(str(written.path), has_findings=bool(findings))


def _say_guesses(written: "Written") -> None:
    """Say what nobody was asked for: at night a default must be seen to be right."""
    guesses = written.guesses()
    if guesses:
        display.say(_("taken without asking, to be changed under `fields`:"), style="yellow")
    for name, value in guesses:
        display.say(joined(("  ", name, " = ", value), ""))


def _look_at_wording(written: "Written", workspace: Path) -> "list[Finding]":
    from zalo_alert.cli.wording_view import say_sum, show_findings
    from zalo_alert.operations.new_campaign import wording_of

    findings = wording_of(written, workspace, os.environ)
    show_findings(findings, written.text.decode().splitlines())
    say_sum(str(written.path), findings)
    return findings


def _say_what_comes_next(file: str, *, has_findings: bool) -> None:
    steps = [
        _("{preview} shows it as a phone does", preview=Cure.PREVIEW(file)),
        _("{plan} says how many people it reaches, and by when", plan=Cure.PLAN(file)),
        _("{submit} asks a second officer to agree", submit=Cure.SUBMIT(file)),
    ]
    if has_findings:
        steps.insert(0, _("change the file, then {validate}", validate=Cure.VALIDATE(file)))
    display.say(_("next:"), style="bold")
    for number, step in enumerate(steps, 1):
        display.say(joined((f"  {number}.", step), " "))
