"""Whom a broadcast reaches, beside whom its campaign means: counted from the follower book, and said in words.

Zalo aims a broadcast at whole provinces of before July 2025, by what it knows of people itself: nobody is counted one by one, and
nobody can be left out. Owns the comparison; sends nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from zalo_alert import places
from zalo_alert.book import Book, Selection
from zalo_alert.campaign.render import Article, Renderer
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, persons
from zalo_alert.models import Area, Campaign, Uncertain
from zalo_alert.places import Aim
from zalo_alert.planning import segment
from zalo_alert.zalo import articles

AccountBook: TypeAlias = tuple[str, Book, Selection]  # the name of an account, its book, and whom the campaign takes of it


@dataclass(frozen=True, slots=True)
class AccountReach:
    """The people of one OA in the provinces of a broadcast, as far as its book knows.

    Args:
        account: Which OA.
        people: Who live there; None when the book is empty.
        more: How many of them the campaign does not mean.
        perhaps: Who besides are known only by a province of today, of which a part is aimed at.
    """

    account: str
    people: int | None
    more: int
    perhaps: int


@dataclass(frozen=True, slots=True)
class BroadcastReach:
    """What a broadcast says, whom it reaches and when."""

    article: Article
    aim: Aim
    reached: tuple[AccountReach, ...]
    beyond: tuple[str, ...]
    goes_at: datetime
    expires: datetime
    is_deferred: bool

    @property
    def people(self) -> int | None:
        """How many people the books know there; None when one of them is empty."""
        counts = [row.people for row in self.reached]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def more(self) -> int:
        """How many of them the campaign does not mean."""
        return sum(row.more for row in self.reached)

    @property
    def seen_at(self) -> datetime:
        """When the first people see it, about: Zalo's moderators read it first."""
        return self.goes_at + articles.MODERATED

    @property
    def warnings(self) -> list[str]:
        """What is wrong with it, in the words an officer should read in red."""
        sentences = []
        if self.goes_at >= self.expires:
            sentences.append(
                _(
                    "the broadcast never goes out: by night none may, and the campaign expires before {goes_at}",
                    goes_at=words(self.goes_at),
                )
            )
        elif self.seen_at >= self.expires:
            sentences.append(
                _("the campaign expires before the broadcast is seen, at about {seen_at}", seen_at=words(self.seen_at))
            )
        if self.more:
            sentences.append(
                _("the broadcast reaches {people} of the book whom the campaign does not mean", people=persons(self.more))
            )
        return sentences


def compare(campaign: Campaign, books: Sequence[AccountBook], now: datetime) -> BroadcastReach:
    """Say what the broadcast of a campaign would do; it must have one."""
    audience = campaign.audience
    aim = places.aim(audience.target)
    opens = articles.next_opening(now)
    return BroadcastReach(
        article=Renderer(campaign).article(places.name_target(audience.areas, audience.target)),
        aim=aim,
        reached=tuple(_count(campaign, aim.area, *book) for book in books),
        beyond=(*aim.beyond, *_beyond(campaign, aim.area, [selection for _, _, selection in books])),
        goes_at=opens,
        expires=campaign.expires,
        is_deferred=opens > now,
    )


def _count(campaign: Campaign, aimed: Area, account: str, book: Book, selection: Selection) -> AccountReach:
    if book.is_empty:
        return AccountReach(account, None, 0, 0)
    own = replace(selection, staff=None, nearer=())  # the staff live somewhere, too; and whom another OA writes to is meant
    meant = _meant(campaign, own)
    anywhere = aimed.everyone and aimed.mask == places.EVERYWHERE
    here = [key for key in sorted(places.keys()) if places.covers(aimed, key) and key != places.UNKNOWN]
    people, more = book.lives_at(None if anywhere else here, own, meant)
    perhaps = [] if anywhere else _partly(aimed)
    return AccountReach(account, people, more, book.lives_at(perhaps, own, meant)[0] if perhaps else 0)


def _meant(campaign: Campaign, selection: Selection) -> list[str]:
    """Return every key whose people a campaign means, whether anybody lives there or not."""
    homes = {f"old:{places.wards()[code].old_code}{places.ELSEWHERE}" for code in selection.wards}
    keys = [*places.keys(), *homes, *(places.WARD_PREFIX + code for code in selection.wards)]
    meant = segment.choose(campaign.audience, keys)
    return [*meant.included, *(meant.uncertain if campaign.audience.uncertain is Uncertain.INCLUDE else ())]


def _partly(aimed: Area) -> list[str]:
    return [key for key in sorted(places.keys()) if places.touches(aimed, key) and not places.covers(aimed, key)]


def _beyond(campaign: Campaign, aimed: Area, selections: Sequence[Selection]) -> Iterator[str]:
    """Say what of the campaign's own rules a broadcast knows nothing of."""
    audience = campaign.audience
    if audience.exclude_tags:
        yield _("people tagged {tags} are reached too", tags=", ".join(sorted(audience.exclude_tags)))
    if any(selection.without for selection in selections):
        names = ", ".join(dict.fromkeys((*audience.exclude_lists, "never")))
        yield _("people on the lists of those who are left out ({lists}) are reached too", lists=names)
    if topic := segment.topic(campaign):
        yield _("people who opted out of {topic} are reached too", topic=topic)
    if _partly(aimed):
        yield _("of people whom the book knows by today's province alone, Zalo reaches those whom it knows to live there")
    if campaign.broadcast and campaign.broadcast.article:
        return
    if texts := sum(variant.text != campaign.text for variant in campaign.variants):
        yield _n(
            "everyone reads message.text, also where a variant has another text",
            "everyone reads message.text, also where variants have another text",
            texts,
        )
