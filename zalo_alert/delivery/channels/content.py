"""What a route's message says to a person: rendered text in the fields that Zalo reads.

Owns the `message` and `template_data` of a body; the person's address is put beside them by `channels.zalo`.
"""

from collections.abc import Sequence
from typing import Any

from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.template import bares_name
from zalo_alert.delivery.channels.base import Attachment
from zalo_alert.models import Campaign, Recipient, RouteType
from zalo_alert.runs.facts import RunPlace
from zalo_alert.zalo.message_parts import button_of


class RouteContent:
    """See `channels.zalo.Content`: the template's data, or the text, for one route of a campaign.

    Args:
        renderer: Of the frozen campaign.
        campaign: The same.
        route: Which of its routes.
        places: Of the run, by number.
        attachment: The route's file, as uploaded; None when it has none.
    """

    def __init__(
        self,
        renderer: Renderer,
        campaign: Campaign,
        route: int,
        places: Sequence[RunPlace],
        attachment: Attachment | None = None,
    ) -> None:
        self._renderer, self._places = renderer, places
        self._number, self._route = route, campaign.routes[route]
        self._attachment = attachment
        self.personal = renderer.personal

    @property
    def edition(self) -> int:
        """See `channels.zalo.Content`: it changes when a file was uploaded anew."""
        return self._attachment.edition if self._attachment else 0

    def __call__(self, recipient: Recipient) -> dict[str, Any]:
        """See `channels.zalo.Content`."""
        place, name = self._places[recipient.place], recipient.name
        match self._route.type:
            case RouteType.TEMPLATE | RouteType.PHONE:
                data = self._renderer.data(self._number, place.label, place.variant, name)
                return {"template_id": self._route.template_id, "template_data": data}
            case RouteType.CS:
                return self._consultation(place, recipient)
            case _:
                return self._elements(place, name)

    @property
    def may_miss_value(self) -> bool:
        """Whether a parameter is empty for people without a name."""
        return any(map(bares_name, self._route.data.values()))

    def misses_value(self, recipient: Recipient) -> bool:
        """Whether a parameter is empty for this person."""
        place = self._places[recipient.place]
        return self._renderer.lacks(self._number, place.label, place.variant, recipient.name)

    def _consultation(self, place: RunPlace, recipient: Recipient) -> dict[str, Any]:
        uploaded_id = self._attachment.id_of(recipient.account) if self._attachment else ""
        if self._route.file:
            return {"attachment": {"type": "file", "payload": {"token": uploaded_id}}}
        message: dict[str, Any] = {"text": self._renderer.text(place.label, place.variant, recipient.name)}
        payload: dict[str, Any] = {}
        if self._route.image:
            image = {"attachment_id": uploaded_id} if uploaded_id else {"url": self._route.image}
            payload = {"template_type": "media", "elements": [{"media_type": "image", **image}]}
        if self._route.buttons:
            payload["buttons"] = [button_of(button.title, button.press, button.value) for button in self._route.buttons]
        if payload:
            message["attachment"] = {"type": "template", "payload": payload}
        return message

    def _elements(self, place: RunPlace, name: str) -> dict[str, Any]:
        """Put headline and text into the elements of the older message types."""
        text = self._renderer.text(place.label, place.variant, name).replace("\n", "<br>")
        header = {"type": "header", "content": self._renderer.headline(place.label, place.variant)[:100], "align": "left"}
        kind = "promotion" if self._route.type is RouteType.PROMOTION else "transaction_event"
        payload = {
            "template_type": kind,
            "language": "VI",
            "elements": [header, {"type": "text", "content": text, "align": "left"}],
        }
        return {"attachment": {"type": "template", "payload": payload}}
