"""Tell whether requirements.lock holds what pyproject.toml asks for: every name, also of its groups, pinned with hashes.

Asks no index: what a newer version would bring is `make lock`'s business.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$", re.MULTILINE)


def asked(project: dict[str, Any], group: str = "dev") -> Iterator[Requirement]:
    """Return what the package and a group of dependencies ask for, groups within it included."""
    yield from map(Requirement, project["project"]["dependencies"])
    for entry in project["dependency-groups"][group]:
        if isinstance(entry, dict):
            yield from asked(project, entry["include-group"])
        else:
            yield Requirement(entry)


def problems(project: str, lock: str) -> list[str]:
    """Return a sentence for each thing in which a lock falls short of a pyproject.toml, given their texts."""
    pinned = {canonicalize_name(name): version for name, version, _ in PIN.findall(lock)}
    told = [] if "--index-url" not in lock and "--find-links" not in lock else ["the lock names an index"]
    told += [f"{name} has no hash" for name, _, rest in PIN.findall(lock) if not rest.rstrip().endswith("\\")]
    for one in asked(tomllib.loads(project)):
        version = pinned.get(canonicalize_name(one.name))
        if version is None:
            told.append(f"{one.name} is not in the lock")
        elif not one.specifier.contains(version, prereleases=True):
            told.append(f"{one.name} is locked at {version}, and pyproject.toml wants {one.specifier}")
    return told


def main() -> int:
    """Say what is wrong; return 1 when anything is."""
    told = problems(*((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock")))
    for sentence in dict.fromkeys(told):
        print(f"{sentence}: run `make lock`", file=sys.stderr)
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
