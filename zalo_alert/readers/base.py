"""One person of a list: which headers mean what, and what each field may hold. Knows no format.

A bad row is a value with its line and reason.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.cells import unguard
from zalo_alert.language import _
from zalo_alert.readers import instants, phones, words
from zalo_alert.readers.words import folded

MAX_LINE_BYTES = 1 << 20  # a follower's row is some hundred bytes; a megabyte is damage

PURPOSES = ("home", "work", "family")  # what a further place is to someone
_PARTS = ("city", "district", "ward", "address")
FURTHER = tuple(f"{part}_{purpose}" for purpose in PURPOSES for part in _PARTS)

_ALIASES = {
    "user_id": (
        "user_id userid uid id zalo_id zaloid zalo_user_id zalo_userid zalo_uid uid_zalo user_id_zalo follower_id ma_nguoi_dung "
        "id_nguoi_dung id_zalo ma_zalo"
    ),
    "user_id_by_app": "user_id_by_app uid_by_app app_user_id id_theo_app id_theo_ung_dung",
    "name": "name display_name full_name ho_ten ho_va_ten ten user_name",
    "phone": "phone sdt so_dien_thoai dien_thoai phone_number mobile",
    "city": "city province tinh tinh_thanh tinh_thanh_pho thanh_pho user_city",
    "district": "district quan_huyen huyen quan user_district",
    "ward": "ward phuong_xa xa_phuong phuong xa commune xa_phuong_thi_tran user_ward",
    "address": "address dia_chi user_address",
    "places": "places noi_khac dia_diem_khac",
    "tags": "tags tag nhan tag_names",
    "opted_out": "opted_out opt_out unsubscribed tu_choi tu_choi_nhan khong_nhan chu_de_tu_choi",
    "last_interaction_at": "last_interaction_at user_last_interaction_date last_interaction tuong_tac_cuoi",
    "is_follower": "is_follower user_is_follower follower dang_theo_doi theo_doi quan_tam",
    "updated_at": "updated_at updated changed_at ngay_cap_nhat cap_nhat ngay_sua",
}
ANY_ID = "id"  # a header that may mean a row number as well: it gives way to one that names Zalo's
_PURPOSE_WORDS = {
    "home": "home nha nha_rieng o noi_o thuong_tru",
    "work": "work office lam_viec noi_lam_viec co_quan cong_ty",
    "family": "family gia_dinh que que_quan cha_me",
}


def _headers() -> dict[str, str]:
    """Every header that means one of our columns, folded: `tinh_lam_viec` and `work_city` are both `city_work`."""
    headers = {alias: column for column, aliases in _ALIASES.items() for alias in aliases.split()}
    for purpose, theirs in _PURPOSE_WORDS.items():
        for word in theirs.split():
            for part in _PARTS:
                for alias in _ALIASES[part].split():
                    headers.setdefault(f"{alias}_{word}", f"{part}_{purpose}")
                    headers.setdefault(f"{word}_{alias}", f"{part}_{purpose}")
    return headers | {"noi_lam_viec": "address_work", "que_quan": "address_family"}


_HEADERS: Mapping[str, str] = _headers()
COLUMNS = frozenset(_HEADERS.values())
_PURPOSE = {word: purpose for purpose, theirs in _PURPOSE_WORDS.items() for word in theirs.split()}

ID = re.compile(r"[1-9][0-9]{4,24}")
# What may be wrong with an id: made once, for a list may hold a million of the same.
_FLOATING = _("the id was stored as floating point and lost digits: export it as text")
_NO_ID = _("has no id")
_PHONE = _("is a phone number, not a Zalo id: put it into a column phone, and use a route of type phone")
_CUT_SHORT = _("the id was shortened by a spreadsheet such as Excel: format the column as text and export again")
_NOT_DIGITS = _("the id is not 5 to 25 digits")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
# What no eye sees, and what a stored text or id never means to begin or end with; Notify strips the same.
_UNSEEN = "\u200b\u200c\u200d\u2060\u180e\ufeff"
_EDGES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()) + _UNSEEN
_IN_NO_ID = re.compile(f"[{_UNSEEN}\u00ad\u200e\u200f\u202a-\u202e\u2061-\u2069]")
_QUOTED_FORMULA = re.compile(r'=\s*"(.*)"', re.DOTALL)  # ="0912…": how people keep Excel from touching digits
_DIGITS = re.compile(r"[0-9]{7,}")


class Further(NamedTuple):
    """Another place of someone; parts may be empty."""

    purpose: str
    city: str
    district: str
    ward: str
    address: str


class Remark(NamedTuple):
    """What is odd about a good row: of which kind, in which column, and what stood there."""

    kind: str
    column: str
    text: str


UNREAD = "unread"  # a value that says something, and could not be read
SHORT = "short"  # a row that ends before its last columns, as Excel leaves empty ones out
OLD_PHONE = "old phone"  # eleven digits, as until 2018


class Person(NamedTuple):
    """One good row; texts are NFC and may be empty, instants carry a zone or are None."""

    line: int
    user_id: str
    user_id_by_app: str
    name: str
    phone: str
    city: str
    district: str
    ward: str
    address: str
    places: tuple[Further, ...]
    tags: tuple[str, ...]
    opted_out: tuple[str, ...]
    last_interaction_at: datetime | None
    is_follower: bool | None
    updated_at: datetime | None
    remarks: tuple[Remark, ...] = ()


class Reject(NamedTuple):
    """One bad row: where, why, and how it begins."""

    line: int
    reason: str
    text: str


Row: TypeAlias = Person | Reject


# --- headers -----------------------------------------------------------------------------------------------------------


def columns_of(header: Sequence[str] | str, name: str) -> list[str]:
    """Return our name of each column, or its own when it means nothing to us.

    Args:
        header: The names, or why they cannot be read.
        name: What to call the file in messages.

    Raises:
        InputInvalid: No column holds ids, or two mean the same.
    """
    columns = meant(header) if not isinstance(header, str) else []
    if "user_id" not in columns:
        seen = header if isinstance(header, str) else ", ".join(text.strip()[:30] for text in header[:12])
        raise InputInvalid(
            _("{name} names no column of ids; its first line reads: {line}", name=name, line=masked(seen)),
            hint=_("call the column of Zalo ids user_id"),
        )
    double = next((column for column in columns if column in COLUMNS and columns.count(column) > 1), None)
    if double:
        raise InputInvalid(_("{name} has two columns that mean {column}", name=name, column=double), hint=_("remove one"))
    return columns


def meant(header: Sequence[str]) -> list[str]:
    """Return what the names of columns mean; `id` means ids only where no other column does."""
    columns = [column_of(text) for text in header]
    if columns.count("user_id") > 1:
        columns = [ANY_ID if folded(text) == ANY_ID else column for text, column in zip(header, columns, strict=True)]
    return columns


def column_of(header: Any) -> str:
    """Return our name of a column."""
    bare = folded(header)
    return _HEADERS.get(bare, bare)


# --- one row -----------------------------------------------------------------------------------------------------------


def cell(value: str) -> str:
    """Return what a cell of a table means: `="0912"` is 0912, and an apostrophe before a formula is a guard."""
    if value.startswith("=") and (quoted := _QUOTED_FORMULA.fullmatch(value.strip())):
        return quoted[1].replace('""', '"')
    return unguard(value)


def person(line: int, fields: Mapping[str, Any], text: str, remarks: Sequence[Remark] = ()) -> Row:
    """Check one row.

    Args:
        line: Where it begins, from 1.
        fields: By column; anything that JSON or Parquet can hold.
        text: What to show of it when it is rejected.
        remarks: What is odd about it already.
    """
    raw = fields.get("user_id")
    user_id = identity(raw)
    if fault := id_fault(raw, user_id):
        return Reject(line, fault, cut(text))
    odd = list(remarks)
    values = {}
    for column, field in FIELDS.items():
        value = fields.get(column)
        values[column] = field.read(value)
        if value is not None and (kind := field.remark(value, values[column])):
            odd.append(Remark(kind, column, cut(text_of(value))))
    places = further_of(fields.get("places"), *map(fields.get, FURTHER))
    return Person(line, user_id, places=places, remarks=tuple(odd), **values)


def identity(value: Any) -> str:
    """Return an id as Zalo writes it: without leading zeros, unseen signs, and the apostrophe that guards it in a spreadsheet."""
    text = text_of(value)
    if not text.isascii():
        text = _IN_NO_ID.sub("", text).strip(_EDGES)
    text = text.lstrip("'")
    return text if not text.startswith("0") or phones.is_given_as_id(text) else text.lstrip("0")


def id_fault(raw: Any, user_id: str) -> str:
    """Say what is wrong with an id; nothing when it is one."""
    if isinstance(raw, float):
        return _FLOATING
    if not user_id:
        return _NO_ID
    if phones.is_given_as_id(user_id) or user_id.startswith("+"):
        return _PHONE
    if ID.fullmatch(user_id):
        return ""
    if _SHORTENED.fullmatch(user_id):
        return _CUT_SHORT
    if (user_id.isdecimal() and not user_id.isascii()) or not user_id.isprintable():
        return _("the id holds signs other than the digits 0 to 9: {id}", id=ascii(user_id)[1:60])
    if phones.phone_of(user_id) and not any(sign.isalpha() for sign in user_id):
        return _PHONE
    return _NOT_DIGITS


def text_of(value: Any) -> str:
    """Return a value as trimmed text, NFC."""
    if value is None:
        return ""
    if type(value) is str:
        return value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip(_EDGES)
    if type(value) is float and value.is_integer():
        return str(int(value))  # pandas makes numbers with gaps float
    return str(value)


def app_id(value: Any) -> str:
    """Return an id given by an app, or nothing for anything else."""
    text = identity(value)
    return text if ID.fullmatch(text) and not isinstance(value, float) else ""


def phone_of(value: Any) -> str:
    """Return `84…`, or nothing for anything but a Vietnamese mobile number."""
    text = text_of(value)
    return phones.phone_of(text) if text else ""


def words_of(value: Any) -> tuple[str, ...]:
    """Return the words of a list, or of a text with `;`, `|` or `,` between them."""
    if not value:
        return ()
    items: Iterable[Any] = value if isinstance(value, list | tuple) else re.split(r"[;|,]", text_of(value))
    return tuple(word for item in items if (word := text_of(item)))


def refused_of(value: Any) -> tuple[str, ...]:
    """Return the topics that someone refuses, and words that name no topic as they are."""
    if not value:
        return ()
    items: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return words.topics_refused(word for item in items for word in words.split_topics(text_of(item)))


def truth_of(value: Any) -> bool | None:
    """Return yes, no, or None when it says neither."""
    return words.truth_of(text_of(value))


def instant_of(value: Any) -> datetime | None:
    """Return an instant with its zone; days and times without one are Vietnam's, nonsense and years far away are None."""
    if isinstance(value, datetime):
        return instants.sane(value)
    return instants.instant_of(text_of(value))


class Field(NamedTuple):
    """How a column is read, and what is odd about a value, given what was made of it."""

    read: Callable[[Any], Any]
    remark: Callable[[Any, Any], str] = lambda value, result: ""


def _unless(result_says_all: Callable[[Any], bool]) -> Callable[[Any, Any], str]:
    return lambda value, result: "" if result_says_all(result) or not text_of(value) else UNREAD


def _remark_phone(value: Any, result: str) -> str:
    text = text_of(value)
    return "" if not text else UNREAD if not result else OLD_PHONE if phones.is_old(text) else ""


_INSTANT = Field(instant_of, _unless(lambda result: result is not None))
FIELDS: Mapping[str, Field] = {
    "user_id_by_app": Field(app_id, _unless(bool)),
    "name": Field(text_of),
    "phone": Field(phone_of, _remark_phone),
    "city": Field(text_of),
    "district": Field(text_of),
    "ward": Field(text_of),
    "address": Field(text_of),
    "tags": Field(words_of),
    "opted_out": Field(refused_of, lambda value, result: UNREAD if set(result) - set(words.TOPICS) else ""),
    "last_interaction_at": _INSTANT,
    "is_follower": Field(truth_of, _unless(lambda result: result is not None)),
    "updated_at": _INSTANT,
}


def further_of(value: Any, *parts: Any) -> tuple[Further, ...]:
    """Return the further places of someone.

    Args:
        value: A list of objects (`purpose`, and `text` or the parts), or a text such as `work: Huế; family: Hà Nội`.
        parts: The values of the columns `FURTHER`, in that order; may end early.
    """
    texts = [text_of(part) for part in parts]
    places = []
    for number, purpose in enumerate(PURPOSES):
        own = texts[number * len(_PARTS) :][: len(_PARTS)]
        if any(own):
            places.append(Further(purpose, *own))
    for item in _items(value):
        place = _further_in(item)
        if any(place[1:]) and place not in places:
            places.append(place)
    return tuple(places)


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    return [text for text in text_of(value).split(";") if text.strip()] if value else ()


def _further_in(item: Any) -> Further:
    if isinstance(item, Mapping):
        own = {column_of(key): text_of(value) for key, value in item.items()}
        purpose, text = own.get("purpose", ""), own.get("text", "")
        parts = [own.get(part, "") for part in _PARTS]
    else:
        purpose, _, text = text_of(item).rpartition(":")
        parts = ["", "", "", ""]
    if text and not any(parts):
        parts["," in text and 3] = text.strip()  # a name alone is a city, a text with commas an address
    return Further(_PURPOSE.get(folded(purpose), PURPOSES[0]), *parts)


def cut(text: str) -> str:
    """Shorten the text of a reject."""
    return text.strip()[:200]


def masked(text: str) -> str:
    """Return a text as it may be shown in talk: ids and phone numbers by their beginning and end."""
    return _DIGITS.sub(lambda digits: f"{digits[0][:4]}…{digits[0][-2:]}", text)
