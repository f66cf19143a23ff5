"""The colours of all pictures, dark and light and on paper, as one style sheet.

Owns the palette. What a class means is decided where it is given.
"""

from functools import cache
from importlib.resources import files


@cache
def stylesheet() -> str:
    """Return the CSS for a page with pictures: a file's or a `style` element's content.

    Dark where the reader's system is, unless the root element has the class `light`; anything of the class `dark` always is.
    On paper everything is light. Of two pictures in an element of the class `za-both`, the one of the class `za-small` shows up
    to 600 pixels of width, the other above.
    """
    return (files(__package__) / "pictures.css").read_text(encoding="utf-8")
