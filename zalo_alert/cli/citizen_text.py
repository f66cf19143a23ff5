"""What citizens wrote, on a screen: no sign of it moves a cursor, hides or turns anything round."""


def visible(text: str) -> str:
    r"""Return a text with each sign that a terminal obeys, or that hides, written out, as `\x1b` is."""
    return "".join(sign if sign.isprintable() else _code(ord(sign)) for sign in text)


def _code(number: int) -> str:
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
