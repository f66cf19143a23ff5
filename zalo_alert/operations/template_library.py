"""The library of templates as a workspace sees it: the packaged hazards, and over them the office's own."""

from pathlib import Path
from typing import NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.language import _, joined
from zalo_alert.library.hazard_names import hazard_named
from zalo_alert.library.load import Library, load_library
from zalo_alert.library.template import LATER, Kind, Question, Stage, Template
from zalo_alert.operations.new_questions import stage_named

TEMPLATES = "templates"  # a folder of a workspace


class StageRow(NamedTuple):
    """A stage of a hazard that has templates: the hazard's code and Vietnamese name, the stage's word, its risk levels."""

    hazard: str
    name: str
    stage: str
    levels: tuple[int, ...]


def library_of(workspace: Path) -> Library:
    """Return the library with the office's own templates.

    Raises:
        CampaignInvalid: A file of these has faults.
    """
    own = workspace / TEMPLATES
    return load_library(own if own.is_dir() else None)


def list_templates(workspace: Path) -> list[StageRow]:
    """List every stage that has templates.

    Raises:
        CampaignInvalid: A file of the office's own has faults.
    """
    library = library_of(workspace)
    return [
        StageRow(code, HAZARDS[code].name, stage.value, library.levels(code, stage))
        for code in library.hazards()
        for stage in library.stages(code)
    ]


def find_template(name: str, workspace: Path, *, is_drill: bool) -> Template:
    """Find a template by its name, or the likeliest of a hazard.

    Args:
        name: `bao/warning/4`, also as people call it (`bão/cảnh báo/4`), or a hazard.
        workspace: With the office's own.
        is_drill: Whether the text of a drill is wanted.

    Raises:
        UsageError: There is none such; says which there are.
        CampaignInvalid: A file of the office's own has faults.
    """
    library = library_of(workspace)
    if "/" in name:
        name = _in_codes(name, library)
        return library.named(name if not is_drill or name.endswith("/drill") else f"{name}/drill")
    code = hazard_named(name, library.hazards())
    stages = library.stages(code)
    stage = Stage.WARNING if Stage.WARNING in stages else stages[0]
    levels = library.levels(code, stage)
    return library.find(code, stage, levels[-1] if levels else None, is_drill=is_drill)


def _in_codes(name: str, library: Library) -> str:
    """Write a template's name in codes: `bão/sơ tán/4` is `bao/evacuate/4`.

    Raises:
        UsageError: There is no such hazard, or it has no such stage.
    """
    hazard, stage, *rest = (part.strip() for part in name.split("/"))
    code = hazard_named(hazard, library.hazards())
    return "/".join((code, stage_named(stage, library.stages(code)), *rest))


def say_default(question: Question) -> str:
    """Say what a field has where nobody fills it in."""
    if question.kind is not Kind.INSTANT or not question.default:
        return question.default
    if found := LATER.fullmatch(question.default):
        hours = int(found[2])
        if found[1] == "-":
            return _("{hours} h before the message", hours=hours) if hours else _("the full hour before the message")
        after = _("{hours} h after the message", hours=hours)
        return joined((after, _("not after the danger begins")), ", ") if found[3] else after
    return _("the next {clock}", clock=question.default.partition(" ")[2])
