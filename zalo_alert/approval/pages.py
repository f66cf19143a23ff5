"""What two officers sign before articles stand on OAs' pages: which articles, byte for byte, and on whose pages.

Nobody is written to by that, so there is no run; but whoever opens the page of an office believes what stands there. Knows no
folder and no clock.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

import orjson

from zalo_alert import places
from zalo_alert.approval.agreement import Judge
from zalo_alert.approval.officers import Officer
from zalo_alert.approval.request import canonical
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _
from zalo_alert.models import Digest

FORMAT, TYPE = 1, "articles"
MAX_BYTES = 2 << 20  # of the pages of 15,000 OAs, a third

_MONTH = re.compile("20[0-9]{2}-(0[1-9]|1[0-2])")

Json: TypeAlias = Any  # what JSON holds


@dataclass(frozen=True)
class PagesRequest:
    """What two persons sign.

    Args:
        text: Canonical, byte for byte.
        what: Articles as (name, title, digest of all that people see), pages as (our id, Zalo's id of the OA), and to where.
        signed: Who submitted it, and when.
    """

    text: bytes
    what: Mapping[str, Json]
    signed: Mapping[str, Json]

    @cached_property
    def digest(self) -> Digest:
        """Return the digest of the text, for which six words stand."""
        return digest_of(self.text)

    @property
    def name(self) -> str:
        """What it is called: after its first article, and by its digest."""
        return f"{self.what['articles'][0][0]}-{self.digest[:8]}"

    @property
    def articles(self) -> frozenset[tuple[str, str]]:
        """Each article's name and digest."""
        return frozenset((name, digest) for name, _title, digest in self.what["articles"])

    @property
    def pages(self) -> frozenset[tuple[str, str]]:
        """Each page's account and OA."""
        return frozenset((account, oa) for account, oa in self.what["accounts"])

    @property
    def calendar(self) -> tuple[str, str, Digest] | None:
        """The month by whose calendar they appear, that calendar's file and digest; None where they appear at once."""
        named = self.what.get("calendar")
        return (str(named[0]), str(named[1]), Digest(str(named[2]))) if named else None

    @property
    def submitted_at(self) -> datetime:
        """When, by the clock of the machine that publishes."""
        return datetime.fromisoformat(self.signed["at"])


def make_pages_request(what: Mapping[str, Json], signed: Mapping[str, Json]) -> PagesRequest:
    """Put what is to be signed into its one text."""
    return read_pages_request(canonical({"format": FORMAT, "type": TYPE, "what": what, "signed": signed}))


def read_pages_request(text: bytes) -> PagesRequest:
    """Read a request.

    Raises:
        InputInvalid: It is none, or not byte for byte what this tool writes.
    """
    try:
        value: Json = orjson.loads(text) if len(text) <= MAX_BYTES else None
        request = PagesRequest(text, value["what"], value["signed"])
        is_whole = value["format"] == FORMAT and value["type"] == TYPE and canonical(value) == text
        is_shaped = bool(request.articles and request.pages and request.name) and isinstance(request.signed["by"], str)
        is_shaped = is_shaped and (request.calendar is None or bool(_MONTH.fullmatch(request.calendar[0])))
        is_shaped = is_shaped and request.submitted_at.tzinfo is not None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, IndexError) as exc:
        raise _no_request() from exc
    if not is_whole or not is_shaped:
        raise _no_request()
    return request


def _no_request() -> InputInvalid:
    return InputInvalid(
        _("that is no request for articles, or it was altered after it was written"), hint=_("submit the articles anew")
    )


@dataclass(frozen=True, slots=True)
class PagesJudge(Judge):
    """Judges who may agree to articles: whoever answers for all that the OAs of these pages may write to.

    Args:
        areas: Those places, as selectors.
    """

    areas: tuple[str, ...] = ()

    def _beyond(self, officer: Officer) -> Iterator[str]:
        allowed = places.all_of(places.area(selector) for selector in officer.areas)
        if allowed.everyone:
            return
        for selector in self.areas:
            outside = places.without(places.area(selector), allowed)
            if outside.mask or outside.wards or outside.everyone:
                yield selector
