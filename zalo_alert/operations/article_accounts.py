"""On which OAs' pages something is to stand."""

from typing import NamedTuple

from zalo_alert import places
from zalo_alert.answers.rule_set import Selector
from zalo_alert.answers.selecting import select
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.settings.model import Account, Settings


class Choice(NamedTuple):
    """Which OAs somebody means; several conditions must all be met.

    Args:
        ids: Ours, of accounts.
        levels: Of accounts.
        areas: Selectors of places; all that an account may write to lies within them.
        is_all: Every account there is.
    """

    ids: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    is_all: bool = False


def choose(settings: Settings, choice: Choice) -> list[Account]:
    """Return the accounts that somebody means; nothing said is the only one there is.

    Raises:
        UsageError: None is meant, or nobody said which of several.
        InputInvalid: A place is unknown.
    """
    if choice.is_all and any(choice[:3]):
        raise UsageError(_("all accounts, or some?"), hint=_("leave {option} out, or the others", option=Cure.OPTION(all=True)))
    if not any(choice):
        return [settings.account(None)]
    for name in choice.ids:
        settings.account(name)  # says which there are
    levels = {account.level for account in settings.accounts}
    for level in choice.levels:
        if level not in levels:
            sentence = _('no account has the level "{level}"', level=level)
            raise UsageError(
                joined((sentence, suggestion(level, levels)), ""), hint=_("there are {levels}", levels=joined(sorted(levels)))
            )
    for selector in choice.areas:
        places.area(selector)
    meant = select(Selector(ids=choice.ids, levels=choice.levels, areas=choice.areas), settings.accounts)
    if not meant:
        raise UsageError(
            _("no account is meant: none lies wholly within these places, and has that level"),
            hint=_("{accounts} shows levels and areas", accounts=Cure.ACCOUNTS()),
        )
    return meant
