"""`validate`, `schema`: a campaign file before anything is planned."""

import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.campaign.lifecycle import WAITED_S, ahead_s
from zalo_alert.cli import completions
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, OutsideOption, WorkspaceOption
from zalo_alert.errors import CampaignInvalid, SettingsInvalid, UsageError, WordingRefused, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, words
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import Language, _, _n, count, joined, span
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zalo_alert.campaign.parse import Reading
    from zalo_alert.errors import Problem
    from zalo_alert.models import Campaign
    from zalo_alert.operations.wording import Finding
    from zalo_alert.places import Meaning
    from zalo_alert.settings.model import Settings
    from zalo_alert.zalo.templates import Template

INBOUND = "inbound"  # the word for which a schema is asked, as the folder is called
MOST_PLACES = 40  # lines that somebody reads; a script has all of them


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Campaign files.", show_default=False, autocompletion=completions.campaigns)
    ],
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Zalo whether the templates fit, and whether the OA may have articles.")
    ] = False,
    allow_outside: OutsideOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Check campaign files; lists every fault of each with line and column, and changes nothing.

    Example: zalo-alert validate campaigns/dien-tap-bao.yaml --online
    """
    from zalo_alert.campaign.parse import read
    from zalo_alert.operations.campaign_files import campaign_text, check_attachments, with_article_of

    faults: list[CampaignInvalid] = []
    misleading: list[WordingRefused] = []
    for file in files:
        try:
            text = campaign_text(file)
            reading = read(text, str(file))
            reading = reading._replace(campaign=with_article_of(reading.campaign, file.parent))
            _check_drill_templates(file, text, reading.campaign, workspace)
            if online:
                _check_online(file, text, reading.campaign, workspace)
        except CampaignInvalid as exc:
            faults.append(exc)
            continue
        check_attachments(reading.campaign, file, workspace, allow_outside or ())
        findings = _findings_of(file, text, reading.campaign, workspace)
        _show_sound(file, reading, is_clean=all(finding.severity != "error" for finding in findings))
        _show_remarks([*reading.remarks, *_odd_references(file, text, reading.campaign, workspace)])
        _show_places(file, reading.selectors)
        _show_template_distance(file, reading.campaign, workspace)
        misleading += _show_wording(file, text, findings)
    if faults:
        raise CampaignInvalid([problem for fault in faults for problem in fault.problems])
    for refused in misleading[:1]:
        raise refused


def _check_drill_templates(file: Path, text: bytes, campaign: "Campaign", workspace: Path) -> None:
    """Hold a drill against the templates that its workspace lists for drills, if there is one; a faulty config says nothing."""
    from zalo_alert.operations.campaign_files import drill_template_problems

    if (workspace / CONFIG_NAME).exists():
        with suppress(SettingsInvalid):
            if problems := drill_template_problems(campaign, text, str(file), Workspace(workspace).settings):
                raise CampaignInvalid(problems)


def _show_template_distance(file: Path, campaign: "Campaign", workspace: Path) -> None:
    """Say how far the words have gone from the template that the file began with, and which guidance is gone."""
    from zalo_alert.operations.template_distance import measure_distance

    if distance := measure_distance(campaign, workspace):
        fields = distance.as_json()
        display.fact("distance", file=str(file), template=fields["name"], distance=fields["distance"], gone=fields["gone"])
        for sentence in filter(None, (distance.sentence(), distance.gone_sentence())):
            display.say(joined((file, sentence), ": "), style="yellow" if distance.is_far else "")


def _findings_of(file: Path, text: bytes, campaign: "Campaign", workspace: Path) -> "list[Finding]":
    from zalo_alert.operations.wording import Source, look_at

    return look_at(Source(campaign, text, str(file)), settings_of(workspace), workspace)


def _show_wording(file: Path, text: bytes, findings: "list[Finding]") -> "list[WordingRefused]":
    """Show what is wrong with the words; return why that holds the campaign back, where it does."""
    from zalo_alert.cli.wording_view import say_sum, show_findings
    from zalo_alert.operations.wording import refusal

    show_findings(findings, text.decode("utf-8-sig").splitlines())
    say_sum(str(file), findings)
    if errors := [finding for finding in findings if finding.severity == "error"]:
        refused = refusal(errors, (), str(file))
        return [refused]
    return []


def settings_of(workspace: Path) -> "Settings | None":
    """Return the settings of a workspace; None where there is none, or they are faulty: that is told by whoever needs them."""
    if not (workspace / CONFIG_NAME).exists():
        return None
    with suppress(SettingsInvalid):
        return Workspace(workspace).settings
    return None


def _show_sound(file: Path, reading: "Reading", *, is_clean: bool) -> None:
    campaign, now = reading.campaign, SystemClock().now()
    areas = [area.label for area in campaign.audience.areas]
    display.fact(
        "campaign", file=str(file), code=campaign.code, status=campaign.status, event=campaign.event, areas=areas,
        expired=now >= campaign.expires, ahead_s=ahead_s(campaign, now),
    )  # fmt: skip
    fields = {
        "file": file, "code": campaign.code, "status": kind_of(campaign.status), "event": campaign.event,
        "audience": ", ".join(areas) or _("recipients"),
    }  # fmt: skip
    if is_clean:
        display.done(_("{file}: {code} is sound ({status}, {event}, {audience})", **fields))
    else:
        display.done(_("{file}: {code} is not to be sent as it is worded ({status}, {event}, {audience})", **fields))
    if now >= campaign.expires:
        display.say(
            _(
                "{file}: it is over: it expired at {expires}, and can't be sent any more",
                file=file,
                expires=words(campaign.expires),
            ),
            style="bold red",
        )
    elif (wait_s := ahead_s(campaign, now)) > 0:
        style = "bold red" if wait_s > WAITED_S else "yellow"
        display.say(
            _(
                "{file}: it takes effect at {effective}, in {time}",
                file=file,
                effective=words(campaign.effective),
                time=span(timedelta(seconds=wait_s)),
            ),
            style=style,
        )


def _show_remarks(remarks: "Sequence[Problem]") -> None:
    for remark in remarks:
        display.fact("remark", **describe_problem(remark))
        display.say(joined(filter(None, (remark.place, remark.field, remark.message)), "  "), style="yellow")


def _odd_references(file: Path, text: bytes, campaign: "Campaign", workspace: Path) -> "Iterator[Problem]":
    """Say what is odd about the messages that a campaign speaks of, where a workspace is there that may know them."""
    from zalo_alert.foundation import yaml_document
    from zalo_alert.operations.references import look_at_references

    if (workspace / CONFIG_NAME).exists() and campaign.references:
        document = yaml_document.load(text, str(file))
        for odd in look_at_references(campaign, Workspace(workspace).runs, SystemClock().now()):
            yield document.problem(("references",) if odd.number is None else ("references", odd.number), odd.why)


def describe_problem(problem: "Problem") -> dict[str, Any]:
    """Return a problem's place and words for a machine."""
    return {name: getattr(problem, name) for name in ("file", "line", "column", "field", "message")}


def _show_places(file: Path, selectors: "Sequence[str]") -> None:
    """Say what each place was taken for, and loudly where a name may have meant more."""
    from zalo_alert.places import WARD_PREFIX, taken_for

    for number, selector in enumerate(selectors):
        for meaning in taken_for(selector):
            larger = [other for other in meaning.namesakes if other.is_larger]
            instead = [" + ".join(WARD_PREFIX + code for code in other.wards) for other in larger]
            display.fact("area", file=str(file), text=meaning.text, place=meaning.key, name=meaning.name, larger=instead)
            if number < MOST_PLACES and meaning.text != "all":
                display.say(_describe_meaning(meaning), style="" if is_as_written(meaning) else "yellow")
            for other, wards in zip(larger, instead, strict=True):
                display.say(
                    _(
                        "{file}: {text} is taken for one ward; the former {former} was larger ({number} wards):"
                        " write {wards} to mean all of it",
                        file=file,
                        text=meaning.text,
                        former=f"{other.type} {other.name}",
                        number=other.former_wards,
                        wards=wards,
                    ),
                    style="bold yellow",
                )
    if len(selectors) > MOST_PLACES:
        more = len(selectors) - MOST_PLACES
        display.say(joined(("  ", _n("and {more} more place", "and {more} more places", more, more=count(more))), ""))


def _describe_meaning(meaning: "Meaning") -> str:
    """Say what a place was taken for: `  Huế = new:46 Thành phố Huế`."""
    key = "" if meaning.text == meaning.key else f"{meaning.key} "
    name = _("former {province}", province=meaning.name) if meaning.kind == "former-province" else meaning.name
    return joined((f"  {meaning.text} = {key}", name), "")


def is_as_written(meaning: "Meaning") -> bool:
    """Whether a place is spelled as it was found, so that nobody need look twice."""
    typed, name = meaning.text.casefold(), meaning.name.casefold()
    return meaning.text == meaning.key or typed in name or name in typed


def _check_online(file: Path, text: bytes, campaign: "Campaign", workspace: Path) -> None:
    """Hold a campaign against the templates at Zalo; raise every misfit with its place in the file."""
    from zalo_alert.foundation import yaml_document
    from zalo_alert.operations.preflight import ask_zalo, misfit_path, misfits_of
    from zalo_alert.operations.publishing import check_publishing
    from zalo_alert.planning.run_places import sample_places

    home = Workspace(workspace)
    accounts = home.settings.senders(campaign.audience.accounts)
    display.notices(check_publishing(campaign, accounts, home.settings))
    answers = ask_zalo(campaign, accounts, home.settings)
    for answer in answers:
        for (part, number), template in answer.templates.items():
            _show_template(answer.account.id, part, parts(campaign)[part].written_at(number) + 1, template)
        for kind, left in answer.quotas.items():
            display.fact(
                "quota", account=answer.account.id, kind=kind.value, left=left.left, total=left.total, needed=None,
                correction=None, heard_at=None,
            )  # fmt: skip
            messages = count(left.left)
            display.say(
                _("{account}: {messages} {kind} messages left", account=answer.account.id, messages=messages, kind=kind.value)
            )
    misfits = misfits_of(campaign, answers, sample_places(campaign), _count_nameless(file, campaign, home))
    if misfits:
        document = yaml_document.load(text, str(file))
        raise CampaignInvalid(
            [document.problem(misfit_path(misfit, campaign), misfit.why) for misfit in misfits],
            hint=_("correct the data, or the template"),
        )


def _show_template(account: str, part: str, route: int, template: "Template") -> None:
    parameters = [parameter._asdict() for parameter in template.parameters]
    display.fact("template", account=account, part=part, route=route, **template._asdict() | {"parameters": parameters})
    fields = {"account": account, "route": route, "template": template.id, "name": template.name, "status": template.status}
    if part == ALERT:
        display.say(_('{account}: route {route} is template {template} "{name}", {status}', **fields))
    else:
        display.say(_('{account}: route {route} of {part} is template {template} "{name}", {status}', part=part, **fields))


def _count_nameless(file: Path, campaign: "Campaign", workspace: Workspace) -> int:
    """Count the people without a name, where a message has a gap for them, and say where it has one."""
    from zalo_alert.operations.draft import count_audience
    from zalo_alert.planning.template_fit import gaps

    if not gaps(campaign):
        return 0
    try:
        plan = count_audience(campaign, workspace.settings, display.notice)
    except ZaloAlertError as exc:
        display.say(_("{file}: how many people have no name is not known: {why}", file=file, why=exc), style="yellow")
        return 0
    for gap, sentence in plan.gaps:
        route = parts(campaign)[gap.part].written_at(gap.route) + 1
        display.fact("gap", file=str(file), part=gap.part, route=route, why=sentence)
        display.say(joined((file, sentence), ": "), style="bold red")
    return plan.nameless.people if plan.nameless else 0


@app.command()
def schema(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Where to; - is stdout. Default: campaign.schema.json. The word inbound: of files of inbound/.",
            show_default=False,
        ),
    ] = None,
    inbound_file: Annotated[
        Path | None, typer.Argument(help="Where to, behind inbound. Default: inbound.schema.json.", show_default=False)
    ] = None,
    output: Annotated[
        bool, typer.Option("--output", help="Of what --json writes instead, for scripts: output.schema.json.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write the JSON Schema that editors use to complete and check campaign files, or rule files.

    Example: zalo-alert schema campaign.schema.json

    Example: zalo-alert schema inbound inbound.schema.json
    """
    is_inbound = file == Path(INBOUND)
    if inbound_file is not None and (output or not is_inbound):
        raise UsageError(_("one file is enough; two arguments are: {words}", words=f"schema {INBOUND} FILE"))
    language = Language.EN if display.json else display.catalogue.language  # a machine is always told in English
    if output:
        from zalo_alert.cli.output_schema import build_schema as build_output_schema

        _write_schema(build_output_schema(), file or Path("output.schema.json"), _("every line of --json fits it"))
    elif is_inbound:
        from zalo_alert.operations.answers_check import inbound_schema

        target = inbound_file or Path("inbound.schema.json")
        _write_schema(inbound_schema(language), target, _("files of inbound/ name it in their first line"))
    else:
        from zalo_alert.campaign.form import schema as build_schema

        target = file or Path("campaign.schema.json")
        _write_schema(build_schema(language), target, _("campaign files name it in their first line"))


def _write_schema(schema: "Mapping[str, Any]", file: Path, what_for: str) -> None:
    text = orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if str(file) == "-":
        sys.stdout.buffer.write(text)
        return
    try:
        file.write_bytes(text)
    except OSError as exc:
        raise UsageError(_("can't write {file}: {why}", file=file, why=reason(exc))) from exc
    display.fact("schema", file=str(file))
    display.say(_("schema written to {file}; {what_for}", file=file, what_for=what_for))
