"""What follows runs to those whom they have reached, a correction or an all-clear: frozen by number from shards and ledgers.

No text goes out and none comes in: nobody outside the runs can get into it. The runs are held by whoever calls, and settled.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.campaign import parse
from zalo_alert.foundation.digests import digest_of
from zalo_alert.ledger import broadcasts
from zalo_alert.models import Campaign, Digest, Route, RouteType, RunId
from zalo_alert.pacing.pace import Pace
from zalo_alert.planning.sealing import seal_facts
from zalo_alert.runs.facts import Kind, RunFacts, RunPlace
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Planned
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

if TYPE_CHECKING:
    from zalo_alert.runs.reached import Group, GroupCount, ReachedRun


@dataclass(frozen=True, slots=True)
class Followed:
    """A run, and its campaign as frozen."""

    run: Run
    campaign: Campaign


@dataclass(frozen=True, slots=True)
class FollowUpRequest:
    """What becomes a run.

    Args:
        id: Its name.
        kind: What it is to the runs before it.
        followed: Those; the first is the one whose code it carries.
        text: Its campaign file's bytes; see `campaign.follow_up_text`.
        settings: Its profile, accounts and hosts go with the run.
        files: What messages carry, by name in the campaign.
        text_given: Its text is not the one that was ready.
        overrides: Rules that its text goes round, each with the reason.
    """

    id: RunId
    kind: Kind
    followed: Sequence[Followed]
    text: bytes
    settings: Settings
    files: Mapping[str, bytes] = field(default_factory=dict)
    text_given: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Name the accounts of all the runs, each once."""
        return tuple(dict.fromkeys(name for followed in self.followed for name in followed.run.facts.accounts))


def rate_of(accounts: Sequence[str], settings: Settings) -> float:
    """Return how many people a second a follow-up reaches by some accounts, as far as is granted."""
    return Pace(lanes=settings.lanes(accounts)).rate_per_s or float(settings.app_per_minute)


def lasts(people: int, accounts: Sequence[str], settings: Settings) -> timedelta:
    """Return how long a follow-up takes to so many people."""
    return timedelta(seconds=people / rate_of(accounts, settings))


def first_route(reached_by: RouteType, routes: Sequence[Route]) -> int:
    """Return the first of some routes that fits the one by which somebody was reached: by number, or by their id at the OA."""
    by_phone = reached_by is RouteType.PHONE
    return next((number for number, route in enumerate(routes) if (route.type is RouteType.PHONE) == by_phone), 0)


def freeze_follow_up(request: FollowUpRequest, runs: Runs, now: datetime) -> Run:
    """Freeze what follows some runs.

    Args:
        request: What becomes the run.
        runs: Where it appears.
        now: When.

    Raises:
        StorageUnusable: The people of a run can't be read, or the new one not be written; nothing is left of it.
    """
    return runs.add(request.id, lambda folder: _fill(folder, request, now))


def _fill(folder: Path, request: FollowUpRequest, now: datetime) -> None:
    from zalo_alert.runs import reached  # pyarrow behind it takes 150 ms to load

    campaign = parse.parse(request.text, "campaign.yaml", is_frozen=True)
    with ExitStack() as opened:
        sources = [_reached_run(followed, campaign, request, opened) for followed in request.followed]
        frozen_shards, groups = reached.write_reached(sources if campaign.routes else [], folder / "shards")
    places = [_place_of(group, count, request) for group, count in groups.items()]
    facts = _facts(request, campaign, groups, now)
    around = request.settings.around(facts.accounts)
    if campaign.broadcast:
        broadcasts.Broadcasts.create(folder / broadcasts.NAME, facts.accounts).close()
    sealed = seal_facts(facts, places, frozen_shards, around)
    schedule = _schedule(list(groups.values()), rate_of(facts.accounts, request.settings), now)
    write_new_run(folder, sealed, request.text, places, frozen_shards, schedule, list(request.files.values()))


def _reached_run(followed: Followed, campaign: Campaign, request: FollowUpRequest, opened: ExitStack) -> "ReachedRun":
    from zalo_alert.runs import reached

    run, before = followed.run, followed.campaign.routes
    ledger, audience = opened.enter_context(closing(run.ledger())), opened.enter_context(closing(run.audience()))
    people = ledger.reached()
    if is_for_everyone(run, request.kind):
        people = reached.everyone(run.facts.audience, people)
    tried_first = run.facts.first_routes or (0,) * len(run.places())
    return reached.ReachedRun(
        audience,
        people,
        [first_route(route.type, campaign.routes) for route in before],
        [first_route(before[route].type, campaign.routes) for route in tried_first],
        [request.accounts.index(name) for name in run.facts.accounts],
    )


def is_for_everyone(run: Run, kind: Kind) -> bool:
    """Whether all of a run's people are meant, also those whom it has not reached.

    They are where a correction is corrected: each of them has the alert that was wrong, and nothing that says so.
    """
    return run.facts.kind is Kind.CORRECTION and kind is Kind.CORRECTION


def _place_of(group: "Group", count: "GroupCount", request: FollowUpRequest) -> RunPlace:
    place = request.followed[group.run].run.places()[group.place]
    variant = place.variant if group.run == 0 else None  # the others' variants are those of other campaigns
    return RunPlace(place.key, place.label, variant, count.people)


def _schedule(counts: "Sequence[GroupCount]", rate_per_s: float, now: datetime) -> list[Planned]:
    ends = [(count.first_number, count.last_number) for count in counts]
    at_s = now.timestamp()
    return [Planned(first, last, at_s + first / rate_per_s, at_s + (last + 1) / rate_per_s) for first, last in ends]


def _facts(request: FollowUpRequest, campaign: Campaign, groups: "Mapping[Group, GroupCount]", now: datetime) -> RunFacts:
    first, settings = request.followed[0].run.facts, request.settings
    routes = tuple(group.first_route for group in groups)
    return RunFacts(
        id=request.id,
        code=campaign.code,
        occurrence=request.id.partition("@")[2],
        digest=Digest(""),
        campaign_digest=digest_of(request.text),
        recipients_digest="",
        profile=settings.profile,
        status=campaign.status,
        expires=campaign.expires,
        frozen_at=now,
        audience=sum(count.people for count in groups.values()),
        accounts=request.accounts,
        generation=first.generation if len(request.followed) == 1 else "",
        files=tuple((name, digest_of(content)) for name, content in request.files.items()),
        oa_ids=tuple(settings.account(account).oa_id for account in request.accounts),
        kind=request.kind,
        parent=tuple(followed.run.id for followed in request.followed),
        first_routes=routes if any(routes) else (),
        text_given=request.text_given,
        is_marked=True,  # whatever the run before did: these words are new
        is_rehearsal=settings.rehearses,
        overrides=dict(request.overrides),
    )
