"""From a file of `kind: lookup` to a look-up, with the table that it asks where there is one; every fault with its place."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zalo_alert.answers.findings import Finding, errors
from zalo_alert.answers.inbound_file import InboundFile
from zalo_alert.answers.lookup_form import LookupForm
from zalo_alert.answers.lookup_set import Check, Guard, Key, LookupSet
from zalo_alert.answers.pattern_cost import MOST_COST, pattern_cost
from zalo_alert.answers.rule_reading import selector_of
from zalo_alert.answers.rule_set import Limits
from zalo_alert.answers.template_check import Scope, check
from zalo_alert.campaign.instants import instant_of
from zalo_alert.errors import Cure, Problem, ZaloAlertError
from zalo_alert.foundation import shape_errors
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.foundation.layout import STATE_DIR
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _
from zalo_alert.models import OnUnknown, Rank
from zalo_alert.tables.facts import CheckKind, fold
from zalo_alert.tables.generations import TableFolder
from zalo_alert.tables.table import About

MOST_WAIT_S = 48 * 3600  # Zalo takes an answer free of charge so long after the question
MOST_PROMPT = 2000  # characters; Zalo's
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RANKS = {6: Rank.RULE, 7: Rank.LOOKUP}


class LookupReading(NamedTuple):
    """A file as read: None where it has a fault, and what was found."""

    file: InboundFile
    lookup: LookupSet | None
    findings: tuple[Finding, ...]


def read_lookup(file: InboundFile, workspace: Path) -> LookupReading:
    """Read a look-up, and compare it with the table that it asks."""
    form, problems = shape_errors.validate(LookupForm, file.document)
    if form is None:
        return LookupReading(file, None, tuple(errors(problems)))
    reader = _Reader(file, form)
    lookup = reader.build()
    about, remarks = _about_table(file, form, workspace / STATE_DIR)
    reader.compare(lookup, about)
    return LookupReading(file, None if reader.problems else lookup, (*errors(reader.problems), *remarks))


def _about_table(file: InboundFile, form: LookupForm, state_dir: Path) -> tuple[About | None, list[Finding]]:
    """Return what the table says of itself; a look-up may stand there before its table does, and that is said."""
    try:
        folder = TableFolder(state_dir, form.table)
        if not folder.current():
            message = _('there is no table "{name}" yet: {build}', name=form.table, build=Cure.TABLES_BUILD(form.table))
            return None, [Finding(file.document.problem(("table",), message), is_error=False)]
        table = folder.open()
    except ZaloAlertError as exc:
        return None, [Finding(file.document.problem(("table",), exc.message), is_error=False)]
    table.close()
    return table.about, []


class _Reader:
    """Builds one look-up, and keeps what is wrong with it."""

    def __init__(self, file: InboundFile, form: LookupForm) -> None:
        self._file, self._form = file, form
        self.problems: list[Problem] = []

    def build(self) -> LookupSet:
        form, ask = self._form, self._form.ask
        limits, guard = self._limits(), self._guard()
        opens_ms, closes_ms = self._instant_ms(form.opens, "opens"), self._instant_ms(form.closes, "closes")
        if closes_ms and closes_ms <= opens_ms:
            self._add(("closes",), _("is before it opens"))
        self._check_facts()
        return LookupSet(
            self._file.name,
            self._file.shown,
            digest_of_json(self._file.document.text),
            selector_of(form.accounts),
            form.table,
            Key(ask.key.name, ask.key.prompt, ask.key.pattern),
            Check(ask.check.name, ask.check.prompt, CheckKind(ask.check.type)),
            tuple(ask.phrases),
            form.found,
            form.missing,
            tuple(ask.excluded),
            self._is_key_first(),
            opens_ms,
            closes_ms,
            form.before_open == "remember",
            limits,
            guard,
            {name: _raised(guard, own.candidates_per_day, own.wrong) for name, own in form.overrides.items()},
        )

    def compare(self, lookup: LookupSet, about: About | None) -> None:
        """Compare it with its table, as far as there is one."""
        names = None
        if about is not None:
            self._compare_facts(lookup, about)
            names = {column.partition(".")[0] for column in about.columns} | {lookup.key.name}
        document = self._file.document
        for fault in check(lookup.found, Scope(found=names, has_found=True)):
            at = document.line_position(("found",), fault.line)
            self.problems.append(document.problem(("found",), fault.message, at))

    def _compare_facts(self, lookup: LookupSet, about: About) -> None:
        sides: Sequence[tuple[str, str, str]] = (("key", lookup.key.name, about.key), ("check", lookup.check.name, about.check))
        for part, name, column in sides:
            if fold(name) != fold(column):
                self._add(("ask", part, "name"), _('the table\'s column is called "{column}"', column=column))
        if lookup.check.kind is not about.check_kind:
            self._add(("ask", "check", "type"), _("the table was built with {kind}", kind=about.check_kind.value))

    def _add(self, path: KeyPath, message: str) -> None:
        self.problems.append(self._file.document.problem(path, message))

    def _check_facts(self) -> None:
        ask = self._form.ask
        if ask.key.name == ask.check.name:
            self._add(("ask", "check", "name"), _("is the name of the number as well: two facts are two"))
        for part, prompt in (("key", ask.key.prompt), ("check", ask.check.prompt)):
            if len(prompt) > MOST_PROMPT:
                self._add(("ask", part, "prompt"), _("is longer than {most} characters", most=MOST_PROMPT))
        try:
            re.compile(ask.key.pattern)
        except (re.error, RecursionError, OverflowError) as exc:
            self._add(("ask", "key", "pattern"), _("is no regular expression: {why}", why=exc))
        else:
            if pattern_cost(ask.key.pattern) > MOST_COST:
                self._add(("ask", "key", "pattern"), _("takes too long on some texts: repeat nothing that is repeated already"))

    def _is_key_first(self) -> bool:
        line, ask = self._form.ask.one_line, self._form.ask
        if not line:
            return True
        places = [line.find(f"{{{name}}}") for name in (ask.key.name, ask.check.name)]
        if -1 in places:
            example = f"{{{ask.key.name}}} {{{ask.check.name}}}"
            self._add(("ask", "one_line"), _("should name both facts, as in {example}", example=example))
        return places[0] <= places[1]

    def _limits(self) -> Limits:
        limits = self._form.limits
        expires_s = self._span_s(limits.expires, "expires")
        return Limits(_RANKS[limits.rank], expires_s, OnUnknown(limits.on_unknown), limits.via_app)

    def _guard(self) -> Guard:
        limits = self._form.limits
        return Guard(limits.candidates_per_day, limits.wrong, self._span_s(limits.pause, "pause") * 1000)

    def _span_s(self, text: str, key: str) -> int:
        span_s = int(text[:-1]) * _UNITS_S[text[-1]]
        if span_s > MOST_WAIT_S:
            self._add(("limits", key), _("is more than 48h"))
        return span_s

    def _instant_ms(self, text: str | None, key: str) -> int:
        try:
            return round(instant_of(text).timestamp() * 1000) if text else 0
        except ValueError as exc:
            self._add((key,), exc.args[0])
            return 0


def _raised(guard: Guard, candidates: int | None, wrong: int | None) -> Guard:
    return guard._replace(candidates=candidates or guard.candidates, wrong=wrong or guard.wrong)
