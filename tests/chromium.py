"""Headless Chromium, driven over a pipe (`--remote-debugging-pipe`): no port, no library, and nothing waits longer than it must.

Source: Chrome DevTools Protocol; messages are JSON, each ended by a zero byte, in on descriptor 3 and out on 4.
"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_S = 60.0  # a loaded machine starts a browser slowly; nothing waits as long where all is well
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip


@cache
def find_chromium() -> str | None:
    """Return the path of a Chromium that runs; None where there is none, or no pipe could be given to it (Windows)."""
    return next(filter(_runs, filter(None, map(shutil.which, NAMES))), None) if os.name == "posix" else None


def _runs(program: str) -> bool:
    """Whether it is more than a word to fetch it from elsewhere, as Ubuntu's package is."""
    return subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


class Chromium:
    """A running browser.

    Args:
        out: Descriptor that it reads from.
        back: Descriptor that it writes to.
    """

    def __init__(self, out: int, back: int) -> None:
        self._out, self._back, self._rest, self._number = out, back, b"", 0
        self.events: list[Mapping[str, Any]] = []

    def ask(self, method: str, session: str = "", **params: Any) -> Any:
        """Call a method and return its result; events on the way are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def wait_for(self, method: str) -> Mapping[str, Any]:
        """Return the parameters of the next event of a kind, one that came before included."""
        while True:
            for event in self.events:
                if event["method"] == method:
                    self.events.remove(event)
                    return event["params"]
            self._read()

    def _read(self) -> Mapping[str, Any]:
        while b"\0" not in self._rest:
            readable, _, _ = select.select([self._back], [], [], PATIENCE_S)
            assert readable, f"Chromium said nothing for {PATIENCE_S:g} s"
            piece = os.read(self._back, 1 << 20)
            assert piece, "Chromium has ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(line)
        if "method" in message:
            self.events.append(message)
        return message

    def open(self, file: Path | str, *, width: int = 390, height: int = 844, dark: bool = False, before: str = "") -> "Page":
        """Open a file, or an address, in a window of its own.

        Args:
            file: HTML, or an address of a page.
            width: Of the window, in CSS pixels.
            height: The same.
            dark: Whether the reader wants dark colours.
            before: A script that runs before the page's own.
        """
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, target, self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        page.ask("Emulation.setEmulatedMedia", features=[scheme])
        page.ask("Log.enable")
        page.ask("Runtime.enable")
        page.ask("Page.enable")
        if before:
            page.ask("Page.addScriptToEvaluateOnNewDocument", source=before)
        page.go(file)
        return page


class Page:
    """A page in the browser.

    Args:
        browser: Whose.
        target: Its id there.
        session: Through which it is spoken to.
    """

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self.browser, self.target, self.session = browser, target, session

    def ask(self, method: str, **params: Any) -> Any:
        """See `Chromium.ask`."""
        return self.browser.ask(method, self.session, **params)

    def go(self, file: Path | str) -> None:
        """Go to a file or an address, and wait until the page has made itself ready."""
        self.browser.events.clear()
        self.ask("Page.navigate", url=file.as_uri() if isinstance(file, Path) else file)
        self.browser.wait_for("Page.loadEventFired")
        self.until("document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str) -> Any:
        """Evaluate a script, await what it promises, and return its value."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait for a condition of the page to hold, looked at after each frame."""
        waiting = f"new Promise(done => {{ const look = () => ({condition}) ? done(true) : setTimeout(look, 10); look(); }})"
        assert self.run(waiting)

    def type(self, field: str, text: str) -> None:
        """Put text into a field, as a keyboard does."""
        self.run(f"document.getElementById({json.dumps(field)}).select()")
        self.ask("Input.insertText", text=text)

    def click(self, field: str) -> None:
        """Click an element, which must be there to be seen."""
        name = json.dumps(field)
        assert self.run(f"document.getElementById({name}).checkVisibility()"), f"{field} can't be seen"
        self.run(f"document.getElementById({name}).click()")

    def choose(self, field: str, file: Path) -> None:
        """Choose a file."""
        node = self.ask("Runtime.evaluate", expression=f"document.getElementById({json.dumps(field)})")["result"]["objectId"]
        self.ask("DOM.setFileInputFiles", files=[str(file)], objectId=node)

    def text(self, field: str) -> str:
        """Return what of an element is to be read; "" of one that is hidden."""
        element = f"document.getElementById({json.dumps(field)})"
        return str(self.run(f"{element}.checkVisibility() ? {element}.innerText : ''"))

    def value(self, field: str) -> str:
        """Return what stands in a field."""
        return str(self.run(f"document.getElementById({json.dumps(field)}).value"))

    def screenshot(self, file: Path) -> None:
        """Draw the whole page into a PNG file."""
        drawn = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(drawn["data"]))

    def complaints(self) -> list[str]:
        """Return what the browser's console has said: errors, and what the page's policy forbids."""
        self.run("0")
        logged = [event["params"]["entry"]["text"] for event in self.browser.events if event["method"] == "Log.entryAdded"]
        thrown = [str(event["params"]) for event in self.browser.events if event["method"] == "Runtime.exceptionThrown"]
        return logged + thrown

    def download(self, folder: Path, field: str) -> Path:
        """Click what downloads a file, and return it once it is whole."""
        self.browser.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        self.click(field)
        name = self.browser.wait_for("Browser.downloadWillBegin")["suggestedFilename"]
        while self.browser.wait_for("Browser.downloadProgress")["state"] != "completed":
            pass
        return folder / name

    def close(self) -> None:
        """Close the page without asking."""
        self.browser.ask("Target.closeTarget", targetId=self.target)


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Run a browser.

    Args:
        profile: An empty folder for what it keeps.
    """
    theirs_in, out = os.pipe()
    back, theirs_out = os.pipe()
    program = find_chromium()
    assert program
    # A shell moves the pipes to 3 and 4, by way of numbers that neither of them has.
    moved = f'exec 8<&{theirs_in} 9>&{theirs_out}; exec 3<&8 4>&9 8<&- 9>&-; exec "$0" "$@"'
    process = subprocess.Popen(
        ["/bin/bash", "-c", moved, program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(profile)}, start_new_session=True,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    browser = Chromium(out, back)
    try:
        yield browser
    finally:
        _end(browser, process)
        os.close(out)
        os.close(back)


def _end(browser: Chromium, process: "subprocess.Popen[bytes]") -> None:
    """Have the browser close itself, and its helpers with it."""
    try:
        browser.ask("Browser.close")
        process.wait(10)
    except (AssertionError, OSError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:  # helpers write into the profile until they are gone
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
