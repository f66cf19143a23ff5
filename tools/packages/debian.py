"""The Debian package: the modules in /opt/zalo-alert as a virtual environment, with units, account, manual pages and completion.

Nothing is unpacked at the first start and nobody but root can change what runs, which a single file in an account's cache can't
promise. The paths are those of deploy/, whose files go in as they are; only the officers' command lies elsewhere:
/usr/local is the machine's own.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path

from tools.packages.stage import PYTHON, ROOT, oldest_libc

DEPLOY = ROOT / "deploy"
HOME = "opt/zalo-alert"
LAUNCHER = f"#!/{HOME}/bin/python -I\nfrom zalo_alert.cli.main import main\n\nmain()\n"
MAINTAINER = "zalo_alert authors <zalo-alert@example.org>"
MOVED = {"/usr/local/bin/": "/usr/bin/", "/etc/systemd/system/": "/usr/lib/systemd/system/"}
FILES: Mapping[str, tuple[str, int]] = {  # of deploy/: where it goes, and its mode
    "zalo-alert-office": ("usr/bin/zalo-alert-office", 0o755),
    "zalo-alert.sudoers": ("etc/sudoers.d/zalo-alert", 0o440),
    "zalo-alert.sysusers": ("usr/lib/sysusers.d/zalo-alert.conf", 0o644),
    "zalo-alert.tmpfiles": ("usr/lib/tmpfiles.d/zalo-alert.conf", 0o644),
    "README.md": ("usr/share/doc/zalo-alert/README.md", 0o644),
    "nginx-zalo-alert.conf": ("usr/share/doc/zalo-alert/examples/nginx-zalo-alert.conf", 0o644),
    "Caddyfile": ("usr/share/doc/zalo-alert/examples/Caddyfile", 0o644),
    "debian/lintian-overrides": ("usr/share/lintian/overrides/zalo-alert", 0o644),
}
COMPLETION = {  # of the wheel's share/: where Debian's shells look
    "bash-completion/completions/zalo-alert": "usr/share/bash-completion/completions/zalo-alert",
    "zsh/site-functions/_zalo-alert": "usr/share/zsh/vendor-completions/_zalo-alert",
    "fish/vendor_completions.d/zalo-alert.fish": "usr/share/fish/vendor_completions.d/zalo-alert.fish",
}
CONFFILES = ("/etc/sudoers.d/zalo-alert",)
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def build(modules: Path, output: Path, version: str) -> list[Path]:
    """Build the package where there is dpkg-deb; return what was built.

    Args:
        modules: As `stage.install` returns them.
        output: The folder that it goes to.
        version: Of the wheel.
    """
    if shutil.which("dpkg-deb") is None:
        print("no dpkg-deb here: no .deb", file=sys.stderr)
        return []
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    tree = output.with_name("deb")
    shutil.rmtree(tree, ignore_errors=True)
    _lay_program(modules, tree)
    _lay_files(modules.parents[2] / "share", tree)
    lay_control(tree, {"version": version, "architecture": architecture, "libc": oldest_libc(modules)})
    package = output / f"zalo-alert_{version}_{architecture}.deb"
    for old in output.glob("*.deb"):
        old.unlink()
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(tree), str(package)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return [package]


def units() -> list[str]:
    """Return the names of the units of deploy/, in order."""
    return sorted(path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))


def _lay_program(modules: Path, tree: Path) -> None:
    """Lay the environment: modules, compiled ones beside them, the Python of the machine, and the command."""
    where = tree / HOME / "lib" / f"python{PYTHON}" / "site-packages"
    shutil.copytree(modules, where)
    compiling = ("-m", "compileall", "-q", "-j0", "--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", "/")
    subprocess.run([sys.executable, *compiling, str(where)], check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    _write(tree / HOME / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    _write(tree / HOME / "bin" / "zalo-alert", LAUNCHER, 0o755)
    (tree / HOME / "bin" / "python").symlink_to(f"/usr/bin/python{PYTHON}")
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "zalo-alert").symlink_to(f"/{HOME}/bin/zalo-alert")


def _lay_files(share: Path, tree: Path) -> None:
    for name, (target, mode) in FILES.items():
        _write(tree / target, moved((DEPLOY / name).read_text(encoding="utf-8")), mode)
    for name in units():
        _write(tree / "usr/lib/systemd/system" / name, moved((DEPLOY / name).read_text(encoding="utf-8")))
    for name, target in COMPLETION.items():
        _write(tree / target, (share / name).read_text(encoding="utf-8"))
    for page in sorted((share / "man").rglob("*.1")):
        _pack(page.read_bytes(), tree / "usr/share/man" / page.relative_to(share / "man"))
    _pack((ROOT / "CHANGELOG.md").read_bytes(), tree / "usr/share/doc/zalo-alert/NEWS.md")
    _write(tree / "usr/share/doc/zalo-alert/copyright", _copyright())


def lay_control(tree: Path, facts: Mapping[str, str]) -> None:
    """Write what dpkg reads: the description, the sums of what is laid, and the scripts.

    Args:
        tree: Where everything else of the package lies.
        facts: "version", "architecture" and "libc", the oldest that it goes with.
    """
    _pack(_changelog(facts["version"]).encode(), tree / "usr/share/doc/zalo-alert/changelog")
    folder = tree / "DEBIAN"
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    size_kib = sum(-(-path.stat().st_size // 1024) for path in files)
    _write(folder / "control", "".join(f"{line}\n" for line in _control(facts, size_kib)))
    _write(folder / "conffiles", "".join(f"{path}\n" for path in CONFFILES))
    sums = (f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n" for path in files)
    _write(folder / "md5sums", "".join(sums))
    sending = (DEPLOY / "debian" / "sending").read_text(encoding="utf-8").rstrip()
    names = " ".join(name for name in units() if "@" not in name)
    for name in SCRIPTS:
        text = (DEPLOY / "debian" / name).read_text(encoding="utf-8")
        _write(folder / name, text.replace("#SENDING#", sending).replace("#UNITS#", names), 0o755)


def _control(facts: Mapping[str, str], size_kib: int) -> Iterator[str]:
    yield from ("Package: zalo-alert", f"Version: {facts['version']}", f"Architecture: {facts['architecture']}")
    yield from ("Section: misc", "Priority: optional", f"Maintainer: {MAINTAINER}", f"Installed-Size: {size_kib}")
    systemd = [f"systemd | systemd-standalone-{name}" for name in ("sysusers", "tmpfiles")]
    needed = (f"python{PYTHON}", f"libc6 (>= {facts['libc']})", *systemd, "ca-certificates", "tzdata")
    yield f"Depends: {', '.join(needed)}"
    yield "Recommends: sudo"
    yield "Suggests: nginx-light | caddy, man-db, bash-completion"
    yield "Description: disaster alerts over Zalo Official Accounts"
    yield " Planned, paced, resumable, and accounted for person by person. The program lies in /opt/zalo-alert with all that it"
    yield f" needs of Python {PYTHON}; the account zalo-alert alone reads tokens and runs, and officers have one command."


def _changelog(version: str) -> str:
    moment = formatdate(int(os.environ["SOURCE_DATE_EPOCH"]))
    return (
        f"zalo-alert ({version}) stable; urgency=medium\n\n  * What is new stands in NEWS.md.gz.\n\n -- {MAINTAINER}  {moment}\n"
    )


def _copyright() -> str:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    others = f"What others have written lies in /{HOME}/lib, each with its licence in its own .dist-info folder."
    return f"{licence}\n{others}\n"


def moved(text: str) -> str:
    """Return a text of deploy/ with the places that a package has."""
    for before, after in MOVED.items():
        text = text.replace(before, after)
    return text


def _pack(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
