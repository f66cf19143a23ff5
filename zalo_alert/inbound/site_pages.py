"""What a browser or Zalo's check of the domain gets at the door: the code that says whose domain it is, and nothing else.

Source: Zalo for developers, "Xác thực domain": a meta tag on the first page, or an HTML file named after the code (read 2026-11).
"""

from html import escape

from zalo_alert.foundation.http_connection import response

_HTML = b"text/html;charset=utf-8"
_PAGE = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8">{tag}<title>zalo-alert</title></head>'
    "<body>Cổng nhận sự kiện của Official Account. (Receives events of an Official Account.)</body></html>"
)
_TAG = '<meta name="zalo-platform-site-verification" content="{code}">'


def site_page(path: str, webhook_path: str, code: str, *, is_last: bool) -> bytes:
    """Answer a GET.

    Args:
        path: What was asked for.
        webhook_path: Where events go; whoever looks there with a browser sees that it is right.
        code: Of the verification; "" where there is none.
        is_last: Whether the connection closes behind it.
    """
    if path not in {"/", webhook_path, f"/zalo_verifier{code}.html"}:
        return response(404, is_last=is_last)
    tag = _TAG.format(code=escape(code)) if code else ""
    return response(200, _PAGE.format(tag=tag).encode(), _HTML, is_last=is_last)
