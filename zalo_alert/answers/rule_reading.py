"""From a file of `kind: answers` to a rule set, with the files beside it; every fault of its shape with its place."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from zalo_alert.answers.findings import Finding, errors
from zalo_alert.answers.hours import HOLIDAYS, Hours, read_holidays, read_week
from zalo_alert.answers.inbound_file import MOST_SIDE_BYTES, InboundFile
from zalo_alert.answers.rule_form import (
    AnswersForm,
    ButtonForm,
    FallbackForm,
    FallbackPartForm,
    FieldForm,
    LimitsForm,
    RuleForm,
    SelectorForm,
)
from zalo_alert.answers.rule_set import (
    Fallback,
    FallbackPart,
    Field,
    Limits,
    Override,
    Rule,
    RuleButton,
    RuleSet,
    Selector,
)
from zalo_alert.answers.variants import Alike
from zalo_alert.errors import Problem
from zalo_alert.foundation import shape_errors
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _
from zalo_alert.models import OnUnknown, Rank

MOST_WAIT_S = 48 * 3600  # Zalo takes an answer free of charge so long after the question
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RANKS = {6: Rank.RULE, 7: Rank.LOOKUP}


class Reading(NamedTuple):
    """A file as read: None where its shape has a fault, and what was found."""

    file: InboundFile
    rule_set: RuleSet | None
    findings: tuple[Finding, ...]


def read_rule_set(file: InboundFile) -> Reading:
    """Read a rule set; its meaning is not looked at yet."""
    form, problems = shape_errors.validate(AnswersForm, file.document)
    if form is None:
        return Reading(file, None, tuple(errors(problems)))
    reader = _Reader(file)
    rule_set = reader.build(form)
    return Reading(file, None if reader.problems else rule_set, tuple(errors(reader.problems)))


class _Reader:
    """Builds one rule set, and keeps what is wrong with it."""

    def __init__(self, file: InboundFile) -> None:
        self._file = file
        self._beside: dict[str, str] = {}
        self.problems: list[Problem] = []

    def build(self, form: AnswersForm) -> RuleSet:
        limits = self._limits(form.limits, ("limits",))
        parts = {
            "rules": tuple(self._rule(rule, limits, ("rules", n)) for n, rule in enumerate(form.rules)),
            "hours": self._hours(form.hours, ("hours",)),
            "overrides": {name: self._override(name, form) for name in form.overrides},
            "fields": {name: self._field(name, field) for name, field in form.fields.items()},
        }
        digest = digest_of_json([self._file.document.text, self._beside])  # after what stands beside was read
        return RuleSet(
            self._file.name,
            self._file.shown,
            digest,
            selector_of(form.accounts),
            fallback=_fallback(form.fallback) if form.fallback else None,
            limits=limits,
            alike=tuple(Alike(name, tuple(others)) for name, others in form.words.items()),
            ignored=tuple(form.ignore),
            **parts,  # type: ignore[arg-type]
        )

    def _add(self, path: KeyPath, message: str) -> None:
        self.problems.append(self._file.document.problem(path, message))

    def _limits(self, form: LimitsForm, path: KeyPath) -> Limits:
        expires_s = self._span_s(form.expires, (*path, "expires"))
        return Limits(_RANKS[form.rank], expires_s, OnUnknown(form.on_unknown), form.via_app)

    def _span_s(self, text: str, path: KeyPath) -> int:
        span_s = int(text[:-1]) * _UNITS_S[text[-1]]
        if span_s > MOST_WAIT_S:
            self._add(path, _("is more than 48h: later than that an answer costs money, and nobody waits for it"))
        return span_s

    def _rule(self, form: RuleForm, base: Limits, path: KeyPath) -> Rule:
        own = Limits(
            _RANKS[form.rank] if form.rank else base.rank,
            self._span_s(form.expires, (*path, "expires")) if form.expires else base.expires_s,
            OnUnknown(form.on_unknown) if form.on_unknown else base.on_unknown,
            base.via_app,
        )
        review_by = self._day(form.review_by, (*path, "review_by"))
        return Rule(
            form.id, tuple(form.phrases), form.text, tuple(form.excluded), _buttons(form.buttons), own, form.takes_negation,
            form.source, review_by, form.title,
        )  # fmt: skip

    def _day(self, text: str | None, path: KeyPath) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._add(path, _('"{text}" is a day that no calendar has', text=text))
            return None

    def _field(self, name: str, form: FieldForm) -> Field:
        path = ("fields", name)
        checked = self._day(form.checked, (*path, "checked"))
        review_by = self._day(form.review_by, (*path, "review_by"))
        return Field(name, form.about, form.value, form.source, checked, review_by)

    def _override(self, name: str, form: AnswersForm) -> Override:
        own = form.overrides[name]
        path = ("overrides", name)
        ids = {rule.id for rule in form.rules}
        for rule in own.texts.keys() - ids:
            self._add((*path, "texts", rule), _('no rule has the id "{rule}"', rule=rule))
        for field in own.fields.keys() - form.fields.keys():
            self._add((*path, "fields", field), _('there is no field "{field}"', field=field))
        return Override(self._hours(own.hours, (*path, "hours")), own.fields, own.texts)

    def _hours(self, written: Mapping[str, str] | None, path: KeyPath) -> Hours | None:
        if written is None:
            return None
        week, faults = read_week(written)
        for fault in faults:
            at = self._file.document.key_position((*path, fault.key))
            self.problems.append(self._file.document.problem((*path, fault.key), fault.message, at))
        if not any(week) and not faults:
            self._add(path, _("names no day on which the office is open"))
        name = written.get(HOLIDAYS)
        return Hours(week, self._holidays(name, (*path, HOLIDAYS)) if name is not None else {})

    def _holidays(self, name: str, path: KeyPath) -> Mapping[date, str]:
        text = self._text_beside(name, path)
        days, faults = read_holidays(text) if text is not None else ({}, [])
        self.problems += [Problem(f"inbound/{name}", line, 1, "", fault) for line, fault in faults]
        return days

    def _text_beside(self, name: str, path: KeyPath) -> str | None:
        if name not in self._beside:
            if (beside := self._file.beside(name)) is None:
                self._add(path, _("should be the name of a file in the same folder, without any folder"))
                return None
            try:
                self._beside[name] = contents(beside, MOST_SIDE_BYTES).decode("utf-8-sig")
            except OSError as exc:
                self._add(path, _("can't read {path}: {why}", path=name, why=reason(exc)))
            except UnicodeDecodeError:
                self._add(path, _("{path} is not UTF-8 text: save it as UTF-8", path=name))
        return self._beside.get(name)


def selector_of(form: SelectorForm) -> Selector:
    """Return whom a file is for; other kinds of files say it alike."""
    levels = [*(form.levels or ()), *([form.level] if form.level else ())]
    return Selector(tuple(form.ids or ()), tuple(form.tags or ()), tuple(levels), tuple(form.areas or ()))


def _buttons(forms: list[ButtonForm]) -> tuple[RuleButton, ...]:
    return tuple(RuleButton(form.title, form.go or "", form.url or "", form.phone or "") for form in forms)


def _fallback(form: FallbackForm) -> Fallback:
    return Fallback(_part(form.in_hours), _part(form.out_of_hours) if form.out_of_hours else None)


def _part(form: FallbackPartForm) -> FallbackPart:
    return FallbackPart(form.text, form.open == "talk", _buttons(form.buttons))
