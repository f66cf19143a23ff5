"""Write the manual pages from the command tree: `make man`, or `python tools/manual.py FOLDER`; a build does it by itself.

One page a command, zalo-alert-send(1), and one for all, zalo-alert(1). What `--help` says stands in them word for word, in every
language of the catalogues: `man1/` is English, `vi/man1/` Vietnamese, and `man` chooses by the locale.
"""

import gettext
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zalo_alert.language import Language, _, catalogue_of

NAME = "zalo-alert"
EXIT_STATUS = {
    0: _("What was asked for was done; of a run, nothing calls for a person."),
    1: _("A fault of the program; a traceback says where."),
    2: _("The command line asks for something impossible."),
    3: _("Finished, and some of it calls for a person, or a part of it failed: zalo-alert report says who and why."),
    10: _("The campaign, or a list of people, can't be used."),
    11: _("The settings are wrong, or Zalo refused the credentials."),
    12: _("Another process is sending this run."),
    13: _("Suspended: quota, money, Zalo or the disk. Nothing is lost, zalo-alert resume continues."),
    14: _("A person has stopped or cancelled the run; zalo-alert resume continues a stopped one."),
    130: _("Interrupted: what was on its way is settled, zalo-alert resume continues."),
    141: _("Whoever read the output went away before its end."),
}
ENVIRONMENT = {
    "ZALO_ALERT_WORKSPACE": _("The workspace, where --workspace does not name one."),
    "ZALO_ALERT_LANG": _("The language of what people read, vi or en, where --lang does not name one."),
    "NO_COLOR": _("When set, nothing is coloured."),
}


def main() -> None:
    """Write every page into a folder."""
    write(Path(sys.argv[1]), version(NAME))


def write(folder: Path, release: str) -> list[str]:
    """Write every page of a version below a folder; return where, as `man` looks for it: `vi/man1/zalo-alert.1`."""
    paths = {
        f"{'' if language is Language.EN else f'{language}/'}man1/{name}": text
        for language in Language
        for name, text in pages(release, language).items()
    }
    for path, text in paths.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return list(paths)


def pages(release: str, language: Language = Language.EN) -> dict[str, str]:
    """Return every page of a version in a language by the name of its file."""
    from typer.main import get_command

    from zalo_alert.cli.app import app, load_commands
    from zalo_alert.cli.usage import translate_help

    load_commands()
    root: Any = get_command(app)
    with _spoken(language):
        translate_help(root)
        return {
            f"{_page(words)}.1": "".join(f"{line}\n" for line in _lines(words, it, release, language))
            for words, it in walk(root, NAME)
        }


@contextmanager
def _spoken(language: Language) -> Iterator[None]:
    """Have the library of the command line, and what is shown, speak a language for as long as the block lasts."""
    from zalo_alert.cli.display import display
    from zalo_alert.cli.reader_language import speak

    domain, environ, catalogue = gettext.textdomain(), dict(os.environ), display.catalogue
    speak(language, None)
    display.catalogue = catalogue_of(language)
    try:
        yield
    finally:
        gettext.textdomain(domain)
        os.environ.pop("LANGUAGE")
        os.environ.update(environ)
        display.catalogue = catalogue


def walk(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    """List a command and those below it, each with the words that name it."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, f"{words} {name}")


def _page(words: str) -> str:
    return words.replace(" ", "-")


def _lines(words: str, command: Any, release: str, language: Language) -> Iterator[str]:
    say = catalogue_of(language).text
    paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    example = say(_("Example"))
    said = [part for part in paragraphs if not part.startswith(f"{example}:")]
    yield '.\\" -*- coding: utf-8 -*-'
    yield f'.TH {_page(words).upper()} 1 "" "{NAME} {release}" "{NAME}"'
    yield from (_title(say(_("Name"))), f"{_roff(_page(words))} \\- {_roff(said[0].rstrip('.'))}")
    context = command.context_class(command, info_name=words)
    usage = " ".join(piece.strip("{}") for piece in command.collect_usage_pieces(context))
    yield from (_title(say(_("Synopsis"))), f".B {_roff(words)}", _roff(usage), _title(say(_("Description"))))
    yield "\n.PP\n".join(map(_roff, said))
    inner = getattr(command, "commands", {}).items()
    commands = ((f"{_page(f'{words} {name}')}(1)", it.help.split("\n\n")[0]) for name, it in inner)
    yield from _terms(say(_("Commands")), commands)
    records = [(parameter.param_type_name, parameter.get_help_record(context)) for parameter in command.get_params(context)]
    for kind, title in (("argument", say(_("Arguments"))), ("option", say(_("Options")))):
        yield from _terms(title, (record for type_, record in records if type_ == kind and record))
    for part in (part for part in paragraphs if part.startswith(f"{example}:")):
        yield from (_title(example), ".EX", _roff(part.removeprefix(f"{example}:").strip()), ".EE")
    if words == NAME:
        yield from _terms(say(_("Exit status")), ((str(code), say(meaning)) for code, meaning in EXIT_STATUS.items()))
        yield from _terms(say(_("Environment")), ((name, say(meaning)) for name, meaning in ENVIRONMENT.items()))
    else:
        yield from (_title(say(_("See also"))), f".BR {_roff(_page(words.rpartition(' ')[0]))} (1)")


def _title(text: str) -> str:
    return f".SH {text.upper()}"


def _terms(title: str, terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write a list of terms and what they mean; nothing when there is none."""
    for number, (term, meaning) in enumerate(terms):
        yield from [_title(title)] * (not number)
        yield from (".TP", f".B {_roff(_without_list(term))}", _roff(" ".join(meaning.split())) or "\\&")


def _without_list(term: str) -> str:
    return re.sub(r"<list\[(.*)\]>", lambda inner: f"<{inner[1].lower()}>", term)


def _roff(text: str) -> str:
    """Return a text that troff prints as it is."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    main()
