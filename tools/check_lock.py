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
LOCKS = {"requirements.lock": "dev", "docs/site/requirements.lock": "docs"}  # and the group that each is made from
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$", re.MULTILINE)


def asked(project: dict[str, Any], group: str) -> Iterator[Requirement]:
    """Return what a group of dependencies asks for, groups within it included."""
    for entry in project["dependency-groups"][group]:
        if isinstance(entry, dict):
            yield from asked(project, entry["include-group"])
        else:
            yield Requirement(entry)


def problems(project: str, lock: str, group: str = "dev") -> list[str]:
    """Return a sentence for each thing in which a lock falls short of a pyproject.toml, given their texts.

    Args:
        project: The pyproject.toml.
        lock: The lock.
        group: What it is made from; that of "dev" holds the package's own dependencies, too.
    """
    pinned = {canonicalize_name(name): version for name, version, _ in PIN.findall(lock)}
    told = [] if "--index-url" not in lock and "--find-links" not in lock else ["the lock names an index"]
    told += [f"{name} has no hash" for name, _, rest in PIN.findall(lock) if not rest.rstrip().endswith("\\")]
    wanted = tomllib.loads(project)
    own = map(Requirement, wanted["project"]["dependencies"]) if group == "dev" else ()
    for one in (*own, *asked(wanted, group)):
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
