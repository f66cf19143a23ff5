"""Sentences as a page says them: in the reader's language, steps as the commands that they are at the office's own machine."""

from collections.abc import Callable

from markupsafe import Markup, escape

from zalo_alert.errors import Step, with_steps
from zalo_alert.foundation import invisible
from zalo_alert.language import Language, catalogue_of, said_in

_BEGIN, _END = "\ue000", "\ue001"  # of a command, until everything else is escaped; private use, so no text needs them
_UNMARKED = {ord(_BEGIN): None, ord(_END): None}


def saying_in(language: Language) -> Callable[[object], Markup]:
    """Return what says a phrase, or anything else, in a language, as HTML.

    Everything is escaped; a stranger's text loses what nobody sees.
    """
    catalogue = catalogue_of(language)

    def say(phrase: object) -> Markup:
        text = invisible.remove(said_in(phrase, catalogue).translate(_UNMARKED))
        html = escape(with_steps(text, lambda step: f"{_BEGIN}{_command(step)}{_END}"))
        return Markup(str(html).replace(_BEGIN, "<code>").replace(_END, "</code>"))  # what is in it was escaped just above

    return say


def _command(step: Step) -> str:
    options = [_option(name, value) for name, value in step.options]
    if not step.cure:
        return " ".join(options)
    return " ".join(filter(None, ("zalo-alert", step.cure.value, step.subject, *options)))


def _option(name: str, value: str) -> str:
    flag = f"--{name.replace('_', '-')}"
    return f"{flag} {value}" if value else flag
