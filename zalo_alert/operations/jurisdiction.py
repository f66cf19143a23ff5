"""Whether the people of a list live where its OA may write: areas of a campaign say so themselves, a list of ids does not."""

from collections.abc import Callable

from zalo_alert import places
from zalo_alert.book import Book
from zalo_alert.errors import CampaignRefused
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.language import _, persons
from zalo_alert.models import Area
from zalo_alert.operations.state import book_of, state_folder
from zalo_alert.settings.model import Account, Settings

NAMED = 5


def check_jurisdiction(listed: Book, account: Account, settings: Settings, tell: Callable[[Notice], None]) -> None:
    """Refuse a list with people whom the OA's own book knows to live elsewhere; tell of those whom it doesn't know.

    Raises:
        CampaignRefused: Somebody on it lives, works and has family beyond the account's areas.
    """
    allowed = places.all_of(places.area(selector) for selector in account.areas)
    if allowed.everyone:
        return
    book = book_of(account, settings)
    strangers = listed.size() if book.is_empty else book.strangers(listed.ids(), 0)[0]
    if strangers:
        sentence = _(
            "{people} on the list are not in the follower book of {account}: nobody knows whether they live where it may write",
            people=persons(strangers),
            account=account.id,
        )
        tell(Notice(sentence, "", Level.WARNING))
    if book.is_empty:
        return
    outside = [group for group in book.homes(listed.ids(), NAMED) if _is_outside(allowed, group.keys)]
    if outside:
        marks = Marks(state_folder(settings))
        some = [person for group in outside for person in group.some][:NAMED]
        raise CampaignRefused(
            _(
                "account {account} may not write to {people} of the list, who live elsewhere, such as {ids}",
                account=account.id,
                people=persons(sum(group.people for group in outside)),
                ids=", ".join(map(marks.of, some)),
            ),
            hint=_(
                "take them out of the list, or have the OA of their own place write to them; if they have moved, import where "
                "they live now"
            ),
        )


def _is_outside(allowed: Area, keys: tuple[str, ...]) -> bool:
    return places.UNKNOWN not in keys and not any(places.touches(allowed, key) for key in keys)
