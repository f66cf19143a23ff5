"""The approver's page: one HTML file that makes a key, shows a request and signs it in a browser, without any network.

Puts together what lies in `page/`: the document, its look and its scripts, with the words and the sentences of this version in
it. The page may load nothing and run nothing but its own script, whose digest stands in its policy.
"""

import base64
import hashlib
from importlib.metadata import version
from importlib.resources import files

import orjson

from zalo_alert.approval.page_sentences import SENTENCES
from zalo_alert.approval.words import WORDS
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.foundation import invisible
from zalo_alert.language import Language, catalogue_of, said_in

SCRIPTS = ("bytes.js", "request.js", "key.js", "view.js", "page.js")  # each knows those before it
KEY_COMMENT = "approver"  # after the public key in its line; whoever adds it names the officer


def approver_page() -> bytes:
    """Return the page, empty of any key."""
    style, script = _part("page.css"), page_script()
    page = _part("page.html")
    for name, value in {
        "policy": _policy(style, script),
        "version": version("zalo-alert"),
        "style": style,
        "script": script,
    }.items():
        page = page.replace(f"{{{{{name}}}}}", value)
    return page.encode()


def page_script() -> str:
    """Return the page's only script: its data, then its parts, in a room of their own."""
    return "".join(("\n'use strict';\n(() => {\n", page_data(), *map(_part, SCRIPTS), "})();\n"))


def page_data() -> str:
    """Return the script's own data: words, sentences, names of hazards, and what nobody sees."""
    data = {
        "WORDS": WORDS,
        "SENTENCES": {language.value: _sentences(language) for language in Language},
        "HAZARDS": {code: hazard.name for code, hazard in HAZARDS.items()},
        "HIDDEN": invisible.PATTERN,
        "KEY_COMMENT": KEY_COMMENT,
    }
    return "".join(f"const {name} = {_literal(value)};\n" for name, value in data.items())


def _sentences(language: Language) -> dict[str, str]:
    return {key: said_in(sentence, catalogue_of(language)) for key, sentence in SENTENCES.items()}


def _literal(value: object) -> str:
    """Write a value as a script has it; nothing in it can end the script's element."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    """Return what the page may do: nothing but this style and this script; no text of a stranger's can become markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_source(script)}'",
            f"style-src '{_source(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _part(name: str) -> str:
    return (files("zalo_alert.approval") / "page" / name).read_text(encoding="utf-8")
