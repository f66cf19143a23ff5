"""One person of a list: which headers mean what, and what each field may hold. Knows no format.

A bad row is a value with its line and reason.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.clock import VIETNAM
from zalo_alert.errors import InputInvalid

MAX_LINE_BYTES = 1 << 20  # a follower's row is some hundred bytes; a megabyte is damage

PURPOSES = ("home", "work", "family")  # what a further place is to someone
_PARTS = ("city", "district", "ward", "address")
FURTHER = tuple(f"{part}_{purpose}" for purpose in PURPOSES for part in _PARTS)

_ALIASES = {
    "user_id": "user_id userid uid id zalo_id zaloid zalo_user_id follower_id ma_nguoi_dung id_zalo",
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
_PURPOSE_WORDS = {
    "home": "home nha nha_rieng o noi_o thuong_tru",
    "work": "work office lam_viec noi_lam_viec co_quan cong_ty",
    "family": "family gia_dinh que que_quan cha_me",
}


def _headers() -> dict[str, str]:
    """Every header that means one of our columns, folded: `tinh_lam_viec` and `work_city` are both `city_work`."""
    headers = {alias: column for column, aliases in _ALIASES.items() for alias in aliases.split()}
    for purpose, words in _PURPOSE_WORDS.items():
        for word in words.split():
            for part in _PARTS:
                for alias in _ALIASES[part].split():
                    headers.setdefault(f"{alias}_{word}", f"{part}_{purpose}")
                    headers.setdefault(f"{word}_{alias}", f"{part}_{purpose}")
    return headers | {"noi_lam_viec": "address_work", "que_quan": "address_family"}


_HEADERS: Mapping[str, str] = _headers()
COLUMNS = frozenset(_HEADERS.values())
_PURPOSE = {word: purpose for purpose, words in _PURPOSE_WORDS.items() for word in words.split()}

ID = re.compile(r"[0-9]{5,25}")
_SHORTENED = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]+")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2}))?")
_VIETNAMESE_PHONE = re.compile(r"(?:\+?84|0)([1-9][0-9]{8})")
_YES = frozenset({"1", "true", "yes", "y", "x", "co"})
_NO = frozenset({"0", "false", "no", "n", "khong"})


class Further(NamedTuple):
    """Another place of someone; parts may be empty."""

    purpose: str
    city: str
    district: str
    ward: str
    address: str


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
    columns = [column_of(text) for text in header] if not isinstance(header, str) else []
    if "user_id" not in columns:
        seen = header if isinstance(header, str) else ", ".join(text.strip()[:30] for text in header[:12])
        raise InputInvalid(
            f"{name} names no column of ids; its first line reads: {seen}", hint="call the column of Zalo ids user_id"
        )
    double = next((column for column in columns if column in COLUMNS and columns.count(column) > 1), None)
    if double:
        raise InputInvalid(f"{name} has two columns that mean {double}", hint="remove one")
    return columns


def column_of(header: Any) -> str:
    """Return our name of a column."""
    bare = _folded(header)
    return _HEADERS.get(bare, bare)


def _folded(header: Any) -> str:
    folded = unicodedata.normalize("NFD", str(header).strip().casefold().replace("đ", "d"))
    bare = "".join(c if c.isalnum() else "_" for c in folded if not unicodedata.combining(c))
    return re.sub("_+", "_", bare).strip("_")


# --- one row -----------------------------------------------------------------------------------------------------------


def person(line: int, fields: Mapping[str, Any], text: str) -> Row:
    """Check one row.

    Args:
        line: Where it begins, from 1.
        fields: By column; anything that JSON or Parquet can hold.
        text: What to show of it when it is rejected.
    """
    raw = fields.get("user_id")
    user_id = identity(raw)
    if fault := id_fault(raw, user_id):
        return Reject(line, fault, cut(text))
    get = fields.get
    return Person(
        line,
        user_id,
        app_id(get("user_id_by_app")),
        text_of(get("name")),
        phone_of(get("phone")),
        text_of(get("city")),
        text_of(get("district")),
        text_of(get("ward")),
        text_of(get("address")),
        further_of(get("places"), *map(get, FURTHER)),
        words_of(get("tags")),
        words_of(get("opted_out")),
        instant_of(get("last_interaction_at")),
        truth_of(get("is_follower")),
        instant_of(get("updated_at")),
    )


def identity(value: Any) -> str:
    """Return an id as written, without the apostrophe that keeps spreadsheets from shortening it."""
    return text_of(value).lstrip("'")


def id_fault(raw: Any, user_id: str) -> str:
    """Say what is wrong with an id; nothing when it is one."""
    if isinstance(raw, float):
        return "the id was stored as floating point and lost digits: export it as text"
    if ID.fullmatch(user_id):
        return ""
    if not user_id:
        return "has no id"
    if _SHORTENED.fullmatch(user_id):
        return "the id was shortened by a spreadsheet: format the column as text and export again"
    return "the id is not 5 to 25 digits"


def text_of(value: Any) -> str:
    """Return a value as trimmed text, NFC."""
    if value is None:
        return ""
    if type(value) is str:
        return (value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    if type(value) is float and value.is_integer():
        return str(int(value))  # pandas makes numbers with gaps float
    return str(value)


def app_id(value: Any) -> str:
    """Return an id given by an app, or nothing for what is none."""
    found = identity(value)
    return found if ID.fullmatch(found) and not isinstance(value, float) else ""


def phone_of(value: Any) -> str:
    """Return `84…`, or nothing for what is no Vietnamese phone number."""
    text = text_of(value)
    found = text and _VIETNAMESE_PHONE.fullmatch("".join(c for c in text if c in "+0123456789"))
    return f"84{found[1]}" if found else ""


def words_of(value: Any) -> tuple[str, ...]:
    """Return the words of a list, or of a text with `;`, `|` or `,` between them."""
    if not value:
        return ()
    items: Iterable[Any] = value if isinstance(value, list | tuple) else re.split(r"[;|,]", text_of(value))
    return tuple(word for item in items if (word := text_of(item)))


def truth_of(value: Any) -> bool | None:
    """Return yes, no, or None when it says neither."""
    word = _folded(text_of(value))
    return True if word in _YES else False if word in _NO else None


def instant_of(value: Any) -> datetime | None:
    """Return an instant with its zone; days and times without one are Vietnam's, nonsense is None."""
    try:
        found = value if isinstance(value, datetime) else _read_instant(text_of(value))
        if found is None:
            return None
        zoned = found if found.tzinfo else found.replace(tzinfo=VIETNAM)
        zoned.astimezone(UTC)  # the first and last days of the calendar leave it there
    except (ValueError, OverflowError):
        return None
    return zoned


def _read_instant(text: str) -> datetime | None:
    if not text:
        return None
    if found := _DATE.fullmatch(text):
        day, month, year, hour, minute = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
    return datetime.fromisoformat(text)


def further_of(listed: Any, *parts: Any) -> tuple[Further, ...]:
    """Return the further places of someone.

    Args:
        listed: A list of objects (`purpose`, and `text` or the parts), or a text such as `work: Huế; family: Hà Nội`.
        parts: The values of the columns `FURTHER`, in that order; may end early.
    """
    texts = [text_of(part) for part in parts]
    found = []
    for number, purpose in enumerate(PURPOSES):
        own = texts[number * len(_PARTS) :][: len(_PARTS)]
        if any(own):
            found.append(Further(purpose, *own))
    for item in _listed(listed):
        place = _further_in(item)
        if any(place[1:]) and place not in found:
            found.append(place)
    return tuple(found)


def _listed(value: Any) -> Sequence[Any]:
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
    return Further(_PURPOSE.get(_folded(purpose), PURPOSES[0]), *parts)


def cut(text: str) -> str:
    """Shorten the text of a reject."""
    return text.strip()[:200]
