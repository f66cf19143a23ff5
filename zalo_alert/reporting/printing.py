"""A page as PDF and a picture as PNG, by what is installed: a Chromium on the PATH, or WeasyPrint; nothing is ever fetched.

Owns how they are called, and what is said where there is neither, or no font has Vietnamese letters.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation import machine
from zalo_alert.language import _

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-pdf-header-footer",
)  # fmt: skip
PATIENCE_S = 120.0  # a loaded machine starts a browser slowly; a page of a run is printed in two or three seconds
_HTML_ONLY = _(
    "the page itself can be had without it, and printed from any browser: use {option}", option=Cure.OPTION(html="FILE")
)
_SVG_ONLY = _("as SVG it can be had without it, and any browser shows that: name a file that ends with .svg")


@dataclass(frozen=True, slots=True)
class Printers:
    """What could print on this machine.

    Args:
        which: Finds a program on the PATH, as `shutil.which` does.
        has_weasyprint: Whether that can be imported.
        environ: Of the programs that are started.
    """

    which: Callable[[str], str | None] = shutil.which
    has_weasyprint: Callable[[], bool] = lambda: find_spec("weasyprint") is not None
    environ: Mapping[str, str] | None = None

    def chromium(self) -> str | None:
        """Return the first Chromium that there is."""
        return next(filter(None, map(self.which, CHROMIUMS)), None)


def pdf_of(page: bytes, printers: Printers = Printers()) -> bytes:
    """Return a page as PDF.

    Args:
        page: One HTML file that needs nothing beside it.
        printers: What could print it.

    Raises:
        InputInvalid: Nothing here can, or what can did not; no font has Vietnamese letters.
    """
    _require_font(printers)
    program = printers.chromium()
    if program is None and not printers.has_weasyprint():
        raise InputInvalid(
            _("there is nothing on this machine that makes a PDF: neither Chromium nor WeasyPrint is installed"),
            hint=_("install one of them, such as {command}; {otherwise}", command="apt install chromium", otherwise=_HTML_ONLY),
        )
    with tempfile.TemporaryDirectory(prefix="zalo-alert-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_bytes(page)
        options = [f"--print-to-pdf={target}"]
        why = _by_chromium(program, source, options, printers) if program else _by_weasyprint(source, target, printers)
        with suppress(OSError):
            if (content := target.read_bytes()).startswith(b"%PDF-"):
                return content
    raise InputInvalid(_("no PDF could be made: {why}", why=why or _("the program wrote none")), hint=_HTML_ONLY)


def png_of(svg: str, size: tuple[int, int], printers: Printers = Printers()) -> bytes:
    """Return a picture as PNG.

    Args:
        svg: The picture, which needs nothing beside it.
        size: Its width and height in pixels.
        printers: What could draw it.

    Raises:
        InputInvalid: Nothing here can, or what can did not; no font has Vietnamese letters.
    """
    _require_font(printers, _SVG_ONLY)
    if (program := printers.chromium()) is None:
        raise InputInvalid(
            _("there is nothing on this machine that makes a PNG: no Chromium is installed"),
            hint=_("install one, such as {command}; {otherwise}", command="apt install chromium", otherwise=_SVG_ONLY),
        )
    with tempfile.TemporaryDirectory(prefix="zalo-alert-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "picture.html", Path(folder) / "picture.png"
        source.write_text(f'<!doctype html><meta charset="utf-8"><style>*{{margin:0}}svg{{display:block}}</style>{svg}', "utf-8")
        options = [f"--screenshot={target}", f"--window-size={size[0]},{size[1]}", "--hide-scrollbars"]
        why = _by_chromium(program, source, options, printers)
        with suppress(OSError):
            if (content := target.read_bytes()).startswith(b"\x89PNG"):
                return content
    raise InputInvalid(_("no PNG could be made: {why}", why=why or _("the program wrote none")), hint=_SVG_ONLY)


def _require_font(printers: Printers, otherwise: str = _HTML_ONLY) -> None:
    """Refuse to print boxes in place of letters: where fontconfig is there, it knows what the fonts can."""
    program = printers.which("fc-list")
    if program is None:
        return
    command = [program, ":lang=vi", "family"]
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, env=_environ(printers))
        if done.returncode == 0 and not done.stdout.strip():
            raise InputInvalid(
                _("no font on this machine has Vietnamese letters: boxes would stand in their place"),
                hint=_(
                    "install one, such as {command}; {otherwise}", command="apt install fonts-dejavu-core", otherwise=otherwise
                ),
            )


def _environ(printers: Printers) -> Mapping[str, str]:
    return os.environ if printers.environ is None else printers.environ


def _by_chromium(program: str, source: Path, options: Sequence[str], printers: Printers) -> str:
    """Have a browser print or draw a page; return what went wrong, "" for nothing."""
    # The page has no script and may load nothing: what the sandbox of the browser keeps apart is not in it. As root, which has
    # no lower account to fall to, the browser starts without it only.
    unboxed = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [program, *_FLAGS, *unboxed, f"--user-data-dir={source.parent / 'profile'}", *options]
    return _run([*command, source.as_uri()], source.parent, {**_environ(printers), "HOME": str(source.parent)})


def _by_weasyprint(source: Path, target: Path, printers: Printers) -> str:
    """Have WeasyPrint print a page, in a process of its own: it is large, and its libraries may be missing."""
    code = "import sys, weasyprint; weasyprint.HTML(filename=sys.argv[1]).write_pdf(sys.argv[2])"
    return _run([sys.executable, "-c", code, str(source), str(target)], source.parent, _environ(printers))


def _run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a program, and whatever it starts, to its end; return what went wrong, "" for nothing."""
    said = folder / "said"  # a file, as a helper that outlives the program would keep a pipe open
    try:
        with said.open("wb") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environ, **machine.own_session()
            )
            try:
                code = process.wait(PATIENCE_S)
            finally:
                _end(process)
    except subprocess.TimeoutExpired:
        return _("{program} did not end within {seconds} s", program=command[0], seconds=round(PATIENCE_S))
    except OSError as exc:
        return str(exc.strerror or exc)
    return "" if code == 0 else _last_line(said.read_bytes())


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
