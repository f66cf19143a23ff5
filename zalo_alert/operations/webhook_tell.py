"""What a door says of itself, in sentences: how it opens, what it refuses, what is wrong. Tells nothing twice in a minute."""

import os
from collections.abc import Sequence
from typing import Protocol

from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.inbound.door import Refusal
from zalo_alert.inbound.door_sight import DoorSight
from zalo_alert.inbound.switchboard import Line
from zalo_alert.language import _, _n, count

REFUSED_NAMED = 10  # a minute: more are only counted


class WebhookObserver(Protocol):
    """Whoever wants to know how the door goes; told in its loop, so it must be quick."""

    def on_notice(self, notice: Notice) -> None:
        """Take in something that a person should know."""

    def on_status(self, sight: DoorSight) -> None:
        """Take in how it goes; told every ten seconds."""

    def on_trouble(self) -> None:
        """Take in that what calls for a person may have changed: the storage, or a secret."""


class Telling:
    """Says it.

    Args:
        observer: Hears it.
    """

    def __init__(self, observer: WebhookObserver) -> None:
        self._observer = observer
        self._refused, self._parked = 0, set[str]()

    def begin_minute(self) -> None:
        """Tell again what has been told."""
        self._refused = 0
        self._parked.clear()

    def note(self, sentence: str, level: Level = Level.WARNING) -> None:
        """Say a sentence."""
        self._observer.on_notice(Notice(sentence, "webhook-note", level, {"message": sentence}))

    def opening(self, url: str, lines: Sequence[Line]) -> None:
        """Say where it is open, and for how many accounts nothing can be checked."""
        bare = [line for line in lines if not line.secrets]
        fields = {"url": url, "accounts": len(lines), "without_secret": len(bare), "pid": os.getpid()}
        self._observer.on_notice(Notice(_("receiving at {url}; Ctrl-C stops it", url=url), "webhook", fields=fields))
        if bare:
            self.note(_say_bare(bare, len(lines)))

    def closed(self, why: str) -> None:
        """Say that nothing can be stored."""
        self.note(
            _("closed: {why}. Nothing is acknowledged; it is tried again every second, and Zalo comes again", why=why),
            Level.ALARM,
        )
        self._observer.on_trouble()

    def opened(self) -> None:
        """Say that it works again."""
        self.note(_("open again: events can be stored"), Level.STRONG)
        self._observer.on_trouble()

    def refused(self, app_id: str, source: str, why: Refusal) -> None:
        """Say what was refused and why, without a word of what was in it."""
        self._refused += 1
        if self._refused <= REFUSED_NAMED:
            sentence = _("refused: {why}, from {source}", why=_REFUSALS[why], source=source or "?")
            fields = {"reason": why.value, "source": source, "app": app_id or None}
            self._observer.on_notice(Notice(sentence, "webhook-refused", Level.WARNING, fields))

    def parked(self, line: Line) -> None:
        """Say whose secret may be wrong."""
        if line.account is None:  # of an OA that no account names: `doctor` names it once it can be checked
            return
        name = str(line.account)
        if name in self._parked:
            return
        self._parked.add(name)
        self.note(
            _("account {account}: the signature fits no secret of ours; its events are kept until one does", account=name),
            Level.ALARM,
        )
        self._observer.on_trouble()

    def reloaded(self, accounts: int) -> None:
        """Say that the settings were read anew."""
        sentence = _n("read anew: {count} account", "read anew: {count} accounts", accounts, count=count(accounts))
        self.note(sentence, Level.PLAIN)

    def not_reloaded(self, why: str) -> None:
        """Say that the settings can't be used."""
        self.note(_("the settings have changed and can't be used, so the old ones go on: {why}", why=why))

    def restart_needed(self) -> None:
        """Say what no reload can change."""
        self.note(_("the address or the certificate's file is another one now: that counts from the next start"))

    def status(self, sight: DoorSight) -> None:
        """Say how it goes."""
        self._observer.on_status(sight)


def _say_bare(bare: Sequence[Line], accounts: int) -> str:
    if len(bare) == accounts:
        return _(
            "no OA secret is set: all that comes is kept unverified until {variable} is (the app's webhook page shows it)",
            variable=f"ZALO_ALERT_APP_{bare[0].app_id}_OA_SECRET",
        )
    return _n(
        "{count} account has no OA secret: what comes for it is kept unverified until it has",
        "{count} accounts have no OA secret: what comes for them is kept unverified until they have",
        len(bare),
        count=count(len(bare)),
    )


_REFUSALS = {
    Refusal.UNSIGNED: _("without a signature"),
    Refusal.UNKNOWN: _("for an app that is none of ours"),
    Refusal.FORGED: _("with a wrong signature"),
}
