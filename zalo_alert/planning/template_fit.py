"""Whether a campaign's data fits the templates that Zalo has approved: told for each parameter, before anything is frozen."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.campaign.person_names import MAX_NAME
from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.template import bares_name
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, count, joined, persons
from zalo_alert.models import Campaign, Route, RouteType
from zalo_alert.runs.facts import RunPlace
from zalo_alert.zalo.templates import Parameter, Template

HAVE_TEMPLATE = {RouteType.TEMPLATE, RouteType.PHONE}
_USABLE = "ENABLE"
_AWAITED = "PENDING_REVIEW"  # reaches administrators already
_NAME = "x" * MAX_NAME  # the longest there may be
CURE = _("write {default}, or {choice}", default='{{ name|default("Anh/Chị") }}', choice="{% if name %}…{% else %}…{% endif %}")
_FORMS: Mapping[str, tuple[str, str]] = {
    "NUMBER": (r"[0-9]+([.,][0-9]+)*", _("a number")),
    "DATE": (r"([0-9]{2}:[0-9]{2}(:[0-9]{2})? )?[0-9]{2}/[0-9]{2}/[0-9]{4}", _("a date such as 18/09/2026")),
}


class Misfit(NamedTuple):
    """One thing that does not fit: which route, which of its keys ("" for the route itself), and why.

    `people` counts whom it concerns, for want of a value of their own; None is everyone of some place. `part` is the part of the
    campaign whose route it is.
    """

    route: int
    key: str
    why: str
    people: int | None = None
    part: str = ALERT


class Gap(NamedTuple):
    """A part's route by which people without a name would be sent a gap: in parameters of its template, or in its text."""

    route: int
    keys: tuple[str, ...]
    part: str = ALERT


def gaps(campaign: Campaign) -> list[Gap]:
    """Name the routes that print a name without saying what those without one are to read."""
    return [gap._replace(part=name) for name, part in parts(campaign).items() for gap in _gaps_of(part)]


def _gaps_of(part: Campaign) -> Iterator[Gap]:
    texts = any(map(bares_name, part.texts))
    for number, route in enumerate(part.routes):
        keys = tuple(key for key, value in route.data.items() if bares_name(value))
        if keys or (texts and route.type not in HAVE_TEMPLATE and not route.file):
            yield Gap(number, keys)


def misfits(
    campaign: Campaign, templates: Mapping[int, Template], places: Sequence[RunPlace], nameless: int = 0
) -> Iterator[Misfit]:
    """Compare the data of every place, as it would be sent, with what the templates allow.

    Args:
        campaign: Sound; or what may follow one.
        templates: By number of route.
        places: Of the plan, or of a sample.
        nameless: How many of the people have no name.
    """
    renderer = Renderer(campaign)
    for number, template in templates.items():
        route = campaign.routes[number]
        yield from _check_template(number, route, template)
        for parameter in template.parameters:
            if parameter.name in route.data:
                yield from _check_values(renderer, number, parameter, places)
                if nameless and bares_name(route.data[parameter.name]):
                    first = renderer.data(number, places[0].label, places[0].variant)
                    yield from _measure_nameless(Misfit(number, parameter.name, "", nameless), parameter, first)
            elif parameter.is_required:
                why = _("template {template} needs the parameter {name}", template=template.id, name=parameter.name)
                yield Misfit(number, "", why)


def _check_template(number: int, route: Route, template: Template) -> Iterator[Misfit]:
    """Say when a template can't be used now, or has no parameter of a name."""
    usable = {_USABLE, _AWAITED} if route.is_development else {_USABLE}
    if template.status and template.status not in usable:
        why = _(
            'template {template} "{name}" is {status}: not approved now',
            template=template.id,
            name=template.name,
            status=template.status,
        )
        yield Misfit(number, "template_id", why)
    names = [parameter.name for parameter in template.parameters]
    yield from (Misfit(number, key, _no_such_parameter(template.id, key, names)) for key in route.data if key not in names)


def _no_such_parameter(template: str, key: str, names: Sequence[str]) -> str:
    if instead := suggestion(key, names):
        return joined((_("template {template} has no such parameter", template=template), instead), "")
    if not names:
        return _("template {template} has no such parameter; it has none", template=template)
    return _("template {template} has no such parameter; it has {names}", template=template, names=", ".join(names))


def _check_values(renderer: Renderer, number: int, parameter: Parameter, places: Sequence[RunPlace]) -> Iterator[Misfit]:
    """Measure a parameter's value of every place, with the longest name there may be."""
    labels = {(place.label, place.variant): place.label for place in places}
    values = ((renderer.data(number, *where, name=_NAME)[parameter.name], label) for where, label in labels.items())
    return (Misfit(number, parameter.name, why) for why in _faults(parameter, values))


def _measure_nameless(misfit: Misfit, parameter: Parameter, data: Mapping[str, str]) -> Iterator[Misfit]:
    """Measure a value as people without a name would be sent it."""
    value, who = data[parameter.name], _("{people} without a name", people=persons(misfit.people or 0))
    if not value.strip() and parameter.is_required:
        yield misfit._replace(why=_("is empty for {who}, and the template needs it: {cure}", who=who, cure=CURE))
    elif len(value) < parameter.min_length:
        yield misfit._replace(why=joined((_too_short(value, who, parameter), CURE), ": "))


def _too_short(value: str, who: str, parameter: Parameter) -> str:
    return _(
        'comes to {size} characters for {who} ("{text}"); the template wants {least}',
        size=count(len(value)),
        who=who,
        text=value,
        least=count(parameter.min_length),
    )


def _faults(parameter: Parameter, values: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say what is wrong with one parameter: the worst of its values stands for all."""
    texts = sorted(values, key=lambda value: -len(value[0]))
    longest, where = texts[0]
    shortest, nearest = texts[-1]
    if parameter.max_length is not None and len(longest) > parameter.max_length:
        yield _(
            'comes to {size} characters for {who} ("{text}"); the template takes {most}',
            size=count(len(longest)),
            who=where,
            text=longest[:60],
            most=count(parameter.max_length),
        )
    if not shortest.strip() and parameter.is_required:
        yield _("is empty for {who}", who=nearest)
    elif len(shortest) < parameter.min_length:
        yield _too_short(shortest, nearest, parameter)
    form, words = _FORMS.get(parameter.type, ("", ""))
    if form and (wrong := next((text for text, _ in texts if not re.fullmatch(form, text)), None)) is not None:
        yield _('is "{text}"; the template takes {words}', text=wrong[:60], words=words)
