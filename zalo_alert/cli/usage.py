"""What the library that reads the command line says, as sentences of ours, so that it can be said in another language.

The library asks gettext for some of its texts, in our catalogue (see `main.speak`); the others are English wherever it runs, and
are known again here by their wording. A text that is not here stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from functools import cache
from typing import Any

import typer

from zalo_alert.cli.display import display
from zalo_alert.language import _

# Asked of gettext by the library itself, some when it is loaded: they only have to be in the catalogue.
ASKED = (
    _("Arguments"), _("Options"), _("Commands"), _("Error"), _("Aborted."), _("Aborted!"), _("required"), _("[required]"),
    _("(dynamic)"), _("(deprecated) "), _("default: {default}"), _("[default: {}]"), _("env var: {var}"), _("[env var: {}]"),
    _("Try [blue]'{command_path} {help_option}'[/] for help."),
)  # fmt: skip

# Written by the library as they are; the first that fits is meant. What stands in `why` and `what` may be one of them, too.
WRITTEN = (
    _("No such command {name}. Did you mean {names}?"),
    _("No such command {name}."),
    _("Missing command."),
    _("No such option: {option} (Possible options: {options})"),
    _("No such option: {option}"),
    _("Missing argument {name}."),
    _("Missing option {name}."),
    _("Option {option} requires an argument."),
    _("Option {option} requires {count} arguments."),
    _("Option {option} does not take a value."),
    _("Argument {name} takes {count} values."),
    _("Got unexpected extra argument(s) ({words})"),
    _("Invalid value for {name} (env var: {variable}): {why}"),
    _("Invalid value for {name}: {why}"),
    _("Invalid value: {why}"),
    _("Value error, {why}"),
    _("{value} is not one of {values}."),
    _("Value {value} is not a valid {kind}."),
    _("Input should be a valid integer, unable to parse string as an integer"),
    _("Unable to parse input string as an integer, exceeded maximum size"),
    _("Input should be a valid number, unable to parse string as a number"),
    _("Input should be a finite number"),
    _("Input should be a valid boolean, unable to interpret input"),
    _("Input should be greater than or equal to {least}"),
    _("Input should be less than or equal to {most}"),
    _("{what} {path} does not exist."),
    _("{what} {path} is a file."),
    _("{what} {path} is a directory."),
    _("{what} {path} is not readable."),
    _("{what} {path} is not writable."),
    _("file"),
    _("dir"),
    _("path"),
)
HELP = (
    _("Show this message and exit."),
    _("Install completion for the current shell."),
    _("Show completion for the current shell, to copy it or customize the installation."),
    _("Install completion for the specified shell."),
    _("Show completion for the specified shell, to copy it or customize the installation."),
    _("[OPTIONS]"),
    _("COMMAND [ARGS]..."),
)
_USAGE = _("Usage: ")
_FIELD = re.compile(r"\\\{(\w+)\\\}")
_MAY_BE_SENTENCES = {"why", "what"}


class Misuse(typer.BadParameter):
    """A mistake in the command line, in the reader's language; the library draws it as its own."""

    def format_message(self) -> str:
        """Return the whole sentence."""
        return self.message


class Context(typer.Context):
    """A command being read, whose usage line and `--help` are in the reader's language."""

    def __init__(self, command: Any, *args: Any, **settings: Any) -> None:
        super().__init__(command, *args, **settings)
        if option := command.get_help_option(self):  # the library makes it late, and keeps it
            option.help = display.catalogue.text(option.help)

    def make_formatter(self) -> Any:
        """Return what writes the usage line."""
        formatter: Any = super().make_formatter()
        write = formatter.write_usage
        formatter.write_usage = lambda program, words="", prefix=None: write(program, words, prefix or display.text(_USAGE))
        return formatter


def sentence_of(text: str) -> str:
    """Return the sentence that a text of the library is; the text itself where it is none that we know."""
    for pattern, message in _patterns():
        if found := pattern.fullmatch(text):
            fields = {
                name: sentence_of(value) if name in _MAY_BE_SENTENCES else value for name, value in found.groupdict().items()
            }
            return _(message, **fields)
    return text


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    return [(re.compile(_FIELD.sub(r"(?P<\1>.+?)", re.escape(message)), re.DOTALL), message) for message in WRITTEN]


def list_everywhere(group: Any, name: str) -> None:
    """List an option of a group in the help of all commands below it, for one that is taken out of the line before they read it.

    Args:
        group: The root.
        name: The option's parameter; the commands' functions don't get it.
    """
    option = copy(next(parameter for parameter in group.params if parameter.name == name))
    option.expose_value = False
    for command in _below(group):
        command.params.append(option)


def _below(command: Any) -> Iterator[Any]:
    for inner in getattr(command, "commands", {}).values():
        yield inner
        yield from _below(inner)


def translate_help(command: Any) -> None:
    """Say the help of a command, of its parameters and of what is below it in the reader's language."""
    catalogue = display.catalogue
    command.context_class = Context
    for name in ("options_metavar", "subcommand_metavar"):
        if written := getattr(command, name, None):
            setattr(command, name, catalogue.text(written))
    for part in (command, *command.params):
        for name in ("help", "show_default", "metavar"):
            if isinstance(written := getattr(part, name, None), str):
                setattr(part, name, catalogue.text(written))
    for below in getattr(command, "commands", {}).values():
        translate_help(below)
