"""Build every package, lint the container's file, write the sums, and say names and sizes: `make dist`."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tools.packages import debian, single_file
from tools.packages.stage import OUTPUT, ROOT, build_wheel, install, set_moment, version_of

HADOLINT = Path(sys.executable).with_name("hadolint")
CONTAINER = ROOT / "deploy" / "Containerfile"


def main() -> int:
    """Build; return 1 when the container's file has a fault, 2 where these packages can't be built."""
    if sys.platform != "linux":
        print("the single file and the .deb are built on Linux; elsewhere: python -m hatchling build -t wheel", file=sys.stderr)
        return 2
    os.umask(0o022)  # what stands in a package may be read by everybody, whoever built it
    set_moment()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    wheel = build_wheel()
    modules = install(wheel, OUTPUT.with_name("stage"))
    built = [wheel, OUTPUT / "zalo-alert"]
    single_file.build(modules, built[1])
    built += debian.build(modules, OUTPUT, version_of(wheel))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in built]
    (OUTPUT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    for path in built:
        print(f"{path.stat().st_size / 1_000_000:8.1f} MB  {path.relative_to(ROOT)}")
    return subprocess.run([HADOLINT, str(CONTAINER)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
