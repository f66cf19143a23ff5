"""The areas of an info as a campaign names places: by their codes, else by a name that can mean one place only."""

from datetime import date

from zalo_alert import places
from zalo_alert.cap.area_checks import PLACE_SCHEME
from zalo_alert.cap.document import Area, Info
from zalo_alert.cap.draft import UNFILLED, Draft, Selector
from zalo_alert.cap.placed import name_of, selectors_of, wards_of
from zalo_alert.errors import InputInvalid
from zalo_alert.language import Language, _, catalogue_of, said_in

MOST_NAMES = 200  # that are looked up for one alert: a hundred communes are a province, and one that is not found takes long
MAX_NAME = 100  # characters of a name


def selectors_in(info: Info, place: str, day: date, draft: Draft) -> list[Selector]:
    """Return the places of an info, each once; `UNFILLED` for what is no one place.

    Args:
        info: Of a sound alert.
        place: Its own in the file.
        day: For type words.
        draft: Takes the remarks.
    """
    codes: list[str] = []
    named: list[Selector] = []
    for number, area in enumerate(info.areas, 1):
        own = f"{place}/area[{number}]"
        known = _codes(area, own, draft)
        codes += known
        if not known:
            named += _by_name(area, own, draft)
        _tell_outlines(area, own, draft, has_places=bool(known))
    if not info.areas:
        draft.remark(f"{place}/area", _("there is none: name the places yourself"))
        named.append(Selector(UNFILLED, "tin gốc không nêu nơi nào"))
    coded = [Selector(text, name_of(text, day)) for text in selectors_of(codes)]
    return list({one.text if one.text != UNFILLED else one.about: one for one in (*coded, *named)}.values())


def _codes(area: Area, place: str, draft: Draft) -> list[str]:
    codes = []
    for number, code in enumerate(area.geocodes, 1):
        own = f"{place}/geocode[{number}]"
        if code.name != PLACE_SCHEME:
            draft.remark(own, _("its list {name} is not known here: it is left out", name=f'"{code.name[:60]}"'))
        elif not wards_of(code.value.strip()):
            draft.remark(own, _("{code} is no province or ward of today: it is left out", code=f'"{code.value[:20]}"'))
        else:
            codes.append(code.value.strip())
    return codes


def _tell_outlines(area: Area, place: str, draft: Draft, *, has_places: bool) -> None:
    if area.polygons or area.circles:
        message = (
            _("its outline is left out: people are reached by the places that its codes name")
            if has_places
            else _("its outline is left out: people are reached by places, so name those that lie in it")
        )
        draft.remark(place, message)
    if area.altitude is not None:
        draft.remark(f"{place}/altitude", _("it is left out: a campaign has no heights"))


def _by_name(area: Area, place: str, draft: Draft) -> list[Selector]:
    names = [part.strip() for part in area.area_desc.replace("\n", ";").split(";") if part.strip()]
    found: list[Selector] = []
    for name in names:
        if name not in draft.named:
            if len(draft.named) >= MOST_NAMES:
                draft.remark(f"{place}/areaDesc", _("more than {most} names: look at the rest yourself", most=MOST_NAMES))
                return [*found, Selector(UNFILLED, "còn những nơi khác: xem tin gốc")]
            draft.named[name] = _named(name, place, draft)
        found.append(draft.named[name])
    return found or [Selector(UNFILLED, "tin gốc không nêu tên nơi")]


def _named(name: str, place: str, draft: Draft) -> Selector:
    """Return the one place of a name. What our files read as more than a name is none: a foreign text orders no `all`."""
    if len(name) > MAX_NAME or name == "all" or ":" in name or name.isdigit() or " + " in name or " - " in name:
        draft.remark(f"{place}/areaDesc", _("it names no one place: {name}", name=f'"{name[:MAX_NAME]}"'))
        return Selector(UNFILLED, name)
    try:
        meaning = places.taken_for(name)[0]
    except InputInvalid as exc:
        draft.remark(f"{place}/areaDesc", exc.message)
        return Selector(UNFILLED, said_in(exc.message, catalogue_of(Language.VI)))
    if larger := [one for one in meaning.namesakes if one.is_larger]:
        others = "; ".join(" + ".join(places.WARD_PREFIX + ward for ward in one.wards) for one in larger)
        message = _("{name} may be {key} alone, or the larger {others}: choose", name=f'"{name}"', key=meaning.key, others=others)
        draft.remark(f"{place}/areaDesc", message)
        return Selector(UNFILLED, f"{name}: {meaning.key} ({meaning.name}), hay {others}")
    draft.remark(f"{place}/areaDesc", _("{name} is taken for {key}", name=f'"{name}"', key=meaning.key))
    return Selector(meaning.key, f"{name} = {meaning.name}")
