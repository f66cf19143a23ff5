"""Whether two alerts that are in force contradict each other where somebody reads both. Pure; knows neither disk nor clock.

In Seoul, on 31 May 2023, the city told people to prepare to leave, and 22 minutes later the ministry that it was a mistake.
What an alert asks for stands in its text alone, so the words are looked for; a text that speaks of both says neither.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, MsgType, Status
from zalo_alert.runs.facts import Kind, RunFacts, RunPlace
from zalo_alert.runs.lifecycle import RunState

_MOST_PAIRS = 250_000  # of places that are compared; beyond, wards are compared by their own code alone
_NAMED = 3  # places that a sentence names
_GO = re.compile(r"sơ tán|di dời|rời khỏi (?:nhà|nơi)|\bevacuat|\bleave your home", re.IGNORECASE)
_STAY = re.compile(
    r"ở (?:yên )?(?:trong|tại) nhà|ở yên|không (?:được )?(?:ra khỏi nhà|ra ngoài|ra đường|rời nhà)"
    r"|\bstay (?:at home|indoors|inside)",
    re.IGNORECASE,
)
_GONE = {RunState.REJECTED, RunState.CANCELLED, RunState.CORRECTED}


class Advice(StrEnum):
    """What a text tells people to do."""

    GO = "go"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Alert:
    """What of a run bears on others.

    Args:
        facts: Of the run.
        campaign: As it was frozen.
        places: Of its audience.
        state: Where it stands.
    """

    facts: RunFacts
    campaign: Campaign
    places: tuple[RunPlace, ...]
    state: RunState

    def is_in_force(self, now: datetime) -> bool:
        """Whether somebody has read it or will, and goes by it."""
        is_word = self.campaign.msg_type is not MsgType.CANCEL and self.facts.kind is Kind.ALERT
        return is_word and self.facts.expires > now and self.state not in _GONE

    def takes_the_place_of(self, other: "Alert") -> bool:
        """Whether whoever reads both knows which of them counts."""
        return other.campaign.code in (self.campaign.code, *self.campaign.references) or other.facts.id in self.facts.parent


class Conflict(NamedTuple):
    """Two runs that contradict each other, by name, and how, as a sentence."""

    runs: tuple[str, str]
    sentence: str


def conflicts(alerts: Sequence[Alert], now: datetime) -> list[Conflict]:
    """Find which alerts contradict each other; a drill never contradicts what is real."""
    in_force = [alert for alert in alerts if alert.is_in_force(now)]
    return [found for one, other in combinations(in_force, 2) if (found := _compare(one, other))]


def _compare(one: Alert, other: Alert) -> Conflict | None:
    is_real = [alert.campaign.status is Status.ACTUAL and not alert.facts.is_rehearsal for alert in (one, other)]
    if is_real[0] != is_real[1] or one.takes_the_place_of(other) or other.takes_the_place_of(one):
        return None
    names = (one.facts.id, other.facts.id)
    shared = list(_shared(one.places, other.places))
    for differ, say in ((_advise_apart, _say_apart), (_rate_apart, _say_levels)):
        found = [(place, other_place) for place, other_place in shared if differ(one, place, other, other_place)]
        if found:
            return Conflict(names, say(one, found[0][0], other, found[0][1], _where([place for place, _ in found])))
    return None


def _shared(own: Sequence[RunPlace], others: Sequence[RunPlace]) -> Iterator[tuple[RunPlace, RunPlace]]:
    """Yield the pairs of places that somebody may live in both of."""
    if len(own) * len(others) > _MOST_PAIRS:
        by_key = {place.key: place for place in others}
        yield from ((place, by_key[place.key]) for place in own if place.key in by_key)
        return
    masks = [(place, places.ward_of(place.key), _mask(place.key)) for place in others]
    for place in own:
        ward, mask = places.ward_of(place.key), _mask(place.key)
        yield from ((place, other) for other, code, its in masks if (code == ward if code and ward else its & mask))


def _mask(key: str) -> int:
    try:
        return places.mask_of(key)
    except KeyError:  # the staff, or a place of a younger version
        return 0


def _advise_apart(one: Alert, place: RunPlace, other: Alert, other_place: RunPlace) -> bool:
    return {_advice(one, place), _advice(other, other_place)} == {Advice.GO, Advice.STAY}


def _rate_apart(one: Alert, place: RunPlace, other: Alert, other_place: RunPlace) -> bool:
    levels = {one.campaign.risk_of(place.variant), other.campaign.risk_of(other_place.variant)}
    return one.campaign.event == other.campaign.event and None not in levels and len(levels) == 2


def advice_of(text: str) -> Advice | None:
    """Return what a text tells people to do; None where it says neither, or both."""
    goes, stays = bool(_GO.search(text)), bool(_STAY.search(text))
    return None if goes is stays else Advice.GO if goes else Advice.STAY


def _advice(alert: Alert, place: RunPlace) -> Advice | None:
    campaign = alert.campaign
    text = campaign.text if place.variant is None else campaign.variants[place.variant].text
    return advice_of(f"{campaign.headline}\n{text}")


def _say_apart(one: Alert, place: RunPlace, other: Alert, _other_place: RunPlace, where: str) -> str:
    goes, stays = (one, other) if _advice(one, place) is Advice.GO else (other, one)
    return _(
        "{where}: {going} tells people to leave, {staying} tells them to stay at home",
        where=where, going=goes.facts.id, staying=stays.facts.id,
    )  # fmt: skip


def _say_levels(one: Alert, place: RunPlace, other: Alert, other_place: RunPlace, where: str) -> str:
    return _(
        "{where}: {one} says risk level {level}, {other} says {other_level} for the same hazard",
        where=where,
        one=one.facts.id,
        level=one.campaign.risk_of(place.variant),
        other=other.facts.id,
        other_level=other.campaign.risk_of(other_place.variant),
    )


def _where(found: Sequence[RunPlace]) -> str:
    labels = list(dict.fromkeys(place.label for place in found))
    if len(labels) <= _NAMED:
        return joined(labels, ", ")
    return _("{places} and {number} more places", places=joined(labels[:_NAMED], ", "), number=len(labels) - _NAMED)
