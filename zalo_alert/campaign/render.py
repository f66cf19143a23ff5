"""Template + place + person → text: what each person will read. Renders sound templates alone, so that it cannot fail."""

import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.campaign.amounts import Fraction, Whole
from zalo_alert.campaign.drill_marks import MOST_ADDED, marks_of
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.person_names import clean_name
from zalo_alert.campaign.template import GAP, PERSONAL_FIELDS, environment, fields_used, only_prints_name
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import Campaign, FieldValue, Variant

MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION = 150, 50, 300  # characters of an article, Zalo's limits

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

Fields: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[str, int | None]  # what a message calls a place, and which variant holds there: what a text depends on


class Article(NamedTuple):
    """What everyone reads alike, wherever they are."""

    title: str
    description: str
    paragraphs: tuple[str, ...]


class Instant(str):
    """An instant in words, `14 giờ 00, thứ Sáu 18/9/2026`, with its two halves and its short forms.

    Each is also a filter of the same name: `gio` "14 giờ 00", `ngay` "thứ Sáu 18/9/2026", `gio_gon` "14 giờ" ("14 giờ 30" where
    there are minutes), `ngay_gon` "18/9", `gon` "14 giờ, thứ Sáu 18/9".
    """

    gio: str
    ngay: str
    gio_gon: str
    ngay_gon: str
    gon: str

    def __new__(cls, at: datetime) -> "Instant":
        """Word an instant as Vietnamese bulletins do, always in +07:00."""
        local = in_vietnam(at)
        gio, weekday = f"{local.hour} giờ {local.minute:02}", _WEEKDAYS[local.weekday()]
        ngay_gon = f"{local.day}/{local.month}"
        ngay = f"{weekday} {ngay_gon}/{local.year}"
        self = super().__new__(cls, f"{gio}, {ngay}")
        self.gio, self.ngay, self.ngay_gon = gio, ngay, ngay_gon
        self.gio_gon = gio if local.minute else f"{local.hour} giờ"
        self.gon = f"{self.gio_gon}, {weekday} {ngay_gon}"
        return self


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
        self._texts = tuple(_Text(part.text, mark, below=[each.text for each in part.languages]) for part in parts)
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

    def article(self, label: str) -> Article:
        """Return the campaign's own text as an article; a variant's is for some of its readers only, so it is not in it.

        Args:
            label: What `{{ place }}` shows: all of the places meant.
        """
        parts = re.split(r"\n\s*\n", self.text(label, None).strip())
        paragraphs = tuple("\n".join(line.strip() for line in part.splitlines()) for part in parts)
        template = self._campaign.broadcast.description if self._campaign.broadcast else ""
        description = _Text(template).render(self._at((label, None)), "").strip()
        if not description:
            room = MAX_DESCRIPTION - (MOST_ADDED if self._marks else 0)
            description = textwrap.shorten(paragraphs[0], room, placeholder=" …")
        return Article(self.headline(label), self._mark_line(description), paragraphs)

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

    `mark` puts the marks of a drill round what it renders; `below` are templates that stand below it, a blank line between.
    """

    def __init__(self, template: str, mark: Callable[[str], str] | None = None, *, below: Sequence[str] = ()) -> None:
        templates = (template, *below)
        self._templates, self._mark = [environment().from_string(each) for each in templates], mark
        self.personal = any(fields_used(each) & PERSONAL_FIELDS for each in templates)
        self._fillable = all(only_prints_name(environment().parse(each)) for each in templates)
        self._rendered: dict[Where, str] = {}
        self._without_name: dict[Where, str] = {}

    def render(self, fields: Fields, name: str) -> str:
        values = {**fields, "name": name}
        parts = [template.render(values) for template in self._templates]
        rendered = unicodedata.normalize("NFC", parts[0] if len(parts) == 1 else "\n\n".join(part.strip() for part in parts))
        return self._mark(rendered) if self._mark else rendered

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


def shown_value(value: FieldValue) -> Any:
    """Return what a template shows of a campaign's own field: an instant in words, a number as Vietnamese is written."""
    if isinstance(value, datetime):
        return Instant(value)
    if isinstance(value, str):
        return value
    return Whole(value) if isinstance(value, int) else Fraction(value)
