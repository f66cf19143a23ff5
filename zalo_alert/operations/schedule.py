"""What the clock does for a workspace: given to the machine's timer, listed with what became of it, taken away again."""

import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.telling import OnNotice, tell
from zalo_alert.errors import Cure, SettingsInvalid, UsageError
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _
from zalo_alert.operations.schedule_notice import clock_warning
from zalo_alert.operations.schedule_tasks import task_of
from zalo_alert.operations.schedule_timers import Texts, drift, means_of, owner_of, put, take_away, unreadable_calendar
from zalo_alert.operations.state import state_folder
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.timetable.crontab import block_of
from zalo_alert.timetable.entry import FOLDER, MOST_KEPT, Entries, Entry, Means, check_name
from zalo_alert.timetable.grammar import read_timetable
from zalo_alert.timetable.machine import Machine
from zalo_alert.timetable.occurrences import NAME, Fate, Occurrence, Occurrences
from zalo_alert.timetable.times import cron_minutes, key_of
from zalo_alert.timetable.units import Service, service_text, timer_text

__all__ = ["Fate", "Means", "Order", "Prepared", "Schedules", "Standing", "key_of", "machine"]

_MARKS = 8  # hexadecimal digits that tell one workspace's units from another's


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done by the clock.

    Args:
        campaign: Its file; None where it is a task.
        task: Of upkeep; "" where it is a campaign.
        at: The timetable; "" for a task's own.
        name: What to call it; "" for the campaign's code, or the task's name.
        more: Words behind the task's own.
        asked: systemd or cron; "" for what there is.
        is_telling: Whether every end is told, and nothing else is said.
    """

    campaign: Path | None = None
    task: str = ""
    at: str = ""
    name: str = ""
    more: tuple[str, ...] = ()
    asked: str = ""
    is_telling: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be installed.

    Args:
        entry: As it would be kept.
        texts: What would be written, by the name of a file or of a block.
        next_at: The first time; None where there is none.
        standing: The standing approval by which it goes out; "" where none is needed.
        is_new: Whether nothing of that name is installed.
    """

    entry: Entry
    texts: Texts
    next_at: datetime | None
    standing: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How one stands.

    Args:
        entry: What was installed.
        next_at: When it is due next; None where never again.
        last: What became of the last planned time; None before the first.
        drift: In what it is not as it was installed.
    """

    entry: Entry
    next_at: datetime | None
    last: Occurrence | None
    drift: tuple[str, ...]


class Schedules:
    """See the module.

    Args:
        settings: Of the workspace.
        machine: This one.
        clock: Time.
    """

    def __init__(self, settings: Settings, machine: Machine | None = None, clock: Clock | None = None) -> None:
        self._settings, self._machine, self._clock = settings, machine or Machine(), clock or SystemClock()
        self.entries = Entries(settings.state_dir)

    def prepare(self, order: Order, on_notice: OnNotice) -> Prepared:
        """Look whether something can be done by the clock, and write down how; changes nothing.

        Raises:
            WorkspaceRests: Nothing of it would be done.
            UsageError: The order is none.
            CampaignRefused: Its next time would not go out.
            SettingsInvalid: This machine has nothing that keeps time.
        """
        check_awake(self._settings.state_dir)
        now = self._clock.now()
        entry, standing = self._task(order, now) if order.task else self._campaign(order, now, on_notice)
        self._check_others(entry)
        self._look_around(entry, order, on_notice)
        is_new = self.entries.find(entry.name) is None
        return Prepared(entry, self._texts(entry), entry.timetable.next_after(now), standing, is_new)

    def install(self, prepared: Prepared) -> Entry:
        """Give it to the machine's timer.

        Raises:
            ZaloAlertError: It can't be; nothing has changed.
        """
        entry, before = prepared.entry, self.entries.find(prepared.entry.name)
        state_folder(self._settings)
        if before and before.means is not entry.means:
            take_away(before, self._machine)
        self.entries.keep(replace(entry, written=()))  # before its timer may wake us
        try:
            installed = put(entry, prepared.texts, self._machine)
        except BaseException:
            if before:
                self.entries.keep(before)
            else:
                self.entries.remove(entry.name)
            raise
        self.entries.keep(installed)
        facts = {"name": entry.name, "at": entry.at, "means": entry.means.value, "code": entry.code, "task": entry.task}
        AuditLog(state_folder(self._settings)).append(AuditEvent.SCHEDULE_ADD, self._clock.now(), facts=facts)
        return installed

    def remove(self, name: str, on_notice: OnNotice) -> Entry:
        """Take one from the machine's timer.

        Raises:
            InputInvalid: There is none.
            ZaloAlertError: It can't be taken away.
        """
        entry = self.entries.open(name)
        if entry.means is Means.SYSTEM and not self._machine.is_root:
            raise SettingsInvalid(_("{name} is among the system's units, which are root's", name=name), hint=_("say it as root"))
        machine = replace(self._machine, is_root=entry.means is Means.SYSTEM)
        if trouble := take_away(entry, machine):
            on_notice(clock_warning(trouble))
        self.entries.remove(name)
        tell(state_folder(self._settings), AuditEvent.SCHEDULE_REMOVE, on_notice, facts={"name": name, "at": entry.at})
        return entry

    def all(self) -> list[Standing]:
        """Say of each how it stands."""
        return [self._standing(entry) for entry in self.entries.all()]

    def history(self, name: str) -> list[Occurrence]:
        """Return the latest planned times of one, and what became of each; the latest first."""
        if not (self._settings.state_dir / FOLDER / NAME).exists():
            return []
        with closing(Occurrences(self._settings.state_dir)) as occurrences:
            return occurrences.all(name)

    def _standing(self, entry: Entry) -> Standing:
        last = next(iter(self.history(entry.name)), None)
        machine = replace(self._machine, is_root=self._machine.is_root and entry.means is Means.SYSTEM)
        against = [*self._moved(entry), *_campaign_drift(entry), *drift(entry, machine)]
        return Standing(entry, entry.timetable.next_after(self._clock.now()), last, tuple(against))

    def _moved(self, entry: Entry) -> Iterator[str]:
        if Path(entry.workspace) != self._settings.workspace.resolve():
            yield _("it was installed for {folder}, and the workspace is here now: install it again", folder=entry.workspace)

    def _campaign(self, order: Order, now: datetime, on_notice: OnNotice) -> tuple[Entry, str]:
        from zalo_alert.operations.schedule_check import check_campaign

        if order.campaign is None:
            raise UsageError(_("neither a campaign nor a task is named"), hint=_("name a campaign's file, or add {option}",
                             option=Cure.OPTION(task="refresh")))  # fmt: skip
        if not order.at:
            raise UsageError(
                _("nobody has said when"), hint=_("add {option}; times are Vietnam's", option=Cure.OPTION(at='"mon 07:30"'))
            )
        checked = check_campaign(order.campaign, read_timetable(order.at), self._settings, now)
        for notice in checked.notices:
            on_notice(notice)
        code = checked.campaign.code
        entry = self._entry(order, order.name or code.lower(), order.at, now)
        return replace(entry, campaign=self._below(order.campaign), code=code, digest=checked.digest), checked.standing

    def _task(self, order: Order, now: datetime) -> tuple[Entry, str]:
        if order.campaign is not None:
            raise UsageError(_("a campaign and a task are two things"), hint=_("install one, then the other"))
        task = task_of(order.task)
        if task.needs and not order.more:
            raise UsageError(_("{task} needs {what}", task=order.task, what=task.needs), hint=_("put it behind the options"))
        if order.task == "backup" and not order.more and not (self._settings.backup.recipients and self._settings.backup.folder):
            raise UsageError(
                _("nobody has said where backups go, and whose keys open them: `backup` in zalo-alert.yaml is empty"),
                hint=_("write folder and recipients there, then install again"),
            )
        entry = self._entry(order, order.name or order.task, order.at or task.at, now)
        return replace(entry, task=order.task, words=(*task.words, *map(_wherever, order.more))), ""

    def _entry(self, order: Order, name: str, at: str, now: datetime) -> Entry:
        folder = self._settings.workspace.resolve()
        unit = f"zalo-alert-{str(digest_of(str(folder).encode()))[:_MARKS]}-{check_name(name)}"
        timetable = read_timetable(at)
        means = means_of(self._machine, order.asked)
        return Entry(name, str(folder), timetable.text, means, now, unit, is_telling=order.is_telling)

    def _below(self, campaign: Path) -> str:
        """Name a campaign's file as seen from the workspace, wherever that may lie."""
        path, folder = campaign.resolve(), self._settings.workspace.resolve()
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def _check_others(self, entry: Entry) -> None:
        other = self.entries.find(entry.name)
        if other and (other.code, other.task) != (entry.code, entry.task):
            raise UsageError(
                _("{name} is another: {what}", name=entry.name, what=other.code or other.task),
                hint=_("give this one another {option}", option=Cure.OPTION(name=True)),
            )
        if other is None and len(self.entries.names()) >= MOST_KEPT:
            raise UsageError(
                _("{count} are installed already", count=MOST_KEPT), hint=_("{list} shows them", list=Cure.SCHEDULE())
            )

    def _look_around(self, entry: Entry, order: Order, on_notice: OnNotice) -> None:
        from zalo_alert.operations.schedule_check import nobody_told, shell_only

        if why := unreadable_calendar(entry, self._machine):
            raise SettingsInvalid(_("systemd can't read the times: {why}", why=why), hint=_("install tzdata, then try again"))
        for notice in (nobody_told(self._settings, is_telling=order.is_telling), shell_only(self._settings)):
            if notice:
                on_notice(notice)
        if entry.means is Means.USER and not self._machine.goes_on_after_logout:
            sentence = _(
                "timers of {account} stop when they log out; as root: loginctl enable-linger {account}",
                account=self._machine.account,
            )
            on_notice(clock_warning(sentence))

    def _texts(self, entry: Entry) -> Texts:
        about = _about(entry)
        command = [*own_program(), "schedule", "fire", entry.name, "--workspace", entry.workspace]
        command += ["--quiet"] if entry.is_telling or entry.means is Means.CRON else []
        if entry.means is Means.CRON:
            return {entry.unit: block_of(entry.unit, about, cron_minutes(entry.timetable), command)}
        account = owner_of(self._settings.workspace) if entry.means is Means.SYSTEM else ("", "")
        service = Service(about, command, Path(entry.workspace), self._writes(entry), account)
        return {
            f"{entry.unit}.service": service_text(service),
            f"{entry.unit}.timer": timer_text(about, entry.timetable),
        }

    def _writes(self, entry: Entry) -> list[Path]:
        """Return the folders outside the workspace into which upkeep writes: where backups go."""
        if entry.task != "backup":
            return []
        named = [Path(word) for word in entry.words if word.startswith("/")]
        folder = self._settings.backup.folder
        return named or ([self._settings.workspace.resolve() / folder] if folder else [])


def _wherever(word: str) -> str:
    """Return a word of a command; a path as it is named from anywhere, as cron starts commands elsewhere."""
    return str(Path(word).resolve()) if not word.startswith("-") and Path(word).exists() else word


def _campaign_drift(entry: Entry) -> Iterator[str]:
    if not entry.campaign:
        return
    try:
        text = entry.campaign_file.read_bytes()
    except OSError:
        yield _("{file} is gone: nothing will be sent", file=entry.campaign)
        return
    if str(digest_of(text)) != entry.digest:
        yield _("{file} has changed since: install it again, so that its times are looked at", file=entry.campaign)


def _about(entry: Entry) -> str:
    """Say in a line, in plain English, what a unit is for: whoever reads units reads that."""
    what = f"zalo-alert {entry.task or entry.code}"
    return re.sub(r"\s+", " ", f"{what} {entry.at} (Vietnam's time)")


def own_program() -> Sequence[str]:
    """Return the words that start this program, wherever a timer stands."""
    if zipfile.is_zipfile(sys.argv[0]):
        return [sys.executable, "-I", str(Path(sys.argv[0]).resolve())]
    return [sys.executable, "-I", "-m", "zalo_alert"]


def machine(*, is_user: bool = False) -> Machine:
    """Return this machine; `is_user` takes a person's own timers though they are root."""
    return Machine(is_root=False) if is_user else Machine()
