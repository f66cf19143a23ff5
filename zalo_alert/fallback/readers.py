"""What an alert says in each place, in Vietnamese and in what else is read there, each text once with the places that read it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from zalo_alert.campaign.render import Renderer
from zalo_alert.models import Campaign, Translation
from zalo_alert.runs.facts import RunPlace


class PlaceText(NamedTuple):
    """What one place reads.

    Args:
        label: What the text calls it.
        headline: With the marks of a drill, as `text`.
        text: In Vietnamese.
        others: In other languages, by their codes.
    """

    label: str
    headline: str
    text: str
    others: tuple[tuple[str, str], ...]


def place_texts(campaign: Campaign, run_places: Sequence[RunPlace]) -> Iterator[PlaceText]:
    """Yield what each place reads, in the order of sending; a place of several groups comes once for each text."""
    vietnamese = Renderer(_without_languages(campaign))
    others: dict[tuple[int | None, str], Renderer] = {}
    for label, variant in dict.fromkeys((place.label, place.variant) for place in run_places):
        below = []
        for translation in _languages(campaign, variant):
            if (renderer := others.get((variant, translation.language))) is None:
                renderer = others[variant, translation.language] = Renderer(_in_language(campaign, translation))
            below.append((translation.language, renderer.text(label, None)))
        yield PlaceText(label, vietnamese.headline(label, variant), vietnamese.text(label, variant), tuple(below))


def _languages(campaign: Campaign, variant: int | None) -> tuple[Translation, ...]:
    return campaign.languages if variant is None else campaign.variants[variant].languages


def _without_languages(campaign: Campaign) -> Campaign:
    return replace(campaign, languages=(), variants=tuple(replace(variant, languages=()) for variant in campaign.variants))


def _in_language(campaign: Campaign, translation: Translation) -> Campaign:
    return replace(campaign, text=translation.text, languages=(), variants=())
