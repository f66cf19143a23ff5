"""A CAP 1.2 document as frozen values: CAP's own names in snake_case, its elements in the schema's order.

What may be absent is "" as a text, () as a list, None as an instant or a number. Texts have no white space at their ends: readers
of XML don't agree on whether it is there. Words of CAP's own lists (`status`, `urgency` …) are the texts of the standard.

Source: OASIS, Common Alerting Protocol 1.2, the schema CAP-v1.2.xsd.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
ASSUMED_LANGUAGE = "en-US"  # what an info without a language is in, the standard says


class Named(NamedTuple):
    """A value with the name of the list that it is from: a geocode, an event code, a parameter."""

    name: str
    value: str


class Point(NamedTuple):
    """A corner on WGS 84, in degrees, exactly as written."""

    lat: Decimal
    lon: Decimal


class Circle(NamedTuple):
    """A centre, in degrees, and a radius in kilometres."""

    lat: Decimal
    lon: Decimal
    radius_km: Decimal


class Reference(NamedTuple):
    """An earlier message, named by the three things that tell it from every other."""

    sender: str
    identifier: str
    sent: datetime


Polygon = tuple[Point, ...]  # four points or more, the last one equal to the first


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A file that belongs to an alert.

    `size` is in bytes, `digest` SHA-1 in hexadecimal, `deref_uri` the file itself in base64.
    """

    resource_desc: str
    mime_type: str
    size: int | None = None
    uri: str = ""
    deref_uri: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """Where an alert holds: all its polygons, circles and codes together. `altitude` and `ceiling` are feet above sea level."""

    area_desc: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Named, ...] = ()
    altitude: Decimal | None = None
    ceiling: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Info:
    """What an alert says in one language, for its areas; instants have a zone."""

    language: str = ""
    categories: tuple[str, ...]
    event: str
    response_types: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    event_codes: tuple[Named, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Named, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()

    @property
    def spoken(self) -> str:
        """The language, also where none is said."""
        return self.language or ASSUMED_LANGUAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A whole message. A signature that it had is not kept."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    source: str = ""
    scope: str
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()

    @property
    def reference(self) -> Reference:
        """What a later message names this one by."""
        return Reference(self.sender, self.identifier, self.sent)
