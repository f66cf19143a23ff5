"""Tell whether the locks hold what pyproject.toml asks for: every name, also of its groups, pinned with hashes.

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
# And the group that each is made from; no group: what the package itself asks for, with all its extras.
LOCKS = {"requirements.lock": "dev", "docs/site/requirements.lock": "docs", "deploy/runtime.lock": ""}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$", re.MULTILINE)


def asked(project: dict[str, Any], group: str) -> Iterator[Requirement]:
    """Return what a group of dependencies asks for, groups within it included."""
    for entry in project["dependency-groups"][group]:
        if isinstance(entry, dict):
            yield from asked(project, entry["include-group"])
        else:
            yield Requirement(entry)


def requirements(project: dict[str, Any], group: str) -> Iterator[Requirement]:
    """Return all that a lock must hold."""
    if group in ("dev", ""):
        yield from map(Requirement, project["project"]["dependencies"])
    if group:
        yield from asked(project, group)
    else:
        yield from (Requirement(line) for extra in project["project"].get("optional-dependencies", {}).values() for line in extra)


def problems(project: str, lock: str, group: str = "dev") -> list[str]:
    """Return a sentence for each thing in which a lock falls short of a pyproject.toml, given their texts.

    Args:
        project: The pyproject.toml.
        lock: The lock.
        group: What it is made from; that of "dev" holds the package's own dependencies, too, and "" those and the extras.
    """
    pinned = {canonicalize_name(name): version for name, version, _ in PIN.findall(lock)}
    told = [] if "--index-url" not in lock and "--find-links" not in lock else ["the lock names an index"]
    told += [f"{name} has no hash" for name, _, rest in PIN.findall(lock) if not rest.rstrip().endswith("\\")]
    wanted = tomllib.loads(project)
    for one in requirements(wanted, group):
        version = pinned.get(canonicalize_name(one.name))
        if version is None:
            told.append(f"{one.name} is not in the lock")
        elif not one.specifier.contains(version, prereleases=True):
            told.append(f"{one.name} is locked at {version}, and pyproject.toml wants {one.specifier}")
    return told


def main() -> int:
    """Say what is wrong; return 1 when anything is."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    told = [told for lock, group in LOCKS.items() for told in problems(project, (ROOT / lock).read_text(encoding="utf-8"), group)]
    for sentence in dict.fromkeys(told):
        print(f"{sentence}: run `make lock`", file=sys.stderr)
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
