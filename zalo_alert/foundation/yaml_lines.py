"""Single lines of a YAML file that people go on writing: values with a comment behind, texts as they are read.

Whatever a text holds, it is read back as that text, and no comment runs on into the file. Knows no campaign.
"""

import re
from collections.abc import Iterator

COMMENT_AT = 46  # column, where a comment stands behind a value
MOST_COMMENT = 300  # characters of one
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|[a-z]+:[a-z0-9-]+")
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def comment(text: str) -> str:
    """Return a text as it may stand behind a #: on one line, nothing invisible in it, and not too long."""
    line = "".join(sign if sign.isprintable() else " " for sign in text[: 2 * MOST_COMMENT])
    line = " ".join(line.split())
    return line if len(line) <= MOST_COMMENT else f"{line[:MOST_COMMENT]}…"


def commented(line: str, about: str) -> str:
    """Return a line with a comment behind it; without one where there is nothing to say."""
    return f"{line:<{COMMENT_AT}}  # {comment(about)}" if about else line


def scalar(text: str) -> str:
    """Write a word, in quotes where YAML would read something else."""
    is_bare = _BARE.fullmatch(text) and text.casefold() not in _YAML_WORDS
    return text if is_bare else quoted(text)


def quoted(text: str) -> str:
    """Write a text in double quotes; what is not seen is written as its number."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign == "\n":
        return "\\n"
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def block(key: str, text: str, indent: str) -> Iterator[str]:
    """Write a text of several lines as it is read; one in which YAML would lose something is quoted."""
    lines = text.split("\n")
    is_plain = all(line.isprintable() and line == line.rstrip() for line in lines) and bool(lines[-1]) and text[:1] != " "
    if not is_plain:
        yield f"{indent}{key}: {quoted(text)}"
        return
    yield f"{indent}{key}: |"
    yield from (f"{indent}  {line}" if line else "" for line in lines)
