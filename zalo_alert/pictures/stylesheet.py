"""The colours of all pictures, dark and light and on paper, as one style sheet.

Owns the palettes; the templates repeat the light one for a picture without its style sheet. What a class means is decided
where it is given.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# One hue for the shares, lighter to darker: told apart by whoever sees no red and no green, and in grey on paper.
LIGHT = {
    "ink": "#23282a",
    "dim": "#5b6266",
    "line": "#5b5f61",
    "faint": "#dfe3e4",
    "page": "#fff",
    "hatch": "#2b7f78",
    "none": "#e9e7e2",
    "0": "#e4f2ef",
    "1": "#c0e0da",
    "2": "#86c5bb",
    "3": "#2b7f78",
    "4": "#0b4f4a",
    "on-low": "#16302e",
    "on-high": "#fff",
    "accepted": "#2b7f78",
    "rejected": "#c9a227",
    "unknown": "#b3261e",
    "expired": "#7d2b5a",
    "withheld": "#8a99a8",
    "pending": "#dcdfe0",
    "claimed": "#a9c7d8",
    "deferred": "#b9b3d6",
    "other": "#9a8f80",
    "alarm": "#b3261e",
}
DARK = {
    "ink": "#e6eaeb",
    "dim": "#a3abaf",
    "line": "#0f1315",
    "faint": "#3a4145",
    "page": "#15191b",
    "hatch": "#4ea79b",
    "none": "#343a3d",
    "0": "#1b3331",
    "1": "#1f524d",
    "2": "#27726c",
    "3": "#66bfb2",
    "4": "#b5ece1",
    "on-low": "#e9f5f3",
    "on-high": "#0d2624",
    "accepted": "#4ea79b",
    "rejected": "#d9b84a",
    "unknown": "#ef6a60",
    "expired": "#c47aa6",
    "withheld": "#8493a1",
    "pending": "#454c50",
    "claimed": "#5f8aa1",
    "deferred": "#8d84b8",
    "other": "#a3978a",
    "alarm": "#ef6a60",
}


@cache
def stylesheet() -> str:
    """Return the CSS for a page with pictures: a file's or a `style` element's content.

    Dark where the reader's system is, unless the root element has the class `light`; what is in an element of the class `dark`
    always is. On paper everything is light. Of two pictures in an element of the class `za-both`, the one drawn `compact` shows
    up to 600 pixels of width, the other above. The page may use the colours, too: `--za-page` is the ground that they are for.
    """
    rules = (files(__package__) / "pictures.css").read_text(encoding="utf-8")
    by_system = f"@media screen and (prefers-color-scheme:dark){{:root:not(.light){{{_properties(DARK)}}}}}"
    by_class = f"@media screen{{.dark{{{_properties(DARK)}}}}}"
    return f":root{{{_properties(LIGHT)}}}\n{by_system}\n{by_class}\n{rules}"


def _properties(palette: Mapping[str, str]) -> str:
    return ";".join(f"--za-{name}:{colour}" for name, colour in palette.items())
