"""Templates made of a hazard's pieces. Knows nothing of files; what stands round the pieces is data, too."""

import re
from collections.abc import Iterator, Mapping, Sequence

from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.library.form import PeopleForm
from zalo_alert.library.hazard import Hazard, StageOf, fields_in, is_for, piece_of
from zalo_alert.library.template import Kind, Question, Stage, Template
from zalo_alert.models import Certainty, MsgType, Severity, Urgency

_SEVERITIES = {1: "Minor", 2: "Moderate", 3: "Severe", 4: "Extreme", 5: "Extreme"}
_UPDATES = {Stage.UPDATE, Stage.ALL_CLEAR}
_GAPS = re.compile(r"\n{3,}")
_DRILL_LASTS_H = 2.0
UNCHECKED = "(chưa đối chiếu)"  # behind a source with which nobody has compared our words


def build(hazard: Hazard, stage: Stage, level: int | None, *, is_drill: bool) -> Template:
    """Make the template of a hazard at a stage and level that there are."""
    writer = _Writer(hazard, hazard.stage(stage), level)
    return writer.drill() if is_drill else writer.actual()


def build_all(hazard: Hazard) -> Iterator[Template]:
    """Make every template of a hazard, of each first the actual one and then that of a drill."""
    for stage in Stage:
        if stage in hazard.stages:
            for level in hazard.stage(stage).levels or (None,):
                yield from (build(hazard, stage, level, is_drill=is_drill) for is_drill in (False, True))


class _Writer:
    def __init__(self, hazard: Hazard, stage: StageOf, level: int | None) -> None:
        self.hazard, self.stage, self.level = hazard, stage, level
        self.used: dict[str, str] = {}  # the sentences taken so far, and whom each follows

    def actual(self) -> Template:
        all_clear = self._prepared_all_clear() if self.stage.stage is not Stage.ALL_CLEAR else ("", "")
        text = self._text()
        return self._template(
            self._headline(self.stage), text, self._framed(self.hazard.frames.correction), all_clear, is_drill=False
        )

    def drill(self) -> Template:
        frames = self.hazard.frames
        headline, text = self._framed(frames.drill_headline), self._framed(frames.drill)
        all_clear = self._framed(frames.drill_headline), self._framed(frames.drill_all_clear)
        return self._template(headline, text, self._framed(frames.drill_correction), all_clear, is_drill=True)

    def _template(self, headline: str, text: str, correction: str, all_clear: tuple[str, str], *, is_drill: bool) -> Template:
        stage, level = self.stage.stage, self.level
        levels = (str(level),) if level is not None else ()
        name = "/".join((self.hazard.code, stage.value, *levels, *(("drill",) if is_drill else ())))
        severity = self.stage.at("severity", level) or _SEVERITIES.get(level or 0, "Minor")
        is_update = stage in _UPDATES and not is_drill
        questions = self._questions((headline, text, correction, *all_clear))
        return Template(
            hazard=self.hazard.code, stage=stage, level=level, name=name, headline=headline, text=text, correction=correction,
            all_clear=all_clear, msg_type=MsgType.UPDATE if is_update else MsgType.ALERT,
            urgency=Urgency(self.stage.at("urgency", level)), severity=Severity(severity),
            certainty=Certainty(self.stage.at("certainty", level)), response_types=self._responses(is_drill=is_drill),
            lasts_h=_DRILL_LASTS_H if is_drill else float(self.stage.at("lasts_h", level)), questions=questions,
            onset=self.hazard.onset if self.hazard.onset in {question.name for question in questions} else "",
            sources=self._sources(), decides=self._decides(is_drill=is_drill),
            steps=self._steps(is_drill=is_drill), is_drill=is_drill,
            digest=digest_of_json([headline, text, correction, all_clear]),
        )  # fmt: skip

    def _decides(self, *, is_drill: bool) -> str:
        return "" if is_drill else self.stage.decides or self.hazard.checklist.decides.get(str(self.level), "")

    def _steps(self, *, is_drill: bool) -> tuple[str, ...]:
        checklist = self.hazard.checklist
        return tuple(checklist.drill if is_drill else self.stage.steps or checklist.steps.get(self.stage.stage.value, ()))

    def _responses(self, *, is_drill: bool) -> tuple[str, ...]:
        return ("None",) if is_drill else tuple(self.stage.at("responses", self.level) or ())

    def _text(self) -> str:
        frames, stage = self.hazard.frames, self.stage.stage
        parts = (
            f"[{self._title(self.stage)}] {{{{ place }}}}\n{self._framed(frames.opening[stage])}",
            self._paragraph(self.stage, "happens"),
            self._remaining(self.stage),
            *self._people(self.stage.people),
            f"{self.hazard.help}\n{self._framed(frames.ending[stage])}",
        )
        return _joined(parts)

    def _prepared_all_clear(self) -> tuple[str, str]:
        """What is ready beside an alert: the all-clear, which names the alert's own code and asks for no further field."""
        if Stage.ALL_CLEAR not in self.hazard.stages:
            return "", ""
        frames, stage = self.hazard.frames, self.hazard.stage(Stage.ALL_CLEAR)
        parts = (
            f"[{self._title(stage)}] {{{{ place }}}}\n{self._framed(frames.all_clear_opening)}",
            self._remaining(stage),
            *self._people(stage.people),
            f"{self.hazard.help}\n{self._framed(frames.all_clear_ending)}",
        )
        return self._headline(stage), _joined(parts)

    def _title(self, stage: StageOf) -> str:
        level = " – RỦI RO CẤP {{ risk_level }}/5" if stage.levels else ""
        return self._framed(stage.own.title or self.hazard.frames.title[stage.stage]) + level

    def _headline(self, stage: StageOf) -> str:
        level = ", rủi ro cấp {{ risk_level }}/5" if stage.levels else ""
        return f"{self._framed(stage.own.headline or self.hazard.frames.headline[stage.stage])}{level}, {{{{ place }}}}"

    def _paragraph(self, stage: StageOf, field: str) -> str:
        return " ".join(self._piece(name) for name in stage.uses(field, self.level))

    def _remaining(self, stage: StageOf) -> str:
        found = self._paragraph(stage, "remains")
        return f"{self.hazard.frames.remains} {found}" if found else ""

    def _people(self, people: Sequence[PeopleForm]) -> Iterator[str]:
        """Each group with what it must do, numbered through."""
        number = 0
        for group in people:
            lines = [self._piece(piece_of(use)) for use in group.do if is_for(use, self.level)]
            numbered = [f"{number + at}. {line}" for at, line in enumerate(lines, 1)]
            number += len(lines)
            yield "\n".join((*((f"{group.who}:",) if group.who and lines else ()), *numbered))

    def _piece(self, name: str) -> str:
        piece = self.hazard.pieces[name]
        text = self._framed(piece.text)
        self.used[text] = piece.source
        return text

    def _framed(self, text: str) -> str:
        named = self.hazard.named
        level = ", rủi ro cấp {{ risk_level }}/5" if self.level is not None else ""
        filled = text.replace("<HAZARD>", named.upper()).replace("<hazard>", named).replace("<level>", level)
        return filled.replace("<LEVEL>", level.upper().replace("{{ RISK_LEVEL }}", "{{ risk_level }}")).strip()

    def _sources(self) -> Mapping[str, str]:
        return {text: self._source(source) for text, source in self.used.items()}

    def _source(self, name: str) -> str:
        source = self.hazard.sources[name]
        return source.name if source.checked else f"{source.name} {UNCHECKED}"

    def _questions(self, texts: Sequence[str]) -> tuple[Question, ...]:
        """Those whose fields stand in the texts: first what somebody must answer, then instants, then what has a default."""
        wanted = set(fields_in("\n".join(texts)))
        asked = [_question(name, self.hazard) for name in self.hazard.questions if name in wanted]
        return tuple(sorted(asked, key=_turn))


def _turn(question: Question) -> int:
    return 0 if not question.default else 1 if question.kind is Kind.INSTANT else 2


def _question(name: str, hazard: Hazard) -> Question:
    form = hazard.questions[name]
    return Question(
        name, Kind(form.kind), form.asks, form.asks_en or form.asks, form.default or "", tuple(form.choices), form.example or ""
    )


def _joined(parts: Sequence[str]) -> str:
    return _GAPS.sub("\n\n", "\n\n".join(part for part in parts if part.strip())) + "\n"
