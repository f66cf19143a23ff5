"""A campaign file to a frozen, typed `Campaign`, or to every fault in it at once, each with its place in the file.

The door: nothing after it checks a campaign again. The words of an alert are the officer's.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from zalo_alert.campaign import rules
from zalo_alert.campaign.build import build
from zalo_alert.campaign.field_values import field_remarks, is_instant_field
from zalo_alert.campaign.findings import Findings
from zalo_alert.campaign.follow_up_rules import follow_up_remarks
from zalo_alert.campaign.form import CampaignForm
from zalo_alert.campaign.instants import instant_of
from zalo_alert.campaign.language_rules import language_remarks
from zalo_alert.campaign.measure import measure, measure_follow_ups
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.clock import VIETNAM, words
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import _
from zalo_alert.models import Campaign


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


def parse(text: bytes, file: str, *, is_frozen: bool = False) -> Campaign:
    """Read a campaign.

    Args:
        text: The file's bytes.
        file: What to call it in messages.
        is_frozen: It is a run's, and was sound when that was frozen: rules that came later are not asked of it.

    Raises:
        CampaignInvalid: With every fault.
    """
    return _read(text, file, is_frozen=is_frozen)[1]


def read(text: bytes, file: str) -> Reading:
    """Read a campaign for somebody who checks it; see `parse`."""
    document, campaign = _read(text, file)
    return Reading(campaign, tuple(_remarks(document, campaign)), tuple(_selectors(document)))


def _read(text: bytes, file: str, *, is_frozen: bool = False) -> tuple[Document, Campaign]:
    document = yaml_document.load(text, file)
    form, problems = shape_errors.salvage(CampaignForm, document)
    findings = Findings(document, form, is_frozen=is_frozen)
    instants = rules.check(findings) if isinstance(document.data, dict) else {}
    if problems or findings.problems:
        raise CampaignInvalid(shape_errors.cap(list(dict.fromkeys([*problems, *findings.problems]))))
    campaign = replace(build(form, instants, findings.sound_fields), is_marked=not is_frozen)
    if is_frozen:  # its texts were measured then, and rendering them takes as long as all the rest
        return document, campaign
    if too_long := [*measure(document, campaign), *measure_follow_ups(document, campaign)]:
        raise CampaignInvalid(too_long)
    return document, campaign


def _selectors(document: Document) -> list[str]:
    """Return the places that a file names, as it writes them, each once."""
    paths = [path for path in document.positions if "areas" in path[-2:-1] or path[:-1] == ("order",)]
    return list(dict.fromkeys(str(selector) for selector in map(document.value, paths) if selector))


def _remarks(document: Document, campaign: Campaign) -> Iterator[Problem]:
    yield from follow_up_remarks(document, campaign)
    yield from field_remarks(document, campaign)
    yield from language_remarks(document, campaign)
    for path in _instant_paths(document):
        typed = str(document.value(path))
        if not typed.endswith("+07:00"):
            yield document.problem(
                path,
                _(
                    "{typed} is {instant} in Vietnam: better written with +07:00",
                    typed=typed,
                    instant=words(instant_of(typed)),
                ),
            )


def _instant_paths(document: Document) -> list[KeyPath]:
    own: list[KeyPath] = [(name,) for name in ("effective", "onset", "expires") if (name,) in document.positions]
    onsets = [path for path in document.positions if path[:1] == ("variants",) and path[-1] == "onset"]
    return own + onsets + [path for path in document.positions if len(path) == 2 and is_instant_field(document, path)]


def redate(text: bytes, now: datetime) -> bytes:
    """Move an example's instants so that it becomes effective now, every distance kept; nothing else is touched.

    Now is the last quarter of an hour, so that whoever reads it finds the hours of a clock and not 20:07.

    Args:
        text: A sound campaign.
        now: When.
    """
    document = yaml_document.load(text, "example")
    paths = _instant_paths(document)
    instants = {path: instant_of(document.value(path)) for path in paths}
    quarter = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    shift = quarter - instants["effective",]
    source = document.text
    for path in sorted(paths, key=lambda p: -document.span(p)[0]):
        start, end = document.span(path)
        source = source[:start] + (instants[path] + shift).astimezone(VIETNAM).isoformat() + source[end:]
    return source.encode()
