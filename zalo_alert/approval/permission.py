"""A standing approval: what may be sent again and again without asking anybody, as one canonical text that two persons sign.

It has three parts. `what` is determined by the campaign, the settings and the code: it is built anew before each use and must be
equal. `limits` says when, how often and to how many. `signed` is what was so when it was proposed. Knows no folder and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeAlias

import orjson

from zalo_alert import places
from zalo_alert.approval.request import canonical
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _
from zalo_alert.models import Area, Campaign, Digest
from zalo_alert.settings.model import Settings

FORMAT, TYPE = 1, "standing"
MAX_BYTES = 256 << 10
MOST_TEXTS = 24  # that stand there in full; more are there by digest

Json: TypeAlias = Any  # what JSON holds


@dataclass(frozen=True, slots=True)
class Limits:
    """When, how often and to how many.

    Args:
        first: The day from which on it counts, in Vietnam.
        last: The last day.
        opens_min: Minutes after midnight from which on a first message may leave.
        closes_min: From which on it may not any more.
        most_people: In one send.
        most_a_day: Sends.
        most_in_all: Sends.
        recipients_up_to: How many people a list may name; 0 where no list is part of it.
    """

    first: date
    last: date
    opens_min: int
    closes_min: int
    most_people: int
    most_a_day: int
    most_in_all: int
    recipients_up_to: int = 0

    @property
    def hours(self) -> str:
        """The hours of day as people write them: `07:00-19:00`."""
        return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (self.opens_min, self.closes_min))

    def as_json(self) -> dict[str, Json]:
        """Return them as they are signed."""
        return {
            "from": self.first.isoformat(), "to": self.last.isoformat(),
            "opens_min": self.opens_min, "closes_min": self.closes_min,
            "most_people": self.most_people, "most_a_day": self.most_a_day, "most_in_all": self.most_in_all,
            "recipients_up_to": self.recipients_up_to,
        }  # fmt: skip


@dataclass(frozen=True)
class Permission:
    """What two persons sign.

    Args:
        text: Canonical, byte for byte.
        what: Determined by campaign, settings and code.
        limits: When, how often and to how many.
        signed: As it was when it was proposed.
    """

    text: bytes
    what: Mapping[str, Json]
    limits: Limits
    signed: Mapping[str, Json]

    @cached_property
    def digest(self) -> Digest:
        """Return the digest of the text, for which six words stand."""
        return digest_of(self.text)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.signed["name"])

    @property
    def code(self) -> str:
        """Of the campaign."""
        return str(self.what["alert"]["code"])


def what_is_permitted(
    campaign: Campaign, digest: str, files: Mapping[str, str], settings: Settings, home: Mapping[str, str]
) -> dict[str, Json]:
    """Build the determined part.

    Args:
        campaign: Parsed.
        digest: Of its bytes.
        files: What its messages carry: names, digests of the bytes.
        settings: Of now.
        home: The machine and the folder of the workspace.
    """
    from zalo_alert.approval.contents import alert_of, follow_up_as_json, languages_of, listed  # loads what renders messages

    audience = campaign.audience
    senders = settings.senders(audience.accounts)
    texts = [{"headline": campaign.headline, "text": campaign.text, "areas": [], **languages_of(campaign.languages)}]
    texts += [
        {"headline": "", "text": each.text, "areas": _labels(each.areas), **languages_of(each.languages)}
        for each in campaign.variants
    ]
    return {
        "home": dict(home),
        "profile": settings.profile.value,
        "hosts": settings.destinations(),
        "accounts": [[account.id, account.oa_id, account.app_id] for account in senders],
        "campaign": digest,
        "files": sorted([name, each] for name, each in files.items()),
        "alert": alert_of(campaign),
        "texts": listed(texts, MOST_TEXTS),
        "correction": follow_up_as_json(campaign.correction),
        "all_clear": follow_up_as_json(campaign.all_clear),
        "audience": {
            "supplied": audience.supplied, "uncertain": audience.uncertain.value, "exclude_tags": sorted(audience.exclude_tags),
            "exclude_lists": list(audience.exclude_lists), "only": audience.only_list,
        },
    }  # fmt: skip


def _labels(areas: tuple[Area, ...]) -> list[str]:
    return [area.label for area in areas]


def provinces_meant(campaign: Campaign) -> int:
    """Count the provinces of today that a campaign means, as a whole or in part."""
    target = campaign.audience.target
    wards = {places.mask_of(f"ward:{ward}") for ward in target.wards}
    return sum(1 for each in places.PROVINCES if each.mask & target.mask or any(each.mask & mask for mask in wards))


def make_permission(what: Mapping[str, Json], limits: Limits, signed: Mapping[str, Json]) -> Permission:
    """Put the parts together.

    Raises:
        InputInvalid: It would be too long.
    """
    value = {"format": FORMAT, "type": TYPE, "what": what, "limits": limits.as_json(), "signed": signed}
    return read_permission(canonical(value))


def is_permission(text: bytes) -> bool:
    """Whether a text means to be a standing approval, sound or not."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, dict) and value.get("type") == TYPE


def read_permission(text: bytes) -> Permission:
    """Read a standing approval; white space at its end, as an editor or a mail adds it, does not count.

    Raises:
        InputInvalid: It is none, or not byte for byte what this tool writes.
    """
    text = text.strip()
    try:
        value: Json = orjson.loads(text) if len(text) <= MAX_BYTES else None
        permission = Permission(text, value["what"], _limits(value["limits"]), value["signed"])
        is_whole = value["format"] == FORMAT and value["type"] == TYPE and canonical(value) == text
        is_shaped = isinstance(permission.name, str) and bool(permission.code) and isinstance(permission.signed["by"], str)
        datetime.fromisoformat(permission.signed["at"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise _no_permission() from exc
    if not is_whole or not is_shaped:
        raise _no_permission()
    return permission


def _limits(value: Json) -> Limits:
    first, last = date.fromisoformat(value["from"]), date.fromisoformat(value["to"])
    numbers = [
        value[name] for name in ("opens_min", "closes_min", "most_people", "most_a_day", "most_in_all", "recipients_up_to")
    ]
    if not all(type(number) is int for number in numbers):
        raise TypeError("not whole numbers")
    return Limits(first, last, *numbers)


def _no_permission() -> InputInvalid:
    return InputInvalid(
        _("that is no standing approval, or it was altered after it was written"),
        hint=_("ask for its file again, whole and unchanged"),
    )
