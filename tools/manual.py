"""Write the manual pages from the command tree: `make man`, or `python tools/manual.py FOLDER`; a build does it by itself.

One page a command, zalo-alert-send(1), and one for all, zalo-alert(1). What `--help` says stands in them word for word.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer

NAME = "zalo-alert"
EXIT_STATUS = {
    0: "Everyone was accepted; what was asked for was done.",
    1: "A fault of the program; a traceback says where.",
    2: "The command line asks for something impossible.",
    3: "Finished, and not everyone was accepted, or a part of it failed: zalo-alert report says who and why.",
    10: "The campaign, or a list of people, can't be used.",
    11: "The settings are wrong, or Zalo refused the credentials.",
    12: "Another process is sending this run.",
    13: "Suspended: quota, money, Zalo or the disk. Nothing is lost, zalo-alert resume continues.",
    14: "A person has stopped or cancelled the run; zalo-alert resume continues a stopped one.",
    130: "Interrupted: what was on its way is settled, zalo-alert resume continues.",
    141: "Whoever read the output went away before its end.",
}
ENVIRONMENT = {
    "ZALO_ALERT_WORKSPACE": "The workspace, where --workspace does not name one.",
    "NO_COLOR": "When set, nothing is coloured.",
}


def main() -> None:
    """Write every page into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(version(NAME)).items():
        (folder / name).write_text(text, encoding="utf-8")


def pages(release: str) -> dict[str, str]:
    """Return every page of a version by the name of its file."""
    from typer.main import get_command

    from zalo_alert.cli.app import app, load_commands

    load_commands()
    return {
        f"{_page(words)}.1": "".join(f"{line}\n" for line in _lines(words, it, release))
        for words, it in walk(get_command(app), NAME)
    }


def walk(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    """List a command and those below it, each with the words that name it."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, f"{words} {name}")


def _page(words: str) -> str:
    return words.replace(" ", "-")


def _lines(words: str, command: Any, release: str) -> Iterator[str]:
    paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    said = [part for part in paragraphs if not part.startswith("Example:")]
    yield '.\\" -*- coding: utf-8 -*-'
    yield f'.TH {_page(words).upper()} 1 "" "{NAME} {release}" "{NAME}"'
    yield from (".SH NAME", f"{_roff(_page(words))} \\- {_roff(said[0].rstrip('.'))}")
    context = typer.Context(command, info_name=words)
    usage = " ".join(piece.strip("{}") for piece in command.collect_usage_pieces(context))
    yield from (".SH SYNOPSIS", f".B {_roff(words)}", _roff(usage), ".SH DESCRIPTION")
    yield "\n.PP\n".join(map(_roff, said))
    inner = getattr(command, "commands", {}).items()
    yield from _terms("COMMANDS", ((f"{_page(f'{words} {name}')}(1)", it.help.split("\n\n")[0]) for name, it in inner))
    records = [(parameter.param_type_name, parameter.get_help_record(context)) for parameter in command.get_params(context)]
    for kind in ("argument", "option"):
        yield from _terms(f"{kind.upper()}S", (record for type_, record in records if type_ == kind and record))
    for example in (part for part in paragraphs if part.startswith("Example:")):
        yield from (".SH EXAMPLE", ".EX", _roff(example.removeprefix("Example:").strip()), ".EE")
    if words == NAME:
        yield from _terms("EXIT STATUS", ((str(code), meaning) for code, meaning in EXIT_STATUS.items()))
        yield from _terms("ENVIRONMENT", ENVIRONMENT.items())
    else:
        yield from (".SH SEE ALSO", f".BR {_roff(_page(words.rpartition(' ')[0]))} (1)")


def _terms(title: str, terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write a list of terms and what they mean; nothing when there is none."""
    for number, (term, meaning) in enumerate(terms):
        yield from [f".SH {title}"] * (not number)
        yield from (".TP", f".B {_roff(_without_list(term))}", _roff(" ".join(meaning.split())) or "\\&")


def _without_list(term: str) -> str:
    return re.sub(r"<list\[(.*)\]>", lambda inner: f"<{inner[1].lower()}>", term)


def _roff(text: str) -> str:
    """Return a text that troff prints as it is."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
