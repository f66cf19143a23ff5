"""Where invented people really live, what they hold in their hands, and how many of an OA's people a target means.

What a person has written as their city may be nothing or nonsense; Zalo, which aims broadcasts, knows it all the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from zalo_alert.places import FORMER_PROVINCES, PROVINCES
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.world import BLOCK, Oa, Person, World, drawn

CITIES = 64  # Zalo's numbers: the 63 provinces of before July 2025, and abroad
ABROAD = 63
NORTH, CENTRE, SOUTH = 0, 1, 2
_LOCATIONS = {
    "trung-du-mien-nui-phia-bac": NORTH, "dong-bang-song-hong": NORTH, "bac-trung-bo": CENTRE,
    "duyen-hai-nam-trung-bo": CENTRE, "tay-nguyen": CENTRE, "dong-nam-bo": SOUTH, "dong-bang-song-cuu-long": SOUTH,
}  # fmt: skip
LOCATION = {former.zalo_city: _LOCATIONS[former.region] for former in FORMER_PROVINCES} | {ABROAD: -1}
_SHARES: Mapping[str, tuple[float, ...]] = {  # of ages, sexes and telephones, roughly as they are
    "ages": (0.01, 0.06, 0.14, 0.26, 0.22, 0.16, 0.10, 0.05),
    "gender": (0.0, 0.5, 0.5),
    "platform": (0.0, 0.35, 0.65, 0.0),
    "telcos": (0.0, 0.2, 0.24, 0.5, 0.06),
}


class Population:
    """The people of all OAs, and where they live.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        by_new: dict[str, list[int]] = {province.key: [] for province in PROVINCES}
        for former in FORMER_PROVINCES:
            by_new[f"new:{former.new_code}"].append(former.zalo_city)
        self._today = [by_new[province.key] for province in PROVINCES]
        self._former = [former.zalo_city for former in FORMER_PROVINCES]
        self._anywhere = [*self._former, ABROAD, ABROAD]
        self.province_of = {former.zalo_city: f"new:{former.new_code}" for former in FORMER_PROVINCES}

    def city(self, person: Person) -> int:
        """Return Zalo's number of a person's former province."""
        place = synthetic.place_of(person.number, self._world.options.seed, self._world.around(person.number))
        dice = drawn(f"{person.number}", 9)
        if place is None:
            return self._anywhere[int(dice * len(self._anywhere))]
        if place < len(self._today):
            predecessors = self._today[place]
            return predecessors[int(dice * len(predecessors))]
        return self._former[place - len(self._today)]

    def city_of_user(self, user: str) -> int | None:
        """Return the same by user_id; None for a phone, or whoever is nobody's invention."""
        number = synthetic.number_of(user) if len(user) <= 25 and user.isdigit() else None
        return None if number is None else self.city(Person(user, number % BLOCK))

    def count(self, oa: Oa, target: Mapping[str, Sequence[int]]) -> Counter[int]:
        """Count an OA's followers whom a target means, by former province; `cities` go before `locations`."""
        world, people = self._world, Counter[int]()
        cities, locations = target.get("cities"), target.get("locations")
        traits = [(name, target[name]) for name in _SHARES if name in target and not (name == "gender" and 0 in target[name])]
        for index in range(world.audience(oa)):
            person = world.member(oa, index)
            city = self.city(person)
            if cities is not None:
                if city not in cities:
                    continue
            elif locations is not None and LOCATION[city] not in locations:
                continue
            if all(trait(person, name) in wanted for name, wanted in traits) and world.follows(oa, person.user_id):
                people[city] += 1
        return people


def trait(person: Person, name: str) -> int:
    """Draw a person's age group, sex or telephone, the same every time."""
    shares = _SHARES[name]
    dice = drawn(f"{person.number}", 10 + list(_SHARES).index(name))
    for value, share in enumerate(shares):
        dice -= share
        if dice < 0:
            return value
    return len(shares) - 1
