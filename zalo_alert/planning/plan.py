"""Who will be written to, by which route, and when the last one is reached; and the freezing of exactly that into a run.

Owns the arithmetic of a plan. Nothing is sent that was not planned here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert import book as books
from zalo_alert import places
from zalo_alert.book import STAFF, Book, Selection, Turn
from zalo_alert.campaign import lifecycle
from zalo_alert.campaign.lifecycle import check_sendable
from zalo_alert.errors import CampaignRefused, Cure
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.formatting import count, persons, span
from zalo_alert.ledger import broadcasts
from zalo_alert.models import Area, Campaign, Digest, Reach, Route, RouteType, RunId, Uncertain
from zalo_alert.pacing.pace import Pace
from zalo_alert.planning import broadcast_reach, segment, template_fit
from zalo_alert.planning.broadcast_reach import Outreach
from zalo_alert.runs import seal, shards
from zalo_alert.runs.facts import RunFacts, RunPlace, facts_part, run_id, written_facts
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.schedule import Planned
from zalo_alert.runs.shards import Shard
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Account, Settings


@dataclass(frozen=True, slots=True)
class Source:
    """One account and the people it could write to; `selection` says which of them."""

    account: Account
    book: Book
    selection: Selection


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One group of people: how many, and when the first and the last of them are reached; those of a `tier` go side by side."""

    place: RunPlace
    is_uncertain: bool
    tier: int
    first_number: int
    last_number: int
    starts_at: datetime
    finishes_at: datetime


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route: how many would be asked by it, and how many of them it can reach as far as the book knows."""

    type: RouteType
    asked: int
    reachable: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an officer should know before sending; `places` stand in the order of sending."""

    campaign: Campaign
    accounts: tuple[str, ...]
    generation: str
    places: tuple[PlaceRow, ...]
    routes: tuple[RouteRow, ...]
    left_out: int
    uncertain: int
    unreachable: int
    rate_per_s: float
    starts_at: datetime
    finishes_at: datetime
    made_at: datetime
    broadcast: Outreach | None = None
    same_phone: int = 0  # whose number somebody before them has too: no message by phone goes to them
    nameless: Reach | None = None  # those without a name; None where no message would have a gap for them

    @property
    def people(self) -> int:
        """How many will be written to."""
        return sum(row.place.people for row in self.places)

    @property
    def staff(self) -> int:
        """How many of them are staff, who try the message before anyone else."""
        return sum(row.place.people for row in self.places if row.place.key == STAFF)

    @property
    def requests(self) -> int:
        """How many calls that takes, when nobody must be asked again."""
        return sum(route.asked for route in self.routes)

    @property
    def warnings(self) -> list[str]:
        """What is wrong with it, in the words an officer should read in red."""
        campaign, found = self.campaign, []
        found += self._ahead()
        found += self._late()
        if self.finishes_at > campaign.expires:
            found.append(f"the campaign expires {span(self.finishes_at - campaign.expires)} before the last person is reached")
        if self.unreachable:
            found.append(f"no route reaches {persons(self.unreachable)}, as far as the book knows")
        if self.same_phone:
            who = f"{persons(self.same_phone)} {'has' if self.same_phone == 1 else 'have'} the phone number of somebody else"
            found.append(f"{who}, who is written to before them: by phone one message goes to a number")
        found += self._perhaps()
        found += [sentence for _, sentence in self.gaps]
        return found + (self.broadcast.warnings if self.broadcast else [])

    @property
    def gaps(self) -> list[tuple[int, str]]:
        """Say by which route, from 0, how many people would be sent a gap for want of a name."""
        if self.nameless is None:
            return []
        found = []
        for gap in template_fit.gaps(self.campaign):
            route = self.campaign.routes[gap.route]
            people = {RouteType.PHONE: self.nameless.phones, RouteType.CS: self.nameless.recent}.get(
                route.type, self.nameless.people
            )
            what = (
                f"would be sent a gap in {', '.join(gap.keys)}" if gap.keys else "would read a gap where their name should stand"
            )
            by = " ".join(filter(None, (route.type.value, route.template_id)))
            if people:
                number = self.campaign.written_at(gap.route) + 1
                who = f"{count(people)} of {persons(self.people)} have no name"
                found.append((gap.route, f"{who}: by route {number} ({by}) they {what}; {template_fit.CURE}"))
        return found

    def _ahead(self) -> list[str]:
        ahead_s = lifecycle.ahead_s(self.campaign, self.made_at)
        if not ahead_s:
            return []
        when = f"the campaign takes effect at {words(self.campaign.effective)}, in {span(timedelta(seconds=ahead_s))}"
        if ahead_s <= lifecycle.WAITED_S:
            return [f"{when}: {Cure.SEND()} waits for that"]
        wait, early = Cure.OPTION(wait=True), Cure.OPTION(early=True)
        return [f"{when}: {Cure.SEND()} refuses to be that early, unless told to {wait} for it or to go out {early}"]

    def _perhaps(self) -> list[str]:
        """Say of a campaign for wards who may live elsewhere: most books know few wards, so it may be everyone."""
        if not self.campaign.audience.target.wards or not self.uncertain:
            return []
        if self.campaign.audience.uncertain is Uncertain.EXCLUDE:
            who = f"{persons(self.uncertain)} of whom only the province is known"
            return [f"{who} are left out, though some of them may live in the wards that are meant (uncertain: exclude)"]
        found = []
        for province in places.PROVINCES:
            rows = [row for row in self.places if row.place.key != STAFF and places.mask_of(row.place.key) & province.mask]
            perhaps = [row for row in rows if row.is_uncertain]
            if people := sum(row.place.people for row in perhaps):
                all_of_them = persons(sum(row.place.people for row in rows))
                read = " and ".join(dict.fromkeys(row.place.label for row in perhaps))
                found.append(
                    f"{count(people)} of {all_of_them} are only known to live somewhere in {province.name}; they too read the "
                    f"message for {read} (uncertain: include)"
                )
        return found

    def _late(self) -> list[str]:
        """Say whose last person is reached after the onset there; a variant may have an onset of its own."""
        last: dict[datetime, PlaceRow] = {}
        for row in self.places:
            onset = self.campaign.onset_of(row.place.variant)
            if onset and row.finishes_at > onset and (onset not in last or row.finishes_at > last[onset].finishes_at):
                last[onset] = row
        several = any(variant.onset for variant in self.campaign.variants)
        who = {onset: f"the last person in {row.place.label}" if several else "the last person" for onset, row in last.items()}
        return [f"{who[onset]} is reached {span(last[onset].finishes_at - onset)} AFTER the onset" for onset in sorted(last)]


def make(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign against the follower books as they are.

    Raises:
        CampaignRefused: It may not be sent, reaches nobody, or names an area where nobody is.
    """
    _check(campaign, sources, now)
    return counted(campaign, sources, settings, now)


def counted(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign as it would go out, whether or not it may now: for whoever looks at it beforehand.

    Raises:
        CampaignRefused: It reaches nobody, or names an area where nobody is.
    """
    if not campaign.routes:
        return _of_nobody(campaign, sources, settings, now)
    counted = _added([source.book.reach(source.selection, now) for source in sources])
    everyone, staff = [reach for reach in counted if reach.place != STAFF], [reach for reach in counted if reach.place == STAFF]
    further = set[str]().union(*(source.book.further(source.selection) for source in sources))
    seen = [reach.place for reach in everyone]
    chosen = segment.chosen(campaign.audience, [*seen, *sorted(further.difference(seen))])
    keys = set(chosen.included)
    if campaign.audience.uncertain is Uncertain.INCLUDE:
        keys |= set(chosen.uncertain)
    if campaign.audience.supplied:
        keys = set(seen)
    included = [reach for reach in everyone if reach.place in keys] + [Reach(key, 0, 0, 0) for key in keys.difference(seen)]
    _check_reach(campaign, everyone, included)
    tiers = [*([(STAFF,)] if staff else []), *segment.in_tiers(campaign, included)]
    included += staff
    ordered = [key for tier in tiers for key in tier]
    told_apart = _told_apart(sources, ordered)
    if keys & further or told_apart != tuple(sources):  # who lives at one place and works at another counts once
        included = _added([source.book.served(source.selection, ordered, now) for source in told_apart])
    by_key = {reach.place: reach for reach in _by_number(campaign, told_apart, ordered, included) if reach.people}
    same_phone = sum(reach.phones for reach in included) - sum(reach.phones for reach in by_key.values())
    reached = [[by_key[key] for key in tier if key in by_key] for tier in tiers]
    made = _timed(campaign, sources, [tier for tier in reached if tier], everyone, frozenset(chosen.uncertain), settings, now)
    nameless = _nameless(told_apart, ordered, now) if template_fit.gaps(campaign) else None
    return replace(made, broadcast=_broadcast(campaign, sources, now), nameless=nameless, same_phone=same_phone)


def _nameless(sources: Sequence[Source], keys: Sequence[str], now: datetime) -> Reach:
    found = [source.book.nameless(source.selection, keys, now) for source in sources]
    return Reach("", *(sum(counts) for counts in zip(*(reach[1:] for reach in found), strict=True)))


def _by_number(campaign: Campaign, sources: Sequence[Source], keys: Sequence[str], reaches: Sequence[Reach]) -> Sequence[Reach]:
    """Count phone numbers in place of people with a phone: one message goes to a number."""
    if not _is_by_phone(campaign) or not any(reach.phones for reach in reaches):
        return reaches
    found = books.numbers([(source.book, source.selection) for source in sources], keys)
    return [reach._replace(phones=found.get(reach.place, 0)) for reach in reaches]


def _is_by_phone(campaign: Campaign) -> bool:
    return any(route.type is RouteType.PHONE for route in campaign.routes)


def _broadcast(campaign: Campaign, sources: Sequence[Source], now: datetime) -> Outreach | None:
    if campaign.broadcast is None:
        return None
    return broadcast_reach.of(campaign, [(source.account.id, source.book, source.selection) for source in sources], now)


def _of_nobody(campaign: Campaign, sources: Sequence[Source], settings: Settings, now: datetime) -> Plan:
    """Plan a campaign that has a broadcast and no route to single people: an audience of nobody, whatever the books hold."""
    return Plan(
        campaign=campaign,
        accounts=tuple(source.account.id for source in sources),
        generation=_generation(sources),
        places=(),
        routes=(),
        left_out=0,
        uncertain=0,
        unreachable=0,
        rate_per_s=float(settings.app_per_minute),
        starts_at=now,
        finishes_at=now,
        made_at=now,
        broadcast=_broadcast(campaign, sources, now),
    )


def _told_apart(sources: Sequence[Source], keys: Sequence[str]) -> tuple[Source, ...]:
    """Let a person who follows several OAs belong to the first of them; the phone tells, and of one app their id in it."""
    found: list[Source] = []
    for source in sources:
        nearer = tuple(
            other.book.nearer(other.selection, keys, same_app=other.account.app_id == source.account.app_id) for other in found
        )
        found.append(replace(source, selection=replace(source.selection, nearer=nearer)) if nearer else source)
    return tuple(found)


def freeze(
    plan: Plan, text: bytes, sources: Sequence[Source], all_runs: Runs, settings: Settings, now: datetime,
    *, files: Mapping[str, bytes] | None = None, **facts: str,
) -> Run:  # fmt: skip
    """Write a plan down as a run that nothing can change any more.

    Args:
        plan: As shown to the officer.
        text: The campaign file's bytes.
        sources: As planned; books are read again, so a newer generation is refused.
        all_runs: Where the run appears.
        settings: Its profile goes with the run.
        now: When.
        files: What messages carry, by name in the campaign; see `enclosed.read`.
        facts: `occurrence` and `recipients_digest`.

    Raises:
        CampaignRefused: The book has changed since the plan was made.
    """
    if _generation(sources) != plan.generation:
        raise CampaignRefused("the follower book has changed since the plan was made", hint="plan again")
    name = run_id(plan.campaign.code, facts.get("occurrence", ""))
    rows = [row.place for row in plan.places]
    carried = files or {}
    if missing := plan.campaign.enclosed.difference(carried):
        raise CampaignRefused(f"the campaign's messages carry {min(missing)}, which was not given", hint="see `enclosed.read`")
    turns = [Turn(row.place.key, row.tier, row.place.people) for row in plan.places]

    def fill(folder: Path) -> None:
        own = _told_apart(sources, [row.key for row in rows]) if rows else ()
        by_phone = _is_by_phone(plan.campaign)
        batches = books.people([(source.book, source.selection) for source in own], turns, by_phone=by_phone) if rows else ()
        written = shards.write(batches, folder / "shards")
        people = sum(shard.people for shard in written)
        if people != plan.people:
            raise CampaignRefused(f"the plan was for {plan.people} people and the book now gives {people}", hint="plan again")
        schedule = [
            Planned(row.first_number, row.last_number, row.starts_at.timestamp(), row.finishes_at.timestamp())
            for row in plan.places
        ]
        made = _facts(plan, name, text, rows, written, settings, now, facts, carried)
        if plan.broadcast:
            broadcasts.Broadcasts.create(folder / broadcasts.NAME, plan.accounts).close()
        write_new_run(folder, made, text, rows, written, schedule, list(carried.values()))

    return all_runs.add(name, fill)


def _facts(
    plan: Plan, name: RunId, text: bytes, rows: Sequence[RunPlace], written: Sequence[Shard], settings: Settings, now: datetime,
    given: Mapping[str, str], carried: Mapping[str, bytes],
) -> RunFacts:  # fmt: skip
    """Say what a run is, with one digest over all that it is made of."""
    made = RunFacts(
        id=name,
        code=plan.campaign.code,
        occurrence=given.get("occurrence", ""),
        digest=Digest(""),
        campaign_digest=digest_of(text),
        recipients_digest=given.get("recipients_digest", ""),
        profile=settings.profile,
        status=plan.campaign.status,
        expires=plan.campaign.expires,
        frozen_at=now,
        audience=sum(shard.people for shard in written),
        accounts=plan.accounts,
        generation=plan.generation,
        staff=plan.staff,
        oa_ids=tuple(settings.account(name).oa_id for name in plan.accounts),
        files=tuple((file, digest_of(content)) for file, content in carried.items()),
    )
    parts = {
        "campaign": made.campaign_digest,
        "audience": digest_of_json([(shard.file, shard.first, shard.people, shard.digest) for shard in written]),
        "places": digest_of_json([list(row) for row in rows]),
        "files": digest_of_json(made.files),
        "facts": facts_part(written_facts(made)),
        **settings.around(plan.accounts),
    }
    return replace(made, digest=seal.whole(parts), parts=tuple(parts.items()))


def _generation(sources: Sequence[Source]) -> str:
    return " ".join("" if source.book.is_empty else source.book.generation() for source in sources)


# --- may it be sent, and to whom ---------------------------------------------------------------------------------------


def _check(campaign: Campaign, sources: Sequence[Source], now: datetime) -> None:
    check_sendable(campaign, now)
    for source in sources:
        allowed = places.all_of(places.area(selector) for selector in source.account.areas)
        if campaign.broadcast and not allowed.everyone:
            _check_broadcast(campaign, source, allowed)
        outside = places.without(campaign.audience.target, allowed)
        if not allowed.everyone and (outside.mask or outside.wards or outside.everyone):
            named = next(area for area in campaign.audience.areas if _reaches_out(area, allowed))
            raise CampaignRefused(
                f"account {source.account.id} may write to {', '.join(source.account.areas)}, not to {named.label}",
                hint="change audience.areas, or the account's areas in zalo-alert.yaml",
            )


def _check_broadcast(campaign: Campaign, source: Source, allowed: Area) -> None:
    """Refuse a broadcast that can't be aimed finely enough to stay where an account may write."""
    target = campaign.audience.target
    aimed = places.aim(target)
    if not _reaches_out(target, allowed) and _reaches_out(aimed.area, allowed):
        raise CampaignRefused(
            f"account {source.account.id} may write to {', '.join(source.account.areas)}, and the broadcast would go beyond: "
            + "; ".join(aimed.beyond),
            hint="leave the broadcast out, or let an OA send it that may write to the whole province",
        )


def _check_reach(campaign: Campaign, everyone: Sequence[Reach], included: Sequence[Reach]) -> None:
    if campaign.audience.supplied:
        if not included:
            raise CampaignRefused("the list of recipients holds nobody", hint="nothing was sent")
        return
    empty = segment.empty_areas(campaign.audience, everyone)
    if empty:
        raise CampaignRefused(
            f"nobody in the follower book lives in {', '.join(area.label for area in empty)}",
            hint="correct audience.areas, or import that area's followers; an empty area never means everyone",
        )
    if not included:
        raise CampaignRefused("this campaign reaches nobody", hint=f"see {Cure.STATS()}")


def _reaches_out(area: Area, allowed: Area) -> bool:
    outside = places.without(area, allowed)
    return bool(outside.mask or outside.wards or outside.everyone)


def _added(reaches: Sequence[Sequence[Reach]]) -> list[Reach]:
    total: dict[str, Reach] = {}
    for reach in (reach for account in reaches for reach in account):
        known = total.get(reach.place, Reach(reach.place, 0, 0, 0))
        total[reach.place] = Reach(
            reach.place, known.people + reach.people, known.phones + reach.phones, known.recent + reach.recent
        )
    return list(total.values())


# --- what it costs, and when it ends -----------------------------------------------------------------------------------


def _timed(
    campaign: Campaign,
    sources: Sequence[Source],
    tiers: Sequence[Sequence[Reach]],
    everyone: Sequence[Reach],
    uncertain: frozenset[str],
    settings: Settings,
    now: datetime,
) -> Plan:
    reached = [reach for tier in tiers for reach in tier]
    people = sum(reach.people for reach in reached)
    routes, unreachable = _by_route(campaign.routes, reached)
    requests = sum(route.asked for route in routes)
    lanes = settings.lanes([source.account.id for source in sources])
    rate = Pace(rate_per_s=campaign.limits.rate_per_s, lanes=lanes).rate_per_s or float(settings.app_per_minute)
    each = timedelta(seconds=requests / people / rate)
    start = max(now, in_vietnam(campaign.effective))  # whoever sends waits for it
    shown = next((reach.place for reach in reached if reach.place != STAFF), places.UNKNOWN)
    rows = [
        PlaceRow(
            _run_place(campaign, reach, shown),
            reach.place in uncertain,
            tier,
            first,
            last,
            start + first * each,
            start + (last + 1) * each,
        )
        for reach, tier, first, last in _numbered(tiers)
    ]
    return Plan(
        campaign=campaign,
        accounts=tuple(source.account.id for source in sources),
        generation=_generation(sources),
        places=tuple(rows),
        routes=tuple(routes),
        left_out=sum(source.book.size() for source in sources) - people,
        uncertain=sum(reach.people for reach in everyone if reach.place in uncertain),
        unreachable=unreachable,
        rate_per_s=rate,
        starts_at=start,
        finishes_at=start + people * each,
        made_at=now,
    )


def _numbered(tiers: Sequence[Sequence[Reach]]) -> Iterator[tuple[Reach, int, int, int]]:
    """Give each place its tier and the numbers of its first and its last person; see `selecting.side_by_side`."""
    done = 0
    for number, tier in enumerate(tiers):
        people = sum(reach.people for reach in tier)
        after = sum(reach.people > 1 for reach in tier)  # whose last people come at the very end, one place after the other
        for i, reach in enumerate(tier):
            after -= reach.people > 1
            yield reach, number, done + i, done + (i if reach.people == 1 else people - 1 - after)
        done += people


def _by_route(routes: Sequence[Route], reaches: Sequence[Reach]) -> tuple[list[RouteRow], int]:
    """Count what each route in turn is asked, and who is left in the end; fallbacks are taken to be independent of each other."""
    rows = []
    left = people = sum(reach.people for reach in reaches)
    shares = {
        RouteType.PHONE: sum(reach.phones for reach in reaches) / max(1, people),
        RouteType.CS: sum(reach.recent for reach in reaches) / max(1, people),
    }
    for route in routes:
        reachable = round(left * shares.get(route.type, 1.0))
        asked = reachable if route.type is RouteType.PHONE else left  # without a phone number nothing is asked
        rows.append(RouteRow(route.type, asked, reachable))
        left -= reachable
    return rows, left


def _run_place(campaign: Campaign, reach: Reach, shown: str = "") -> RunPlace:
    """Say what people of a place read; the staff read what those of the first place, `shown`, will."""
    key = shown if reach.place == STAFF else reach.place
    return RunPlace(reach.place, places.label_of(key, campaign.audience), segment.variant_of(campaign, key), reach.people)


def samples(campaign: Campaign) -> list[RunPlace]:
    """Return every place that a campaign may reach, as its messages name it, whoever lives there."""
    keys = places.keys_of(campaign.audience)
    return [_run_place(campaign, Reach(key, 0, 0, 0)) for key in keys or [places.UNKNOWN]]


def at(campaign: Campaign, area: Area) -> RunPlace:
    """Return somebody's place within a set of places, as messages name it."""
    return _run_place(campaign, Reach(_first_key(area, campaign), 0, 0, 0))


def _first_key(area: Area, campaign: Campaign) -> str:
    """Name someone's place within a set: today's province when the set holds all of it, else the former one, else a ward."""
    if (campaign.audience.everyone and area.mask == places.EVERYWHERE) or not (area.mask or area.wards):
        return places.UNKNOWN
    whole = (province.key for province in places.PROVINCES if not province.mask & ~area.mask)
    former = (old.key for old in places.FORMER_PROVINCES if old.mask & area.mask)
    return next(whole, "") or next(former, "") or places.WARD_PREFIX + min(area.wards)
