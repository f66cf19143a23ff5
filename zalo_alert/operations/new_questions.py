"""What a new message still lacks: which questions are asked, in which order, and what their answers mean.

Owns the interview; knows neither a terminal nor the file that comes of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert.errors import UsageError
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import Catalogue, Language, Phrase, _, joined
from zalo_alert.library.compose import Place
from zalo_alert.library.hazard_names import word_key
from zalo_alert.library.load import Library
from zalo_alert.library.template import MOST_ASKED, Kind, Question, Stage, Template, instant_of
from zalo_alert.library.typed_answer import read_answer, say_value
from zalo_alert.library.typed_places import read_places
from zalo_alert.models import FieldValue

AREAS, STAGE = "areas", "stage"  # questions that every message has; all others are a field's
FOLLOWED = "thay_cho"  # the field that names the message whose place is taken: what that said need not be asked
STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.WATCH: ("theo dõi", "watch"),
    Stage.WARNING: ("cảnh báo", "warning"),
    Stage.EVACUATE: ("sơ tán", "evacuate"),
    Stage.UPDATE: ("cập nhật", "update"),
    Stage.ALL_CLEAR: ("hết cảnh báo", "all-clear"),
}


class InTwo(Phrase):
    """A text that was written in both languages: a template's question."""

    __slots__ = ("vietnamese",)
    vietnamese: str

    def __new__(cls, english: str, vietnamese: str) -> "InTwo":
        """Keep both."""
        self = super().__new__(cls, english)
        self.vietnamese = vietnamese
        return self

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        return self.vietnamese if catalogue.language is Language.VI else str.__str__(self)

    def packed(self) -> object:
        """See `Phrase`."""
        return str.__str__(self)


class Ask(NamedTuple):
    """One question to a person.

    Args:
        name: What it fills: `areas`, `stage`, or a field of the template.
        text: The question.
        default: What Enter means, as it is shown; "" where somebody must answer.
        choices: What may be answered, where that is a choice.
        example: An answer.
    """

    name: str
    text: str
    default: str
    choices: tuple[str, ...]
    example: str

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What would have answered it on the command line: options and their values."""
        match self.name:
            case "areas":
                return (("areas", "new:46"),)
            case "stage":
                stage, _blank, level = str.__str__(self.example).rpartition(" ")
                return (("stage", stage), ("level", level)) if stage else (("level", level),)
        return (("set", f'{self.name}="{self.example}"'),)


@dataclass(slots=True)
class Interview:
    """A new message while it is being asked for.

    Args:
        library: Where its template comes from.
        hazard: Its code.
        is_drill: Whether the text of a drill is wanted.
        begins: The message's own hour, from which defaults count.
        now: When it is asked.
        areas: Whom it is for, as far as that is known.
        stage: None until somebody says it.
        level: The same.
        values: Fields that have been filled, by name.
        known: What is known of a field without asking, by its name; None where nothing is.
        follow: Hears the code of the message whose place is taken, once that is answered.
    """

    library: Library
    hazard: str
    is_drill: bool
    begins: datetime
    now: datetime
    known: Callable[[str], FieldValue | None]
    follow: Callable[[str], None]
    areas: Sequence[Place] = ()
    stage: Stage | None = None
    level: int | None = None
    values: dict[str, FieldValue] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    _found: Template | None = None  # making one takes ten milliseconds, and every question looks at it

    @property
    def template(self) -> Template:
        """The template that is meant; until the stage and level are known, the one that is likeliest."""
        stage = self.stage or self._likely_stage()
        levels = self.library.levels(self.hazard, stage)
        level = self.level if self.level is not None or not levels else levels[-1]
        if self._found is None or (self._found.stage, self._found.level) != (stage, level):
            self._found = self.library.find(self.hazard, stage, level, is_drill=self.is_drill)
        return self._found

    def missing(self) -> list[Ask]:
        """Return the questions that only a person can answer."""
        return [ask for ask in self._open() if not ask.default]

    def next(self) -> Ask | None:
        """Return what to ask next: first what only a person can answer, then what has a default, at most six in all."""
        waiting = [ask for ask in self._open() if ask.name not in self.asked]
        needed = {ask.name for ask in waiting if not ask.default or ask.name in (STAGE, FOLLOWED)}
        left = MOST_ASKED - len(self.asked) - len(needed)
        return next((ask for ask in waiting if ask.name in needed or left > 0), None)

    def take(self, ask: Ask, typed: str) -> str:
        """Take an answer; return how it was understood.

        Args:
            ask: The question.
            typed: What came; "" takes the default.

        Raises:
            UsageError: It is no answer to it.
            PlaceUnknown: It names no place, or several.
        """
        typed = typed.strip()
        if not typed and not ask.default:
            raise UsageError(_("an answer is needed here, such as {example}", example=ask.example))
        match ask.name:
            case "areas":
                understood = self._take_areas(typed)
            case "stage":
                understood = self._take_stage(typed or ask.default)
            case name:
                understood = self._take_field(name, typed)
        self.asked.add(ask.name)
        return understood

    def set(self, name: str, typed: str) -> None:
        """Fill a field as the command line names it.

        Raises:
            UsageError: The template has no such field, or the value is none of its kind.
        """
        questions = {question.name: question for question in self.template.questions}
        if name not in questions:
            wrong = _('the template {template} has no field "{name}"', template=self.template.name, name=name[:40])
            raise UsageError(
                joined((wrong, suggestion(name, questions)), ""), hint=_("its fields are {fields}", fields=", ".join(questions))
            )
        try:
            self.values[name] = read_answer(questions[name], typed, self.now)
        except UsageError as exc:
            raise UsageError(joined((name, exc.message), ": "), hint=exc.hint) from exc

    def fields(self) -> dict[str, FieldValue]:
        """Return the values of all fields, those nobody was asked for by their defaults."""
        chosen = {question.name: self._value(question) for question in self.template.questions}
        return {name: value for name, value in chosen.items() if value is not None}

    def _open(self) -> list[Ask]:
        """Return the open questions, those first whose answers decide what else is asked."""
        questions = [question for question in self.template.questions if question.name not in self.values]
        questions.sort(key=lambda question: self.known(question.name) is not None)  # what the office always says comes last
        fields = [self._ask_field(question) for question in questions]
        followed = [ask for ask in fields if ask.name == FOLLOWED]
        stage = [self._ask_stage()] if self._needs_stage() else []
        areas = [] if self.areas else [self._ask_areas()]
        return [*stage, *followed, *areas, *(ask for ask in fields if ask.name != FOLLOWED)]

    def _needs_stage(self) -> bool:
        return self.stage is None or (self.level is None and len(self.library.levels(self.hazard, self.stage)) > 1)

    def _likely_stage(self) -> Stage:
        stages = self.library.stages(self.hazard)
        return Stage.WARNING if Stage.WARNING in stages else stages[0]

    def _ask_areas(self) -> Ask:
        text = InTwo("Which places must act by it (codes or names)", "Tin cho những nơi nào (mã hoặc tên)")
        return Ask(AREAS, text, "", (), "new:46, xã Hạnh Phúc, Lào Cai")

    def _ask_stage(self) -> Ask:
        """Ask for the stage and the level at once: who knows the one knows the other."""
        likely = self.stage or self._likely_stage()
        levels = self.library.levels(self.hazard, likely)
        stages = [self.stage] if self.stage else list(self.library.stages(self.hazard))
        names = [InTwo(STAGES[stage][1], STAGES[stage][0]) for stage in stages]
        if not levels:
            return Ask(STAGE, _("Stage: {stages}", stages=joined(names, ", ")), likely.value, (), likely.value)
        span = f"{levels[0]}–{levels[-1]}" if len(levels) > 1 else str(levels[0])
        text = (
            _("Risk level, {levels}", levels=span)
            if self.stage
            else _("Stage ({stages}) and risk level, {levels}", stages=joined(names, ", "), levels=span)
        )
        level = self.level if self.level is not None else levels[0] if len(levels) == 1 else ""
        default = f"{likely.value} {level}" if level else ""
        vietnamese, english = STAGES[likely]
        highest = levels[-1]
        example = str(highest) if self.stage else InTwo(f"{english} {highest}", f"{vietnamese} {highest}")
        return Ask(STAGE, text, default, (), example)

    def _ask_field(self, question: Question) -> Ask:
        default = self._default(question)
        shown = "" if default is None else say_value(default)
        return Ask(question.name, InTwo(question.asks_en, question.asks), shown, question.choices, self._example(question))

    def _example(self, question: Question) -> str:
        """Return an answer that would do now: a template's own example of an instant has passed long ago."""
        if question.kind is not Kind.INSTANT:
            return question.example
        tomorrow = self.now + timedelta(days=1)
        return f"{question.example[-len('20:00') :]} {tomorrow.day}/{tomorrow.month}"

    def _take_areas(self, typed: str) -> str:
        places = read_places([typed])
        if not places:
            raise UsageError(_("an answer is needed here, such as {example}", example="new:46"))
        self.areas = places
        return "; ".join(f"{place.selector} {place.name}" for place in places)

    def _take_stage(self, typed: str) -> str:
        digits = "".join(char for char in typed if char in "0123456789")
        words = word_key(typed.translate({ord(digit): " " for digit in "0123456789/"}).replace("cấp", " ").replace("cap", " "))
        stage = self.stage or (stage_named(words, self.library.stages(self.hazard)) if words else self._likely_stage())
        levels = self.library.levels(self.hazard, stage)
        level = int(digits[:2]) if digits else levels[0] if len(levels) == 1 else None
        self.library.find(self.hazard, stage, level, is_drill=self.is_drill)
        self.stage, self.level = stage, level
        return self.template.name

    def _take_field(self, name: str, typed: str) -> str:
        question = next(question for question in self.template.questions if question.name == name)
        value = read_answer(question, typed, self.now) if typed else self._default(question)
        if value is None:
            raise UsageError(_("an answer is needed here, such as {example}", example=question.example))
        self.values[name] = value
        if name == FOLLOWED:
            self.follow(str(value))
        return say_value(value)

    def _value(self, question: Question) -> FieldValue | None:
        return self.values[question.name] if question.name in self.values else self._default(question)

    def _default(self, question: Question) -> FieldValue | None:
        """Return what is taken where nobody answers: what the office itself wrote last, else the template's own."""
        if (own := self.known(question.name)) is not None and isinstance(own, datetime) is (question.kind is Kind.INSTANT):
            return own
        if not question.default:
            return None
        if question.kind is Kind.INSTANT:
            onset = self.values.get(self.template.onset)
            return instant_of(question.default, self.begins, onset if isinstance(onset, datetime) else None)
        return read_answer(question, question.default, self.now)


def stage_named(typed: str, stages: Sequence[Stage]) -> Stage:
    """Return the stage of a name, Vietnamese or English: `sơ tán`, `evacuate`.

    Args:
        typed: The name.
        stages: Those that there are.

    Raises:
        UsageError: It is none of them; says which there are.
    """
    names = {word_key(name): stage for stage in stages for name in (*STAGES[stage], stage.value)}
    if (words := word_key(typed)) in names:
        return names[words]
    wrong = _('"{typed}" is not a stage here', typed=typed[:40])
    raise UsageError(joined((wrong, suggestion(words, names)), ""), hint=_("there are {stages}", stages=", ".join(stages)))
