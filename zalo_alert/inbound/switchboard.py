"""Whose event it is, and with which secrets it may be signed: all accounts in one table, by OA and by app.

Where Zalo's webhook page shows one secret for the whole app, `ZALO_ALERT_APP_<APP ID>_OA_SECRET` holds it; where it shows one for
each OA, `ZALO_ALERT_<ACCOUNT>_OA_SECRET`. Each may have a `_NEXT`: both are right while one replaces the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zalo_alert.foundation.secret import Secret
from zalo_alert.models import AccountId
from zalo_alert.settings.model import Account, Settings
from zalo_alert.settings.secrets import variable

MOST_TRIED = 8  # secrets of others, for an OA that has none: each costs a hash, whoever asks
# Without one right signature for so long, wrong ones may be the fault of our secret. Where right ones come many a second, a short
# silence of them tells as much, and refusing what comes for ten minutes after a change of the secret would lose it.
PATIENCE_MS, LEAST_PATIENCE_MS = 10 * 60_000, 5_000
_GAPS = 20  # as many of the usual gaps between two right ones
_SLOWLY = 8  # how slowly the usual gap is learnt


@dataclass(frozen=True, slots=True)
class Line:
    """What an event's OA and app lead to.

    Args:
        account: Ours; None where no account names the OA.
        app_id: Zalo's.
        names: Of the variables that hold the secrets, in the order in which they are tried.
        secrets: The secrets themselves.
    """

    account: AccountId | None
    app_id: str
    names: tuple[str, ...]
    secrets: tuple[Secret, ...]


class Switchboard:
    """Finds the secrets of an event.

    Args:
        settings: Of the workspace; `reload` takes others.
    """

    def __init__(self, settings: Settings) -> None:
        self._right: dict[tuple[str, ...], tuple[int, float]] = {}  # when the last was right, and the usual gap
        self._uses: dict[tuple[str, str], int] = {}
        self.reload(settings)

    def reload(self, settings: Settings) -> None:
        """Take other settings, whole or not at all.

        Raises:
            SettingsInvalid: A secret can be none; what was known before goes on.
        """
        apps = {app_id: tuple(_found(settings, f"ZALO_ALERT_APP_{app_id}_OA_SECRET")) for app_id in _apps(settings)}
        oas = {account.oa_id: _line(settings, account, apps[account.app_id]) for account in settings.accounts}
        strangers = {
            app_id: Line(None, app_id, *_parted(found or _of_accounts(oas.values(), app_id))) for app_id, found in apps.items()
        }
        self._oas, self._apps = oas, strangers
        self._right.clear()  # a secret that is new has been right for nobody yet

    def find(self, oa: str, app_id: str) -> Line | None:
        """Return what an OA and an app lead to; None when nothing is known of the app.

        An OA that no account has with this app leads to a line without an account.
        """
        line = self._oas.get(oa)
        return line if line is not None and line.app_id == app_id else self._apps.get(app_id)

    def lines(self) -> Iterator[Line]:
        """Yield the line of every account."""
        yield from self._oas.values()

    def note_right(self, line: Line, which: int, now_ms: int) -> None:
        """Keep that an event was signed with one of a line's secrets."""
        last_ms, gap_ms = self._right.get(line.names, (now_ms, float(PATIENCE_MS)))
        self._right[line.names] = now_ms, gap_ms + (abs(now_ms - last_ms) - gap_ms) / _SLOWLY
        self._uses[line.account or line.app_id, line.names[which]] = now_ms

    def may_be_ours(self, line: Line, now_ms: int) -> bool:
        """Whether a wrong signature may be the fault of our secret: none has been right for a while, or ever."""
        if line.account is None:
            return False
        if line.names not in self._right:
            return True
        last_ms, gap_ms = self._right[line.names]
        patience_ms = min(PATIENCE_MS, max(LEAST_PATIENCE_MS, _GAPS * gap_ms))
        return abs(now_ms - last_ms) > patience_ms

    def take_uses(self) -> dict[tuple[str, str], int]:
        """Return when secrets were last used since this was last asked, by account and variable: for `SecretUses.keep`."""
        uses, self._uses = self._uses, {}
        return uses


def _apps(settings: Settings) -> set[str]:
    return {account.app_id for account in settings.accounts}


def _line(settings: Settings, account: Account, of_app: tuple[tuple[str, Secret], ...]) -> Line:
    own = tuple(_found(settings, variable(account.id, "OA_SECRET")))
    return Line(account.id, account.app_id, *_parted(own + of_app))


def _of_accounts(lines: Iterable[Line], app_id: str) -> tuple[tuple[str, Secret], ...]:
    """Return the secrets of an app's accounts, where they are few: an OA that no account names may be signed with one of them."""
    pairs = (pair for line in lines if line.app_id == app_id for pair in zip(line.names, line.secrets, strict=True))
    distinct = {secret.reveal(): (name, secret) for name, secret in pairs}
    return tuple(distinct.values()) if len(distinct) <= MOST_TRIED else ()


def _found(settings: Settings, name: str) -> Iterator[tuple[str, Secret]]:
    """Yield a secret and the one that follows it, as far as they are there."""
    for full in (name, f"{name}_NEXT"):
        if secret := settings.secret(full):
            yield full, secret


def _parted(found: tuple[tuple[str, Secret], ...]) -> tuple[tuple[str, ...], tuple[Secret, ...]]:
    return tuple(name for name, _secret in found), tuple(secret for _name, secret in found)
