"""What an officer reads before agreeing to anything: the same few facts for a draft, a request and a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from zalo_alert.approval.request import Request, read_request
from zalo_alert.approval.words import six_words
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.errors import InputInvalid
from zalo_alert.language import _
from zalo_alert.operations.orders import WORDING
from zalo_alert.operations.template_distance import TemplateDistance, measure_distance, read_distance

if TYPE_CHECKING:
    from zalo_alert.models import Campaign
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.follow_up import FollowUpDraft
    from zalo_alert.runs.run import Run
    from zalo_alert.settings.model import Settings
    from zalo_alert.wording.finding import Finding

FIRST_LINES = 2


class WordingNote(NamedTuple):
    """What a rule has found in the words of what is about to go out.

    Args:
        code: The rule's.
        is_error: Whether it held the campaign back.
        place: Line, column and field in the campaign file.
        why: In a sentence.
        despite: The reason to pass over it; "" of a warning.
    """

    code: str
    is_error: bool
    place: str
    why: str
    despite: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What is about to go out.

    Args:
        code: Printed on the message.
        status: CAP's: Actual, Exercise or Test.
        is_live: Whether the workspace speaks to the public.
        is_rehearsal: Whether its hosts are on this machine all the same: nobody is reached.
        event: The hazard's Vietnamese name.
        risk_level: Of the law; None where the hazard has none.
        urgency: CAP's.
        people: How many are written to.
        withheld: How many are not, because they have had messages enough.
        over_cap: How many have, and are written to all the same.
        wording: What was found in its words, errors first.
        template: How far they have gone from the library template that they began from; None where they began from none.
        provinces: Of today, each with its people, the most first; "" where nobody knows.
        texts: Everything that anybody reads, each with its route and place.
        expires: Nothing is sent after it.
        onset: When the danger begins; None where it is not given.
        finishes_at: When the last person is reached; None where nobody is written to one by one.
        hosts: Where messages go.
        overrides: Rules that somebody went round, with their reasons.
        correction: What is ready in case the alert is wrong, as `texts`; empty for nothing.
        by: Who submitted it; "" before that.
        submitted_at: When; None before that.
        words: Six words that stand for all of it; "" before it is submitted.
        approvers: How many must approve it; 0 where nobody need.
        is_follow_up: Whether it is a correction or an all-clear, to those whom an alert reached.
        languages: Codes of the languages that stand below a Vietnamese text, each with who answers for it.
    """

    code: str
    status: str
    is_live: bool
    is_rehearsal: bool
    event: str
    risk_level: int | None
    urgency: str
    people: int
    provinces: tuple[tuple[str, int], ...]
    texts: tuple[Mapping[str, Any], ...]
    expires: datetime
    onset: datetime | None
    finishes_at: datetime | None
    hosts: tuple[str, ...]
    overrides: tuple[tuple[str, str], ...]
    correction: tuple[Mapping[str, Any], ...]
    by: str = ""
    submitted_at: datetime | None = None
    words: str = ""
    approvers: int = 0
    is_follow_up: bool = False
    withheld: int = 0
    over_cap: int = 0
    languages: tuple[tuple[str, str], ...] = ()
    wording: tuple[WordingNote, ...] = ()
    template: TemplateDistance | None = None

    @property
    def other_overrides(self) -> tuple[tuple[str, str], ...]:
        """The rules gone round but for those of wording that `wording` tells of."""
        told = {note.code for note in self.wording if note.is_error}
        return tuple(item for item in self.overrides if item[0].removeprefix(WORDING) not in told)

    @property
    def first_lines(self) -> tuple[str, ...]:
        """The first lines of what is read, as a phone's lock screen shows them: of a text, or else of a template's values."""
        bodies = [str(text["text"]) for text in self.texts if text.get("text")]
        values = [str(value) for text in self.texts[:1] for value in text.get("data", {}).values()]
        lines = bodies[0].splitlines() if bodies else sorted(values, key=len, reverse=True)  # a code alone says nothing
        return tuple([line for line in lines if line.strip()][:FIRST_LINES])


def card_of_request(request: Request) -> Card:
    """Return the card of what was submitted.

    Raises:
        InputInvalid: The request lacks something that must be read before it is signed.
    """
    try:
        card = _card_of_request(request)
        len(card.first_lines)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise InputInvalid(
            _("that is no request for approval: it does not say what would be sent"),
            hint=_("ask for the file request.json of the run, whole and unchanged"),
        ) from exc
    return card


def _card_of_request(request: Request) -> Card:
    what, signed = request.what, request.signed
    return Card(
        code=what["code"],
        status=what["status"],
        is_live=what["profile"] == "live",
        is_rehearsal=bool(what["rehearsal"]),
        event=_event(what["event"]),
        risk_level=what["risk_level"],
        urgency=what["urgency"],
        people=request.people,
        withheld=int(what["audience"].get("withheld", 0)),
        over_cap=int(what["audience"].get("over_cap", 0)),
        provinces=tuple((name, people) for name, people in what["audience"]["provinces"]),
        texts=tuple(what["texts"]["first"]),
        expires=datetime.fromisoformat(what["expires"]),
        onset=_instant(what["onset"]),
        finishes_at=_instant(signed.get("finishes_at")),
        hosts=tuple(what["hosts"].values()),
        overrides=tuple(sorted(what.get("overrides", {}).items())),
        correction=tuple(what["ready"].get("correction", {}).get("texts", ())),
        by=signed["by"],
        submitted_at=request.submitted_at,
        words=six_words(request.digest),
        is_follow_up=bool(what.get("kind")),
        approvers=int(signed.get("approvers", 1)),
        languages=tuple((str(language), str(name)) for language, name in what.get("languages", ())),
        wording=_wording(signed.get("wording", ()), what.get("overrides", {})),
        template=read_distance(signed.get("template")),
    )


def _wording(rows: Iterable[Sequence[str]], overrides: Mapping[str, str]) -> tuple[WordingNote, ...]:
    """Read what a request says of its words; a request of before says nothing."""
    notes = [
        WordingNote(code, severity == "error", place, why, overrides.get(f"{WORDING}{code}", "") if severity == "error" else "")
        for code, severity, place, why in rows
    ]
    return tuple(sorted(notes, key=lambda note: not note.is_error))


def notes_of(findings: "Sequence[Finding]", overrides: Mapping[str, str]) -> tuple[WordingNote, ...]:
    """Return findings as a card shows them."""
    from zalo_alert.operations.wording import place_of

    rows = ((one.code, one.severity.value, place_of(one.problem), one.problem.message) for one in findings)
    return _wording(rows, overrides)


def card_of_run(run: "Run") -> Card:
    """Return the card of a run that was submitted."""
    return card_of_request(read_request(run.request))


def card_of_draft(draft: "Draft", settings: "Settings", overrides: Mapping[str, str]) -> Card:
    """Return the card of what would be frozen."""
    from zalo_alert.approval.contents import provinces_of, ready_of, texts_of

    campaign, plan = draft.campaign, draft.plan
    run_places = [row.place for row in plan.places]
    return replace(
        _card_of_campaign(campaign, settings, plan.people),
        withheld=plan.withheld,
        over_cap=plan.over_cap,
        provinces=tuple(provinces_of(run_places)),
        texts=tuple(texts_of(campaign, run_places)),
        onset=campaign.onset,
        finishes_at=plan.finishes_at if plan.places else None,
        overrides=tuple(sorted(overrides.items())),
        wording=notes_of(draft.findings, overrides),
        template=measure_distance(campaign, settings.workspace),
        correction=tuple(ready_of(campaign, run_places).get("correction", {}).get("texts", ())),
    )


def card_of_follow_up(draft: "FollowUpDraft") -> Card:
    """Return the card of a correction or an all-clear before it is frozen."""
    return replace(
        _card_of_campaign(draft.campaign, draft.request.settings, draft.people),
        texts=draft.as_read(),
        overrides=tuple(sorted(draft.request.overrides.items())),
        finishes_at=draft.made_at + draft.lasts if draft.people else None,
        is_follow_up=True,
    )


def _card_of_campaign(campaign: "Campaign", settings: "Settings", people: int) -> Card:
    """Return what a campaign and the workspace say by themselves."""
    from zalo_alert.approval.contents import checkers_of

    return Card(
        code=campaign.code,
        status=campaign.status,
        is_live=not settings.direct,
        is_rehearsal=settings.rehearses,
        event=_event(campaign.event),
        risk_level=campaign.risk_level,
        urgency=campaign.urgency,
        people=people,
        provinces=(),
        texts=({"text": campaign.text},),
        expires=campaign.expires,
        onset=None,
        finishes_at=None,
        hosts=tuple(settings.destinations().values()),
        overrides=(),
        correction=(),
        languages=tuple(checkers_of(campaign)),
    )


def _event(code: str) -> str:
    return HAZARDS[code].name if code in HAZARDS else code


def language_named(code: str) -> str:
    """Return what a language is called; its code where nobody here knows it."""
    return LANGUAGES.get(code, code)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def is_about(typed: str, people: int) -> bool:
    """Whether somebody who typed a number has read how many people it is: within a twentieth, however it is grouped."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    return bool(digits) and len(digits) < 12 and abs(int(digits) - people) <= people / 20
