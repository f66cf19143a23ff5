"""Commands started from a process that has loaded everything once: each is a process of its own, and costs no imports.

A command line spends most of its second loading libraries, and the suite starts a thousand. The mother loads them, opens nothing,
starts no thread, and forks a child for each command; a child is a real process in a session of its own: it can be killed, loses
its locks, and ends with its own exit code.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_LOADED = (
    "duckdb", "pyarrow.parquet", "pyarrow.compute", "pyarrow.csv", "httpx", "httptools", "uvloop", "pydantic", "jinja2",
    "yaml", "tenacity", "orjson", "filelock", "rapidfuzz.distance", "rich.live", "rich.progress", "typer", "asyncio",
    "concurrent.futures.thread", "multiprocessing.connection", "zalo_alert.campaign.parse", "zalo_alert.planning.plan",
    "zalo_alert.reporting.report", "zalo_alert.reporting.export", "zalo_alert.operations.send",
    "zalo_alert.operations.doctor", "zalo_alert.operations.preflight", "zalo_alert.planning.refusals",
    "zalo_alert.delivery.broadcaster", "zalo_alert.preflight.doctor", "zalo_alert.preflight.token_health",
    "zalo_alert.sandbox.server", "zalo_alert.zalo.post_sockets", "zalo_alert.zalo.post_pyreqwest",
)  # fmt: skip
MOST_BYTES = 1 << 20


class Ends:
    """Which process answers which request, and how it ended; the system gives the number of a process again before long."""

    def __init__(self) -> None:
        self.pids: dict[int, int] = {}  # by number of the request
        self.statuses: dict[int, int] = {}  # likewise
        self._requests: dict[int, int] = {}  # by process that lives

    def told(self, news: dict[str, int]) -> None:
        """Note that a process has begun, or that it has ended; they are told in the order in which they happen."""
        if "number" in news:
            self.pids[news["number"]] = news["pid"]
            self._requests[news["pid"]] = news["number"]
        else:
            self.statuses[self._requests.pop(news["pid"])] = news["status"]


class Mother:
    """See the module; made once a session."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-c", f"from forking import serve; serve({theirs.fileno()})"]
        here = str(Path(__file__).parent)
        environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}
        self._process = subprocess.Popen(words, pass_fds=[theirs.fileno()], env=environ)
        theirs.close()
        self._line = ours
        self._ends = Ends()
        self._changed = threading.Condition()
        self._asked = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def fork(self, request: dict[str, Any], streams: list[int]) -> tuple[int, int]:
        """Start a command; return the number of the request, and its process."""
        with self._changed:
            self._asked += 1
            number = self._asked
            socket.send_fds(self._line, [json.dumps(request | {"number": number}).encode()], streams)
            self._changed.wait_for(lambda: number in self._ends.pids, timeout=60)
            return number, self._ends.pids.pop(number)

    def status(self, number: int, timeout_s: float | None) -> int | None:
        """Return how the process of a request ended, as `os.waitpid` tells it; None when it has not within a time."""
        with self._changed:
            self._changed.wait_for(lambda: number in self._ends.statuses, timeout=timeout_s)
            return self._ends.statuses.get(number)

    def _listen(self) -> None:
        while data := self._line.recv(MOST_BYTES):
            with self._changed:
                self._ends.told(json.loads(data))
                self._changed.notify_all()

    def close(self) -> None:
        """End the mother; whoever she has started goes on."""
        self._line.shutdown(socket.SHUT_RDWR)  # closing alone would not wake whoever listens
        try:
            self._process.wait(timeout=10)  # she ends by herself, so that a measurement of coverage keeps what she has loaded
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._line.close()


def popen(mother: Mother) -> type["subprocess.Popen[bytes]"]:
    """Return a `Popen` whose processes a mother starts; what it is given to run are the words of the command line."""

    class Forked(subprocess.Popen[bytes]):
        def _execute_child(self, args: Any, *rest: Any) -> None:
            names = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")  # behind nine that nobody gives here
            given = dict(zip(names, rest[9:], strict=False)) | {"cwd": rest[4], "env": rest[5]}
            streams = [given["p2cread"], given["c2pwrite"], given["errwrite"]]
            ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN, signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            request = {"words": list(args), "cwd": str(given["cwd"]), "env": dict(given["env"]), "ignored": ignored}
            self._number, self.pid = mother.fork(request, streams)
            self._child_created = True
            for stream in {*streams} - {-1, 0, 1, 2}:
                if stream not in self._kept:
                    os.close(stream)

        _kept: frozenset[int] = frozenset()

        def __init__(self, words: list[str], **given: Any) -> None:
            files = (given.get(name) for name in ("stdin", "stdout", "stderr"))
            self._kept = frozenset(
                file if isinstance(file, int) else file.fileno() for file in files if file is not None and not _is_word(file)
            )
            super().__init__(words, **given)

        def _try_wait(self, wait_flags: int) -> tuple[int, int]:
            status = mother.status(self._number, 0 if wait_flags & os.WNOHANG else None)
            return (0, 0) if status is None else (self.pid, status)

        def _internal_poll(self, _deadstate: int | None = None, **_: Any) -> int | None:
            if self.returncode is None and (status := mother.status(self._number, 0)) is not None:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
            return self.returncode

    return Forked


def _is_word(file: Any) -> bool:
    return isinstance(file, int) and file < 0  # PIPE, STDOUT, DEVNULL


# --- the mother's own side -----------------------------------------------------------------------------------------------


def serve(handle: int) -> None:
    """Fork a child for each request until nobody asks any more."""
    from importlib import import_module

    from zalo_alert.cli.app import load_commands

    for name in _LOADED:
        import_module(name)
    load_commands()
    line = socket.socket(fileno=handle)
    awake, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    import select

    while True:
        waited: list[Any] = [line, awake]
        ready, _, _ = select.select(waited, [], [])
        if awake in ready:
            os.read(awake, 512)
            _tell_ends(line)
        if line in ready:
            data, handles, _, _ = socket.recv_fds(line, MOST_BYTES, 3)
            if not data:
                return
            request = json.loads(data)
            pid = os.fork()
            if not pid:
                line.close()
                os.close(awake)
                _become(request, handles)
            line.send(json.dumps({"number": request["number"], "pid": pid}).encode())
            for stream in handles:
                os.close(stream)


def _tell_ends(line: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        line.send(json.dumps({"pid": pid, "status": status}).encode())


def _become(request: dict[str, Any], handles: list[int]) -> None:
    """Be the command, as if this process had been started for it; never returns."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    interrupts, hangs_up = request["ignored"]
    signal.signal(signal.SIGINT, signal.SIG_IGN if interrupts else signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if hangs_up else signal.SIG_DFL)
    os.setsid()
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
    for handle in handles:
        os.close(handle)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()  # the mother's zone is another's
    sys.argv = ["zalo-alert", *request["words"]]
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(number, mode, encoding=encoding, errors=errors or None, closefd=False)  # noqa: SIM115  it lives as long as the process
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    if site := os.environ.get("SITE"):
        import runpy

        runpy.run_path(site)
    from zalo_alert.cli import display

    display.display.__init__()  # type: ignore[misc]  # it looks at the arguments and at the terminal
    from zalo_alert.cli.main import main

    if os.environ.get("PSEUDO"):
        import pseudo

        pseudo.install()
    code: Any = 0
    try:
        main()
    except SystemExit as exc:
        code = exc.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    _end(code if isinstance(code, int) else 0 if code is None else 1)


def _end(code: int) -> None:
    """End as an interpreter does: what is left to do at exit is done, and what is left in the streams goes out."""
    import atexit

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 120
    os._exit(code)
