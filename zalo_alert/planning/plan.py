"""A plan as values: who will be written to, by which route, and when the last one is reached; and what is wrong with it in words.

Nothing is sent that was not planned here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zalo_alert import places
from zalo_alert.book import STAFF, Book, Cap, Selection
from zalo_alert.campaign import lifecycle
from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, joined, persons, span
from zalo_alert.models import Campaign, Reach, RouteType, Uncertain
from zalo_alert.planning import template_fit
from zalo_alert.planning.broadcast_reach import BroadcastReach
from zalo_alert.runs.facts import RunPlace
from zalo_alert.settings.model import Account, PersonCap

NO_CAP = PersonCap(0, 0)


@dataclass(frozen=True, slots=True)
class Source:
    """One account and the people it could write to; `selection` says which of them, `cap` who has had messages enough."""

    account: Account
    book: Book
    selection: Selection
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One group of people: how many, and when the first and the last of them are reached; those of a `tier` go side by side.

    Not among them, and at the end of the audience, are those who have had messages enough: in a day, or else in a week.
    """

    place: RunPlace
    is_uncertain: bool
    tier: int
    first_number: int
    last_number: int
    starts_at: datetime
    finishes_at: datetime
    capped_by_day: int = 0
    capped_by_week: int = 0

    @property
    def withheld(self) -> int:
        """How many are not written to."""
        return self.capped_by_day + self.capped_by_week


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
    broadcast: BroadcastReach | None = None
    same_phone: int = 0  # whose number somebody before them has too: no message by phone goes to them
    person_cap: PersonCap = NO_CAP
    over_cap: int = 0  # who have had messages enough, and are written to all the same
    over_cap_why: str = ""
    nameless: Reach | None = None  # those without a name; None where no message would have a gap for them

    @property
    def people(self) -> int:
        """How many will be written to."""
        return sum(row.place.people for row in self.places)

    @property
    def withheld(self) -> int:
        """How many are meant and will not be, because they have had messages enough."""
        return sum(row.withheld for row in self.places)

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
        sentences = [*self._early(), *self._capped(), *self._late()]
        if self.finishes_at > self.campaign.expires:
            late = span(self.finishes_at - self.campaign.expires)
            sentences.append(_("the campaign expires {late} before the last person is reached", late=late))
        if self.unreachable:
            sentences.append(_("no route reaches {people}, as far as the book knows", people=persons(self.unreachable)))
        if self.same_phone:
            sentences.append(self._same_phone())
        sentences += [*self._uncertain_wards(), *(sentence for _, sentence in self.gaps)]
        return sentences + (self.broadcast.warnings if self.broadcast else [])

    def _capped(self) -> list[str]:
        """Say who is withheld, and who is not although they have had messages enough."""
        day, week = (sum(getattr(row, name) for row in self.places) for name in ("capped_by_day", "capped_by_week"))
        sentences = []
        if day:
            sentences.append(_withheld(day, _("{messages} messages or more in 24 hours", messages=count(self.person_cap.day))))
        if week:
            sentences.append(_withheld(week, _("{messages} messages or more in 7 days", messages=count(self.person_cap.week))))
        if self.withheld and not self.people:
            sentences.append(_("nobody is left to write to"))
        if self.over_cap:
            sentences.append(self._over_cap())
        return sentences

    def _over_cap(self) -> str:
        return _n(
            "{people} has had as many messages as anybody may, {cap}; this one goes to them all the same: {why}",
            "{people} have had as many messages as anybody may, {cap}; this one goes to them all the same: {why}",
            self.over_cap,
            people=persons(self.over_cap),
            cap=cap_in_words(self.person_cap),
            why=self.over_cap_why,
        )

    def _same_phone(self) -> str:
        return _n(
            "{people} has the phone number of somebody else, who is written to before them: by phone one message goes to a "
            "number",
            "{people} have the phone number of somebody else, who is written to before them: by phone one message goes to a "
            "number",
            self.same_phone,
            people=persons(self.same_phone),
        )

    @property
    def gaps(self) -> list[tuple[template_fit.Gap, str]]:
        """Say by which route how many people would be sent a gap for want of a name, whatever part of the campaign it is of."""
        if self.nameless is None:
            return []
        gaps = [(gap, self._nameless_by(gap, self.nameless)) for gap in template_fit.gaps(self.campaign)]
        return [(gap, self._gap_sentence(gap, people)) for gap, people in gaps if people]

    def _nameless_by(self, gap: template_fit.Gap, nameless: Reach) -> int:
        """Count the people without a name whom a route reaches."""
        counts = {RouteType.PHONE: nameless.phones, RouteType.CS: nameless.recent}
        return counts.get(parts(self.campaign)[gap.part].routes[gap.route].type, nameless.people)

    def _gap_sentence(self, gap: template_fit.Gap, people: int) -> str:
        part = parts(self.campaign)[gap.part]
        route = part.routes[gap.route]
        fields = {
            "people": count(people),
            "total": persons(self.people),
            "number": part.written_at(gap.route) + 1,
            "route": " ".join(filter(None, (route.type.value, route.template_id))),
            "cure": template_fit.CURE,
        }
        sentence = self._gap_words(gap, fields)
        return sentence if gap.part == ALERT else joined((gap.part, sentence), ": ")

    @staticmethod
    def _gap_words(gap: template_fit.Gap, fields: Mapping[str, Any]) -> str:
        if gap.keys:
            return _(
                "{people} of {total} have no name: by route {number} ({route}) they would be sent a gap in {keys}; {cure}",
                keys=", ".join(gap.keys),
                **fields,
            )
        return _(
            "{people} of {total} have no name: by route {number} ({route}) they would read a gap where their name should stand; "
            "{cure}",
            **fields,
        )

    def _early(self) -> list[str]:
        ahead_s = lifecycle.ahead_s(self.campaign, self.made_at)
        if not ahead_s:
            return []
        when = _(
            "the campaign takes effect at {effective}, in {ahead}",
            effective=words(self.campaign.effective),
            ahead=span(timedelta(seconds=ahead_s)),
        )
        if ahead_s <= lifecycle.WAITED_S:
            return [_("{when}: {send} waits for that", when=when, send=Cure.SEND())]
        wait, early = Cure.OPTION(wait=True), Cure.OPTION(early=True)
        return [
            _(
                "{when}: {send} refuses to be that early, unless told to {wait} for it or to go out {early}",
                when=when,
                send=Cure.SEND(),
                wait=wait,
                early=early,
            )
        ]

    def _uncertain_wards(self) -> list[str]:
        """Say of a campaign for wards who may live elsewhere: most books know few wards, so it may be everyone."""
        if not self.campaign.audience.target.wards or not self.uncertain:
            return []
        if self.campaign.audience.uncertain is Uncertain.EXCLUDE:
            return [
                _(
                    "{people} of whom only the province is known are left out, though some of them may live in the wards that "
                    "are meant (uncertain: exclude)",
                    people=persons(self.uncertain),
                )
            ]
        return [sentence for province in places.PROVINCES if (sentence := self._uncertain_in(province.mask, province.name))]

    def _uncertain_in(self, mask: int, name: str) -> str:
        rows = [row for row in self.places if row.place.key != STAFF and places.mask_of(row.place.key) & mask]
        uncertain = [row for row in rows if row.is_uncertain]
        people, total = (sum(row.place.people for row in group) for group in (uncertain, rows))
        if not people:
            return ""
        labels = dict.fromkeys(row.place.label for row in uncertain)
        return _(
            "{people} of {total} are only known to live somewhere in {province}; they too read the message for "
            "{places} (uncertain: include)",
            people=count(people),
            total=persons(total),
            province=name,
            places=joined(labels, _(" and ")),
        )

    def _late(self) -> list[str]:
        """Say whose last person is reached after the onset there; a variant may have an onset of its own."""
        last: dict[datetime, PlaceRow] = {}
        for row in self.places:
            onset = self.campaign.onset_of(row.place.variant)
            if onset and row.finishes_at > onset and (onset not in last or row.finishes_at > last[onset].finishes_at):
                last[onset] = row
        several = any(variant.onset for variant in self.campaign.variants)
        return [_late_row(last[onset], onset, several=several) for onset in sorted(last)]


def _late_row(row: PlaceRow, onset: datetime, *, several: bool) -> str:
    late = span(row.finishes_at - onset)
    if several:
        return _("the last person in {place} is reached {late} AFTER the onset", place=row.place.label, late=late)
    return _("the last person is reached {late} AFTER the onset", late=late)


def _withheld(people: int, messages: str) -> str:
    return _n(
        "withheld from {people}, who has had {messages}",
        "withheld from {people}, who have had {messages}",
        people,
        people=persons(people),
        messages=messages,
    )


def cap_in_words(cap: PersonCap) -> str:
    """Say how many messages are enough; "" where no number is."""
    day = _("{messages} in 24 hours", messages=count(cap.day)) if cap.day else ""
    week = _("{messages} in 7 days", messages=count(cap.week)) if cap.week else ""
    return joined(list(filter(None, (day, week))), _(" or "))
