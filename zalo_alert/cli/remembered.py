"""What is left of the quotas, as far as any process of the workspace has heard; nobody is asked."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import instant, words
from zalo_alert.foundation.formatting import count
from zalo_alert.pacing.quotas import Quotas


def show_kept(accounts: Iterable[tuple[str, str]], rates: Path) -> None:
    """Tell it for some accounts.

    Args:
        accounts: Our names and Zalo's ids of them.
        rates: The workspace's file of rates and quotas.
    """
    with closing(Quotas(rates)) as quotas:
        for account, oa_id in accounts:
            for kind, left in quotas.of(oa_id).items():
                at = words(instant(left.at_s))
                display.fact("quota", account=account, kind=kind.value, left=left.left, total=left.total, at_s=left.at_s)
                of = f" of {count(left.total)}" if left.total else ""
                display.say(
                    f"{account}: {count(left.left)}{of} {kind.value} messages left at {at}, not counting what was sent since"
                )
