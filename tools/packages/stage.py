"""The wheel, and everything the program needs installed in one folder, from which the single file and the package are made.

What is installed has the hashes of deploy/runtime.lock. No path, user or hour of the machine that builds stands in it, so
two builds of one commit are the same bytes.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
OUTPUT = ROOT / "build" / "dist"
LOCK = ROOT / "deploy" / "runtime.lock"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"  # compiled modules are for one
EPOCH = "1580601600"  # hatchling's own, for a tree without its history
MANYLINUX = re.compile(r"-manylinux_(\d+)_(\d+)_")
OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def set_moment() -> None:
    """Have everything dated alike: by SOURCE_DATE_EPOCH, else by the last commit."""
    if "SOURCE_DATE_EPOCH" not in os.environ:
        done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
        os.environ["SOURCE_DATE_EPOCH"] = done.stdout.strip() or EPOCH


def build_wheel() -> Path:
    """Build the wheel into the output folder, the only one there; return its path."""
    for old in OUTPUT.glob("*.whl"):
        old.unlink()
    _run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(OUTPUT))
    (wheel,) = OUTPUT.glob("*.whl")
    wheel.chmod(0o644)
    return wheel


def install(wheel: Path, stage: Path) -> Path:
    """Install a wheel and what it needs below a folder, made anew; return where its modules lie."""
    shutil.rmtree(stage, ignore_errors=True)
    options = ("--quiet", "--no-compile", "--ignore-installed", "--no-warn-script-location", "--prefix", str(stage))
    _run("-m", "pip", "install", *options, "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK))
    _run("-m", "pip", "install", *options, "--no-deps", str(wheel))
    shutil.rmtree(stage / "bin")  # they begin with the path of the Python that built
    modules = stage / "lib" / f"python{PYTHON}" / "site-packages"
    for record in modules.glob("*.dist-info/RECORD"):
        _forget_machine(record)
    return modules


def oldest_libc(modules: Path) -> str:
    """Return the oldest glibc that every compiled module goes with, such as "2.28"; nothing where none says."""
    needed = [min(versions) for path in modules.glob("*.dist-info/WHEEL") if (versions := list(_libc_versions(path)))]
    return ".".join(map(str, max(needed, default=())))


def version_of(wheel: Path) -> str:
    """Return the version that a wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return str(Parser().parsestr(archive.read(name).decode())["Version"])


def _libc_versions(path: Path) -> Iterator[tuple[int, int]]:
    for tag in Parser().parsestr(path.read_text(encoding="utf-8")).get_all("Tag", []):
        if found := MANYLINUX.search(tag):
            yield int(found[1]), int(found[2])
        yield from (version for name, version in OLD_NAMES.items() if f"-{name}_" in tag)


def _forget_machine(record: Path) -> None:
    """Take away where a package was installed from, and the lines of the programs that were taken away."""
    gone = record.with_name("direct_url.json")
    gone.unlink(missing_ok=True)
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line for line in lines if "/bin/" not in line.split(",")[0] and not line.startswith(f"{gone.parent.name}/{gone.name}")
    ]
    record.write_text("".join(kept), encoding="utf-8")


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=sys.stderr)
