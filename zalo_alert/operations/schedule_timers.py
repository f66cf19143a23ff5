"""Giving an entry of the timetable to the machine's timer, looking whether it is there as it was written, taking it away.

Written whole or not at all: what fails half-way is taken back, and what stood there before stands there again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from zalo_alert.errors import SettingsInvalid, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import appearing, open_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.timetable import crontab
from zalo_alert.timetable.entry import Entry, Means
from zalo_alert.timetable.machine import Ended, Machine
from zalo_alert.timetable.times import calendar_lines

Texts = Mapping[str, str]  # what is written, by the name of a file; of a crontab by the name of the block


def means_of(machine: Machine, asked: str = "") -> Means:
    """Choose what wakes us.

    Args:
        machine: This one.
        asked: systemd or cron, where a person has said so; "" for what there is.

    Raises:
        SettingsInvalid: There is nothing that could, or not what was asked for.
    """
    if asked != "cron" and machine.answers:
        return Means.SYSTEM if machine.is_root else Means.USER
    if asked != "systemd" and machine.has("crontab"):
        return Means.CRON
    if asked == "cron":
        raise SettingsInvalid(_("there is no crontab on this machine"), hint=_("install cron, or take systemd's timers"))
    if machine.has("systemctl") and not machine.is_root:
        raise SettingsInvalid(
            _("systemd doesn't answer for this account: it has no session of its own here"),
            hint=_("as root: loginctl enable-linger {account}, then log in anew; or install cron", account=machine.account),
        )
    if machine.has("systemctl"):
        raise SettingsInvalid(
            _("systemd doesn't run this machine: this may be a container"),
            hint=_("install cron, or start the command from the container's own timer"),
        )
    raise SettingsInvalid(_("this machine has neither systemd nor cron"), hint=_("install cron"))


def put(entry: Entry, texts: Texts, machine: Machine) -> Entry:
    """Give an entry to the machine's timer; return it with what was written.

    Raises:
        ZaloAlertError: It can't be; nothing has changed.
    """
    if entry.means is Means.CRON:
        _put_in_crontab(entry, texts[entry.unit], machine)
        return replace(entry, written=_digests(texts))
    folder = machine.units_folder()
    with _restored_on_failure(folder, texts, machine):
        _write(folder, texts)
        _require(machine.systemctl("daemon-reload"))
        _require(machine.systemctl("enable", f"{entry.unit}.timer"))
        _require(machine.systemctl("restart", f"{entry.unit}.timer"))
    return replace(entry, written=_digests(texts), folder=str(folder))


def take_away(entry: Entry, machine: Machine) -> str:
    """Take an entry from the machine's timer; return in a sentence what could not be done, "" where all was."""
    if entry.means is Means.CRON:
        text = machine.crontab()
        without = crontab.with_block(text, entry.unit, "")
        if without != text:
            machine.set_crontab(without)
        return ""
    trouble = ""
    if machine.answers:
        machine.systemctl("disable", "--now", f"{entry.unit}.timer")
    else:
        trouble = _("systemd doesn't answer here, so the timer goes on until this machine is started anew")
    for path in files_of(entry):
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise StorageUnusable(_("can't remove {path}: {why}", path=path, why=reason(exc))) from exc
    for link in Path(entry.folder).glob(f"*.wants/{entry.unit}.timer"):
        with suppress(OSError):
            link.unlink()
    if not trouble:
        machine.systemctl("daemon-reload")
        machine.systemctl("reset-failed", f"{entry.unit}.service")
    return trouble


def drift(entry: Entry, machine: Machine) -> Iterator[str]:
    """Say in what the machine's timer is not as it was written."""
    try:
        yield from _crontab_drift(entry, machine) if entry.means is Means.CRON else _systemd_drift(entry, machine)
    except ZaloAlertError as exc:
        yield exc.message


def files_of(entry: Entry) -> list[Path]:
    """Return the files that were written of an entry, those of a crontab excepted."""
    return [] if entry.means is Means.CRON else [Path(entry.folder) / name for name, _digest in entry.written]


def _crontab_drift(entry: Entry, machine: Machine) -> Iterator[str]:
    block = crontab.find_block(machine.crontab(), entry.unit)
    if not block:
        yield _("its lines are gone from the crontab")
    elif digest_of(block.encode()) != dict(entry.written).get(entry.unit):
        yield _("its lines in the crontab were changed by hand")


def _systemd_drift(entry: Entry, machine: Machine) -> Iterator[str]:
    for path, digest in zip(files_of(entry), dict(entry.written).values(), strict=True):
        try:
            if digest_of(path.read_bytes()) != digest:
                yield _("{file} was changed by hand", file=path)
        except FileNotFoundError:
            yield _("{file} is gone", file=path)
        except OSError as exc:
            yield _("can't read {file}: {why}", file=path, why=reason(exc))
    if entry.means is Means.SYSTEM and not machine.is_root:
        return  # whoever looks on asks nobody's units but their own
    if not machine.answers:
        yield _("systemd doesn't answer here: whether the timer runs nobody knows")
        return
    if machine.systemctl("is-enabled", f"{entry.unit}.timer").code:
        yield _("the timer is disabled: it does not come back after a restart")
    if machine.systemctl("is-active", f"{entry.unit}.timer").code:
        yield _("the timer is stopped: nothing happens at its times")


def _put_in_crontab(entry: Entry, block: str, machine: Machine) -> None:
    machine.set_crontab(crontab.with_block(machine.crontab(), entry.unit, block))
    if crontab.find_block(machine.crontab(), entry.unit) != block:
        raise StorageUnusable(_("crontab took the lines, and doesn't show them"), hint=_("look with crontab -l"))


def _write(folder: Path, texts: Texts) -> None:
    try:
        open_folder(folder)
        for name, text in texts.items():
            with appearing(folder / name) as draft:
                draft.write_text(text, encoding="utf-8")
            (folder / name).chmod(0o644)
    except OSError as exc:
        raise StorageUnusable(
            _("can't write into {folder}: {why}", folder=folder, why=reason(exc)), hint=_("check the disk and the folder")
        ) from exc


@contextmanager
def _restored_on_failure(folder: Path, texts: Texts, machine: Machine) -> Iterator[None]:
    before = {name: _content(folder / name) for name in texts}
    try:
        yield
    except BaseException:
        with suppress(OSError, ZaloAlertError):
            for name, content in before.items():
                if content is None:
                    (folder / name).unlink(missing_ok=True)
                    _unlink_all(folder, name)
                else:
                    _write(folder, {name: content})
            machine.systemctl("daemon-reload")
        raise


def _unlink_all(folder: Path, name: str) -> None:
    for link in folder.glob(f"*.wants/{name}"):
        link.unlink()


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _digests(texts: Texts) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(digest_of(text.encode()))) for name, text in texts.items())


def _require(ended: Ended) -> None:
    if ended.code:
        raise SettingsInvalid(
            _("systemd refused: {why}; nothing was changed", why=ended.why),
            hint=_("look at the journal for more, then try again"),
        )


def unreadable_calendar(entry: Entry, machine: Machine) -> str:
    """Say why systemd can't read the times, as where the machine knows no time zones; "" where it can."""
    if entry.means is Means.CRON:
        return ""
    return next(filter(None, (machine.why_unreadable(line) for line in calendar_lines(entry.timetable))), "")


def owner_of(folder: Path) -> tuple[str, str]:
    """Return whose a folder is, and of which group, by name or by number."""
    import grp  # neither is there on Windows, nor is systemd
    import pwd

    status = folder.stat()
    user, group = str(status.st_uid), str(status.st_gid)
    with suppress(KeyError):
        user = pwd.getpwuid(status.st_uid).pw_name
    with suppress(KeyError):
        group = grp.getgrgid(status.st_gid).gr_name
    return user, group
