"""Which accounts a file of `inbound/` is for."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from zalo_alert.answers.rule_set import Selector
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, _n, count, joined
from zalo_alert.models import Area
from zalo_alert.places.areas import PlaceUnknown, all_of, area, without
from zalo_alert.settings.model import Account


def select(selector: Selector, accounts: Iterable[Account]) -> list[Account]:
    """Return the accounts that meet every condition of a selector; those of an unknown place meet none."""
    ids, tags, levels = map(frozenset, (selector.ids, selector.tags, selector.levels))
    lies_within = _within(selector.areas) if selector.areas else lambda _areas: True
    return [
        account
        for account in accounts
        if (not ids or account.id in ids)
        and (not levels or account.level in levels)
        and (not tags or not tags.isdisjoint(account.tags))
        and lies_within(account.areas)
    ]


def _within(areas: Sequence[str]) -> Callable[[tuple[str, ...]], bool]:
    """Return what tells whether places lie within some others; each places' words are looked up once."""
    scope = all_of(_readable(areas))
    known: dict[tuple[str, ...], bool] = {}

    def lies_within(places: tuple[str, ...]) -> bool:
        if (answer := known.get(places)) is None:
            answer = known[places] = is_within(places, scope)
        return answer

    return lies_within


def is_within(places: Sequence[str], scope: Area) -> bool:
    """Whether all of some places lies within a scope; of an unknown one nobody knows."""
    inner = list(_readable(places))
    if len(inner) != len(places):
        return False
    if scope.everyone:
        return True
    left = [without(one, scope) for one in inner]
    return not any(rest.everyone or rest.mask or rest.wards for rest in left)


def _readable(areas: Iterable[str]) -> Iterator[Area]:
    for text in areas:
        try:
            yield area(text)
        except PlaceUnknown:
            continue


def unknown(selector: Selector, accounts: Sequence[Account]) -> Iterator[tuple[str, int, str]]:
    """Yield what a selector names that is not there: under which key, which of its values, and what is wrong."""
    ids = {str(account.id) for account in accounts}
    tags = {tag for account in accounts for tag in account.tags}
    for number, name in enumerate(selector.ids):
        if name not in ids:
            yield "ids", number, joined((_('no account has the id "{name}"', name=name), suggestion(name, ids)), "")
    for number, tag in enumerate(selector.tags):
        if tag not in tags:
            yield "tags", number, joined((_('no account has the tag "{tag}"', tag=tag), suggestion(tag, tags)), "")
    for number, text in enumerate(selector.areas):
        try:
            area(text)
        except PlaceUnknown as exc:
            yield "areas", number, exc.message


def without_app(accounts: Sequence[Account], app_id: str) -> str:
    """Say that some of the accounts that a file is for don't have the app that its answers go through; "" when all have it."""
    missing = [account.id for account in accounts if app_id not in ("", *account.apps)]
    if not missing:
        return ""
    return _n(
        "the account {first} has no app {app}: put it into its more_apps",
        "{accounts} of its accounts have no app {app}, the first is {first}: put it into their more_apps",
        len(missing),
        accounts=count(len(missing)),
        first=missing[0],
        app=app_id,
    )
