"""Print docs/vi/the-nhanh.md as one page for the wall: `make card` writes build/the-nhanh.pdf, A4.

Fails when the text has grown beyond the page: a card of two pages is no card.
"""

import re
import sys
from pathlib import Path

import markdown
from weasyprint import HTML

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "docs" / "vi" / "the-nhanh.md"
STYLE = ROOT / "docs" / "site" / "card.css"
TARGET = ROOT / "build" / "the-nhanh.pdf"


def page() -> str:
    """Return the card as HTML: a block for each heading, a line to write on for each run of dots."""
    body = markdown.markdown(SOURCE.read_text(encoding="utf-8"), extensions=["tables"])
    body = re.sub(r"<code>\.+</code>", '<span class="blank"></span>', body)
    head, *blocks = body.split("<h2>")
    sections = "".join(f'<section class="b{number}"><h2>{block}</section>' for number, block in enumerate(blocks, 1))
    return f'<html lang="vi"><title>Thẻ nhanh trực cảnh báo</title><header>{head}</header><main>{sections}</main></html>'


def main() -> int:
    """Write the PDF; return 1 when it is not one page."""
    document = HTML(string=page()).render(stylesheets=[STYLE])
    if len(document.pages) != 1:
        print(f"the card takes {len(document.pages)} pages and must take one: shorten {SOURCE.name}", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    document.write_pdf(TARGET)
    print(f"wrote {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
