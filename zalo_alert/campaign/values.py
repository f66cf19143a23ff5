"""What templates show of values: instants in words, numbers as Vietnamese is written; digits alone in other languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zalo_alert.campaign.amounts import Fraction, Whole
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import FieldValue

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_ENGLISH = "en"


class Instant(str):
    """An instant in words, `14 giờ 00, thứ Sáu 18/9/2026`, with its two halves and its short forms.

    Each is also a filter of the same name: `gio` "14 giờ 00", `ngay` "thứ Sáu 18/9/2026", `gio_gon` "14 giờ" ("14 giờ 30" where
    there are minutes), `ngay_gon` "18/9", `gon` "14 giờ, thứ Sáu 18/9". `digits` is the same without words, for texts in
    other languages: "14:00, 18/9/2026".
    """

    gio: str
    ngay: str
    gio_gon: str
    ngay_gon: str
    gon: str
    digits: "Instant"

    def __new__(cls, at: datetime) -> "Instant":
        """Word an instant as Vietnamese bulletins do, always in +07:00."""
        local = in_vietnam(at)
        gio, weekday = f"{local.hour} giờ {local.minute:02}", _WEEKDAYS[local.weekday()]
        ngay_gon = f"{local.day}/{local.month}"
        ngay = f"{weekday} {ngay_gon}/{local.year}"
        self = super().__new__(cls, f"{gio}, {ngay}")
        self.gio, self.ngay, self.ngay_gon = gio, ngay, ngay_gon
        self.gio_gon = gio if local.minute else f"{local.hour} giờ"
        self.gon = f"{self.gio_gon}, {weekday} {ngay_gon}"
        self.digits = _in_digits(local)
        return self


def _in_digits(local: datetime) -> Instant:
    hour, day = f"{local.hour}:{local.minute:02}", f"{local.day}/{local.month}"
    self = str.__new__(Instant, f"{hour}, {day}/{local.year}")
    self.gio = self.gio_gon = hour
    self.ngay, self.ngay_gon, self.gon = f"{day}/{local.year}", day, f"{hour}, {day}"
    self.digits = self
    return self


def shown_value(value: FieldValue) -> Any:
    """Return what a template shows of a campaign's own field."""
    if isinstance(value, datetime):
        return Instant(value)
    if isinstance(value, str):
        return value
    return Whole(value) if isinstance(value, int) else Fraction(value)


def in_language(language: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a text that is not Vietnamese: instants in digits, as nobody could read "thứ Sáu" there.

    A number keeps its dots and comma, which all of Vietnam reads; not in English, where they mean each other.
    """
    return {name: _in_language(language, value) for name, value in fields.items()}


def _in_language(language: str, value: Any) -> Any:
    if isinstance(value, Instant):
        return value.digits
    if language == _ENGLISH and isinstance(value, Whole | Fraction):
        return int(value) if isinstance(value, Whole) else float(value)
    return value
