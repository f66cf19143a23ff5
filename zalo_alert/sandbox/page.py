"""What was received, for a browser: by province, live, from this machine alone, in Vietnamese or English."""

import re
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from itertools import islice
from typing import Any

import orjson

from zalo_alert.language import Language, _, catalogue_of, choose, said_in
from zalo_alert.places import PROVINCES
from zalo_alert.sandbox.articles import Articles
from zalo_alert.sandbox.population import ABROAD, Population
from zalo_alert.sandbox.talks import Talks
from zalo_alert.sandbox.wire import HTML, WORDS, Answer
from zalo_alert.sandbox.world import World

AT_ONCE = 50_000  # people placed for one look: a tenth of a second, in which no message is answered
MOST_ACCOUNTS = 12
_SPEAKS = re.compile(r"(?:^|,)[ \t]*(vi|en)\b", re.IGNORECASE)  # browsers name the most wanted first

# All words of the page, by the names that it has for them.
_WORDS: Mapping[str, str] = {
    "title": _("Zalo sandbox"),
    "promise": _("No message leaves this machine."),
    "provinces": _("People reached, by province"),
    "accounts": _("Accounts that send"),
    "refused": _("Refusals and faults"),
    "accepted": _("messages accepted"),
    "people": _("people reached"),
    "rate": _("messages a second"),
    "twice": _("given the same message more than once"),
    "broadcast": _("reached by broadcast"),
    "requests": _("calls"),
    "asked": _("questions"),
    "answered": _("questions answered"),
    "again": _("questions answered more than once"),
    "abroad": _("abroad"),
    "unknown": _("of unknown place, or written to by phone number"),
    "unplaced": _("still being placed"),
    "others": _("further accounts"),
    "none": _("none yet"),
    "stopped": _("the sandbox has stopped"),
}


class Page:
    """The status page and its numbers.

    Args:
        world: Whose.
        population: Knows who is where.
        articles: Know whom broadcasts reached.
        talks: Know what was asked.
    """

    def __init__(self, world: World, population: Population, articles: Articles, talks: Talks) -> None:
        self._world, self._population, self._articles, self._talks = world, population, articles, talks
        self._people: Counter[str] = Counter()  # by today's province; "" is abroad, "?" nobody's invention or a phone
        self._placed = 0

    def html(self, accept_language: str = "") -> Answer:
        """Return the page; it asks for the numbers itself.

        Args:
            accept_language: The browser's header; the language of this process counts where it names neither of ours.
        """
        wanted = _SPEAKS.search(accept_language)
        language = Language(wanted[1].lower()) if wanted else choose(None)
        words = {name: said_in(phrase, catalogue_of(language)) for name, phrase in _WORDS.items()}
        table = orjson.dumps({"lang": language.value, **words}).replace(b"<", b"\\u003c")  # it stands in a script
        return Answer(200, (files(__package__) / "page.html").read_bytes().replace(b"__WORDS__", table), HTML)

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
            "talks": self._talks.counts(),
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
