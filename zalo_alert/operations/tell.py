"""Telling people what happens to a run, from a thread of its own: whatever becomes of that costs the run nothing.

Owns who is told, the words as they leave, and what is said of a way that fails: a notice, and no further message.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from types import TracebackType
from typing import Any

from zalo_alert.audit.telling import OnNotice, ignore
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import runs_of
from zalo_alert.foundation.log_line import Hiding
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import Phrase, _, catalogue_of, choose, count, joined, said_in
from zalo_alert.notify.base import Channel, Letter, Message, Told
from zalo_alert.notify.command import CommandChannel, is_inside
from zalo_alert.notify.folding import NAME, Folds, Key, Repeats
from zalo_alert.operations.commands import spoken
from zalo_alert.operations.state import state_folder
from zalo_alert.runs.log import RunLog
from zalo_alert.settings.model import Settings
from zalo_alert.settings.notify_rule import url_variable
from zalo_alert.settings.rest_mark import check_awake

CLOSING_S = 10.0  # at the end, for what is still to be told
_LAST_S = 2.0  # for a channel that was given up to notice
WAITING_KEPT = 100  # messages, while a channel is slow


class Teller:
    """Tells people in a thread of its own; a context manager, whose end gives what is left a few seconds.

    Args:
        settings: Who is told of what.
        on_notice: Hears from that thread which way failed, each trouble once.
        closing_s: How long the end waits.
    """

    def __init__(self, settings: Settings, on_notice: OnNotice = ignore, *, closing_s: float = CLOSING_S) -> None:
        self._settings, self._on_notice, self._closing_s = settings, on_notice, closing_s
        self._waiting: deque[Message] = deque(maxlen=WAITING_KEPT)
        self._something, self._ended = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._post: Post | None = None
        self._troubles: set[tuple[str, str]] = set()

    def __enter__(self) -> "Teller":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._ended = True
        self._something.set()
        if self._thread is None:
            return
        self._thread.join(self._closing_s)
        if self._thread.is_alive():
            if self._post:
                self._post.abandon()
            self._thread.join(_LAST_S)
        for message in self._waiting:
            self._tell_trouble(message, Told("", _("there was no time left for it")))

    def tell(self, message: Message) -> None:
        """Have a message told; returns at once, whatever becomes of it."""
        if not self._settings.notify.wants(message.event) or is_inside():
            return
        self._waiting.append(message)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="teller", daemon=True)
            self._thread.start()
        self._something.set()

    def _work(self) -> None:
        try:
            self._post = Post(self._settings)
        except ZaloAlertError as exc:
            self._tell_trouble(None, Told("", exc.message))
            return
        with closing(self._post):
            while self._waiting or not self._ended:
                self._something.wait()
                self._something.clear()
                while self._waiting:
                    message = self._waiting.popleft()
                    for told in self._post.send(message):
                        self._tell_trouble(message, told)

    def _tell_trouble(self, message: Message | None, told: Told) -> None:
        if told.trouble and (told.channel, told.trouble) not in self._troubles:
            self._troubles.add((told.channel, told.trouble))
            self._on_notice(untold(message, told))


def untold(message: Message | None, told: Told) -> Notice:
    """Say that nobody heard of something by one of the ways."""
    who = told.channel or _("anybody")
    fields = {
        "run": message.run or None if message else None,
        "event": message.event.value if message else None,
        "channel": told.channel or None,
        "why": told.trouble,
    }
    return Notice(_("{who} could not be told: {why}", who=who, why=told.trouble), "untold", Level.WARNING, fields)


def _key(message: Message) -> Key:
    return Key(message.run, message.event.value, message.topic)


def _without_people(value: Any, hide: Hiding) -> Any:
    """Return what JSON holds with a mark in the place of everybody."""
    match value:
        case str():
            return hide(value)
        case Mapping():
            return {name: _without_people(inner, hide) for name, inner in value.items()}
        case list() | tuple():
            return [_without_people(inner, hide) for inner in value]
    return value


class Post:
    """Makes letters of messages and gives them to every channel; belongs to one thread.

    Args:
        settings: Who is told, in which language.

    Raises:
        SettingsInvalid: A secret can be none, or the workspace's key can't be used.
        WorkspaceRests: It was restored or handed over.
    """

    def __init__(self, settings: Settings) -> None:
        check_awake(settings.state_dir)  # whoever sends tells of it, and nobody twice
        self._settings = settings
        self._hide = Hiding(state_folder(settings))
        self._catalogue = catalogue_of(settings.language or choose(None, settings.environ))
        self._channels = channels_of(settings)
        self._folds = _open_folds(settings)

    def send(self, message: Message) -> list[Told]:
        """Tell a message on every channel, unless the same was told a moment ago; return what became of it.

        What nobody heard of counts as not told, and is told when it is noticed again.
        """
        times = self._take(message)
        outcomes = self.deliver(message, times) if times else []
        if self._folds and outcomes and all(told.trouble for told in outcomes):
            with suppress(ZaloAlertError):
                self._folds.forget(_key(message))
        return outcomes

    def take_repeats(self, now: datetime) -> list[Repeats]:
        """Return what has happened again and again and was counted only."""
        try:
            return self._folds.take_repeats(now.timestamp()) if self._folds else []
        except ZaloAlertError:
            return []

    def deliver(self, message: Message, times: int = 1) -> list[Told]:
        """Tell a message on every channel at the same time, whatever was told before."""
        letter = self._letter(message, times)
        outcomes: list[list[Told]] = []
        threads = [
            threading.Thread(target=lambda to=channel: outcomes.append(to.send(letter)), name="channel", daemon=True)
            for channel in self._channels
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self._noted(message, sorted(told for outcome in outcomes for told in outcome))

    def _noted(self, message: Message, outcomes: list[Told]) -> list[Told]:
        """Have the run's log say who was told."""
        folder = runs_of(self._settings.workspace) / message.run
        if message.run and folder.is_dir():
            log, now = RunLog(folder), SystemClock().now()
            for told in outcomes:
                event, channel = message.event.value, told.channel
                if told.trouble:
                    sentence = untold(message, told).sentence
                    log.write("untold", now, sentence, level=Level.WARNING, event=event, channel=channel)
                else:
                    sentence = _("told by {channel}: {title}", channel=channel, title=message.title)
                    log.write("told", now, sentence, event=event, channel=channel)
        return outcomes

    def _take(self, message: Message) -> int:
        if self._folds is None:
            return 1
        try:
            return self._folds.take(_key(message), message.at.timestamp(), message.level)
        except ZaloAlertError:  # the disk is full, say: better told twice than not at all
            return 1

    def _letter(self, message: Message, times: int) -> Letter:
        is_drill = self._settings.direct or message.facts.get("drill")
        title = _("[DRILL] {title}", title=message.title) if is_drill else message.title
        repeated = _("{times} times since this was last told", times=count(times)) if times > 1 else ""
        text = joined(filter(None, (message.text, repeated)), "\n")
        clean = message._replace(facts=_without_people(message.facts, self._hide))
        return Letter(clean, self._said(title), self._said(text), times)

    def _said(self, phrase: str) -> str:
        words = said_in(phrase, self._catalogue) if isinstance(phrase, Phrase) else phrase
        return self._hide(spoken(words))

    def abandon(self) -> None:
        """End what is under way; called from another thread."""
        for channel in self._channels:
            channel.abandon()

    def close(self) -> None:
        """Close what folds repeats."""
        if self._folds:
            self._folds.close()


def _open_folds(settings: Settings) -> Folds | None:
    try:
        return Folds(state_folder(settings) / NAME)
    except ZaloAlertError:
        return None


def channels_of(settings: Settings) -> Sequence[Channel]:
    """Return every way that is configured.

    Raises:
        SettingsInvalid: A secret can be none.
    """
    channels: list[Channel] = []
    if settings.notify.command:
        channels.append(CommandChannel(settings.notify.command, settings.workspace))
    if names := settings.notify.urls:
        from zalo_alert.notify.apprise_channel import AppriseChannel

        channels.append(AppriseChannel([(name, settings.secret(url_variable(name))) for name in names], settings.workspace))
    if settings.notify.staff:
        from zalo_alert.operations.tell_staff import StaffChannel

        channels.append(StaffChannel(settings))
    return channels


def tell_now(message: Message, settings: Settings) -> str:
    """Tell a message and wait for it; return in a sentence who could not be told and why, "" where all went well."""
    if not settings.notify.wants(message.event) or is_inside():
        return ""
    try:
        with closing(Post(settings)) as post:
            outcomes = post.deliver(message)
    except ZaloAlertError as exc:
        return _("nobody could be told: {why}", why=exc.message)
    failed = [told for told in outcomes if told.trouble]
    if len(failed) == len(outcomes):
        return _("nobody could be told: {why}", why=joined((told.trouble for told in failed), "; "))
    return joined((untold(message, told).sentence for told in failed), "; ")
