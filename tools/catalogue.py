"""The catalogues of `zalo_alert/language/locale`: takes messages out of the code, and makes what `gettext` reads.

    python tools/catalogue.py update      # after changing a sentence: new messages stand in the .po with an empty translation,
                                          # new keys among those that scripts may know
    python tools/catalogue.py compile     # .po → .mo; part of `make` and of every build
    python tools/catalogue.py missing     # what has no translation yet; ends with 1 when there is something

A message is the first argument of `_` (the first two of `_n`), the docstring of a command, the `help`, `metavar` or words for
the default of an option or an argument, the `description` of a key.
"""

import ast
import inspect
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from zalo_alert.language import Sentence

PACKAGE = Path(__file__).resolve().parent.parent / "zalo_alert"
MANUAL = PACKAGE.parent / "tools" / "manual.py"  # what the manual pages say beside the help
LOCALE = PACKAGE / "language" / "locale"
KEYS = PACKAGE.parent / "tests" / "data" / "sentence-keys.txt"
DOMAIN = "zalo_alert"
LANGUAGES = ("vi",)
_HELP = {"help", "description", "metavar", "show_default"}
_REGISTERS = {"command", "callback"}


@cache
def _nodes(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def messages(file: Path) -> Iterator[tuple[int, str | tuple[str, str]]]:
    """Yield the messages of a file with their lines; a pair is a singular and a plural."""
    for node in _nodes(file):
        match node:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(message)), *_]):
                yield node.lineno, message
            case ast.Call(func=ast.Name(id="_n"), args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_]):
                yield node.lineno, (one, many)
            case ast.keyword(arg=name, value=ast.Constant(value=str(message))) if name in _HELP:
                yield node.value.lineno, message
            case ast.FunctionDef(decorator_list=decorators) if any(map(_registers, decorators)):
                docstring = ast.get_docstring(node, clean=False)
                if docstring:
                    yield node.lineno, inspect.cleandoc(docstring)


def keys() -> set[str]:
    """Return the keys of all sentences; help has none, because nobody is told it in JSON."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in _nodes(file):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "_n"):
                match node.args:
                    case [ast.Constant(value=str(message)), *_]:
                        found.add(Sentence(message, {}).key)
    return found - {""}


def known_keys() -> set[str]:
    """Return the keys that scripts may know; they grow, and nothing goes but by hand."""
    return set(KEYS.read_text(encoding="utf-8").split()) if KEYS.exists() else set()


def _registers(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in _REGISTERS


def extracted() -> Catalog:
    """Return the template: every message of the package with where it stands."""
    catalog = Catalog(project="zalo-alert", charset="utf-8")
    for file in [*sorted(PACKAGE.rglob("*.py")), MANUAL]:
        name = file.relative_to(PACKAGE.parent).as_posix()
        for _line, message in sorted(messages(file), key=lambda found: found[0]):
            # Without lines: a file that grows would change every entry below it.
            known = catalog.get(message if isinstance(message, str) else message[0])
            if known is None or name not in [path for path, _ in known.locations]:
                catalog.add(message, locations=[(name, None)])  # type: ignore[list-item]
    return catalog


def po_file(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Read a language's catalogue; an empty one where there is none yet."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=language, project="zalo-alert", charset="utf-8")
    with file.open("rb") as source:
        return read_po(source, locale=language)


def update(language: str) -> None:
    """Bring a catalogue up to the code: what is new has no translation, what nobody says any more is gone."""
    old, new = (
        read(language),
        Catalog(locale=language, project="zalo-alert", charset="utf-8", header_comment=f"# {language}", fuzzy=False),
    )
    for message in extracted():
        if not message.id:
            continue
        known = old.get(message.id[0] if message.pluralizable else message.id)
        new.add(message.id, known.string if known else None, locations=message.locations)
    file = po_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_po(target, new, width=10_000, omit_header=False, sort_output=False, include_lineno=False)


def compile_all() -> None:
    """Write the .mo of every language beside its .po, each by a rename: commands that run meanwhile may be reading it."""
    for language in LANGUAGES:
        compiled = po_file(language).with_suffix(".mo")
        half = compiled.with_suffix(f".{os.getpid()}")
        with half.open("wb") as target:
            write_mo(target, read(language))
        half.replace(compiled)


def missing(language: str) -> list[str]:
    """Return the messages that have no translation."""
    catalog = read(language)
    wanted = [message for message in extracted() if message.id]
    ids = [message.id[0] if message.pluralizable else message.id for message in wanted]
    return [str(id_) for id_ in ids if not (known := catalog.get(id_)) or not "".join(known.string or "")]


def main(command: str) -> int:
    """Do one of the things of the module's docstring."""
    if command == "update":
        for language in LANGUAGES:
            update(language)
        KEYS.write_text("".join(f"{key}\n" for key in sorted(known_keys() | keys())), encoding="utf-8")
    elif command == "compile":
        compile_all()
    elif command == "missing":
        lacking = [f"{language}: {message}" for language in LANGUAGES for message in missing(language)]
        print("\n".join(lacking))
        return bool(lacking)
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
