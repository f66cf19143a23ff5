"""A campaign's texts measured as the longest place would read them, with the longest name there may be."""

from collections.abc import Iterator

from zalo_alert import places
from zalo_alert.campaign import render
from zalo_alert.campaign.follow_up import ALERT, key_path, parts
from zalo_alert.campaign.person_names import MAX_NAME
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import _, count
from zalo_alert.models import Campaign, RouteType

MAX_TEXT = 2000  # characters of a consultation message, Zalo's limit


def measure(document: Document, campaign: Campaign) -> list[Problem]:
    """Render every text of an alert once, for the longest place name there is, and say which are too long for Zalo."""
    texts: dict[KeyPath, tuple[int | None, ...]] = {("message", "text"): (None,)}
    own = {path: variants for path, variants in texts.items() if path in document.positions}
    own |= {path: (i,) for i in range(len(campaign.variants)) if (path := _variant_path(document, i)) in document.positions}
    article = _long_article(document, campaign, ("message", "headline"), ("routes",))
    return [*_long_texts(document, campaign, own), *article]


def _variant_path(document: Document, number: int) -> KeyPath:
    """Return where the text of a variant stands, or the languages that it has in place of the campaign's."""
    path: KeyPath = ("variants", number)
    return (*path, "text") if (*path, "text") in document.positions else (*path, "languages")


def measure_follow_ups(document: Document, campaign: Campaign) -> list[Problem]:
    """Do the same with what may follow it: one text, read everywhere."""
    problems: list[Problem] = []
    for name, part in parts(campaign).items():
        if name != ALERT:
            text: dict[KeyPath, tuple[int | None, ...]] = {(name, "text"): (None, *range(len(campaign.variants)))}
            problems += _long_texts(document, part, text)
            problems += _long_article(document, part, (name, "headline"), key_path(name))
    return problems


def _long_texts(document: Document, campaign: Campaign, texts: dict[KeyPath, tuple[int | None, ...]]) -> Iterator[Problem]:
    """Measure texts by where they stand, each for the variants of which it is the text."""
    if all(route.type is not RouteType.CS for route in campaign.routes):
        return
    renderer = render.Renderer(campaign)
    keys = places.keys_of(campaign.audience)
    longest = max((places.label_of(key, campaign.audience) for key in [*keys, places.UNKNOWN]), key=len)
    for path, variants in texts.items():
        size = max(len(renderer.text(longest, variant, "x" * MAX_NAME)) for variant in variants)
        if size > MAX_TEXT:
            yield document.problem(path, _too_long(size, has_languages=(*path[:-1], "languages") in document.positions))


def _too_long(size: int, *, has_languages: bool) -> str:
    numbers = {"size": count(size), "most": count(MAX_TEXT)}
    if has_languages:
        return _("comes to {size} characters with its languages; a consultation message (cs) takes {most}", **numbers)
    return _("comes to {size} characters; a consultation message (cs) takes {most}", **numbers)


def _long_article(document: Document, campaign: Campaign, headline: KeyPath, routes: KeyPath) -> Iterator[Problem]:
    if campaign.broadcast is None or campaign.broadcast.article:  # a file's own are measured where it is read
        return
    label = places.name_target(campaign.audience.areas, campaign.audience.target)
    article, path = render.Renderer(campaign).article(label), (*routes, campaign.broadcast.position, "description")
    if len(article.title) > render.MAX_TITLE:
        yield document.problem(
            headline,
            _(
                "comes to {size} characters for {place}; an article's title takes {most}",
                size=count(len(article.title)),
                place=label[:60],
                most=render.MAX_TITLE,
            ),
        )
    if len(article.description) > render.MAX_DESCRIPTION:
        yield document.problem(
            path,
            _(
                "comes to {size} characters for {place}; an article's description takes {most}",
                size=count(len(article.description)),
                place=label[:60],
                most=render.MAX_DESCRIPTION,
            ),
        )
