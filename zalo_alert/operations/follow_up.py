"""What would follow some runs: its text, whom it is for and how long that takes, for whoever is to agree to it; then the run."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.approval.contents import texts_of
from zalo_alert.campaign import attachments, parse
from zalo_alert.campaign.follow_up import Section
from zalo_alert.campaign.follow_up_text import window_of, with_text, write
from zalo_alert.delivery.checks import check_same_profile, frozen_campaign
from zalo_alert.errors import CampaignRefused, Cure, RunHeld, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.language import _, joined
from zalo_alert.models import Broadcast, Campaign, FollowUp, RunId, State
from zalo_alert.operations.campaign_files import campaign_text
from zalo_alert.operations.given_text import Given, check_given
from zalo_alert.operations.orders import Despite
from zalo_alert.places import name_target
from zalo_alert.planning.follow_up import Followed, FollowUpRequest, is_for_everyone, rate_of
from zalo_alert.reporting.report import read_broadcast
from zalo_alert.runs.facts import Kind, RunPlace, follow_up_id
from zalo_alert.runs.lifecycle import ENDED, NEVER_SENT, RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

SECTIONS: Mapping[Kind, Section] = {Kind.CORRECTION: Section.CORRECTION, Kind.ALL_CLEAR: Section.ALL_CLEAR}
_MAYBE_OUT = frozenset({State.ACCEPTED, State.UNKNOWN, State.CLAIMED})


@dataclass(frozen=True, slots=True)
class Wording:
    """What whoever follows up a run wants to have said.

    Args:
        text: A file whose text goes out instead of the one that is ready; None for that.
        article: Send an article to whole provinces too.
        despite: Rules of wording that the text may break, each with the reason.
    """

    text: Path | None = None
    article: bool = False
    despite: Despite = ()


@dataclass(frozen=True, slots=True)
class FollowUpDraft:
    """What would follow some runs.

    Args:
        request: What becomes the run.
        campaign: What it sends.
        people: Whom it is for, at most.
        rate_per_s: How many of them a second.
        made_at: When this was so.
        article_was_sent: An article of the runs has gone out, or may have: only another article reaches its readers.
    """

    request: FollowUpRequest
    campaign: Campaign
    people: int
    rate_per_s: float
    made_at: datetime
    article_was_sent: bool

    @property
    def lasts(self) -> timedelta:
        """How long the sending takes."""
        return timedelta(seconds=self.people / self.rate_per_s)

    def as_read(self) -> tuple[Mapping[str, Any], ...]:
        """Return what each route brings, as the largest place reads it; see `approval.contents.texts_of`."""
        places = (place for followed in self.request.followed for place in followed.run.places())
        largest = max(places, key=lambda place: place.people, default=None)
        audience = self.campaign.audience
        label = largest.label if largest else name_target(audience.areas, audience.target)
        return tuple(texts_of(self.campaign, [RunPlace("", label, None, 0)]))


class NextId(NamedTuple):
    """The name of what follows a run next, and the latest run of that kind that has written to anybody."""

    id: RunId
    latest: Run | None


def next_id(run: Run, kind: Kind, runs: Runs) -> NextId:
    """Name what follows a run next.

    Raises:
        RunHeld: What followed it last has not been sent yet.
    """
    facts, latest, number = run.facts, None, 1
    while before := runs.find(name := follow_up_id(facts.code, facts.occurrence, kind, number)):
        if before.is_begun:
            latest = before
        elif before.state not in ENDED:
            raise RunHeld(_("{run} is frozen and not sent yet", run=name), hint=_way_on(before))
        number += 1
    return NextId(name, latest)


def _way_on(frozen: Run) -> str:
    cancel = Cure.CANCEL(frozen.id)
    if frozen.state is RunState.SUBMITTED:
        return _("{approve} signs it, {cancel} ends it for good", approve=Cure.APPROVE(frozen.id), cancel=cancel)
    return _("{resume} sends it, {cancel} ends it for good", resume=Cure.RESUME(frozen.id), cancel=cancel)


def unsigned(run: Run, kind: Kind, runs: Runs, settings: Settings) -> Run | None:
    """Find what follows a live run and was cut short after its freezing, before anybody could sign it."""
    if settings.direct:
        return None
    number = 1
    while frozen := runs.find(follow_up_id(run.facts.code, run.facts.occurrence, kind, number)):
        if frozen.state is RunState.FROZEN and not frozen.request:
            return frozen
        number += 1
    return None


def check_was_sent(run: Run) -> None:
    """Refuse a run that has written to nobody.

    Raises:
        CampaignRefused: It has not; whoever has frozen or submitted it can still end it.
    """
    state = run.state
    if run.is_begun and state not in NEVER_SENT:
        return
    is_waiting = state in (RunState.SUBMITTED, RunState.APPROVED)
    cure = _("{reject} or {cancel} ends it", reject=Cure.REJECT(run.id, reason='"…"'), cancel=Cure.CANCEL(run.id))
    raise CampaignRefused(
        _("{run} has not been sent: nobody has it", run=run.id),
        hint=cure if is_waiting else _("{cancel} ends it for good", cancel=Cure.CANCEL(run.id)),
    )


def draft_follow_up(name: RunId, kind: Kind, runs: Sequence[Run], wording: Wording, settings: Settings) -> FollowUpDraft:
    """Say what would follow some runs, which are settled.

    Args:
        name: Of what would be frozen.
        kind: What it is to the runs.
        runs: Those; the first has the text and the code.
        wording: What was asked for.
        settings: The workspace's.

    Raises:
        CampaignRefused: Nothing is ready to be said, there is no way to say it, or the runs are of another workspace.
        CampaignInvalid: The text that was given has faults.
        WordingRefused: It misleads, and nobody says why it may.
    """
    for run in runs:
        check_same_profile(run, settings)
    now, section = SystemClock().now(), SECTIONS[kind]
    alert = runs[0].campaign_bytes()
    followed = [Followed(run, frozen_campaign(run)) for run in runs]
    overrides: dict[str, str] = {}
    if wording.text:
        given = campaign_text(wording.text)
        alert = with_text(alert, section, given, str(wording.text))
        overrides = check_given(Given(section, given, wording.text), alert, runs[0].places(), wording.despite, settings)
    was_sent = any(status.state in _MAYBE_OUT or status.unclear for run in runs for status in read_broadcast(run))
    said = section.of(parse.parse(alert, str(runs[0].campaign_path), is_frozen=True))
    with_article = _takes_article(said, runs[0], kind, wording, was_sent=was_sent)
    accounts = tuple(dict.fromkeys(account for run in runs for account in run.facts.accounts))
    people, rate_per_s = sum(_count(run, kind) for run in runs), rate_of(accounts, settings)
    window = window_of(followed[0].campaign, now, timedelta(seconds=people / rate_per_s))
    text = write(alert, section, list(dict.fromkeys(run.facts.code for run in runs)), window, with_article=with_article)
    campaign = replace(parse.parse(text, "campaign.yaml", is_frozen=True), is_marked=True)
    files = _files(campaign, runs[0], wording, settings)
    request = FollowUpRequest(
        name, kind, followed, text, settings, files, text_given=wording.text is not None, overrides=overrides
    )
    return FollowUpDraft(request, campaign, people if campaign.routes else 0, rate_per_s, now, was_sent)


def _count(run: Run, kind: Kind) -> int:
    if is_for_everyone(run, kind):
        return run.facts.audience
    with closing(run.ledger()) as ledger:
        return ledger.count_reached()


def _takes_article(said: FollowUp | None, run: Run, kind: Kind, wording: Wording, *, was_sent: bool) -> bool:
    """Whether an article goes out: where it was asked for, and where only an article reaches the readers of one."""
    if said is None:
        raise CampaignRefused(_nothing_ready(run, kind), hint=_give_text(run))
    if wording.article and said.broadcast is None:
        raise UsageError(
            _("{option}: no article is ready for {run}", option=Cure.OPTION(article=True), run=run.id),
            hint=_("give a file with routes that have a broadcast: {text}", text=Cure.OPTION(text="FILE.yaml")),
        )
    takes = said.broadcast is not None and (wording.article or was_sent)
    if not said.routes and not takes:
        raise CampaignRefused(_("no route to people is ready for {run}", run=run.id), hint=_give_text(run))
    return takes


def _nothing_ready(run: Run, kind: Kind) -> str:
    if kind is Kind.ALL_CLEAR:
        return _("the campaign of {run} has no all-clear ready", run=run.id)
    return _("the campaign of {run} has no correction ready", run=run.id)


def _give_text(run: Run) -> str:
    give = _("give one with {option}: a text, or a .yaml with headline, text and routes", option=Cure.OPTION(text="FILE"))
    goes_on = _("{resume} goes on with it as it is", resume=Cure.RESUME(run.id))
    return joined((give, goes_on), "; ") if run.is_open() else give


def _files(campaign: Campaign, run: Run, wording: Wording, settings: Settings) -> dict[str, bytes]:
    """Return what messages carry: frozen with the alert, or beside the file that was given."""
    frozen = {name for name, _digest in run.facts.files}
    files = {name: run.attachment(name) for name in sorted(campaign.attachments & frozen)}
    if (missing := campaign.attachments - frozen) and wording.text:
        own = replace(
            campaign,
            routes=tuple(route for route in campaign.routes if route.attachment in missing),
            broadcast=_if_carries(campaign.broadcast, missing),
        )
        files |= attachments.read(own, wording.text.parent, workspace=settings.workspace)
    return files


def _if_carries(broadcast: Broadcast | None, names: frozenset[str]) -> Broadcast | None:
    return broadcast if broadcast and broadcast.attachment in names else None
