"""What must hold in a campaign's routes: each can carry what it is given, and Zalo would take it."""

import re
from pathlib import PurePosixPath

from zalo_alert.campaign import render
from zalo_alert.campaign.build import nfc
from zalo_alert.campaign.findings import Findings, Sending
from zalo_alert.campaign.form import BROADCAST, ButtonForm, RouteForm
from zalo_alert.campaign.template import PERSONAL_FIELDS, fields_used
from zalo_alert.campaign.template_check import check, scope_of
from zalo_alert.campaign.text_rules import check_drill_words, check_template
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _

MAX_BUTTONS, MAX_BUTTON_TITLE, MAX_QUERY = 5, 100, 1000
IMAGES, FILES = (".jpg", ".jpeg", ".png"), (".pdf", ".doc", ".docx", ".csv")
_HAVE_TEMPLATE = {"template", "phone"}
_ONLY_FOR = {
    "hashed": ("phone", _("other routes use no number")),
    "mode": ("phone", _("Zalo has it for no other route")),
    "image": ("cs", _("a template has its own pictures")),
    "file": ("cs", _("Zalo takes files in consultation messages only")),
    "buttons": ("cs", _("a template has its own buttons")),
    "article": (BROADCAST, _("nothing else is an article")),
    "cover": (BROADCAST, _("nothing else is an article")),
    "author": (BROADCAST, _("nothing else is an article")),
    "description": (BROADCAST, _("nothing else is an article")),
}
_ARTICLE_NEEDS = {
    "cover": _("broadcast needs a cover: every article has a picture"),
    "author": _("broadcast needs an author: the public must see who speaks"),
}


def check_routes(findings: Findings, sending: Sending) -> None:
    """Check every route of a sending, and that none stands twice."""
    if sending.routes is not None and not sending.routes:
        findings.add(sending.routes_at, _("is empty: name at least one way, such as {type: cs}"))
    first: dict[tuple[str | None, str | None], int] = {}
    for number, route in enumerate(sending.routes or ()):
        path, key = (*sending.routes_at, number), (route.type, route.template_id)
        if route.type == BROADCAST:
            _check_broadcast(findings, sending, route, path)
            if key in first:
                findings.add(
                    path, _("is a second broadcast, beside route {number}: a campaign has one article", number=first[key] + 1)
                )
        elif route.type and key in first:
            findings.add(path, _("is the same as route {number}: a second try would not end differently", number=first[key] + 1))
        first.setdefault(key, number)
        _check_route(findings, route, path)


def _check_route(findings: Findings, route: RouteForm, path: KeyPath) -> None:
    if route.type in _HAVE_TEMPLATE and not findings.has((*path, "template_id")):
        findings.add(path, _("{type} needs the template_id of an approved template", type=route.type))
    if route.type and route.type not in _HAVE_TEMPLATE and (route.template_id or route.data):
        findings.add(path, _("{type} takes neither template_id nor data: it sends message.text", type=route.type))
    for key, value in (route.data or {}).items():
        check_template(findings, value, (*path, "data", key))
        check_drill_words(findings, value, (*path, "data", key))
    for name, (kind, why) in _ONLY_FOR.items():
        if findings.has((*path, name)) and route.type not in {kind, None}:
            findings.add((*path, name), _("is only for {kind}: {why}", kind=kind, why=why))
    if route.mode and findings.form.status == "Actual":
        findings.add((*path, "mode"), _("development reaches administrators only: not for an Actual alert"))
    _check_attachments(findings, route, path)
    _check_buttons(findings, route, path)


# --- a broadcast's article ----------------------------------------------------------------------------------------------


def _check_broadcast(findings: Findings, sending: Sending, route: RouteForm, path: KeyPath) -> None:
    if findings.has((*path, "article")):
        _check_article(findings, sending, route, path)
    else:
        _check_own_text(findings, sending, route, path)
    if findings.audience.source is not None or findings.audience.only is not None:
        findings.add(path, _("broadcast can't go to a list of people: Zalo sends it to whole provinces; leave one out"))


def _check_article(findings: Findings, sending: Sending, route: RouteForm, path: KeyPath) -> None:
    """Check a broadcast whose article is a file of its own; what the file says is read where the file is."""
    for name in ("cover", "author", "description"):
        if findings.has((*path, name)):
            findings.add((*path, name), _("the article's own file says it: leave it out"))
    if sending.routes_at != ("routes",):
        findings.add((*path, "article"), _("is for the alert alone: what follows it is said in a text of its own"))
    if route.article is not None and (not route.article.endswith(".md") or _is_outside(route.article)):
        findings.add(
            (*path, "article"),
            _('"{value}" should be a file ending in .md, beside the campaign or below it', value=route.article[:60]),
        )


def _check_own_text(findings: Findings, sending: Sending, route: RouteForm, path: KeyPath) -> None:
    for name, need in _ARTICLE_NEEDS.items():
        if not findings.has((*path, name)):
            findings.add(path, need)
    if route.author is not None and not _has_length(route.author, render.MAX_AUTHOR):
        findings.add((*path, "author"), _("should have 1 to {most} characters", most=render.MAX_AUTHOR))
    if route.description is not None:
        check_template(findings, route.description, (*path, "description"))
        check_drill_words(findings, route.description, (*path, "description"))
    _check_impersonal(findings, sending, route, path)


def _check_impersonal(findings: Findings, sending: Sending, route: RouteForm, path: KeyPath) -> None:
    """Have nothing that all readers read alike speak to one of them by name."""
    headline_at, text_at = (*sending.texts_at, "headline"), (*sending.texts_at, "text")
    texts: dict[KeyPath, str | None] = {headline_at: sending.headline, text_at: sending.text}
    below = (sending.languages or {}).items()
    texts |= {(*sending.texts_at, "languages", language, "text"): translation.text for language, translation in below}
    for where, text in (texts | {(*path, "description"): route.description}).items():
        if text is not None and not check(nfc(text), scope_of(findings.fields)) and fields_used(nfc(text)) & PERSONAL_FIELDS:
            line = text[: text.index("name", text.index("{"))].count("\n") + 1
            problem = _("uses {{ name }}, and all readers of a broadcast's article read the same: leave it out")
            findings.add(where, problem, findings.document.line_position(where, line))


# --- what a message carries ---------------------------------------------------------------------------------------------


def _check_attachments(findings: Findings, route: RouteForm, path: KeyPath) -> None:
    if route.image and route.file:
        findings.add((*path, "file"), _("image and file exclude each other: keep one"))
    if route.file and route.buttons:
        findings.add((*path, "buttons"), _("a file carries no buttons: leave one out"))
    for name, endings in (("image", IMAGES), ("file", FILES), ("cover", IMAGES)):
        value = getattr(route, name)
        if value is not None and not (name != "file" and value.startswith("https://")):
            if not value.lower().endswith(endings):
                findings.add((*path, name), _('"{value}" should end in {endings}', value=value[:40], endings=", ".join(endings)))
            elif _is_outside(value):
                findings.add(
                    (*path, name), _('"{value}" should be the name of a file beside the campaign, or below it', value=value[:40])
                )


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name


def _check_buttons(findings: Findings, route: RouteForm, path: KeyPath) -> None:
    buttons = route.buttons or ()
    if len(buttons) > MAX_BUTTONS:
        findings.add((*path, "buttons"), _("are {buttons}; a message takes {most}", buttons=len(buttons), most=MAX_BUTTONS))
    for number, button in enumerate(buttons):
        _check_button(findings, button, (*path, "buttons", number))


def _check_button(findings: Findings, button: ButtonForm, path: KeyPath) -> None:
    if sum(getattr(button, name) is not None for name in ("url", "phone", "query")) != 1:
        findings.add(path, _("does one thing: give it a url, a phone or a query"))
    if button.title is not None:
        check_drill_words(findings, button.title, (*path, "title"))
    if button.title is not None and not _has_length(button.title, MAX_BUTTON_TITLE):
        findings.add((*path, "title"), _("should have 1 to {most} characters", most=MAX_BUTTON_TITLE))
    if button.url is not None and not re.fullmatch(r"https?://[^\s/]+\S*", button.url):
        findings.add((*path, "url"), _('"{url}" is not a valid address: write it like https://…', url=button.url[:40]))
    if button.phone is not None and not re.fullmatch(r"84[0-9]{8,10}", button.phone):
        findings.add((*path, "phone"), _('"{phone}" should be digits that begin with 84', phone=button.phone[:40]))
    if button.query is not None and not _has_length(button.query, MAX_QUERY):
        findings.add((*path, "query"), _("should have 1 to {most} characters", most=MAX_QUERY))


def _has_length(text: str, most: int) -> bool:
    return 0 < len(nfc(text).strip()) <= most
