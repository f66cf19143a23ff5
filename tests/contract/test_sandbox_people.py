"""The reads of both hosts: people in pages, their details, tags, quotas, templates."""

import pytest

from zalo_alert import places
from zalo_alert.sandbox import synthetic

AT = "2026-09-18T14:00:00+07:00"


def where(city):
    return places.mask_of(places.resolve(city, "", "", "", before_merger=False).place)


def listed(call, **asked):
    data = call.get("/v3.0/oa/user/getlist", **{"offset": 0, "count": 50} | asked)["data"]
    return data["total"], [row["user_id"] for row in data["users"]]


def test_the_list_can_be_asked_for_followers_a_tag_or_days(sandbox_with, caller):
    sandbox = sandbox_with(followers=400, dead=0.25, stale=0.5, at=AT)
    call = caller(sandbox)
    everyone = listed(call)[0]
    following, left = listed(call, is_follower="true")[0], listed(call, is_follower=False)[0]
    tagged = listed(call, tag_name="doanh-nghiep")[0]
    week, month = listed(call, last_interaction_period="L7D")[0], listed(call, last_interaction_period="L30D")[0]
    days = [listed(call, last_interaction_period=f"2026_09_{day}:2026_09_{day}")[0] for day in range(11, 19)]

    assert following + left == everyone == 400
    assert 250 < following < 350
    assert 0 < tagged < 100
    assert 150 < week == sum(days) < 250
    assert week < month < 400
    assert listed(call, last_interaction_period="TODAY")[0] == days[-1]
    assert listed(call, last_interaction_period="YESTERDAY")[0] == days[-2]
    assert listed(call, is_follower="true", last_interaction_period="L7D")[0] < min(following, week)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"offset": 9952}, -201),
        ({"offset": -1}, -201),
        ({"count": 51}, -210),
        ({"count": "x"}, -201),
        ({"is_follower": "maybe"}, -201),
        ({"last_interaction_period": "2026"}, -201),
        ({"last_interaction_period": "2026_99_01:2026_01_01"}, -201),
    ],
)
def test_a_list_that_is_asked_for_wrongly_is_refused(sandbox_with, caller, asked, code):
    assert caller(sandbox_with(followers=3)).get("/v3.0/oa/user/getlist", **asked)["error"] == code


def test_a_free_oa_may_not_list_nor_write_by_phone(sandbox_with, caller):
    call = caller(sandbox_with(package="free"))
    phone = {"phone": "84912345678", "template_id": "311203", "template_data": {}, "tracking_id": "t"}
    assert call.get("/v3.0/oa/user/getlist")["error"] == -224
    assert call.post("/message/template", **phone)["error"] == -135
    assert call.get("/v2.0/oa/getoa")["data"]["linked_ZCA"] == ""


def test_what_is_asked_as_no_json_is_refused(sandbox, caller):
    call = caller(sandbox)
    for query in ("data=x", "data=[]", "data=", "data=%7B"):
        assert call.raw("GET", f"/v3.0/oa/user/getlist?{query}").json()["error"] == -201
    assert call.raw("POST", "/v3.0/oa/user/update", content=b"x").json()["error"] == -201


def test_details_are_as_messy_as_people_and_their_dates_carry_no_time(sandbox_with, caller):
    call = caller(sandbox_with(followers=60, at=AT))
    found = [call.get("/v3.0/oa/user/detail", user_id=user)["data"] for user in listed(call)[1]]
    shared = [person["shared_info"] for person in found if "shared_info" in person]

    assert 0 < len(shared) < len(found)
    assert any(not any(info.values()) and info["phone"] == 0 for info in shared)
    assert any(info["phone"] > 84_000_000_000 for info in shared)
    assert all(len(person["user_last_interaction_date"].split("/")[2]) == 4 for person in found)
    assert all(person["user_id_by_app"] != person["user_id"] for person in found)


def test_most_people_of_a_provinces_oa_live_there(sandbox_with, caller):
    sandbox = sandbox_with(oas=5, followers=300)
    call = caller(sandbox, 4)
    province = sandbox.accounts[4].areas[0]
    cities = [call.get("/v3.0/oa/user/detail", user_id=user)["data"].get("shared_info", {}).get("city") for user in call.people()]
    found = [where(city) for city in cities if city]
    own = places.area(province).mask
    assert sum(1 for mask in found if mask & own) > len(found) / 2


def test_an_invented_persons_place_is_where_their_city_is():
    for number in range(300):
        place, city = synthetic.place_of(number), synthetic.person(number)[3]
        mask = where(city) if city else 0
        masks = [p.mask for p in places.PROVINCES] + [p.mask for p in places.FORMER_PROVINCES]
        assert place is None or not mask or mask & masks[place]


def test_what_an_oa_writes_about_a_person_is_kept(sandbox_with, caller):
    call = caller(sandbox_with(followers=5))
    user = listed(call)[1][0]
    shared = {
        "name": "An",
        "phone": "0912345678",
        "address": "1 Lê Lợi",
        "city_id": 46,
        "district_id": 474,
        "user_dob": "31/12/1999",
    }
    assert (
        call.post("/v3.0/oa/user/update", user_id=user, shared_info=shared, user_alias="Ông An", user_external_id="7")["error"]
        == 0
    )
    found = call.get("/v3.0/oa/user/detail", user_id=user)["data"]

    assert (found["user_alias"], found["user_external_id"]) == ("Ông An", "7")
    assert found["shared_info"] | {"city": "", "district": ""} == {
        "name": "An", "phone": 84912345678, "address": "1 Lê Lợi", "user_dob": "31/12/1999", "city": "", "district": "",
    }  # fmt: skip
    assert call.post("/v2.0/oa/updatefollowerinfo", user_id=user, name="Bình")["error"] == 0
    assert call.post("/v2.0/oa/deletefollowerinfo", user_id=user)["error"] == 0
    assert call.get("/v3.0/oa/user/detail", user_id=user)["data"]["shared_info"]["name"] == ""
    for bad in ({"user_dob": "1999-12-31"}, {"phone": "x"}, {"city_id": "x"}, {"name": 1}):
        assert call.post("/v3.0/oa/user/update", user_id=user, shared_info=bad)["error"] == -201
    assert call.post("/v3.0/oa/user/update", user_id=user, shared_info=[])["error"] == -201
    assert call.post("/v3.0/oa/user/update", user_id=user, user_alias=1)["error"] == -201
    assert call.post("/v3.0/oa/user/update", user_id="1", shared_info={})["error"] == -201


def test_tags_are_put_on_taken_off_listed_and_removed(sandbox_with, caller):
    sandbox = sandbox_with(followers=5, oas=2)
    call, other = caller(sandbox, 0), caller(sandbox, 1)
    user = listed(call)[1][0]
    assert call.post("/v2.0/oa/tag/tagfollower", user_id=int(user), tag_name="Vùng trũng")["error"] == 0
    assert "Vùng trũng" in call.get("/v2.0/oa/tag/gettagsofoa")["data"]
    assert "Vùng trũng" not in other.get("/v2.0/oa/tag/gettagsofoa")["data"]
    assert listed(call, tag_name="Vùng trũng") == (1, [user])
    assert call.post("/v2.0/oa/tag/rmfollowerfromtag", user_id=user, tag_name="Vùng trũng")["error"] == 0
    assert listed(call, tag_name="Vùng trũng")[0] == 0
    assert call.post("/v2.0/oa/tag/rmtag", tag_name="Vùng trũng")["error"] == 0
    assert "Vùng trũng" not in call.get("/v2.0/oa/tag/gettagsofoa")["data"]
    for bad in ({"user_id": user}, {"user_id": user, "tag_name": " "}, {"user_id": "x", "tag_name": "t"}, {"tag_name": "t"}):
        assert call.post("/v2.0/oa/tag/tagfollower", **bad)["error"] == -201
    assert call.post("/v2.0/oa/tag/rmtag", tag_name="none")["error"] == -201


def test_a_tag_taken_off_can_be_put_on_again(sandbox_with, caller):
    call = caller(sandbox_with(followers=5))
    user = listed(call)[1][0]
    for _ in range(2):
        call.post("/v2.0/oa/tag/tagfollower", user_id=user, tag_name="A")
        assert listed(call, tag_name="A")[0] == 1
        call.post("/v2.0/oa/tag/rmfollowerfromtag", user_id=user, tag_name="A")
        assert listed(call, tag_name="A")[0] == 0


def test_old_reads_are_closed_to_businesses_and_open_to_agencies(sandbox_with, caller):
    sandbox = sandbox_with(followers=5)
    call = caller(sandbox)
    found = call.get("/v2.0/oa/getfollowers", offset=0, count=50)["data"]
    profile = call.get("/v2.0/oa/getprofile", user_id=found["followers"][0]["user_id"])["data"]
    assert found["total"] == 5
    assert {"user_gender", "birth_date", "tags_and_notes_info"} <= set(profile)
    sandbox.change(oa_type=2)
    assert call.get("/v2.0/oa/getfollowers")["error"] == call.get("/v2.0/oa/getprofile", user_id="1")["error"] == -240


def test_quotas_are_read_in_every_form(sandbox_with, caller):
    call = caller(sandbox_with(followers=5, promotion_quota=125))
    user = listed(call)[1][0]
    person = call.post("/v3.0/oa/quota/message", user_id=user)["data"]
    package = call.post("/v3.0/oa/quota/message", quota_owner="OA", product_type="cs", quota_type="sub_quota")["data"]
    business = call.plain("/message/quota")

    assert person["last_interaction"].isdigit()
    assert person["promotion"]["daily_total"] == 1
    assert [set(row) for row in package] == [{"asset_id", "product_type", "quota_type", "valid_through", "total", "remain"}]
    assert call.post("/v3.0/oa/quota/message", quota_owner="App")["data"] == []
    assert call.post("/v2.0/oa/quota/message")["data"] == {"type": "active", "remain": 2000, "total": 2000}
    assert business["message"] == "success"
    assert business["data"]["monthlyPromotionQuota"] == 125
    assert all(isinstance(value, int | None) for value in business["data"].values())
    for bad in ({"quota_owner": "x"}, {"product_type": "x"}, {"quota_type": "x"}, {"user_id": "x"}):
        assert call.post("/v3.0/oa/quota/message", **bad)["error"] == -201


def test_templates_are_listed_and_described(sandbox, caller):
    call = caller(sandbox)
    whole = call.plain("/template/all", offset=0, limit=100)
    enabled = call.plain("/template/all", offset=0, limit=100, status=1)
    info = call.plain("/template/info/v2", template_id="311203")["data"]

    assert whole["metadata"]["total"] == len(whole["data"]) > enabled["metadata"]["total"] > 0
    assert {row["status"] for row in enabled["data"]} == {"ENABLE"}
    assert call.plain("/template/all", offset=1, limit=2)["data"] == whole["data"][1:3]
    assert info["listParams"][0] == {
        "name": "ma_tin",
        "require": True,
        "type": "STRING",
        "maxLength": 30,
        "minLength": 1,
        "acceptNull": False,
    }
    assert call.plain("/template/sample-data", template_id="311203")["data"]["tinh"] == "Thanh Hóa"
    assert call.plain("/message/template-tag")["data"] == ["TRANSACTION", "CUSTOMER_CARE", "PROMOTION"]
    assert call.plain("/quality")["data"]["oaCurrentQuality"] == "HIGH"
    assert call.plain("/rating/get", template_id="311203")["data"]["total"] == 0
    assert call.plain("/template/info/v2", template_id="1")["error"] == -109
    for bad in ({"limit": 101}, {"limit": 0}, {"offset": "x"}, {"status": 9}):
        assert call.plain("/template/all", **bad)["error"] == -132


WANTED = {
    "template_name": "Cảnh báo lũ quét", "template_type": 1, "tag": "1", "layout": {"body": {}}, "tracking_id": "t",
    "params": [{"type": "4", "name": "ma_tin", "sample_value": "A"}, {"type": 11, "name": "ngay", "sample_value": "18/09/2026"}],
}  # fmt: skip


def test_a_template_is_made_reviewed_refused_changed_and_used(sandbox_with, caller):
    sandbox = sandbox_with(templates="strict", at=AT)
    call = caller(sandbox)
    made = call.post("/template/create", **WANTED)["data"]
    own = {"template_id": made["template_id"]}
    message = {"user_id": "1", "template_data": {"ma_tin": "A", "ngay": "18/09/2026"}} | own

    assert made["template_status"] == "PENDING_REVIEW"
    assert call.post("/v3.0/oa/message/template", **message)["error"] == -131
    assert call.post("/template/edit", **WANTED | own)["error"] == -1091
    sandbox.happen("change_template_status", new_status="REJECT", reason="thiếu tên cơ quan", **own)
    assert call.post("/template/edit", **WANTED | own | {"template_name": "PCTT"})["data"]["template_name"] == "PCTT"
    sandbox.happen("change_template_status", new_status="ENABLE", **own)
    assert call.post("/v3.0/oa/message/template", **message)["error"] == 0
    assert call.plain("/template/info/v2", **own)["data"]["listParams"][1]["type"] == "DATE"


@pytest.mark.parametrize(
    "changes",
    [
        {"template_name": ""}, {"template_name": "x" * 61}, {"template_type": 6}, {"tag": "4"}, {"tag": "x"}, {"layout": []},
        {"params": {}}, {"params": ["x"]}, {"params": [{"name": "a", "type": "99"}]}, {"params": [{"type": "1"}]},
    ],
)  # fmt: skip
def test_a_template_that_is_described_wrongly_is_refused(shared, caller, changes):
    assert caller(shared).post("/template/create", **WANTED | changes)["error"] == -132


def test_a_day_holds_so_many_new_templates(sandbox, caller):
    call = caller(sandbox)
    assert [call.post("/template/create", **WANTED)["error"] for _ in range(101)][99:] == [0, -160]
