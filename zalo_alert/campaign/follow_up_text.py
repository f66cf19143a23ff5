"""The campaign file of what follows an alert, written from the alert's own: its place, hazard and people, another message.

The same alert and the same instants give the same bytes, so that anybody can write it once more and compare.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from zalo_alert.campaign import parse
from zalo_alert.campaign.build import follow_up_routes
from zalo_alert.campaign.follow_up import Section
from zalo_alert.campaign.form import BROADCAST, CampaignForm, FollowUpForm, LimitsForm, MessageForm
from zalo_alert.campaign.rules import LONGEST
from zalo_alert.errors import CampaignInvalid, Problem
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.yaml_document import Document
from zalo_alert.language import _
from zalo_alert.models import Campaign, FollowUp, MsgType

LEAST = timedelta(hours=24)  # whoever looks at their phone next morning still gets it


class Window(NamedTuple):
    """From when to when what follows an alert is in force; `effective` is the alert's own, of which its texts speak."""

    effective: datetime
    expires: datetime


def window_of(alert: Campaign, now: datetime, lasts: timedelta) -> Window:
    """Return how long what follows an alert is in force: a day, twice as long as its sending, and as long as the alert.

    Args:
        alert: Perhaps expired long ago.
        now: When its follow-up is sent.
        lasts: How long the sending takes.
    """
    now = now.astimezone(VIETNAM).replace(microsecond=0)
    return Window(alert.effective, max(alert.expires, now + min(LONGEST, max(LEAST, 2 * lasts))))


def write(alert: bytes, section: Section, references: Sequence[str], window: Window, *, with_article: bool) -> bytes:
    """Write the file of what follows an alert.

    Args:
        alert: The bytes of the alert's file; what follows stands in it, see `with_text`.
        section: Where.
        references: The codes of what it follows.
        window: From when to when.
        with_article: Whether its article goes out too.

    Raises:
        CampaignInvalid: It would not be sound.
    """
    form, campaign = _form_of(_load(alert)), parse.parse(alert, "campaign.yaml", is_frozen=True)
    follow_up = section.of(campaign)
    part = form.correction if section is Section.CORRECTION else form.all_clear
    if part is None or follow_up is None:
        raise ValueError(f"no {section} in the campaign")
    routes = [route for route in follow_up_routes(form, part) if with_article or route.type != BROADCAST]
    written = form.model_copy(update={
        "msgType": section.msg_type.value,
        "effective": window.effective.isoformat(),
        "expires": window.expires.isoformat(),
        "references": list(references),
        "routes": routes,
        "message": MessageForm(headline=follow_up.headline, text=follow_up.text, languages=part.languages),
        "limits": LimitsForm(attempts=form.limits.attempts if form.limits else None, on_unknown="hold"),
        "variants": [variant.model_copy(update=_text_of(follow_up, part)) for variant in form.variants or ()] or None,
        "template": None,
        "responseType": list(section.response_types(campaign)) or None,
        "canary": "skip",
        "order": None,
        "correction": None,
        "all_clear": None,
    })  # fmt: skip
    text = yaml_document.write(_plain(written)).encode()
    parse.parse(text, "campaign.yaml", is_frozen=True)
    return text


def _text_of(follow_up: FollowUp, part: FollowUpForm) -> Mapping[str, Any]:
    """Return what a variant says once the alert is followed: the same as everywhere."""
    return {"text": follow_up.text, "languages": part.languages}


def with_text(alert: bytes, section: Section, given: bytes, file: str) -> bytes:
    """Return an alert's file with another text in place of what it has ready.

    Args:
        alert: The bytes of the alert's file.
        section: What is replaced.
        given: The text; of a YAML file the same fields as in a campaign, and what it leaves out stays as it was.
        file: What to call it in messages.

    Raises:
        CampaignInvalid: With every fault of it.
    """
    form = _form_of(_load(alert))
    part = _given(given, file)
    before = form.correction if section is Section.CORRECTION else form.all_clear
    if part.routes is None:  # what a correction takes back had a correction's routes already
        routes = before.routes if before else form.routes if form.msgType == MsgType.CANCEL.value else None
        part = part.model_copy(update={"routes": routes})
    whole = yaml_document.write(_plain(form.model_copy(update={section.value: part}))).encode()
    try:
        parse.parse(whole, file)
    except CampaignInvalid as exc:
        if own := [_moved(problem, section, file) for problem in exc.problems if problem.field.startswith(section.value)]:
            raise CampaignInvalid(own) from exc
        parse.parse(whole, file, is_frozen=True)  # the alert is as it is: rules that came later are not asked of it
    return whole


def _given(given: bytes, file: str) -> FollowUpForm:
    if not file.casefold().endswith((".yaml", ".yml")):
        text = given.decode("utf-8-sig", errors="replace").strip()
        if "\ufffd" in text or not text:
            raise CampaignInvalid([Problem(file, 0, 0, "", _("holds no text in UTF-8: write what people shall read"))])
        return FollowUpForm(text=text)
    document = yaml_document.load(given, file)
    form, problems = shape_errors.salvage(FollowUpForm, document)
    if problems or form.text is None:
        raise CampaignInvalid(problems or [document.problem((), _("has no `text`: write what people shall read"))])
    return form


def _moved(problem: Problem, section: Section, file: str) -> Problem:
    """Return a problem of a whole campaign as one of the file whose text was put into it."""
    return Problem(file, 0, 0, problem.field.removeprefix(section.value).lstrip("."), problem.message)


def _load(campaign: bytes) -> Document:
    return yaml_document.load(campaign, "campaign.yaml")


def _form_of(document: Document) -> CampaignForm:
    return shape_errors.salvage(CampaignForm, document)[0]


def _plain(form: CampaignForm) -> Mapping[str, Any]:
    return form.model_dump(by_alias=True, exclude_none=True)
