"""What Windows does in another way than every other system: processes, signals, files that are open, long paths.

The one place that asks which of the two this is and acts on it; what merely does without (modes of files, `fork`) asks `os.name`.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

PATIENCE_S = 2.0  # another program has a file open for as long as it reads it: a scanner of viruses, a backup, one of ours
LOOK_EVERY_S = 0.02
# Of a process that no Ctrl-C here reaches, and that no closed window ends. Source: Win32, Process Creation Flags.
_NEW_PROCESS_GROUP, _NO_WINDOW = 0x200, 0x08000000
_MAY_WAIT, _STILL_RUNS = 0x00100000, 0x102  # SYNCHRONIZE; WAIT_TIMEOUT
_NOT_ALLOWED = 5  # ERROR_ACCESS_DENIED: there is one, and it is somebody else's
MOST_PATH = 259  # characters, where long paths are not switched on. Source: Win32, Maximum Path Length Limitation
LONGEST_INSIDE = 120  # characters below a workspace: a run's code, a draft's name, a shard's


def is_windows() -> bool:
    """Whether this is Windows."""
    return os.name == "nt"


def own_session() -> dict[str, Any]:
    """Return what `Popen` is to be told of a process that goes on when this terminal is interrupted or closed."""
    if is_windows():
        return {"creationflags": _NEW_PROCESS_GROUP | _NO_WINDOW}
    return {"start_new_session": True}


def end_signals() -> tuple[int, ...]:
    """Return the signals that ask a process to end: Ctrl-C, SIGTERM, and Ctrl-Break where there is one."""
    ctrl_break = getattr(signal, "SIGBREAK", None)
    return (signal.SIGINT, signal.SIGTERM, *((ctrl_break,) if ctrl_break is not None else ()))


def wait_until(event: threading.Event) -> None:
    """Wait in the main thread; a Ctrl-C is heard at once, or on Windows, where none interrupts such a wait, soon."""
    while not event.wait(0.2 if is_windows() else None):
        pass


def is_alive(pid: int) -> bool:
    """Whether a process is running; somebody else's, too."""
    if is_windows():
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's
        return True
    return True


def is_child_of(parent: int) -> bool:
    """Whether the process that started this one is running still."""
    return is_alive(parent) if is_windows() else os.getppid() == parent  # Windows names a parent that has ended, too


def interrupt(process: "subprocess.Popen[bytes]") -> None:
    """Have a process of ours end as Ctrl-C does; on Windows, where that would be every process of this window's, at once."""
    if is_windows():
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)


def _is_alive_on_windows(pid: int) -> bool:
    # `os.kill` would end it there, whatever the signal's number.
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_MAY_WAIT, False, pid)
    if not handle:
        return bool(kernel.GetLastError() == _NOT_ALLOWED)
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == _STILL_RUNS)
    finally:
        kernel.CloseHandle(handle)


def replace(draft: Path, target: Path) -> None:
    """Put a file in the place of another; on Windows after whoever has that one open, if they are not too long about it.

    Raises:
        OSError: It can't be done.
    """
    _insist(lambda: draft.replace(target))


def rename(draft: Path, target: Path, *, patience_s: float = PATIENCE_S) -> None:
    """Give a file or a folder its name; on Windows after whoever has something of it open, if they are not too long about it.

    Raises:
        OSError: It can't be done.
    """
    _insist(lambda: draft.rename(target), patience_s)


def _insist(act: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    limit_s = time.monotonic() + patience_s
    while True:
        try:
            act()
            return
        except PermissionError:
            if not is_windows() or time.monotonic() >= limit_s:
                raise
            time.sleep(LOOK_EVERY_S)


def machine_guid() -> str:
    """Return what Windows tells this machine from others by; "" elsewhere, and where it can't be read."""
    try:
        import winreg
    except ImportError:
        return ""
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:  # type: ignore[attr-defined,unused-ignore]
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return ""


def has_long_paths() -> bool:
    """Whether a path may be as long as it likes: everywhere but on a Windows that was not told so."""
    if not is_windows():
        return True
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:  # type: ignore[attr-defined,unused-ignore]
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1)  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, OSError):
        return False


def is_too_deep(folder: Path) -> bool:
    """Whether a workspace in a folder would hold paths that are too long for this machine."""
    return not has_long_paths() and len(str(folder.absolute())) + LONGEST_INSIDE > MOST_PATH
