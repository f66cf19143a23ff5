"""Templates filled in with the examples of their questions, so that a test can read what people would."""

from datetime import datetime, timedelta

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.library.compose import Answers, Place, compose
from zalo_alert.library.template import Kind, instant_of
from zalo_alert.models import MsgType, Status

EFFECTIVE = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)  # a Friday
QUANG_TRI = Place("new:44", "Quảng Trị")
REPLACED = "TW-260918-03"
_BEFORE = {"xay_ra_luc"}  # what has happened already


def fields_of(template):
    """Return an answer to every question: instants an hour apart, texts as in their examples."""
    values, hours = {}, 0
    for question in template.questions:
        if question.kind is not Kind.INSTANT:
            values[question.name] = question.example or question.default
        elif question.default:
            values[question.name] = instant_of(question.default, EFFECTIVE, values.get(template.onset))
        else:
            hours += 1
            values[question.name] = EFFECTIVE + timedelta(hours=-1 if question.name in _BEFORE else hours)
    return values


def written(template, place=QUANG_TRI):
    """Return the campaign file of a template."""
    fields = fields_of(template)
    answers = Answers(
        code="QTR-260918-01",
        status=Status.EXERCISE if template.is_drill else Status.ACTUAL,
        areas=[place],
        effective=EFFECTIVE,
        expires=EFFECTIVE + timedelta(hours=template.lasts_h),
        onset=fields.get(template.onset),
        fields=fields,
        references=[REPLACED] if template.msg_type is MsgType.UPDATE else [],
    )
    return compose(template, answers).encode()
