"""What is left of the quotas, as far as any process of the workspace has heard; nobody is asked."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from zalo_alert.foundation.clock import instant, iso_text, words
from zalo_alert.foundation.notices import Notice
from zalo_alert.language import _, count
from zalo_alert.pacing.quotas import Quotas


def remembered_quotas(accounts: Iterable[tuple[str, str]], rates: Path) -> list[Notice]:
    """Say it for some accounts.

    Args:
        accounts: Our names and Zalo's ids of them.
        rates: The workspace's file of rates and quotas.
    """
    notices = []
    with closing(Quotas(rates)) as quotas:
        for account, oa_id in accounts:
            for kind, left in quotas.of(oa_id).items():
                amount = count(left.left)
                if left.total:
                    amount = _("{left} of {total}", left=amount, total=count(left.total))
                sentence = _(
                    "{account}: {amount} {kind} messages left at {at}, not counting what was sent since",
                    account=account,
                    amount=amount,
                    kind=kind.value,
                    at=words(instant(left.at_s)),
                )
                heard_at = iso_text(left.at_s)
                fields = {"account": account, "kind": kind.value, "left": left.left, "total": left.total}
                fields |= {"needed": None, "correction": None, "heard_at": heard_at}
                notices.append(Notice(sentence, "quota", fields=fields))
    return notices
