"""The pages as HTML: drawn once a tick for each language and run that is looked at, for all who look. Escapes everything."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zalo_alert.foundation.clock import instant
from zalo_alert.language import Language, moment
from zalo_alert.runs.lifecycle import WORDS as STATES
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.wall.card import card_of, mark_of
from zalo_alert.wall.details import details_of
from zalo_alert.wall.drawn import draw_map, draw_rate
from zalo_alert.wall.listing import Listed
from zalo_alert.wall.page_words import WORDS
from zalo_alert.wall.saying import saying_in
from zalo_alert.wall.watcher import SeenRun, WallState

# Each is a file, and an element of this id.
PARTS = ("clock", "live", "conflicts", "cards", "over", "map", "places", "rate", "causes", "deadlines", "others")
ROWS = 200  # of the list of all runs, on one page
_KEPT = 24  # views that are kept drawn: two languages, each with a dozen runs to be shown below


@dataclass(frozen=True, slots=True)
class View:
    """What somebody looks at.

    Args:
        language: In which.
        run: Which run is shown below the cards; "" for the one that matters most.
    """

    language: Language
    run: str = ""


@dataclass(slots=True)
class _Drawn:
    """A view as it was last drawn."""

    number: int
    parts: dict[str, str]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """Draws pages, and remembers what it drew.

    Args:
        name: The workspace's, as a title.
        own: The language of the workspace: what a page is in that asks for none.
    """

    def __init__(self, name: str, own: Language) -> None:
        self._name, self._own = name, own
        self._drawn: dict[View, _Drawn] = {}
        self._events: dict[tuple[View, int, tuple[str, ...]], bytes] = {}

    def parts(self, state: WallState, view: View) -> Mapping[str, str]:
        """Return the parts of a view as HTML, by name; one that has not changed since is the very same text."""
        drawn = self._drawn.get(view)
        if drawn is None or drawn.number != state.number:
            before = drawn.parts if drawn else {}
            fresh = self._draw(state, view)
            drawn = _Drawn(state.number, {name: _same(before.get(name), text) for name, text in fresh.items()})
            self._keep(view, drawn)
        return drawn.parts

    def _keep(self, view: View, drawn: _Drawn) -> None:
        self._drawn.pop(view, None)
        self._drawn[view] = drawn
        if len(self._drawn) > _KEPT:
            self._drawn.pop(next(iter(self._drawn)))
        self._events.clear()

    def _draw(self, state: WallState, view: View) -> dict[str, str]:
        focus = focus_of(state, view.run)
        cards = [card_of(run, state.at) for run in state.runs]
        details = details_of(focus, state.at) if focus else None
        language = view.language
        values = {
            "cards": [card for card in cards if not card.is_over],
            "over": [card for card in cards if card.is_over],
            "focus": focus.name if focus else "",
            "details": details,
            "map": Markup(draw_map(details.shares, language) if details else ""),
            "rate": Markup(draw_rate(focus, state.at, language) if focus else ""),
            "state": state,
            "at": moment(state.at, state.at.date(), seconds=True),
            "href": self._hrefs(view.language),
        }
        return {name: self._render(f"{name}.html.j2", language, values) for name in PARTS}

    def page(self, state: WallState | None, view: View) -> str:
        """Return the whole page; one that asks for patience where nothing could be read yet."""
        parts = {name: Markup(text) for name, text in self.parts(state, view).items()} if state else None
        values = {
            "parts": parts,
            "is_drill": state is not None and is_drill(state),
            "events": self._hrefs(view.language)(view.run, "/events"),
            "href": self._hrefs(view.language),
            "other": self._hrefs(_other(view.language))(view.run),
        }
        return self._render("wall.html.j2", view.language, values)

    def event(self, state: WallState, view: View, sent: dict[str, str]) -> bytes:
        """Return a server-sent event with the parts that a viewer has not got yet.

        Args:
            state: What is known.
            view: What they look at.
            sent: What they have got, by name; filled in here.
        """
        parts = self.parts(state, view)
        changed = {name: text for name, text in parts.items() if sent.get(name) is not text}
        sent.update(changed)
        key = (view, state.number, tuple(changed))
        if key not in self._events:
            data = {"parts": changed, "old": is_old(state), "drill": is_drill(state)}
            self._events[key] = f"id: {state.number}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
        return self._events[key]

    def list_of(self, runs: list[Listed], number: int, language: Language) -> str:
        """Return one page of the list of all runs.

        Args:
            runs: All of them, the latest first.
            number: Which page, from 1.
            language: In which.
        """
        shown = runs[(number - 1) * ROWS : number * ROWS]
        now = instant(max((one.at_s() for one in shown), default=0.0))
        rows = [(one.name, _state_of(one), _changed(one, now)) for one in shown]
        more = self._hrefs(language)("", "/runs", number + 1) if len(runs) > number * ROWS else ""
        return self._render("runs.html.j2", language, {"rows": rows, "more": more, "href": self._hrefs(language)})

    def login(self, language: Language, said: str = "", *, is_plain: bool) -> str:
        """Return the page that asks for the password.

        Args:
            language: In which.
            said: What went wrong with the last one.
            is_plain: Whether the connection is not encrypted.
        """
        return self._render("login.html.j2", language, {"said": said, "is_plain": is_plain})

    def _render(self, template: str, language: Language, values: Mapping[str, object]) -> str:
        say = saying_in(language)
        return _environment().get_template(template).render(
            values, say=say, words=WORDS, language=language.value, name=self._name
        )  # fmt: skip

    def _hrefs(self, language: Language) -> Callable[..., str]:
        """Return what makes addresses of pages in a language."""
        from urllib.parse import urlencode

        def href(run: str = "", path: str = "/", page: int = 1) -> str:
            asked = {"run": run, "lang": language.value if language is not self._own else "", "page": page if page > 1 else ""}
            query = urlencode({name: value for name, value in asked.items() if value})
            return f"{path}?{query}" if query else path

        return href


def focus_of(state: WallState, name: str) -> SeenRun | None:
    """Return the run that is shown below the cards: the one that is asked for, else being sent, else the latest."""
    by_name = {run.name: run for run in state.runs}
    sending = (run for run in state.runs if run.sight and run.sight.status.state is RunState.SENDING)
    return by_name.get(name) or next(sending, None) or next(iter(state.runs), None)


def is_old(state: WallState) -> bool:
    """Whether what is known of a run that is being sent is no longer so."""
    return any(card_of(run, state.at).aged for run in state.runs)


def is_drill(state: WallState) -> bool:
    """Whether nothing that is shown is the real thing."""
    sights = [run.sight for run in state.runs if run.sight]
    return bool(sights) and all(map(mark_of, sights))


def _same(before: str | None, now: str) -> str:
    return before if before == now and before is not None else now


def _other(language: Language) -> Language:
    return Language.EN if language is Language.VI else Language.VI


def _state_of(one: Listed) -> str:
    return one.trouble or (STATES[one.state] if one.state else WORDS["unread"])


def _changed(one: Listed, now: datetime) -> str:
    return moment(instant(one.at_s()), now.date()) if one.stamp else ""
