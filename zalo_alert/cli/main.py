"""The way in: the language, `--version` at once, every other command through `app`, with the one module that it needs."""

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from zalo_alert.language.catalogue import DOMAIN, FOLDER, VARIABLE, Language, choose


def main() -> None:
    """Run `zalo-alert`."""
    if sys.argv[1:] == ["--version"] and _say_version():
        return
    sys.argv[1:], asked = take_language(sys.argv[1:])
    language = choose(asked, os.environ, config_of(sys.argv[1:], os.environ))
    if "--json" in sys.argv[1:]:
        language = Language.EN  # a machine is told in English whatever people read
    speak(language, asked)
    from zalo_alert.cli.app import run

    run(language)


def _say_version() -> bool:
    """Say it, for cron and scripts, with nothing loaded; whether it could be said: if not, the longer way says why."""
    from importlib.metadata import version

    try:
        os.write(sys.stdout.fileno(), f"zalo-alert {version('zalo-alert')}\n".encode())  # no buffer keeps what can't be written
    except (OSError, AttributeError):  # AttributeError: the process was started without one
        return False
    return True


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
