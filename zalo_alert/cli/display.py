"""All that a person or a script sees: facts on stdout, talk on stderr, JSON Lines when asked.

Owns colours, tables, bars and silence. The core never prints; it reports to an observer, and this file draws.
"""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from zalo_alert.cli.given import Given
from zalo_alert.errors import ErrorCause, Problem
from zalo_alert.foundation.clock import VIETNAM, in_vietnam
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import Joined, Language, Sentence, _, catalogue_of, count, joined, said_in
from zalo_alert.operations.commands import spoken

if TYPE_CHECKING:
    from zalo_alert.operations.command_log import CommandLog
    from zalo_alert.operations.requests import Told

_STYLES = {Level.PLAIN: "", Level.STRONG: "bold", Level.WARNING: "yellow", Level.FAULT: "red", Level.ALARM: "bold red"}
_BETWEEN_DIGITS = str.maketrans("", "", "\u202f .,")
# Rich would break a line at the gap between thousands, and within a command that is to be copied: there stand other signs until
# the line is drawn.
_GAP, _HELD_GAP, _HELD_BLANK = "\u202f", "\ue000", "\ue001"
_DRAWN = str.maketrans({_HELD_GAP: _GAP, _HELD_BLANK: " "})
_QUOTED = re.compile("`[^`]+`")
# What the journal of systemd takes for how urgent a line is, as syslog counts: error, warning, notice, information.
_PRIORITIES = {"red": 3, "bold red": 3, "yellow": 4, "bold": 5}
_LEVELS = {style: level for level, style in _STYLES.items()}
_CALM = frozenset({"", "bold", "dim", "green"})  # styles of what is said when all is well
LINE_EVERY_S = 10.0  # where no bar can be drawn
FORMAT = 1  # of the JSON lines; rises when a field is taken away or means something else, not when one is added

# Fields of JSON lines that hold sentences: beside each stands its key, None where the text is another's, such as Zalo's.
SENTENCES = frozenset({"message", "hint", "why", "cure", "detail", "fix"})
OPEN = frozenset(
    {"data", "environ", "facts", "reasons", "sources", "refused"}
)  # objects whose keys are a template's, a file's, Zalo's
SENTENCE_LISTS = frozenset({"warnings", "drift", "problems", "objections", "lines", "beyond"})

# What a terminal obeys, or what lets a text look otherwise than it is: controls but for tab and line feed, signs that turn the
# direction of writing, and unseen ones.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")  # orjson escapes the others


def plain(text: str) -> str:
    """Return a text in which nothing commands a terminal: each such sign shows as a mark."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_mark, text)


def _mark(sign: re.Match[str]) -> str:
    return chr(0x2400 + ord(sign[0])) if ord(sign[0]) < 0x20 else "\ufffd"  # ESC is seen as ␛


def _hold(text: str, width: int) -> str:
    """Put signs at which no line is broken for the blanks that must stay: those of a command, unless it is wider than a line."""

    def held(command: re.Match[str]) -> str:
        return command[0].replace(" ", _HELD_BLANK) if len(command[0]) <= width else command[0]

    return _QUOTED.sub(held, text).replace(_GAP, _HELD_GAP)


def _fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fact's fields with the steps of every sentence said; what scripts go by, its key, stands beside each."""
    told: dict[str, Any] = {}
    for name, value in fields.items():
        told[name] = value if name in OPEN else _value(value)
        if name in SENTENCES:
            told[f"{name}_key"] = _key(value)
        elif name in SENTENCE_LISTS:
            told[f"{name}_keys"] = [_key(item) for item in value]
    return told


def _key(text: Any) -> str | None:
    """Return what scripts go by: a sentence's key, of several joined the first one's."""
    match text:
        case Sentence():
            return text.key
        case Joined():
            return next(filter(None, map(_key, text.parts)), None)
    return None


def _value(value: Any) -> Any:
    match value:
        case str():
            return spoken(value)
        case list() | tuple():
            return [_value(item) for item in value]
        case dict():
            return _fields(value)
        case datetime():
            return in_vietnam(value).isoformat()
    return value


class _PlainConsole(Console):
    """Draws what it is given without what a terminal would obey in it: the one place that every print, table and panel passes."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render an object as segments; see `rich.console.Console.render`."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text).translate(_DRAWN), segment.style)


class Display:
    """Chosen once per process: `--json` gives machines JSON Lines, everyone else gets words.

    Args:
        json: None looks for `--json` among the process's arguments, so that even a usage error ends in a JSON line.
    """

    def __init__(self, *, json: bool | None = None) -> None:
        self.json = "--json" in sys.argv[1:] if json is None else json
        self.out = _PlainConsole(soft_wrap=True, highlight=False)
        self.err = _PlainConsole(stderr=True, soft_wrap=True, highlight=False)
        self.catalogue = catalogue_of(Language.EN)  # of people; a machine is always told in English
        self.quiet = False  # no talk but warnings and worse
        self.given = Given([], quiet=False, verbose=False, log_file="")
        self.record: CommandLog | None = None  # the log of this command
        self.is_journal = _is_journal()  # systemd reads stderr: it has times of its own, and wants to know how urgent a line is
        self._last_error, self._last_hint = "", ""
        self._cause: ErrorCause | None = None

    def obey(self, given: Given) -> None:
        """Heed what may stand anywhere in a command line."""
        self.quiet = given.quiet and not self.json
        self.given = given

    def keep(self, kind: str, text: str, level: Level = Level.PLAIN, **facts: Any) -> None:
        """Write something into the log of this command alone, where there is one."""
        if self.record:
            self.record.write(kind, text, level, **facts)

    @property
    def live(self) -> bool:
        """Whether a moving picture makes sense: a terminal, and no machine listening, and nobody who wants silence."""
        return self.err.is_terminal and not self.json and not self.quiet

    def text(self, phrase: object, console: Console | None = None) -> str:
        """Return what a person reads: in their language, its steps as commands of this shell.

        Args:
            phrase: What to say.
            console: Where; what is no terminal gets plain digits. None is a terminal, or what is made of the text elsewhere.
        """
        is_plain = console is not None and not console.is_terminal
        return spoken(said_in(phrase, self.catalogue.with_plain_digits() if is_plain else self.catalogue))

    def drawn(self, phrase: object, *, style: str = "") -> Text:
        """Return what a person reads as a part of a picture: broken between words, never cut."""
        return Text(_hold(self.text(phrase), self.err.width), style=style, no_wrap=False, overflow="fold")

    def fact(self, type_: str, **fields: Any) -> None:
        """Write one JSON line on stdout, only under `--json`."""
        if self.json:
            sys.stdout.buffer.write(_json(_line(type_, fields)))
            sys.stdout.buffer.flush()

    def say(self, text: str, *, style: str = "") -> None:
        """Tell a person something on stderr; a machine is spared it."""
        self.keep("said", text, _LEVELS.get(style, Level.PLAIN))
        if not self.json and not (self.quiet and style in _CALM):
            self._print(self.err, escape(self.text(text, self.err)), style)

    def request(self, told: "Told") -> None:
        """Tell of a request, or of several alike, whoever asked for it with `--verbose`."""
        mean_ms, longest_ms = round(1000 * told.mean_s, 1), round(1000 * told.longest_s, 1)
        fields: dict[str, Any] = {
            "call": told.call,
            "answer": told.answer,
            "times": told.times,
            "mean_ms": mean_ms,
            "longest_ms": longest_ms,
        }
        self.fact("request", **fields)
        self.keep("request", str(told), **fields)
        if not self.json and not self.quiet:
            self._print(self.err, escape(self.text(told, self.err)), "dim", priority=7)

    def tell(self, text: str, *, style: str = "") -> None:
        """Tell a person a fact on stdout, in words that hold no markup; a machine is spared it."""
        self.keep("told", text, _LEVELS.get(style, Level.PLAIN))
        if not self.json:
            self._print(self.out, escape(self.text(text, self.out)), style)

    def notice(self, notice: Notice) -> None:
        """Tell a notice: its fact to a machine, its sentence to a person."""
        if notice.kind:
            self.fact(notice.kind, **notice.fields)
        if notice.sentence:
            self.say(notice.sentence, style=_STYLES[notice.level])

    def notices(self, notices: Iterable[Notice]) -> None:
        """Tell several notices."""
        for notice in notices:
            self.notice(notice)

    def data(self, pieces: Iterable[str]) -> None:
        """Write text to stdout piece by piece: as it is for another program, without what a terminal would obey for a person."""
        for piece in pieces:
            sys.stdout.buffer.write((plain(piece) if self.out.is_terminal else piece).encode())
        sys.stdout.buffer.flush()

    def show(self, renderable: Any) -> None:
        """Print data on stdout for a person; under `--json` the facts say it instead. A text may hold markup."""
        if self.json:
            return
        if isinstance(renderable, str):
            self._print(self.out, self.text(renderable, self.out))
        else:
            self.out.print(renderable, soft_wrap=False)

    def draw(self, renderable: RenderableType) -> None:
        """Draw something for whoever sits there, on stderr: stdout may be on its way into a file."""
        if not self.json:
            self.err.print(renderable)

    def done(self, text: str) -> None:
        """Print on stdout what came of a command that was to do something; with `--quiet` its exit code says it."""
        if not self.quiet:
            self.tell(text)

    def table(
        self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, total: Sequence[Any] = (), whole: int = 0
    ) -> None:
        """Print a table on stdout: numbers right-aligned with a space every three digits; plain rows where no terminal is.

        Args:
            title: A line above it.
            columns: Their names.
            rows: Cells in the order of the columns.
            total: A last row.
            whole: How many columns on the left are never broken: names that are typed again. Where the words of the other columns
                have no room beside them, each row is a name with lines under it.
        """
        if self.json:
            return
        if not self.out.is_terminal:
            self._rows(columns, rows)
            return
        body = [[self._cell(value) for value in row] for row in rows]
        names = [self.text(name) for name in columns]
        widths = _least_widths(names, body, whole)
        room = self.out.width - sum(widths) - 2 * len(widths)  # Rich counts the gap behind the last column too
        fits = room >= 0
        if whole and not fits:
            self._records(columns, body)
            return
        if title:  # as a line of its own: Rich breaks a table's title in the middle of a word
            self.tell(title, style="italic")
        if fits:
            widths = _widened(widths, [names, *body, [self._cell(value) for value in total] or names], room)
        table = Table(show_footer=bool(total), box=None, pad_edge=False)
        for i, name in enumerate(columns):
            numeric = bool(body) and all(_is_number(row[i]) for row in body)
            footer = self._cell(total[i]) if total else ""
            table.add_column(
                self.text(name),
                justify="right" if numeric else "left",
                footer=footer,
                overflow="fold",
                no_wrap=numeric or i < whole,
                width=widths[i] if fits else None,  # else Rich would fold a word to keep another column on one line
            )
        for row in body:
            table.add_row(*row)
        self.out.print(table)

    def _records(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print each row of cells as its first, and the others under it with their names."""
        for first, *others in rows:
            self._print(self.out, first, "bold")
            cells = zip(columns[1:], others, strict=True)
            named = (joined((escape(self.text(name)), value), " ") for name, value in cells if value)
            self._print(self.out, joined(named, " · "))

    def _rows(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table for another program: a header and a line for each row, cells apart by tabs, nothing folded or padded."""
        lines = ("\t".join(" ".join(self.text(cell, self.out).split()) for cell in row) for row in (columns, *rows))
        self.data(f"{plain(line)}\n" for line in lines)

    def ask(self, question: str) -> str:
        """Ask a person for a line; a machine is asked nothing, and its line is read all the same.

        Raises:
            typer.Abort: There is none.
        """
        self.keep("asked", question)
        if not self.json:
            return self._ask_person(question)
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        return line.strip()

    def _ask_person(self, question: str) -> str:
        try:
            if sys.stdout.isatty():
                return str(typer.prompt(self.text(question), err=True, default="", show_default=False))
            return self._ask_beside_data(question)
        except typer.Abort:
            self.err.print()  # the cursor stands behind the question
            raise

    def _ask_beside_data(self, question: str) -> str:
        """Ask on stderr alone: what asks for a line elsewhere writes a blank on stdout, which may be on its way into a file."""
        try:
            self.err.print(escape(f"{self.text(question)}: "), end="")
            line = sys.stdin.readline()
        except KeyboardInterrupt as exc:
            raise typer.Abort from exc  # as the other way of asking does
        if not line:
            raise typer.Abort
        return line.strip()

    def problems(self, problems: Iterable[Problem]) -> None:
        """List the faults of a file, one a line, on stderr (facts on stdout under `--json`)."""
        for p in problems:
            self.fact("problem", file=p.file, line=p.line, column=p.column, field=p.field, message=p.message)
            self.say(joined(filter(None, (p.place, p.field, p.message)), "  "))

    def error(self, message: str, *, hint: str = "", cause: ErrorCause = ErrorCause.BUG) -> None:
        """Say what is wrong and what to do; why, in a word, is for machines."""
        self._last_error, self._last_hint, self._cause = message, hint, cause
        self.keep("error", message, Level.FAULT, cure=hint, cause=cause.value)
        if not self.json:
            self._print(self.err, f"[bold red]{self.text(_('error:'))}[/] {escape(self.text(message, self.err))}", priority=3)
            if hint:
                self._print(self.err, f"  [dim]→[/] {escape(self.text(hint, self.err))}", priority=3)

    def conclude(self, message: str, *, hint: str = "", cause: ErrorCause | None = None) -> None:
        """Say how what was asked for ended where nothing is wrong with it; as an error, it ends the JSON of a machine too.

        Where it has a cause, such as a stop that somebody asked for, a person hears it though they want silence.
        """
        self._last_error, self._last_hint, self._cause = message, hint, cause
        self.keep("said", message, Level.STRONG, cure=hint)
        if not self.json and (cause or not self.quiet):
            self._print(self.err, escape(self.text(message, self.err)), "bold")
            if hint:
                self._print(self.err, f"  [dim]→[/] {escape(self.text(hint, self.err))}")

    def close(self, code: int) -> None:
        """Under `--json`, end stderr with the exit code and why."""
        self.keep("end", _("ended with {code}", code=int(code)), Level.FAULT if code else Level.PLAIN, exit_code=int(code))
        if self.json:
            cause = self._cause or (ErrorCause.BUG if code else None)  # whatever else ends a command says its cause
            fields = {"code": int(code), "cause": cause, "message": self._last_error, "hint": self._last_hint}
            line = _line("exit", fields)
            sys.stderr.buffer.write(_json(line))
            sys.stderr.buffer.flush()

    @contextmanager
    def status(self, what: str) -> Iterator[None]:
        """Show that something of unknown length is under way, on a terminal only."""
        if not self.live:
            yield
            return
        with self.err.status(escape(self.text(what))):
            yield

    @contextmanager
    def steps(self) -> Iterator[StepReporter]:
        """Show how far each of some long steps is, and how long it will take: a bar on a terminal, elsewhere a line now and then.

        Call what is yielded with the step, how much of it is done, and of how much (None while nobody knows).
        """
        from rich import progress as bars  # takes 10 ms to load, and few commands need it

        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TaskProgressColumn(),
            bars.TimeRemainingColumn(),
        )
        with bars.Progress(*columns, console=self.err, transient=True, disable=not self.live) as progress:
            tasks: dict[str, bars.TaskID] = {}
            line_at_s = time.monotonic()

            def report_step(what: str, done: int, whole: int | None) -> None:
                nonlocal line_at_s
                if what not in tasks:
                    tasks[what] = progress.add_task(escape(self.text(what)))
                progress.update(tasks[what], completed=done, total=whole)
                if not self.live and time.monotonic() - line_at_s >= LINE_EVERY_S:
                    line_at_s = time.monotonic()
                    of = _("{what}: {done} of about {whole}", what=what, done=count(done), whole=count(whole or 0))
                    self.say(of if whole else _("{what}: {done}", what=what, done=count(done)))

            yield report_step

    def _print(self, console: Console, markup: str, style: str = "", *, priority: int = 0) -> None:
        # A terminal breaks lines anywhere, and what reads a pipe wants none broken.
        if self.is_journal and console is self.err:
            mark = f"<{priority or _PRIORITIES.get(style, 6)}>"
            markup = mark + markup.replace("\n", f"\n{mark}")
        console.print(_hold(markup, console.width), style=style or None, soft_wrap=not console.is_terminal)

    def _cell(self, value: Any) -> str:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return escape(self.text(count(value) if is_number else value))


def _is_journal() -> bool:
    """Whether what is written on stderr goes to the journal of systemd. Source: systemd.exec(5), $JOURNAL_STREAM."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, AttributeError, ValueError):  # the process was started without one
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


display = Display()


def _least_widths(columns: Sequence[str], body: Sequence[Sequence[str]], whole: int) -> list[int]:
    """Return for each column the width below which a table would break in the middle of its words."""
    cells = [[row[i] for row in body] for i in range(len(columns))]
    widths = []
    for i, (name, cells_here) in enumerate(zip(columns, cells, strict=True)):
        is_whole = i < whole or all(_is_number(cell) for cell in cells_here)
        widths.append(
            max(cell_len(word) for cell in (name, *cells_here) for word in ([cell] if is_whole else cell.split() or [""]))
        )
    return widths


def _widened(widths: Sequence[int], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return widths with the room shared out, a cell to each column at a time, among those that would fill more."""
    wide = list(widths)
    lacking = [max(cell_len(row[i]) for row in rows) - width for i, width in enumerate(widths)]
    while room and any(lack > 0 for lack in lacking):
        for i in sorted(range(len(wide)), key=lambda i: -lacking[i]):
            if room and lacking[i] > 0:
                wide[i], lacking[i], room = wide[i] + 1, lacking[i] - 1, room - 1
    return wide


def _is_number(cell: str) -> bool:
    return cell.translate(_BETWEEN_DIGITS).rstrip("%").isdigit()


def _plain_text(value: Any) -> str:
    if isinstance(value, str | Path):  # a phrase, which orjson takes for no text of its own
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _line(type_: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.now(VIETNAM).isoformat(timespec="milliseconds")
    return {"type": type_, "format": FORMAT, "at": at, **_fields(fields)}


def _json(line: Mapping[str, Any]) -> bytes:
    written = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE, default=_plain_text)
    if written.isascii():
        return written
    return _UNSAFE_IN_JSON.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written.decode()).encode()
