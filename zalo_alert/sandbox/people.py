"""Reads of the OA host: the OA itself, its people, their details and quotas; and what an OA may write about them.

Source: Zalo OA API, "quan-ly" pages; the shapes of `shared_info` were seen live (read 2026-11).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.sandbox.messages import MONTH_PROMOTIONS, SUB_QUOTA
from zalo_alert.sandbox.tags import Tags
from zalo_alert.sandbox.wire import ApiRequest, Handler, Refusal, invalid, whole_number
from zalo_alert.sandbox.world import DAY_S, Oa, Person, World, drawn

MAX_OFFSET, MAX_COUNT = 9951, 50
EMPTY = 0.2  # of those who have `shared_info`, how many have nothing in it
SHARED_FIELDS = ("address", "city", "district", "phone", "name", "user_dob")


class People:
    """The people of all OAs.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._told: dict[str, dict[str, Any]] = {}  # what was submitted, or written by the OA, since the start
        self._about: dict[str, dict[str, str]] = {}  # alias and external id
        self._tags = Tags(world)

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("GET", "/v2.0/oa/getoa"): self._oa,
            ("GET", "/v3.0/oa/user/getlist"): self._list,
            ("GET", "/v3.0/oa/user/detail"): self._detail,
            ("POST", "/v3.0/oa/user/update"): self._update,
            ("POST", "/v2.0/oa/updatefollowerinfo"): self._update_flat,
            ("POST", "/v2.0/oa/deletefollowerinfo"): self._forget,
            ("GET", "/v2.0/oa/getfollowers"): self._followers,
            ("GET", "/v2.0/oa/getprofile"): self._profile,
            ("POST", "/v3.0/oa/quota/message"): self._quota,
            ("GET", "/v3.0/oa/quota/message"): self._quota,
            ("POST", "/v2.0/oa/quota/message"): self._old_quota,
            **self._tags.routes(),
        }

    # --- the OA ------------------------------------------------------------------------------------------------------------

    def _oa(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        options = self._world.options
        is_free = options.package == "free"
        return {
            "oaid": oa.oa_id,
            "name": oa.account.name,
            "description": f"{oa.account.name} (sandbox)",
            "oa_alias": oa.account.id,
            "is_verified": True,
            "oa_type": options.oa_type,
            "cate_name": "Cơ quan nhà nước" if options.oa_type == 4 else "Doanh nghiệp",
            "num_follower": self._world.audience(oa),
            "avatar": f"https://s160-ava-talk.zadn.vn/{oa.oa_id}.jpg",
            "cover": f"https://cover-talk.zadn.vn/{oa.oa_id}.jpg",
            "package_name": "Gói dùng thử" if is_free else "Gói Nâng cao",
            "package_valid_through_date": "" if is_free else "31/12/2027",
            "package_auto_renew_date": "" if is_free else "01/01/2028",
            "linked_ZCA": "" if is_free else "ZCA-360846",
        }

    # --- lists -------------------------------------------------------------------------------------------------------------

    def _list(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        if self._world.options.package == "free":
            raise Refusal(-224)
        offset, count = self._page(asked)
        total, users = self._select(oa, offset, count, self._filter(oa, asked))
        return {"total": total, "count": count, "offset": offset, "users": [{"user_id": user} for user in users]}

    def _followers(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        self._old_read()
        offset, count = self._page(asked)
        total, users = self._select(oa, offset, count, self._filter(oa, {**asked, "is_follower": True}))
        return {"total": total, "followers": [{"user_id": user} for user in users]}

    def _page(self, asked: ApiRequest) -> tuple[int, int]:
        offset, count = whole_number(asked, "offset", 0), whole_number(asked, "count", MAX_COUNT)
        if not 0 <= offset <= MAX_OFFSET:
            raise invalid("offset")
        if not 0 < count <= MAX_COUNT:
            raise Refusal(-210)
        return offset, count

    def _filter(self, oa: Oa, asked: ApiRequest) -> Callable[[Person], bool] | None:
        """Make a test of what was asked for; None when everyone passes."""
        tests: list[Callable[[Person], bool]] = []
        if tag := asked.get("tag_name"):
            if not isinstance(tag, str):
                raise invalid("tag_name")
            tests.append(lambda person: tag in self._tags.of(oa, person))
        if asked.get("is_follower") not in (None, ""):
            wanted = str(asked["is_follower"]).lower()
            if wanted not in ("true", "false"):
                raise invalid("is_follower")
            tests.append(lambda person: self._world.follows(oa, person.user_id) == (wanted == "true"))
        if period := asked.get("last_interaction_period"):
            first, last = _period(self._world.local().date(), str(period))
            tests.append(lambda person: first <= self._day(person) <= last)
        return (lambda person: all(test(person) for test in tests)) if tests else None

    def _select(self, oa: Oa, offset: int, count: int, passes: Callable[[Person], bool] | None) -> tuple[int, list[str]]:
        world = self._world
        everyone = range(world.audience(oa))
        if passes is None:
            return len(everyone), [world.member(oa, index).user_id for index in everyone[offset : offset + count]]
        total, users = 0, []
        for index in everyone:
            person = world.member(oa, index)
            if passes(person):
                if offset <= total < offset + count:
                    users.append(person.user_id)
                total += 1
        return total, users

    # --- one person --------------------------------------------------------------------------------------------------------

    def _detail(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        person = self._world.find(oa, asked.get("user_id"))
        row = self._world.row(person)
        about = self._about.get(person.user_id, {})
        shared = self._shared(person, row)
        return {
            "user_id": person.user_id,
            "user_id_by_app": self._world.id_by_app(oa, person),
            "user_external_id": about.get("user_external_id", ""),
            "display_name": row["name"],
            "user_alias": about.get("user_alias", row["name"]),
            "is_sensitive": False,
            "user_last_interaction_date": f"{self._day(person):%d/%m/%Y}",
            "user_is_follower": self._world.follows(oa, person.user_id),
            "avatar": "https://s120-ava-talk.zadn.vn/default.jpg",
            "avatars": {size: f"https://s{size}-ava-talk.zadn.vn/default.jpg" for size in ("120", "240")},
            "dynamic_param": "",
            "tags_and_notes_info": {"notes": [], "tag_names": sorted(self._tags.of(oa, person))},
            **({} if shared is None else {"shared_info": shared}),
        }

    def _shared(self, person: Person, row: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what a person has told: some have told nothing, and some of them have no `shared_info` at all."""
        given = self._told.get(person.user_id)
        if given is None and not row["city"]:
            return None
        empty: dict[str, Any] = dict.fromkeys(SHARED_FIELDS, "") | {"phone": 0}
        if given is None and drawn(person.user_id, 3) < EMPTY:
            return empty
        phone = int("84" + row["phone"][-9:]) if row["phone"] else 0
        fields = {
            "address": row["address"],
            "city": row["city"],
            "district": row["district"],
            "name": row["name"],
            "phone": phone,
        }
        return empty | (fields if row["city"] else {}) | (given or {})

    def _day(self, person: Person) -> date:
        return self._world.local(self._world.interacted_s(person.user_id)).date()

    def _update(self, oa: Oa, asked: ApiRequest) -> None:
        person = self._world.find(oa, asked.get("user_id"))
        shared = asked.get("shared_info", {})
        if not isinstance(shared, dict):
            raise invalid("shared_info")
        self.tell(person.user_id, shared)
        for name in ("user_alias", "user_external_id"):
            if name in asked:
                if not isinstance(asked[name], str):
                    raise invalid(name)
                self._about.setdefault(person.user_id, {})[name] = asked[name]

    def _update_flat(self, oa: Oa, asked: ApiRequest) -> None:
        self._old_read()
        self.tell(self._world.find(oa, asked.get("user_id")).user_id, asked)

    def tell(self, user: str, info: Mapping[str, Any]) -> None:
        """Keep what a person has submitted or an OA has written.

        Raises:
            Refusal: A field is not what it should be.
        """
        fields = {}
        for name in ("name", "address", "city", "district", "user_dob"):
            if name in info:
                if not isinstance(info[name], str):
                    raise invalid(name)
                fields[name] = info[name]
        if dob := fields.get("user_dob"):
            try:
                datetime.strptime(dob, "%d/%m/%Y")  # noqa: DTZ007 - a birthday is a day, not an instant
            except ValueError as exc:
                raise invalid("user_dob") from exc
        if "phone" in info:
            digits = str(info["phone"]).removeprefix("+")
            if not digits.isascii() or not digits.isdigit():
                raise invalid("phone")
            fields["phone"] = int("84" + digits[1:] if digits.startswith("0") else digits)
        for name in ("city_id", "district_id"):
            if name in info:
                whole_number(info, name, 0)
        self._told.setdefault(user, {}).update(fields)

    def _forget(self, oa: Oa, asked: ApiRequest) -> None:
        user = self._world.find(oa, asked.get("user_id")).user_id
        self._told[user] = dict.fromkeys(SHARED_FIELDS, "") | {"phone": 0}

    def _profile(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        self._old_read()
        detail = self._detail(oa, asked)
        shown = ("user_id", "user_id_by_app", "avatar", "avatars", "display_name", "tags_and_notes_info")
        profile = {name: detail[name] for name in shown} | {"user_gender": 1 + int(detail["user_id"]) % 2, "birth_date": 0}
        return profile | ({"shared_info": detail["shared_info"]} if "shared_info" in detail else {})

    def _old_read(self) -> None:
        if self._world.options.oa_type == 2:
            raise Refusal(-240)

    # --- quotas ------------------------------------------------------------------------------------------------------------

    def _quota(self, oa: Oa, asked: ApiRequest) -> Any:
        if "user_id" in asked:
            user = str(asked["user_id"])
            if self._world.options.followers:
                self._world.find(oa, user)
            elif not user.isdigit():
                raise Refusal(-201)
            return {
                "last_interaction": str(int(self._world.interacted_s(user)) * 1000),
                "cs_reply": {"remain": 0, "total": 0},
                "promotion": {
                    "daily_remain": 1, "daily_total": 1, "monthly_remain": MONTH_PROMOTIONS, "monthly_total": MONTH_PROMOTIONS,
                },
            }  # fmt: skip
        owner, product = asked.get("quota_owner", "OA"), asked.get("product_type")
        kind = asked.get("quota_type", "sub_quota")
        if owner not in ("OA", "App"):
            raise invalid("quota_owner")
        if product not in (None, "cs", "transaction"):
            raise invalid("product_type")
        if kind not in ("sub_quota", "purchase_quota", "reward_quota"):
            raise invalid("quota_type")
        if owner == "App" or kind != "sub_quota" or product == "transaction":
            return []
        end = self._world.local(self._world.now_s() + 30 * DAY_S)
        return [
            {
                "asset_id": f"{int(oa.oa_id):020x}"[-20:], "product_type": "cs", "quota_type": "sub_quota",
                "valid_through": f"{end:%d/%m/%Y}", "total": SUB_QUOTA, "remain": max(0, SUB_QUOTA - oa.charged),
            }
        ]  # fmt: skip

    def _old_quota(self, oa: Oa, asked: ApiRequest) -> dict[str, Any]:
        return {"type": "active", "remain": max(0, SUB_QUOTA - oa.charged), "total": SUB_QUOTA}


def _period(today: date, text: str) -> tuple[date, date]:
    """Read a period of interaction: a word, or two days."""
    spans = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (7, 0), "L30D": (30, 0)}
    if text in spans:
        first, last = (today - timedelta(days=days) for days in spans[text])
        return first, last
    try:
        start, end = (datetime.strptime(day, "%Y_%m_%d").replace(tzinfo=VIETNAM).date() for day in text.split(":"))
    except ValueError as exc:
        raise invalid("last_interaction_period") from exc
    return start, end
