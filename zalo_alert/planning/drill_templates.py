"""Which approved templates an Exercise or a Test may use: those that the workspace lists as a drill's.

What a template says is Zalo's and can't be marked by the tool: sent for a drill, an alarm's template reads like the alarm. Only
somebody who has read the template knows, and says so in the settings.
"""

from collections.abc import Iterator
from typing import NamedTuple

from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.errors import CampaignRefused
from zalo_alert.foundation.yaml_document import KeyPath, field_name
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, RouteType, Status
from zalo_alert.settings.model import Settings

_HAVE_TEMPLATE = {RouteType.TEMPLATE, RouteType.PHONE}


class Unlisted(NamedTuple):
    """A route with a template that is not a drill's.

    Args:
        part: What it belongs to, as `follow_up.parts` names it.
        number: Where it stands among the routes of that part, from 0.
        template_id: Zalo's.
    """

    part: str
    number: int
    template_id: str

    @property
    def path(self) -> KeyPath:
        """Where it stands in the file."""
        own: KeyPath = ("routes", self.number, "template_id")
        return own if self.part == ALERT else (self.part, *own)


def unlisted_templates(campaign: Campaign, settings: Settings) -> Iterator[Unlisted]:
    """Yield every route whose template a drill must not use.

    A drill workspace without a list may use all of them: its messages reach nobody but the sandbox.
    """
    listed = settings.drill_templates
    if campaign.status is Status.ACTUAL or (listed is None and settings.direct):
        return
    for name, part in parts(campaign).items():
        for number, route in enumerate(part.routes):
            if route.type in _HAVE_TEMPLATE and route.template_id not in (listed or ()):
                yield Unlisted(name, part.written_at(number), route.template_id)


def describe_unlisted(template_id: str) -> str:
    """Say what is wrong with using a template in a drill."""
    return _(
        "template {template} is not listed as a drill's: what it says is read like the real thing, and the tool can't mark it",
        template=template_id,
    )


def check_templates(campaign: Campaign, settings: Settings) -> None:
    """Refuse a drill that would be read like an alarm.

    Raises:
        CampaignRefused: One of its templates is not listed as a drill's.
    """
    unlisted = list(unlisted_templates(campaign, settings))
    if unlisted:
        raise CampaignRefused(
            joined((f"{campaign.code} {field_name(unlisted[0].path)}", describe_unlisted(unlisted[0].template_id)), ": "),
            hint=how_to_list(sorted({one.template_id for one in unlisted})),
        )


def how_to_list(templates: list[str]) -> str:
    """Say what to do about templates that are not listed."""
    return _(
        "if its approved text says DIỄN TẬP or THỬ NGHIỆM, list it in zalo-alert.yaml, drill: {example}; or take the route out",
        example="{templates: [" + ", ".join(f'"{template}"' for template in templates) + "]}",
    )
