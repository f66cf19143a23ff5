"""What a build makes: the catalogues that gettext reads, and the manual pages in every language, into the wheel's share/man.

The pages are read off the command tree, so the build needs what the command line is made of. An editable install makes
none: there is `make man`, and `make` compiles the catalogues.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "babel>=2.16"
SHELL = ("typer", "rich", "orjson")  # what the command tree imports; which versions, the project's dependencies say


class BuildHook(BuildHookInterface[Any]):
    """See the module."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Name what an isolated build must have installed."""
        return [CATALOGUES, *(line for line in self.metadata.core.dependencies if line.startswith(SHELL))]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write catalogues and pages, and have them put into the wheel."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from tools.catalogue import compile_all
        from tools.manual import write

        compile_all()

        folder = Path(self.root, "build", "man")
        for path in write(folder, self.metadata.version):
            build_data["shared_data"][str(folder / path)] = f"share/man/{path}"
