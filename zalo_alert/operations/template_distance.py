"""How far a campaign has gone from the template that it names: for whoever checks it, and for whoever must agree to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.language import _, _n, count, joined
from zalo_alert.models import Campaign

MOST_GONE = 12  # lines of guidance that are named: a template has fewer
SHARE_DIGITS = 3  # of a share in a request: the submitter and the approver read the same number


@dataclass(frozen=True, slots=True)
class TemplateDistance:
    """A campaign beside its template.

    Args:
        name: The template's: `bao/warning/4`.
        share: Of the words that differ, from 0 (as the template) to 1; None where there is no such template.
        gone: Lines of the template's guidance that the campaign does not say any more.
    """

    name: str
    share: float | None
    gone: tuple[str, ...] = ()

    @property
    def is_far(self) -> bool:
        """Whether whoever agrees should read every word."""
        from zalo_alert.library.distance import MUCH

        return self.share is None or bool(self.gone) or self.share >= MUCH

    def sentence(self) -> str:
        """Say it in a line."""
        if self.share is None:
            return _("the template {name} is not in this library: read every word", name=self.name)
        from zalo_alert.library.distance import Distance

        words = Distance(self.share, ()).words
        if self.share:
            words = joined((words, joined((" (", self._percent(), " %)"), "")), "")
        return _("template {name}: {words}", name=self.name, words=words)

    def _percent(self) -> str:
        """Return the share as a request tells it, rounded as the approver's page does: a half up."""
        return count(int(100 * round(self.share or 0, SHARE_DIGITS) + 0.5))

    def gone_sentence(self) -> str:
        """Say which guidance is gone; "" where none is."""
        if not self.gone:
            return ""
        number = len(self.gone)
        lines = joined((f'"{line}"' for line in self.gone[:MOST_GONE]), "; ")
        return _n(
            "{count} line of the template's guidance is gone: {lines}",
            "{count} lines of the template's guidance are gone: {lines}",
            number,
            count=count(number),
            lines=lines,
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for a request, whose digest is signed."""
        share = None if self.share is None else round(self.share, SHARE_DIGITS)
        return {"name": self.name, "distance": share, "gone": list(self.gone[:MOST_GONE])}


def read_distance(data: Mapping[str, Any] | None) -> TemplateDistance | None:
    """Read it back; None where a request says nothing of a template.

    Raises:
        KeyError: It is not whole.
        ValueError: It holds something else.
    """
    if not data:
        return None
    share = None if data["distance"] is None else float(data["distance"])
    return TemplateDistance(str(data["name"]), share, tuple(str(line) for line in data.get("gone", ())))


def measure_distance(campaign: Campaign, workspace: Path) -> TemplateDistance | None:
    """Compare a campaign with the template that it names; None where it names none.

    Args:
        campaign: Sound.
        workspace: With the office's own templates; one that has faults knows no template.
    """
    if not campaign.template:
        return None
    from zalo_alert.library.distance import compare  # loads rapidfuzz, which a campaign of one's own does without
    from zalo_alert.operations.template_library import library_of

    try:
        template = library_of(workspace).named(campaign.template)
    except (UsageError, CampaignInvalid):
        return TemplateDistance(campaign.template, None)
    result = compare(template, campaign)
    return TemplateDistance(campaign.template, result.share, result.gone)
