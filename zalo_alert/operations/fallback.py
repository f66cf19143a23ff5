"""What an office carries to loudspeakers, phone network and press when Zalo is down: made from a run or a campaign file alone.

Asks nobody: no network, no token, no book. The folder appears whole.
"""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.fallback import documents
from zalo_alert.fallback.commune_list import CommuneRow, commune_page, commune_rows, sheet_rows
from zalo_alert.fallback.documents import Made
from zalo_alert.fallback.readers import place_texts
from zalo_alert.foundation import machine
from zalo_alert.foundation.files import create_open_file, draft_name, open_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import Campaign, State
from zalo_alert.operations.campaign_files import read_campaign
from zalo_alert.planning.run_places import sample_places
from zalo_alert.reporting.page import Reader, draw_page
from zalo_alert.runs.facts import RunPlace
from zalo_alert.runs.run import Run

if TYPE_CHECKING:
    from zalo_alert.settings.model import Settings

SUFFIX = "-du-phong"  # of the folder's name where none is given


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is put into the folder.

    Args:
        name: Of the run, or the campaign's code where there is none.
        campaign: Whose words.
        made: Scripts and short messages.
        communes: That are to be told.
        files: By name: what they hold.
    """

    name: str
    campaign: Campaign
    made: Made
    communes: tuple[CommuneRow, ...]
    files: Mapping[str, bytes]


def fallback_of_run(run: Run, reader: Reader) -> Fallback:
    """Make it of what was frozen, with whom Zalo has reached so far."""
    facts = run.facts
    accepted: Counter[int] = Counter()
    with closing(run.ledger()) as ledger:
        for tally in ledger.tallies():
            accepted[tally.place] += tally.people if tally.state is State.ACCEPTED else 0
    counts: dict[str, tuple[int, int]] = {}
    run_places = run.places()
    for number, place in enumerate(run_places):
        people, reached = counts.get(place.key, (0, 0))
        counts[place.key] = (people + place.people, reached + accepted[number])
    return _make(facts.id, frozen_campaign(run), run_places, counts, facts.profile, facts.is_rehearsal, reader)


def fallback_of_campaign(path: Path, settings: "Settings | None", reader: Reader) -> Fallback:
    """Make it of a file of which there is no run yet.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults.
    """
    campaign = read_campaign(path)[1]
    profile = settings.profile if settings else "drill"
    return _make(campaign.code, campaign, sample_places(campaign), {}, profile, bool(settings and settings.rehearses), reader)


def _make(
    name: str,
    campaign: Campaign,
    run_places: "list[RunPlace]",
    counts: Mapping[str, tuple[int, int]],
    profile: str,
    is_rehearsal: bool,
    reader: Reader,
) -> Fallback:
    texts = list(place_texts(campaign, run_places))
    made, communes = documents.make(campaign, texts), commune_rows(campaign.audience.areas, counts)
    is_public = profile == "live" and not is_rehearsal
    page = commune_page(campaign, communes, name, is_rehearsal=is_rehearsal, profile=profile)
    files = {
        documents.LOUDSPEAKER: documents.loudspeaker_file(campaign, made),
        documents.SMS: documents.sms_file(made),
        documents.PRESS: documents.press_file(campaign, texts, is_public=is_public),
        documents.COMMUNES_PAGE: draw_page(page, reader),
        documents.COMMUNES_SHEET: documents.as_csv(sheet_rows(communes)),
    }
    return Fallback(name, campaign, made, tuple(communes), files)


def write_fallback(fallback: Fallback, folder: Path) -> list[Path]:
    """Put the files into a folder that is not there yet; return where they lie.

    Raises:
        InputInvalid: It is there, or can't be written; nothing was.
    """
    if os.path.lexists(folder):
        raise InputInvalid(
            _("{path} is there already", path=folder),
            hint=_("nothing was changed; name another folder with {option}", option=Cure.OPTION(to="FOLDER")),
        )
    draft = folder.with_name(draft_name(folder.name))
    try:
        open_folder(draft)
        for name, content in fallback.files.items():
            with create_open_file(draft / name) as file:
                file.write(content)
        machine.rename(draft, folder)
        sync_folder(folder.parent)
    except OSError as exc:
        shutil.rmtree(draft, ignore_errors=True)
        raise InputInvalid(
            _("can't write {path}: {why}", path=folder, why=reason(exc)), hint=_("check the folder and the disk's free space")
        ) from exc
    return [folder / name for name in fallback.files]
