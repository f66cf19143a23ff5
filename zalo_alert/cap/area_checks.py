"""Rules about areas: that they name a place, that outlines are outlines, and that they lie where Viet Nam is."""

from collections.abc import Iterator
from decimal import Decimal

from zalo_alert.cap.document import Alert, Area, Circle, Point, Polygon
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.geometry import Meeting, meeting, surface_is_none
from zalo_alert.cap.values import UNREAD_CIRCLE, shown
from zalo_alert.language import _, count, joined

PLACE_SCHEME = "VN-DVHC-2025"  # codes of provinces and communes since July 2025
MAX_CROSSED = 20_000  # corners in one file that are looked at for crossings: a fifth of a second's work
MAX_RADIUS_KM = 2_000  # the country is 1 650 km long

# From the southernmost reef of Truong Sa to Lung Cu, from the border with Laos to the easternmost of Truong Sa.
_LATITUDES, _LONGITUDES = (Decimal(6), Decimal(24)), (Decimal(102), Decimal(118))

_ASK_AREA = _("ask the sender for the right outline")
_SWAP = _("write the latitude first: {example}", example="16.75,107.19")


class _Budget:
    """How many corners may still be looked at for crossings."""

    def __init__(self) -> None:
        self._left = MAX_CROSSED

    def takes(self, number: int) -> bool:
        """Tell whether so many more fit, and take them off if so."""
        if number > self._left:
            return False
        self._left -= number
        return True


def check_areas(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong with the areas of all infos."""
    budget = _Budget()
    for place, area in _areas(alert):
        _check_area(area, place, gathered)
        for number, polygon in enumerate(area.polygons, 1):
            _check_polygon(polygon, f"{place}/polygon[{number}]", gathered, budget)
        for number, circle in enumerate(area.circles, 1):
            if circle is not UNREAD_CIRCLE:
                _check_circle(circle, f"{place}/circle[{number}]", gathered)


def _areas(alert: Alert) -> Iterator[tuple[str, Area]]:
    for info_number, info in enumerate(alert.infos, 1):
        for number, area in enumerate(info.areas, 1):
            yield f"/alert/info[{info_number}]/area[{number}]", area


def _check_area(area: Area, place: str, gathered: Gathered) -> None:
    if not (area.polygons or area.circles or area.geocodes):
        message = _("is only a name: no polygon, no circle, no code")
        gathered.add("W501", place, message, _("name the communes and provinces yourself, by their codes"))
    if area.ceiling is not None and area.altitude is None:
        gathered.add("E510", f"{place}/ceiling", _("stands without <altitude>"), _("take it out, or add <altitude>"))
    elif area.ceiling is not None and area.altitude is not None and _is_below(area.ceiling, area.altitude):
        gathered.add("E511", f"{place}/ceiling", _("is below <altitude>"), _("are the two exchanged?"))


def _is_below(ceiling: Decimal, altitude: Decimal) -> bool:
    """Tell so of numbers that could be read."""
    return ceiling.is_finite() and altitude.is_finite() and ceiling < altitude


def _check_polygon(polygon: Polygon, place: str, gathered: Gathered, budget: _Budget) -> None:
    if not polygon:
        return  # it could not be read, which has been said
    _check_points(polygon, place, gathered)
    if len(polygon) < 4:
        message = _("has {number} corners; four are the least, the last one equal to the first", number=count(len(polygon)))
        gathered.add("E502", place, message, _ASK_AREA)
    elif polygon[0] != polygon[-1]:
        message = _(
            "is not closed: it begins at {first} and ends at {last}", first=_written(polygon[0]), last=_written(polygon[-1])
        )
        gathered.add("E503", place, message, _("repeat the first corner at the end"))
    elif surface_is_none(polygon):
        gathered.add("E506", place, _("has no surface: fewer than three corners are different"), _ASK_AREA)
    elif budget.takes(len(polygon)):
        _check_crossing(polygon, place, gathered)
    elif not gathered.skips("W505"):
        message = _("was not looked at for crossings: the file has more than {most} corners", most=count(MAX_CROSSED))
        gathered.add("W505", place, message, _("look at it on a map"))


def _check_crossing(polygon: Polygon, place: str, gathered: Gathered) -> None:
    match meeting(polygon):
        case Meeting.CROSSES:
            gathered.add("E504", place, _("crosses itself, so that nobody knows what is inside"), _ASK_AREA)
        case Meeting.TOUCHES:
            gathered.add("W504", place, _("touches itself; programs may differ on what is inside"), _("look at it on a map"))


def _check_points(points: Polygon, place: str, gathered: Gathered) -> None:
    """Tell of the first corner off the earth, or else of the first outside Viet Nam."""
    for point in points:
        if _check_on_earth(point, place, gathered):
            return
    if outside := next((point for point in points if not _is_near(point)), None):
        message = _("has a point far outside Viet Nam: {point}", point=_written(outside))
        gathered.add("W507", place, message, _("look at it on a map"))


def _check_on_earth(point: Point, place: str, gathered: Gathered) -> bool:
    """Tell whether a point is off the earth, having said so."""
    if abs(point.lat) <= 90 and abs(point.lon) <= 180:
        return False
    if abs(point.lat) <= 180 and abs(point.lon) <= 90:
        message = _("has latitude and longitude exchanged: {point}", point=_written(point))
        gathered.add("E508", place, message, _SWAP)
    else:
        gathered.add("E509", place, _("has a point that is not on the earth: {point}", point=_written(point)), _ASK_AREA)
    return True


def _is_near(point: Point) -> bool:
    return _LATITUDES[0] <= point.lat <= _LATITUDES[1] and _LONGITUDES[0] <= point.lon <= _LONGITUDES[1]


def _written(point: Point) -> str:
    return joined((shown(f"{point.lat}")[1:-1], shown(f"{point.lon}")[1:-1]), ",")


def _check_circle(circle: Circle, place: str, gathered: Gathered) -> None:
    _check_points((Point(circle.lat, circle.lon),), place, gathered)
    if circle.radius_km < 0:
        gathered.add("E512", place, _("has a radius below 0"), _ASK_AREA)
    elif circle.radius_km == 0:
        gathered.add("W513", place, _("has a radius of 0: it is a point"), _("name the communes yourself, by their codes"))
    elif circle.radius_km > MAX_RADIUS_KM:
        message = _("has a radius of more than {most} km", most=count(MAX_RADIUS_KM))
        gathered.add("W514", place, message, _("a radius is in kilometres: was it written in metres?"))
