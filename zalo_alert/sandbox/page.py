"""What was received, for a browser: by province, live, from this machine alone."""

from collections import Counter
from importlib.resources import files
from itertools import islice
from typing import Any

from zalo_alert.places import PROVINCES
from zalo_alert.sandbox.articles import Articles
from zalo_alert.sandbox.population import ABROAD, Population
from zalo_alert.sandbox.wire import HTML, WORDS, Answer
from zalo_alert.sandbox.world import World

AT_ONCE = 50_000  # people placed for one look: a tenth of a second, in which no message is answered
MOST_ACCOUNTS = 12


class Page:
    """The status page and its numbers.

    Args:
        world: Whose.
        population: Knows who is where.
        articles: Know whom broadcasts reached.
    """

    def __init__(self, world: World, population: Population, articles: Articles) -> None:
        self._world, self._population, self._articles = world, population, articles
        self._people: Counter[str] = Counter()  # by today's province; "" is abroad, "?" nobody's invention or a phone
        self._placed = 0

    def html(self) -> Answer:
        """Return the page; it asks for the numbers itself."""
        return Answer(200, (files(__package__) / "page.html").read_bytes(), HTML)

    def numbers(self) -> dict[str, Any]:
        """Count by province; after a flood it takes a few looks until everyone is placed."""
        self._place()
        broadcast = self._broadcast()
        people = self._people + broadcast
        world = self._world
        accounts = sorted(world.oas, key=lambda oa: -oa.accepted)[:MOST_ACCOUNTS]
        return {
            "now": world.local().strftime("%H:%M:%S %d/%m/%Y"),
            "unplaced": len(world.received) - self._placed,
            "broadcast": broadcast.total(),
            "provinces": [{"name": province.name, "people": people[province.key]} for province in PROVINCES],
            "abroad": people[""],
            "unknown": people["?"],
            "accounts": [{"id": oa.account.id, "name": oa.account.name, "accepted": oa.accepted} for oa in accounts],
            "oas": len(world.oas),
            "why": {code: WORDS.get(int(code), "") for code in world.refused if code.lstrip("-").isdigit()},
        }

    def _place(self) -> None:
        for user in islice(self._world.received, self._placed, self._placed + AT_ONCE):
            city = self._population.city_of_user(user)
            self._people["?" if city is None else self._key(city)] += 1
            self._placed += 1

    def _broadcast(self) -> Counter[str]:
        people_by_place: Counter[str] = Counter()
        for broadcast in self._articles.delivered():
            for city, people in broadcast.cities.items():
                people_by_place[self._key(city)] += people
        return people_by_place

    def _key(self, city: int) -> str:
        return "" if city == ABROAD else self._population.province_of[city]
