"""Whether look-ups by tens of thousands have a rate apart from that of the alerts. Judges values that it is given."""

from collections.abc import Iterable, Iterator

from zalo_alert.language import _, _n, count
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.model import Account

ABOUT = "apps"


def check_apps(lookups: Iterable[tuple[str, Account, str]], *, has_runs: bool) -> Iterator[Check]:
    """Recommend a second app where look-ups go through the one that alerts go through.

    Args:
        lookups: By file and account that it is for, the app that its answers go through; "" is the account's own.
        has_runs: Whether this workspace sends alerts at all.
    """
    sharing: dict[str, list[Account]] = {}
    for name, account, app in lookups:
        if app in ("", account.app_id):
            sharing.setdefault(name, []).append(account)
    for name, accounts in sharing.items() if has_runs else ():
        said = _n(
            "the look-up {name} shares an app with the alerts of {first}: it answers nobody while an Immediate alert is sent",
            "the look-up {name} shares an app with the alerts of {accounts} accounts, the first is {first}: it answers nobody "
            "while an Immediate alert is sent",
            len(accounts),
            name=name,
            first=accounts[0].id,
            accounts=count(len(accounts)),
        )
        cure = _("have each OA consent to a second app, put it into more_apps, and name it as via_app of the look-up")
        yield Check(ABOUT, Grade.WARN, said, cure)
