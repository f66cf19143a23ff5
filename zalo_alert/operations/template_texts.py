"""The texts of Zalo's templates as an office keeps them in `templates/`: Zalo tells a template's parameters, never its text.

`templates/311203.txt` holds what people read of template 311203, with its parameters as Zalo shows them: `<ma_tin>`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zalo_alert.campaign.follow_up import key_path, parts
from zalo_alert.errors import Problem
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES, Document, KeyPath
from zalo_alert.language import _, count, joined
from zalo_alert.models import Campaign, Route

FOLDER = "templates"
MOST_BYTES = 32 << 10  # a template of Zalo's is a page at most
CAMPAIGNS = "campaigns"
_TEMPLATE_ID = re.compile(r"""\btemplate_id:\s*["']?([0-9]{1,20})\b""")
PARAMETER = re.compile(r"<([A-Za-z][A-Za-z0-9_]{0,63})>")


class TemplateTexts(NamedTuple):
    """The texts of a campaign's templates.

    Args:
        texts: By Zalo's number of the template; one whose text nobody keeps is not there.
        troubles: Files that are there and can't be used.
    """

    texts: dict[str, str]
    troubles: tuple[Problem, ...]


def path_of(workspace: Path, template_id: str) -> Path:
    """Return where the text of a template is kept."""
    return workspace / FOLDER / f"{template_id}.txt"


def template_ids(campaign: Campaign) -> list[str]:
    """Name the templates by which a campaign, or what may follow it, is sent; each once, as they come."""
    return list(
        dict.fromkeys(route.template_id for part in parts(campaign).values() for route in part.routes if route.template_id)
    )


def read_template_texts(campaign: Campaign, workspace: Path | None) -> TemplateTexts:
    """Read the texts of a campaign's templates; without a workspace there are none."""
    texts, troubles = {}, []
    for template_id in template_ids(campaign) if workspace else ():
        text = _read(path_of(workspace, template_id)) if workspace else None
        if isinstance(text, Problem):
            troubles.append(text)
        elif text is not None:
            texts[template_id] = text
    return TemplateTexts(texts, tuple(troubles))


def _read(path: Path) -> str | Problem | None:
    """Return a file's text, None where there is none, or why it can't be used."""
    try:
        content = plain_bytes(path, MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except NotPlain as exc:
        return _trouble(path, _("it is {why}, not a plain file", why=str(exc)))
    except OSError as exc:
        return _trouble(path, _("it can't be read: {why}", why=reason(exc)))
    if len(content) > MOST_BYTES:
        return _trouble(path, _("it is longer than {most} bytes: a template's text is a page at most", most=count(MOST_BYTES)))
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return _trouble(path, _("it is not UTF-8: save it as UTF-8"))
    return text or _trouble(path, _("it is empty: copy what Zalo shows of the template into it"))


def _trouble(path: Path, why: str) -> Problem:
    return Problem(str(path), 0, 0, "", why)


def missing_texts(workspace: Path) -> tuple[list[str], int]:
    """Name the templates of the workspace's campaigns whose text nobody has kept, and count those of which somebody has.

    A campaign that can't be read, or is unsound, is told of by whoever checks it.
    """
    named: set[str] = set()
    for path in sorted((workspace / CAMPAIGNS).glob("*.y*ml")):
        with suppress(OSError):
            named.update(_TEMPLATE_ID.findall(plain_bytes(path, MAX_SIZE_BYTES).decode("utf-8", errors="replace")))
    missing = sorted(name for name in named if not path_of(workspace, name).is_file())
    return missing, len(named) - len(missing)


def odd_parameters(campaign: Campaign, document: Document, texts: Mapping[str, str]) -> Iterator[tuple[str, int, Problem]]:
    """Say which parameters a route fills in that its template's text has not, and which of the text's it leaves empty.

    Yields:
        The part of the campaign, the number of the route in it, and the problem at its place in the file.
    """
    for name, part in parts(campaign).items():
        for number, route in enumerate(part.routes):
            if route.template_id in texts:
                path: KeyPath = (*key_path(name), part.written_at(number), "data")
                for key, why in _odd_in(route, texts[route.template_id]):
                    yield name, number, document.problem((*path, key) if key in route.data else path, why)


def _odd_in(route: Route, text: str) -> Iterator[tuple[str, str]]:
    known = list(dict.fromkeys(PARAMETER.findall(text)))
    file = f"{FOLDER}/{route.template_id}.txt"
    for key in [key for key in route.data if key not in known]:
        why = _("{file} has no parameter <{key}>", file=file, key=key)
        yield key, joined((why, suggestion(key, known)), "")
    for key in known:
        if key not in route.data:
            yield key, _("{file} has <{key}>, which nothing fills in", file=file, key=key)
