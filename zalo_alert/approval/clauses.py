"""What a standing approval lets out, clause by clause: which campaigns, which limits make sense, whether a send fits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from zalo_alert.approval.permission import Limits, Permission
from zalo_alert.approval.request import canonical, differing
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, count, joined, persons
from zalo_alert.models import Campaign, Severity, Urgency

LONGEST = timedelta(days=366)

Json = Any


@dataclass(frozen=True, slots=True)
class Use:
    """A send that would use a standing approval.

    Args:
        what: Built anew; see `what_is_permitted`.
        people: How many it goes to.
        has_list: Whether a list of people was named.
        now: When it starts.
        first_at: When its first message would leave; None where that has left.
        goes_round_a_rule: Whether somebody has given a reason to pass over a guard.
    """

    what: Mapping[str, Json]
    people: int
    has_list: bool
    now: datetime
    first_at: datetime | None
    goes_round_a_rule: bool = False


def unfit(campaign: Campaign) -> Iterator[str]:
    """Say why a campaign can't go out by any standing approval; nothing where it can."""
    if campaign.severity is not Severity.MINOR:
        yield _("its severity is {severity}, and only Minor goes out unasked", severity=campaign.severity.value)
    if campaign.urgency is Urgency.IMMEDIATE:
        yield _("it is Immediate, which never goes out unasked")
    if campaign.broadcast:
        yield _("it has a broadcast, whose people nobody can count")


def ill_limited(limits: Limits, campaign: Campaign) -> Iterator[str]:
    """Say what is wrong with limits; nothing where they make sense for a campaign."""
    if not limits.first <= limits.last <= limits.first + LONGEST:
        yield _("it lasts from a day to a year, and the last day comes after the first")
    if not 0 <= limits.opens_min < limits.closes_min <= 24 * 60:
        yield _("the hours of day are like 07:00-19:00, the later one last")
    if min(limits.most_people, limits.most_a_day, limits.most_in_all) < 1 or limits.most_a_day > limits.most_in_all:
        yield _("people, sends a day and sends in all are 1 or more, and a day's are no more than all")
    if campaign.audience.supplied and not limits.recipients_up_to:
        yield _("the campaign takes its people from a list, and no list is part of it")
    if not 0 <= limits.recipients_up_to <= limits.most_people:
        yield _("a list names no more people than a send goes to")


def objections(permission: Permission, campaign: Campaign, use: Use) -> Iterator[str]:
    """Say by which clauses a send does not fit a standing approval; nothing where it does."""
    yield from unfit(campaign)
    yield from changes(permission.what, use.what)
    yield from _times(permission.limits, use)
    yield from _people(permission.limits, use)
    if use.goes_round_a_rule:
        yield _("rules: nobody has agreed that this goes round one")


def changes(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[str]:
    """Say in what the determined part of a standing approval is not what it would be now."""
    if before.get("campaign") != now["campaign"]:
        yield _("campaign: its text is not the one that was signed, byte for byte")
        before = {**before, **{name: value for name, value in now.items() if name not in _AROUND}}  # all of it says the same
    home = before.get("home")
    if not _is_same_place(home, now["home"]):
        folder = home.get("folder", "") if isinstance(home, Mapping) else ""
        yield _("workspace: it was given for {folder} on its own machine, and not for this one", folder=folder)
    before = {**before, "home": now["home"]}
    changed = sorted({name.partition(".")[0] for name in differing(before, orjson.loads(canonical(now)))})
    yield from (_CHANGED.get(name) or _("{part}: not as it was signed", part=name) for name in changed)


def _is_same_place(home: Json, here: Mapping[str, str]) -> bool:
    """Whether two places are one; a machine without an identity is taken at its word."""
    if not isinstance(home, Mapping) or home.get("folder") != here["folder"]:
        return False
    return home.get("machine") == here["machine"] or not (home.get("machine") and here["machine"])


_AROUND = frozenset({"home", "profile", "hosts", "accounts", "files"})  # what is not of the campaign's own text
_CHANGED: Mapping[str, str] = {
    "profile": _("profile: the workspace is another than was signed"),
    "hosts": _("hosts: messages would go elsewhere than was signed"),
    "accounts": _("accounts: another OA or app would send than was signed"),
    "files": _("files: what the messages carry is not what was signed"),
    "audience": _("audience: the rule of who is meant is not the one that was signed"),
}


def _times(limits: Limits, use: Use) -> Iterator[str]:
    for at in filter(None, (use.now, use.first_at)):
        day = in_vietnam(at).date()
        if not limits.first <= day <= limits.last:
            yield _(
                "dates: it holds from {first} to {last}, and it is {day}",
                first=f"{limits.first:%d/%m/%Y}",
                last=f"{limits.last:%d/%m/%Y}",
                day=day.isoformat(),
            )
            return
    if use.first_at is not None:
        first_at = in_vietnam(use.first_at)
        if not limits.opens_min <= first_at.hour * 60 + first_at.minute < limits.closes_min:
            yield _("hours: the first message leaves within {hours}, and not at {at}", hours=limits.hours, at=words(first_at))


def _people(limits: Limits, use: Use) -> Iterator[str]:
    if use.people > limits.most_people:
        yield _(
            "people: {people} are more than the {most} of one send", people=persons(use.people), most=count(limits.most_people)
        )
    if use.has_list and not limits.recipients_up_to:
        yield _("recipients: no list is part of it")
    elif use.has_list and use.people > limits.recipients_up_to:
        yield _(
            "recipients: {people} are more than the {most} of one list",
            people=persons(use.people),
            most=count(limits.recipients_up_to),
        )


def in_words(permission: Permission) -> list[str]:
    """Say what it allows, a line a clause."""
    limits, areas = permission.limits, permission.what["alert"]["areas"]["first"]
    whom = (
        _("lists of up to {people}", people=persons(limits.recipients_up_to)) if permission.what["audience"]["supplied"]
        else joined(areas)
    )  # fmt: skip
    return [
        _("to {whom}: up to {people} in one send", whom=whom, people=persons(limits.most_people)),
        _(
            "from {first} to {last}, first message within {hours}",
            first=f"{limits.first:%d/%m/%Y}",
            last=f"{limits.last:%d/%m/%Y}",
            hours=limits.hours,
        ),
        _("{a_day} a day and {in_all} in all", a_day=count(limits.most_a_day), in_all=count(limits.most_in_all)),
    ]
