"""What a campaign's routes say to people of a run's places: the bridge between rendered text and the wire's fields."""

from collections.abc import Sequence
from typing import Any

from zalo_alert.models import Campaign, RouteType
from zalo_alert.render import Renderer
from zalo_alert.runs import RunPlace


class RouteContent:
    """See `zalo.Content`: the template's data, or the text, for one route of a campaign.

    Args:
        renderer: Of the frozen campaign.
        campaign: The same.
        route: Which of its routes.
        places: Of the run, by number.
    """

    def __init__(self, renderer: Renderer, campaign: Campaign, route: int, places: Sequence[RunPlace]) -> None:
        self._renderer, self._places = renderer, places
        self._number, self._route = route, campaign.routes[route]
        self._headline = campaign.headline
        self.personal = renderer.personal

    def __call__(self, place: int, name: str) -> dict[str, Any]:
        """See `zalo.Content`."""
        where = self._places[place]
        match self._route.type:
            case RouteType.TEMPLATE | RouteType.PHONE:
                data = self._renderer.data(self._number, where.label, where.variant, name)
                return {"template_id": self._route.template_id, "template_data": data}
            case RouteType.CS:
                return {"text": self._renderer.text(where.label, where.variant, name)}
            case _:
                return self._elements(where, name)

    def _elements(self, where: RunPlace, name: str) -> dict[str, Any]:
        """Put headline and text into the elements of the older message types."""
        text = self._renderer.text(where.label, where.variant, name).replace("\n", "<br>")
        header = {"type": "header", "content": self._renderer.headline(where.label, where.variant)[:100], "align": "left"}
        kind = "promotion" if self._route.type is RouteType.PROMOTION else "transaction_event"
        payload = {
            "template_type": kind,
            "language": "VI",
            "elements": [header, {"type": "text", "content": text, "align": "left"}],
        }
        return {"attachment": {"type": "template", "payload": payload}}
