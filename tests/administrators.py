"""Administrators of OAs, each at a browser: they open a link, choose an OA on the sandbox's page, and come back with a code."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def links_in(path: Path) -> list[dict[str, str]]:
    """The rows of a file of links."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _opener(*handlers: object) -> OpenerDirector:
    return build_opener(ProxyHandler({}), *handlers)  # type: ignore[arg-type]


def allowed(link: str, oa_id: str) -> str:
    """Where the browser is sent once its administrator has allowed the app for an OA."""
    parts = urlsplit(link)
    form = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"oa_id": oa_id}
    request = Request(parts._replace(query="").geturl(), urlencode(form).encode())
    try:
        answer = _opener(_Stays).open(request, timeout=30)
    except HTTPError as exc:
        assert exc.code == 302
        return str(exc.headers["location"])
    raise AssertionError(answer.read()[:500])


def opened(address: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of a page, by a browser that follows nothing."""
    try:
        answer = _opener(_Stays).open(Request(address, method=method), timeout=60)
    except HTTPError as exc:
        answer = exc
    with answer:
        return answer.status or 0, answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}


def title_of(page: str) -> str:
    """What a page says in its largest letters."""
    found = re.search("<h1>(.*?)</h1>", page)
    return found[1] if found else ""


def consent(rows: Iterable[dict[str, str]]) -> list[str]:
    """Have the administrators of some links consent, one after the other; what each page says."""
    return [title_of(opened(allowed(row["link"], row["oa_id"]))[1]) for row in rows]
