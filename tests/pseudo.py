"""A language in which every letter of ours looks odd, so that a sentence that never met the catalogue shows.

`make pseudo` runs the scenarios in it: what a command says is searched for plain words, then read back as the English that the
tests expect.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from zalo_alert.language import Catalogue, Language

_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ODD = "".join(chr(0x1D5A0 + at) for at in range(52))  # sans-serif letters of mathematics: as wide as the plain ones
_TO_ODD, _TO_PLAIN = str.maketrans(_PLAIN, _ODD), str.maketrans(_ODD, _PLAIN)
_FIELD = re.compile(r"(\{[^{}]*\})")
_TWO_WORDS = re.compile(r"(?<![\w`./:=<-])[A-Za-z]?[a-z]+ [a-z]{2,}(?![\w`./:=-])")
# What is nobody's sentence: commands, what a person wrote, the library's own frame around a usage error.
_NOT_OURS = re.compile(
    r"`[^`]*`|\"[^\"]*\"|«[^»]*»|--[a-z-]+ [A-Za-z]+|zalo-alert [a-z-]+( [a-z-]+)*|template \d+|unknown foreign|\{[^}]*\}"
)
_FOREIGN = re.compile(
    r"database disk image.*|no such table.*|Parquet magic bytes.*|Template id is.*|Invalid refresh.*|expected the node.*"
)
_FRAME = re.compile(r"^\s*(Usage:|Try |[╭╰│┌└|$#])")


class PseudoCatalogue(Catalogue):
    """English in odd letters; fields are left alone."""

    def __init__(self) -> None:
        super().__init__(Language.EN)

    def text(self, message: str, plural: str = "", number: int = 1) -> str:
        """Return a message with every letter outside its fields made odd."""
        text = plural if plural and number != 1 else message
        return "".join(part if part.startswith("{") else part.translate(_TO_ODD) for part in _FIELD.split(text))


def install() -> None:
    """Have the shell of this process speak it, whatever language is chosen."""
    from zalo_alert.cli import app

    app.catalogue_of = lambda language: PseudoCatalogue()  # type: ignore[attr-defined,assignment]


def read_back(said: str) -> str:
    """Return what was said in plain letters."""
    return said.translate(_TO_PLAIN)


def leaks(said: str) -> list[str]:
    """Return the lines in which words stand that never met the catalogue."""
    return [
        line
        for line in said.splitlines()
        if not _FRAME.match(line) and _TWO_WORDS.search(_FOREIGN.sub("", _NOT_OURS.sub("", line)))
    ]


def main() -> int:
    """Run the scenarios in it, and list what leaked."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "leaks.txt"
        file.touch()
        command = [sys.executable, "-m", "pytest", "tests/scenario", "-m", "not english", *sys.argv[1:]]
        code = subprocess.run(command, env=os.environ | {"PSEUDO": str(file)}, check=False).returncode
        lines = sorted(set(file.read_text(encoding="utf-8").splitlines()))
    print(*lines, f"{len(lines)} lines hold words that never met the catalogue", sep="\n")
    return code or bool(lines)


if __name__ == "__main__":
    sys.exit(main())
