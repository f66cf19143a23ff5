"""A campaign file to a frozen, typed `Campaign`, or to every fault in it at once, each with its place in the file.

Owns the shape of the file and the rules that a campaign must keep; the words of an alert are the officer's. Nothing after this
file checks a campaign again.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import getitem
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert import places
from zalo_alert.campaign import render
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.foundation.yaml_document import Document, Path
from zalo_alert.models import (
    AccountId,
    Area,
    Audience,
    Broadcast,
    Button,
    Campaign,
    Certainty,
    Limits,
    MsgType,
    OnUnknown,
    Press,
    Route,
    RouteType,
    Severity,
    Status,
    Uncertain,
    Urgency,
    Variant,
)

MAX_TEXT = 2000  # characters of a consultation message, Zalo's limit
MAX_HEADLINE = 200
MAX_BUTTONS, MAX_BUTTON_TITLE, MAX_QUERY = 5, 100, 1000
IMAGES, FILES = (".jpg", ".jpeg", ".png"), (".pdf", ".doc", ".docx", ".csv")
DEFAULT_ATTEMPTS = 5
CODE = r"^[A-Z0-9][A-Z0-9-]{1,39}$"
DRILL_WORDS = ("diễn tập", "thử nghiệm")
DENIAL = "không phải diễn tập"

_Selectors = list[str] | None
_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ZONE = re.compile(r"(?:Z|[+-]([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?)$")
_MIDNIGHT = re.compile(r"(?<=[0-9][T ])24(?=:?00(?::?00(?:\.0+)?)?(?:Z|[+-]|$))")  # how ISO 8601 calls the end of a day
_KNOWN_ZONES = (timedelta(hours=7), timedelta(0))  # Vietnam's, and what programs write; any other is a slip, such as -07:00
_PLAUSIBLE = range(2000, 2101)  # years of an alert; beyond them it is a slip of the pen
_SPOKEN = {"headline", "text", "author", "description", "title", "query"}  # keys whose values people read
_ESCAPE = re.compile(r"\\(?:[nrt\"]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})")
_CODE_WORDS = "capital letters, digits and dashes, at most 40: it names the run's folder and is printed on the message"


class _Part(BaseModel):
    """Every field may be absent, so that one fault does not hide the others; `_REQUIRED` says which may not."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Exclude(_Part):
    tags: Annotated[list[str] | None, Field(description="Nobody who carries one of these is written to")] = None
    areas: Annotated[_Selectors, Field(description="Places taken out of areas again")] = None
    lists: Annotated[list[str] | None, Field(description="Nobody on these lists is written to: lists/NAME.txt or .csv")] = None


class _Audience(_Part):
    areas: Annotated[
        _Selectors,
        Field(
            description="new:44, old:52, ward:19900, region:tay-nguyen, region:coastal - new:46, an exact name; all for everyone"
        ),
    ] = None
    only: Annotated[str | None, Field(alias="list", description="Nobody else than those on lists/NAME.txt or .csv")] = None
    source: Annotated[
        Literal["recipients"] | None, Field(alias="from", description="recipients: ids come from --recipients, instead of areas")
    ] = None
    uncertain: Literal["include", "exclude"] | None = None
    exclude: _Exclude | None = None
    accounts: Annotated[list[str] | None, Field(description="Which OAs; default: the only one")] = None


class _Button(_Part):
    title: str | None = None
    url: str | None = None
    phone: Annotated[str | None, Field(description="digits that begin with 84")] = None
    query: Annotated[str | None, Field(description="a text that the OA receives")] = None


class _Route(_Part):
    type: Literal["broadcast", "template", "phone", "cs", "transaction", "promotion"] | None = None
    template_id: Annotated[str | None, Field(pattern=r"^[0-9]{1,20}$", description="digits, in quotes")] = None
    data: Annotated[dict[str, str] | None, Field(description="The template's parameters; values may hold {{ fields }}")] = None
    hashed: Annotated[bool | None, Field(description="phone: the number goes out as its SHA-256 only")] = None
    mode: Annotated[Literal["development"] | None, Field(description="phone: reaches administrators only")] = None
    image: Annotated[str | None, Field(description="cs: https://…, or a jpg or png beside this file, at most 1 MB")] = None
    file: Annotated[str | None, Field(description="cs: a pdf, doc, docx or csv beside this file, sent instead of the text")] = (
        None
    )
    buttons: Annotated[list[_Button] | None, Field(description="cs: at most 5")] = None
    cover: Annotated[str | None, Field(description="broadcast: https://…, or a jpg or png beside this file, at most 1 MB")] = None
    author: Annotated[str | None, Field(description="broadcast: who signs the article, at most 50 characters")] = None
    description: Annotated[
        str | None, Field(description="broadcast: below the title, at most 300 characters; default: how the text begins")
    ] = None


class _Message(_Part):
    headline: str | None = None
    text: str | None = None


class _Variant(_Part):
    areas: _Selectors = None
    text: Annotated[str | None, Field(description="Default: message.text")] = None
    risk_level: Annotated[int | None, Field(ge=1, le=5, description="There; default: the campaign's")] = None
    onset: Annotated[str | None, Field(description="There; default: the campaign's")] = None


class _Limits(_Part):
    rate_per_s: Annotated[float | None, Field(gt=0, le=1_000_000)] = None
    attempts: Annotated[int | None, Field(ge=1, le=20)] = None
    on_unknown: Literal["hold", "resend"] | None = None


class _Correction(_Part):
    text: str | None = None


class _Campaign(_Part):
    code: Annotated[str | None, Field(pattern=CODE, description=_CODE_WORDS)] = None
    status: Literal["Actual", "Exercise", "Test"] | None = None
    msgType: Literal["Alert", "Update", "Cancel"] | None = None  # noqa: N815 CAP's own spelling
    event: Annotated[str | None, Field(description="Hazard: " + ", ".join(HAZARDS))] = None
    risk_level: Annotated[int | None, Field(ge=1, le=5)] = None
    urgency: Literal["Immediate", "Expected", "Future", "Past"] | None = None
    severity: Literal["Extreme", "Severe", "Moderate", "Minor"] | None = None
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely"] | None = None
    effective: Annotated[str | None, Field(description="2026-09-18T14:00:00+07:00")] = None
    onset: str | None = None
    expires: Annotated[str | None, Field(description="Nothing is sent after it")] = None
    references: Annotated[list[str] | None, Field(description="Codes that an Update or Cancel speaks of")] = None
    audience: _Audience | None = None
    order: Annotated[_Selectors, Field(description="Who first; then by risk_level, by onset, all places alike at once")] = None
    routes: Annotated[
        list[_Route] | None, Field(description="Tried in order for each person; a broadcast goes out beside them")
    ] = None
    message: _Message | None = None
    variants: Annotated[list[_Variant] | None, Field(description="Other texts or dangers for some areas")] = None
    limits: _Limits | None = None
    canary: Annotated[
        Literal["skip"] | None, Field(description="skip: nobody goes first; an Immediate campaign may choose that")
    ] = None
    correction: Annotated[_Correction | None, Field(description="Ready before sending")] = None


_REQUIRED: dict[type[BaseModel], tuple[str, ...]] = {
    _Campaign: (
        "code", "status", "msgType", "event", "urgency", "severity", "certainty", "effective", "expires", "audience", "routes",
        "message",
    ),
    _Message: ("headline", "text"),
    _Route: ("type",),
    _Variant: ("areas",),
    _Button: ("title",),
    _Correction: ("text",),
}  # fmt: skip
_HAVE_TEMPLATE = {"template", "phone"}
_BROADCAST = "broadcast"
_ONLY_FOR = {
    "hashed": ("phone", "other routes use no number"),
    "mode": ("phone", "Zalo has it for no other route"),
    "image": ("cs", "a template has its own pictures"),
    "file": ("cs", "Zalo takes files in consultation messages only"),
    "buttons": ("cs", "a template has its own buttons"),
    "cover": (_BROADCAST, "nothing else is an article"),
    "author": (_BROADCAST, "nothing else is an article"),
    "description": (_BROADCAST, "nothing else is an article"),
}
_ARTICLE_NEEDS = {"cover": "a cover: every article has a picture", "author": "an author: the public must see who speaks"}


class Reading(NamedTuple):
    """A sound campaign, and what deserves a second look of whoever wrote it.

    Args:
        campaign: What is sent.
        remarks: Oddities, each with its place in the file.
        selectors: The places that the file names, as it writes them, each once.
    """

    campaign: Campaign
    remarks: tuple[Problem, ...]
    selectors: tuple[str, ...]


def parse(text: bytes, file: str) -> Campaign:
    """Read a campaign.

    Args:
        text: The file's bytes.
        file: What to call it in messages.

    Raises:
        CampaignInvalid: With every fault.
    """
    return _read(text, file)[1]


def read(text: bytes, file: str) -> Reading:
    """Read a campaign for somebody who checks it; see `parse`."""
    document, campaign = _read(text, file)
    found = (_value_at(document.data, path) for path in document.places if "areas" in path[-2:-1] or path[:-1] == ("order",))
    return Reading(campaign, tuple(_remarks(document)), tuple(dict.fromkeys(map(str, filter(None, found)))))


def _read(text: bytes, file: str) -> tuple[Document, Campaign]:
    document = yaml_document.load(text, file)
    form, problems = yaml_document.salvage(_Campaign, document)
    checker = _Checker(document, form)
    if isinstance(document.data, dict):
        checker.check()
    found = [*problems, *checker.problems]
    if found:
        raise CampaignInvalid(yaml_document.capped(list(dict.fromkeys(found))))
    campaign = checker.campaign()
    if too_long := [*_too_long(document, campaign), *_too_long_for_an_article(document, campaign)]:
        raise CampaignInvalid(too_long)
    return document, campaign


def _remarks(document: Document) -> Iterator[Problem]:
    for path in _instant_paths(document):
        typed = str(_value_at(document.data, path))
        if not typed.endswith("+07:00"):
            yield document.problem(path, f"{typed} is {words(instant_of(typed))} in Vietnam: better written with +07:00")


def _instant_paths(document: Document) -> list[Path]:
    own: list[Path] = [(name,) for name in ("effective", "onset", "expires") if (name,) in document.places]
    return own + [path for path in document.places if path[:1] == ("variants",) and path[-1] == "onset"]


def instant_of(text: str) -> datetime:
    """Read an instant of ISO 8601 or RFC 3339, `24:00` and a small `z` included.

    Raises:
        ValueError: It is none, its zone cannot be, or it is none of a plausible year.
    """
    written = text.strip().upper()
    zone = _ZONE.search(written)
    if zone and zone[1] and not (int(zone[1]) <= 14 and int(zone[2]) < 60):
        raise ValueError(f"has a time zone that does not exist, {zone[0]}: write +07:00")
    try:
        instant = datetime.fromisoformat(_MIDNIGHT.sub("00", written))
    except ValueError as exc:
        raise ValueError("is no instant: write it like 2026-09-18T14:00:00+07:00") from exc
    if instant.tzinfo is None:
        raise ValueError("says no time zone: add +07:00")
    if instant.year not in _PLAUSIBLE:
        raise ValueError(f"is in the year {instant.year}: is the date right?")
    return instant + timedelta(days=bool(_MIDNIGHT.search(written)))


def schema() -> dict[str, Any]:
    """Return the JSON Schema that editors use for campaign files."""
    made = _Campaign.model_json_schema()
    parts = {model.__name__: required for model, required in _REQUIRED.items()}
    for name, part in [("_Campaign", made), *made.get("$defs", {}).items()]:
        if name in parts:
            part["required"] = list(parts[name])
        for field in part["properties"].values():
            _without_null(field)
        part.pop("title", None)
        part.pop("description", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "zalo_alert campaign", **made}


def _without_null(field: dict[str, Any]) -> None:
    field.pop("default", None)
    field.pop("title", None)
    kinds = [kind for kind in field.pop("anyOf", []) if kind.get("type") != "null"]
    if len(kinds) == 1:
        field.update(kinds[0])
    elif kinds:
        field["anyOf"] = kinds


def redated(text: bytes, now: datetime) -> bytes:
    """Move an example's instants so that it becomes effective now, every distance kept; nothing else is touched.

    Args:
        text: A sound campaign.
        now: When.
    """
    document = yaml_document.load(text, "example")
    paths = _instant_paths(document)
    given = {path: instant_of(reduce(getitem, path, document.data)) for path in paths}
    shift = now.replace(second=0, microsecond=0) - given["effective",]
    source = document.text
    for path in sorted(paths, key=lambda p: -document.span(p)[0]):
        start, end = document.span(path)
        source = source[:start] + (given[path] + shift).astimezone(VIETNAM).isoformat() + source[end:]
    return source.encode()


class _Checker:
    """The rules of meaning, over what of the shape was sound; a field with a fault of shape is passed over."""

    def __init__(self, document: Document, form: _Campaign) -> None:
        self.document, self.form = document, form
        self.problems: list[Problem] = []
        self._instants: dict[Path, datetime] = {}

    def check(self) -> None:
        self._missing(self.form, ())
        self._times()
        self._hazard()
        self._references()
        self._audience()
        self._variants()
        self._routes()
        self._texts()
        self._sentences()
        self._promise()

    def _say(self, path: Path, message: str, at: tuple[int, int] | None = None) -> None:
        self.problems.append(self.document.problem(path, message, at))

    def _given(self, path: Path) -> bool:
        return path in self.document.places

    # --- each rule -----------------------------------------------------------------------------------------------------

    def _missing(self, part: BaseModel, path: Path) -> None:
        for name in _REQUIRED.get(type(part), ()):
            if not self._given((*path, name)):
                self._say((*path, name), "is missing")
        for name, field in type(part).model_fields.items():
            value, key = getattr(part, name), field.alias or name
            if isinstance(value, BaseModel):
                self._missing(value, (*path, key))
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, BaseModel):
                        self._missing(item, (*path, key, i))

    def _times(self) -> None:
        written: dict[Path, str | None] = {(name,): getattr(self.form, name) for name in ("effective", "onset", "expires")}
        onsets: dict[Path, str | None] = {("variants", i, "onset"): one.onset for i, one in enumerate(self.form.variants or ())}
        for path, text in (written | onsets).items():
            if text is not None and (instant := self._instant(path, text)) is not None:
                self._instants[path] = instant
        for path in (("effective",), ("onset",), *onsets):
            self._after(("expires",), path)
        effective, expires = self._instants.get(("effective",)), self._instants.get(("expires",))
        if effective and expires and expires - effective > timedelta(days=14):
            self._say(("expires",), "is more than 14 days after effective: is the date right?")

    def _instant(self, path: Path, text: str) -> datetime | None:
        try:
            instant = instant_of(text)
        except ValueError as exc:
            self._say(path, f"{yaml_document.shown(text)} {exc}")
            return None
        if instant.utcoffset() not in _KNOWN_ZONES:
            self._say(path, f"{yaml_document.shown(text)} is {words(instant)} in Vietnam: write it with +07:00")
        return instant

    def _after(self, later: Path, earlier: Path) -> None:
        end, begin = self._instants.get(later), self._instants.get(earlier)
        if end and begin and end <= begin:
            self._say(later, f"{words(end)} is not after {yaml_document.field_name(earlier)}, {words(begin)}")

    def _hazard(self) -> None:
        event = self.form.event
        if event is None:
            return
        hazard = HAZARDS.get(event)
        if hazard is None:
            known = yaml_document.suggestion(event, list(HAZARDS))
            self._say(("event",), f'"{event[:40]}" is no hazard{known or ": there are " + ", ".join(HAZARDS)}')
            return
        levels: dict[Path, int | None] = {("risk_level",): self.form.risk_level}
        levels |= {("variants", i, "risk_level"): one.risk_level for i, one in enumerate(self.form.variants or ())}
        for path, level in levels.items():
            if level is not None and level not in hazard.levels:
                allowed = f"{hazard.levels.start} to {hazard.levels.stop - 1}" if hazard.levels else "none"
                self._say(path, f"is {level}; the risk levels of {hazard.name} are {allowed} (Decision 18/2021)")

    def _variants(self) -> None:
        for i, variant in enumerate(self.form.variants or ()):
            self._areas(variant.areas, ("variants", i, "areas"))
            if not any(self._given(("variants", i, name)) for name in ("text", "risk_level", "onset")):
                self._say(("variants", i), "changes nothing: give it a text, a risk_level or an onset")

    def _references(self) -> None:
        if self.form.msgType in {"Update", "Cancel"} and not self.form.references and not self._given(("references",)):
            self._say(("msgType",), f"{self.form.msgType} needs references: [the code of the message it speaks of]")
        for i, code in enumerate(self.form.references or ()):
            if not re.fullmatch(CODE, code):
                self._say(("references", i), f'"{code[:40]}" is no code: {_CODE_WORDS}')

    def _audience(self) -> None:
        audience = self.form.audience
        if audience is None:
            return
        if audience.source is not None and self._given(("audience", "areas")):
            self._say(("audience", "areas"), "areas and from: recipients exclude each other: keep one")
        elif audience.source is None and not self._given(("audience", "from")) and not self._given(("audience", "areas")):
            self._say(("audience", "areas"), "is missing: an empty area never means everyone; write [all] for that")
        self._areas(audience.areas, ("audience", "areas"))
        self._areas(_excluded(audience).areas, ("audience", "exclude", "areas"))
        self._areas(self.form.order, ("order",))
        self._nothing_left(audience)
        self._uncertain(audience)
        self._lists(audience)

    def _nothing_left(self, audience: _Audience) -> None:
        """Say so when what is excluded is all there was; only when every selector is sound."""
        if not audience.areas or any("areas" in problem.field for problem in self.problems):
            return
        left = _target(audience)
        if not (left.mask or left.wards or left.everyone):
            self._say(("audience", "exclude", "areas"), "takes out everything that areas names: nobody is left")

    def _uncertain(self, audience: _Audience) -> None:
        """Have an Immediate campaign for wards say whom it warns: most people are known by their province only."""
        if self.form.urgency != "Immediate" or self._given(("audience", "uncertain")):
            return
        if audience.areas and not any("areas" in problem.field for problem in self.problems) and _target(audience).wards:
            self._say(
                ("audience", "uncertain"),
                "an Immediate campaign for wards must choose: include (also everyone in the province whose ward nobody knows) or "
                "exclude (only those who are known to live there)",
            )

    def _lists(self, audience: _Audience) -> None:
        named: list[tuple[Path, str]] = []
        if audience.only is not None:
            named.append((("audience", "list"), audience.only))
        named += [(("audience", "exclude", "lists", i), name) for i, name in enumerate(_excluded(audience).lists or ())]
        for path, name in named:
            if not _LIST_NAME.fullmatch(name):
                self._say(
                    path, f'"{name[:40]}" names no list: small letters, digits and dashes; the file is lists/NAME.txt or .csv'
                )

    def _areas(self, selectors: _Selectors, path: Path) -> None:
        if selectors is not None and not selectors and path != ("order",):
            self._say(path, "is empty: an empty area never means everyone; write [all] for that")
        for i, selector in enumerate(selectors or ()):
            try:
                places.area(selector)
            except places.PlaceUnknown as exc:
                self._say((*path, i), str(exc))

    def _routes(self) -> None:
        routes = self.form.routes
        if routes is not None and not routes:
            self._say(("routes",), "is empty: name at least one way, such as {type: cs}")
        seen: dict[tuple[str | None, str | None], int] = {}
        for i, route in enumerate(routes or ()):
            key = (route.type, route.template_id)
            if route.type == _BROADCAST:
                self._broadcast(route, ("routes", i))
                if key in seen:
                    self._say(("routes", i), f"is a second broadcast, beside route {seen[key] + 1}: a campaign has one article")
            elif route.type and key in seen:
                self._say(("routes", i), f"is the same as route {seen[key] + 1}: a second try would not end differently")
            seen.setdefault(key, i)
            self._route(route, ("routes", i))

    def _route(self, route: _Route, path: Path) -> None:
        if route.type in _HAVE_TEMPLATE and not self._given((*path, "template_id")):
            self._say(path, f"{route.type} needs the template_id of an approved template")
        if route.type and route.type not in _HAVE_TEMPLATE and (route.template_id or route.data):
            self._say(path, f"{route.type} takes neither template_id nor data: it sends message.text")
        for key, value in (route.data or {}).items():
            self._template(value, (*path, "data", key))
        for name, (kind, why) in _ONLY_FOR.items():
            if self._given((*path, name)) and route.type not in {kind, None}:
                self._say((*path, name), f"is only for {kind}: {why}")
        if route.mode and self.form.status == "Actual":
            self._say((*path, "mode"), "development reaches administrators only: not for an Actual alert")
        self._enclosed(route, path)
        self._buttons(route, path)

    def _broadcast(self, route: _Route, path: Path) -> None:
        for name in ("cover", "author"):
            if not self._given((*path, name)):
                self._say(path, f"broadcast needs {_ARTICLE_NEEDS[name]}")
        if route.author is not None and not 0 < len(_nfc(route.author).strip()) <= render.MAX_AUTHOR:
            self._say((*path, "author"), f"should have 1 to {render.MAX_AUTHOR} characters")
        if route.description is not None:
            self._template(route.description, (*path, "description"))
        audience, message = self.form.audience or _Audience(), self.form.message or _Message()
        if audience.source is not None or audience.only is not None:
            self._say(path, "broadcast can't go to a list of people: Zalo sends it to whole provinces; leave one out")
        read = {("message", "headline"): message.headline, ("message", "text"): message.text}
        for where, text in (read | {(*path, "description"): route.description}).items():
            if text is not None and not render.check(_nfc(text)) and render.fields_used(_nfc(text)) & render.PERSONAL_FIELDS:
                line = text[: text.index("name", text.index("{"))].count("\n") + 1
                self._say(
                    where, "uses {{ name }}, and all readers of a broadcast's article read the same: leave it out",
                    self.document.line_position(where, line),
                )  # fmt: skip
        if message.headline is not None:
            self._drill_words(message.headline, ("message", "headline"))  # an article's title is shown without its text

    def _enclosed(self, route: _Route, path: Path) -> None:
        if route.image and route.file:
            self._say((*path, "file"), "image and file exclude each other: keep one")
        if route.file and route.buttons:
            self._say((*path, "buttons"), "a file carries no buttons: leave one out")
        for name, endings in (("image", IMAGES), ("file", FILES), ("cover", IMAGES)):
            value = getattr(route, name)
            if value is not None and not (name != "file" and value.startswith("https://")):
                if not value.lower().endswith(endings):
                    self._say((*path, name), f'"{value[:40]}" should end in {", ".join(endings)}')
                elif _outside(value):
                    self._say((*path, name), f'"{value[:40]}" should be the name of a file beside the campaign, or below it')

    def _buttons(self, route: _Route, path: Path) -> None:
        if len(route.buttons or ()) > MAX_BUTTONS:
            self._say((*path, "buttons"), f"are {len(route.buttons or ())}; a message takes {MAX_BUTTONS}")
        for i, button in enumerate(route.buttons or ()):
            at = (*path, "buttons", i)
            given = [name for name in ("url", "phone", "query") if getattr(button, name) is not None]
            if len(given) != 1:
                self._say(at, "does one thing: give it a url, a phone or a query")
            if button.title is not None and not 0 < len(_nfc(button.title).strip()) <= MAX_BUTTON_TITLE:
                self._say((*at, "title"), f"should have 1 to {MAX_BUTTON_TITLE} characters")
            if button.url is not None and not re.fullmatch(r"https?://[^\s/]+\S*", button.url):
                self._say((*at, "url"), f'"{button.url[:40]}" is no address: write it like https://…')
            if button.phone is not None and not re.fullmatch(r"84[0-9]{8,10}", button.phone):
                self._say((*at, "phone"), f'"{button.phone[:40]}" should be digits that begin with 84')
            if button.query is not None and not 0 < len(_nfc(button.query).strip()) <= MAX_QUERY:
                self._say((*at, "query"), f"should have 1 to {MAX_QUERY} characters")

    def _texts(self) -> None:
        message = self.form.message or _Message()
        texts: list[tuple[Path, str | None]] = [(("message", "headline"), message.headline), (("message", "text"), message.text)]
        texts += [(("variants", i, "text"), variant.text) for i, variant in enumerate(self.form.variants or ())]
        correction = self.form.correction
        texts.append((("correction", "text"), correction.text if correction else None))
        for path, text in texts:
            if text is not None:
                if not text.strip():
                    self._say(path, "is empty: write what people shall read")
                self._template(text, path)
                if path[-1] == "text" and path[0] != "correction":
                    self._drill_words(text, path)
        headline = _nfc(message.headline or "").strip()
        if "\n" in headline or len(headline) > MAX_HEADLINE:
            self._say(("message", "headline"), f"should be one line of at most {MAX_HEADLINE} characters")

    def _sentences(self) -> None:
        """Find what was typed as text and is not read as such."""
        for path, place in self.document.places.items():
            if (path[-1:] and path[-1] in _SPOKEN) or path[-2:-1] == ("data",):
                text = _value_at(self.document.data, path)
                if not isinstance(text, str):
                    continue
                if (at := self.document.cut(path)) is not None:
                    self._say(
                        path, "stops at this #, which begins a comment: put the text in quotes, or take the comment away", at
                    )
                if (found := _ESCAPE.search(text)) is not None:
                    line = text[: found.start()].count("\n") + 1
                    hint = "in double quotes it would be one" if place.style != '"' else "with one backslash it would be one"
                    self._say(
                        path, f"holds {found[0]} as two characters, and people would read both: {hint}",
                        self.document.line_position(path, line),
                    )  # fmt: skip

    def _template(self, template: str, path: Path) -> None:
        own = [("variants", path[1])] if path[0] == "variants" else []
        absent = [name for name in ("onset", "risk_level") if not any(self._given((*part, name)) for part in ((), *own))]
        if path == ("message", "headline"):
            absent += ["headline", *render.PERSONAL_FIELDS]  # it is the same for everyone of a place
        for fault in render.check(_nfc(template), absent=absent):
            self._say(path, fault.message, self.document.line_position(path, fault.line))

    def _drill_words(self, text: str, path: Path) -> None:
        said = _nfc(text).casefold()
        drill = next((word for word in DRILL_WORDS if word in said), None)
        if self.form.status == "Actual" and drill:
            self._say(path, f'an Actual alert must not say "{drill}"')
        elif self.form.status in {"Exercise", "Test"} and DENIAL in said:
            self._say(path, f'a drill must not say "{DENIAL}"')
        elif self.form.status in {"Exercise", "Test"} and not drill:
            self._say(
                path,
                f'must say "{DRILL_WORDS[0].upper()}" or "{DRILL_WORDS[1].upper()}", because its status is {self.form.status}',
            )

    def _promise(self) -> None:
        if self.form.urgency == "Immediate" and not self._given(("limits", "on_unknown")):
            self._say(
                ("limits", "on_unknown"),
                "an Immediate campaign must choose: hold (perhaps nobody) or resend (perhaps twice) when no clear answer comes",
            )
        if self.form.canary and self.form.urgency not in {"Immediate", None}:
            self._say(("canary",), "only an Immediate campaign may do without the first people's answers: leave canary out")
        if self.form.status == "Actual" and not self._given(("correction",)):
            self._say(("correction",), "is missing: an Actual alert has its correction ready before it is sent")

    # --- and the value ---------------------------------------------------------------------------------------------------

    def campaign(self) -> Campaign:
        """Build the value; only called when there is no problem."""
        form = self.form
        message, limits = form.message or _Message(), form.limits or _Limits()
        return Campaign(
            code=form.code or "",
            status=Status(form.status or ""),
            msg_type=MsgType(form.msgType or ""),
            event=form.event or "",
            risk_level=form.risk_level,
            urgency=Urgency(form.urgency or ""),
            severity=Severity(form.severity or ""),
            certainty=Certainty(form.certainty or ""),
            effective=self._instants["effective",],
            onset=self._instants.get(("onset",)),
            expires=self._instants["expires",],
            references=tuple(form.references or ()),
            audience=_audience(form),
            order=_areas(form.order),
            routes=tuple(_route(route) for route in form.routes or () if route.type != _BROADCAST),
            broadcast=next((_broadcast(one, i) for i, one in enumerate(form.routes or ()) if one.type == _BROADCAST), None),
            headline=_nfc(message.headline or "").strip(),
            text=_nfc(message.text or ""),
            variants=tuple(self._variant(i, variant, message.text or "") for i, variant in enumerate(form.variants or ())),
            limits=Limits(limits.rate_per_s, limits.attempts or DEFAULT_ATTEMPTS, OnUnknown(limits.on_unknown or OnUnknown.HOLD)),
            canary=form.canary is None,
            correction_text=_nfc((form.correction and form.correction.text) or ""),
        )

    def _variant(self, number: int, variant: _Variant, text: str) -> Variant:
        onset = self._instants.get(("variants", number, "onset"))
        return Variant(_areas(variant.areas), _nfc(variant.text or text), variant.risk_level, onset)


def _audience(form: _Campaign) -> Audience:
    audience = form.audience or _Audience()
    pressing = form.urgency == "Immediate" or form.severity in {"Extreme", "Severe"}
    default = Uncertain.INCLUDE if pressing else Uncertain.EXCLUDE
    return Audience(
        areas=_areas(audience.areas),
        target=_target(audience),
        uncertain=Uncertain(audience.uncertain) if audience.uncertain else default,
        exclude_tags=frozenset(_nfc(tag) for tag in _excluded(audience).tags or ()),
        exclude_lists=tuple(_excluded(audience).lists or ()),
        only_list=audience.only or "",
        accounts=tuple(AccountId(name) for name in audience.accounts or ()),
        supplied=audience.source is not None,
    )


def _target(audience: _Audience) -> Area:
    return places.without(places.all_of(_areas(audience.areas)), places.all_of(_areas(_excluded(audience).areas)))


def _excluded(audience: _Audience) -> _Exclude:
    return audience.exclude or _Exclude()


def _areas(selectors: Sequence[str] | None) -> tuple[Area, ...]:
    return tuple(places.area(selector) for selector in selectors or ())


def _route(route: _Route) -> Route:
    return Route(
        RouteType(route.type or ""),
        route.template_id or "",
        {k: _nfc(v) for k, v in (route.data or {}).items()},
        is_hashed=bool(route.hashed),
        is_development=route.mode is not None,
        image=route.image or "",
        file=route.file or "",
        buttons=tuple(map(_button, route.buttons or ())),
    )


def _broadcast(route: _Route, position: int) -> Broadcast:
    return Broadcast(route.cover or "", _nfc(route.author or "").strip(), _nfc(route.description or ""), position)


def _button(button: _Button) -> Button:
    press = next(press for press in Press if getattr(button, press) is not None)
    return Button(_nfc(button.title or "").strip(), press, _nfc(getattr(button, press)))


def _outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name


def _value_at(data: Any, path: Path) -> Any:
    """Return a value; None for one that stands twice, of which only the first was kept."""
    try:
        return reduce(getitem, path, data)
    except (KeyError, IndexError, TypeError):
        return None


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _too_long(document: Document, campaign: Campaign) -> Iterator[Problem]:
    """Render every text once, for the longest place name there is, and measure it."""
    if all(route.type is not RouteType.CS for route in campaign.routes):
        return
    renderer = render.Renderer(campaign)
    keys = places.keys_of(campaign.audience)
    longest = max((places.label_of(key, campaign.audience) for key in [*keys, places.UNKNOWN]), key=len)
    texts: list[tuple[Path, int | None]] = [(("message", "text"), None)]
    texts += [(("variants", i, "text"), i) for i in range(len(campaign.variants)) if ("variants", i, "text") in document.places]
    for path, variant in texts:
        size = len(renderer.text(longest, variant, "x" * render.MAX_NAME))
        if size > MAX_TEXT:
            yield document.problem(path, f"comes to {size:,} characters; a consultation message (cs) takes {MAX_TEXT:,}")


def _too_long_for_an_article(document: Document, campaign: Campaign) -> Iterator[Problem]:
    if campaign.broadcast is None:
        return
    label = places.name_target(campaign.audience.areas, campaign.audience.target)
    article, path = render.Renderer(campaign).article(label), ("routes", campaign.broadcast.position, "description")
    for at, text, most in (
        (("message", "headline"), article.title, render.MAX_TITLE),
        (path, article.description, render.MAX_DESCRIPTION),
    ):
        if len(text) > most:
            part = "title" if at[-1] == "headline" else "description"
            yield document.problem(at, f"comes to {len(text)} characters for {label[:60]}; an article's {part} takes {most}")
