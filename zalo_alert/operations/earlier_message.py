"""What a new message takes over from one that it follows: a run of the workspace, or a campaign file."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import UsageError
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.layout import runs_of
from zalo_alert.language import _
from zalo_alert.library.compose import CS, Routes
from zalo_alert.models import Campaign
from zalo_alert.operations.campaign_files import campaign_text, read_begun_campaign
from zalo_alert.runs.store import Runs


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier message.

    Args:
        campaign: As it was parsed.
        data: As it was written.
    """

    campaign: Campaign
    data: Mapping[str, Any]

    @property
    def areas(self) -> Sequence[str]:
        """The places that it was for, as it names them; none of a message to a list."""
        return [str(selector) for selector in self._part("audience").get("areas") or ()]

    @property
    def exclude(self) -> Mapping[str, Any]:
        """Whom it left out."""
        return dict(self._part("audience").get("exclude") or {})

    @property
    def routes(self) -> Routes:
        """The ways to people that it had."""
        follow_ups = [self._part(name).get("routes") for name in ("correction", "all_clear")]
        return Routes(self.data.get("routes") or CS, *follow_ups)

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self.data.get(name)
        return part if isinstance(part, dict) else {}


def read_earlier(name: str, workspace: Path) -> Earlier:
    """Read a campaign file, or the frozen campaign of a run.

    Args:
        name: A path, or a run's name.
        workspace: The folder with the runs.

    Raises:
        UsageError: There is neither.
        CampaignInvalid: The file has faults.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or _is_file(path):
        text, campaign = read_begun_campaign(path)
    elif name:
        with closing(Runs(runs_of(workspace)).open(name)) as run:
            text = run.campaign_bytes()
        campaign = campaign_file.parse(text, name, is_frozen=True)
    else:
        raise UsageError(_("name a campaign file or a run"))
    return Earlier(campaign, yaml_document.load(text, name).data)


def _is_file(path: Path) -> bool:
    with suppress(OSError, ValueError):  # a name that no disk takes is none of a file
        return path.is_file()
    return False


def routes_of(path: Path) -> Routes:
    """Return the routes of a campaign file.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults.
    """
    text = campaign_text(path)
    return Earlier(campaign_file.parse(text, str(path)), yaml_document.load(text, str(path)).data).routes
