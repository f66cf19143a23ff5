"""Rules across infos: each is the same alert in another language, or for other areas, and they may not disagree."""

from collections import defaultdict

from zalo_alert.cap.document import Alert, Area, Info
from zalo_alert.cap.finding import Gathered
from zalo_alert.language import _, joined

_ONE_CATEGORY = _("write the same categories in all")
_ONE_ALERT = _("ask the sender which of them holds")


def check_languages(alert: Alert, gathered: Gathered) -> None:
    """Gather in what the infos disagree."""
    placed = [(f"/alert/info[{number}]", info) for number, info in enumerate(alert.infos, 1)]
    if not placed:
        return
    _check_kind(placed, gathered)
    _check_events(placed, gathered)
    if not any(_language(info) == "vi" for _place, info in placed):
        message = _("there is no info in Vietnamese")
        gathered.add("W430", "/alert/info", message, _("write the Vietnamese text yourself, and have it checked"))
    groups = _by_areas(placed)
    for group in groups:
        _check_group(group, gathered)
    _check_same_languages(groups, gathered)


Placed = list[tuple[str, Info]]


def _language(info: Info) -> str:
    return info.spoken.lower().partition("-")[0]


def _check_kind(placed: Placed, gathered: Gathered) -> None:
    first = placed[0][1]
    for place, info in placed[1:]:
        if set(info.categories) != set(first.categories):
            gathered.add("W431", f"{place}/category[1]", _("is not what the first info has"), _ONE_CATEGORY)
        if set(info.event_codes) != set(first.event_codes):
            gathered.add("W432", f"{place}/eventCode[1]", _("is not what the first info has"), _ONE_ALERT)


def _check_events(placed: Placed, gathered: Gathered) -> None:
    events: dict[str, str] = {}
    for place, info in placed:
        if events.setdefault(_language(info), info.event) != info.event:
            message = _("names another event than an earlier info in the same language")
            gathered.add("W433", f"{place}/event", message, _("an alert is about one event: ask the sender for two alerts"))


def _by_areas(placed: Placed) -> list[Placed]:
    """Return the infos that are for the same areas, by codes and outlines; names of areas are translated."""
    groups: defaultdict[object, Placed] = defaultdict(list)
    for place, info in placed:
        groups[frozenset(part for area in info.areas for part in _parts(area))].append((place, info))
    return list(groups.values())


def _parts(area: Area) -> tuple[object, ...]:
    return (*area.polygons, *area.circles, *area.geocodes)


def _check_group(group: Placed, gathered: Gathered) -> None:
    """Tell in what infos for the same areas differ that are in different languages."""
    first = group[0][1]
    for place, info in group[1:]:
        if _language(info) != _language(first):
            for name, one, other in zip(_NAMES, _facts(first), _facts(info), strict=True):
                if one != other:
                    message = _("is another than in the same alert in {language}", language=first.spoken)
                    gathered.add("W434", f"{place}/{name}", message, _ONE_ALERT)


_NAMES = ("responseType", "urgency", "severity", "certainty", "effective", "onset", "expires")


def _facts(info: Info) -> tuple[object, ...]:
    responses = frozenset(info.response_types)
    return responses, info.urgency, info.severity, info.certainty, info.effective, info.onset, info.expires


def _check_same_languages(groups: list[Placed], gathered: Gathered) -> None:
    every = {_language(info) for group in groups for _place, info in group}
    for group in groups:
        if lacking := sorted(every - {_language(info) for _place, info in group}):
            message = _("is not there in {languages} for these areas, as others are", languages=joined(lacking))
            gathered.add("W435", group[0][0], message, _("people there would read nothing in their language: add it"))
