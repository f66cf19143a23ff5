"""Which language a person reads, and its catalogue of messages. Owns `locale/`; loads one file, when something is first said."""

import gettext
import os
import re
from collections.abc import Mapping, Sequence
from copy import copy
from enum import StrEnum
from functools import cache
from pathlib import Path

DOMAIN = "zalo_alert"
FOLDER = Path(__file__).parent / "locale"
VARIABLE = "ZALO_ALERT_LANG"
_IN_CONFIG = re.compile(r"^language:[ \t]*[\"']?([a-z]{2})\b", re.MULTILINE)
_CONFIG_HEAD = 65_536  # bytes of zalo-alert.yaml that are looked through: the line is near its top


class Language(StrEnum):
    """What a person may read."""

    VI = "vi"
    EN = "en"


class Catalogue:
    """The messages of one language, and how it writes numbers and days.

    Args:
        language: Which.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.has_plain_digits = False
        self._plain: Catalogue | None = None
        found = gettext.find(DOMAIN, str(FOLDER), [language.value])  # English is the messages' own text
        self._messages: gettext.NullTranslations = gettext.NullTranslations()
        if found:
            with Path(found).open("rb") as file:
                self._messages = gettext.GNUTranslations(file)

    def with_plain_digits(self) -> "Catalogue":
        """Return the same language with nothing between the digits of a number, for what another program reads."""
        if self._plain is None:
            self._plain = copy(self)
            self._plain.has_plain_digits = True
        return self._plain

    def text(self, message: str, plural: str = "", number: int = 1) -> str:
        """Return a message's text, with its fields still in it; the English where there is none."""
        if not message:
            return ""  # gettext keeps its own header under it
        return self._messages.ngettext(message, plural, number) if plural else self._messages.gettext(message)


@cache
def catalogue_of(language: Language) -> Catalogue:
    """Return the catalogue of a language, read once."""
    return Catalogue(language)


def choose(asked: str | None, environ: Mapping[str, str] = os.environ, config: Path | None = None) -> Language:
    """Choose the language: what was asked for, else the environment, else the workspace, else the locale, else English.

    Args:
        asked: The value of `--lang`; None without it. What names no language is passed over, here as in the others.
        environ: `ZALO_ALERT_LANG`, then the locale's variables as gettext reads them; the C locale is English.
        config: The workspace's `zalo-alert.yaml`, whose `language:` is meant; it need not exist or be sound.
    """
    for word in (asked, environ.get(VARIABLE), _language_in(config)):
        if word in tuple(Language):
            return Language(word)
    return next((Language.VI for word in locale_words(environ) if word.startswith("vi")), Language.EN)


def locale_words(environ: Mapping[str, str]) -> Sequence[str]:
    """Return the languages that the locale names, the most wanted first; none in the C locale."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "C")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return ()
    return [*filter(None, environ.get("LANGUAGE", "").split(":")), locale][:1]


def _language_in(config: Path | None) -> str | None:
    if config is None:
        return None
    try:
        with config.open("rb") as file:
            head = file.read(_CONFIG_HEAD).decode(errors="replace")
    except OSError:
        return None
    match = _IN_CONFIG.search(head)
    return match[1] if match else None
