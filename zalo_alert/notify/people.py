"""Numbers that may be a person's, taken out of whatever leaves this machine."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_PERSON = re.compile(r"(?<![\w.-])\+?\d{9,25}(?![\w-])")  # Zalo's ids and phone numbers; a count has gaps, a code has letters


def marked(value: Any, mark: Callable[[str], str]) -> Any:
    """Return a text, or what JSON holds, with a mark in the place of every number that may be a person's."""
    match value:
        case str():
            return _PERSON.sub(lambda found: mark(found[0]), value)
        case Mapping():
            return {name: marked(inner, mark) for name, inner in value.items()}
        case list() | tuple():
            return [marked(inner, mark) for inner in value]
    return value
