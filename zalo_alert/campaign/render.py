"""Template + place + person → text: what each person will read. Renders sound templates alone, so that it cannot fail."""

import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.campaign.drill_marks import MOST_ADDED, marks_of
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.campaign.person_names import clean_name
from zalo_alert.campaign.template import GAP, compiled
from zalo_alert.campaign.values import Instant, in_language, shown_value
from zalo_alert.models import ArticleText, Campaign, Translation, Variant

MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION = 150, 50, 300  # characters of an article, Zalo's limits

Fields: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[str, int | None]  # what a message calls a place, and which variant holds there: what a text depends on


class Article(NamedTuple):
    """What everyone reads alike, wherever they are."""

    title: str
    description: str
    paragraphs: tuple[str, ...]


class Renderer:
    """Renders one campaign's texts; what every person of a place would read alike is rendered once.

    Args:
        campaign: Checked, so that rendering cannot fail.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign, self._marks = campaign, marks_of(campaign)
        self._headline = _Text(campaign.headline)
        mark = self._marks.round_text if self._marks else None
        parts: tuple[Campaign | Variant, ...] = (campaign, *campaign.variants)
        self._texts = tuple(_Text(part.text, mark, below=part.languages) for part in parts)
        self._data = tuple({key: _Text(value) for key, value in route.data.items()} for route in campaign.routes)
        self._data_is_personal = tuple(any(text.personal for text in data.values()) for data in self._data)
        self._fields: dict[Where, Fields] = {}
        self._shared_data: dict[tuple[int, Where], dict[str, str]] = {}
        self.personal = any(text.personal for text in self._texts) or any(self._data_is_personal)

    def headline(self, label: str, variant: int | None = None) -> str:
        """Return the headline for a place, marked where it is a drill's; see `text`."""
        return self._mark_line(str(self._at((label, variant))["headline"]))

    def text(self, label: str, variant: int | None, name: str = "") -> str:
        """Return a message's text in NFC, with the marks of a drill.

        Args:
            label: What `{{ place }}` shows.
            variant: Which of the campaign's variants, for its text and its danger; None for the campaign's own.
            name: The person's; only a personal text looks at it.
        """
        text = self._texts[0 if variant is None else variant + 1]
        return text.for_person(self._at((label, variant)), (label, variant), name)

    def by_language(self, label: str, variant: int | None, name: str = "") -> dict[str, str]:
        """Return what stands below one another in a text, each by its language, `vi` first and with the marks of a drill.

        See `text`.
        """
        text = self._texts[0 if variant is None else variant + 1]
        return text.by_language(self._at((label, variant)), clean_name(name))

    def article(self, label: str) -> Article:
        """Return the campaign's own text as an article; a variant's is for some of its readers only, so it is not in it.

        Args:
            label: What `{{ place }}` shows: all of the places meant.
        """
        broadcast = self._campaign.broadcast
        if broadcast and broadcast.content:
            return self._article_of(broadcast.content)
        parts = re.split(r"\n\s*\n", self.text(label, None).strip())
        paragraphs = tuple("\n".join(line.strip() for line in part.splitlines()) for part in parts)
        template = broadcast.description if broadcast else ""
        description = _Text(template).render(self._at((label, None)), "").strip()
        if not description:
            room = MAX_DESCRIPTION - (MOST_ADDED if self._marks else 0)
            description = textwrap.shorten(paragraphs[0], room, placeholder=" …")
        return Article(self.headline(label), self._mark_line(description), paragraphs)

    def _article_of(self, content: ArticleText) -> Article:
        """Return an article that a file says, with the marks of a drill round it."""
        paragraphs = self._marks.round_paragraphs(content.paragraphs) if self._marks else content.paragraphs
        return Article(self._mark_line(content.title), self._mark_line(content.description), paragraphs)

    def _mark_line(self, line: str) -> str:
        return self._marks.round_line(line) if self._marks else line

    def data(self, route: int, label: str, variant: int | None = None, name: str = "") -> dict[str, str]:
        """Return the parameters of a route's template, each in NFC; shared between people, so not to be changed; see `text`."""
        where = (label, variant)
        if self._data_is_personal[route]:
            return self._render_data(route, where, name)
        if (shared := self._shared_data.get((route, where))) is None:
            shared = self._shared_data[route, where] = self._render_data(route, where, "")
        return shared

    def lacks(self, route: int, label: str, variant: int | None, name: str) -> bool:
        """Whether a parameter of a route's template is empty for a person for want of a name; see `text`."""
        if clean_name(name) or not self._data_is_personal[route]:
            return False
        own, others = self.data(route, label, variant), self.data(route, label, variant, "x")
        return any(others[key].strip() and not value.strip() for key, value in own.items())

    def _render_data(self, route: int, where: Where, name: str) -> dict[str, str]:
        fields = self._at(where)
        return {key: text.for_person(fields, where, name) for key, text in self._data[route].items()}

    def _at(self, where: Where) -> Fields:
        if (fields := self._fields.get(where)) is None:
            label, variant = where
            fields = {**_campaign_fields(self._campaign, variant), "place": label}
            fields = self._fields[where] = {**fields, "headline": self._headline.render(fields, "")}
        return fields


class _Text:
    """A compiled template that remembers what it rendered for a place.

    `mark` puts the marks of a drill round what it renders; `below` stands below it in other languages, a blank line between.
    """

    def __init__(self, template: str, mark: Callable[[str], str] | None = None, *, below: Sequence[Translation] = ()) -> None:
        parts = [compiled(text) for text in (template, *(each.text for each in below))]
        self.languages = (VIETNAMESE, *(each.language for each in below))
        self._templates, self._mark = [part.template for part in parts], mark
        self.personal = any(part.is_personal for part in parts)
        self._fillable = all(part.is_fillable for part in parts)
        self._rendered: dict[Where, str] = {}
        self._without_name: dict[Where, str] = {}

    def render(self, fields: Fields, name: str) -> str:
        if len(self._templates) > 1:
            return self._marked("\n\n".join(part.strip() for part in self.render_each(fields, name)))
        return self._marked(unicodedata.normalize("NFC", self._templates[0].render({**fields, "name": name})))

    def render_each(self, fields: Fields, name: str) -> list[str]:
        """Return the texts that stand below one another, without any marks."""
        parts = []
        for language, template in zip(self.languages, self._templates, strict=True):
            values = fields if language == VIETNAMESE else in_language(language, fields)
            parts.append(unicodedata.normalize("NFC", template.render({**values, "name": name})))
        return parts

    def _marked(self, text: str) -> str:
        return self._mark(text) if self._mark else text

    def by_language(self, fields: Fields, name: str) -> dict[str, str]:
        first, *others = self.render_each(fields, name)
        return dict(zip(self.languages, (self._marked(first), *others), strict=True))

    def for_person(self, fields: Fields, where: Where, name: str) -> str:
        if not self._fillable:
            return self.render(fields, clean_name(name))
        if (rendered := self._rendered.get(where)) is None:
            rendered = self._rendered[where] = self.render(fields, GAP)
        if not self.personal:
            return rendered
        if shown := clean_name(name):
            return unicodedata.normalize("NFC", rendered.replace(GAP, shown))
        if (rendered := self._without_name.get(where, GAP)) is GAP:
            rendered = self._without_name[where] = self.render(fields, "")
        return rendered


def _campaign_fields(campaign: Campaign, variant: int | None) -> Fields:
    onset = campaign.onset_of(variant)
    values: dict[str, Any] = {
        "code": campaign.code,
        "status": campaign.status.value,
        "event": HAZARDS[campaign.event].name if campaign.event in HAZARDS else campaign.event,
        "risk_level": campaign.risk_of(variant),
        "effective": Instant(campaign.effective),
        "onset": Instant(onset) if onset else None,
        "expires": Instant(campaign.expires),
    }
    own = {name: shown_value(value) for name, value in campaign.fields.items()}
    return own | {field: value for field, value in values.items() if value is not None}
