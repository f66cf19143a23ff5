"""A Python that shows itself to our own code as Windows would, as far as that can be told on another system.

Found by `PYTHONPATH`, so every process that a command starts has it, too. What our modules (`zalo_alert.*`) see differs; the
standard library and the packages see the system that they really run on, for theirs is another code on Windows, with tests of
its own. Differing are:

- `os.name`, `sys.platform`; the modules, functions, flags and signals that Windows does not have are not there;
- `Popen` knows no sessions, `os.kill` ends a process whatever it is told, an event loop hears no signals and watches no files;
- names that Windows refuses, paths of 260 signs, and renaming or removing what is open, are refused with Windows' own numbers;
- text that is opened without an encoding, and so in a code page, is an error.

What it can't be: a file system without modes and inodes, the console of Windows, its locks, its sockets.
"""

import asyncio
import builtins
import ctypes
import errno
import io
import os
import re
import selectors
import signal
import subprocess
import sys
import types
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

OURS = "zalo_alert"
MODULES = frozenset(
    {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "uvloop", "syslog", "readline", "posix", "spwd", "crypt"}
)
NOT_IN_OS = [
    "fork", "forkpty", "fchmod", "fchown", "chown", "lchown", "getuid", "geteuid", "getgid", "getegid", "getgroups", "setsid",
    "getsid", "killpg", "getpgrp", "getpgid", "tcgetpgrp", "tcsetpgrp", "setpgid", "mkfifo", "mknod", "statvfs", "fstatvfs",
    "uname", "getloadavg", "nice", "wait", "wait3", "wait4", "waitid", "sched_getaffinity", "posix_spawn", "posix_spawnp",
    "openpty", "ttyname", "sync", "fdatasync", "pread", "pwrite", "preadv", "pwritev", "sendfile", "getxattr", "setxattr",
    "setuid", "setgid", "getpriority", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "O_SYNC", "O_DSYNC", "O_NDELAY",
    "O_PATH", "WNOHANG", "WIFEXITED", "register_at_fork", "pipe2",
]  # fmt: skip
KNOWN_SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}
NOT_IN_SIGNAL = ("alarm", "setitimer", "pause", "pthread_kill", "pthread_sigmask", "sigwait", "siginterrupt", "sigtimedwait")
NOT_IN_LOOP = frozenset({
    "add_reader", "remove_reader", "add_writer", "remove_writer", "add_signal_handler", "remove_signal_handler",
    "create_unix_connection", "create_unix_server",
})  # fmt: skip
NOT_IN_SELECT = ("poll", "epoll", "kqueue")
SIGBREAK, GROUP, NO_WINDOW = 21, 0x200, 0x08000000
MOST_PATH = 259
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT

_name, _platform, _kill, _open_flags = os.name, sys.platform, os.kill, os.O_CREAT
_REFUSED = re.compile(r'[<>:"|?*\x00-\x1f]|[ .]$')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_ELSEWHERE = ("/dev/", "/proc/", "/sys/", "/etc/")


def _asks_for_us(depth: int) -> bool:
    name = sys._getframe(depth).f_globals.get("__name__") or ""
    return name == OURS or name.startswith(f"{OURS}.")


def _hide(module: types.ModuleType, gone: tuple[str, ...] | list[str], instead: dict[str, Any] | None = None) -> None:
    """Have attributes of a module be missing, or others, for whoever is ours."""
    real = {name: module.__dict__.pop(name) for name in {*gone, *(instead or {})} if name in module.__dict__}
    told = instead or {}

    def look(name: str) -> Any:
        if _asks_for_us(2):
            if name in told:
                return told[name]
        elif name in real:
            return real[name]
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    module.__getattr__ = look  # type: ignore[method-assign]


# --- imports -------------------------------------------------------------------------------------------------------------

_import = builtins.__import__


def _import_as_windows(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    who = (globals or {}).get("__name__") or ""
    if who.startswith(OURS) and not level and name.partition(".")[0] in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return _import(name, globals, locals, fromlist, level)


# --- files ---------------------------------------------------------------------------------------------------------------


def _windows_error(number: int, winerror: int, path: str) -> OSError:
    exc = OSError(number, "của Windows", path)  # in the language of its display
    exc.winerror = winerror  # type: ignore[attr-defined,unused-ignore]
    return exc


def _check_name(name: Any) -> None:
    if not isinstance(name, str | bytes | os.PathLike):
        return
    path = Path(os.fsdecode(name)).absolute()
    text = str(path)
    if text.startswith(_ELSEWHERE):
        return
    for part in path.parts[1:]:
        if part != ".." and (_REFUSED.search(part) or _RESERVED.fullmatch(part)):
            raise _windows_error(errno.EINVAL, 123, text)
    if len(text) > MOST_PATH:
        raise _windows_error(errno.ENOENT, 206, text)


def _check_closed(name: Any) -> None:
    """Refuse what this process has open, or of which it has something open below."""
    if not isinstance(name, str | bytes | os.PathLike):
        return
    path = Path(os.fsdecode(name))
    text = str(path.parent.resolve() / path.name)
    for handle in Path("/proc/self/fd").iterdir():
        target = _target(handle)
        if target == text or target.startswith(f"{text}/"):
            raise _windows_error(errno.EACCES, 32, text)


def _target(handle: Path) -> str:
    with suppress(OSError):  # it is the one that lists them, and closed again
        return str(handle.readlink())
    return ""


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = args
        if isinstance(flags, int) and flags & WRITES:
            _check_name(path)
    elif event == "os.mkdir":
        _check_name(args[0])
    elif event in ("os.rename", "os.link"):
        _check_name(args[1])
        _check_closed(args[0])
        _check_closed(args[1])
    elif event in ("os.remove", "os.rmdir"):
        _check_closed(args[0])
    elif event == "sqlite3.connect" and isinstance(args[0], str) and not args[0].startswith("file:"):
        _check_name(args[0])


# --- processes -----------------------------------------------------------------------------------------------------------

_popen_init = subprocess.Popen.__init__


def _popen(self: Any, *args: Any, **given: Any) -> None:
    if given.get("preexec_fn"):
        raise ValueError("preexec_fn is not supported on Windows platforms")
    if given.pop("pass_fds", ()):
        raise ValueError("pass_fds not supported on Windows.")
    given.pop("start_new_session", None)
    flags = given.pop("creationflags", 0)
    _popen_init(self, *args, **given, start_new_session=bool(flags & GROUP))


def _end_process(pid: int, number: int) -> None:
    raise AssertionError(f"os.kill({pid}, {number}) ends a process on Windows, whatever the number")


def _send_signal(self: Any, number: int) -> None:
    if number != signal.SIGTERM:
        raise ValueError(f"Unsupported signal: {number}")
    _real_send(self, number)


_real_send = subprocess.Popen.send_signal
_SIGKILL = signal.SIGKILL


class _Kernel:
    """The calls of kernel32 that are asked, out of /proc."""

    @staticmethod
    def OpenProcess(rights: int, inherits: bool, pid: int) -> int:  # noqa: N802
        return pid if Path(f"/proc/{pid}").exists() else 0

    @staticmethod
    def WaitForSingleObject(handle: int, ms: int) -> int:  # noqa: N802
        return 0x102

    @staticmethod
    def GetLastError() -> int:  # noqa: N802
        return 87  # ERROR_INVALID_PARAMETER: there is none

    @staticmethod
    def CloseHandle(handle: int) -> int:  # noqa: N802
        return 1


class _Key:
    def __enter__(self) -> "_Key":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _registry() -> types.ModuleType:
    registry = types.ModuleType("winreg")
    values = {"MachineGuid": "5f1c6a2e-0000-4000-8000-00000000beef", "LongPathsEnabled": int(os.environ.get("LONG_PATHS", "0"))}
    registry.HKEY_LOCAL_MACHINE = 0x80000002  # type: ignore[attr-defined]
    registry.OpenKey = lambda root, path: _Key()  # type: ignore[attr-defined]
    registry.QueryValueEx = lambda key, name: (values[name], 1)  # type: ignore[attr-defined]
    return registry


# --- the event loop ------------------------------------------------------------------------------------------------------


class Loop(asyncio.SelectorEventLoop):
    """As the one of Windows: it watches no files, hears no signals, and knows no sockets with a path."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def __getattribute__(self, name: str) -> Any:
        if name in NOT_IN_LOOP and _asks_for_us(2):
            raise NotImplementedError(name)
        return super().__getattribute__(name)


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes such loops."""

    def _loop_factory(self) -> Any:
        return Loop()


def install() -> None:
    """Be Windows from here on."""
    for name in (
        "pathlib",
        "tempfile",
        "shutil",
        "socket",
        "ssl",
        "select",
        "uuid",
        "concurrent.futures.thread",
        "asyncio.subprocess",
    ):
        __import__(name)
    subprocess.Popen.__init__ = _popen  # type: ignore[method-assign]
    subprocess.Popen.send_signal = _send_signal  # type: ignore[method-assign,assignment]
    subprocess.Popen.kill = lambda self: _real_send(self, _SIGKILL)  # type: ignore[method-assign]
    asyncio.set_event_loop_policy(Policy())
    ctypes.windll = types.SimpleNamespace(kernel32=_Kernel)  # type: ignore[attr-defined,unused-ignore]
    sys.modules["winreg"] = _registry()
    gone = [name for name in vars(signal) if name.startswith("SIG") and name not in KNOWN_SIGNALS]
    import select

    _hide(signal, [*gone, *NOT_IN_SIGNAL], {"SIGBREAK": SIGBREAK})
    _hide(select, list(NOT_IN_SELECT))
    _hide(os, NOT_IN_OS, {"name": "nt", "kill": _end_process})
    _hide(sys, [], {"platform": "win32"})
    builtins.__import__ = _import_as_windows
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.isatty():
            stream.reconfigure(encoding="utf-8")  # as Python speaks with the console of Windows
    warnings.filterwarnings("ignore", category=EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=OURS)
    sys.addaudithook(_audit)


install()
