"""The language of whoever reads a command: chosen before the command line is read, because its library speaks it, too."""

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from zalo_alert.language.catalogue import DOMAIN, FOLDER, VARIABLE, Language, choose


def choose_for(words: Sequence[str], asked: str | None, environ: Mapping[str, str]) -> Language:
    """Choose the language of a command line; a machine is told in English whatever people read."""
    return Language.EN if "--json" in words else choose(asked, environ, config_of(words, environ))


def take_language(words: Sequence[str]) -> tuple[list[str], str | None]:
    """Take `--lang` out of a command line, wherever it stands; what names no language is left for the root to refuse.

    Returns:
        The other words, and the language asked for; None without it.
    """
    words = list(words)
    end = words.index("--") if "--" in words else len(words)
    for at, word in enumerate(words[:end]):
        name, equals, value = word.partition("=")
        given = [value] if equals else words[at + 1 : at + 2]
        if name == "--lang" and given and given[0] in tuple(Language):
            return words[:at] + words[at + (1 if equals else 2) :], given[0]
        if name == "--lang":  # the root alone knows the option, and says what it takes
            return [word, *words[at + 1 : at + 1 + (not equals)], *words[:at], *words[at + 1 + (not equals) :]], None
    return words, None


def config_of(words: Sequence[str], environ: Mapping[str, str]) -> Path | None:
    """Return the config file of the workspace that a command line means; None where there is none."""
    after = dict(pairwise(words))
    named = next((word.partition("=")[2] for word in words if word.startswith("--workspace=")), after.get("--workspace"))
    named = named or environ.get("ZALO_ALERT_WORKSPACE")
    try:
        folders = [Path(named)] if named else [Path.cwd(), *Path.cwd().parents]
    except OSError:  # the folder was removed meanwhile
        return None
    return next((folder / "zalo-alert.yaml" for folder in folders if (folder / "zalo-alert.yaml").is_file()), None)


def speak(language: Language, asked: str | None) -> None:
    """Have the library that reads the command line speak it too, and the processes that this one starts."""
    import gettext

    if asked:
        os.environ[VARIABLE] = asked
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)
