"""The freezing of exactly what was planned into a run that nothing can change any more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path

from zalo_alert import book as books
from zalo_alert.book import Turn
from zalo_alert.errors import CampaignRefused
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _, count
from zalo_alert.ledger import broadcasts
from zalo_alert.ledger.base import Withheld
from zalo_alert.models import Digest, Reason, RunId
from zalo_alert.planning import cap, segment
from zalo_alert.planning.plan import Plan, Source
from zalo_alert.planning.sealing import seal_facts
from zalo_alert.planning.sources import assign_people, generation_of
from zalo_alert.runs import shards
from zalo_alert.runs.facts import RunFacts, RunPlace, run_id
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Planned
from zalo_alert.runs.shards import Shard
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """What becomes a run.

    Args:
        plan: As shown to the officer.
        text: The campaign file's bytes.
        sources: As planned; books are read again, so a newer generation is refused.
        settings: Its profile, accounts and hosts go with the run.
        files: What messages carry, by name in the campaign; see `attachments.read`.
        occurrence: Tells this run from others of the campaign.
        recipients_digest: Of the list that the audience was taken from, if it was.
        overrides: Rules that whoever freezes it goes round, each with the reason.
    """

    plan: Plan
    text: bytes
    sources: Sequence[Source]
    settings: Settings
    files: Mapping[str, bytes] = field(default_factory=dict)
    occurrence: str = ""
    recipients_digest: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> list[RunPlace]:
        """Return where the people are, in the order of sending, those among them who are withheld."""
        return [row.place._replace(people=row.place.people + row.withheld) for row in self.plan.places]


def freeze(request: FreezeRequest, runs: Runs, now: datetime) -> Run:
    """Write a plan down as a run that nothing can change any more.

    Args:
        request: What becomes the run.
        runs: Where it appears.
        now: When.

    Raises:
        CampaignRefused: The book has changed since the plan was made.
    """
    campaign = request.plan.campaign
    if generation_of(request.sources) != request.plan.generation:
        raise CampaignRefused(_("the follower book has changed since the plan was made"), hint=_("plan again"))
    name = run_id(campaign.code, request.occurrence)
    if missing := campaign.attachments.difference(request.files):
        raise CampaignRefused(
            _("the campaign's messages carry {file}, which was not given", file=min(missing)),
            hint=_("give what `attachments.read` returns"),
        )
    return runs.add(name, lambda folder: _fill(folder, name, request, now))


def _fill(folder: Path, name: RunId, request: FreezeRequest, now: datetime) -> None:
    """Write the files of a run into its empty folder."""
    plan = request.plan
    frozen_shards = _write_people(request, folder / "shards")
    people = sum(shard.people for shard in frozen_shards)
    if people != plan.people + plan.withheld:
        raise CampaignRefused(
            _(
                "the plan was for {planned} people and the book now gives {people}",
                planned=count(plan.people + plan.withheld),
                people=count(people),
            ),
            hint=_("plan again"),
        )
    facts = _facts(name, request, people, now)
    facts = seal_facts(facts, request.places, frozen_shards, request.settings.around(facts.accounts))
    if plan.broadcast:
        broadcasts.Broadcasts.create(folder / broadcasts.NAME, plan.accounts).close()
    files, withheld = list(request.files.values()), list(_withheld_groups(plan, int(now.timestamp())))
    write_new_run(folder, facts, request.text, request.places, frozen_shards, _schedule(plan), files, withheld)


def _write_people(request: FreezeRequest, folder: Path) -> list[Shard]:
    """Write the people of the books in the order of sending, each once."""
    plan = request.plan
    if not plan.places:
        return shards.write((), folder)
    own = assign_people(request.sources, [place.key for place in request.places])
    turns = [Turn(row.place.key, row.tier, row.place.people) for row in plan.places]
    keys = [turn.key for turn in turns]
    pairs = [(source.book, source.selection) for source in cap.apply(plan.campaign, own, keys)]
    sent = books.people(pairs, turns, by_phone=segment.is_by_phone(plan.campaign))
    withheld = books.withheld_people(pairs, keys) if plan.withheld else ()
    return shards.write(chain(sent, withheld), folder)


def _withheld_groups(plan: Plan, at_s: int) -> Iterator[Withheld]:
    """Yield those who are withheld, in the order in which they stand behind everyone else."""
    first = plan.people
    for number, row in enumerate(plan.places):
        for people, reason in ((row.capped_by_day, Reason.DAY_CAP), (row.capped_by_week, Reason.WEEK_CAP)):
            if people:
                yield Withheld(first, people, number, reason, at_s)
                first += people


def _schedule(plan: Plan) -> list[Planned]:
    return [
        Planned(row.first_number, row.last_number, row.starts_at.timestamp(), row.finishes_at.timestamp()) for row in plan.places
    ]


def _facts(name: RunId, request: FreezeRequest, people: int, now: datetime) -> RunFacts:
    plan, settings = request.plan, request.settings
    return RunFacts(
        id=name,
        code=plan.campaign.code,
        occurrence=request.occurrence,
        digest=Digest(""),
        campaign_digest=digest_of(request.text),
        recipients_digest=request.recipients_digest,
        profile=settings.profile,
        status=plan.campaign.status,
        expires=plan.campaign.expires,
        frozen_at=now,
        audience=people,
        accounts=plan.accounts,
        generation=plan.generation,
        staff=plan.staff,
        withheld=plan.withheld,
        over_cap=plan.over_cap,
        person_cap=(plan.person_cap.day, plan.person_cap.week),
        oa_ids=tuple(settings.account(account).oa_id for account in plan.accounts),
        overrides=dict(request.overrides),
        is_marked=plan.campaign.is_marked,
        is_rehearsal=settings.rehearses,
        files=tuple((file, digest_of(content)) for file, content in request.files.items()),
    )
