"""`templates`: what the library has for each hazard, and what one of its templates says."""

from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, Step
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.library.template import Template

group = typer.Typer(
    no_args_is_help=True, help="The library that `new` begins from: hazards, stages, levels, texts and their sources."
)
app.add_typer(group, name="templates")


@group.command(name="list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the hazards that have templates, with their stages and risk levels.

    Example: zalo-alert templates list
    """
    from zalo_alert.operations.template_library import list_templates

    rows = list_templates(workspace)
    for row in rows:
        display.fact("library-stage", hazard=row.hazard, name=row.name, stage=row.stage, levels=list(row.levels))
    hazards = dict.fromkeys((row.hazard, row.name) for row in rows)
    cells = [
        (code, name, joined((_stage_cell(row.stage, row.levels) for row in rows if row.hazard == code), ", "))
        for code, name in hazards
    ]
    display.table(_("templates"), (_("hazard"), _("name"), _("stages (levels)")), cells, whole=1)


def _stage_cell(stage: str, levels: tuple[int, ...]) -> str:
    from zalo_alert.library.template import Stage
    from zalo_alert.operations.new_questions import STAGES, InTwo

    vietnamese, english = STAGES[Stage(stage)]
    span = f" ({levels[0]}–{levels[-1]})" if len(levels) > 1 else f" ({levels[0]})" if levels else ""
    return InTwo(f"{english}{span}", f"{vietnamese}{span}")


@group.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A hazard, or a template's name such as bao/warning/4.", show_default=False, autocompletion=completions.hazards
        ),
    ],
    drill: Annotated[bool, typer.Option("--drill", help="The text of a drill.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show a template: its texts, what is asked for its fields, and which source each sentence follows.

    A hazard alone is shown at the stage of a warning and its highest level.

    Example: zalo-alert templates show bao/evacuate/4
    """
    from zalo_alert.operations.template_library import find_template

    template = find_template(name, workspace, is_drill=drill)
    display.fact(
        "library-template", name=template.name, hazard=template.hazard, stage=template.stage.value, level=template.level,
        headline=template.headline, text=template.text, correction=template.correction, all_clear=template.all_clear[1],
        msg_type=template.msg_type.value, urgency=template.urgency.value, severity=template.severity.value,
        certainty=template.certainty.value, response_types=list(template.response_types), lasts_h=template.lasts_h,
        fields=[question._asdict() for question in template.questions], sources=dict(template.sources), digest=template.digest,
        decides=template.decides, steps=list(template.steps),
    )  # fmt: skip
    _show_texts(template)
    _show_fields(template)
    _show_sources(template)
    _show_checklist(template)
    level = (("level", str(template.level)),) if template.level else ()
    drill_too = (("drill", ""),) if drill else ()
    new = Step(Cure.NEW, template.hazard, (("stage", template.stage.value), *level, *drill_too))
    display.say(_("{new} begins a campaign from it", new=new))


def _show_texts(template: "Template") -> None:
    display.tell(joined((template.name, template.headline), "  "), style="bold")
    display.tell(template.text)
    for part, text in ((_("correction"), template.correction), (_("all-clear"), template.all_clear[1])):
        if text:
            display.tell(joined(("\n", part, ":"), ""), style="bold")
            display.tell(text)


def _show_fields(template: "Template") -> None:
    from zalo_alert.operations.template_library import say_default

    rows = [(question.name, question.asks, say_default(question) or "–", question.example) for question in template.questions]
    if rows:
        display.tell("")
        display.table(_("fields"), (_("field"), _("question"), _("default"), _("example")), rows, whole=1)


def _show_checklist(template: "Template") -> None:
    if template.decides:
        display.tell(joined(("\n", _("who decides:")), ""), style="bold")
        display.tell(template.decides)
    if template.steps:
        display.tell(joined(("\n", _("what the duty office does:")), ""), style="bold")
        for number, step in enumerate(template.steps, 1):
            display.tell(joined((f"  {number}.", step), " "))


def _show_sources(template: "Template") -> None:
    by_source: dict[str, list[str]] = {}
    for sentence, source in template.sources.items():
        by_source.setdefault(source, []).append(sentence)
    if by_source:
        display.tell(joined(("\n", _("sources:")), ""), style="bold")
    for source, sentences in by_source.items():
        display.tell(source)
        for sentence in sentences:
            display.tell(joined(("  – ", sentence), ""))
