"""The schema of CAP 1.2 as tables: which elements stand in which, in what order, how often, and what each holds.

Reading and writing both go by them, so neither can know an element that the other does not.

Source: OASIS, CAP-v1.2.xsd.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from zalo_alert.cap.document import Alert, Area, Info, Named, Resource


class Kind(Enum):
    """How the text of an element is read."""

    TEXT = auto()
    WORD = auto()  # one of a list
    LANGUAGE = auto()
    INSTANT = auto()
    WORDS = auto()  # several in one text, in quotes where there is space in one
    REFERENCES = auto()
    POLYGON = auto()
    CIRCLE = auto()
    INTEGER = auto()
    DECIMAL = auto()
    URI = auto()
    NESTED = auto()  # elements of its own


@dataclass(frozen=True, slots=True)
class Slot:
    """An element inside another.

    Args:
        name: CAP's.
        field: The document's.
        kind: What it holds.
        is_required: Whether there must be one.
        is_many: Whether there may be several: an element each.
        words: Those that a `WORD` may be.
        inner: The table of a `NESTED` one.
    """

    name: str
    field: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    is_many: bool = False
    words: tuple[str, ...] = ()
    inner: "Table | None" = None


@dataclass(frozen=True, eq=False)
class Table:
    """What stands in an element, in order, and the value that is made of it."""

    makes: Any
    slots: tuple[Slot, ...]

    @cached_property
    def by_name(self) -> dict[str, tuple[int, Slot]]:
        """Each element with its place in the order, by its name."""
        return {slot.name: (number, slot) for number, slot in enumerate(self.slots)}


def _word(name: str, field: str, words: str, *, is_required: bool = True, is_many: bool = False) -> Slot:
    return Slot(name, field, Kind.WORD, is_required, is_many, tuple(words.split()))


def _named(name: str, field: str) -> Slot:
    return Slot(name, field, Kind.NESTED, is_many=True, inner=NAMED)


def _nested(name: str, field: str, inner: Table) -> Slot:
    return Slot(name, field, Kind.NESTED, is_many=True, inner=inner)


NAMED = Table(Named, (Slot("valueName", "name", is_required=True), Slot("value", "value", is_required=True)))

RESOURCE = Table(
    Resource,
    (
        Slot("resourceDesc", "resource_desc", is_required=True),
        Slot("mimeType", "mime_type", is_required=True),
        Slot("size", "size", Kind.INTEGER),
        Slot("uri", "uri", Kind.URI),
        Slot("derefUri", "deref_uri"),
        Slot("digest", "digest"),
    ),
)

AREA = Table(
    Area,
    (
        Slot("areaDesc", "area_desc", is_required=True),
        Slot("polygon", "polygons", Kind.POLYGON, is_many=True),
        Slot("circle", "circles", Kind.CIRCLE, is_many=True),
        _named("geocode", "geocodes"),
        Slot("altitude", "altitude", Kind.DECIMAL),
        Slot("ceiling", "ceiling", Kind.DECIMAL),
    ),
)

INFO = Table(
    Info,
    (
        Slot("language", "language", Kind.LANGUAGE),
        _word(
            "category",
            "categories",
            "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
            is_many=True,
        ),
        Slot("event", "event", is_required=True),
        _word(
            "responseType",
            "response_types",
            "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
            is_required=False,
            is_many=True,
        ),
        _word("urgency", "urgency", "Immediate Expected Future Past Unknown"),
        _word("severity", "severity", "Extreme Severe Moderate Minor Unknown"),
        _word("certainty", "certainty", "Observed Likely Possible Unlikely Unknown"),
        Slot("audience", "audience"),
        _named("eventCode", "event_codes"),
        Slot("effective", "effective", Kind.INSTANT),
        Slot("onset", "onset", Kind.INSTANT),
        Slot("expires", "expires", Kind.INSTANT),
        Slot("senderName", "sender_name"),
        Slot("headline", "headline"),
        Slot("description", "description"),
        Slot("instruction", "instruction"),
        Slot("web", "web", Kind.URI),
        Slot("contact", "contact"),
        _named("parameter", "parameters"),
        _nested("resource", "resources", RESOURCE),
        _nested("area", "areas", AREA),
    ),
)

ALERT = Table(
    Alert,
    (
        Slot("identifier", "identifier", is_required=True),
        Slot("sender", "sender", is_required=True),
        Slot("sent", "sent", Kind.INSTANT, is_required=True),
        _word("status", "status", "Actual Exercise System Test Draft"),
        _word("msgType", "msg_type", "Alert Update Cancel Ack Error"),
        Slot("source", "source"),
        _word("scope", "scope", "Public Restricted Private"),
        Slot("restriction", "restriction"),
        Slot("addresses", "addresses", Kind.WORDS),
        Slot("code", "codes", is_many=True),
        Slot("note", "note"),
        Slot("references", "references", Kind.REFERENCES),
        Slot("incidents", "incidents", Kind.WORDS),
        _nested("info", "infos", INFO),
    ),
)
