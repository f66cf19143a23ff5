"""The library of templates as a workspace sees it: the packaged hazards, and over them the office's own."""

from pathlib import Path
from typing import NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.library.hazard_names import hazard_named
from zalo_alert.library.load import Library, load_library
from zalo_alert.library.template import Stage, Template

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
        name: `bao/warning/4`, or a hazard as people call it.
        workspace: With the office's own.
        is_drill: Whether the text of a drill is wanted.

    Raises:
        UsageError: There is none such; says which there are.
        CampaignInvalid: A file of the office's own has faults.
    """
    library = library_of(workspace)
    if "/" in name:
        return library.named(name if not is_drill or name.endswith("/drill") else f"{name}/drill")
    code = hazard_named(name, library.hazards())
    stages = library.stages(code)
    stage = Stage.WARNING if Stage.WARNING in stages else stages[0]
    levels = library.levels(code, stage)
    return library.find(code, stage, levels[-1] if levels else None, is_drill=is_drill)
