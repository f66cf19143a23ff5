"""What people read, text by text: each part of a campaign by each route in each place, and alike texts once."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign.follow_up import ALERT, key_path, parts
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.campaign.render import Renderer
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.runs.facts import RunPlace

MAX_READ = 20_000  # characters of a text that are looked at: ten times what Zalo takes
HEADLINE = "headline"  # the route of a headline, which stands in lists and reports, and in templates that print it
BROADCAST = "broadcast"
_TEMPLATES = (RouteType.TEMPLATE, RouteType.PHONE)
_PARAMETER = re.compile(r"<([A-Za-z0-9_]{1,60})>")


class AsRead(NamedTuple):
    """One text as it is read.

    Args:
        part: `alert`, `correction` or `all_clear`.
        route: `cs`, `broadcast`, `template 311203`, …; `headline` of a headline.
        path: Where it stands in the file: its text, or the data of its template.
        place: What it calls the place of the first who read it.
        key: That place's key; "" where the text is for all of them together.
        variant: Which of the campaign's variants holds there.
        headline: Rendered for that place.
        text: What is read, NFC; a template's text with its data filled in.
        language: `vi`, or the code of another.
        is_whole: False where only a part of what is read is known: a headline, data whose template nobody kept.
        keys: The keys of everybody who reads exactly this.
        vietnamese: What stands above a text in another language and says the same; "" of a Vietnamese one.
    """

    part: str
    route: str
    path: KeyPath
    place: str
    key: str
    variant: int | None
    headline: str
    text: str
    language: str = VIETNAMESE
    is_whole: bool = True
    keys: tuple[str, ...] = ()
    vietnamese: str = ""


def as_read(campaign: Campaign, run_places: Sequence[RunPlace], template_texts: Mapping[str, str]) -> list[AsRead]:
    """Render everything that a campaign holds to be read.

    Args:
        campaign: Sound.
        run_places: Where its people are, or may be.
        template_texts: The texts of Zalo's templates that the office has kept, by their ids, parameters as `<name>`.
    """
    read = (each for part, whole in parts(campaign).items() for each in _of_part(part, whole, run_places, template_texts))
    return _alike_once(read)


def _alike_once(texts: Iterator[AsRead]) -> list[AsRead]:
    alike: dict[tuple[object, ...], list[AsRead]] = {}
    for each in texts:
        alike.setdefault((each.path, each.route, each.variant, each.language, each.text), []).append(each)
    return [same[0]._replace(keys=tuple(dict.fromkeys(each.key for each in same))) for same in alike.values()]


def _of_part(
    part: str, campaign: Campaign, run_places: Sequence[RunPlace], template_texts: Mapping[str, str]
) -> Iterator[AsRead]:
    renderers = {language: Renderer(own) for language, own in _by_language(campaign).items()}
    if campaign.broadcast:
        yield from _article(part, campaign, renderers)
    for place in run_places:
        headline = renderers[VIETNAMESE].headline(place.label, place.variant)
        first = AsRead(part, HEADLINE, _headline_path(part), place.label, place.key, place.variant, headline, "")
        yield first._replace(text=_cut(headline), is_whole=False)
        for number, route in enumerate(campaign.routes):
            if route.type in _TEMPLATES:
                data = renderers[VIETNAMESE].data(number, place.label, place.variant)
                path: KeyPath = (*key_path(part), campaign.written_at(number), "data")
                yield _template(first._replace(path=path), route, data, template_texts.get(route.template_id))
            elif not route.file:
                yield from _message(first._replace(route=route.type.value), campaign, renderers)


def _by_language(campaign: Campaign) -> dict[str, Campaign]:
    """Return a campaign for each language, with the texts of that one alone; where a text is not in it, it has none there."""
    own = replace(campaign, languages=(), variants=tuple(replace(variant, languages=()) for variant in campaign.variants))
    parts = (campaign, *campaign.variants)
    codes = dict.fromkeys(each.language for part in parts for each in part.languages)
    return {VIETNAMESE: own} | {code: _in_language(campaign, own, code) for code in codes}


def _in_language(campaign: Campaign, own: Campaign, code: str) -> Campaign:
    text, *texts = (
        next((each.text for each in part.languages if each.language == code), "") for part in (campaign, *campaign.variants)
    )
    variants = tuple(replace(variant, text=text) for variant, text in zip(own.variants, texts, strict=True))
    return replace(own, text=text, variants=variants, is_marked=False)


def _message(first: AsRead, campaign: Campaign, renderers: Mapping[str, Renderer]) -> Iterator[AsRead]:
    above = ""
    for language, renderer in renderers.items():
        if text := renderer.text(first.place, first.variant).strip("\n"):
            path = _text_path(first.part, campaign, first.variant, language)
            yield first._replace(path=path, text=_cut(text), language=language, vietnamese=above)
            above = above or _cut(text)


def _article(part: str, campaign: Campaign, renderers: Mapping[str, Renderer]) -> Iterator[AsRead]:
    label, above = places.name_target(campaign.audience.areas, campaign.audience.target), ""
    for language, renderer in renderers.items():
        article = renderer.article(label)
        own = [article.title] if language == VIETNAMESE else []
        text = "\n\n".join((*own, *article.paragraphs))
        if text.strip():
            path = _text_path(part, campaign, None, language)
            yield AsRead(part, BROADCAST, path, label, "", None, article.title, _cut(text), language, vietnamese=above)
            above = above or _cut(text)


def _template(first: AsRead, route: Route, data: Mapping[str, str], text: str | None) -> AsRead:
    name = f"{route.type.value} {route.template_id}"
    if text is None:
        return first._replace(route=name, text=_cut("\n".join(data.values())), is_whole=False)
    filled = _PARAMETER.sub(lambda found: data.get(found[1], found[0]), unicodedata.normalize("NFC", text))
    return first._replace(route=name, text=_cut(filled))


def _headline_path(part: str) -> KeyPath:
    return ("message", "headline") if part == ALERT else (part, "headline")


def _text_path(part: str, campaign: Campaign, variant: int | None, language: str) -> KeyPath:
    beside: KeyPath = ("text",) if language == VIETNAMESE else ("languages", language, "text")
    if part != ALERT:
        return (part, *beside)
    has_own = variant is not None and campaign.variants[variant].text != campaign.text
    return ("variants", variant or 0, *beside) if has_own else ("message", *beside)


def _cut(text: str) -> str:
    return text[:MAX_READ]
