"""The single file `zalo-alert`: shiv packs what was installed, and `start` is what runs first of it."""

import json
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tools.packages import start
from tools.packages.stage import oldest_libc

MAIN, ENVIRONMENT = "__main__.py", "environment.json"
SHEBANG = "/usr/bin/env python3"


def build(modules: Path, target: Path) -> None:
    """Pack the modules, and the manual pages beside them, into a file that runs.

    Args:
        modules: As `stage.install` returns them.
        target: Appears by renaming.
    """
    shared = modules.parents[2] / "shared"
    shutil.rmtree(shared, ignore_errors=True)
    shutil.copytree(modules.parents[2] / "share", shared / "share")
    packed, draft = target.with_name(f".{target.name}.shiv"), target.with_name(f".{target.name}.draft")
    sources = [word for folder in (modules, shared) for word in ("--site-packages", str(folder))]
    options = ("--python", SHEBANG, "--entry-point", "zalo_alert.cli.main:main", "--reproducible", "--compressed")
    subprocess.run([sys.executable, "-m", "shiv", *sources, *options, "--output-file", str(packed)], check=True)
    _put_start(packed, draft, oldest_libc(modules))
    packed.unlink()
    draft.chmod(0o755)
    draft.replace(target)


def _put_start(packed: Path, draft: Path, libc: str) -> None:
    """Copy an archive, entry for entry, with our own first lines and what they must know."""
    with zipfile.ZipFile(packed) as before, draft.open("wb") as file:
        file.write(f"#!{SHEBANG}\n".encode())
        with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as after:
            build_id = json.loads(before.read(ENVIRONMENT))["build_id"]
            for entry in before.infolist():
                if entry.filename.startswith(start.PACKAGES):
                    after.writestr(entry, before.read(entry))
            moment = before.getinfo(MAIN).date_time
            for name, content in (
                (start.FACTS, _facts(build_id, libc)),
                (MAIN, Path(start.__file__).read_text(encoding="utf-8")),
            ):
                entry = zipfile.ZipInfo(name, moment)
                entry.compress_type = zipfile.ZIP_DEFLATED
                after.writestr(entry, content)


def _facts(build_id: str, libc: str) -> str:
    here = f"{sys.platform}-{platform.machine()}"
    return json.dumps({"build": build_id[:16], "python": sys.version_info[:2], "platform": here, "libc": libc})
