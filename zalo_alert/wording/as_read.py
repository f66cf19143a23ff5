"""What people read, text by text: each part of a campaign by each route in each place, and alike texts once."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign.follow_up import ALERT, key_path, parts
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.campaign.render import Renderer
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.runs.facts import RunPlace

MAX_READ = 10_000  # characters of a text that are looked at: five times what Zalo takes
MOST_PLACES = 200  # of a part that are each read by themselves
OF_A_PROVINCE = 3  # beyond that: what wards of one province read differs in their names alone
HEADLINE = "headline"  # the route of a headline, which stands in lists and reports, and in templates that print it
BROADCAST = "broadcast"
SOMEBODY = "Nguyễn Văn A"  # as whom a text is read that says more to people whose name is known
BUTTON = "button"  # below a message: its title, and what it opens or sends
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
        vietnamese: Of a text in another language, the Vietnamese one above it.
    """

    part: str
    route: str
    path: KeyPath
    place: str
    key: str
    variant: int | None
    headline: str
    text: str
    language: str = "vi"
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
    renderer = Renderer(campaign)
    yield from _buttons(part, campaign)
    if campaign.broadcast:
        yield from _article(part, campaign, renderer)
    for place in _telling(run_places, campaign, renderer):
        for name in _names(renderer):
            yield from _messages(part, campaign, renderer, place, name, template_texts)


def _names(renderer: Renderer) -> tuple[str, ...]:
    """Return the names of people as whom a message is read: one has none, and somebody may read more."""
    return ("", SOMEBODY) if renderer.personal else ("",)


def _messages(
    part: str, campaign: Campaign, renderer: Renderer, place: RunPlace, name: str, template_texts: Mapping[str, str]
) -> Iterator[AsRead]:
    headline = renderer.headline(place.label, place.variant)
    first = AsRead(part, HEADLINE, _headline_path(part), place.label, place.key, place.variant, headline, "")
    yield first._replace(text=_cut(headline), is_whole=False)
    for number, route in enumerate(campaign.routes):
        if route.type in _TEMPLATES:
            data = renderer.data(number, place.label, place.variant, name)
            path: KeyPath = (*key_path(part), campaign.written_at(number), "data")
            yield _template(first._replace(path=path), route, data, template_texts.get(route.template_id))
        elif not route.file:
            yield from _languages(first._replace(route=route.type.value), campaign, renderer, name)


def _buttons(part: str, campaign: Campaign) -> Iterator[AsRead]:
    """Yield what stands on buttons and where they lead: all people read it alike."""
    for number, route in enumerate(campaign.routes):
        for place, button in enumerate(route.buttons):
            path: KeyPath = (*key_path(part), campaign.written_at(number), "buttons", place)
            first = AsRead(part, BUTTON, path, "", "", None, "", "", is_whole=False)
            yield first._replace(path=(*path, "title"), text=_cut(button.title))
            yield first._replace(path=(*path, button.press.value), text=_cut(button.value))


def _telling(run_places: Sequence[RunPlace], campaign: Campaign, renderer: Renderer) -> Sequence[RunPlace]:
    """Return the places whose texts are looked at: every one, or of very many wards a few of each province and variant.

    A ward that reads anything else than its own name in the same words is looked at, too.
    """
    if len(run_places) <= MOST_PLACES:
        return run_places
    chosen, many, known = list[RunPlace](), Counter[tuple[int | None, str]](), set[int]()
    for place in run_places:
        ward = places.wards().get(places.ward_of(place.key))
        group, words = (place.variant, ward.new_code if ward else place.key), _words_but_the_name(place, campaign, renderer)
        if many[group] < OF_A_PROVINCE or words not in known:
            chosen.append(place)
            many[group] += 1
            known.add(words)
    return chosen


def _words_but_the_name(place: RunPlace, campaign: Campaign, renderer: Renderer) -> int:
    """Return a digest of what is read in a place, without the place's name: alike wherever a text differs in that alone."""
    label, variant = place.label, place.variant
    read = [renderer.headline(label, variant)]
    for name in _names(renderer):
        read += renderer.by_language(label, variant, name).values()
        for number in range(len(campaign.routes)):
            read += renderer.data(number, label, variant, name).values()
    return hash((variant, "\0".join(read).casefold().replace(label.casefold(), "")))


def _article(part: str, campaign: Campaign, renderer: Renderer) -> Iterator[AsRead]:
    label = places.name_target(campaign.audience.areas, campaign.audience.target)
    article, broadcast = renderer.article(label), campaign.broadcast
    title = article.title
    about: KeyPath = (*key_path(part), broadcast.position if broadcast else 0)
    first = AsRead(part, BROADCAST, (), label, "", None, title, "", is_whole=False)
    yield first._replace(path=(*about, "author"), text=broadcast.signed_by if broadcast else "")
    if broadcast and broadcast.content:
        yield first._replace(path=(*about, "article"), text=_cut("\n\n".join((title, article.description, *article.paragraphs))))
        return
    if broadcast and broadcast.description:
        yield first._replace(path=(*about, "description"), text=_cut(article.description))
    for each in _languages(AsRead(part, BROADCAST, (), label, "", None, title, ""), campaign, renderer):
        yield each._replace(text=_cut(f"{title}\n\n{each.text}")) if each.language == VIETNAMESE else each


def _languages(first: AsRead, campaign: Campaign, renderer: Renderer, name: str = "") -> Iterator[AsRead]:
    """Yield what stands below one another in a message, each by itself: rules are of a language, and it is read alone."""
    own: KeyPath = _text_path(first.part, campaign, first.variant)
    texts = renderer.by_language(first.place, first.variant, name)
    vietnamese = _cut(texts.pop(VIETNAMESE))
    yield first._replace(path=own, text=vietnamese, is_whole=True)
    for language, text in texts.items():
        path = (*_languages_path(first.part, campaign, first.variant), language, "text")
        yield first._replace(path=path, language=language, text=_cut(text), is_whole=True, vietnamese=vietnamese)


def _languages_path(part: str, campaign: Campaign, variant: int | None) -> KeyPath:
    if part != ALERT:
        return (part, "languages")
    has_own = variant is not None and campaign.variants[variant].languages != campaign.languages
    return ("variants", variant or 0, "languages") if has_own else ("message", "languages")


def _template(first: AsRead, route: Route, data: Mapping[str, str], text: str | None) -> AsRead:
    name = f"{route.type.value} {route.template_id}"
    if text is None:
        return first._replace(route=name, text=_cut("\n".join(data.values())), is_whole=False)
    filled = _PARAMETER.sub(lambda found: data.get(found[1], found[0]), unicodedata.normalize("NFC", text))
    return first._replace(route=name, text=_cut(filled))


def _headline_path(part: str) -> KeyPath:
    return ("message", "headline") if part == ALERT else (part, "headline")


def _text_path(part: str, campaign: Campaign, variant: int | None) -> KeyPath:
    if part != ALERT:
        return (part, "text")
    has_own = variant is not None and campaign.variants[variant].text != campaign.text
    return ("variants", variant or 0, "text") if has_own else ("message", "text")


def _cut(text: str) -> str:
    return text[:MAX_READ]
