"""What each route of a campaign puts on a phone, and for whom: every place, or the longest and the shortest message.

Owns the choice of what is worth looking at; draws nothing.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.template import PERSONAL_FIELDS, fields_used
from zalo_alert.language import _
from zalo_alert.models import Button, Campaign, Route, RouteType
from zalo_alert.planning.template_fit import HAVE_TEMPLATE
from zalo_alert.runs.facts import RunPlace

EVERYWHERE = _("everywhere alike")
MOST_HEADER = 100  # characters of a headline in the older message types, which are cut there as they are sent


class Screen(NamedTuple):
    """One message on one phone.

    Args:
        place: Whose.
        headline: Above the text where the route shows one; it stands in reports in any case.
        text: What is read; "" where a template or a file says it.
        data: The template's parameters, filled in.
        has_name: Whether the person has a name.
        note: Which of several it is: "longest", "shortest", "everywhere alike", or nothing.
    """

    place: RunPlace
    headline: str
    text: str
    data: dict[str, str]
    has_name: bool = True
    note: str = ""

    @property
    def size(self) -> int:
        """How many characters are filled in or read."""
        return len(self.text) + sum(map(len, self.data.values()))


class Phone(NamedTuple):
    """A route with its messages; `number` is its place among the campaign's routes, from 0."""

    number: int
    route: Route
    screens: tuple[Screen, ...]

    @property
    def buttons(self) -> tuple[Button, ...]:
        """What stands below the message."""
        return self.route.buttons


def phones(
    campaign: Campaign, places: Sequence[RunPlace], name: str, *, every: bool = False, each_variant: bool = True
) -> list[Phone]:
    """Render each route.

    Args:
        campaign: Sound; or what may follow one.
        places: Where people are, or may be; never empty.
        name: Whose name stands where a message has one; those without one are shown beside.
        every: Show every place, instead of the longest and the shortest message.
        each_variant: Show these for each of the campaign's variants; what follows an alert has one text for all of them.
    """
    renderer = Renderer(campaign)
    different = list({(place.label, place.variant): place for place in places}.values())
    choose: Callable[[list[Screen]], list[Screen]] = list if every else _telling if each_variant else _extremes
    return [_phone(campaign, renderer, number, different, name, choose) for number in range(len(campaign.routes))]


def _phone(
    campaign: Campaign,
    renderer: Renderer,
    number: int,
    places: Sequence[RunPlace],
    name: str,
    choose: Callable[[list[Screen]], list[Screen]],
) -> Phone:
    route = campaign.routes[number]

    def render(place: RunPlace, who: str = name) -> Screen:
        headline = renderer.headline(place.label, place.variant)
        if route.type in HAVE_TEMPLATE:
            return Screen(place, headline, "", renderer.data(number, place.label, place.variant, who), bool(who))
        if route.type is not RouteType.CS:
            headline = headline[:MOST_HEADER]
        text = "" if route.file else renderer.text(place.label, place.variant, who)
        return Screen(place, headline, text, {}, bool(who))

    screens = [render(place) for place in places]
    telling = choose(screens)
    if name and _is_personal(campaign, route):
        telling = [*telling, render(places[0], "")]
    return Phone(number, route, tuple(telling))


def _telling(screens: Sequence[Screen]) -> list[Screen]:
    """Choose for each text of the campaign the longest message and the shortest."""
    by_variant: dict[int | None, list[Screen]] = {}
    for screen in screens:
        by_variant.setdefault(screen.place.variant, []).append(screen)
    return [screen for group in by_variant.values() for screen in _extremes(group)]


def _extremes(group: Sequence[Screen]) -> list[Screen]:
    by_size: Callable[[Screen], int] = lambda screen: screen.size  # noqa: E731
    longest, shortest = max(group, key=by_size), min(group, key=by_size)
    if all((screen.text, screen.data) == (longest.text, longest.data) for screen in group):
        return [longest if len(group) == 1 else group[0]._replace(note=EVERYWHERE)]
    if longest.size == shortest.size:
        return [group[0]]
    return [longest._replace(note=_("the longest")), shortest._replace(note=_("the shortest"))]


def _is_personal(campaign: Campaign, route: Route) -> bool:
    texts = route.data.values() if route.type in HAVE_TEMPLATE else campaign.texts
    return any(fields_used(text) & PERSONAL_FIELDS for text in texts)
